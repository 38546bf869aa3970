//! Events as JSON lines, for `--json=stream`. Every line has `event`, the kind in `kebab-case`.

use serde_json::{Value, json};
use shoring::core::event::Blocker;
use shoring::core::{Event, Severity};

/// One event. `None` for kinds this version does not know.
pub(crate) fn line(event: &Event) -> Option<Value> {
    Some(match event {
        Event::LockWaiting {
            holder,
            waited_ms,
            limit_ms,
        } => json!({
            "event": "lock-waiting", "holder": holder, "waited_ms": waited_ms, "limit_ms": limit_ms,
        }),
        Event::LockAcquired { waited_ms } => {
            json!({"event": "lock-acquired", "waited_ms": waited_ms})
        }
        Event::LockTakenOver { previous, evidence } => json!({
            "event": "lock-taken-over", "previous": previous, "evidence": evidence,
        }),
        Event::PlanReady {
            migrations,
            folder,
            format,
        } => {
            json!({"event": "plan-ready", "migrations": migrations, "dir": folder, "format": format})
        }
        Event::MigrationStarted {
            version,
            name,
            direction,
            statements,
            first_statement,
        } => json!({
            "event": "migration-started", "version": version, "name": name,
            "direction": direction.name(), "statements": statements, "first_statement": first_statement,
        }),
        Event::StatementStarted {
            version,
            number,
            verb,
        } => json!({
            "event": "statement-started", "version": version, "number": number, "verb": verb,
        }),
        Event::StatementProgress {
            version,
            number,
            verb,
            progress,
            elapsed_ms,
        } => json!({
            "event": "statement-progress", "version": version, "number": number, "verb": verb,
            "phase": progress.phase, "done": progress.done, "total": progress.total,
            "unit": progress.unit, "elapsed_ms": elapsed_ms,
        }),
        Event::StatementWaiting {
            version,
            number,
            blockers,
            waited_ms,
            limit_ms,
            attempt,
            attempts,
        } => json!({
            "event": "statement-waiting", "version": version, "number": number,
            "blockers": blockers.iter().map(blocker).collect::<Vec<Value>>(),
            "waited_ms": waited_ms, "limit_ms": limit_ms, "attempt": attempt, "attempts": attempts,
        }),
        Event::StatementStalled {
            version,
            number,
            reason,
            elapsed_ms,
        } => json!({
            "event": "statement-stalled", "version": version, "number": number, "reason": reason,
            "elapsed_ms": elapsed_ms,
        }),
        Event::Retried {
            version,
            number,
            attempt,
            attempts,
            pause_ms,
            reason,
        } => json!({
            "event": "retried", "version": version, "number": number, "attempt": attempt,
            "attempts": attempts, "pause_ms": pause_ms, "reason": reason,
        }),
        Event::Notice {
            version,
            severity,
            message,
        } => json!({
            "event": "notice", "version": version, "severity": severity, "message": message,
        }),
        Event::StatementFinished {
            version,
            number,
            rows,
            ms,
        } => json!({
            "event": "statement-finished", "version": version, "number": number, "rows": rows, "ms": ms,
        }),
        Event::MigrationFinished {
            version,
            name,
            direction,
            ms,
            statements,
            rows,
        } => json!({
            "event": "migration-finished", "version": version, "name": name,
            "direction": direction.name(), "ms": ms, "statements": statements, "rows": rows,
        }),
        Event::MigrationFailed {
            version,
            name,
            number,
            statements,
        } => json!({
            "event": "migration-failed", "version": version, "name": name, "number": number,
            "statements": statements,
        }),
        Event::Warned { diagnostic } => json!({
            "event": "warning", "code": diagnostic.code, "message": diagnostic.message,
            "severity": match diagnostic.severity {
                Severity::Notice => "notice",
                Severity::Warning => "warning",
                Severity::Error => "error",
            },
            "file": diagnostic.label.as_ref().map(|label| &label.file),
            "line": diagnostic.label.as_ref().map(|label| label.position.line),
            "column": diagnostic.label.as_ref().map(|label| label.position.column),
            "notes": diagnostic.notes, "hints": diagnostic.hints,
        }),
        // `Event` is open for new kinds; a reader of the stream is told of none it cannot know.
        _ => return None,
    })
}

fn blocker(blocker: &Blocker) -> Value {
    json!({
        "session": blocker.session,
        "application": blocker.application,
        "state": blocker.state,
        "age_seconds": blocker.age_seconds,
        "statement": blocker.statement,
    })
}
