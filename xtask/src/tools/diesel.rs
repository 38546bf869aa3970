//! diesel_cli, with the client libraries of the system for PostgreSQL and MySQL.

use super::install;
use super::tool::Tool;
use crate::servers::install_packages;

pub(super) const DIESEL: Tool = Tool {
    name: "diesel",
    version: "2.3.14",
    untried: None,
    install: |folder, version| {
        install_packages(&["libpq-dev", "libmariadb-dev", "pkg-config"])?;
        install::by_cargo(
            folder,
            "diesel_cli",
            version,
            "postgres,mysql,sqlite-bundled",
        )
    },
    program: |folder| Some(folder.join("bin/diesel")),
};
