//! The configuration of the tool whose project this is, as the weakest source of settings.

use super::origin::{Origin, Sourced};
use crate::project::{Candidate, FolderTree, detect};
use shoring_db::Secret;
use shoring_formats::HostSetting;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The variables of the environment and of `.env`, as the tool would see them, by name.
pub(crate) type HostVariables = BTreeMap<String, HostSetting>;

/// What the tool's configuration says of the settings.
#[derive(Default)]
pub(super) struct HostTool {
    pub(super) database: Option<Sourced<String>>,
    /// Whether the tool is told to read another variable than `DATABASE_URL`.
    pub(super) has_own_variable: bool,
    pub(super) user: Option<Sourced<String>>,
    pub(super) password: Option<Sourced<Secret>>,
}

impl HostTool {
    /// Looks into the project. What is wrong there is said by the command that reads the migrations, with its place; here it
    /// only has nothing to say.
    pub(super) fn find(
        root: &Path,
        folder: Option<&str>,
        format: Option<&str>,
        variables: &HostVariables,
    ) -> Self {
        let tree = Arc::new(FolderTree::new(root));
        match detect(tree, folder, format, variables) {
            // Where two are as likely, neither's login is used.
            Ok(project) => project.decided().map(Self::of).unwrap_or_default(),
            Err(_) => Self::default(),
        }
    }

    fn of(candidate: &Candidate) -> Self {
        let config = &candidate.config;
        Self {
            database: config.database.clone().map(sourced),
            has_own_variable: config.database_variable.is_some(),
            user: config.user.clone().map(sourced),
            password: config
                .password
                .clone()
                .map(|found| sourced(found).map(Secret::new)),
        }
    }
}

fn sourced(found: HostSetting) -> Sourced<String> {
    Sourced::new(found.value, Origin::HostTool(found.origin))
}
