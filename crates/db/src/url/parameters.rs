//! The parameters a URL may have, per dialect. As libpq does, an unknown one is refused by name: a misspelt `sslmode` that
//! is ignored is a connection without TLS. What other libraries put into the same URL and what changes nothing for a
//! migration (pool sizes, caches) is known and ignored; what would change something and is not done here is refused.

use super::error::UrlError;
use super::text::Piece;
use shoring_core::Dialect;

/// Parameters that mean something, in the spelling that is suggested.
const POSTGRESQL: &[&str] = &[
    "application_name",
    "connect_timeout",
    "currentSchema",
    "database",
    "dbname",
    "host",
    "options",
    "password",
    "port",
    "schema",
    "search_path",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
    "user",
];

/// Known to libpq, pgjdbc, Prisma, SQLAlchemy, sqlx, Rails or Npgsql, without effect here.
const POSTGRESQL_IGNORED: &[&str] = &[
    "ApplicationName",
    "assumeMinServerVersion",
    "channel_binding",
    "client_encoding",
    "connection_limit",
    "encoding",
    "fallback_application_name",
    "gssencmode",
    "idle_timeout",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "load_balance_hosts",
    "loggerLevel",
    "loginTimeout",
    "pgbouncer",
    "pool",
    "pool_max_conns",
    "pool_size",
    "pool_timeout",
    "prepareThreshold",
    "prepared_statements",
    "preferQueryMode",
    "reWriteBatchedInserts",
    "reconnect",
    "socketTimeout",
    "socket_timeout",
    "ssl",
    "sslcompression",
    "sslsni",
    "statement-cache-capacity",
    "statement_cache_size",
    "stringtype",
    "tcpKeepAlive",
    "tcp_user_timeout",
    "timezone",
];

const MYSQL: &[&str] = &[
    "connect_timeout",
    "connectTimeout",
    "database",
    "dbname",
    "host",
    "password",
    "port",
    "requireSSL",
    "socket",
    "ssl",
    "sslaccept",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "serverSslCert",
    "sslcert",
    "sslkey",
    "sslrootcert",
    "timeout",
    "tls",
    "trustServerCertificate",
    "unix_socket",
    "useSSL",
    "user",
    "username",
    "verifyServerCertificate",
];

/// Known to Connector/J, go-sql-driver, Prisma, PyMySQL, sqlx or Rails, without effect here.
const MYSQL_IGNORED: &[&str] = &[
    "adapter",
    "allowLoadLocalInfile",
    "allowMultiQueries",
    "allowNativePasswords",
    "allowPublicKeyRetrieval",
    "autoReconnect",
    "cachePrepStmts",
    "characterEncoding",
    "charset",
    "checkConnLiveness",
    "clientFoundRows",
    "collation",
    "connection_limit",
    "connectionCollation",
    "createDatabaseIfNotExist",
    "encoding",
    "failOverReadOnly",
    "interpolateParams",
    "loc",
    "max_idle_connection_lifetime",
    "maxAllowedPacket",
    "multiStatements",
    "nullCatalogMeansCurrent",
    "parseTime",
    "pool",
    "pool_size",
    "pool_timeout",
    "prepStmtCacheSize",
    "prepStmtCacheSqlLimit",
    "readTimeout",
    "reconnect",
    "rewriteBatchedStatements",
    "serverTimezone",
    "socketTimeout",
    "socket_timeout",
    "statement_cache_size",
    "timezone",
    "tinyInt1isBit",
    "useLegacyDatetimeCode",
    "useServerPrepStmts",
    "useUnicode",
    "writeTimeout",
    "zeroDateTimeBehavior",
];

const SQLITE: &[&str] = &["busy_timeout", "cache", "immutable", "mode"];

/// Known to SQLite's own URIs, go-sqlite3, Prisma, sqlx or Rails, without effect here: the driver keeps to one way.
const SQLITE_IGNORED: &[&str] = &[
    "_busy_timeout",
    "_cache_size",
    "_fk",
    "_foreign_keys",
    "_journal_mode",
    "_loc",
    "_pragma",
    "_synchronous",
    "_timeout",
    "_txlock",
    "check_same_thread",
    "connection_limit",
    "date_class",
    "foreign_keys",
    "journal_mode",
    "pool",
    "pool_timeout",
    "psow",
    "socket_timeout",
    "synchronous",
    "timeout",
    "uri",
];

/// Parameters of others that change what a connection is, with what to do instead.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("hostaddr", "put the address where the host is"),
    ("passfile", "put the password into the URL or its variable"),
    (
        "service",
        "write the parameters of the service into the URL",
    ),
    ("sslcrl", "revocation lists are not read"),
    ("sslcrldir", "revocation lists are not read"),
    (
        "sslpassword",
        "decrypt the key file: encrypted keys are not read",
    ),
    ("sslidentity", "use `ssl-cert` and `ssl-key` with PEM files"),
    ("sslnegotiation", "TLS is negotiated the traditional way"),
    ("ssl_min_protocol_version", "TLS 1.2 is the least"),
    ("ssl_max_protocol_version", "TLS 1.2 and 1.3 are spoken"),
    ("requirepeer", "use a directory only the server can write"),
    ("require_auth", "limit the method in pg_hba.conf"),
    ("replication", "migrations need an ordinary session"),
    ("sessionVariables", "put `SET` statements into a migration"),
    (
        "sql_mode",
        "begin the files that need it with `SET sql_mode = '...'`, or set it on the server",
    ),
    ("vfs", "only the system's file access is used"),
    ("nolock", "a database without locks cannot be migrated"),
    ("key", "encrypted databases are not supported"),
];

/// The form in which names are compared: lower case without `-` and `_`.
pub(super) fn normal(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_'))
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

const fn known(dialect: Dialect) -> [&'static [&'static str]; 2] {
    match dialect {
        Dialect::Postgresql => [POSTGRESQL, POSTGRESQL_IGNORED],
        Dialect::Mysql => [MYSQL, MYSQL_IGNORED],
        Dialect::Sqlite => [SQLITE, SQLITE_IGNORED],
    }
}

/// Whether the name is in one of the tables. `x-…` are golang-migrate's own and ignored everywhere.
pub(super) fn is_known(name: &str, dialect: Dialect) -> bool {
    let wanted = normal(name);
    name.starts_with("x-")
        || known(dialect)
            .iter()
            .flat_map(|list| list.iter())
            .any(|candidate| normal(candidate) == wanted)
        || unsupported(name).is_some()
}

fn unsupported(name: &str) -> Option<(&'static str, &'static str)> {
    let wanted = normal(name);
    UNSUPPORTED
        .iter()
        .find(|(candidate, _)| normal(candidate) == wanted)
        .copied()
}

/// Whether the value of this parameter must not be shown. Paths of key files may be.
pub(super) fn is_secret(name: &str) -> bool {
    let name = normal(name);
    let is_path = matches!(name.as_str(), "sslkey" | "passfile");
    !is_path
        && [
            "pass",
            "pwd",
            "secret",
            "token",
            "key",
            "credential",
            "auth",
        ]
        .iter()
        .any(|word| name.contains(word))
}

/// Reads `key=value&key=value`.
pub(super) fn parse(query: Piece<'_>, dialect: Dialect) -> Result<Vec<(String, String)>, UrlError> {
    parse_as(query, dialect, false)
}

/// As [`parse`], for the URL of a JDBC driver: those pass over names they do not know, such as `useSSL` for PostgreSQL. One that
/// is nearly a name is still refused.
pub(super) fn parse_of_jdbc(
    query: Piece<'_>,
    dialect: Dialect,
) -> Result<Vec<(String, String)>, UrlError> {
    parse_as(query, dialect, true)
}

fn parse_as(
    query: Piece<'_>,
    dialect: Dialect,
    is_jdbc: bool,
) -> Result<Vec<(String, String)>, UrlError> {
    let mut parameters = Vec::new();
    let mut seen_secret = false;
    for pair in query.split('&') {
        if pair.is_empty() {
            continue;
        }
        let Some((key, value)) = pair.split_once('=') else {
            return Err(unknown(pair, dialect, true));
        };
        let name = key.decode()?;
        if !is_known(&name, dialect) {
            let error = unknown(key, dialect, seen_secret);
            let is_name_of_others = matches!(
                error,
                UrlError::UnknownParameter {
                    name: Some(_),
                    suggestion: None,
                    ..
                }
            );
            if is_jdbc && is_name_of_others {
                continue;
            }
            return Err(error);
        }
        if let Some((name, instead)) = unsupported(&name) {
            return Err(UrlError::Unsupported { name, instead });
        }
        seen_secret |= is_secret(&name);
        parameters.push((name, value.decode_leniently()?));
    }
    Ok(parameters)
}

/// The error for an unknown name. Behind a password parameter it may be the rest of a password with a raw `&`, and is then
/// not repeated; neither is what does not look like a name.
pub(super) fn unknown(key: Piece<'_>, dialect: Dialect, may_be_secret: bool) -> UrlError {
    let name = key.text().trim();
    let looks_like_name = name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let is_printable = looks_like_name && !may_be_secret;
    let wanted = normal(name);
    let suggestion = known(dialect)[0]
        .iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&normal(candidate), &wanted),
                *candidate,
            )
        })
        .filter(|(distance, _)| *distance <= 2 && *distance < wanted.len() / 2)
        .min()
        .map(|(_, candidate)| candidate);
    UrlError::UnknownParameter {
        name: is_printable.then(|| name.to_owned()),
        position: key.position(0),
        suggestion: suggestion.filter(|_| is_printable),
    }
}
