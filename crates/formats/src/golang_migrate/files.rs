//! Recognises and reads the files. The tool has no configuration file: what calls it gives it away.

use super::history::GolangHistory;
use super::sending::SENDING;
use crate::convert::{Portable, RenderInto, RenderedFile};
use crate::detection::{Detection, Strength, awaiting, folders};
use crate::format::{Format, HistoryPlace, NewFile, Numbering, View};
use crate::history::History;
use crate::host_config::{HostConfig, HostSetting};
use crate::mentions::{self, Mention};
use crate::numbered::{self, FileName, LoneDown, Reading, is_sql};
use crate::script::Reads;
use shoring_core::{
    Diagnostic, Direction, LoneStatement, MigrationPlan, MigrationSet, OrderKey, Policy, Product,
    Tree, TreeError,
};

/// golang-migrate.
#[derive(Debug, Clone, Copy)]
pub struct GolangMigrate;

const READING: Reading<'static> = Reading {
    format: "golang-migrate",
    policy: Policy {
        lone_statement: LoneStatement::Alone,
        ..Policy::STRICT
    },
    parse: parse_name,
    why_ignored,
    // The tool reads versions as 64-bit numbers without a sign, and stores them in a signed column.
    largest: i64::MAX as u128,
    lone_down: LoneDown::EmptyUp,
    read_text: &numbered::read_without_checksum,
};

impl Format for GolangMigrate {
    fn name(&self) -> &'static str {
        READING.format
    }

    fn title(&self) -> &'static str {
        "golang-migrate project"
    }

    /// The folder that a Makefile or the like hands to `migrate -path`.
    fn configure(&self, view: View<'_>) -> Result<HostConfig, TreeError> {
        let mut config = HostConfig::default();
        if let Some((folder, mention)) = path_in_calls(view.tree)? {
            config.folders.push(HostSetting {
                value: folder,
                origin: mention.to_string(),
            });
        }
        Ok(config)
    }

    fn detect(&self, view: View<'_>, config: &HostConfig) -> Result<Option<Detection>, TreeError> {
        let called_on = config.folders.first();
        for folder in folders(view, config, numbered::FOLDERS) {
            let files = view.tree.files(folder)?;
            let count = files
                .iter()
                .filter(|file| parse_name(file).is_some())
                .count();
            if count == 0 {
                continue;
            }
            let required =
                mentions::find(view.tree, &["go.mod"], "github.com/golang-migrate/migrate")?;
            let what = format!("{folder}/ has {count} numbered .sql files");
            let named = named_beside(view.tree, folder)?;
            let (strength, evidence) = match (called_on, required) {
                (Some(call), _) if call.value == folder => (
                    Strength::Dependency,
                    format!("{what}, and {} calls `migrate -path`", call.origin),
                ),
                (_, Some(mention)) => (
                    Strength::Dependency,
                    format!("{what}, and {mention} requires golang-migrate"),
                ),
                (_, None) => match named {
                    Some(mention) => (
                        Strength::Dependency,
                        format!("{what}, and {mention} names golang-migrate"),
                    ),
                    None => (Strength::Names, what),
                },
            };
            return Ok(Some(Detection {
                folder: folder.to_owned(),
                strength,
                evidence,
            }));
        }
        awaiting(
            view,
            &folders(view, config, numbered::FOLDERS),
            None,
            || {
                if let Some(call) = called_on {
                    return Ok(Some(format!("{} calls `migrate -path`", call.origin)));
                }
                let required =
                    mentions::find(view.tree, &["go.mod"], "github.com/golang-migrate/migrate")?;
                Ok(required.map(|mention| format!("{mention} requires golang-migrate")))
            },
        )
    }

    fn default_folder(&self) -> &'static str {
        "migrations"
    }

    fn read_some(
        &self,
        tree: &dyn Tree,
        folder: &str,
        _: &HostConfig,
        reads: Reads,
    ) -> Result<MigrationSet, TreeError> {
        numbered::read(tree, folder, &READING, reads)
    }

    /// `x-multi-statement` sends each statement by itself, and `x-no-tx-wrap` leaves SQLite's transaction out.
    fn runs_whole(&self, parameter: &dyn Fn(&str) -> Option<String>) -> bool {
        ["x-multi-statement", "x-no-tx-wrap"]
            .into_iter()
            .filter_map(parameter)
            .all(|value| {
                matches!(
                    value.as_str(),
                    "0" | "f" | "F" | "false" | "FALSE" | "False"
                )
            })
    }

    fn order_of(&self, version: &str) -> Option<OrderKey> {
        numbered::order_of(version)
    }

    fn history(&self) -> &'static dyn History {
        &GolangHistory
    }

    fn history_table(
        &self,
        _: &HostConfig,
        parameter: &dyn Fn(&str) -> Option<String>,
    ) -> Option<HistoryPlace> {
        let table = parameter("x-migrations-table").filter(|table| !table.is_empty())?;
        let is_quoted = parameter("x-migrations-table-quoted")
            .is_some_and(|value| matches!(value.as_str(), "1" | "true" | "t" | "TRUE" | "T"));
        if !is_quoted {
            return Some(HistoryPlace::new(None, table));
        }
        // `"schema"."table"`
        let mut parts = table
            .split('"')
            .enumerate()
            .filter(|(index, _)| index % 2 == 1)
            .map(|(_, part)| part.to_owned());
        Some(match (parts.next(), parts.next()) {
            (Some(schema), Some(table)) => HistoryPlace::new(Some(schema), table),
            (Some(table), None) => HistoryPlace::new(None, table),
            (None, _) => HistoryPlace::new(None, table),
        })
    }

    fn new_files(&self, set: &MigrationSet, name: &str, timestamp: &str) -> (String, Vec<NewFile>) {
        // `migrate create` takes the time unless it is told -seq.
        numbered::new_files(set, name, timestamp, Numbering::Timestamp)
    }

    fn switch_back_warnings(&self, plan: &MigrationPlan, product: Product) -> Vec<Diagnostic> {
        SENDING.warnings(plan, product)
    }

    fn render(&self, into: RenderInto<'_>, migration: &Portable) -> Vec<RenderedFile> {
        numbered::render(into, migration, false, |script| script.with_mark(None))
    }
}

/// `^([0-9]+)_(.*)\.(down|up)\.(.*)$`, as the tool has it: the last `.up.` or `.down.` counts, and any ending may follow.
fn parse_name(file: &str) -> Option<FileName<'_>> {
    let digits = file.find(|c: char| !c.is_ascii_digit())?;
    let (version, rest) = file.split_at(digits);
    let rest = rest.strip_prefix('_').filter(|_| digits > 0)?;
    // The last word of the two counts.
    let mut words = rest.rmatch_indices('.').filter_map(|(at, _)| {
        let (name, word) = rest.split_at(at);
        let direction = match word {
            _ if word.starts_with(".up.") => Direction::Up,
            _ if word.starts_with(".down.") => Direction::Down,
            _ => return None,
        };
        Some((name, direction))
    });
    let (name, direction) = words.next()?;
    Some(FileName {
        version,
        name,
        direction: Some(direction),
    })
}

fn why_ignored(file: &str) -> Option<&'static str> {
    is_sql(file).then_some("golang-migrate reads NUMBER_name.up.sql and NUMBER_name.down.sql")
}

/// Where the image or the release of the tool is named: in the root, or beside the folder, where an image for the migrations is made.
fn named_beside(tree: &dyn Tree, folder: &str) -> Result<Option<Mention>, TreeError> {
    let beside = folder.rsplit_once('/').map(|(parent, _)| parent);
    let files: Vec<String> = mentions::CALLERS
        .iter()
        .flat_map(|file| {
            let there = beside.map(|parent| format!("{parent}/{file}"));
            [Some((*file).to_owned()), there]
        })
        .flatten()
        .collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let found = mentions::first_line(tree, &files, |line| names_the_tool(line).then_some(()))?;
    Ok(found.map(|((), mention)| mention))
}

/// `migrate/migrate` of an image, `golang-migrate/migrate` of a release; no path of the project's own.
fn names_the_tool(line: &str) -> bool {
    line.match_indices("migrate/migrate").any(|(at, word)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        let is_whole = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
        let begins = before.ends_with("golang-")
            || before.ends_with("docker.io/")
            || before
                .chars()
                .next_back()
                .is_none_or(|c| is_whole(c) && !matches!(c, '/' | '$' | '}'));
        begins && after.chars().next().is_none_or(is_whole)
    })
}

/// The folder of the first `migrate … -path FOLDER` in a file that calls programs. Variables are not guessed.
fn path_in_calls(tree: &dyn Tree) -> Result<Option<(String, Mention)>, TreeError> {
    let found = mentions::first_line(tree, mentions::CALLERS, |line| {
        if !line.contains("migrate") {
            return None;
        }
        let mut words = line.split([' ', '\t', '=', '"', '\'', ',', '[', ']']);
        words.find(|word| matches!(*word, "-path" | "--path"))?;
        let folder = words.find(|word| !word.is_empty())?;
        let folder = folder
            .trim_start_matches("./")
            .trim_end_matches(['/', '\\']);
        let is_plain = !folder.is_empty() && !folder.contains(['$', '{', '(', '*', ':']);
        (is_plain && !folder.starts_with('/')).then(|| folder.to_owned())
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_or_a_release_names_the_tool_and_a_path_does_not() {
        for line in [
            "FROM migrate/migrate:v4.19.0",
            "COPY --from=docker.io/migrate/migrate@sha256:1 /usr/local/bin/migrate /usr/bin/migrate",
            "RUN curl -L https://github.com/golang-migrate/migrate/releases/download/v4/migrate.linux-amd64.tar.gz | tar xvz",
            "    image: \"migrate/migrate\"",
            "go install github.com/golang-migrate/migrate/v4/cmd/migrate@latest",
        ] {
            assert!(names_the_tool(line), "{line}");
        }
        for line in [
            "go run ./cmd/migrate/migrate.go",
            "COPY migrate/migrate.sh /bin",
            "cmd/migrate/migrate up",
            "COPY migrate/migrations /migrations",
        ] {
            assert!(!names_the_tool(line), "{line}");
        }
    }

    #[test]
    fn names_are_taken_apart_as_the_tool_does() {
        for (file, expected) in [
            ("1_a.up.sql", Some(("1", "a", Direction::Up))),
            ("0002_b.c.down.sql", Some(("0002", "b.c", Direction::Down))),
            ("3_x.up.down.sql", Some(("3", "x.up", Direction::Down))),
            ("4_.up.pgsql", Some(("4", "", Direction::Up))),
            ("5_a.sql", None),
            ("6-a.up.sql", None),
            ("a_b.up.sql", None),
            ("7_a.up", None),
            ("8", None),
        ] {
            let found =
                parse_name(file).map(|name| (name.version, name.name, name.direction.unwrap()));
            assert_eq!(found, expected, "{file}");
        }
    }
}
