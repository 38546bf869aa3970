//! Small projects of other tools: what they do is what a database can do to a migration, one transaction, steps, rows alone.

use crate::project::FaultProject;
use shoring_testkit::tool_facts::{self, Tool};
use shoring_testkit::{Engine, TestDatabase};

/// Which rows of a tool's table have to be as after an undisturbed run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HistoryRows {
    /// The table.
    pub(crate) table: &'static str,
    /// What of it is compared, in order.
    pub(crate) columns: &'static str,
    /// Those that count; others tell of attempts.
    pub(crate) condition: &'static str,
    /// What they are ordered by.
    pub(crate) order: &'static str,
    /// The table with the tool's own lock, and what is true of its row while somebody has it.
    pub(crate) lock: Option<(&'static str, &'static str)>,
}

impl HistoryRows {
    /// Those of the native format.
    pub(crate) const NATIVE: Self = Self {
        table: "shoring_history",
        columns: "version",
        condition: "1 = 1",
        order: "version",
        lock: None,
    };

    pub(crate) fn of(tool: &Tool, engine: Engine) -> Self {
        let rows = Self {
            table: tool.table,
            ..Self::NATIVE
        };
        match tool.format {
            "golang-migrate" => Self {
                columns: "version, dirty",
                ..rows
            },
            "sqlx" => Self {
                columns: "version, success, description",
                ..rows
            },
            "refinery" => Self {
                columns: "version, name, checksum",
                ..rows
            },
            "goose" => Self {
                columns: "version_id, is_applied",
                order: "id",
                ..rows
            },
            "flyway" => Self {
                columns: "installed_rank, version, type, script, success",
                order: "installed_rank",
                ..rows
            },
            // A run that was killed leaves a row that says so, as a failed one does.
            "prisma" => Self {
                columns: "migration_name, CASE WHEN finished_at IS NULL THEN 'open' ELSE 'finished' END, applied_steps_count",
                condition: "rolled_back_at IS NULL",
                order: "migration_name",
                ..rows
            },
            "liquibase" => Self {
                table: engine.pick(
                    "databasechangelog",
                    "DATABASECHANGELOG",
                    "DATABASECHANGELOG",
                ),
                // What runs always ran once more when it ran before the fault.
                columns: "id, CASE WHEN id = 'always' THEN 'ran' ELSE exectype END, md5sum",
                order: "filename, id",
                lock: Some(engine.pick(
                    ("databasechangeloglock", "locked"),
                    ("DATABASECHANGELOGLOCK", "LOCKED"),
                    ("DATABASECHANGELOGLOCK", "LOCKED"),
                )),
                ..rows
            },
            "dbmate" | "diesel" => rows,
            other => panic!("nothing is known of the rows of {other}"),
        }
    }

    /// The query.
    pub(crate) fn select(&self) -> String {
        let Self {
            table,
            columns,
            condition,
            order,
            ..
        } = self;
        format!("SELECT {columns} FROM {table} WHERE {condition} ORDER BY {order}")
    }
}

/// What Flyway's project has; its own suite knows the rest of it.
pub(crate) const FLYWAY: Tool = Tool {
    format: "flyway",
    table: "flyway_schema_history",
    evidence: Some((
        "flyway.toml",
        "[flyway]\nlocations = [\"filesystem:migrations\"]\n",
    )),
    files: |number, name, up, down| {
        vec![
            (format!("V{number}__{name}.sql"), up.to_owned()),
            (format!("U{number}__{name}.sql"), down.to_owned()),
        ]
    },
    ..tool_facts::REFINERY
};

/// A project of this tool, with one migration of each kind of execution.
pub(crate) fn project(database: TestDatabase, tool: &Tool) -> FaultProject {
    let engine = database.engine;
    let mut project = FaultProject::empty(database).with_history(HistoryRows::of(tool, engine));
    if let Some((path, text)) = tool.evidence {
        project = project.with(path, text);
    }
    let scripts = engine.pick(POSTGRESQL, MARIADB, SQLITE);
    for (number, (name, up, down)) in (1..).zip(scripts) {
        for (path, text) in (tool.files)(number, name, up, down) {
            project = project.with(&format!("migrations/{path}"), &text);
        }
    }
    project
}

/// Name, way there, way back.
type Scripts = [(&'static str, &'static str, &'static str); 3];

const POSTGRESQL: Scripts = [
    (
        "tables",
        "CREATE TABLE witness (step text NOT NULL);\nINSERT INTO witness VALUES ('1.2');\nCREATE TABLE a (id int, x int);\nINSERT INTO a SELECT n, n FROM generate_series(1, 100) n;\n",
        "DROP TABLE a;\nDROP TABLE witness;\n",
    ),
    (
        "steps",
        "INSERT INTO witness VALUES ('2.1');\nCREATE INDEX CONCURRENTLY a_x ON a (x);\nINSERT INTO witness VALUES ('2.3');\n",
        "DELETE FROM witness WHERE step LIKE '2.%';\nDROP INDEX CONCURRENTLY a_x;\n",
    ),
    (
        "row_changes",
        "INSERT INTO witness VALUES ('3.1');\nUPDATE a SET x = x + 1;\nINSERT INTO witness SELECT 'sum' || sum(x) FROM a;\n",
        "UPDATE a SET x = x - 1;\nDELETE FROM witness WHERE step = '3.1' OR step LIKE 'sum%';\n",
    ),
];

const MARIADB: Scripts = [
    (
        "tables",
        "CREATE TABLE witness (step varchar(20) NOT NULL) ENGINE=InnoDB;\nINSERT INTO witness VALUES ('1.2');\nCREATE TABLE a (id int, x int) ENGINE=InnoDB;\nINSERT INTO a VALUES (1, 1), (2, 2), (3, 3);\n",
        "DROP TABLE a;\nDROP TABLE witness;\n",
    ),
    (
        "steps",
        "INSERT INTO witness VALUES ('2.1');\nALTER TABLE a ADD COLUMN y int DEFAULT 7;\nINSERT INTO witness VALUES ('2.3');\nCREATE INDEX a_x ON a (x);\n",
        "DROP INDEX a_x ON a;\nALTER TABLE a DROP COLUMN y;\nDELETE FROM witness WHERE step LIKE '2.%';\n",
    ),
    (
        "row_changes",
        "INSERT INTO witness VALUES ('3.1');\nUPDATE a SET x = x + 1;\nINSERT INTO witness SELECT CONCAT('sum', SUM(x)) FROM a;\n",
        "UPDATE a SET x = x - 1;\nDELETE FROM witness WHERE step = '3.1' OR step LIKE 'sum%';\n",
    ),
];

const SQLITE: Scripts = [
    (
        "tables",
        "CREATE TABLE witness (step text NOT NULL);\nINSERT INTO witness VALUES ('1.2');\nCREATE TABLE a (id int, x int);\nINSERT INTO a VALUES (1, 1), (2, 2), (3, 3);\n",
        "DROP TABLE a;\nDROP TABLE witness;\n",
    ),
    (
        "steps",
        "INSERT INTO witness VALUES ('2.1');\nVACUUM;\nINSERT INTO witness VALUES ('2.3');\n",
        "DELETE FROM witness WHERE step LIKE '2.%';\n",
    ),
    (
        "row_changes",
        "INSERT INTO witness VALUES ('3.1');\nUPDATE a SET x = x + 1;\nINSERT INTO witness SELECT 'sum' || sum(x) FROM a;\n",
        "UPDATE a SET x = x - 1;\nDELETE FROM witness WHERE step = '3.1' OR step LIKE 'sum%';\n",
    ),
];
