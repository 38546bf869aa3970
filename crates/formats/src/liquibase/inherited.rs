//! What changesets have from the changelogs that include them.

/// What a changeset has from the changelogs that include it.
#[derive(Debug, Clone, Default)]
pub(super) struct Inherited {
    /// The names of the changelogs, the innermost first.
    pub(super) names: Vec<String>,
    /// Their contexts, the innermost first.
    pub(super) contexts: Vec<String>,
    pub(super) labels: Vec<String>,
    /// The path that the nearest changelog gives everything in it.
    pub(super) path_of_changelog: Option<String>,
    /// The path that the nearest include gives.
    pub(super) path_of_include: Option<String>,
}

impl Inherited {
    /// The path that stands for that of each file.
    pub(super) fn logical_path(&self) -> Option<&str> {
        let of_changelog = self.path_of_changelog.as_deref();
        of_changelog.or(self.path_of_include.as_deref())
    }

    /// With what one more include says.
    pub(super) fn and(&self, context: Option<String>, labels: Option<String>) -> Self {
        let mut all = self.clone();
        all.contexts.splice(0..0, context);
        all.labels.splice(0..0, labels);
        all
    }
}
