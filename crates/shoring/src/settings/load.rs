//! Merging the sources into one [`Settings`].

use super::host_tool::{HostTool, HostVariables};
use super::keys::key;
use super::layers::Layers;
use super::origin::{Origin, Sourced};
use super::overrides::Overrides;
use super::password;
use crate::error::Result;
use crate::project::CORRECT_IT;
use crate::request::Surroundings;
use shoring_db::Secret;
use std::fmt;
use std::time::Duration;

/// The database of a project for which nobody named one.
pub const DEFAULT_DATABASE: &str = "sqlite:shoring.db";

/// Everything the engine needs to know before it looks at files or a database.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// The database URL or path as written. It may contain a password: connect with
    /// [`Settings::database_url`], print [`Settings::database_for_people`].
    pub database: Sourced<String>,
    /// The user, where the tool whose project this is names it apart from its URL.
    pub user: Option<Sourced<String>>,
    /// A password from outside the URL. It replaces the one of the URL, see [`Settings::password_to_use`].
    pub password: Option<Sourced<Secret>>,
    /// The file the password was read from, if one is named.
    pub password_file: Option<Sourced<String>>,
    /// Migrations folder; detected when absent.
    pub dir: Option<Sourced<String>>,
    /// Name of the format; detected when absent.
    pub format: Option<Sourced<String>>,
    /// `table` or `schema.table`; the format's own when absent.
    pub history_table: Option<Sourced<String>>,
    /// Whether the journal of attempts is kept.
    pub journal: Sourced<bool>,
    /// How long to wait for another run. 30 seconds by default.
    pub lock_wait: Sourced<Duration>,
    /// How long one try of a statement waits for a lock. 3 seconds by default.
    pub lock_timeout: Sourced<Duration>,
    /// How many tries a statement gets. 30 by default.
    pub lock_attempts: Sourced<u32>,
    /// How long connecting may take. 10 seconds by default.
    pub connect_timeout: Sourced<Duration>,
    /// The role to become after connecting.
    pub role: Option<Sourced<String>>,
    /// Folder of the seed files. `seeds` by default.
    pub seeds: Sourced<String>,
    /// Name of the `[env.NAME]` section in use.
    pub environment: Option<String>,
    /// Where the project is and who runs this.
    pub surroundings: Surroundings,
    /// What the tool whose project this is would see.
    pub(crate) variables: HostVariables,
}

impl Settings {
    /// Merges all sources.
    ///
    /// # Errors
    /// A file that cannot be read, an unknown key, a value of the wrong shape, an environment that is not defined. All
    /// are usage errors with their place, and none contains a secret. Whether the database URL is a URL is not looked
    /// at here.
    pub fn load(overrides: &Overrides, surroundings: &Surroundings) -> Result<Self> {
        Self::merge(overrides, surroundings).map_err(|error| {
            if error.next.is_empty() && error.diagnostic.hints.is_empty() {
                error.next(CORRECT_IT)
            } else {
                error
            }
        })
    }

    fn merge(overrides: &Overrides, surroundings: &Surroundings) -> Result<Self> {
        let layers = Layers::read(overrides.environment.as_deref(), surroundings)?;
        let text = |given: &Option<String>, name: &str| match given {
            Some(value) => Some(Sourced::new(value.clone(), Origin::Flag)),
            None => layers.text(key(name)),
        };
        let duration = |given: Option<Duration>, name: &str, seconds: u64| {
            let found = match given {
                Some(value) => Some(Sourced::new(value, Origin::Flag)),
                None => layers.duration(key(name))?,
            };
            let default = || Sourced::by_default(Duration::from_secs(seconds));
            Ok::<_, crate::Error>(found.unwrap_or_else(default))
        };
        let dir = text(&overrides.dir, "dir");
        let format = text(&overrides.format, "format");
        let variables = layers.host_variables();
        let named = text(&overrides.database, "database");
        let find_host = || {
            HostTool::find(
                &surroundings.root,
                dir.as_ref().map(|dir| dir.value.as_str()),
                format.as_ref().map(|format| format.value.as_str()),
                &variables,
            )
        };
        let (named, host) = match named {
            // The tool's login belongs to the tool's database.
            Some(named) if !layers.is_by_common_variable(key("database"), &named) => {
                (Some(named), HostTool::default())
            }
            // `DATABASE_URL` is everybody's. Where the tool is told to read another variable, which is set beside it, that one
            // is meant: `DIRECT_URL` around the pooler of `DATABASE_URL`. One that is set in a weaker place is not.
            Some(named) => {
                let host = find_host();
                let own = host.own_variable.as_deref();
                let own = own.and_then(|name| layers.variable(name));
                let is_as_strong = own.is_some_and(|own| own.origin.rank() <= named.origin.rank());
                if is_as_strong && host.database.is_some() {
                    (None, host)
                } else {
                    (Some(named), HostTool::default())
                }
            }
            None => (None, find_host()),
        };
        Ok(Self {
            database: named
                .or(host.database)
                .unwrap_or_else(|| Sourced::by_default(DEFAULT_DATABASE.to_owned())),
            user: host.user,
            password: password::find(&layers, &surroundings.root)?.or(host.password),
            password_file: layers.text(key("password_file")),
            dir,
            format,
            history_table: text(&overrides.history_table, "history_table"),
            journal: if overrides.no_journal {
                Sourced::new(false, Origin::Flag)
            } else {
                layers
                    .switch(key("journal"))?
                    .unwrap_or_else(|| Sourced::by_default(true))
            },
            lock_wait: duration(overrides.lock_wait, "lock_wait", 30)?,
            lock_timeout: duration(overrides.lock_timeout, "lock_timeout", 3)?,
            lock_attempts: match overrides.lock_attempts {
                Some(value) => Sourced::new(value, Origin::Flag),
                None => layers
                    .count(key("lock_attempts"))?
                    .unwrap_or_else(|| Sourced::by_default(30)),
            },
            connect_timeout: duration(overrides.connect_timeout, "connect_timeout", 10)?,
            role: text(&overrides.role, "role"),
            seeds: text(&overrides.seeds, "seeds")
                .unwrap_or_else(|| Sourced::by_default("seeds".to_owned())),
            environment: layers.environment().map(str::to_owned),
            surroundings: surroundings.clone(),
            variables,
        })
    }

    /// The password to connect with, given the one of the URL: one from outside replaces it, unless the URL comes
    /// from a stronger source and brings its own.
    pub fn password_to_use<'a>(&'a self, in_url: Option<&'a Secret>) -> Option<&'a Secret> {
        let Some(outside) = &self.password else {
            return in_url;
        };
        match in_url {
            Some(inside) if self.database.origin.rank() < outside.origin.rank() => Some(inside),
            _ => Some(&outside.value),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries()).finish()
    }
}
