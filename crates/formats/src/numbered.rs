//! Numbered SQL files, shared by the native format and the convention without a tool:
//! `<number>_<name>.up.sql` with `<number>_<name>.down.sql`, or `<number>_<name>.sql` alone.

use crate::convert::{Portable, PortableScript, RenderInto, RenderedFile, TextPiece};
use crate::detection::{Detection, Strength};
use crate::directive;
use crate::format::{NewFile, Numbering, View};
use crate::script::{Reads, ScriptReader, read_migrations};
use shoring_core::{
    Attributes, Checksum, Diagnostic, Direction, Kind, Migration, MigrationSet, OrderKey, Policy,
    Script, Tree, TreeError, Version, shared,
};
use std::collections::BTreeMap;

/// Where people keep such files, in the order they are tried.
pub const FOLDERS: &[&str] = &[
    "migrations",
    "db/migrations",
    "database/migrations",
    "sql/migrations",
    "db/migrate",
    "sql",
];

/// The largest version of our own formats: 38 digits.
pub const LARGEST: u128 = 10_u128.pow(38) - 1;

/// A file name taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName<'a> {
    /// The digits as written.
    pub version: &'a str,
    /// What stands between version and ending.
    pub name: &'a str,
    /// `None` for a plain `.sql`, which applies and has no way back.
    pub direction: Option<Direction>,
}

/// Takes a name such as `001_create_users.up.sql` apart; `None` when it is not one.
pub fn parse_name(file: &str) -> Option<FileName<'_>> {
    let stem = file.strip_suffix(".sql")?;
    let (stem, direction) = if let Some(stem) = stem.strip_suffix(".up") {
        (stem, Some(Direction::Up))
    } else if let Some(stem) = stem.strip_suffix(".down") {
        (stem, Some(Direction::Down))
    } else {
        (stem, None)
    };
    let digits = stem
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(stem.len());
    if digits == 0 {
        return None;
    }
    let (version, rest) = stem.split_at(digits);
    let name = if rest.is_empty() {
        ""
    } else {
        rest.strip_prefix(['_', '-'])?
    };
    Some(FileName {
        version,
        name,
        direction,
    })
}

/// Whether a name ends in `.sql`, in letters of any size.
pub(crate) fn is_sql(file: &str) -> bool {
    file.len() >= 4
        && file
            .get(file.len() - 4..)
            .is_some_and(|ending| ending.eq_ignore_ascii_case(".sql"))
}

/// Why a file that [`parse_name`] does not know is no migration; `None` when it is not SQL at all.
pub fn why_ignored(file: &str) -> Option<&'static str> {
    if !is_sql(file) {
        return None;
    }
    Some(if !file.starts_with(|c: char| c.is_ascii_digit()) {
        "its name does not start with a number"
    } else if !file.ends_with(".sql") {
        "its name does not end in `.sql` in small letters"
    } else {
        "neither `_` nor `-` follows its number"
    })
}

/// The order of a version of digits; `None` when it has more than 38 digits.
pub fn order_of(version: &str) -> Option<OrderKey> {
    version
        .parse::<u128>()
        .ok()
        .filter(|number| *number <= LARGEST)
        .map(|number| OrderKey::Numbers(vec![number]))
}

/// Looks for numbered files.
pub fn detect(view: View<'_>) -> Result<Option<Detection>, TreeError> {
    let only = view.folder.map(|folder| vec![folder]);
    for folder in only.as_deref().unwrap_or(FOLDERS) {
        let files = view.tree.files(folder)?;
        let numbered = files
            .iter()
            .filter(|file| parse_name(file).is_some())
            .count();
        if numbered > 0 {
            return Ok(Some(Detection {
                folder: (*folder).to_owned(),
                strength: Strength::Names,
                evidence: format!("{folder}/ has {numbered} numbered .sql files"),
            }));
        }
    }
    Ok(None)
}

/// Reads one file, with its checksums as the history table spells them.
pub type ReadText<'a> = &'a (
        dyn Fn(
    &mut ScriptReader,
    &dyn Tree,
    &str,
    &mut Vec<Diagnostic>,
) -> Result<(Script, Vec<Checksum>), TreeError>
            + Sync
    );

/// For history tables that keep our own checksum.
pub fn read_with_own_checksum(
    reader: &mut ScriptReader,
    tree: &dyn Tree,
    path: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(Script, Vec<Checksum>), TreeError> {
    let script = reader.read(tree, path, diagnostics)?;
    let checksums = vec![script.checksum.clone()];
    Ok((script, checksums))
}

/// For history tables that keep no checksum.
pub fn read_without_checksum(
    reader: &mut ScriptReader,
    tree: &dyn Tree,
    path: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(Script, Vec<Checksum>), TreeError> {
    Ok((reader.read(tree, path, diagnostics)?, Vec::new()))
}

/// How a format that has numbered files reads them.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// Its name.
    pub format: &'static str,
    /// Its policy.
    pub policy: Policy,
    /// Takes a file name apart.
    pub parse: fn(&str) -> Option<FileName<'_>>,
    /// Why a file that it does not take for a migration might be meant as one; `None` when it is something else.
    pub why_ignored: fn(&str) -> Option<&'static str>,
    /// The largest version its history table holds.
    pub largest: u128,
    /// What a file that rolls back without one that applies is.
    pub lone_down: LoneDown,
    /// Reads one file.
    pub read_text: ReadText<'a>,
}

/// What a file that rolls back without one that applies is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoneDown {
    /// A mistake.
    Refuse,
    /// A migration whose way up does nothing.
    EmptyUp,
}

/// The files of one version.
#[derive(Default)]
struct Pair {
    /// Version, name and path of the file that applies.
    up: Option<Named>,
    /// The same of the one that rolls back.
    down: Option<Named>,
}

struct Named {
    version: String,
    name: String,
    path: String,
}

/// Reads a folder of numbered files.
pub fn read(
    tree: &dyn Tree,
    folder: &str,
    reading: &Reading<'_>,
    reads: Reads,
) -> Result<MigrationSet, TreeError> {
    let mut diagnostics = Vec::new();
    let mut ignored = Vec::new();
    let mut pairs: BTreeMap<OrderKey, Pair> = BTreeMap::new();
    for file in tree.files(folder)?.iter() {
        let path = join(folder, file);
        let Some(parsed) = (reading.parse)(file) else {
            if let Some(reason) = (reading.why_ignored)(file) {
                if file.starts_with(|c: char| c.is_ascii_digit()) {
                    diagnostics.push(
                        Diagnostic::warning(
                            "ignored-file",
                            format!("`{path}` is not run: {reason}"),
                        )
                        .hint("rename it, or move it out of the folder"),
                    );
                }
                ignored.push((path, reason));
            }
            continue;
        };
        let Some(order) = order_up_to(parsed.version, reading.largest) else {
            diagnostics.push(
                Diagnostic::error(
                    "bad-version",
                    format!("`{path}`: its version is larger than {}", reading.largest),
                )
                .hint("rename the file"),
            );
            continue;
        };
        let named = Named {
            version: parsed.version.to_owned(),
            name: parsed.name.to_owned(),
            path: path.clone(),
        };
        let pair = pairs.entry(order).or_default();
        let taken = match parsed.direction {
            Some(Direction::Down) => pair.down.replace(named),
            Some(Direction::Up) | None => pair.up.replace(named),
        };
        if let Some(other) = taken {
            diagnostics.push(
                Diagnostic::error(
                    "duplicate-version",
                    format!("`{}` and `{path}` have the same version", other.path),
                )
                .hint("give the one that was never applied the next free number"),
            );
        }
    }
    for name in tree.folders(folder)?.iter() {
        if (reading.parse)(name).is_some() {
            diagnostics.push(
                Diagnostic::error(
                    "not-a-file",
                    format!("`{}` is a folder, not a file", join(folder, name)),
                )
                .hint("move it away, or give it a name that is not that of a migration"),
            );
        } else if !name.starts_with('.') {
            let path = join(folder, name);
            // A folder that may not be listed is no migration either.
            let files = tree.files(&path).unwrap_or_default();
            if files.iter().any(|file| is_sql(file)) {
                ignored.push((
                    format!("{path}/"),
                    "it is a folder, and only the files beside it are read",
                ));
            }
        }
    }
    let pairs: Vec<(OrderKey, Pair)> = pairs.into_iter().collect();
    let migrations = read_migrations(&pairs, &mut diagnostics, |reader, (order, pair)| {
        read_pair(tree, reader, (reading, reads), order, pair)
    })?;
    Ok(MigrationSet {
        format: reading.format,
        policy: reading.policy,
        folder: folder.to_owned(),
        migrations: shared(migrations),
        ignored,
        diagnostics,
    })
}

/// Reads the two files of a migration, with what is wrong with them. Without the one that applies it is none, unless the
/// format takes that for a way up that does nothing.
fn read_pair(
    tree: &dyn Tree,
    reader: &mut ScriptReader,
    (reading, reads): (&Reading<'_>, Reads),
    order: &OrderKey,
    pair: &Pair,
) -> Result<(Option<Migration>, Vec<Diagnostic>), TreeError> {
    let mut diagnostics = Vec::new();
    let mut read = |path: &str| (reading.read_text)(reader, tree, path, &mut diagnostics);
    let down = match &pair.down {
        // Without the one that applies it may be all there is.
        Some(down) if reads == Reads::All || pair.up.is_none() => Some(read(&down.path)?.0),
        Some(down) => Some(Script::unread(&*down.path)),
        None => None,
    };
    let (named, (up, checksums)) = match (&pair.up, &pair.down, &down) {
        (Some(up), _, _) => (up, read(&up.path)?),
        (None, Some(named), Some(script)) if reading.lone_down == LoneDown::EmptyUp => {
            (named, (script.nothing_of(), Vec::new()))
        }
        (None, Some(named), _) => {
            diagnostics.push(
                Diagnostic::error(
                    "down-without-up",
                    format!("`{}` has no file that applies it", named.path),
                )
                .hint("write the .up.sql beside it, or remove it"),
            );
            return Ok((None, diagnostics));
        }
        (None, None, _) => return Ok((None, diagnostics)),
    };
    diagnostics.extend(directive::refuse_later_version(&up, order));
    diagnostics.extend(down.as_ref().and_then(directive::refuse_compatible_with));
    let migration = Migration {
        version: Version::new(named.version.clone()),
        name: named.name.clone(),
        order: order.clone(),
        kind: Kind::Versioned,
        up,
        down,
        checksums,
        attributes: Attributes::new(),
        program: None,
        terms: shoring_core::Terms::default(),
    };
    Ok((Some(migration), diagnostics))
}

/// The order of a version that is at most `largest`.
fn order_up_to(version: &str, largest: u128) -> Option<OrderKey> {
    match order_of(version)? {
        OrderKey::Numbers(numbers) if numbers.iter().all(|number| *number <= largest) => {
            Some(OrderKey::Numbers(numbers))
        }
        OrderKey::Numbers(_) | OrderKey::Text(_) | OrderKey::Last(_) => None,
    }
}

/// A migration as a pair of numbered files; as one plain file where no migration of the project has a way back and
/// `has_plain` says that the tool has such. `text` is what becomes of a script.
pub(crate) fn render(
    into: RenderInto<'_>,
    migration: &Portable,
    has_plain: bool,
    text: impl Fn(&PortableScript) -> Vec<TextPiece>,
) -> Vec<RenderedFile> {
    let stem = format!("{}_{}", migration.version, migration.name);
    let ending = if has_plain && !into.has_ways_back {
        ".sql"
    } else {
        ".up.sql"
    };
    let file = |ending: &str, script: &PortableScript| {
        RenderedFile::new(join(into.folder, &format!("{stem}{ending}")), text(script))
    };
    let mut files = vec![file(ending, &migration.up)];
    files.extend(migration.down.as_ref().map(|down| file(".down.sql", down)));
    files
}

/// The file that rolls back what this one applies.
pub fn down_path(up: &str) -> String {
    match up.strip_suffix(".up.sql") {
        Some(stem) => format!("{stem}.down.sql"),
        None => format!("{}.down.sql", up.trim_end_matches(".sql")),
    }
}

/// Joins a folder of the tree and a file name.
pub fn join(folder: &str, file: &str) -> String {
    if folder.is_empty() || folder == "." {
        file.to_owned()
    } else {
        // Once for each of thousands of files: `format!` takes ten times as long.
        [folder.trim_end_matches('/'), file].join("/")
    }
}

/// A folder as a [`Tree`] names it, from one as people write it: `./migrations/`.
pub(crate) fn plain_folder(folder: &str) -> &str {
    match folder.trim_start_matches("./").trim_end_matches('/') {
        "" => ".",
        plain => plain,
    }
}

/// What a user typed as a name, as it stands in a file name: words of lower-case letters and digits joined by `_`.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars() {
        if character.is_alphanumeric() {
            slug.extend(character.to_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    slug.trim_end_matches('_').to_owned()
}

/// How this project numbers its files: like its last one.
pub fn numbering(set: &MigrationSet, of_new_project: Numbering) -> Numbering {
    match set.migrations.last() {
        Some(last) if last.version.as_str().len() >= 14 => Numbering::Timestamp,
        Some(_) => Numbering::Sequential,
        None => of_new_project,
    }
}

/// The files of the next migration. A new project counts as `of_new_project` says, from `001`.
pub fn new_files(
    set: &MigrationSet,
    name: &str,
    timestamp: &str,
    of_new_project: Numbering,
) -> (String, Vec<NewFile>) {
    let last = set.migrations.last();
    let last_number = last.map_or(0, |migration| migration.order.number().unwrap_or(0));
    let version = match numbering(set, of_new_project) {
        Numbering::Sequential => {
            let width = last.map_or(3, |migration| migration.version.as_str().len());
            format!("{:0width$}", last_number + 1)
        }
        // A clock that stands behind the last file must not put the new one before it.
        Numbering::Timestamp => timestamp
            .parse::<u128>()
            .unwrap_or(0)
            .max(last_number + 1)
            .to_string(),
    };
    let slug = slug(name);
    let separator = last
        .and_then(|migration| migration.up.path.rsplit('/').next())
        .and_then(|file| file.chars().find(|c| !c.is_ascii_digit()))
        .filter(|separator| matches!(separator, '_' | '-'))
        .unwrap_or('_');
    let is_plain = last.is_some_and(|migration| !migration.up.path.ends_with(".up.sql"));
    let file = |ending: &str| join(&set.folder, &format!("{version}{separator}{slug}{ending}"));
    let up = NewFile {
        path: file(if is_plain { ".sql" } else { ".up.sql" }),
        content: format!("-- {}\n", name.trim()),
        is_added: false,
    };
    let down = NewFile {
        path: file(".down.sql"),
        content: format!("-- takes back: {}\n", name.trim()),
        is_added: false,
    };
    (version, vec![up, down])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let up = parse_name("001_create_users.up.sql").unwrap();
        assert_eq!(
            (up.version, up.name, up.direction),
            ("001", "create_users", Some(Direction::Up))
        );
        let plain = parse_name("20260101120000-add.things.sql").unwrap();
        assert_eq!(
            (plain.version, plain.name, plain.direction),
            ("20260101120000", "add.things", None)
        );
        assert_eq!(parse_name("7.sql").unwrap().name, "");
        for other in [
            "readme.sql",
            "x001_a.sql",
            "001a.sql",
            "001_a.sql.bak",
            "_1.sql",
        ] {
            assert_eq!(parse_name(other), None, "{other}");
        }
    }

    #[test]
    fn numbers_order_by_value() {
        assert!(order_of("003") < order_of("010"));
        assert!(order_of("010") < order_of("100"));
        assert_eq!(order_of("1"), order_of("0001"));
        assert_eq!(order_of(&"9".repeat(39)), None);
    }

    #[test]
    fn slugs() {
        assert_eq!(slug("  Add user's E-Mail!! "), "add_user_s_e_mail");
        assert_eq!(slug("größe"), "größe");
        assert_eq!(slug("../../etc/passwd"), "etc_passwd");
    }
}
