//! The tests that hand a project over to the tool it belongs to, and back. Each tool has a module of its name in a test binary
//! called `tools`, and is installed only when that has one. A tool that cannot be had is a loud line.

use std::path::PathBuf;

use super::build::Built;
use super::libtest::Verdict;
use crate::arguments::TestOptions;
use crate::tools::{TOOLS, Tool};

/// The name of the binary.
pub(super) const TARGET: &str = "tools";

/// The tools that tests want, each with its program or the reason why there is none.
#[derive(Debug, Default)]
pub(super) struct ToolRuns {
    tools: Vec<(&'static Tool, Result<PathBuf, String>)>,
}

impl ToolRuns {
    /// Installs what the tests that will run want.
    pub(super) fn provide(options: &TestOptions, built: &Built) -> Result<Self, String> {
        let mut names = Vec::new();
        for binary in built.tests.iter().filter(|binary| binary.target == TARGET) {
            names.extend(super::command::names_of(binary)?);
        }
        let is_asked = |name: &&String| {
            options
                .only
                .as_ref()
                .is_none_or(|only| name.contains(only.as_str()))
        };
        let wanted: Vec<&String> = names.iter().filter(is_asked).collect();
        let tools = TOOLS
            .into_iter()
            .filter(|tool| wanted.iter().any(|name| is_of(name, tool)))
            .map(|tool| (tool, tool.provide()))
            .collect();
        Ok(Self { tools })
    }

    /// Where the tests find the programs.
    pub(super) fn variables(&self) -> Vec<(String, PathBuf)> {
        self.tools
            .iter()
            .filter_map(|(tool, program)| {
                let program = program.as_ref().ok()?;
                Some((variable(tool), program.clone()))
            })
            .collect()
    }

    /// Whether a test of that binary cannot run, because its tool is not there.
    pub(super) fn is_out(&self, target: &str, test: &str) -> bool {
        target == TARGET
            && self
                .tools
                .iter()
                .any(|(tool, program)| program.is_err() && is_of(test, tool))
    }

    /// A line for each tool: what ran, or why it did not.
    pub(super) fn render(&self, results: &[(String, Verdict)]) -> String {
        let mut text = String::new();
        for (tool, program) in &self.tools {
            let name = tool.name;
            text += &match program {
                Ok(_) => {
                    let count = |verdict: Verdict| {
                        let of = |(test, found): &&(String, Verdict)| {
                            *found == verdict && is_of(test, tool)
                        };
                        results.iter().filter(of).count()
                    };
                    format!(
                        "with {name} {}: {} passed, {} failed\n",
                        tool.version,
                        count(Verdict::Passed),
                        count(Verdict::Failed)
                    )
                }
                Err(error) => {
                    let first = error.split('\n').next().unwrap_or_default();
                    format!("with {name}: NOT RUN, it could not be had: {first}\n")
                }
            };
            if let Some(reason) = tool.untried {
                text += &format!("with {name}: NOT RUN {reason}\n");
            }
        }
        text
    }
}

/// The module of a test is named after its tool.
fn is_of(test: &str, tool: &Tool) -> bool {
    test.split("::").next() == Some(&tool.name.replace('-', "_"))
}

fn variable(tool: &Tool) -> String {
    let name = tool.name.replace('-', "_").to_uppercase();
    format!("SHORING_TEST_TOOL_{name}")
}
