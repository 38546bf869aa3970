//! Embeds a folder of migrations in a Rust binary, and notices new files on stable Rust.
//!
//! A procedural macro cannot tell Cargo that a new file appeared in a folder, so programs are built without it and the
//! migrations go stale (sqlx#681, diesel#3119). A build script can: this crate is that build script's one line.
//!
//! ```no_run
//! // in build.rs, inside `main`:
//! shoring_embed::folder("migrations");
//! ```
//!
//! The program then says `shoring::embed_migrations!()`. Not here: reading the files' meaning, which the library does.

use std::fs;
use std::path::{Path, PathBuf};

/// Name of the file that is generated in `OUT_DIR` and included by `shoring::embed_migrations!()`.
pub const GENERATED: &str = "shoring_migrations.rs";

/// Embeds every `.sql` file of a folder (relative to the package). Call it from `build.rs`.
///
/// # Panics
/// With a message for the build log when the folder cannot be read: a build that silently embeds nothing is worse.
#[expect(
    clippy::disallowed_methods,
    reason = "Cargo hands its build scripts these paths in the environment"
)]
#[expect(
    clippy::print_stdout,
    reason = "the way a build script speaks to Cargo"
)]
pub fn folder(folder: &str) {
    let package = PathBuf::from(
        std::env::var("CARGO_MANIFEST_DIR")
            .expect("Cargo sets CARGO_MANIFEST_DIR for build scripts"),
    );
    let out =
        PathBuf::from(std::env::var("OUT_DIR").expect("Cargo sets OUT_DIR for build scripts"));
    let source = package.join(folder);
    // For a folder, Cargo looks at every file below it and at the folder's own time: new and removed files count.
    println!("cargo::rerun-if-changed={}", source.display());
    let code = generate(&source).unwrap_or_else(|error| {
        panic!("cannot embed migrations from {}: {error}", source.display())
    });
    fs::write(out.join(GENERATED), code)
        .unwrap_or_else(|error| panic!("cannot write {GENERATED}: {error}"));
}

/// The expression that [`GENERATED`] holds: a slice of embedded files, sorted by name.
///
/// # Errors
/// When the folder cannot be read, or a name is not UTF-8.
pub fn generate(source: &Path) -> std::io::Result<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(source)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| {
            std::io::Error::other(format!("the file name {} is not UTF-8", name.display()))
        })?;
        if name.ends_with(".sql") && entry.path().is_file() {
            names.push((name, entry.path().canonicalize()?));
        }
    }
    names.sort();
    let mut code = String::from("&[\n");
    for (name, path) in names {
        // `include_bytes!` makes the compiler depend on each file's content as well.
        code.push_str(&format!(
            "    ::shoring::EmbeddedFile {{ name: {name:?}, bytes: include_bytes!({:?}) }},\n",
            path.display().to_string()
        ));
    }
    code.push_str("]\n");
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_sorted_and_others_left_out() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["002_b.up.sql", "001_a.up.sql", "README.md"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let code = generate(folder.path()).unwrap();
        let (first, second) = (code.find("001_a").unwrap(), code.find("002_b").unwrap());
        assert!(first < second);
        assert!(!code.contains("README"));
        assert!(generate(&folder.path().join("absent")).is_err());
    }
}
