//! What a bug looks like: a short message with a place, no values, exit code 1.

use crate::{exit_code, report, usage};
use shoring::{Error, ErrorKind};
use std::ffi::OsString;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Replaces the default message, which would print the panic's text: that may quote data.
pub(crate) fn install_hook() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |location| {
            format!(" at {}:{}", location.file(), location.line())
        });
        let mut stderr = std::io::stderr().lock();
        let message = format!(
            "error: this is a bug in shoring {}{place}\n  Next:   report it with this line and the command;  shoring doctor  tells how the database stands\n",
            env!("CARGO_PKG_VERSION"),
        );
        // Nothing is left to do when even this cannot be printed.
        drop(stderr.write_all(message.as_bytes()));
    }));
}

/// Runs the program; a panic becomes exit code 1, with `--json` also a document.
pub(crate) fn guard(arguments: &[OsString], program: impl FnOnce() -> u8) -> u8 {
    catch_unwind(AssertUnwindSafe(program)).unwrap_or_else(|_| {
        if usage::asks_for_json(arguments) {
            let error = Error::new(ErrorKind::Internal, "internal", "a bug in shoring")
                .next("report it with the line on stderr and the command");
            let document = report::error::document(&error);
            drop(writeln!(std::io::stdout().lock(), "{document}"));
        }
        exit_code::INTERNAL
    })
}
