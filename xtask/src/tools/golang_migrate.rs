//! golang-migrate.

use super::install;
use super::tool::Tool;

pub(super) const GOLANG_MIGRATE: Tool = Tool {
    name: "golang-migrate",
    version: "4.20.1",
    untried: None,
    install: |folder, version| {
        let package = "github.com/golang-migrate/migrate/v4/cmd/migrate";
        install::by_go(folder, package, version, "postgres mysql sqlite")
    },
    program: |folder| Some(folder.join("migrate")),
};
