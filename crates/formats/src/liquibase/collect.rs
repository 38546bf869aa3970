//! What the changesets of all changelogs are together: their order, that none is there twice, ways back that are another's.

use super::build::Built;
use super::changelog::wrong;
use shoring_core::{Diagnostic, Migration, OrderKey};
use std::collections::HashMap;

/// The migrations so far, and what is wrong so far.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) diagnostics: Vec<Diagnostic>,
    migrations: Vec<Migration>,
    /// File and line of each version.
    known: HashMap<String, (String, u64)>,
    /// Ways back that run another changeset: index, file, line, id, author, path.
    borrowed: Vec<(usize, String, u64, [String; 3])>,
}

impl Collected {
    /// Adds the changesets of a file, up to one that is there already: the tool stops at it.
    pub(super) fn add(&mut self, path: &str, changesets: Vec<Built>) -> bool {
        for built in changesets {
            let Built {
                mut migration,
                head,
                line,
                borrows,
                diagnostics,
            } = built;
            let version = migration.version.as_str();
            if let Some((other, other_line)) = self.known.get(version) {
                self.diagnostics.push(*wrong(
                    path,
                    line,
                    &head,
                    &format!(
                        "the changeset `{version}` is there twice, first in {other}:{other_line}"
                    ),
                    "give the one that was never applied another id",
                ));
                return false;
            }
            self.known
                .insert(version.to_owned(), (path.to_owned(), line));
            self.diagnostics.extend(diagnostics);
            let index = self.migrations.len();
            if let Some(other) = borrows {
                self.borrowed.push((index, path.to_owned(), line, other));
            }
            migration.order = OrderKey::Numbers(vec![index as u128 + 1]);
            self.migrations.push(migration);
        }
        true
    }

    /// The migrations, and what is wrong.
    pub(super) fn finish(mut self) -> (Vec<Migration>, Vec<Diagnostic>) {
        for (index, path, line, [id, author, file]) in std::mem::take(&mut self.borrowed) {
            let version = format!("{file}::{id}::{author}");
            let other = self
                .migrations
                .iter()
                .find(|migration| migration.version.as_str() == version)
                .map(|migration| migration.up.clone());
            match other {
                Some(up) => self.migrations[index].down = Some(up),
                None => self.diagnostics.push(*wrong(
                    &path,
                    line,
                    "",
                    &format!("there is no changeset `{version}` that could be run to roll back"),
                    "name it with changesetId, changesetAuthor and changesetPath",
                )),
            }
        }
        (self.migrations, self.diagnostics)
    }
}
