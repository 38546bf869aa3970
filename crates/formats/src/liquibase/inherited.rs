//! What changesets have from the changelogs that include them.

/// What a changeset has from the changelogs that include it.
#[derive(Debug, Clone, Default)]
pub(super) struct Inherited {
    /// The names of the changelogs, the innermost first.
    pub(super) names: Vec<String>,
    /// Their contexts, the innermost first.
    pub(super) contexts: Vec<String>,
    pub(super) labels: Vec<String>,
}

impl Inherited {
    /// With what one more include says.
    pub(super) fn and(&self, context: Option<String>, labels: Option<String>) -> Self {
        let mut all = self.clone();
        all.contexts.splice(0..0, context);
        all.labels.splice(0..0, labels);
        all
    }
}
