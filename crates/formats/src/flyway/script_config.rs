//! `V1__x.sql.conf` beside `V1__x.sql`: how this one script runs.

use crate::conf_file::{self, Backslash};
use crate::mentions::lossy_text;
use shoring_core::{Diagnostic, Tree, TreeError};

/// What it says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ScriptConfig {
    /// Whether in a transaction.
    pub(super) executes_in_transaction: Option<bool>,
    /// Whether placeholders are replaced.
    pub(super) replaces_placeholders: Option<bool>,
}

/// Reads the file beside `path`.
pub(super) fn read(
    tree: &dyn Tree,
    path: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<ScriptConfig, TreeError> {
    let file = format!("{path}.conf");
    let mut config = ScriptConfig::default();
    let text = lossy_text(tree, &file)?;
    for entry in conf_file::parse(&text, Backslash::Literal) {
        let mut wrong = |message: String| {
            diagnostics.push(
                Diagnostic::error(
                    "bad-configuration",
                    format!("{file}:{}: {message}", entry.line),
                )
                .hint(
                    "Flyway reads executeInTransaction, placeholderReplacement and encoding there",
                ),
            );
        };
        let truth = entry.value.trim().to_ascii_lowercase().parse::<bool>();
        match (entry.key.as_str(), truth) {
            ("executeInTransaction", Ok(value)) => config.executes_in_transaction = Some(value),
            ("placeholderReplacement", Ok(value)) => config.replaces_placeholders = Some(value),
            (key @ ("executeInTransaction" | "placeholderReplacement"), Err(_)) => {
                wrong(format!("`{key}` is true or false, not `{}`", entry.value));
            }
            ("encoding", _) if is_utf8(&entry.value) => {}
            ("encoding", _) => wrong(format!(
                "the encoding `{}` is not read; save the script as UTF-8",
                entry.value
            )),
            ("shouldExecute", _) => wrong(
                "`shouldExecute` is not supported: whether a script runs would depend on who runs it"
                    .to_owned(),
            ),
            (key, _) => wrong(format!("unknown key `{key}`")),
        }
    }
    Ok(config)
}

/// Whether text in this encoding can be read as UTF-8.
pub(super) fn is_utf8(encoding: &str) -> bool {
    ["utf-8", "utf8", "us-ascii", "ascii"]
        .iter()
        .any(|name| encoding.trim().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_tree::MemoryTree;

    fn read_text(text: &str) -> (ScriptConfig, Vec<String>) {
        let tree = MemoryTree::new(&[("V1__a.sql.conf", text)]);
        let mut diagnostics = Vec::new();
        let config = read(&tree, "V1__a.sql", &mut diagnostics).unwrap();
        (
            config,
            diagnostics.iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn keys_are_read_and_others_named() {
        let (config, wrong) = read_text(
            "# x\nexecuteInTransaction=false\nplaceholderReplacement = FALSE\nencoding=UTF-8\n",
        );
        assert_eq!(wrong, Vec::<String>::new());
        assert_eq!(config.executes_in_transaction, Some(false));
        assert_eq!(config.replaces_placeholders, Some(false));
        let (_, wrong) = read_text(
            "executeInTransaktion=false\nshouldExecute=1==1\nencoding=ISO-8859-1\nexecuteInTransaction=maybe\n",
        );
        assert_eq!(
            wrong,
            [
                "V1__a.sql.conf:1: unknown key `executeInTransaktion`",
                "V1__a.sql.conf:2: `shouldExecute` is not supported: whether a script runs would depend on who runs it",
                "V1__a.sql.conf:3: the encoding `ISO-8859-1` is not read; save the script as UTF-8",
                "V1__a.sql.conf:4: `executeInTransaction` is true or false, not `maybe`",
            ]
        );
    }
}
