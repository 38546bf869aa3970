//! Flyway, from Maven Central: its library with the drivers of the databases, behind a small program that runs it by words on
//! standard input (`flyway.java`), so that a test starts one Java for many runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::install;
use super::tool::Tool;
use crate::machine;

const MAIN: &str = include_str!("flyway.java");

pub(super) const FLYWAY: Tool = Tool {
    name: "flyway",
    version: "13.12.1",
    untried: None,
    install: |folder, version| {
        let artifacts = [
            format!("org.flywaydb:flyway-core:{version}"),
            format!("org.flywaydb:flyway-database-postgresql:{version}"),
            format!("org.flywaydb:flyway-mysql:{version}"),
            "org.postgresql:postgresql:42.7.14".to_owned(),
            "org.mariadb.jdbc:mariadb-java-client:3.5.11".to_owned(),
            "com.mysql:mysql-connector-j:9.7.0".to_owned(),
            "org.xerial:sqlite-jdbc:3.54.1.0".to_owned(),
        ];
        install::by_maven(folder, &artifacts)?;
        compile(folder)
    },
    program: |folder| Some(folder.join("flyway")),
};

/// The program that runs it, and the script that starts the program.
fn compile(folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cannot write into {}: {error}", folder.display());
    fs::write(folder.join("Main.java"), MAIN).map_err(failed)?;
    let mut javac = Command::new(install::needed("javac", "Java (a JDK)")?);
    javac
        .args(["-cp", "lib/*", "-d", ".", "Main.java"])
        .current_dir(folder);
    machine::output_of(&mut javac)?;
    let java = install::needed("java", "Java")?;
    let script = format!(
        "#!/bin/sh\nexec {} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '{}:{}' Main \"$@\"\n",
        java.display(),
        folder.display(),
        folder.join("lib/*").display()
    );
    let program: PathBuf = folder.join("flyway");
    fs::write(&program, script).map_err(failed)?;
    machine::make_executable(&program)
}
