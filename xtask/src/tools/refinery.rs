//! refinery's command line.

use super::install;
use super::tool::Tool;

pub(super) const REFINERY: Tool = Tool {
    name: "refinery",
    version: "0.10.0",
    untried: None,
    install: |folder, version| {
        install::by_cargo(
            folder,
            "refinery_cli",
            version,
            "postgresql,mysql,sqlite-bundled",
        )
    },
    program: |folder| Some(folder.join("bin/refinery")),
};
