//! The command line of xtask, parsed by hand: a few commands do not pay for clap.

use crate::servers::{OnRequest, Release};

pub(crate) const USAGE: &str = "\
cargo xtask test [--server mysql]... [--only FILTER] [-- ARGS]
    Installs and starts what the tests need, runs all of them, stops it again.
    PostgreSQL, PgBouncer, MariaDB, a Galera cluster and SQLite always run; real
    MySQL on request. `--server postgresql-18` (13 to 18) takes that PostgreSQL.
    FILTER and ARGS go to the test binaries.

cargo xtask soak [--minutes N | --scale N] [--server mysql]... [--seed S]
    Runs the fault tests again and again, each round with the next seed, for N
    minutes (default: 30), or once with N times as many points and rounds. Ends
    with a table of what was tried and what was lost, doubled or wedged.

cargo xtask servers [--server mysql]... [-- COMMAND...]
    Starts the same servers and runs COMMAND (default: a shell) with the same
    variables, e.g.  cargo xtask servers -- sh -c 'psql \"$SHORING_TEST_POSTGRES_URL\"'

cargo xtask bench [--quick] [--only SCENARIO] [--runs N]
    Measures Shoring beside other tools, which it installs, and writes
    docs/benchmarks.md. --quick is a tenth of the size; SCENARIO is a part of a name:
    status, up-small, noop-small, down, up-large, noop-large, bulk, round-trips,
    syncs. With either of them the page stays as it is.

cargo xtask tidy
    Checks the rules of the house and the licences of all dependencies.";

/// What one call of xtask is to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Task {
    Test(TestOptions),
    Servers(ServersOptions),
    Soak(SoakOptions),
    Bench(BenchOptions),
    Tidy,
    Help,
}

/// Options of `cargo xtask test`.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct TestOptions {
    pub(crate) servers: OnRequest,
    pub(crate) only: Option<String>,
    pub(crate) arguments: Vec<String>,
}

/// Options of `cargo xtask servers`.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ServersOptions {
    pub(crate) servers: OnRequest,
    pub(crate) command: Vec<String>,
}

/// Options of `cargo xtask soak`.
#[derive(Debug, PartialEq)]
pub(crate) struct SoakOptions {
    pub(crate) servers: OnRequest,
    pub(crate) length: SoakLength,
    /// That of the first round; random without one.
    pub(crate) seed: Option<u64>,
}

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum SoakLength {
    /// Whole rounds until so much time has passed.
    Minutes(u64),
    /// One round of so many times the points.
    Scale(u64),
}

/// Options of `cargo xtask bench`.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct BenchOptions {
    pub(crate) quick: bool,
    pub(crate) only: Option<String>,
    pub(crate) runs: Option<usize>,
}

/// Parses the arguments after the program's name.
pub(crate) fn parse(arguments: Vec<String>) -> Result<Task, String> {
    let mut rest = arguments.into_iter();
    let Some(command) = rest.next() else {
        return Ok(Task::Help);
    };
    match command.as_str() {
        "test" => parse_test(rest),
        "servers" => parse_servers(rest),
        "soak" => parse_soak(rest),
        "bench" => parse_bench(rest),
        "tidy" => match rest.next() {
            None => Ok(Task::Tidy),
            Some(extra) => Err(format!("`tidy` takes no argument, got `{extra}`")),
        },
        "help" | "--help" | "-h" => Ok(Task::Help),
        other => Err(format!("unknown command `{other}`")),
    }
}

fn parse_test(mut rest: impl Iterator<Item = String>) -> Result<Task, String> {
    let mut options = TestOptions::default();
    let mut with_servers = false;
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--server" => ask_for(&mut options.servers, rest.next().as_deref())?,
            "--only" => options.only = Some(rest.next().ok_or("`--only` needs a filter")?),
            "--with-servers" => with_servers = true,
            "--" => options.arguments = rest.by_ref().collect(),
            other => return Err(format!("unknown argument `{other}` of `test`")),
        }
    }
    if !with_servers {
        return Ok(Task::Test(options));
    }
    Ok(Task::Servers(ServersOptions {
        servers: options.servers,
        command: options.arguments,
    }))
}

fn parse_servers(mut rest: impl Iterator<Item = String>) -> Result<Task, String> {
    let mut options = ServersOptions::default();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--server" => ask_for(&mut options.servers, rest.next().as_deref())?,
            "--" => options.command = rest.by_ref().collect(),
            other => return Err(format!("unknown argument `{other}` of `servers`")),
        }
    }
    Ok(Task::Servers(options))
}

fn parse_soak(mut rest: impl Iterator<Item = String>) -> Result<Task, String> {
    let mut options = SoakOptions {
        servers: OnRequest::default(),
        length: SoakLength::Minutes(30),
        seed: None,
    };
    let mut has_length = false;
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--server" => ask_for(&mut options.servers, rest.next().as_deref())?,
            "--seed" => options.seed = Some(number(&argument, rest.next())?),
            "--minutes" | "--scale" if has_length => {
                return Err("`soak` takes --minutes or --scale, once".into());
            }
            "--minutes" => options.length = SoakLength::Minutes(number(&argument, rest.next())?),
            "--scale" => options.length = SoakLength::Scale(number(&argument, rest.next())?),
            other => return Err(format!("unknown argument `{other}` of `soak`")),
        }
        has_length |= matches!(argument.as_str(), "--minutes" | "--scale");
    }
    Ok(Task::Soak(options))
}

fn number(flag: &str, value: Option<String>) -> Result<u64, String> {
    let value = value.ok_or_else(|| format!("`{flag}` needs a number"))?;
    value
        .parse()
        .ok()
        .filter(|number| (1..=u64::from(u32::MAX)).contains(number))
        .ok_or_else(|| format!("`{flag}` needs a whole number from 1, got `{value}`"))
}

fn parse_bench(mut rest: impl Iterator<Item = String>) -> Result<Task, String> {
    let mut options = BenchOptions::default();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--quick" => options.quick = true,
            "--only" => options.only = Some(rest.next().ok_or("`--only` needs a scenario")?),
            "--runs" => {
                let number = rest.next().and_then(|number| number.parse().ok());
                let positive = number.filter(|number| *number > 0);
                options.runs = Some(positive.ok_or("`--runs` needs a number above 0")?);
            }
            other => return Err(format!("unknown argument `{other}` of `bench`")),
        }
    }
    Ok(Task::Bench(options))
}

/// Takes one value of `--server`; most servers are there anyway.
fn ask_for(servers: &mut OnRequest, value: Option<&str>) -> Result<(), String> {
    let name = value.ok_or("`--server` needs a name")?;
    if let Some(release) = Release::named(name) {
        servers.postgresql = release;
        return Ok(());
    }
    match name {
        "mysql" => servers.mysql = true,
        "mariadb" | "galera" | "sqlite" | "pgbouncer" => {}
        other => {
            return Err(format!(
                "unknown server `{other}`: postgresql, pgbouncer, mariadb, galera and sqlite always run; \
                 on request mysql, and another PostgreSQL: postgresql-13 to postgresql-18"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(line: &str) -> Result<Task, String> {
        parse(line.split_whitespace().map(String::from).collect())
    }

    #[test]
    fn test_takes_servers_a_filter_and_arguments() {
        let expected = TestOptions {
            servers: OnRequest {
                mysql: true,
                postgresql: Release::Packaged(14),
            },
            only: Some("tls".into()),
            arguments: vec!["--nocapture".into()],
        };
        assert_eq!(
            task(
                "test --server mariadb --server mysql --server postgresql-14 --only tls -- --nocapture"
            ),
            Ok(Task::Test(expected))
        );
    }

    #[test]
    fn with_servers_is_another_name_of_the_servers_command() {
        let expected = Task::Servers(ServersOptions {
            servers: OnRequest::default(),
            command: vec!["env".into()],
        });
        assert_eq!(task("test --with-servers -- env").as_ref(), Ok(&expected));
        assert_eq!(task("servers -- env"), Ok(expected));
    }

    #[test]
    fn soak_runs_for_a_time_or_once() {
        let expected = |length, seed| {
            Ok(Task::Soak(SoakOptions {
                servers: OnRequest::default(),
                length,
                seed,
            }))
        };
        assert_eq!(task("soak"), expected(SoakLength::Minutes(30), None));
        assert_eq!(
            task("soak --scale 4 --seed 7"),
            expected(SoakLength::Scale(4), Some(7))
        );
    }

    #[test]
    fn bench_takes_a_size_a_scenario_and_a_number() {
        let expected = BenchOptions {
            quick: true,
            only: Some("up".into()),
            runs: Some(3),
        };
        assert_eq!(
            task("bench --quick --only up --runs 3"),
            Ok(Task::Bench(expected))
        );
    }

    #[test]
    fn mistakes_are_named() {
        for (line, part) in [
            ("tset", "tset"),
            ("test --serve", "--serve"),
            ("test --server oracle", "oracle"),
            ("test --server postgresql-12", "postgresql-12"),
            ("test --server", "needs a name"),
            ("tidy now", "now"),
            ("soak --minutes", "needs a number"),
            ("soak --scale 0", "from 1"),
            ("soak --scale 2 --minutes 3", "once"),
            ("bench --runs 0", "above 0"),
            ("bench --fast", "--fast"),
        ] {
            assert!(
                task(line).is_err_and(|message| message.contains(part)),
                "{line}"
            );
        }
    }
}
