//! The commands that are disturbed, and what stands in the database before each.

use crate::oracle::Picture;
use crate::project::FaultProject;
use crate::soak::scaled;

/// Which command is disturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// `up` on nothing.
    Up,
    /// `down --all` after it.
    Down,
    /// `up` after it, with the files of [`FaultProject::edited`].
    UpAgain,
}

impl Way {
    pub(crate) const fn line(self) -> &'static str {
        match self {
            Self::Up | Self::UpAgain => "up",
            Self::Down => "down --all --yes",
        }
    }

    /// Brings an empty database to where the command begins.
    pub(crate) async fn begin(self, project: &FaultProject) {
        match self {
            Self::Up => {}
            Self::Down => {
                project.expect("up", 0).await;
            }
            Self::UpAgain => {
                project.write_first();
                project.expect("up", 0).await;
                project.write_edited();
            }
        }
    }

    /// What the command leaves when nothing disturbs it.
    pub(crate) async fn undisturbed(self, project: &FaultProject) -> Picture {
        self.begin(project).await;
        project.expect(self.line(), 0).await;
        let picture = project.oracle().await.picture().await;
        assert!(
            picture.witnesses.values().all(|count| *count == 1),
            "{picture:#?}"
        );
        project.wipe().await;
        picture
    }
}

/// Only each so manieth point is tried in a slice; a soak tries all.
pub(crate) fn stride(slice: usize) -> usize {
    if scaled(1) > 1 { 1 } else { slice }
}
