//! dbmate, from npm.

use std::fs;

use super::install;
use super::tool::Tool;

pub(super) const DBMATE: Tool = Tool {
    name: "dbmate",
    version: "2.36.0",
    untried: None,
    install: |folder, version| install::by_npm(folder, &[format!("dbmate@{version}")]),
    // The program itself, not the script that starts it through node.
    program: |folder| {
        let platforms = fs::read_dir(folder.join("node_modules/@dbmate")).ok()?;
        let mut programs = platforms
            .flatten()
            .map(|entry| entry.path().join("bin/dbmate"));
        programs.find(|program| program.is_file())
    },
};
