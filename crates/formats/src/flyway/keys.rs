//! The settings of Flyway, by name, and what becomes of each here.

/// What becomes of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It is read.
    Read,
    /// It has no bearing on what is in the database.
    Passed,
    /// It changes what is in the database in a way that is not supported: refused when it is set.
    Refused(&'static str),
}

use Use::{Passed, Read, Refused};

/// All of them, as the tool spells them after `flyway.`.
const KEYS: &[(&str, Use)] = &[
    ("url", Read),
    ("user", Read),
    ("password", Read),
    ("environment", Read),
    ("locations", Read),
    ("callbackLocations", Read),
    ("table", Read),
    ("schemas", Read),
    ("defaultSchema", Read),
    ("createSchemas", Read),
    ("encoding", Read),
    ("placeholderReplacement", Read),
    ("placeholderPrefix", Read),
    ("placeholderSuffix", Read),
    ("placeholderSeparator", Read),
    ("sqlMigrationPrefix", Read),
    ("undoSqlMigrationPrefix", Read),
    ("baselineMigrationPrefix", Read),
    ("repeatableSqlMigrationPrefix", Read),
    ("sqlMigrationSeparator", Read),
    ("sqlMigrationSuffixes", Read),
    ("validateMigrationNaming", Read),
    ("validateOnMigrate", Read),
    ("ignoreMigrationPatterns", Read),
    ("outOfOrder", Read),
    ("target", Read),
    ("baselineOnMigrate", Read),
    ("baselineVersion", Read),
    ("baselineDescription", Read),
    ("installedBy", Read),
    ("initSql", Read),
    ("executeInTransaction", Read),
    ("mixed", Read),
    ("postgresql.transactional.lock", Read),
    ("group", Read),
    ("skipDefaultCallbacks", Read),
    (
        "callbacks",
        Refused("it names Java classes, and Java is not run"),
    ),
    (
        "resolvers",
        Refused("it names Java classes, and Java is not run"),
    ),
    (
        "migrationResolvers",
        Refused("it names Java classes, and Java is not run"),
    ),
    (
        "skipDefaultResolvers",
        Refused("without its own resolvers Flyway reads no SQL file"),
    ),
    (
        "skipExecutingMigrations",
        Refused("to record without running:  shoring mark VERSION applied"),
    ),
    (
        "cherryPick",
        Refused("to run up to a version:  shoring up VERSION"),
    ),
    (
        "errorOverrides",
        Refused("an error of the server is an error here"),
    ),
    ("dryRunOutput", Refused("what would run:  shoring plan")),
    ("tablespace", Refused("the history table would need it")),
    ("batch", Passed),
    ("cleanDisabled", Passed),
    ("color", Passed),
    ("communityDBSupportEnabled", Passed),
    ("configFileEncoding", Passed),
    ("configFiles", Passed),
    ("configurations", Passed),
    ("connectRetries", Passed),
    ("connectRetriesInterval", Passed),
    ("detectEncoding", Passed),
    ("driver", Passed),
    ("edition", Passed),
    ("email", Passed),
    ("failOnMissingLocations", Passed),
    ("failOnMissingTarget", Passed),
    ("jarDirs", Passed),
    ("kerberosConfigFile", Passed),
    ("licenseKey", Passed),
    ("lockRetryCount", Passed),
    ("loggers", Passed),
    ("oracleSqlplus", Passed),
    ("oracleSqlplusWarn", Passed),
    ("outputLogsInJson", Passed),
    ("outputProgress", Passed),
    ("outputQueryResults", Passed),
    ("outputType", Passed),
    ("powershellExecutable", Passed),
    ("provisionMode", Passed),
    ("environmentProvisionMode", Passed),
    ("reportEnabled", Passed),
    ("reportFilename", Passed),
    ("scriptPlaceholderPrefix", Passed),
    ("scriptPlaceholderSuffix", Passed),
    ("stream", Passed),
    ("token", Passed),
    ("workingDirectory", Passed),
    // Of Spring Boot, beside those of the tool.
    ("enabled", Passed),
    ("checkLocation", Passed),
    ("driverClassName", Passed),
    ("initSqls", Read),
];

/// Settings of other products and of plugins, by what they begin with.
const OTHERS: &[&str] = &[
    "check.",
    "clickhouse.",
    "deploy.",
    "mongodb.",
    "mysql.",
    "oracle.",
    "plugins.",
    "postgresql.",
    "propertyResolvers.",
    "sqlserver.",
    "snapshot.",
    "vault.",
    "jdbcProperties.",
    "generate.",
    "prepare.",
];

/// What becomes of a setting, and its name as it is kept; `None` when there is none of this name.
pub(super) fn find(name: &str) -> Option<(&'static str, Use)> {
    if let Some((name, usage)) = KEYS.iter().find(|(known, _)| *known == name) {
        return Some((name, *usage));
    }
    OTHERS
        .iter()
        .find(|other| name.starts_with(*other))
        .map(|other| (*other, Passed))
}

/// Those that are read, each with its variable.
pub(super) fn variables() -> impl Iterator<Item = (&'static str, String)> {
    KEYS.iter()
        .filter(|(name, usage)| *usage != Passed && *name != "initSqls")
        .map(|(name, _)| (*name, variable(name)))
}

/// `FLYWAY_DEFAULT_SCHEMA` of `defaultSchema`.
fn variable(name: &str) -> String {
    let mut variable = "FLYWAY_".to_owned();
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            variable.push('_');
        }
        variable.push(character.to_ascii_uppercase());
    }
    variable
}

/// The setting that somebody may have meant.
pub(super) fn near(name: &str) -> Option<&'static str> {
    KEYS.iter()
        .map(|(known, _)| (strsim::jaro_winkler(known, name), *known))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_variables() {
        assert_eq!(
            variable("sqlMigrationSuffixes"),
            "FLYWAY_SQL_MIGRATION_SUFFIXES"
        );
        assert_eq!(variable("url"), "FLYWAY_URL");
        assert_eq!(near("outOfOder"), Some("outOfOrder"));
        assert_eq!(near("nothing"), None);
        assert_eq!(
            find("postgresql.transactional.lock"),
            Some(("postgresql.transactional.lock", Read))
        );
        assert_eq!(find("postgresql.other"), Some(("postgresql.", Passed)));
        assert_eq!(find("outOfOder"), None);
    }
}
