//! The temporary directory of a run.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fleet::Durability;
use super::supervisor::Supervisor;
use crate::machine;

/// How the directories are named, to recognise those of runs that died.
const PREFIX: &str = "shoring-test-";

/// Memory that a tmpfs must have left to be used.
const ROOM_IN_KIB: u64 = 4 * 1024 * 1024;

/// Creates the directory, in memory if there is room and nothing is to be durable, and has it deleted at the end.
pub(super) fn create(supervisor: &Supervisor, durability: Durability) -> Result<PathBuf, String> {
    let base = base(durability);
    sweep(&base);
    let directory = base.join(format!(
        "{PREFIX}{}-{}",
        supervisor.pid(),
        machine::random_hex(3)?
    ));
    supervisor.remove_at_end(&directory)?;
    create_open(&directory, 0o755)?;
    create_open(&directory.join("tmp"), 0o1777)?;
    Ok(directory)
}

/// Creates one directory with exactly these rights.
pub(super) fn create_open(path: &Path, mode: u32) -> Result<(), String> {
    fs::create_dir_all(path)
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(mode)))
        .map_err(|error| format!("cannot create `{}`: {error}", path.display()))
}

/// Deletes directories in `base` whose supervisor was itself killed.
pub(super) fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split('-').next());
        let is_dead = owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists());
        if is_dead {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

fn base(durability: Durability) -> PathBuf {
    match durability {
        Durability::None => {}
        // Survives a restart by the file system hierarchy standard, so it is on a disk; `/tmp` may be memory.
        Durability::Default => return PathBuf::from("/var/tmp"),
    }
    let memory = Path::new("/dev/shm");
    if free_kib(memory).is_some_and(|free| free >= ROOM_IN_KIB) {
        return memory.to_path_buf();
    }
    std::env::temp_dir()
}

fn free_kib(path: &Path) -> Option<u64> {
    let text = machine::output_of(Command::new("df").arg("-Pk").arg(path)).ok()?;
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}
