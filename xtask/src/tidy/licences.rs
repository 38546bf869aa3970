//! Licences and number of the dependencies.

use super::finding::Finding;
use super::spdx;
use crate::metadata::{Metadata, Package};

/// Permissive licences, and file-level copyleft that asks nothing of a binary.
const ALLOWED: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages in the lock file: raise it with a reason in the commit.
const MOST_PACKAGES: usize = 330;

pub(super) fn check(metadata: &Metadata) -> Vec<Finding> {
    let mut findings: Vec<Finding> = metadata.packages.iter().filter_map(check_package).collect();
    let count = metadata.packages.len();
    if count > MOST_PACKAGES {
        let message =
            format!("{count} packages, at most {MOST_PACKAGES}: is the new one worth it?");
        findings.push(Finding::of_file("Cargo.lock", message));
    }
    findings
}

fn check_package(package: &Package) -> Option<Finding> {
    let name = format!("{} {}", package.name, package.version);
    let Some(expression) = &package.licence else {
        return Some(Finding::of_file(
            "Cargo.lock",
            format!("{name} names no licence"),
        ));
    };
    let message = match spdx::is_satisfied(expression, &|licence| ALLOWED.contains(&licence)) {
        Ok(true) => return None,
        Ok(false) => format!("{name}: licence `{expression}` is not on the list"),
        Err(error) => format!("{name}: licence `{expression}`: {error}"),
    };
    Some(Finding::of_file("Cargo.lock", message))
}
