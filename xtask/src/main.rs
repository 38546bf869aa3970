//! Development tasks of Shoring: `cargo xtask test`, `soak`, `bench`, `servers` and `tidy`.
//!
//! Nothing here is shipped. There are two small dependencies, `serde_json` and `wait4`
//! (what a process used, which the standard library does not tell), so that the first
//! command on a fresh machine does not wait for a compiler. Start reading in
//! `test/command.rs`, `servers/fleet.rs`, `bench/command.rs` or `tidy/command.rs`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a development command talks to the terminal"
)]

mod arguments;
mod bench;
mod machine;
mod metadata;
mod servers;
mod test;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use arguments::Task;

fn main() -> ExitCode {
    let result = match arguments::parse(workspace::arguments()) {
        Ok(Task::Test(options)) => test::run(&options),
        Ok(Task::Servers(options)) => servers::run_command(&options),
        Ok(Task::Soak(options)) => test::soak(&options),
        Ok(Task::Bench(options)) => bench::run(&options),
        Ok(Task::Tidy) => tidy::run(),
        Ok(Task::Help) => {
            println!("{}", arguments::USAGE);
            Ok(ExitCode::SUCCESS)
        }
        Err(message) => Err(format!("{message}\n\n{}", arguments::USAGE)),
    };
    result.unwrap_or_else(|message| {
        eprintln!("xtask: {message}");
        ExitCode::from(2)
    })
}
