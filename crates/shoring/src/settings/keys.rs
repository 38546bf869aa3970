//! The table of all settings: names, variables, shapes. `shoring.toml`, `.env`, the environment and the reference page
//! are all read from here.

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Any text.
    Text,
    /// Text that may contain a password; never printed as it stands.
    Secret,
    /// `500ms`, `30s`, `5m`, `1h`.
    Duration,
    /// A whole number from 1.
    Count,
    /// `true` or `false`.
    Switch,
}

impl Shape {
    /// What is expected, for messages.
    pub const fn expectation(self) -> &'static str {
        match self {
            Self::Text | Self::Secret => "a text between quotes",
            Self::Duration => "a duration such as `500ms`, `30s`, `5m` or `1h`",
            Self::Count => "a whole number from 1",
            Self::Switch => "`true` or `false`",
        }
    }
}

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name in `shoring.toml`.
    pub name: &'static str,
    /// Its environment variables, strongest first; also read from `.env`.
    pub variables: &'static [&'static str],
    /// Whether `shoring.toml` may set it.
    pub in_config: bool,
    /// What its value looks like.
    pub shape: Shape,
    /// What it is when nobody says anything.
    pub default: &'static str,
    /// What it is for.
    pub about: &'static str,
}

/// Every setting, in the order `shoring config` shows them.
pub const KEYS: &[Key] = &[
    Key {
        name: "database",
        variables: &["SHORING_DATABASE_URL", "DATABASE_URL"],
        in_config: true,
        shape: Shape::Secret,
        default: "sqlite:shoring.db",
        about: "the database: a URL, or the path of an SQLite file",
    },
    Key {
        name: "password",
        variables: &["SHORING_PASSWORD"],
        in_config: false,
        shape: Shape::Secret,
        default: "the one in the URL",
        about: "the password, when the URL shall not contain it",
    },
    Key {
        name: "password_file",
        variables: &["SHORING_PASSWORD_FILE"],
        in_config: true,
        shape: Shape::Text,
        default: "none",
        about: "a file that holds the password",
    },
    Key {
        name: "dir",
        variables: &["SHORING_DIR"],
        in_config: true,
        shape: Shape::Text,
        default: "detected, else migrations",
        about: "the migrations folder",
    },
    Key {
        name: "format",
        variables: &["SHORING_FORMAT"],
        in_config: true,
        shape: Shape::Text,
        default: "detected",
        about: "how the migrations are written: shoring, manual, ...",
    },
    Key {
        name: "history_table",
        variables: &["SHORING_HISTORY_TABLE"],
        in_config: true,
        shape: Shape::Text,
        default: "the format's own",
        about: "the table that says what is applied: table or schema.table",
    },
    Key {
        name: "journal",
        variables: &["SHORING_JOURNAL"],
        in_config: true,
        shape: Shape::Switch,
        default: "true",
        about: "keep the journal of attempts, shoring_runs; without it a half-done file cannot go on where it stopped",
    },
    Key {
        name: "lock_wait",
        variables: &["SHORING_LOCK_WAIT"],
        in_config: true,
        shape: Shape::Duration,
        default: "30s",
        about: "how long to wait for another run to end",
    },
    Key {
        name: "lock_timeout",
        variables: &["SHORING_LOCK_TIMEOUT"],
        in_config: true,
        shape: Shape::Duration,
        default: "3s",
        about: "how long one try of a statement waits for a lock on a table",
    },
    Key {
        name: "lock_attempts",
        variables: &["SHORING_LOCK_ATTEMPTS"],
        in_config: true,
        shape: Shape::Count,
        default: "30",
        about: "how many tries a statement gets",
    },
    Key {
        name: "connect_timeout",
        variables: &["SHORING_CONNECT_TIMEOUT"],
        in_config: true,
        shape: Shape::Duration,
        default: "10s",
        about: "how long connecting may take",
    },
    Key {
        name: "role",
        variables: &["SHORING_ROLE"],
        in_config: true,
        shape: Shape::Text,
        default: "none",
        about: "the role to become after connecting (PostgreSQL, MariaDB, MySQL 8)",
    },
    Key {
        name: "seeds",
        variables: &["SHORING_SEEDS"],
        in_config: true,
        shape: Shape::Text,
        default: "seeds",
        about: "the folder of the seed files",
    },
];

/// The setting of this name.
pub(super) fn key(name: &str) -> &'static Key {
    KEYS.iter()
        .find(|key| key.name == name)
        .expect("settings are only asked for by names of the table")
}
