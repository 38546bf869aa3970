//! The configuration of the tool whose project this is, as the weakest source of settings.

use super::dotenv;
use super::origin::{Origin, Sourced};
use crate::error::Result;
use crate::project::{Candidate, FolderTree, ListedTree, configurations, detect};
use shoring_db::Secret;
use shoring_formats::{HostConfig, HostSetting};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The variables of the environment and of `.env`, as the tool would see them, by name.
pub(crate) type HostVariables = BTreeMap<String, HostSetting>;

/// The variables of a further `.env` file that only the tool reads. What is odd in it is the tool's business.
pub(crate) fn dotenv_variables(
    path: &str,
    text: &str,
    outer: &BTreeMap<String, String>,
) -> Result<HostVariables> {
    let found = dotenv::parse(path, text, outer, |_| false)?;
    Ok(found
        .into_iter()
        .filter(|(_, variable)| !variable.value.is_empty())
        .map(|(name, variable)| {
            let setting = HostSetting {
                value: variable.value,
                origin: format!("{path}:{}", variable.line),
            };
            (name, setting)
        })
        .collect())
}

/// What the tool's configuration says of the settings.
#[derive(Default)]
pub(super) struct HostTool {
    pub(super) database: Option<Sourced<String>>,
    /// The variable the tool is told to read the database from, where that is not simply `DATABASE_URL`.
    pub(super) own_variable: Option<String>,
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
        // Eleven formats look, and each at the same folders.
        let tree = Arc::new(ListedTree::new(Arc::new(FolderTree::new(root))));
        let says_something = |config: &HostConfig| {
            config.database.is_some()
                || config.database_variable.is_some()
                || config.user.is_some()
                || config.password.is_some()
        };
        let configurations = configurations(tree.as_ref(), folder, format, variables);
        if !configurations.is_ok_and(|all| all.iter().any(says_something)) {
            return Self::default();
        }
        match detect(tree, folder, format, variables) {
            // Where two are as likely, neither's login is used.
            Ok(project) => project.only_likely().map(Self::of).unwrap_or_default(),
            Err(_) => Self::default(),
        }
    }

    fn of(candidate: &Candidate) -> Self {
        let config = &candidate.config;
        Self {
            database: config.database.clone().map(sourced),
            own_variable: config.database_variable.clone(),
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

#[cfg(test)]
mod tests {
    use crate::request::{Commit, Identity, Surroundings};
    use crate::settings::{Overrides, Settings};
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    fn surroundings(root: &Path, environment: &[(&str, &str)]) -> Surroundings {
        Surroundings {
            root: root.to_path_buf(),
            environment: environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>(),
            identity: Identity {
                os_user: "me".to_owned(),
                host: "here".to_owned(),
                pid: 1,
                git: Commit::NONE,
                tool: "shoring".to_owned(),
            },
        }
    }

    #[test]
    fn prisma_s_second_file_of_variables_is_weaker_than_the_first() {
        const SCHEMA: &str =
            "datasource db {\n  provider = \"postgresql\"\n  url = env(\"URL\")\n}\n";
        let beside = |dotenv: &str| {
            let root = tempfile::tempdir().unwrap();
            let write = |path: &str, text: &str| {
                let path = root.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            };
            write("prisma/schema.prisma", SCHEMA);
            write("prisma/migrations/20260101000000_a/migration.sql", "");
            write("prisma/.env", "PORT=1\nURL=postgres://h:${PORT}/second\n");
            write(".env", dotenv);
            let settings = Settings::load(&Overrides::default(), &surroundings(root.path(), &[]));
            let database = settings.unwrap().database;
            (database.value, database.origin.to_string())
        };
        let told = |value: &str, origin: &str| (value.to_owned(), origin.to_owned());
        assert_eq!(beside(""), told("postgres://h:1/second", "prisma/.env:2"));
        assert_eq!(
            beside("URL=postgres://h/first\n"),
            told("postgres://h/first", ".env:1")
        );
    }

    /// The database that counts in a Prisma project that is told to read `DIRECT_URL`.
    fn database(environment: &[(&str, &str)], dotenv: &str) -> String {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "prisma/schema.prisma",
            "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n  directUrl = env(\"DIRECT_URL\")\n}\n",
        );
        write("prisma/migrations/20260101000000_a/migration.sql", "");
        write(
            "prisma/migrations/migration_lock.toml",
            "provider = \"postgresql\"\n",
        );
        write(".env", dotenv);
        let surroundings = surroundings(root.path(), environment);
        let settings = Settings::load(&Overrides::default(), &surroundings).unwrap();
        settings.database.value
    }

    #[test]
    fn the_variable_of_the_tool_counts_where_it_stands_beside_the_common_one() {
        let both = "DATABASE_URL=postgres://pooler/a\nDIRECT_URL=postgres://direct/a\n";
        assert_eq!(database(&[], both), "postgres://direct/a");
        let named = [("DATABASE_URL", "postgres://named/a")];
        assert_eq!(database(&named, both), "postgres://named/a");
        let direct = [("DIRECT_URL", "postgres://outside/a")];
        assert_eq!(database(&direct, both), "postgres://outside/a");
        assert_eq!(
            database(&[], "DATABASE_URL=postgres://pooler/a\n"),
            "postgres://pooler/a"
        );
    }
}
