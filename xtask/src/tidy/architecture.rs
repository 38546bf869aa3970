//! ARCHITECTURE.md names every crate, and none that is not there.

use std::collections::BTreeSet;

use super::files::File;
use super::finding::Finding;

const PAGE: &str = "ARCHITECTURE.md";

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let Some(page) = files.iter().find(|file| file.path == PAGE) else {
        return Vec::new();
    };
    let crates: BTreeSet<&str> = files
        .iter()
        .filter_map(|file| crate_of(&file.path))
        .collect();
    let mut findings = Vec::new();
    let mut named = BTreeSet::new();
    for (index, line) in page.lines() {
        for name in named_crates(line) {
            named.insert(name);
            if !crates.contains(name) {
                findings.push(Finding::at(
                    PAGE,
                    index,
                    format!("there is no `crates/{name}`"),
                ));
            }
        }
    }
    for missing in crates.difference(&named) {
        findings.push(Finding::of_file(
            PAGE,
            format!("does not name `crates/{missing}`"),
        ));
    }
    findings
}

fn crate_of(path: &str) -> Option<&str> {
    let (name, rest) = path.strip_prefix("crates/")?.split_once('/')?;
    (rest == "Cargo.toml").then_some(name)
}

/// Names after `crates/` in a line; `crates/*` and `crates/<name>` are none.
fn named_crates(line: &str) -> impl Iterator<Item = &str> {
    line.split("crates/")
        .skip(1)
        .filter_map(|rest| {
            rest.split(|end: char| !end.is_alphanumeric() && end != '-' && end != '_')
                .next()
        })
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::files::tests::file;
    use super::*;

    #[test]
    fn the_page_and_the_folder_agree() {
        let files = [
            file(
                PAGE,
                "`crates/core` is\n[`crates/old/src`](crates/old) in crates/*",
            ),
            file("crates/core/Cargo.toml", ""),
            file("crates/sql/Cargo.toml", ""),
        ];
        let messages: Vec<String> = check(&files).iter().map(ToString::to_string).collect();
        assert_eq!(
            messages,
            [
                "ARCHITECTURE.md:2: there is no `crates/old`",
                "ARCHITECTURE.md:2: there is no `crates/old`",
                "ARCHITECTURE.md: does not name `crates/sql`",
            ]
        );
    }
}
