//! A changelog of Liquibase with a changeset for everything that its attributes ask for and that a fault could come between.

use crate::project::FaultProject;
use crate::tool_projects::HistoryRows;
use shoring_testkit::tool_facts::LIQUIBASE;
use shoring_testkit::{Engine, TestDatabase};

const PATH: &str = "migrations/changelog.sql";

/// The project, and the same with a changeset that was edited and is to run once more for it.
pub(crate) fn project(database: TestDatabase) -> FaultProject {
    let engine = database.engine;
    let first = text(engine);
    let edited = first.replace("VALUES ('5.1')", "VALUES ('5.1 again')");
    FaultProject::empty(database)
        .with_history(HistoryRows::of(&LIQUIBASE, engine))
        .with(PATH, &first)
        .edited(PATH, &first, &edited)
}

fn text(engine: Engine) -> String {
    let text_type = engine.pick("text", "varchar(20)", "text");
    // What commits by itself, in a changeset that asks for no transaction.
    let (alone, back) = engine.pick(
        (
            "CREATE INDEX CONCURRENTLY a_x ON a (x);",
            "DROP INDEX CONCURRENTLY a_x;",
        ),
        ("CREATE INDEX a_x ON a (x);", "DROP INDEX a_x ON a;"),
        ("CREATE INDEX a_x ON a (x);", "DROP INDEX a_x;"),
    );
    let sum = engine.pick(
        "'sum' || sum(x)",
        "CONCAT('sum', SUM(x))",
        "'sum' || sum(x)",
    );
    format!(
        "--liquibase formatted sql

--changeset me:1
CREATE TABLE witness (step {text_type} NOT NULL);
INSERT INTO witness VALUES ('1.2');
CREATE TABLE a (id int, x int);
INSERT INTO a VALUES (1, 1), (2, 2), (3, 3);
--rollback DROP TABLE a;
--rollback DROP TABLE witness;

--changeset me:2 runInTransaction:false
INSERT INTO witness VALUES ('2.1');
{alone}
INSERT INTO witness VALUES ('2.3');
--rollback DELETE FROM witness WHERE step LIKE '2.%';
--rollback {back}

--changeset me:3 failOnError:false
INSERT INTO witness VALUES ('3.1');
CREATE TABLE a (id int);
INSERT INTO witness VALUES ('3.3');
--rollback DELETE FROM witness WHERE step LIKE '3.%';

--changeset me:always runAlways:true
DROP VIEW IF EXISTS v;
CREATE VIEW v AS SELECT x FROM a;
--rollback DROP VIEW v;

--changeset me:5 runOnChange:true
INSERT INTO witness VALUES ('5.1');
INSERT INTO a VALUES (5, 5);
--rollback DELETE FROM a WHERE id = 5;
--rollback DELETE FROM witness WHERE step LIKE '5.%';

--changeset me:6
--preconditions onFail:MARK_RAN
--precondition-sql-check expectedResult:1 SELECT count(*) FROM witness WHERE step = 'none'
INSERT INTO witness VALUES ('6.1');
--rollback empty

--changeset me:7
INSERT INTO witness VALUES ('7.1');
UPDATE a SET x = x + 1;
INSERT INTO witness SELECT {sum} FROM a;
--rollback UPDATE a SET x = x - 1;
--rollback DELETE FROM witness WHERE step = '7.1' OR step LIKE 'sum%';
"
    )
}
