//! `init`: says what was found here; for a new project, writes one file.

use super::build::Migrator;
use super::folder_of_others::refuse_folder_of_others;
use crate::error::{Error, ErrorKind, Result};
use crate::project::write_new_file;
use crate::report::InitReport;

const CONFIG: &str = "\
# Settings of this project. Every line is optional; `shoring config` shows what is in force and where it comes from.
# database = \"postgres://app@localhost/app\"     # better in the environment: DATABASE_URL
dir = \"migrations\"
# lock_wait = \"30s\"                             # how long to wait while another run migrates
# lock_timeout = \"3s\"                           # how long a statement may wait for a lock before it is tried again
";

impl Migrator {
    /// Starts a project, or says what is there and writes nothing.
    pub fn init(&self) -> Result<InitReport> {
        let Some(root) = &self.root else {
            return Err(Error::new(
                ErrorKind::Usage,
                "embedded",
                "embedded migrations cannot be initialised",
            ));
        };
        let project = self.new_project()?;
        let format = project.decided()?.format;
        let set = project.read(format)?;
        let mut evidence = project.evidence();
        let mut written = Vec::new();
        let has_config = self.tree.has_file("shoring.toml");
        if has_config {
            evidence.push("shoring.toml is there".to_owned());
        }
        if project.evidence().is_empty() && !has_config {
            refuse_folder_of_others(project.tree.as_ref(), &set, format)?;
            evidence.push("no migrations found in the usual folders: a new project".to_owned());
            let config = CONFIG.replace(
                "dir = \"migrations\"",
                &format!("dir = \"{}\"", project.best().folder),
            );
            write_new_file(root, "shoring.toml", &config)?;
            written.push("shoring.toml".to_owned());
        }
        Ok(InitReport {
            format: format.name(),
            dir: project.best().folder.clone(),
            evidence,
            written,
            migrations: set.migrations.len(),
        })
    }
}
