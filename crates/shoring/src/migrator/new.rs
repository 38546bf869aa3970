//! `new`: the next migration's files, in the project's own numbering.

use super::build::Migrator;
use crate::error::{Error, ErrorKind, Result};
use crate::project::{add_to_file, write_new_file};
use crate::report::NewReport;
use shoring_core::{Diagnostic, Event, MigrationSet};

/// File systems take 255 bytes, of which the tools have a number and an ending or two; MySQL's history tables take 200.
const LONGEST_NAME: usize = 150;

impl Migrator {
    /// Writes the files of the next migration. Needs no database.
    pub fn new_migration(&self, name: &str) -> Result<NewReport> {
        let Some(root) = &self.root else {
            return Err(Error::new(
                ErrorKind::Usage,
                "embedded",
                "embedded migrations cannot be added to at run time",
            ));
        };
        let slug = shoring_formats::numbered::slug(name);
        if slug.len() > LONGEST_NAME {
            return Err(Error::new(
                ErrorKind::Usage,
                "bad-name",
                format!(
                    "the name has {} characters, more than the {LONGEST_NAME} that fit into a file name everywhere",
                    slug.len()
                ),
            )
            .next("say it in a few words:  shoring new add_users_email"));
        }
        if slug.is_empty() {
            return Err(Error::new(
                ErrorKind::Usage,
                "bad-name",
                "a migration needs a name with at least one letter or digit",
            )
            .next("for example:  shoring new add_users_email"));
        }
        let project = self.new_project()?;
        let format = project.decided()?.format;
        let set = project.read(format)?;
        let timestamp = jiff::Timestamp::now().strftime("%Y%m%d%H%M%S").to_string();
        let (version, files) = format.new_files(&set, name, &timestamp);
        for file in &files {
            if file.is_added {
                add_to_file(root, &file.path, &file.content)?;
            } else {
                write_new_file(root, &file.path, &file.content)?;
            }
        }
        let is_part = |set: &MigrationSet| {
            set.migrations
                .iter()
                .any(|migration| files.iter().any(|file| file.path == migration.up.path))
        };
        // A tool may have a list of its files, which is the user's.
        let read_again = self.new_project().and_then(|project| project.read(format));
        if let (Ok(set), Some(file)) = (read_again, files.first())
            && !is_part(&set)
        {
            let diagnostic = Diagnostic::warning(
                "not-included",
                format!("nothing includes `{}`", file.path),
            )
            .hint("add it to the changelog that includes the others: until then it does not run");
            self.observer.observe(&Event::Warned { diagnostic });
        }
        Ok(NewReport {
            version,
            files: files.into_iter().map(|file| file.path).collect(),
        })
    }
}
