//! Recognises and reads the folders. Prisma itself has no way back; a `down.sql` that somebody put beside `migration.sql` is one.

use super::config::{self, LOCK_FILE, PROVIDER, SCHEMA};
use super::history::PrismaHistory;
use super::sending::SENDING;
use crate::checksum::{FileChecksum, LineEndHashes};
use crate::convert::{Portable, PortableScript, RenderInto, RenderedFile};
use crate::detection::{Detection, Strength, awaiting, folders, folders_that_hold};
use crate::directive;
use crate::format::{Format, HistoryPlace, NewFile, View};
use crate::history::History;
use crate::host_config::HostConfig;
use crate::numbered::{is_sql, join, slug};
use crate::script::{Reads, ScriptReader, read_migrations};
use sha2::{Digest, Sha256};
use shoring_core::{
    Attributes, Checksum, Diagnostic, Kind, Late, LoneStatement, Migration, MigrationPlan,
    MigrationSet, Missing, OrderKey, Policy, Product, TableName, Tree, TreeError, Version,
    if_there, shared,
};

/// Prisma Migrate.
#[derive(Debug, Clone, Copy)]
pub struct Prisma;

const UP: &str = "migration.sql";
const DOWN: &str = "down.sql";

const POLICY: Policy = Policy {
    late: Late::Run,
    missing: Missing::Note,
    lone_statement: LoneStatement::Alone,
    ..Policy::STRICT
};

impl Format for Prisma {
    fn name(&self) -> &'static str {
        "prisma"
    }

    fn title(&self) -> &'static str {
        "Prisma project"
    }

    fn dotenv_files(&self, tree: &dyn Tree) -> Vec<&'static str> {
        config::dotenv_files(tree)
    }

    fn configure(&self, view: View<'_>) -> Result<HostConfig, TreeError> {
        config::configure(view)
    }

    fn detect(&self, view: View<'_>, config: &HostConfig) -> Result<Option<Detection>, TreeError> {
        for folder in folders(view, config, &["prisma/migrations", "migrations"]) {
            let held = folders_that_hold(view.tree, folder, UP)?;
            let has_lock = view.tree.has_file(&join(folder, LOCK_FILE));
            let mut evidence = match (held, has_lock) {
                (Some(held), true) => format!("{held} and a {LOCK_FILE}"),
                (Some(held), false) => held,
                (None, true) => format!("{folder}/ has a {LOCK_FILE}"),
                (None, false) => continue,
            };
            let schema = config.option(SCHEMA);
            if let Some(schema) = schema {
                evidence.push_str(&format!(", and there is {schema}"));
            }
            return Ok(Some(Detection {
                folder: folder.to_owned(),
                strength: if has_lock || schema.is_some() {
                    Strength::Configuration
                } else {
                    Strength::Content
                },
                evidence,
            }));
        }
        let Some(schema) = config.option(SCHEMA) else {
            return Ok(None);
        };
        let beside = match schema.rsplit_once('/') {
            Some((parent, _)) => join(parent, "migrations"),
            None if schema.ends_with(".prisma") => "migrations".to_owned(),
            None => join(schema, "migrations"),
        };
        let named = folders(view, config, &[&beside]);
        awaiting(view, &named, Some(format!("there is {schema}")), || {
            Ok(None)
        })
    }

    fn default_folder(&self) -> &'static str {
        "prisma/migrations"
    }

    fn read_some(
        &self,
        tree: &dyn Tree,
        folder: &str,
        _: &HostConfig,
        reads: Reads,
    ) -> Result<MigrationSet, TreeError> {
        let names = tree.folders(folder)?;
        let mut diagnostics = Vec::new();
        let migrations = read_migrations(&names, &mut diagnostics, |reader, name| {
            read_folder(tree, (reader, reads), folder, name)
        })?;
        let ignored = tree
            .files(folder)?
            .iter()
            .filter(|file| is_sql(file))
            .map(|file| {
                (
                    join(folder, file),
                    "Prisma reads NAME/migration.sql and no other file",
                )
            })
            .collect();
        Ok(MigrationSet {
            format: self.name(),
            policy: POLICY,
            folder: folder.to_owned(),
            migrations: shared(migrations),
            ignored,
            diagnostics,
        })
    }

    fn order_of(&self, version: &str) -> Option<OrderKey> {
        Some(OrderKey::Text(version.to_owned()))
    }

    fn history(&self) -> &'static dyn History {
        &PrismaHistory
    }

    /// In the schema that the URL names, else in `public`, whatever `search_path` says.
    fn history_table(
        &self,
        config: &HostConfig,
        parameter: &dyn Fn(&str) -> Option<String>,
    ) -> Option<HistoryPlace> {
        if config.option(PROVIDER) != Some("postgresql") {
            return None;
        }
        let schema = parameter("schema");
        Some(HistoryPlace {
            is_usual_schema: schema.is_none(),
            ..HistoryPlace::new(
                Some(schema.unwrap_or_else(|| "public".to_owned())),
                PrismaHistory.default_table(),
            )
        })
    }

    fn schema_setting(&self, table: &TableName) -> String {
        format!(
            "say so in the URL:  ?schema={}",
            table.schema.as_deref().unwrap_or_default()
        )
    }

    fn new_files(&self, set: &MigrationSet, name: &str, timestamp: &str) -> (String, Vec<NewFile>) {
        let version = format!("{timestamp}_{}", slug(name));
        let file = NewFile {
            path: join(&join(&set.folder, &version), UP),
            content: "-- This is an empty migration.\n".to_owned(),
            is_added: false,
        };
        (version, vec![file])
    }

    fn way_back(&self, migration: &Migration) -> String {
        format!(
            "Prisma Migrate has no way back of its own: write {}",
            migration.up.path.replace(UP, DOWN)
        )
    }

    fn refuse_product(&self, config: &HostConfig, product: Product) -> Option<Diagnostic> {
        let provider = config.options.get(PROVIDER)?;
        let is_right = match provider.value.as_str() {
            "postgresql" => product == Product::Postgresql,
            "mysql" => matches!(product, Product::Mysql | Product::Mariadb),
            "sqlite" => product == Product::Sqlite,
            _ => false,
        };
        (!is_right).then(|| {
            Diagnostic::error(
                "other-product",
                format!(
                    "the migrations are for `{}` ({}), and this database is {}",
                    provider.value,
                    provider.origin,
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
        let name = format!("{}_{}", migration.version, migration.name);
        let folder = join(into.folder, &name);
        let file = |name: &str, script: &PortableScript| {
            RenderedFile::new(join(&folder, name), script.with_mark(None))
        };
        let mut files = vec![file(UP, &migration.up)];
        files.extend(migration.down.as_ref().map(|down| file(DOWN, down)));
        files
    }

    fn render_beside(&self, folder: &str, product: Product) -> Vec<NewFile> {
        let provider = match product {
            Product::Postgresql => "postgresql",
            Product::Mysql | Product::Mariadb => "mysql",
            Product::Sqlite => "sqlite",
        };
        vec![NewFile {
            path: join(folder, LOCK_FILE),
            content: format!(
                "# The database that these migrations are for.\nprovider = \"{provider}\"\n"
            ),
            is_added: false,
        }]
    }
}

type Read = Result<(Option<Migration>, Vec<Diagnostic>), TreeError>;

fn read_folder(
    tree: &dyn Tree,
    (reader, reads): (&mut ScriptReader, Reads),
    folder: &str,
    name: &str,
) -> Read {
    let mut diagnostics = Vec::new();
    let inside = join(folder, name);
    let path = join(&inside, UP);
    let mut hashes = LineEndHashes::after(Sha256::new());
    let Some(up) = if_there(reader.read_part(tree, &path, None, &mut hashes, &mut diagnostics))?
    else {
        diagnostics.push(
            Diagnostic::error("no-script", format!("`{inside}` has no {UP}"))
                .note("Prisma Migrate stops here too (P3015)")
                .hint("bring the file back, or remove the folder"),
        );
        return Ok((None, diagnostics));
    };
    diagnostics.extend(directive::refuse_compatible_with(&up));
    let down = join(&inside, DOWN);
    let down = if tree.has_file(&down) {
        let script = reader.read_way_back(tree, &down, reads, &mut diagnostics)?;
        diagnostics.extend(directive::refuse_compatible_with(&script));
        Some(script)
    } else {
        None
    };
    let mut checksums = hashes.finish();
    checksums.push(without_zeros(&checksums[0]));
    let migration = Migration {
        // Two folders may have one time: the whole name is the identity.
        version: Version::new(name),
        name: String::new(),
        order: OrderKey::Text(name.to_owned()),
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

/// As old versions spelled it: each byte without its leading zero.
fn without_zeros(checksum: &Checksum) -> Checksum {
    let text = checksum.as_str().as_bytes();
    let pairs = text.chunks(2).map(|pair| match pair {
        [b'0', digit] => char::from(*digit).to_string(),
        pair => String::from_utf8_lossy(pair).into_owned(),
    });
    Checksum::from_text(pairs.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HostSetting;
    use crate::memory_tree::MemoryTree;

    const SQL: &str = "CREATE TABLE a (id int);\n";

    fn configured(files: &[(&str, &str)]) -> (HostConfig, Option<Detection>) {
        let tree = MemoryTree::new(files);
        let variables = |name: &str| {
            let value = match name {
                "DATABASE_URL" => "postgres://pooler/app",
                "DIRECT_URL" => "postgres://server/app?schema=shop",
                "FILE_URL" => "file:./dev.db",
                _ => return None,
            };
            Some(HostSetting {
                value: value.to_owned(),
                origin: format!("environment {name}"),
            })
        };
        let view = View {
            tree: &tree,
            folder: None,
            variables: &variables,
            variable_names: &[],
        };
        let config = Prisma.configure(view).unwrap();
        let found = Prisma.detect(view, &config).unwrap();
        (config, found)
    }

    #[test]
    fn a_project_is_found_by_its_schema() {
        let (config, found) = configured(&[
            (
                "prisma/schema.prisma",
                "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n  directUrl = env(\"DIRECT_URL\")\n}\n",
            ),
            ("prisma/migrations/20260101000000_init/migration.sql", SQL),
            (
                "prisma/migrations/migration_lock.toml",
                "provider = \"postgresql\"\n",
            ),
        ]);
        let found = found.unwrap();
        assert_eq!(found.folder, "prisma/migrations");
        assert_eq!(found.strength, Strength::Configuration);
        assert_eq!(
            found.evidence,
            "prisma/migrations/ has a folder 20260101000000_init with migration.sql and a migration_lock.toml, and there is prisma/schema.prisma"
        );
        assert_eq!(
            config.database.as_ref().unwrap().value,
            "postgres://server/app?schema=shop"
        );
        assert_eq!(config.database_variable.as_deref(), Some("DIRECT_URL"));
        let table =
            |schema: Option<&str>| Prisma.history_table(&config, &|_| schema.map(str::to_owned));
        assert_eq!(table(Some("shop")).unwrap().schema.as_deref(), Some("shop"));
        let usual = table(None).unwrap();
        assert_eq!(
            (usual.schema.as_deref(), usual.is_usual_schema),
            (Some("public"), true)
        );
        assert!(
            Prisma
                .refuse_product(&config, Product::Postgresql)
                .is_none()
        );
        let refused = Prisma.refuse_product(&config, Product::Sqlite).unwrap();
        assert_eq!(
            refused.to_string(),
            "the migrations are for `postgresql` (prisma/migrations/migration_lock.toml:1), and this database is SQLite"
        );
    }

    #[test]
    fn a_folder_of_schemas_and_a_configuration_program_are_read() {
        let (config, found) = configured(&[
            (
                "prisma.config.ts",
                "export default {\n  schema: './db/schema',\n  migrations: { path: 'db/moves' },\n}\n",
            ),
            ("db/schema/models/user.prisma", "model User {\n id Int\n}\n"),
            (
                "db/schema/main.prisma",
                "datasource db {\n  provider = \"sqlite\"\n  url = env(\"FILE_URL\")\n}\n",
            ),
            ("db/moves/1_init/migration.sql", SQL),
        ]);
        assert_eq!(found.unwrap().folder, "db/moves");
        assert_eq!(
            config.database.unwrap().value,
            "file:db/schema/dev.db",
            "relative to the schema"
        );
        let (config, found) = configured(&[
            (
                "package.json",
                "{\"prisma\": {\"schema\": \"data/x.prisma\"}}",
            ),
            (
                "data/x.prisma",
                "datasource db {\n  provider = \"mysql\"\n  url = \"mysql://h/d\"\n}\n",
            ),
            ("data/migrations/1_init/migration.sql", SQL),
        ]);
        assert_eq!(found.unwrap().folder, "data/migrations");
        assert_eq!(config.database.unwrap().origin, "data/x.prisma:3");
    }

    #[test]
    fn a_schema_for_each_database_says_nothing_about_this_one() {
        let (config, found) = configured(&[
            (
                "prisma/mysql-schema.prisma",
                "datasource db {\n  provider = \"mysql\"\n  url = \"mysql://h/d\"\n}\n",
            ),
            (
                "prisma/postgresql-schema.prisma",
                "datasource db {\n  provider = \"postgresql\"\n  url = \"postgres://h/d\"\n}\n",
            ),
            ("prisma/postgresql-migrations/1_init/migration.sql", SQL),
            (
                "prisma/postgresql-migrations/migration_lock.toml",
                "provider = \"postgresql\"\n",
            ),
        ]);
        assert_eq!(config, HostConfig::default());
        assert_eq!(found, None);
    }

    #[test]
    fn two_providers_are_an_error() {
        let (config, _) = configured(&[
            (
                "prisma/schema.prisma",
                "datasource db {\n  provider = \"mysql\"\n}\n",
            ),
            (
                "prisma/migrations/migration_lock.toml",
                "# note\nprovider = \"postgresql\"\n",
            ),
        ]);
        assert_eq!(
            config.diagnostics[0].to_string(),
            "the migrations are for `postgresql` (prisma/migrations/migration_lock.toml:2), and the schema says `mysql` (prisma/schema.prisma)"
        );
    }

    #[test]
    fn folders_are_migrations() {
        let tree = MemoryTree::new(&[
            ("m/20260101000000_a/migration.sql", "hello"),
            ("m/20260101000000_a/down.sql", "bye"),
            ("m/20260101000000_b/readme.md", ""),
            ("m/notes.sql", ""),
        ]);
        let set = Prisma.read(&tree, "m", &HostConfig::default()).unwrap();
        assert_eq!(set.migrations.len(), 1);
        let first = &set.migrations[0];
        assert_eq!(first.id(), "20260101000000_a");
        // The value of the engine's own test.
        assert_eq!(
            first.checksums[0].as_str(),
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        );
        assert!(first.checksums.contains(&Checksum::from_text(
            "2cf24dba5fb0a3e26e83b2ac5b9e29e1b161e5c1fa7425e7343362938b9824"
        )));
        assert!(first.down.is_some());
        assert_eq!(set.ignored.len(), 1);
        assert_eq!(
            set.diagnostics[0].to_string(),
            "`m/20260101000000_b` has no migration.sql"
        );
        assert_eq!(
            Prisma.way_back(first),
            "Prisma Migrate has no way back of its own: write m/20260101000000_a/down.sql"
        );
    }
}
