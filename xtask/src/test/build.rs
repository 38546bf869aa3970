//! Building all tests first, so that build time and test time are told apart.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;

use super::binary::{Binary, Kind};
use crate::metadata::Metadata;
use crate::workspace;

/// What the build left behind.
#[derive(Debug, Default)]
pub(super) struct Built {
    pub(super) tests: Vec<Binary>,
    /// Name and path of every program, for tests that run one.
    pub(super) programs: Vec<(String, PathBuf)>,
}

/// Builds the tests that `selection` selects; compiler messages go straight to the terminal.
pub(super) fn build(metadata: &Metadata, selection: &[&str]) -> Result<Built, String> {
    let mut cargo = workspace::cargo();
    cargo
        .args([
            "test",
            "--no-run",
            "--message-format=json-render-diagnostics",
        ])
        .args(selection)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let output = cargo
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if !output.status.success() {
        return Err("the tests do not build".into());
    }
    Ok(read_artifacts(
        &String::from_utf8_lossy(&output.stdout),
        metadata,
    ))
}

fn read_artifacts(messages: &str, metadata: &Metadata) -> Built {
    let mut built = Built::default();
    for line in messages.split('\n') {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let Some(executable) = message["executable"].as_str().map(PathBuf::from) else {
            continue;
        };
        let target = message["target"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        if message["profile"]["test"] != Value::Bool(true) {
            built.programs.push((target, executable));
            continue;
        }
        let id = message["package_id"].as_str().unwrap_or_default();
        let Some(package) = metadata.packages.iter().find(|package| package.id == id) else {
            continue;
        };
        let is_integration = message["target"]["kind"][0] == "test";
        built.tests.push(Binary {
            package: package.name.clone(),
            version: package.version.clone(),
            folder: package
                .manifest
                .parent()
                .map(PathBuf::from)
                .unwrap_or_default(),
            target,
            kind: if is_integration {
                Kind::Integration
            } else {
                Kind::Unit
            },
            executable,
        });
    }
    // Cheapest first: pure unit tests before anything that waits for a server.
    built.tests.sort_by_key(|binary| {
        (
            binary.uses_servers(),
            binary.kind,
            binary.package.clone(),
            binary.target.clone(),
        )
    });
    built
}
