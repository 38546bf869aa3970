//! Liquibase, from Maven Central: its library, which has its command line in it, with the drivers of the databases. Versions from 5
//! on have no open licence.

use std::fs;
use std::path::Path;

use super::install;
use super::tool::Tool;
use crate::machine;

pub(super) const LIQUIBASE: Tool = Tool {
    name: "liquibase",
    version: "4.33.0",
    untried: None,
    install: |folder, version| {
        let artifacts = [
            format!("org.liquibase:liquibase-core:{version}"),
            "info.picocli:picocli:4.7.7".to_owned(),
            "org.postgresql:postgresql:42.7.14".to_owned(),
            "org.mariadb.jdbc:mariadb-java-client:3.5.11".to_owned(),
            "org.xerial:sqlite-jdbc:3.54.1.0".to_owned(),
        ];
        install::by_maven(folder, &artifacts)?;
        write_script(folder)
    },
    program: |folder| Some(folder.join("liquibase")),
};

/// The script that starts it.
fn write_script(folder: &Path) -> Result<(), String> {
    let java = install::needed("java", "Java")?;
    let script = format!(
        "#!/bin/sh\nexport LIQUIBASE_SHOW_BANNER=false LIQUIBASE_ANALYTICS_ENABLED=false\nexec {} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '{}' liquibase.integration.commandline.LiquibaseCommandLine \"$@\"\n",
        java.display(),
        folder.join("lib/*").display()
    );
    let program = folder.join("liquibase");
    fs::write(&program, script)
        .map_err(|error| format!("cannot write {}: {error}", program.display()))?;
    machine::make_executable(&program)
}
