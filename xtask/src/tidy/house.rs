//! Which crate may use which: the invariants at the top of the design.

use std::collections::BTreeSet;

use super::finding::Finding;
use crate::metadata::{Dependency, DependencyKind, Metadata, Package};
use crate::workspace;

/// A crate of ours and those of ours that it may use.
const HOUSE: [(&str, &[&str]); 10] = [
    ("shoring-core", &[]),
    ("shoring-sql", &["shoring-core"]),
    ("shoring-formats", &["shoring-core", "shoring-sql"]),
    ("shoring-plan", &["shoring-core", "shoring-sql"]),
    ("shoring-db", &["shoring-core", "shoring-sql"]),
    ("shoring-embed", &[]),
    (
        "shoring",
        &[
            "shoring-core",
            "shoring-sql",
            "shoring-formats",
            "shoring-plan",
            "shoring-db",
            "shoring-embed",
        ],
    ),
    ("shoring-cli", &["shoring"]),
    (
        "shoring-testkit",
        &[
            "shoring-core",
            "shoring-sql",
            "shoring-formats",
            "shoring-db",
        ],
    ),
    ("xtask", &[]),
];

/// Crates without IO, and what must not be anywhere below them.
const PURE: [&str; 4] = [
    "shoring-core",
    "shoring-sql",
    "shoring-formats",
    "shoring-plan",
];
const IMPURE: [&str; 9] = [
    "axum",
    "hyper",
    "mio",
    "mysql_async",
    "rusqlite",
    "rustls",
    "socket2",
    "tokio",
    "tokio-postgres",
];

/// Foreign crates that only some of ours may name.
const NAMED_ONLY_BY: [(&str, &[&str]); 13] = [
    ("mysql_async", DRIVER_USERS),
    ("postgres-protocol", DRIVER_USERS),
    ("rusqlite", DRIVER_USERS),
    ("tokio-postgres", DRIVER_USERS),
    ("tokio-postgres-rustls", DRIVER_USERS),
    ("squawk-syntax", &["shoring-sql"]),
    ("sqlite3-parser", &["shoring-sql"]),
    ("sqlparser", &["shoring-sql"]),
    ("axum", &["shoring-web"]),
    ("hyper", &["shoring-web"]),
    ("annotate-snippets", &["shoring-cli"]),
    ("clap", &["shoring-cli"]),
    ("indicatif", &["shoring-cli"]),
];

/// `db` speaks to servers; `shoring` may take a caller's own connection, as an option.
const DRIVER_USERS: &[&str] = &["shoring-db", "shoring"];

pub(super) fn check(metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in metadata.own_packages() {
        let shipped = package
            .dependencies
            .iter()
            .filter(|dependency| is_shipped(dependency));
        findings.extend(shipped.filter_map(|dependency| edge(package, dependency)));
    }
    for name in PURE {
        findings.extend(impurities(metadata, name));
    }
    findings
}

fn is_shipped(dependency: &Dependency) -> bool {
    match dependency.kind {
        DependencyKind::Normal | DependencyKind::Build => true,
        DependencyKind::Development => false,
    }
}

fn edge(package: &Package, dependency: &Dependency) -> Option<Finding> {
    let from = package.name.as_str();
    let to = dependency.name.as_str();
    let is_ours = HOUSE.iter().any(|(name, _)| *name == to);
    let message = if is_ours {
        let Some(allowed) = allowed_for(from) else {
            let message = "is not in the house: add it to xtask/src/tidy/house.rs";
            return Some(finding(package, message.into()));
        };
        (!allowed.contains(&to)).then(|| format!("must not use `{to}`"))
    } else {
        let owners = NAMED_ONLY_BY
            .iter()
            .find(|(name, _)| *name == to)
            .map(|(_, owners)| *owners)?;
        let is_driver = owners == DRIVER_USERS;
        if is_driver && from == "shoring" && !dependency.is_optional {
            Some(format!("must name `{to}` as an option only"))
        } else {
            (!owners.contains(&from))
                .then(|| format!("must not name `{to}`: only {}", owners.join(", ")))
        }
    };
    message.map(|message| finding(package, message))
}

/// Crates of ours that the one with this name may use; none if nobody knows it.
fn allowed_for(name: &str) -> Option<&'static [&'static str]> {
    if name.starts_with("shoring-example-") {
        return Some(&["shoring", "shoring-embed"]);
    }
    let known = HOUSE.iter().find(|(known, _)| *known == name);
    known.map(|(_, allowed)| *allowed)
}

/// Everything below a pure crate that does IO.
fn impurities(metadata: &Metadata, name: &str) -> Vec<Finding> {
    let Some(start) = metadata.own_packages().find(|package| package.name == name) else {
        return Vec::new();
    };
    let mut seen = BTreeSet::new();
    let mut open = vec![start.id.as_str()];
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            open.extend(
                metadata
                    .graph
                    .get(id)
                    .into_iter()
                    .flatten()
                    .map(String::as_str),
            );
        }
    }
    let below = metadata
        .packages
        .iter()
        .filter(|package| seen.contains(package.id.as_str()));
    let impure = below.filter(|package| IMPURE.contains(&package.name.as_str()));
    impure
        .map(|package| {
            finding(
                start,
                format!("has `{}` below it: no IO here", package.name),
            )
        })
        .collect()
}

fn finding(package: &Package, message: String) -> Finding {
    let path = package
        .manifest
        .strip_prefix(workspace::root())
        .unwrap_or(&package.manifest);
    Finding::of_file(&path.to_string_lossy(), message)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use super::*;

    fn package(name: &str, dependencies: &[(&str, DependencyKind, bool)]) -> Package {
        let dependency = |(name, kind, is_optional): &(&str, DependencyKind, bool)| Dependency {
            name: (*name).into(),
            kind: *kind,
            is_optional: *is_optional,
        };
        Package {
            id: name.into(),
            name: name.into(),
            version: "1.0.0".into(),
            licence: Some("MIT".into()),
            manifest: PathBuf::from(format!("{name}/Cargo.toml")),
            dependencies: dependencies.iter().map(dependency).collect(),
        }
    }

    fn findings(packages: Vec<Package>, graph: &[(&str, &[&str])]) -> Vec<String> {
        let edges = graph.iter().map(|(from, to)| {
            (
                (*from).to_owned(),
                to.iter().map(|to| (*to).to_owned()).collect(),
            )
        });
        let metadata = Metadata {
            members: packages.iter().map(|package| package.id.clone()).collect(),
            graph: edges.collect::<BTreeMap<_, _>>(),
            packages,
        };
        check(&metadata).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn edges_are_judged() {
        use DependencyKind::{Development, Normal};
        for (from, to, kind, is_optional, is_good) in [
            ("shoring-plan", "shoring-sql", Normal, false, true),
            ("shoring-plan", "shoring-formats", Normal, false, false),
            ("shoring-core", "shoring-sql", Normal, false, false),
            ("shoring-cli", "shoring-testkit", Normal, false, false),
            ("shoring-cli", "shoring-testkit", Development, false, true),
            ("shoring-cli", "rusqlite", Normal, false, false),
            ("shoring-cli", "rusqlite", Development, false, true),
            ("shoring", "rusqlite", Normal, false, false),
            ("shoring", "rusqlite", Normal, true, true),
            ("shoring", "clap", Normal, false, false),
            ("shoring-new", "shoring-core", Normal, false, false),
            ("shoring-example-a", "shoring", Normal, false, true),
            ("shoring-example-a", "shoring-db", Normal, false, false),
        ] {
            let found = findings(vec![package(from, &[(to, kind, is_optional)])], &[]);
            assert_eq!(found.is_empty(), is_good, "{from} -> {to}: {found:?}");
        }
    }

    #[test]
    fn io_below_a_pure_crate_is_found() {
        let packages = vec![
            package("shoring-sql", &[]),
            package("innocent", &[]),
            package("tokio", &[]),
        ];
        let graph: [(&str, &[&str]); 2] =
            [("shoring-sql", &["innocent"]), ("innocent", &["tokio"])];
        assert_eq!(
            findings(packages, &graph),
            ["shoring-sql/Cargo.toml: has `tokio` below it: no IO here"]
        );
    }
}
