//! sqlx-cli: the same numbered files; one transaction each, and a second one for the time it took.

use crate::bench::tool::{Setting, Tool, Way, Work};

pub(in crate::bench) const TOOL: Tool = Tool { name: "sqlx", way };

fn way(work: Work, setting: &Setting<'_>) -> Way {
    let mut command = match setting.programs.peer("sqlx") {
        Ok(command) => command,
        Err(error) => return Way::Cannot(error),
    };
    command.arg("migrate");
    match work {
        Work::Status => command.arg("info"),
        Work::Up => command.arg("run"),
        Work::Down(count) => {
            let target = setting.project.count.saturating_sub(count).to_string();
            command.args(["revert", "--target-version", &target])
        }
    };
    command
        .arg("--source")
        .arg(setting.project.migrations())
        .args(["--database-url", &setting.database.url(), "--no-dotenv"]);
    Way::Once(command)
}
