//! The files of a project while they are read on a thread of their own: a thousand of them take as long as the server's first
//! answers.

use super::load::Project;
use crate::error::Result;
use shoring_core::MigrationSet;
use shoring_formats::Format;
use tokio::task::{JoinHandle, spawn_blocking};

/// The migrations of the most likely format, on their way.
pub(crate) struct FilesBeingRead {
    format: &'static dyn Format,
    reading: JoinHandle<Result<MigrationSet>>,
}

impl FilesBeingRead {
    /// Begins to read.
    pub(crate) fn start(project: &Project) -> Self {
        let format = project.best().format;
        let project = project.clone();
        Self {
            format,
            reading: spawn_blocking(move || project.read(format)),
        }
    }

    /// The migrations as `format` reads them. When the database decided for another one than was likely, they are read
    /// again.
    pub(crate) async fn read_as(
        self,
        format: &'static dyn Format,
        project: &Project,
    ) -> Result<MigrationSet> {
        if self.format.name() == format.name()
            && let Ok(set) = self.reading.await
        {
            return set;
        }
        // What a thread that panicked was to read panics here, where the caller sees it.
        project.read(format)
    }
}
