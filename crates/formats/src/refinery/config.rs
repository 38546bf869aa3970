//! `refinery.toml`, and what else of a Rust project speaks of refinery.

use crate::format::View;
use crate::host_config::{HostConfig, HostSetting};
use crate::mentions;
use crate::toml_file::{TomlFile, UnknownKeys};
use shoring_core::{Diagnostic, Product, Tree, TreeError};

const FILE: &str = "refinery.toml";

/// The option with the kind of database; it is there when `refinery.toml` is.
pub(super) const KIND: &str = "db_type";

const KEYS: &[&str] = &[
    "db_type",
    "db_path",
    "db_host",
    "db_port",
    "db_user",
    "db_pass",
    "db_name",
    "use_tls",
    "trust_cert",
];

pub(super) fn configure(view: View<'_>) -> Result<HostConfig, TreeError> {
    let mut config = HostConfig::default();
    if let Some(file) = TomlFile::read(view.tree, FILE, &mut config.diagnostics)? {
        let unknown = file.unknown(FILE, "main.", KEYS, UnknownKeys::PassedOver);
        config.diagnostics.extend(unknown);
        match file.get("main.db_type") {
            Some(kind) => {
                config.database = database(&file, &kind);
                config.options.insert(KIND, kind);
            }
            None if config.diagnostics.is_empty() => config.diagnostics.push(
                Diagnostic::error(
                    "tool-config",
                    format!("`{FILE}` has no `db_type` in `[main]`"),
                )
                .hint("write  db_type = \"Postgres\"  or \"Mysql\" or \"Sqlite\""),
            ),
            None => {}
        }
        config.user = file.get("main.db_user");
        config.password = file.get("main.db_pass");
    }
    let code = [
        "src/main.rs",
        "src/lib.rs",
        "src/migrations.rs",
        "src/db.rs",
    ];
    let embedded = mentions::first_line(view.tree, &code, |line| {
        let (_, rest) = line.split_once("embed_migrations!(\"")?;
        let folder = rest.split('"').next()?;
        let folder = folder.trim_start_matches("./").trim_end_matches('/');
        (!folder.is_empty() && !folder.starts_with(['/', '.'])).then(|| folder.to_owned())
    })?;
    config
        .folders
        .extend(embedded.map(|(folder, mention)| HostSetting {
            value: folder,
            origin: mention.to_string(),
        }));
    Ok(config)
}

/// The database as a URL; user and password stay apart.
fn database(file: &TomlFile, kind: &HostSetting) -> Option<HostSetting> {
    let part = |name: &str| Some(file.get(&format!("main.{name}"))?.value);
    let scheme = match kind.value.as_str() {
        "Postgres" => "postgres",
        "Mysql" => "mysql",
        "Sqlite" => {
            let path = file.get("main.db_path")?;
            return Some(HostSetting {
                value: format!("sqlite:{}", path.value),
                origin: path.origin,
            });
        }
        _ => return None,
    };
    let host = part("db_host").unwrap_or_else(|| "localhost".to_owned());
    let port = part("db_port").map_or_else(String::new, |port| format!(":{port}"));
    let name = encoded(&part("db_name").unwrap_or_default());
    let tls = match (scheme, part("use_tls").as_deref()) {
        ("postgres", Some("true")) => "?sslmode=require",
        _ => "",
    };
    Some(HostSetting {
        value: format!("{scheme}://{host}{port}/{name}{tls}"),
        origin: kind.origin.clone(),
    })
}

/// A name as it may stand in a URL.
fn encoded(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// Whether the kind of `refinery.toml` is this product.
pub(super) fn is_for(kind: &str, product: Product) -> bool {
    match kind {
        "Postgres" => product == Product::Postgresql,
        "Mysql" => matches!(product, Product::Mysql | Product::Mariadb),
        "Sqlite" => product == Product::Sqlite,
        _ => false,
    }
}

/// The line that shows that the project uses refinery.
pub(super) fn requirement(tree: &dyn Tree) -> Result<Option<String>, TreeError> {
    if let Some(mention) = mentions::required_crate(tree, &["refinery", "refinery-core"])? {
        return Ok(Some(format!("{mention} requires refinery")));
    }
    let called = mentions::find(tree, mentions::CALLERS, "refinery migrate")?;
    Ok(called.map(|mention| format!("{mention} calls `refinery migrate`")))
}
