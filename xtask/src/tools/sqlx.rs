//! sqlx-cli.

use super::install;
use super::tool::Tool;

pub(super) const SQLX: Tool = Tool {
    name: "sqlx",
    version: "0.9.0",
    untried: None,
    install: |folder, version| {
        install::by_cargo(folder, "sqlx-cli", version, "rustls,postgres,mysql,sqlite")
    },
    program: |folder| Some(folder.join("bin/sqlx")),
};
