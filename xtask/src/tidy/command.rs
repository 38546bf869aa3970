//! Runs all checks over the checkout.

use std::process::ExitCode;

use super::finding::Finding;
use super::{architecture, files, house, layout, licences, links, registries, secrets, source};
use crate::metadata::Metadata;

/// Prints every finding; only warnings are no reason to fail.
pub(crate) fn run() -> Result<ExitCode, String> {
    let files = files::list()?;
    let metadata = Metadata::load()?;
    let mut findings: Vec<Finding> = files.iter().flat_map(source::check).collect();
    findings.extend(files.iter().flat_map(secrets::check));
    findings.extend(layout::check(&files));
    findings.extend(registries::check(&files));
    findings.extend(links::check(&files));
    findings.extend(architecture::check(&files));
    findings.extend(house::check(&metadata));
    findings.extend(licences::check(&metadata));
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    let errors = findings
        .iter()
        .filter(|finding| !finding.is_warning)
        .count();
    if errors > 0 {
        println!("tidy: {errors} broken rules");
        return Ok(ExitCode::FAILURE);
    }
    println!(
        "tidy: {} files and {} packages are in order",
        files.len(),
        metadata.packages.len()
    );
    Ok(ExitCode::SUCCESS)
}
