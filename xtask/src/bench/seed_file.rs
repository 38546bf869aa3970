//! One large file of single-row INSERTs behind its CREATE TABLE, as exports are; for every tool.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use super::project::Project;

const TABLE: &str = "CREATE TABLE seed (\n    id INTEGER NOT NULL PRIMARY KEY,\n    \
     name VARCHAR(100) NOT NULL,\n    email VARCHAR(100) NOT NULL,\n    note VARCHAR(200) NOT NULL\n);\n";

/// Writes a project of one migration whose file has about so many bytes.
///
/// Streamed: what this process holds in memory would count as the memory of its children.
pub(super) fn create(folder: &Path, bytes: u64) -> Result<Project, String> {
    let project = Project {
        folder: folder.to_path_buf(),
        count: 1,
    };
    write(&project, bytes).map_err(|error| {
        format!(
            "cannot write the seed file in {}: {error}",
            folder.display()
        )
    })?;
    Ok(project)
}

fn write(project: &Project, bytes: u64) -> std::io::Result<()> {
    let numbered = project.migrations();
    let dbmate = project.dbmate_folder();
    fs::create_dir_all(&numbered)?;
    fs::create_dir_all(&dbmate)?;
    fs::write(numbered.join("00001_seed.down.sql"), "DROP TABLE seed;\n")?;
    let open = |path| File::create(path).map(BufWriter::new);
    let mut plain = open(numbered.join("00001_seed.up.sql"))?;
    let mut sections = open(dbmate.join("00001_seed.sql"))?;
    // By hand one would put the rows into one transaction; without it each row is one.
    let mut script = open(project.up_script())?;
    write!(plain, "{TABLE}")?;
    write!(sections, "-- migrate:up\n{TABLE}")?;
    writeln!(script, "{TABLE}BEGIN;")?;
    let mut written = TABLE.len() as u64;
    let mut number = 0;
    while written < bytes {
        number += 1;
        let line = insert(number);
        written += line.len() as u64;
        for file in [&mut plain, &mut sections, &mut script] {
            file.write_all(line.as_bytes())?;
        }
    }
    write!(sections, "-- migrate:down\nDROP TABLE seed;\n")?;
    script.write_all(b"COMMIT;\n")?;
    for file in [&mut plain, &mut sections, &mut script] {
        file.flush()?;
    }
    Ok(())
}

/// About 160 bytes, with what a splitter must not fall for.
fn insert(number: u64) -> String {
    format!(
        "INSERT INTO seed (id, name, email, note) VALUES ({number}, 'customer {number:07}', \
         'customer{number}@example.org', 'paid; the customer''s own words -- no more');\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_size_of_the_rows_that_peers_were_measured_with() {
        let length = insert(300_000).len();
        assert!((150..170).contains(&length), "{length}");
    }
}
