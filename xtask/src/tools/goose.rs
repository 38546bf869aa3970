//! goose, without the drivers of databases that are not ours.

use super::install;
use super::tool::Tool;

pub(super) const GOOSE: Tool = Tool {
    name: "goose",
    version: "3.27.3",
    untried: None,
    install: |folder, version| {
        let package = "github.com/pressly/goose/v3/cmd/goose";
        let tags = "no_clickhouse no_mssql no_vertica no_ydb no_libsql no_spanner no_starrocks";
        install::by_go(folder, package, version, tags)
    },
    program: |folder| Some(folder.join("goose")),
};
