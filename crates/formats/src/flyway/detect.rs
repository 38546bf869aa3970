//! Looks for signs of Flyway: its configuration, the build tool's, names of files.

use super::configure::{SOURCE, VARIABLE};
use super::locations::{self, Elsewhere, Location};
use super::names::{self, Named};
use super::settings::Settings;
use crate::detection::{Detection, Strength};
use crate::format::View;
use crate::host_config::HostConfig;
use crate::mentions::{self, Mention};
use crate::numbered;
use crate::spring;
use shoring_core::{Diagnostic, Product, Tree, TreeError};

/// Where such files are when nothing is configured, in the order they are tried.
const USUAL: &[&str] = &[
    "src/main/resources/db/migration",
    "db/migration",
    "sql",
    "migrations",
    "db/migrations",
    "flyway/sql",
    "src/main/resources/db/migrations",
];

/// Files in which builds name the tool.
const BUILDS: &[&str] = &[
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "gradle/libs.versions.toml",
    "build.sbt",
    "Dockerfile",
    "docker-compose.yml",
    "docker-compose.yaml",
    "compose.yml",
    "compose.yaml",
    "Makefile",
];

pub(super) fn detect(view: View<'_>, config: &HostConfig) -> Result<Option<Detection>, TreeError> {
    let settings = Settings::of(config);
    let variable = config
        .options
        .get(VARIABLE)
        .map(|setting| setting.origin.as_str());
    let file = config.option(SOURCE);
    let source = file.or(variable);
    let folders: Vec<String> = match (view.folder, source) {
        (Some(folder), _) => vec![folder.to_owned()],
        (None, Some(_)) => {
            let places = places(view.tree, &settings, config, &mut Vec::new())?;
            places.into_iter().map(|place| place.folder).collect()
        }
        (None, None) => USUAL.iter().map(|folder| (*folder).to_owned()).collect(),
    };
    let mut counts = Vec::new();
    for folder in &folders {
        let (mut count, mut has_sql) = (0, false);
        locations::of_folder(folder).each(view.tree, &mut |_, name| {
            count += usize::from(is_migration(name, &settings));
            has_sql = has_sql || numbered::is_sql(name);
        })?;
        counts.push((folder, count, has_sql));
    }
    let found = counts.iter().find(|(_, count, _)| *count > 0);
    if let Some(source) = source {
        let (folder, count) = match found {
            Some((folder, count, _)) => (*folder, *count),
            // A variable alone may be there for another project.
            None if file.is_none() => return Ok(None),
            // A folder full of other SQL is another tool's, whatever configuration lies beside it.
            None if counts.iter().any(|(_, _, has_sql)| *has_sql) => return Ok(None),
            None => match folders.first() {
                Some(folder) => (folder, 0),
                // Its files are somewhere else: whatever is here is no new project of ours.
                None => {
                    return Ok(Some(Detection {
                        folder: USUAL[0].to_owned(),
                        strength: Strength::Names,
                        evidence: format!(
                            "{source} configures Flyway; none of its locations is in this project"
                        ),
                    }));
                }
            },
        };
        return Ok(Some(Detection {
            folder: folder.clone(),
            // Without a file of its own it gives way to whatever else is there.
            strength: match count {
                // Its files are where a key that is misspelt would name them.
                0 if is_elsewhere(view.tree, &settings)? => Strength::Names,
                0 => Strength::Expected,
                _ => Strength::Configuration,
            },
            evidence: if count == 0 {
                format!("{source} configures Flyway; {folder}/ has no migration yet")
            } else {
                format!("{source} configures Flyway; {folder}/ has {count} of its files")
            },
        }));
    }
    let Some((folder, count, _)) = found else {
        return Ok(None);
    };
    let mut what = format!("{folder}/ has {count} files such as V1__name.sql");
    // Its table may be another one there.
    if let Some(file) = spring::in_profiles(view, "flyway")?.first() {
        what = format!(
            "{what}; {file} configures Flyway in a profile: name it, as in  {}=NAME shoring status",
            spring::PROFILES
        );
    }
    let (strength, evidence) = match mention(view.tree)? {
        Some(mention) => (
            Strength::Dependency,
            format!("{what}, and {mention} names Flyway"),
        ),
        None => (Strength::Names, what),
    };
    Ok(Some(Detection {
        folder: (*folder).clone(),
        strength,
        evidence,
    }))
}

/// Whether one of the usual folders has files of its names.
fn is_elsewhere(tree: &dyn Tree, settings: &Settings) -> Result<bool, TreeError> {
    for folder in USUAL {
        let place = locations::of_folder(folder);
        if place.any(tree, &|name| is_migration(name, settings))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Where a build names the tool.
pub(super) fn mention(tree: &dyn Tree) -> Result<Option<Mention>, TreeError> {
    let found = mentions::first_line(tree, BUILDS, |line| {
        line.to_ascii_lowercase().contains("flyway").then_some(())
    })?;
    Ok(found.map(|((), mention)| mention))
}

fn is_migration(name: &str, settings: &Settings) -> bool {
    matches!(
        names::parse(name, settings),
        Some(Named::Versioned { .. } | Named::Repeatable { .. })
    )
}

/// The configured locations. What cannot be read is told.
pub(super) fn places(
    tree: &dyn Tree,
    settings: &Settings,
    config: &HostConfig,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<Location>, TreeError> {
    let configured = !settings.locations.is_empty();
    let default = ["db/migration".to_owned(), "filesystem:sql".to_owned()];
    let texts = if configured {
        settings.locations.as_slice()
    } else {
        &default
    };
    let vendor = vendor(config);
    let mut places = Vec::new();
    for text in texts {
        let vendor = match vendor {
            None => first_vendor(tree, text)?,
            known => known,
        };
        match locations::resolve(tree, text, vendor)? {
            Ok(place) => places.push(place),
            Err(elsewhere) => diagnostics.push(refusal(text, &elsewhere, config)),
        }
    }
    if !configured {
        // Of the API and of the command line: whichever has files.
        let with_files: Vec<Location> = places
            .iter()
            .filter(|place| place.has_files(tree).is_ok_and(|has_files| has_files))
            .cloned()
            .collect();
        places = if with_files.is_empty() {
            places.into_iter().take(1).collect()
        } else {
            with_files
        };
    }
    Ok(places)
}

fn refusal(text: &str, elsewhere: &Elsewhere, config: &HostConfig) -> Diagnostic {
    let origin = config
        .options
        .get("locations")
        .map_or("locations", |setting| setting.origin.as_str());
    match elsewhere {
        Elsewhere::Store(scheme) => Diagnostic::error(
            "bad-location",
            format!("{origin}: the location `{text}` is not read: only filesystem: and classpath: are, not {scheme}:"),
        )
        .hint("bring the files here, and name their folder with --dir"),
        Elsewhere::Outside => Diagnostic::error(
            "bad-location",
            format!("{origin}: the location `{text}` lies outside of the project"),
        )
        .hint("name the folder as it is here:  --dir FOLDER"),
    }
}

/// What Spring Boot puts in the place of `{vendor}`, of the databases that are known here.
const VENDORS: [&str; 4] = ["postgresql", "mysql", "mariadb", "sqlite"];

/// Before it is known which database this is: the first for which there are files.
fn first_vendor(tree: &dyn Tree, text: &str) -> Result<Option<&'static str>, TreeError> {
    if !text.contains("{vendor}") {
        return Ok(None);
    }
    for vendor in VENDORS {
        if let Ok(place) = locations::resolve(tree, text, Some(vendor))?
            && place.has_files(tree)?
        {
            return Ok(Some(vendor));
        }
    }
    Ok(None)
}

/// Whether a folder is what a location means on one of the databases.
pub(super) fn is_of_any_vendor(
    tree: &dyn Tree,
    settings: &Settings,
    folder: &str,
) -> Result<bool, TreeError> {
    for text in &settings.locations {
        if !text.contains("{vendor}") {
            continue;
        }
        for vendor in VENDORS {
            if let Ok(place) = locations::resolve(tree, text, Some(vendor))?
                && place.folder == folder
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The vendor of this database.
fn vendor(config: &HostConfig) -> Option<&'static str> {
    if let Some(product) = config.facts.product {
        return Some(match product {
            Product::Postgresql => "postgresql",
            Product::Mysql => "mysql",
            Product::Mariadb => "mariadb",
            Product::Sqlite => "sqlite",
        });
    }
    let url = config.database.as_ref()?.value.to_ascii_lowercase();
    VENDORS
        .into_iter()
        .find(|vendor| url.trim_start_matches("jdbc:").starts_with(vendor))
}
