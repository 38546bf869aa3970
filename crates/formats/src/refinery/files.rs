//! Recognises and reads the files, also in folders below the first. Flyway's names look the same: `refinery.toml`, `Cargo.toml` or
//! the history table say that they are refinery's. It has no way back; a file `V1__name.down.sql`, which refinery passes
//! over, is one.

use super::config::{self, KIND};
use super::history::{RefineryHistory, WIDE};
use super::name::{self, Name};
use super::sending::SENDING;
use crate::checksum::{FileChecksum, LineEndHashes};
use crate::convert::{self, Portable, PortableScript, RenderInto, RenderedFile};
use crate::detection::{Detection, Strength, awaiting, folders};
use crate::directive;
use crate::format::{Format, NewFile, View};
use crate::history::History;
use crate::host_config::HostConfig;
use crate::numbered::{self, is_sql, join, slug};
use crate::script::{Reads, ScriptReader, read_each};
use crate::walk::Walk;
use shoring_core::{
    Applied, Attributes, Checksum, Diagnostic, Kind, LineEnds, Migration, MigrationPlan,
    MigrationSet, OrderKey, Policy, Product, Script, Tree, TreeError, Version, shared,
};
use std::collections::{BTreeMap, BTreeSet};

/// refinery.
#[derive(Debug, Clone, Copy)]
pub struct Refinery;

/// Which folders are entered.
const WALK: Walk = Walk {
    skipped: 0,
    depth: 8,
    width: usize::MAX,
    enters_hidden: true,
};

/// How many folders of one folder are entered to find out whether files of refinery are there at all: projects with a folder
/// for each migration have thousands.
const LOOKED_AT: usize = 20;

const FOLDERS: &[&str] = &[
    "migrations",
    "src/migrations",
    "sql_migrations",
    "db/migrations",
];

const POLICY: Policy = Policy {
    line_ends: LineEnds::Count,
    // The name is a part of what is hashed.
    compares_names: true,
    ..Policy::STRICT
};

impl Format for Refinery {
    fn name(&self) -> &'static str {
        "refinery"
    }

    fn title(&self) -> &'static str {
        "refinery project"
    }

    fn configure(&self, view: View<'_>) -> Result<HostConfig, TreeError> {
        config::configure(view)
    }

    fn detect(&self, view: View<'_>, config: &HostConfig) -> Result<Option<Detection>, TreeError> {
        for folder in folders(view, config, FOLDERS) {
            let (mut count, mut has_flyways) = (0, false);
            let first = Walk {
                width: LOOKED_AT,
                ..WALK
            };
            first.each(view.tree, folder, &mut |_, file| {
                count += usize::from(name::parse(file).is_some());
                has_flyways = has_flyways || is_flyways(file);
            })?;
            if count == 0 {
                continue;
            }
            let what = format!("{folder}/ has {count} files such as V1__name.sql");
            let (strength, evidence) = if config.options.contains_key(KIND) {
                (
                    Strength::Configuration,
                    format!("{what}, and there is a refinery.toml"),
                )
            } else {
                match config::requirement(view.tree)? {
                    Some(line) => (Strength::Dependency, format!("{what}, and {line}")),
                    // `R__name.sql`, `V1.1__name.sql`: names that only Flyway reads.
                    None if has_flyways => continue,
                    None => (Strength::Names, what),
                }
            };
            return Ok(Some(Detection {
                folder: folder.to_owned(),
                strength,
                evidence,
            }));
        }
        let has_file = config.options.contains_key(KIND);
        awaiting(
            view,
            &folders(view, config, &[self.default_folder()]),
            has_file.then(|| "there is a refinery.toml".to_owned()),
            || config::requirement(view.tree),
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
        let mut files = Vec::new();
        WALK.each(tree, folder, &mut |folder, file| {
            files.push((join(folder, file), file.to_owned()));
        })?;
        let paths: BTreeSet<String> = files.iter().map(|(path, _)| path.clone()).collect();
        let mut diagnostics = Vec::new();
        let mut ignored = Vec::new();
        let mut found: Vec<(String, Name<'_>, i64)> = Vec::new();
        let mut known: BTreeMap<i64, String> = BTreeMap::new();
        for (path, file) in &files {
            let Some(name) = name::parse(file) else {
                if is_sql(file) {
                    ignored.push((
                        path.clone(),
                        "refinery reads V1__name.sql and U1__name.sql, with letters, digits and `_` in the name",
                    ));
                }
                continue;
            };
            if name.ending == ".down.sql" {
                if !paths.contains(&path.replace(".down.sql", ".sql")) {
                    ignored.push((path.clone(), "there is no file that it takes back"));
                }
                continue;
            }
            let Ok(version) = name.version.parse::<i64>() else {
                diagnostics.push(
                    Diagnostic::error(
                        "bad-version",
                        format!(
                            "`{path}`: `{}` is not a number that refinery knows",
                            name.version
                        ),
                    )
                    .note("refinery stops here too")
                    .hint("give it a whole number"),
                );
                continue;
            };
            if let Some(other) = known.insert(version, path.clone()) {
                diagnostics.push(
                    Diagnostic::error(
                        "duplicate-version",
                        format!("`{other}` and `{path}` have the same version"),
                    )
                    .hint("give the one that was never applied the next free number"),
                );
            }
            found.push((path.clone(), name, version));
        }
        let mut migrations = Vec::with_capacity(found.len());
        let each = read_each(&found, |reader, (path, name, version)| {
            read_file((tree, &paths), (reader, reads), path, name, *version)
        });
        for read in each {
            let (migration, found) = read?;
            migrations.push(migration);
            diagnostics.extend(found);
        }
        migrations.sort_by(|left, right| left.order.cmp(&right.order));
        Ok(MigrationSet {
            format: self.name(),
            policy: POLICY,
            folder: folder.to_owned(),
            migrations: shared(migrations),
            ignored,
            diagnostics,
        })
    }

    fn row_of_old_name(
        &self,
        tree: &dyn Tree,
        migration: &Migration,
        rows: &[&Applied],
    ) -> Result<Option<usize>, TreeError> {
        let mut hashes = UnderOtherNames::new(rows);
        let path = &migration.up.path;
        ScriptReader::default().read_part(tree, path, None, &mut hashes, &mut Vec::new())?;
        Ok(hashes.same_as(rows))
    }

    fn order_of(&self, version: &str) -> Option<OrderKey> {
        numbered::order_of(version)
    }

    fn history(&self) -> &'static dyn History {
        &RefineryHistory
    }

    fn new_files(&self, set: &MigrationSet, name: &str, _: &str) -> (String, Vec<NewFile>) {
        let last = set.migrations.last().and_then(|last| last.order.number());
        let version = (last.unwrap_or(0) + 1).to_string();
        let file = NewFile {
            path: join(&set.folder, &format!("V{version}__{}.sql", slug(name))),
            content: format!("-- {}\n", name.trim()),
            is_added: false,
        };
        (version, vec![file])
    }

    fn reads_folders_below(&self) -> bool {
        true
    }

    fn way_back(&self, migration: &Migration) -> String {
        format!(
            "refinery has no way back of its own: write {}",
            numbered::down_path(&migration.up.path)
        )
    }

    fn refuse_product(&self, config: &HostConfig, product: Product) -> Option<Diagnostic> {
        let kind = config.options.get(KIND)?;
        (!config::is_for(&kind.value, product)).then(|| {
            Diagnostic::error(
                "other-product",
                format!(
                    "refinery is for `{}` here ({}), and this database is {}",
                    kind.value,
                    kind.origin,
                    product.title()
                ),
            )
            .hint("name the right database:  shoring config  shows where this one comes from")
        })
    }

    fn switch_back_warnings(&self, plan: &MigrationPlan, product: Product) -> Vec<Diagnostic> {
        SENDING.warnings(plan, product)
    }

    fn render(&self, into: RenderInto<'_>, migration: &Portable) -> Vec<RenderedFile> {
        let prefix = match migration.kind {
            Kind::Unordered => 'U',
            Kind::Versioned | Kind::Repeatable | Kind::Baseline => 'V',
        };
        let stem = format!("{prefix}{}__{}", migration.version, migration.name);
        let file = |ending: &str, script: &PortableScript| {
            RenderedFile::new(
                join(into.folder, &format!("{stem}{ending}")),
                script.with_mark(None),
            )
        };
        let mut files = vec![file(".sql", &migration.up)];
        files.extend(migration.down.as_ref().map(|down| file(".down.sql", down)));
        files
    }

    /// Without its feature `int8-versions` it reads no more than 32 bits.
    fn accepts_version(&self, version: &str) -> bool {
        convert::is_number_up_to(version, i32::MAX as u128)
    }
}

type Read = Result<(Migration, Vec<Diagnostic>), TreeError>;

fn read_file(
    (tree, paths): (&dyn Tree, &BTreeSet<String>),
    (reader, reads): (&mut ScriptReader, Reads),
    path: &str,
    name: &Name<'_>,
    version: i64,
) -> Read {
    let mut diagnostics = Vec::new();
    let order = OrderKey::Numbers(vec![u128::from(version.unsigned_abs())]);
    let is_program = name.ending == ".rs";
    let mut found = Vec::new();
    let mut hashes = Both::of(name.words, version);
    let up = reader.read_part(tree, path, None, &mut hashes, &mut found)?;
    let mut down: Option<Script> = None;
    let mut checksums: Vec<Checksum> = Vec::new();
    let mut attributes = Attributes::new();
    if is_program {
        // Its hash is of what the program gives out: known to it only.
        down = Some(up.clone());
    } else {
        diagnostics.append(&mut found);
        diagnostics.extend(directive::refuse_later_version(&up, &order));
        let path = numbered::down_path(path);
        if paths.contains(&path) {
            let script = reader.read_way_back(tree, &path, reads, &mut diagnostics)?;
            diagnostics.extend(directive::refuse_compatible_with(&script));
            down = Some(script);
        }
        checksums = hashes.narrow.end_with(END);
        let wide = hashes.wide.end_with(END);
        let wide: Vec<&str> = wide.iter().map(Checksum::as_str).collect();
        attributes.insert(WIDE, wide.join(" "));
    }
    let migration = Migration {
        version: Version::new(name.version),
        name: name.words.to_owned(),
        order,
        kind: if name.is_unordered {
            Kind::Unordered
        } else {
            Kind::Versioned
        },
        up,
        down,
        checksums,
        attributes,
        program: is_program.then_some("Rust"),
        terms: shoring_core::Terms::default(),
    };
    Ok((migration, diagnostics))
}

/// The hashes with either width of versions.
struct Both {
    narrow: LineEndHashes<super::sip_hash::SipHash13>,
    wide: LineEndHashes<super::sip_hash::SipHash13>,
}

/// What Rust's `Hash` adds after a text.
const END: &[u8] = &[0xff];

impl Both {
    fn of(words: &str, version: i64) -> Self {
        let after = |is_wide| LineEndHashes::after(name::hash_of(words, version, is_wide));
        Self {
            narrow: after(false),
            wide: after(true),
        }
    }
}

impl FileChecksum for Both {
    fn update(&mut self, bytes: &[u8]) {
        self.narrow.update(bytes);
        self.wide.update(bytes);
    }

    fn finish(&mut self) -> Vec<Checksum> {
        self.narrow.clone().end_with(END)
    }
}

/// The hashes that a text would have under the names of some rows.
struct UnderOtherNames(Vec<(usize, Both)>);

impl UnderOtherNames {
    fn new(rows: &[&Applied]) -> Self {
        let named = rows.iter().enumerate().filter_map(|(place, row)| {
            let words = row.name.as_deref()?;
            let version = i64::try_from(row.order.number()?).ok()?;
            Some((place, Both::of(words, version)))
        });
        Self(named.collect())
    }

    fn same_as(self, rows: &[&Applied]) -> Option<usize> {
        let mut each = self.0.into_iter();
        each.find_map(|(place, hashes)| {
            let row = rows[place].checksum.as_ref()?;
            let narrow = hashes.narrow.end_with(END);
            let wide = hashes.wide.end_with(END);
            let is_same = narrow.contains(row) || wide.contains(row);
            is_same.then_some(place)
        })
    }
}

impl FileChecksum for UnderOtherNames {
    fn update(&mut self, bytes: &[u8]) {
        for (_, hashes) in &mut self.0 {
            hashes.update(bytes);
        }
    }

    fn finish(&mut self) -> Vec<Checksum> {
        Vec::new()
    }
}

/// Whether a file has a name of Flyway's that refinery passes over.
fn is_flyways(file: &str) -> bool {
    name::parse(file).is_none()
        && file.ends_with(".sql")
        && file.starts_with(['V', 'R', 'B'])
        && file.contains("__")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_tree::MemoryTree;

    #[test]
    fn files_are_read_also_from_folders_below() {
        let tree = MemoryTree::new(&[
            ("m/V10__c.sql", "SELECT 1;"),
            ("m/2026/V2__b.sql", "SELECT 1;"),
            ("m/2026/V2__b.down.sql", "SELECT 1;"),
            ("m/U1__a.sql", "SELECT 1;"),
            ("m/V11__code.rs", "pub fn migration() {}"),
            ("m/V1.5__x.sql", ""),
            ("m/mod.rs", ""),
            ("m/notes.sql", ""),
        ]);
        let set = Refinery.read(&tree, "m", &HostConfig::default()).unwrap();
        let told: Vec<(String, Kind, bool, Option<&str>)> = set
            .migrations
            .iter()
            .map(|migration| {
                (
                    migration.id(),
                    migration.kind,
                    migration.down.is_some(),
                    migration.program,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("1_a".to_owned(), Kind::Unordered, false, None),
                ("2_b".to_owned(), Kind::Versioned, true, None),
                ("10_c".to_owned(), Kind::Versioned, false, None),
                ("11_code".to_owned(), Kind::Versioned, true, Some("Rust")),
            ]
        );
        assert_eq!(
            set.diagnostics[0].to_string(),
            "`m/V1.5__x.sql`: `1.5` is not a number that refinery knows"
        );
        assert_eq!(set.ignored.len(), 1);
        assert_eq!(
            Refinery.way_back(&set.migrations[2]),
            "refinery has no way back of its own: write m/V10__c.down.sql"
        );
        let (_, files) = Refinery.new_files(&set, "Add mail", "");
        assert_eq!(files[0].path, "m/V12__add_mail.sql");
    }

    #[test]
    fn the_configuration_names_the_database() {
        let none = |_: &str| None;
        let tree = MemoryTree::new(&[
            ("migrations/V1__a.sql", ""),
            (
                "refinery.toml",
                "[main]\ndb_type = \"Postgres\"\ndb_host = \"h\"\ndb_port = \"5433\"\ndb_user = \"me\"\ndb_pass = \"pw\"\ndb_name = \"my db\"\ncolour = \"red\"\n",
            ),
        ]);
        let view = View {
            tree: &tree,
            folder: None,
            variables: &none,
            variable_names: &[],
        };
        let config = Refinery.configure(view).unwrap();
        assert_eq!(
            config.database.as_ref().unwrap().value,
            "postgres://h:5433/my%20db"
        );
        assert_eq!(config.user.as_ref().unwrap().value, "me");
        assert!(!format!("{config:?}").contains("pw"));
        assert_eq!(
            config.diagnostics[0].to_string(),
            "refinery.toml:8: unknown key `main.colour`"
        );
        let found = Refinery.detect(view, &config).unwrap().unwrap();
        assert_eq!(found.strength, Strength::Configuration);
        assert_eq!(
            Refinery
                .refuse_product(&config, Product::Mariadb)
                .unwrap()
                .to_string(),
            "refinery is for `Postgres` here (refinery.toml:2), and this database is MariaDB"
        );
        let sqlite = MemoryTree::new(&[(
            "refinery.toml",
            "[main]\ndb_type = \"Sqlite\"\ndb_path = \"data/app.db\"\n",
        )]);
        let config = Refinery
            .configure(View {
                tree: &sqlite,
                ..view
            })
            .unwrap();
        assert_eq!(config.database.unwrap().value, "sqlite:data/app.db");
    }

    #[test]
    fn a_text_is_known_under_its_old_name() {
        let text = "CREATE TABLE orders (id integer);\n";
        let dos = text.replace('\n', "\r\n");
        let before = MemoryTree::new(&[("m/V3__orders.sql", text)]);
        let set = Refinery.read(&before, "m", &HostConfig::default()).unwrap();
        let old = &set.migrations[0];
        let wide = old.attributes[WIDE].split(' ').next().unwrap();
        let row = |checksum: Checksum| Applied {
            name: Some(old.name.clone()),
            checksum: Some(checksum),
            ..Applied::new(old.version.clone(), old.order.clone())
        };
        let other = row(Checksum::from_text("1"));
        for (file, is_same) in [(text, true), (dos.as_str(), true), ("SELECT 1;\n", false)] {
            let after = MemoryTree::new(&[("m/V7__purchases.sql", file)]);
            let set = Refinery.read(&after, "m", &HostConfig::default()).unwrap();
            for checksum in [old.checksums[0].clone(), Checksum::from_text(wide)] {
                let rows = [&other, &row(checksum)];
                let found = Refinery.row_of_old_name(&after, &set.migrations[0], &rows);
                assert_eq!(found.unwrap(), is_same.then_some(1), "{file:?}");
            }
        }
    }
}
