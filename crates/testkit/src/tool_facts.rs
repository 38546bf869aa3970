//! What tests have to know of each tool: how it names files, what its table is called, how it judges.

use crate::Engine;

/// Paths below `migrations/`, with their texts.
pub type Files = Vec<(String, String)>;

/// One tool.
#[derive(Clone, Copy)]
pub struct Tool {
    /// What `--format` calls it.
    pub format: &'static str,
    /// The name of its table, as it writes it.
    pub table: &'static str,
    /// A file that says that the project is its own.
    pub evidence: Option<(&'static str, &'static str)>,
    /// The files of a migration, below `migrations/`: number, name, the way there, the way back.
    pub files: fn(u32, &str, &str, &str) -> Files,
    /// The statements with which it makes its table.
    pub create: fn(Engine) -> Vec<String>,
    /// Whether a file below the newest applied one runs like any other.
    pub late_runs: bool,
    /// Whether rows without a file stop nothing.
    pub missing_is_noted: bool,
    /// What it takes a migration for whose name was changed and whose number was not.
    pub renamed: Renamed,
    /// Whether two files can have one number.
    pub has_duplicates: bool,
    /// Whether it stops at a file with other line ends.
    pub minds_line_ends: bool,
    /// Whether its table has a row that says that a migration did not end well.
    pub knows_failed: bool,
}

/// What a tool takes a migration for under another name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Renamed {
    /// The one it was.
    Same,
    /// One whose text was changed.
    Changed,
    /// Another one.
    Another,
}

impl Tool {
    /// The name of its table on a server.
    pub fn table_on(&self, engine: Engine) -> String {
        match (self.format, engine) {
            // It quotes no names.
            ("liquibase", Engine::Postgresql) => self.table.to_lowercase(),
            _ => self.table.to_owned(),
        }
    }

    /// What is removed when a migration is deleted, below `migrations/`: its folder, where it has one, else its files.
    pub fn whole(&self, number: u32, name: &str) -> Vec<String> {
        let mut whole: Vec<String> = (self.files)(number, name, "", "")
            .into_iter()
            .map(|(path, _)| match path.split_once('/') {
                Some((folder, _)) => folder.to_owned(),
                None => path,
            })
            .collect();
        whole.dedup();
        whole
    }

    /// How it spells the version of a migration.
    pub fn version(&self, number: u32, name: &str) -> String {
        match self.format {
            "prisma" => format!("2026010{number}000000_{name}"),
            "dbmate" | "diesel" | "goose" => format!("2026010{number}000000"),
            "liquibase" => format!("migrations/{number}_{name}.sql::{number}::me"),
            _ => number.to_string(),
        }
    }
}

fn plain(engine: Engine, postgresql: &str, mysql: &str, sqlite: &str) -> Vec<String> {
    vec![engine.pick(postgresql, mysql, sqlite).to_owned()]
}

/// golang-migrate.
pub const GOLANG_MIGRATE: Tool = Tool {
    format: "golang-migrate",
    table: "schema_migrations",
    evidence: Some((
        "go.mod",
        "module app\n\nrequire github.com/golang-migrate/migrate/v4 v4.19.0\n",
    )),
    files: |number, name, up, down| {
        vec![
            (format!("{number}_{name}.up.sql"), up.to_owned()),
            (format!("{number}_{name}.down.sql"), down.to_owned()),
        ]
    },
    create: |engine| {
        let table = "CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null)";
        engine.pick(
            vec![table.to_owned()],
            vec![table.to_owned()],
            vec![
                "CREATE TABLE schema_migrations (version uint64,dirty bool)".to_owned(),
                "CREATE UNIQUE INDEX version_unique ON schema_migrations (version)".to_owned(),
            ],
        )
    },
    // The table cannot tell: a late file counts as applied.
    late_runs: false,
    missing_is_noted: false,
    renamed: Renamed::Same,
    has_duplicates: true,
    minds_line_ends: false,
    knows_failed: true,
};

/// dbmate.
pub const DBMATE: Tool = Tool {
    format: "dbmate",
    table: "schema_migrations",
    evidence: None,
    files: |number, name, up, down| {
        vec![(
            format!("2026010{number}000000_{name}.sql"),
            format!("-- migrate:up\n{up}\n-- migrate:down\n{down}"),
        )]
    },
    create: |engine| {
        plain(
            engine,
            "CREATE TABLE schema_migrations (version varchar primary key)",
            "CREATE TABLE schema_migrations (version varchar(128) primary key)",
            "CREATE TABLE schema_migrations (version varchar(128) primary key)",
        )
    },
    late_runs: true,
    missing_is_noted: true,
    renamed: Renamed::Same,
    has_duplicates: true,
    minds_line_ends: false,
    knows_failed: false,
};

/// sqlx.
pub const SQLX: Tool = Tool {
    format: "sqlx",
    table: "_sqlx_migrations",
    evidence: Some(("Cargo.toml", "[dependencies]\nsqlx = \"0.9\"\n")),
    files: |number, name, up, down| {
        vec![
            (format!("{number}_{name}.up.sql"), up.to_owned()),
            (format!("{number}_{name}.down.sql"), down.to_owned()),
        ]
    },
    create: |engine| {
        plain(
            engine,
            "CREATE TABLE IF NOT EXISTS _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, execution_time BIGINT NOT NULL)",
            "CREATE TABLE IF NOT EXISTS _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)",
            "CREATE TABLE IF NOT EXISTS _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)",
        )
    },
    late_runs: true,
    missing_is_noted: false,
    renamed: Renamed::Same,
    has_duplicates: true,
    minds_line_ends: true,
    knows_failed: true,
};

/// Prisma Migrate.
pub const PRISMA: Tool = Tool {
    format: "prisma",
    table: "_prisma_migrations",
    evidence: None,
    files: |number, name, up, down| {
        let folder = format!("2026010{number}000000_{name}");
        vec![
            (format!("{folder}/migration.sql"), up.to_owned()),
            (format!("{folder}/down.sql"), down.to_owned()),
        ]
    },
    create: |engine| {
        plain(
            engine,
            "CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)",
            "CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at DATETIME(3), migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at DATETIME(3), started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
            "CREATE TABLE \"_prisma_migrations\" (\"id\" TEXT PRIMARY KEY NOT NULL, \"checksum\" TEXT NOT NULL, \"finished_at\" DATETIME, \"migration_name\" TEXT NOT NULL, \"logs\" TEXT, \"rolled_back_at\" DATETIME, \"started_at\" DATETIME NOT NULL DEFAULT current_timestamp, \"applied_steps_count\" INTEGER UNSIGNED NOT NULL DEFAULT 0)",
        )
    },
    late_runs: true,
    missing_is_noted: true,
    renamed: Renamed::Another,
    has_duplicates: false,
    minds_line_ends: false,
    knows_failed: true,
};

/// diesel.
pub const DIESEL: Tool = Tool {
    format: "diesel",
    table: "__diesel_schema_migrations",
    evidence: Some(("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n")),
    files: |number, name, up, down| {
        let folder = format!("2026-01-0{number}-000000_{name}");
        vec![
            (format!("{folder}/up.sql"), up.to_owned()),
            (format!("{folder}/down.sql"), down.to_owned()),
        ]
    },
    create: |engine| {
        let table = "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)";
        plain(engine, table, table, table)
    },
    late_runs: true,
    missing_is_noted: true,
    renamed: Renamed::Same,
    has_duplicates: true,
    minds_line_ends: false,
    knows_failed: false,
};

/// goose.
pub const GOOSE: Tool = Tool {
    format: "goose",
    table: "goose_db_version",
    evidence: None,
    files: |number, name, up, down| {
        vec![(
            format!("2026010{number}000000_{name}.sql"),
            format!("-- +goose Up\n{up}\n-- +goose Down\n{down}"),
        )]
    },
    create: |engine| {
        plain(
            engine,
            "CREATE TABLE goose_db_version (id integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp NOT NULL DEFAULT now())",
            "CREATE TABLE goose_db_version (id bigint(20) unsigned NOT NULL AUTO_INCREMENT, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp NULL default now(), PRIMARY KEY(id))",
            "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))",
        )
    },
    late_runs: false,
    missing_is_noted: true,
    renamed: Renamed::Same,
    has_duplicates: true,
    minds_line_ends: false,
    knows_failed: false,
};

/// refinery.
pub const REFINERY: Tool = Tool {
    format: "refinery",
    table: "refinery_schema_history",
    evidence: Some(("Cargo.toml", "[dependencies]\nrefinery = \"0.10\"\n")),
    files: |number, name, up, down| {
        vec![
            (format!("V{number}__{name}.sql"), up.to_owned()),
            (format!("V{number}__{name}.down.sql"), down.to_owned()),
        ]
    },
    create: |engine| {
        let table = "CREATE TABLE IF NOT EXISTS refinery_schema_history( version int4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255))";
        plain(engine, table, table, table)
    },
    late_runs: false,
    missing_is_noted: false,
    renamed: Renamed::Changed,
    has_duplicates: true,
    minds_line_ends: true,
    knows_failed: false,
};

/// Liquibase, a changelog in SQL for each changeset.
pub const LIQUIBASE: Tool = Tool {
    format: "liquibase",
    table: "DATABASECHANGELOG",
    evidence: None,
    files: |number, name, up, down| {
        let down = down.trim_end().replace('\n', "\n--rollback ");
        vec![(
            format!("{number}_{name}.sql"),
            format!("--liquibase formatted sql\n--changeset me:{number}\n{up}--rollback {down}\n"),
        )]
    },
    create: |engine| {
        plain(
            engine,
            "CREATE TABLE databasechangelog (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED TIMESTAMP WITHOUT TIME ZONE NOT NULL, ORDEREXECUTED INTEGER NOT NULL, EXECTYPE VARCHAR(10) NOT NULL, MD5SUM VARCHAR(35), DESCRIPTION VARCHAR(255), COMMENTS VARCHAR(255), TAG VARCHAR(255), LIQUIBASE VARCHAR(20), CONTEXTS VARCHAR(255), LABELS VARCHAR(255), DEPLOYMENT_ID VARCHAR(10))",
            "CREATE TABLE DATABASECHANGELOG (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED datetime NOT NULL, ORDEREXECUTED INT NOT NULL, EXECTYPE VARCHAR(10) NOT NULL, MD5SUM VARCHAR(35) NULL, DESCRIPTION VARCHAR(255) NULL, COMMENTS VARCHAR(255) NULL, TAG VARCHAR(255) NULL, LIQUIBASE VARCHAR(20) NULL, CONTEXTS VARCHAR(255) NULL, LABELS VARCHAR(255) NULL, DEPLOYMENT_ID VARCHAR(10) NULL)",
            "CREATE TABLE DATABASECHANGELOG (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED TEXT NOT NULL, ORDEREXECUTED INTEGER NOT NULL, EXECTYPE VARCHAR(10) NOT NULL, MD5SUM VARCHAR(35), DESCRIPTION VARCHAR(255), COMMENTS VARCHAR(255), TAG VARCHAR(255), LIQUIBASE VARCHAR(20), CONTEXTS VARCHAR(255), LABELS VARCHAR(255), DEPLOYMENT_ID VARCHAR(10))",
        )
    },
    late_runs: true,
    missing_is_noted: true,
    // The path of its file is a part of what a changeset is known by.
    renamed: Renamed::Another,
    has_duplicates: false,
    minds_line_ends: false,
    knows_failed: false,
};
