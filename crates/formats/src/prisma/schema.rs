//! The few things of Prisma's files that matter here: the datasource of a schema, and what `prisma.config.ts` names. The latter is
//! a program: what stands there as plain text is read, anything computed is not guessed.

/// A value that may be a variable's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Setting {
    /// A text, with its line.
    Text(String, usize),
    /// The variable to read.
    Variable(String),
}

/// The datasource block of a schema.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Datasource {
    /// `postgresql`, `mysql`, `sqlite`, …
    pub(super) provider: Option<String>,
    /// The database.
    pub(super) url: Option<Setting>,
    /// The database for migrations, past a pooler.
    pub(super) direct_url: Option<Setting>,
}

/// Reads the first datasource block of a schema.
pub(super) fn datasource(text: &str) -> Option<Datasource> {
    let mut found: Option<Datasource> = None;
    for (index, line) in text.lines().enumerate() {
        let line = without_comment(line).trim();
        let Some(datasource) = &mut found else {
            if line.starts_with("datasource ") && line.ends_with('{') {
                found = Some(Datasource::default());
            }
            continue;
        };
        if line.starts_with('}') {
            break;
        }
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let value = value.trim();
        match key.trim() {
            "provider" => datasource.provider = quoted(value).map(str::to_owned),
            "url" => datasource.url = setting(value, index + 1),
            "directUrl" => datasource.direct_url = setting(value, index + 1),
            _ => {}
        }
    }
    found
}

/// What `prisma.config.ts` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ConfigFile {
    /// The schema, a file or a folder.
    pub(super) schema: Option<String>,
    /// The folder of the migrations.
    pub(super) migrations: Option<String>,
    /// The database.
    pub(super) url: Option<Setting>,
}

/// Reads a configuration program as text.
pub(super) fn config_file(text: &str) -> ConfigFile {
    let mut config = ConfigFile::default();
    let mut block = "";
    for (index, line) in text.lines().enumerate() {
        let line = without_comment(line).trim();
        for part in line.split_inclusive(['{', ',', '}']) {
            let part = part.trim();
            let (key, value) = part.split_once(':').unwrap_or((part, ""));
            let value = value.trim().trim_end_matches(',').trim();
            match (block, key.trim().trim_matches(['"', '\''])) {
                (_, "migrations") if value.starts_with('{') => block = "migrations",
                (_, "datasource") if value.starts_with('{') => block = "datasource",
                ("", "schema") => config.schema = quoted(value).map(str::to_owned),
                ("migrations", "path") => config.migrations = quoted(value).map(str::to_owned),
                ("datasource", "url") => config.url = setting(value, index + 1),
                _ => {}
            }
            if part.ends_with('}') {
                block = "";
            }
        }
    }
    config
}

/// `"text"`, `env("NAME")`, `process.env.NAME`, `process.env["NAME"]`.
fn setting(value: &str, line: usize) -> Option<Setting> {
    if let Some(text) = quoted(value) {
        return Some(Setting::Text(text.to_owned(), line));
    }
    let is_name = |name: &&str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let value = value.trim_end_matches(['!', '}', ' ', ';']);
    let name = if let Some(rest) = value.strip_prefix("process.env.") {
        Some(rest)
    } else {
        let inner = value
            .strip_prefix("process.env[")
            .and_then(|rest| rest.strip_suffix(']'))
            .or_else(|| value.strip_prefix("env(")?.strip_suffix(')'))
            .or_else(|| value.strip_prefix("env<Env>(")?.strip_suffix(')'));
        inner.and_then(quoted)
    };
    name.filter(is_name)
        .map(|name| Setting::Variable(name.to_owned()))
}

/// The text between quotes, if there is nothing else but what ends the value.
fn quoted(value: &str) -> Option<&str> {
    let value = value.trim();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (text, rest) = value[1..].split_once(quote)?;
    let is_end = rest.trim().trim_matches(['}', ';', ',', ' ']).is_empty();
    is_end.then_some(text)
}

/// A line up to `//` outside of quotes.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let bytes = line.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None, b'/') if bytes.get(at + 1) == Some(&b'/') => return &line[..at],
            _ => {}
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datasource_is_read() {
        let found = datasource(
            "generator client {\n  provider = \"prisma-client-js\"\n}\n\ndatasource db {\n  // url = \"no\"\n  provider  = \"postgresql\"\n  url       = env(\"DATABASE_URL\") // yes\n  directUrl = \"postgres://h//d\"\n}\nmodel A {\n url = \"x\"\n}\n",
        );
        assert_eq!(
            found,
            Some(Datasource {
                provider: Some("postgresql".to_owned()),
                url: Some(Setting::Variable("DATABASE_URL".to_owned())),
                direct_url: Some(Setting::Text("postgres://h//d".to_owned(), 9)),
            })
        );
        assert_eq!(datasource("model A {\n}\n"), None);
    }

    #[test]
    fn plain_text_of_a_configuration_program_is_read() {
        let found = config_file(
            "import { defineConfig, env } from 'prisma/config'\n\nexport default defineConfig({\n  schema: \"db/schema.prisma\", // here\n  migrations: {\n    path: 'db/moves',\n    seed: 'tsx x.ts',\n  },\n  datasource: { url: env('APP_URL') },\n})\n",
        );
        assert_eq!(
            found,
            ConfigFile {
                schema: Some("db/schema.prisma".to_owned()),
                migrations: Some("db/moves".to_owned()),
                url: Some(Setting::Variable("APP_URL".to_owned())),
            }
        );
        let computed = config_file(
            "export default {\n  schema: path.join('a', 'b'),\n  datasource: {\n    url: process.env.DATABASE_URL!,\n  },\n}\n",
        );
        assert_eq!(computed.schema, None);
        assert_eq!(
            computed.url,
            Some(Setting::Variable("DATABASE_URL".to_owned()))
        );
    }
}
