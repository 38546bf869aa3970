//! dbmate: both directions in one file, no checksums.

use crate::bench::tool::{Setting, Tool, Way, Work};

pub(in crate::bench) const TOOL: Tool = Tool {
    name: "dbmate",
    way,
};

fn way(work: Work, setting: &Setting<'_>) -> Way {
    let mut command = match setting.programs.peer("dbmate") {
        Ok(command) => command,
        Err(error) => return Way::Cannot(error),
    };
    command
        .args([
            "--url",
            &setting.database.url_for_dbmate(),
            "--no-dump-schema",
        ])
        .arg("--migrations-dir")
        .arg(setting.project.dbmate_folder());
    match work {
        Work::Status => {
            command.arg("status");
            Way::Once(command)
        }
        // `up` would look for the database first; `migrate` is the cheaper of the two.
        Work::Up => {
            command.arg("migrate");
            Way::Once(command)
        }
        Work::Down(count) => {
            command.arg("rollback");
            Way::Repeated(command, u32::try_from(count).unwrap_or(u32::MAX))
        }
    }
}
