//! What PostgreSQL and MariaDB refuse, as a person reads it.

use crate::project::TestProject;
use shoring_db::Batch;
use shoring_testkit::{Engine, TestDatabase};

/// A project on this database; its address is left out of what it prints.
struct OnServer {
    project: TestProject,
    database: TestDatabase,
}

impl OnServer {
    fn new(database: &TestDatabase, files: &[(&str, &str)]) -> Self {
        let mut project = TestProject::empty().with_variable("DATABASE_URL", &database.url_text());
        for (name, text) in files {
            project = project.with(&format!("migrations/{name}"), text);
        }
        Self {
            project,
            database: database.clone(),
        }
    }

    /// With another file, or another text of it.
    fn with(self, name: &str, text: &str) -> Self {
        Self {
            project: self.project.with(&format!("migrations/{name}"), text),
            ..self
        }
    }

    /// What it says on stderr, with the exit code.
    fn complaint(&self, line: &str) -> String {
        let run = self.project.run(line);
        let port = self.database.server().port().to_string();
        let text = run
            .stderr
            .replace(&self.database.name, "[db]")
            .replace(&port, "[port]");
        let code = run.code.unwrap();
        format!("{text}--- exit {code}")
    }

    /// As the user of this name and password.
    fn with_login(self, name: &str) -> Self {
        let text = self.database.url_text();
        let (scheme, rest) = text.split_once("://").unwrap();
        let (_, place) = rest.rsplit_once('@').unwrap();
        let url = format!("{scheme}://{name}:secret@{place}");
        Self {
            project: self.project.with_variable("DATABASE_URL", &url),
            ..self
        }
    }
}

async fn execute(database: &TestDatabase, statements: &[&str]) {
    let mut session = database.connect().await;
    for statement in statements {
        let batch = Batch {
            statements: &[statement],
        };
        session
            .execute(batch, &mut |_| {})
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    session.close().await.unwrap();
}

const TABLE: (&str, &str) = ("001_t.up.sql", "CREATE TABLE t (id integer PRIMARY KEY);\n");

mod postgresql {
    use super::*;

    async fn place_of_a_definition(database: TestDatabase) {
        let files = [
            TABLE,
            (
                "002_again.up.sql",
                "SELECT 1;\n-- t\nCREATE TABLE t (id integer);\n",
            ),
        ];
        let project = OnServer::new(&database, &files);
        insta::assert_snapshot!(project.complaint("up"), @r#"
        error: relation "t" already exists
         ┌─ migrations/002_again.up.sql:3:14
          │
        3 │ CREATE TABLE t (id integer);
          │              ^ PostgreSQL 42P07
          │
          = statement 2 of 2 in 002_again: CREATE TABLE
          = table t was there before this run
          = it may be the rest of an earlier run that stopped in the middle of this file, or made by hand or by another migration

          State:  Nothing of this run remains. The database is at 001, with what was there before.
          Next:   if it is such a rest, compare it with the file, drop it, and run  shoring up
                  if all of 002 is there:  shoring mark 002 applied
                  else fix the file, then run  shoring up
        --- exit 6
        "#);
    }

    async fn made_by_another(database: TestDatabase) {
        let definitions = [
            ("CREATE TYPE mood AS ENUM ('sad')", ""),
            (
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "",
            ),
            ("CREATE INDEX t_id ON t (id)", ""),
            ("CREATE SCHEMA ", "_s"),
            ("ALTER TABLE t ADD note text", ""),
            ("ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0)", ""),
            (
                "CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
                "",
            ),
            ("CREATE VIEW v AS SELECT 1 AS one", ""),
        ];
        for (number, (definition, end)) in definitions.iter().enumerate() {
            let text = match *end {
                "" => (*definition).to_owned(),
                end => format!("{definition}{}{end}", database.name),
            };
            let project = OnServer::new(&database, &[TABLE]);
            project.project.run("up");
            let twice = format!("{text};\n{text};\n");
            let project = project.with(&format!("{:03}_twice.up.sql", number + 2), &twice);
            let complaint = project.complaint("up");
            assert!(complaint.contains("nothing of 0"), "{text}: {complaint}");
            execute(&database, &[&text]).await;
            let project = project.with(&format!("{:03}_twice.up.sql", number + 2), &text);
            let complaint = project.complaint("up");
            assert!(
                complaint.contains("was there before this run")
                    && !complaint.contains("nothing of 0"),
                "{text}: {complaint}"
            );
        }
    }

    #[test]
    fn what_another_made_was_called_nothing() {
        shoring_testkit::run(Engine::Postgresql, made_by_another);
    }

    /// A project of Prisma whose history is in the schema `app`.
    async fn history_elsewhere(database: TestDatabase) {
        let schema =
            "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n";
        let files = [
            ("../prisma/schema.prisma", schema),
            (
                "../prisma/migrations/20260101000000_users/migration.sql",
                "CREATE TABLE users (id integer);\n",
            ),
        ];
        execute(&database, &["CREATE SCHEMA app", "CREATE SCHEMA tenant"]).await;
        let at = |schema: &str| {
            let url = format!("{}?schema={schema}", database.url_text());
            let project = OnServer::new(&database, &files).project;
            OnServer {
                project: project.with_variable("DATABASE_URL", &url),
                database: database.clone(),
            }
        };
        assert_eq!(at("app").project.run("up").code, Some(0));
        let project = OnServer::new(&database, &files);
        insta::assert_snapshot!(project.complaint("up"), @r"
        error: the history table `public._prisma_migrations` is not there, but `app._prisma_migrations` is
         = nothing names a schema, and then it is `public`

          State:  Nothing was run and nothing was changed.
          Next:   if `app._prisma_migrations` is meant, say so in the URL:  ?schema=app
                  to begin at the first migration in `public`:  shoring up --history-table public._prisma_migrations
        --- exit 2
        ");
        assert_eq!(project.project.run("status").code, Some(2));
        // Who names an empty schema means it.
        insta::assert_snapshot!(at("tenant").complaint("up"), @r"
        warning: `tenant._prisma_migrations` is not there yet, so this begins at the first migration; other schemas have one: `app._prisma_migrations`
        --- exit 0
        ");
        insta::assert_snapshot!(project.complaint("up"), @r"
        error: the history table `public._prisma_migrations` is not there, but `app._prisma_migrations`, `tenant._prisma_migrations` are
         = nothing names a schema, and then it is `public`

          State:  Nothing was run and nothing was changed.
          Next:   if `app._prisma_migrations` is meant, say so in the URL:  ?schema=app
                  to begin at the first migration in `public`:  shoring up --history-table public._prisma_migrations
        --- exit 2
        ");
        execute(&database, &["DROP TABLE tenant._prisma_migrations"]).await;
        insta::assert_snapshot!(at("tenant").complaint("status"), @r"
        error: the history table `tenant._prisma_migrations` is not there, but `app._prisma_migrations` is

          State:  Nothing was run and nothing was changed.
          Next:   if `app._prisma_migrations` is meant, say so in the URL:  ?schema=app
                  to begin at the first migration in `tenant`:  shoring up --history-table tenant._prisma_migrations
        --- exit 2
        ");
        let told = "up --history-table public._prisma_migrations";
        assert_eq!(project.project.run(told).code, Some(0));
    }

    #[test]
    fn a_history_in_another_schema_was_begun_again() {
        shoring_testkit::run(Engine::Postgresql, history_elsewhere);
    }

    #[test]
    fn a_caret_stands_under_the_name_a_definition_is_refused_for() {
        shoring_testkit::run(Engine::Postgresql, place_of_a_definition);
    }

    async fn poor_role(database: TestDatabase) {
        let role = format!("{}_poor", database.name);
        let create = format!("CREATE ROLE {role} LOGIN PASSWORD 'secret'");
        // Until 14, everybody may create in `public`.
        let revoke = "REVOKE CREATE ON SCHEMA public FROM PUBLIC";
        execute(&database, &[&create, revoke]).await;
        let project = OnServer::new(&database, &[TABLE]).with_login(&role);
        let complaint = project.complaint("up");
        execute(&database, &[&format!("DROP ROLE {role}")]).await;
        insta::assert_snapshot!(complaint, @r"
        error: permission denied for schema public (42501)
         = hint: the schema's owner gives it:  GRANT USAGE, CREATE ON SCHEMA ... TO ...

          State:  Nothing was run and nothing was changed.
          Next:   grant this user the right, or use another user
        --- exit 9
        ");
    }

    #[test]
    fn a_role_that_may_not_create_is_told_so() {
        shoring_testkit::run(Engine::Postgresql, poor_role);
    }

    async fn wrong_port(database: TestDatabase) {
        let url = database
            .url_text()
            .replace(&database.server().port().to_string(), "1");
        let project = OnServer::new(&database, &[TABLE]);
        let project = OnServer {
            project: project.project.with_variable("DATABASE_URL", &url),
            ..project
        };
        insta::assert_snapshot!(project.complaint("up"), @r"
        error: cannot connect to `127.0.0.1:1`: Connection refused (os error 111)
         = database: postgres://postgres@127.0.0.1:1/[db]

          Next:   is the server running, and the URL right?  shoring config
        --- exit 9
        ");
    }

    #[test]
    fn a_wrong_port_is_named() {
        shoring_testkit::run(Engine::Postgresql, wrong_port);
    }
}

mod mariadb {
    use super::*;

    async fn foreign_key(database: TestDatabase) {
        let files = [
            TABLE,
            (
                "002_child.up.sql",
                "CREATE TABLE child (\n  id integer PRIMARY KEY,\n  t_id bigint NOT NULL,\n  CONSTRAINT child_t FOREIGN KEY (t_id) REFERENCES t (id)\n);\n",
            ),
        ];
        let project = OnServer::new(&database, &files);
        insta::assert_snapshot!(project.complaint("up"), @r#"
        error: Can't create table `[db]`.`child` (errno: 150 "Foreign key constraint is incorrectly formed")
         ┌─ migrations/002_child.up.sql:1:14
          │
        1 │ CREATE TABLE child (
          │              ^^^^^ MariaDB 1005
          │
          = statement 1 of 1 in 002_child: CREATE TABLE
          = Create  table `[db]`.`child` with foreign key `child_t` constraint failed. Field type or character set for column 't_id' does not match referenced column 'id'. Cannot add foreign key constraint for `child`

          State:  002 was rolled back completely. The database is at 001, nothing of 002 remains.
          Next:   fix the file, then run  shoring up
        --- exit 6
        "#);
    }

    #[test]
    fn a_foreign_key_that_cannot_be_made_says_why() {
        shoring_testkit::run(Engine::Mariadb, foreign_key);
    }

    /// What dbmate leaves of a file that failed at its third statement, when it has run it.
    async fn half_of_a_tool(database: TestDatabase) {
        let half = "-- migrate:up\nCREATE TABLE two (id integer PRIMARY KEY);\nALTER TABLE one ADD note varchar(20);\nCREATE INDEX one_note ON one (note);\n-- migrate:down\nDROP TABLE two;\n";
        let files = [
            (
                "../db/migrations/20240101000001_one.sql",
                "-- migrate:up\nCREATE TABLE one (id integer PRIMARY KEY);\n-- migrate:down\nDROP TABLE one;\n",
            ),
            ("../db/migrations/20240101000002_two.sql", half),
        ];
        let project = OnServer::new(&database, &files);
        project.project.run("up --steps 1");
        execute(
            &database,
            &[
                "CREATE TABLE two (id integer PRIMARY KEY)",
                "ALTER TABLE one ADD note varchar(20)",
            ],
        )
        .await;
        insta::assert_snapshot!(project.complaint("up"), @r"
        error: Table 'two' already exists
         ┌─ db/migrations/20240101000002_two.sql:2:14
          │
        2 │ CREATE TABLE two (id integer PRIMARY KEY);
          │              ^^^ MariaDB 1050
          │
          = statement 1 of 3 in 20240101000002_two: CREATE TABLE
          = table two was there before this run
          = it may be the rest of an earlier run of dbmate that stopped in the middle of this file, or made by hand or by another migration

          State:  Nothing of this run remains. The database is at 20240101000001, with what was there before.
          Next:   if it is such a rest, compare it with the file, drop it, and run  shoring up
                  if all of 20240101000002 is there:  shoring mark 20240101000002 applied
                  else fix the file, then run  shoring up
        --- exit 6
        ");
        let guarded = half.replace("TABLE two (", "TABLE IF NOT EXISTS two (");
        let project = project.with(files[1].0, &guarded);
        insta::assert_snapshot!(project.complaint("up"), @r"
        error: Duplicate column name 'note'
         ┌─ db/migrations/20240101000002_two.sql:3:21
          │
        3 │ ALTER TABLE one ADD note varchar(20);
          │                     ^^^^ MariaDB 1060
          │
          = statement 2 of 3 in 20240101000002_two: ALTER TABLE
          = what it adds to table one was there before this run
          = it may be the rest of an earlier run of dbmate that stopped in the middle of this file, or made by hand or by another migration

          State:  MariaDB commits each DDL statement. 1 of 3 statements of 20240101000002 are in the database (recorded), 2 to 3 are not.
                  applied   1  CREATE TABLE IF NOT EXISTS two (id integer PRIMA…
                  failed    2  ALTER TABLE one ADD note varchar(20)
                  not run   3  CREATE INDEX one_note ON one (note)
          Next:   if it is such a rest, compare it with the file, take it out, and run  shoring up
                  if all of 20240101000002 is there:  shoring mark 20240101000002 applied
                  else fix statement 2 in the file, then  shoring up  goes on there
                  or take back what was applied:  shoring down
        --- exit 7
        ");
        let marked = project.project.run("mark 20240101000002 applied");
        assert_eq!(marked.code, Some(0));
        insta::assert_snapshot!(project.complaint("status --exit-code"), @"--- exit 0");
    }

    #[test]
    fn the_rest_of_a_run_of_the_tool_was_called_nothing() {
        shoring_testkit::run(Engine::Mariadb, half_of_a_tool);
    }

    async fn own_double(database: TestDatabase) {
        let files = [(
            "001_twice.up.sql",
            "CREATE TABLE t (id integer);\nCREATE TABLE t (id integer);\n",
        )];
        let complaint = OnServer::new(&database, &files).complaint("up");
        assert!(!complaint.contains("before this run"), "{complaint}");
        let files = [(
            "001_twice.up.sql",
            "CREATE TABLE t (id integer, id integer);\n",
        )];
        execute(&database, &["DROP TABLE t"]).await;
        let complaint = OnServer::new(&database, &files).complaint("up");
        assert!(!complaint.contains("before this run"), "{complaint}");
    }

    #[test]
    fn what_a_file_makes_twice_was_not_there_before() {
        shoring_testkit::run(Engine::Mariadb, own_double);
    }

    async fn unknown_mode(database: TestDatabase) {
        let files = [(
            "001_mode.up.sql",
            "SET sql_mode = (SELECT m FROM modes);\nCREATE TABLE t (v varchar(50));\nINSERT INTO t VALUES ('C:\\temp');\nINSERT INTO t VALUES ('a\\');\n",
        )];
        let project = OnServer::new(&database, &files);
        insta::assert_snapshot!(project.complaint("up"), @r"
        error: where this string ends depends on the `sql_mode` that an earlier statement sets, and its value cannot be seen in the file (line 4, column 23)
         ┌─ migrations/001_mode.up.sql:4:23
          │
        4 │ INSERT INTO t VALUES ('a\');
          │                       ^
          │
          = give sql_mode as a text in that SET, or double the quote here and take the backslash out

          State:  Nothing was run and nothing was changed.
          Next:   correct it, then run the same command again
        --- exit 2
        ");
    }

    #[test]
    fn a_mode_that_cannot_be_seen_is_refused() {
        shoring_testkit::run(Engine::Mariadb, unknown_mode);
    }

    async fn poor_user(database: TestDatabase) {
        let user = format!("{}_poor", database.name);
        let create = format!(
            "CREATE USER {user}@'%' IDENTIFIED BY 'secret', {user}@localhost IDENTIFIED BY 'secret'"
        );
        let grant = format!(
            "GRANT SELECT, INSERT ON {}.* TO {user}@'%', {user}@localhost",
            database.name
        );
        execute(&database, &[&create, &grant]).await;
        let project = OnServer::new(&database, &[TABLE]).with_login(&user);
        let complaint = project.complaint("up");
        execute(
            &database,
            &[&format!("DROP USER {user}@'%', {user}@localhost")],
        )
        .await;
        insta::assert_snapshot!(complaint.replace(&user, "[user]"), @r"
        error: CREATE command denied to user '[db]_poor'@'127.0.0.1' for table `[db]`.`shoring_history` (1142)

          State:  Nothing was run and nothing was changed.
          Next:   grant this user the right, or use another user
        --- exit 9
        ");
    }

    #[test]
    fn a_user_who_may_not_create_is_told_so() {
        shoring_testkit::run(Engine::Mariadb, poor_user);
    }

    async fn mode_in_the_url(database: TestDatabase) {
        let url = format!("{}?sql_mode=ANSI_QUOTES", database.url_text());
        let project = OnServer::new(&database, &[TABLE]);
        let project = OnServer {
            project: project.project.with_variable("DATABASE_URL", &url),
            ..project
        };
        insta::assert_snapshot!(project.complaint("up"), @r"
        error: the URL parameter `sql_mode` is not supported: begin the files that need it with `SET sql_mode = '...'`, or set it on the server
         = it comes from environment DATABASE_URL

          Next:   correct it;  the parameters that mean something:  shoring help urls
        --- exit 2
        ");
    }

    #[test]
    fn a_mode_in_the_url_is_refused_with_what_to_do_instead() {
        shoring_testkit::run(Engine::Mariadb, mode_in_the_url);
    }
}
