//! `config`: every setting, masked, with its origin.

use super::answer::Answer;
use super::style::dim;
use super::table::{Align, Cell, lines};
use super::text::clean;
use serde_json::{Value, json};
use shoring::settings::{Entry, Origin, Settings};

/// The answer of `config`.
pub(crate) fn answer(settings: &Settings) -> Answer {
    let entries = settings.entries();
    let rows: Vec<Vec<Cell>> = entries
        .iter()
        .map(|entry| {
            let value = entry.value.as_deref().map(clean);
            let shown = value.unwrap_or_else(|| format!("({})", entry.key.default));
            vec![
                Cell::plain(entry.key.name),
                Cell::plain(shown),
                Cell::painted(clean(&entry.origin.to_string()), dim),
            ]
        })
        .collect();
    let mut text = String::new();
    if let Some(name) = &settings.environment {
        text.push_str(&format!("  environment {}\n\n", clean(name)));
    }
    text.push_str(&lines(&[Align::Left, Align::Left, Align::Left], &rows));
    Answer::new(text, document(settings, &entries))
}

fn document(settings: &Settings, entries: &[Entry]) -> Value {
    let settings_list: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let (file, line) = match &entry.origin {
                Origin::DotEnv { path, line } | Origin::Config { path, line } => {
                    (Some(path), Some(line))
                }
                Origin::Flag | Origin::Environment(_) | Origin::HostTool(_) | Origin::Default => {
                    (None, None)
                }
            };
            let variable = match &entry.origin {
                Origin::Environment(name) => Some(name),
                Origin::Flag
                | Origin::DotEnv { .. }
                | Origin::Config { .. }
                | Origin::HostTool(_)
                | Origin::Default => None,
            };
            json!({
                "key": entry.key.name,
                "value": entry.value,
                "origin": entry.origin.name(),
                "variable": variable,
                "file": file,
                "line": line,
            })
        })
        .collect();
    json!({
        "v": 1,
        "root": settings.surroundings.root.to_string_lossy(),
        "environment": settings.environment,
        "settings": settings_list,
    })
}
