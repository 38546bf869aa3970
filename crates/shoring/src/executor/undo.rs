//! Taking back a half: what the way back drops may never have been there.

use super::failed::Failed;
use super::progress::Run;
use super::session::Executor;
use super::source::Statement;
use super::trouble::Trouble;
use shoring_core::Probe;
use shoring_db::DbError;

impl Executor<'_> {
    /// Taking back a half: whether the thing a statement drops or alters is not there.
    pub(super) async fn is_gone(
        &mut self,
        statement: &Statement,
        run: &Run<'_>,
    ) -> Result<bool, Trouble> {
        let verb = &statement.facts.verb;
        let Some(target) = statement.facts.targets.first() else {
            return Ok(false);
        };
        if !(verb.starts_with("DROP ") || verb.starts_with("ALTER ")) {
            return Ok(false);
        }
        if self.session.probe(target).await.map_err(Trouble::of)? != Probe::Absent {
            return Ok(false);
        }
        self.context.notice(
            "nothing-to-take-back",
            format!(
                "{}: statement {} passed over, {target} is not there",
                run.attempt.version, statement.number
            ),
        );
        Ok(true)
    }

    /// Passes over a refusal that says that what a statement drops or alters is not there.
    pub(super) fn passes_over(&self, verb: &str, failed: &Failed, run: &Run<'_>) -> bool {
        if !says_not_there(verb, &failed.error) {
            return false;
        }
        self.context.notice(
            "nothing-to-take-back",
            format!(
                "{}: statement {} passed over: {}",
                run.attempt.version, failed.number, failed.error.message
            ),
        );
        true
    }
}

/// Taking back a half: whether the server refused to drop something because it is not there. Only codes that say exactly that:
/// MySQL 1051 (table), 1091 (column, key), 1146 (table), 1305 (routine), 1360 (trigger), 1539 (event), 4092 (view, MariaDB);
/// PostgreSQL 42P01, 42703, 42704, 42883, 3F000.
fn says_not_there(verb: &str, error: &DbError) -> bool {
    const CODES: &[&str] = &[
        "1051", "1091", "1146", "1305", "1360", "1539", "4092", "42P01", "42703", "42704", "42883",
        "3F000",
    ];
    (verb.starts_with("DROP ") || verb.starts_with("ALTER "))
        && error
            .code
            .as_deref()
            .is_some_and(|code| CODES.contains(&code))
}
