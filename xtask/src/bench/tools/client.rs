//! The plain client of each database with one prepared script: what is left when nobody looks at anything.
//!
//! The script has a transaction for each migration with a row in a history table of its own. It is the floor, not a
//! tool: it does not know what is applied.

use std::process::Command;

use crate::bench::database::{Database, Place, Product};
use crate::bench::project::HISTORY_QUERY;
use crate::bench::tool::{Setting, Tool, Way, Work};

pub(in crate::bench) const TOOL: Tool = Tool {
    name: "plain client",
    way,
};

fn way(work: Work, setting: &Setting<'_>) -> Way {
    let database = setting.database;
    let Ok(mut command) = base(setting) else {
        return Way::cannot("the client is not installed");
    };
    let script = match work {
        Work::Status => {
            match database.product {
                Product::Postgresql => command.args(["-c", HISTORY_QUERY]),
                Product::Mariadb => command.args(["-e", HISTORY_QUERY]),
                Product::Sqlite => command.arg(HISTORY_QUERY),
            };
            return Way::Once(command);
        }
        Work::Up => setting.project.up_script(),
        Work::Down(count) => setting.project.down_script(count),
    };
    let script = script.display();
    match database.product {
        Product::Postgresql => command.args(["-f", &script.to_string()]),
        Product::Mariadb => command.args(["-e", &format!("source {script}")]),
        Product::Sqlite => command.arg(format!(".read {script}")),
    };
    Way::Once(command)
}

fn base(setting: &Setting<'_>) -> Result<Command, String> {
    let programs = setting.programs;
    let database: &Database = setting.database;
    let command = match &database.place {
        Place::File(path) => {
            let mut command = programs.client("sqlite3")?;
            command.arg("-bail").arg(path);
            command
        }
        Place::Server { port, password } => {
            let port = port.to_string();
            let mut command;
            if database.product == Product::Postgresql {
                command = programs.client("psql")?;
                command
                    .env("PGPASSWORD", password)
                    .env("PGSSLMODE", "disable")
                    .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"])
                    .args(["-p", &port, "-U", "postgres", "-d", &database.name]);
            } else {
                command = programs.client("mariadb")?;
                command
                    .env("MYSQL_PWD", password)
                    .args(["--no-defaults", "--protocol=tcp", "--skip-ssl"])
                    .args(["-h", "127.0.0.1", "-u", "root", "-P", &port])
                    .args(["-D", &database.name]);
            }
            command
        }
    };
    Ok(command)
}
