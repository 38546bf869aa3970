//! Changelogs in SQL that wait to be read: on all cores, as long as none sets a property that those after it would see.

use super::build::{Builder, Built};
use super::changelog::{self, File};
use super::collect::Collected;
use super::inherited::Inherited;
use super::parameters::Parameters;
use super::property::Property;
use super::text;
use crate::script::read_each;
use shoring_core::{Diagnostic, Tree, TreeError};
use std::borrow::Cow;

/// A changelog in SQL.
pub(super) struct Waiting {
    pub(super) path: String,
    /// What it has from those that include it; its own name is the innermost.
    pub(super) inherited: Inherited,
}

/// What was read of one.
#[derive(Default)]
struct OneRead {
    changesets: Vec<Built>,
    /// What stopped it.
    stopped_by: Option<Box<Diagnostic>>,
    /// The properties after it, where it set one.
    parameters: Option<Parameters>,
}

/// Reads them all, in order.
pub(super) fn read(
    tree: &dyn Tree,
    builder: &Builder,
    parameters: &mut Parameters,
    collected: &mut Collected,
    mut waiting: &[Waiting],
) -> Result<(), TreeError> {
    let mut number = waiting.len();
    while !waiting.is_empty() {
        let now = &waiting[..number.min(waiting.len())];
        let known: &Parameters = parameters;
        let all = read_each(now, |_, one| read_one(tree, builder, known, one));
        let mut taken = 0;
        for (one, read) in now.iter().zip(all) {
            let read = read?;
            taken += 1;
            if collected.add(&one.path, read.changesets) {
                let stopped_by = read.stopped_by.map(|diagnostic| *diagnostic);
                collected.diagnostics.extend(stopped_by);
            }
            // Those after it were read without what it says. Where one does so, the next may too: a few, then more again.
            if let Some(changed) = read.parameters {
                *parameters = changed;
                number = 0;
                break;
            }
        }
        waiting = &waiting[taken..];
        number = (number * 2).max(1);
    }
    Ok(())
}

fn read_one(
    tree: &dyn Tree,
    builder: &Builder,
    parameters: &Parameters,
    Waiting { path, inherited }: &Waiting,
) -> Result<OneRead, TreeError> {
    let mut one = OneRead::default();
    let text = match text::read(tree, path)? {
        Ok(text) => text,
        Err(diagnostic) => {
            one.stopped_by = Some(diagnostic);
            return Ok(one);
        }
    };
    let file = File {
        path,
        text: &text,
        name: inherited.names.first().map_or(path, String::as_str),
        names: &inherited.names,
        logical_path: inherited.logical_path(),
    };
    if !changelog::is_formatted(&text) {
        if !text.trim_start_matches('\u{feff}').trim().is_empty() {
            match builder.raw(file, parameters, inherited) {
                Ok(built) => one.changesets.push(built),
                Err(diagnostic) => one.stopped_by = Some(diagnostic),
            }
        }
        return Ok(one);
    }
    let mut parameters = Cow::Borrowed(parameters);
    let read = changelog::read(
        file,
        &mut parameters,
        &mut |parameters, text| {
            let property = Property::of_line(text, &parameters.lookup(file.names));
            property.set(parameters.to_mut(), file.name, builder);
        },
        &mut |parameters, written| {
            let built = builder.changeset(file, parameters, written, inherited)?;
            one.changesets.push(built);
            Ok(())
        },
    );
    one.stopped_by = read.err();
    one.parameters = match parameters {
        Cow::Borrowed(_) => None,
        Cow::Owned(changed) => Some(changed),
    };
    Ok(one)
}

#[cfg(test)]
mod tests {
    use crate::memory_tree::MemoryTree;
    use crate::{HostConfig, by_name};

    const FILES: usize = 300;

    /// The ids of the changesets of a project whose files have this line each.
    fn ids(line_of: impl Fn(usize) -> String) -> Vec<String> {
        let texts: Vec<(String, String)> = (0..FILES)
            .map(|number| {
                let line = line_of(number);
                let text = format!(
                    "--liquibase formatted sql\n{line}\n--changeset me:{number}-${{p}}\nselect 1;\n"
                );
                (format!("m/{number:03}.sql"), text)
            })
            .collect();
        let files: Vec<(&str, &str)> = texts
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        let tree = MemoryTree::new(&files);
        let format = by_name("liquibase").unwrap();
        let set = format.read(&tree, "m", &HostConfig::default()).unwrap();
        assert!(set.diagnostics.is_empty(), "{:?}", set.diagnostics);
        set.migrations
            .iter()
            .map(|one| one.attributes["id"].clone())
            .collect()
    }

    #[test]
    fn a_property_counts_from_where_it_is_set() {
        let found = ids(|number| match number {
            170 => "--property name:p value:set".to_owned(),
            _ => String::new(),
        });
        for (number, id) in found.iter().enumerate() {
            let value = if number < 170 { "${p}" } else { "set" };
            assert_eq!(*id, format!("{number}-{value}"));
        }
    }

    #[test]
    fn each_file_may_set_its_own() {
        let found = ids(|number| format!("--property name:p value:v{number} global:false"));
        for (number, id) in found.iter().enumerate() {
            assert_eq!(*id, format!("{number}-v{number}"));
        }
    }
}
