//! Prisma Migrate, from npm. Its native engine is downloaded by no package manager, so the engine in WebAssembly runs, which
//! is in the package, with the driver adapters that it needs. That engine has no connector for MySQL (its code has no word of
//! `GET_LOCK` or `information_schema.tables`), so MySQL and MariaDB cannot be tried.

use std::fs;
use std::path::Path;

use super::install;
use super::tool::Tool;
use crate::machine;

/// What the adapter for PostgreSQL has to be taught, to be as the native engine is: what stands there, and what shall.
const LESSONS: [(&str, &str); 2] = [
    // The engine asks for a column of the type `name` (19), which its own adapter does not know.
    (
        "    case ScalarColumnType.TEXT:\n",
        "    case 19:\n    case ScalarColumnType.TEXT:\n",
    ),
    // It cuts a file at each `;`, also inside of functions. The native engine sends it whole.
    (
        "const statements = script.split(\";\").map((stmt) => stmt.trim()).filter((stmt) => stmt.length > 0);",
        "const statements = [script];",
    ),
];

pub(super) const PRISMA: Tool = Tool {
    name: "prisma",
    version: "6.19.3",
    untried: Some(
        "on MySQL and MariaDB: its engine in WebAssembly has no connector for them, and the native one comes from no registry",
    ),
    install: |folder, version| {
        let mut packages = vec!["--ignore-scripts".to_owned()];
        for package in ["prisma", "@prisma/adapter-pg", "@prisma/adapter-libsql"] {
            packages.push(format!("{package}@{version}"));
        }
        install::by_npm(folder, &packages)?;
        teach_the_adapter(folder)?;
        let node = install::needed("node", "Node.js")?;
        let script = format!(
            "#!/bin/sh\n# Any file: then the native engines are not asked for.\nexport PRISMA_QUERY_ENGINE_LIBRARY=/bin/true PRISMA_SCHEMA_ENGINE_BINARY=/bin/true\nexport CHECKPOINT_DISABLE=1 PRISMA_HIDE_UPDATE_MESSAGE=1\nexec {} {} \"$@\"\n",
            node.display(),
            folder.join("node_modules/prisma/build/index.js").display()
        );
        let program = folder.join("prisma");
        fs::write(&program, script)
            .map_err(|error| format!("cannot write {}: {error}", program.display()))?;
        machine::make_executable(&program)
    },
    program: |folder| {
        // An older installation has no adapter for SQLite.
        let adapter = folder.join("node_modules/@prisma/adapter-libsql");
        adapter.is_dir().then(|| folder.join("prisma"))
    },
};

fn teach_the_adapter(folder: &Path) -> Result<(), String> {
    let file = folder.join("node_modules/@prisma/adapter-pg/dist/index.mjs");
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    let text = fs::read_to_string(&file).map_err(failed)?;
    let mut taught = text;
    for (known, wanted) in LESSONS {
        if taught.contains(wanted) {
            continue;
        }
        if !taught.contains(known) {
            return Err(format!("{} has changed", file.display()));
        }
        taught = taught.replace(known, wanted);
    }
    fs::write(&file, taught).map_err(failed)
}
