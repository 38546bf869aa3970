//! What can be wrong with a URL. No variant carries a piece of the URL except names out of our own tables and the name of
//! an unknown parameter where nothing secret can stand: a password that was not encoded ends up in odd places.

use std::fmt;

/// A URL that cannot be used. Positions count characters of the text given, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UrlError {
    /// Nothing but blanks.
    Empty,
    /// The scheme is none of ours.
    UnknownScheme {
        /// The one that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// Neither a URL nor a path that can be an SQLite file.
    NotAUrl,
    /// A `%` without two hexadecimal digits, or bytes that are not UTF-8 or are NUL.
    BadEscape {
        /// Where the `%` is.
        position: usize,
    },
    /// Something that is not a host name or address.
    BadHost {
        /// Where the host begins.
        position: usize,
    },
    /// Something that is not a port number between 1 and 65535.
    BadPort {
        /// Where it begins.
        position: usize,
    },
    /// The number of ports is neither one nor that of the hosts.
    PortCount,
    /// A character that cannot stand there: an `@`, `/`, `?` or `#` of a password that was not percent-encoded.
    Unencoded {
        /// Where it is.
        position: usize,
    },
    /// A `key=value` list that cannot be read.
    BadKeyword {
        /// Where.
        position: usize,
    },
    /// The path of an SQLite database is missing.
    MissingPath,
    /// An SQLite URL with a user, a password or a host.
    NotAFile,
    /// A parameter that no driver knows.
    UnknownParameter {
        /// Its name, where it cannot be part of a password.
        name: Option<String>,
        /// Where it begins; 0 when it is not known.
        position: usize,
        /// The one that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// A parameter that means something we do not do.
    Unsupported {
        /// Its name.
        name: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// A value that the parameter cannot have.
    BadValue {
        /// The name of the parameter.
        name: &'static str,
        /// What it can be.
        expected: &'static str,
    },
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the database URL is empty"),
            Self::UnknownScheme { suggestion: None } => f.write_str(
                "the database URL begins with no scheme known here: use `postgres://`, `mysql://`, `mariadb://` or `sqlite:`",
            ),
            Self::UnknownScheme {
                suggestion: Some(suggestion),
            } => write!(
                f,
                "the database URL begins with no scheme known here: did you mean `{suggestion}`?"
            ),
            Self::NotAUrl => f.write_str(
                "the database is neither a URL nor a path: write `postgres://`, `mysql://`, `mariadb://` or `sqlite:` before it",
            ),
            Self::BadEscape { position } => write!(
                f,
                "the database URL has a bad percent escape at character {position}: write a plain `%` as `%25`"
            ),
            Self::BadHost { position } => write!(
                f,
                "the database URL has no valid host at character {position}: percent-encode `@`, `/`, `?`, `#` and `:` in the password"
            ),
            Self::BadPort { position } => write!(
                f,
                "the database URL has no valid port at character {position}: percent-encode `@`, `/`, `?`, `#` and `:` in the password"
            ),
            Self::PortCount => f.write_str("the database URL needs one port for all hosts, or one for each"),
            Self::Unencoded { position } => write!(
                f,
                "the database URL has an unexpected character at position {position}: percent-encode `@`, `/`, `?`, `#` and `:` in the password"
            ),
            Self::BadKeyword { position } => write!(
                f,
                "the connection string is not a list of `key=value` at character {position}"
            ),
            Self::MissingPath => f.write_str("the SQLite URL names no file: write `sqlite:path` or `sqlite::memory:`"),
            Self::NotAFile => f.write_str("the SQLite URL names a server: write `sqlite:path`"),
            Self::UnknownParameter {
                name,
                position,
                suggestion,
            } => {
                match name {
                    Some(name) => write!(f, "the database URL has an unknown parameter `{name}`")?,
                    None => write!(
                        f,
                        "the database URL has an unknown parameter at character {position}"
                    )?,
                }
                match suggestion {
                    Some(suggestion) => write!(f, ": did you mean `{suggestion}`?"),
                    None => Ok(()),
                }
            }
            Self::Unsupported { name, instead } => {
                write!(f, "the URL parameter `{name}` is not supported: {instead}")
            }
            Self::BadValue { name, expected } => {
                write!(f, "the URL parameter `{name}` must be {expected}")
            }
        }
    }
}

impl std::error::Error for UrlError {}

impl From<UrlError> for crate::DbError {
    fn from(error: UrlError) -> Self {
        Self::new(crate::DbErrorKind::Configuration, error.to_string())
    }
}
