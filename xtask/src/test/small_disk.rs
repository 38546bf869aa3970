//! Whether tests that fill a disk can be run here: they mount a small tmpfs in a mount namespace of their own.

use std::path::Path;
use std::process::Command;

use crate::machine;

/// The segment in the paths of tests that need it.
pub(super) const SEGMENT: &str = "full_disk";

/// Why a small disk cannot be mounted at this folder, in one line; `None` where it can.
pub(super) fn why_not(folder: &Path) -> Option<String> {
    let mut mount = Command::new("unshare");
    mount
        .args(["--mount", "--propagation", "private", "--"])
        .args(["mount", "-t", "tmpfs", "-o", "size=1m", "shoring-test"])
        .arg(folder);
    let error = machine::output_of(&mut mount).err()?;
    let reason = error.lines().last().unwrap_or_default().trim();
    Some(format!(
        "no small tmpfs can be mounted ({reason}): it takes root, in a container with CAP_SYS_ADMIN"
    ))
}

/// Whether a test of this name needs one.
pub(super) fn is_needed_by(name: &str) -> bool {
    name.split("::").any(|segment| segment == SEGMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_segments_name_the_tests() {
        assert!(is_needed_by("full_disk::mariadb::rows"));
        assert!(!is_needed_by("system_calls::sqlite::up_when_full_disk"));
    }

    #[test]
    fn a_folder_that_is_not_there_cannot_be_mounted_at() {
        assert!(why_not(Path::new("/nowhere/at/all")).is_some());
    }
}
