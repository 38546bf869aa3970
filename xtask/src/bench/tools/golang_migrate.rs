//! golang-migrate: the same numbered files; the database keeps one version number and nothing else.

use crate::bench::tool::{Setting, Tool, Way, Work};

pub(in crate::bench) const TOOL: Tool = Tool {
    name: "golang-migrate",
    way,
};

fn way(work: Work, setting: &Setting<'_>) -> Way {
    let mut command = match setting.programs.peer("golang-migrate") {
        Ok(command) => command,
        Err(error) => return Way::Cannot(error),
    };
    command
        .arg("-path")
        .arg(setting.project.migrations())
        .args(["-database", &setting.database.url_for_golang_migrate()]);
    match work {
        Work::Status => return Way::cannot("has no status: it knows one version number"),
        Work::Up => command.arg("up"),
        Work::Down(count) => command.args(["down", &count.to_string()]),
    };
    Way::Once(command)
}
