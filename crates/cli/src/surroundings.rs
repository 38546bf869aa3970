//! What surrounds this run: project root, environment, user, host, process, commit of the checkout.

use crate::args::GlobalArgs;
use shoring::{Commit, Error, ErrorKind, Identity, Result, Surroundings};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Collects the surroundings. The commit is looked up once something is recorded with it.
pub(crate) fn collect(global: &GlobalArgs) -> Result<Surroundings> {
    let root = root(global)?;
    let environment = environment()?;
    let os_user = ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| environment.get(*name).filter(|user| !user.is_empty()))
        .cloned()
        .or_else(user_of_process)
        .unwrap_or_else(|| "unknown".to_owned());
    let identity = Identity {
        os_user,
        host: gethostname::gethostname().to_string_lossy().into_owned(),
        pid: std::process::id(),
        git: Commit::asked({
            let root = root.clone();
            move || commit(&root)
        }),
        tool: format!("shoring {}", env!("CARGO_PKG_VERSION")),
    };
    Ok(Surroundings {
        root,
        environment,
        identity,
    })
}

fn root(global: &GlobalArgs) -> Result<PathBuf> {
    let working = std::env::current_dir().map_err(|error| {
        Error::new(
            ErrorKind::Usage,
            "no-working-directory",
            format!("the working directory cannot be used: {error}"),
        )
    })?;
    let Some(given) = &global.root else {
        return Ok(working);
    };
    let root = working.join(given);
    if root.is_dir() {
        return Ok(root);
    }
    let reason = if root.exists() {
        "is not a folder"
    } else {
        "does not exist"
    };
    Err(Error::new(
        ErrorKind::Usage,
        "no-project-root",
        format!("`{}` (given with -C) {reason}", given.display()),
    ))
}

/// All variables: the configuration of other tools names some of any name.
fn environment() -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        match value.into_string() {
            Ok(value) => {
                found.insert(name.to_owned(), value);
            }
            Err(_) if name.starts_with("SHORING_") || name == "DATABASE_URL" => {
                return Err(Error::new(
                    ErrorKind::Usage,
                    "environment-not-utf8",
                    format!("the environment variable `{name}` is not UTF-8"),
                ));
            }
            Err(_) => {}
        }
    }
    Ok(found)
}

/// The name of the user this process runs as, where nobody set a variable: containers, cron. Only Linux tells this way.
fn user_of_process() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let id = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.split('\n').find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    });
    Some(name.unwrap_or(id))
}

/// The commit of the checkout around `root`, with `+dirty` when tracked files were changed. `None` outside of git.
fn commit(root: &Path) -> Option<String> {
    let output = Command::new("git")
        .args([
            "--no-optional-locks",
            "-c",
            "core.fsmonitor=false",
            "status",
            "--porcelain=v2",
            "--branch",
            "--untracked-files=no",
            "--ignore-submodules",
        ])
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    describe(&String::from_utf8_lossy(&output.stdout))
}

fn describe(porcelain: &str) -> Option<String> {
    let mut commit = None;
    let mut is_dirty = false;
    for line in porcelain.split('\n') {
        if let Some(id) = line.strip_prefix("# branch.oid ") {
            commit = id.get(..12).map(str::to_owned);
        } else if !line.is_empty() && !line.starts_with('#') {
            is_dirty = true;
        }
    }
    commit.map(|commit| {
        if is_dirty {
            format!("{commit}+dirty")
        } else {
            commit
        }
    })
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn the_commit_and_its_state_are_read_from_git() {
        let clean = "# branch.oid 0123456789abcdef0123\n# branch.head main\n";
        assert_eq!(describe(clean).as_deref(), Some("0123456789ab"));
        let dirty = format!("{clean}1 .M N... 100644 100644 100644 a b file\n");
        assert_eq!(describe(&dirty).as_deref(), Some("0123456789ab+dirty"));
        assert_eq!(describe("# branch.oid (initial)\n"), None);
    }
}
