//! Where a value came from.

use std::fmt;

/// Where a value came from, strongest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A flag of the command line (or a call of the library).
    Flag,
    /// An environment variable.
    Environment(String),
    /// A line of a `.env` file.
    DotEnv {
        /// The file, relative to the project root.
        path: String,
        /// The line, from 1.
        line: u64,
    },
    /// A line of `shoring.toml`.
    Config {
        /// The file, relative to the project root.
        path: String,
        /// The line, from 1.
        line: u64,
    },
    /// The configuration of the tool whose project this is.
    HostTool(String),
    /// Nobody said anything.
    Default,
}

impl Origin {
    /// Rank in the order of precedence; 0 is the strongest.
    pub(crate) const fn rank(&self) -> u8 {
        match self {
            Self::Flag => 0,
            Self::Environment(_) => 1,
            Self::DotEnv { .. } => 2,
            Self::Config { .. } => 3,
            Self::HostTool(_) => 4,
            Self::Default => 5,
        }
    }

    /// The word for JSON: `flag`, `environment`, `dotenv`, `config`, `host-tool`, `default`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Environment(_) => "environment",
            Self::DotEnv { .. } => "dotenv",
            Self::Config { .. } => "config",
            Self::HostTool(_) => "host-tool",
            Self::Default => "default",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("the command line"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::DotEnv { path, line } | Self::Config { path, line } => write!(f, "{path}:{line}"),
            Self::HostTool(what) => f.write_str(what),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// A value of a known origin.
    pub const fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// A value nobody set.
    pub const fn by_default(value: T) -> Self {
        Self::new(value, Origin::Default)
    }

    /// The same origin with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced::new(change(self.value), self.origin)
    }
}
