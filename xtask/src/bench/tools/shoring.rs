//! Shoring, as it is built from this checkout.

use crate::bench::tool::{Setting, Tool, Way, Work};

pub(in crate::bench) const TOOL: Tool = Tool {
    name: "shoring",
    way,
};

fn way(work: Work, setting: &Setting<'_>) -> Way {
    let mut command = setting.programs.shoring();
    command
        .arg("-C")
        .arg(&setting.project.folder)
        .args(["--database", &setting.database.url()]);
    match work {
        Work::Status => command.arg("status"),
        Work::Up => command.arg("up"),
        Work::Down(count) => command.args(["down", &count.to_string()]),
    };
    Way::Once(command)
}
