//! `new`: the next migration's files, in the project's own numbering.

use super::build::Migrator;
use crate::error::{Error, ErrorKind, Result};
use crate::project::{add_to_file, write_new_file};
use crate::report::NewReport;

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
        if shoring_formats::numbered::slug(name).is_empty() {
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
        Ok(NewReport {
            version,
            files: files.into_iter().map(|file| file.path).collect(),
        })
    }
}
