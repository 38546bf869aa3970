//! The settings of Liquibase, by name, and what becomes of each here. A name may be written with dashes or in camel case, and with
//! `liquibase.`, `liquibase.command.` or the name of a command in front.

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

/// All of them in lower case without dashes, each with the name that it is kept under.
const KEYS: &[(&str, &str, Use)] = &[
    ("changelogfile", "changelogFile", Read),
    ("changelog", "changelogFile", Read),
    ("url", "url", Read),
    ("username", "username", Read),
    ("user", "username", Read),
    ("password", "password", Read),
    ("searchpath", "searchPath", Read),
    ("contexts", "contexts", Read),
    ("contextfilter", "contexts", Read),
    ("labels", "labelFilter", Read),
    ("labelfilter", "labelFilter", Read),
    ("defaultschemaname", "defaultSchemaName", Read),
    ("defaultschema", "defaultSchemaName", Read),
    ("liquibaseschemaname", "liquibaseSchemaName", Read),
    ("liquibaseschema", "liquibaseSchemaName", Read),
    (
        "databasechangelogtablename",
        "databaseChangelogTableName",
        Read,
    ),
    ("databasechangelogtable", "databaseChangelogTableName", Read),
    (
        "databasechangeloglocktablename",
        "databaseChangelogLockTableName",
        Read,
    ),
    (
        "databasechangeloglocktable",
        "databaseChangelogLockTableName",
        Read,
    ),
    ("stripcomments", "stripComments", Read),
    ("fileencoding", "fileEncoding", Read),
    ("enabled", "enabled", Read),
    ("shouldrun", "enabled", Read),
    (
        "missingpropertymode",
        "missingPropertyMode",
        Refused("a name without a value stays as it is written"),
    ),
    (
        "supportpropertyescaping",
        "supportPropertyEscaping",
        Refused("`${:name}` stays as it is written"),
    ),
    (
        "liquibasetablespacename",
        "liquibaseTablespaceName",
        Refused("the history table would need it"),
    ),
    (
        "dropfirst",
        "dropFirst",
        Refused("shoring never drops a schema"),
    ),
    (
        "changeexeclistenerclass",
        "changeExecListenerClass",
        Refused("it names a Java class, and Java is not run"),
    ),
    (
        "databaseclass",
        "databaseClass",
        Refused("it names a Java class, and Java is not run"),
    ),
    ("checkcompatibilitymode", "", Passed),
    (
        "allowduplicatedchangesetidentifiers",
        "allowDuplicatedChangesetIdentifiers",
        Refused("a changeset that is there twice would run twice"),
    ),
    ("autoreorg", "", Passed),
    ("allowinheritloglevel", "", Passed),
    ("alwaysdropinsteadofreplace", "", Passed),
    ("analyticsenabled", "", Passed),
    ("changelogformat", "", Passed),
    ("changelogid", "", Passed),
    ("changeloglockpollrate", "", Passed),
    ("changeloglockwaittimeinminutes", "", Passed),
    ("classpath", "", Passed),
    ("clearchecksums", "", Passed),
    ("commandtimeout", "", Passed),
    ("converttoutcpath", "", Passed),
    ("convertdatatypes", "", Passed),
    ("count", "", Passed),
    ("ddllocktimeout", "", Passed),
    ("defaultcatalogname", "", Passed),
    ("defaultsfile", "", Passed),
    ("diffcolumnorder", "", Passed),
    ("difftypes", "", Passed),
    ("driver", "", Passed),
    ("driverclassname", "", Passed),
    ("driverpropertiesfile", "", Passed),
    ("duplicatefilemode", "", Passed),
    ("excludeobjects", "", Passed),
    ("filterlogmessages", "", Passed),
    ("format", "", Passed),
    ("generatechangesetcreatedvalues", "", Passed),
    ("generatedchangesetidscontainsdescription", "", Passed),
    ("headless", "", Passed),
    ("hub", "", Passed),
    ("hubapikey", "", Passed),
    ("hubmode", "", Passed),
    ("hubprojectid", "", Passed),
    ("includecatalog", "", Passed),
    ("includeobjects", "", Passed),
    ("includeschema", "", Passed),
    ("includesystemclasspath", "", Passed),
    ("includetablespace", "", Passed),
    ("licensekey", "", Passed),
    ("liquibasecatalogname", "", Passed),
    ("logchannels", "", Passed),
    ("logfile", "", Passed),
    ("logformat", "", Passed),
    ("loglevel", "", Passed),
    ("mirrorconsolemessagestolog", "", Passed),
    ("monitorperformance", "", Passed),
    ("outputdefaultcatalog", "", Passed),
    ("outputdefaultschema", "", Passed),
    ("outputfile", "", Passed),
    ("outputfileencoding", "", Passed),
    ("outputlineseparator", "", Passed),
    ("overwriteoutputfile", "", Passed),
    ("preservescheama", "", Passed),
    ("preserveschemacase", "", Passed),
    ("prolicensekey", "", Passed),
    ("promptfornonlocaldatabase", "", Passed),
    ("referencedefaultschemaname", "", Passed),
    ("referencedriver", "", Passed),
    ("referencepassword", "", Passed),
    ("referenceschemas", "", Passed),
    ("referenceurl", "", Passed),
    ("referenceusername", "", Passed),
    ("reportenabled", "", Passed),
    ("reportname", "", Passed),
    ("reportpath", "", Passed),
    ("rollbackfile", "", Passed),
    ("schemas", "", Passed),
    ("secureparsing", "", Passed),
    ("showbanner", "", Passed),
    ("showsummary", "", Passed),
    ("showsummaryoutput", "", Passed),
    ("sqlloglevel", "", Passed),
    ("strict", "", Passed),
    ("supportsmethodvalidationlevel", "", Passed),
    ("tag", "", Passed),
    ("testrollbackonupdate", "", Passed),
    ("trimloaddatafileheader", "", Passed),
    ("uiservice", "", Passed),
    ("validatexmlchangelogfiles", "", Passed),
    ("verbose", "", Passed),
    ("analytics", "", Passed),
];

/// What goes in front of a name.
const FRONTS: [&str; 3] = ["liquibase.command.", "liquibase.", "command."];

/// Groups of settings of other commands and of plugins, by what they begin with.
const OTHERS: [&str; 8] = [
    "psql.",
    "sqlcmd.",
    "sqlplus.",
    "mongodb.",
    "reports.",
    "pro.",
    "hub.",
    "analytics.",
];

/// What becomes of a setting, and its name as it is kept; `None` when there is none of this name.
pub(super) fn find(name: &str) -> Option<(&'static str, Use)> {
    let mut rest = name;
    while let Some(after) = FRONTS.iter().find_map(|front| rest.strip_prefix(front)) {
        rest = after;
    }
    if OTHERS
        .iter()
        .any(|other| rest.to_ascii_lowercase().starts_with(other))
    {
        return Some(("", Passed));
    }
    // `update.contexts` is the setting of one command.
    let rest = rest.rsplit_once('.').map_or(rest, |(_, rest)| rest);
    let plain = plain(rest);
    KEYS.iter()
        .find(|(known, _, _)| *known == plain)
        .map(|(_, kept, usage)| (*kept, *usage))
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The name of a parameter: `parameter.NAME` sets the property NAME.
pub(super) fn parameter(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("liquibase.").unwrap_or(name);
    ["parameter.", "parameters."]
        .iter()
        .find_map(|front| rest.strip_prefix(front))
}

/// The name of a variable as a setting: `changelog-file` of `LIQUIBASE_COMMAND_CHANGELOG_FILE`.
pub(super) fn of_variable(variable: &str) -> Option<String> {
    let rest = variable.strip_prefix("LIQUIBASE_")?;
    let rest = rest.strip_prefix("COMMAND_").unwrap_or(rest);
    Some(rest.replace('_', "-").to_ascii_lowercase())
}

/// The setting that somebody may have meant.
pub(super) fn near(name: &str) -> Option<&'static str> {
    let plain = plain(name.rsplit_once('.').map_or(name, |(_, rest)| rest));
    KEYS.iter()
        .filter(|(_, kept, _)| !kept.is_empty())
        .map(|(known, kept, _)| (strsim::jaro_winkler(known, &plain), *kept))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, kept)| kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_setting_has_many_names() {
        for (name, expected) in [
            ("changelogFile", Some("changelogFile")),
            ("changeLogFile", Some("changelogFile")),
            ("changelog-file", Some("changelogFile")),
            ("liquibase.command.changelogFile", Some("changelogFile")),
            ("liquibase.command.update.context-filter", Some("contexts")),
            ("liquibase.liquibaseSchemaName", Some("liquibaseSchemaName")),
            ("logLevel", Some("")),
            ("changelogFiel", None),
        ] {
            assert_eq!(find(name).map(|(kept, _)| kept), expected, "{name}");
        }
        assert_eq!(near("changelogFiel"), Some("changelogFile"));
        assert_eq!(near("nothing"), None);
        assert_eq!(
            of_variable("LIQUIBASE_COMMAND_CHANGELOG_FILE").unwrap(),
            "changelog-file"
        );
        assert_eq!(parameter("liquibase.parameter.who"), Some("who"));
        assert_eq!(parameter("parameters.who"), Some("who"));
    }
}
