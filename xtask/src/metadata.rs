//! `cargo metadata`, reduced to what the tasks ask of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use crate::machine;
use crate::workspace;

/// One package of the lock file.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: Option<String>,
    pub(crate) manifest: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a package's dependency tables.
#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: DependencyKind,
    pub(crate) is_optional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DependencyKind {
    Normal,
    Build,
    Development,
}

/// Packages and the graph of their resolved dependencies.
#[derive(Debug)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) members: BTreeSet<String>,
    /// Package id to the ids of its normal dependencies.
    pub(crate) graph: BTreeMap<String, Vec<String>>,
}

impl Metadata {
    /// Asks cargo.
    pub(crate) fn load() -> Result<Self, String> {
        let mut cargo = workspace::cargo();
        cargo.args(["metadata", "--format-version", "1"]);
        let text = machine::output_of(&mut cargo)?;
        let value = serde_json::from_str(&text)
            .map_err(|error| format!("`cargo metadata` printed something else: {error}"))?;
        Ok(Self::from_json(&value))
    }

    fn from_json(value: &Value) -> Self {
        Self {
            packages: items(&value["packages"]).map(package).collect(),
            members: items(&value["workspace_members"]).map(text).collect(),
            graph: items(&value["resolve"]["nodes"])
                .map(|node| (text(&node["id"]), normal_dependencies(node)))
                .collect(),
        }
    }

    /// The packages of this workspace.
    pub(crate) fn own_packages(&self) -> impl Iterator<Item = &Package> {
        let is_own = |package: &&Package| self.members.contains(&package.id);
        self.packages.iter().filter(is_own)
    }

    /// The package with this name; the first of several versions.
    pub(crate) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }
}

fn package(value: &Value) -> Package {
    Package {
        id: text(&value["id"]),
        name: text(&value["name"]),
        version: text(&value["version"]),
        licence: value["license"].as_str().map(String::from),
        manifest: PathBuf::from(text(&value["manifest_path"])),
        dependencies: items(&value["dependencies"]).map(dependency).collect(),
    }
}

fn dependency(value: &Value) -> Dependency {
    Dependency {
        name: text(&value["name"]),
        kind: match value["kind"].as_str() {
            Some("dev") => DependencyKind::Development,
            Some("build") => DependencyKind::Build,
            Some(_) | None => DependencyKind::Normal,
        },
        is_optional: value["optional"].as_bool().unwrap_or(false),
    }
}

/// Ids of what a node of the graph needs outside its tests and build scripts.
fn normal_dependencies(node: &Value) -> Vec<String> {
    items(&node["deps"])
        .filter(|edge| items(&edge["dep_kinds"]).any(|kind| kind["kind"].is_null()))
        .map(|edge| text(&edge["pkg"]))
        .collect()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
