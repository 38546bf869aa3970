//! How a changeset is written, and where the next one goes: into a file of its own where a folder is included as a whole, else
//! at the end of the changelog.

use super::name;
use crate::format::NewFile;
use crate::numbered::{join, slug};
use shoring_core::{Migration, MigrationSet};
use std::sync::Arc;

/// The first line of a changelog.
pub(super) const HEADER: &str = "--liquibase formatted sql\n";

/// A changeset as people write it.
pub(super) fn render(author: &str, id: &str, comment: &str, sql: &str, rollback: &str) -> String {
    let quoted = |text: &str| {
        if text.contains([' ', ':']) {
            format!("\"{text}\"")
        } else {
            text.to_owned()
        }
    };
    let mut text = format!("--changeset {}:{}\n", quoted(author), quoted(id));
    if !comment.is_empty() {
        text.push_str(&format!("--comment: {comment}\n"));
    }
    text.push_str(sql);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    for line in rollback.lines() {
        text.push_str(&format!("--rollback {line}\n"));
    }
    text
}

/// The version of the next changeset, and its file.
pub(super) fn new_files(
    set: &MigrationSet,
    typed: &str,
    timestamp: &str,
) -> (String, Vec<NewFile>) {
    let last = set.migrations.last();
    let of = |migration: &Migration, name: &str| {
        migration.attributes.get(name).cloned().unwrap_or_default()
    };
    let is_raw = |migration: &&Arc<Migration>| of(migration, name::ID) != "raw";
    let author = set
        .migrations
        .iter()
        .rev()
        .find(is_raw)
        .map_or_else(|| "your.name".to_owned(), |last| of(last, name::AUTHOR));
    let mut paths: Vec<&str> = set
        .migrations
        .iter()
        .map(|one| one.up.path.as_str())
        .collect();
    paths.dedup();
    let changeset = |id: &str| render(&author, id, typed.trim(), "\n", " ");
    // One changelog with everything in it grows at its end.
    if let ([only], Some(last)) = (paths.as_slice(), last)
        && set.migrations.iter().filter(is_raw).count() > 1
    {
        let id = next_id(&of(last, name::ID), timestamp);
        let version = format!("{}::{id}::{author}", of(last, name::FILE));
        let file = NewFile {
            path: (*only).to_owned(),
            content: format!("\n{}", changeset(&id)),
            is_added: true,
        };
        return (version, vec![file]);
    }
    let folder = last
        .and_then(|last| last.up.path.rsplit_once('/'))
        .map_or(set.folder.as_str(), |(folder, _)| folder);
    let number = last
        .map(|last| last.up.path.rsplit('/').next().unwrap_or_default())
        .map(|file| {
            file.chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
        })
        .filter(|digits| !digits.is_empty());
    let front = match number {
        Some(digits) if digits.len() < 12 => {
            let width = digits.len();
            format!("{:0width$}", digits.parse::<u64>().unwrap_or(0) + 1)
        }
        Some(_) | None => timestamp.to_owned(),
    };
    let file = format!("{front}-{}.sql", slug(typed).replace('_', "-"));
    let path = join(folder, &file);
    // The name of a changelog counts from the same root as that of its neighbour.
    let known = last.and_then(|last| {
        let root = last.up.path.strip_suffix(of(last, name::FILE).as_str())?;
        path.strip_prefix(root)
    });
    let id = next_id(
        &last.map(|last| of(last, name::ID)).unwrap_or_default(),
        timestamp,
    );
    let version = format!("{}::{id}::{author}", known.unwrap_or(&path));
    let file = NewFile {
        content: format!("{HEADER}\n{}", changeset(&id)),
        path,
        is_added: false,
    };
    (version, vec![file])
}

/// One more than a number; else the time.
fn next_id(last: &str, timestamp: &str) -> String {
    match last.parse::<u64>() {
        Ok(number) if last.len() < 12 => {
            let width = last.len();
            format!("{:0width$}", number + 1)
        }
        Ok(_) | Err(_) => timestamp.to_owned(),
    }
}
