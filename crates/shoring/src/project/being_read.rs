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
    /// `None` when the format has to hear from the database first.
    reading: Option<JoinHandle<Result<MigrationSet>>>,
}

impl FilesBeingRead {
    /// Begins to read, if the format need not hear from the database first.
    pub(crate) fn start(project: &Project) -> Self {
        let best = project.best();
        let format = best.format;
        let reading = (!best.waits_for_facts()).then(|| {
            let project = project.clone();
            spawn_blocking(move || project.read(format))
        });
        Self { format, reading }
    }

    /// Whether nothing is read yet.
    pub(crate) const fn waits_for_facts(&self) -> bool {
        self.reading.is_none()
    }

    /// The migrations as `format` reads them. When the database decided for another one than was likely, they are read
    /// now.
    pub(crate) async fn read_as(
        self,
        format: &'static dyn Format,
        project: &Project,
    ) -> Result<MigrationSet> {
        if self.format.name() == format.name()
            && let Some(reading) = self.reading
            && let Ok(set) = reading.await
        {
            return set;
        }
        // What a thread that panicked was to read panics here, where the caller sees it.
        project.read(format)
    }
}
