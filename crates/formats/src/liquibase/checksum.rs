//! The sums of Liquibase: MD5 of MD5, with the number of the method in front. Method 9 (from 4.22 on) leaves out all blanks;
//! method 8 (3.5 to 4.21) makes each run of them one, and counts how the SQL is cut.

use md5::{Digest, Md5};
use shoring_core::hexadecimal;

/// What method 8 counts beside the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cutting<'c> {
    pub(super) end_delimiter: Option<&'c str>,
    pub(super) splits: bool,
    pub(super) strips: bool,
}

/// The sum of a changeset by method 9.
pub(super) fn current(sql: &str) -> String {
    let mut inner = Md5::new();
    for run in sql.as_bytes().split(|byte| is_blank(*byte)) {
        inner.update(run);
    }
    outer(9, inner)
}

/// The sums by method 8 and the ones before it, as newer versions of the tool compute them to compare.
pub(super) fn older<const N: usize>(
    methods: [u8; N],
    sql: &str,
    cutting: Cutting<'_>,
) -> [String; N] {
    let delimiter = cutting.end_delimiter.unwrap_or("null");
    let mut inner = Md5::new();
    inner.update(format!(
        "{delimiter}:{}:{}:",
        cutting.splits, cutting.strips
    ));
    let mut runs = sql
        .as_bytes()
        .split(|byte| is_blank(*byte))
        .filter(|run| !run.is_empty());
    if let Some(first) = runs.next() {
        inner.update(first);
    }
    for run in runs {
        inner.update(b" ");
        inner.update(run);
    }
    methods.map(|method| outer(method, inner.clone()))
}

fn outer(method: u8, inner: Md5) -> String {
    let text = format!("{method}:{}:", hexadecimal(&inner.finalize()));
    format!("{method}:{}", hexadecimal(&Md5::digest(text)))
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_tool() {
        // Rows that Liquibase 4.33.0 wrote, and what it said the row of method 7 should be.
        assert_eq!(
            current("create table b (id int);"),
            "9:4ccccc9eab4f4e56a6297af436a1d73e"
        );
        assert_eq!(
            current("create  table b\r\n\t(id int) ;\n"),
            "9:4ccccc9eab4f4e56a6297af436a1d73e"
        );
        let cutting = Cutting {
            end_delimiter: None,
            splits: true,
            strips: true,
        };
        assert_eq!(
            older([7], "create table a (id int);", cutting)[0],
            "7:2c02ac46e8a6d01805e746c030ac7f51"
        );
        assert_eq!(
            older([7], "\n create  table\na (id int); ", cutting)[0],
            "7:2c02ac46e8a6d01805e746c030ac7f51"
        );
    }
}
