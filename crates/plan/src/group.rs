//! Groups the statements of one file into transactions.
//!
//! One transaction is the rule where definitions can be rolled back. A statement that cannot run in one gets its own place
//! between two; a new enum value is committed before its first use; a transaction the file opens itself is kept as it is;
//! on MySQL every definition stands alone and the row changes between two definitions share a transaction. What would
//! break halfway (a lone `COMMIT`, `VACUUM` inside the file's own `BEGIN`) is refused before anything runs.

use shoring_core::{
    Facts, LoneCommit, Product, Savepoint, Segment, SegmentMode, TransactionMode, TransactionRule,
};

/// Why a file cannot be run as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// A statement that cannot run in a transaction stands inside the file's own `BEGIN`.
    #[error("`{verb}` cannot run inside the transaction that statement {opened} opens")]
    ForbiddenInOwnTransaction {
        /// The statement's verb.
        verb: String,
        /// Number of the `BEGIN`.
        opened: u64,
    },
    /// `COMMIT` or `ROLLBACK` without a `BEGIN` in the file: it would end our transaction and leave the rest unprotected.
    #[error("`{verb}` without a BEGIN in this file")]
    NothingToEnd {
        /// The statement's verb.
        verb: String,
    },
    /// It would take what ran out of the transaction that also has the record of it.
    #[error("`{verb}` takes the transaction out of the hands of this run")]
    Escapes {
        /// The statement's verb.
        verb: String,
    },
    /// The transaction of a savepoint ends before the savepoint is released or gone back to.
    #[error(
        "`{verb}` needs the savepoint of statement {set}, but the transaction of that ends before it"
    )]
    SavepointGone {
        /// The statement's verb.
        verb: String,
        /// Number of the `SAVEPOINT`.
        set: u64,
    },
    /// The file ends inside its own transaction.
    #[error("the transaction opened here is never committed")]
    NeverCommitted,
    /// `one-transaction` was asked for and cannot be had.
    #[error("`{verb}` cannot share the one transaction this file asks for")]
    NotOneTransaction {
        /// The statement's verb.
        verb: String,
    },
}

/// Collects statements in order and gives the segments at the end. Memory does not grow with the number of statements,
/// only with the number of borders between segments.
#[derive(Debug)]
pub struct Grouper {
    product: Product,
    mode: TransactionMode,
    lone_commit: LoneCommit,
    segments: Vec<Segment>,
    own: Option<Own>,
    /// Of each savepoint the file set: its name, the statement, the segment.
    savepoints: Vec<(String, u64, usize)>,
    /// Enum values were added in the open transaction: the next statement that may use them goes into a new one.
    needs_commit: bool,
    /// The file ended the transaction that its tool has open around it.
    has_left_the_tools: bool,
    /// What ended the last transaction, as long as the file has left that of its tool and opened no other.
    outside_since: Option<(u64, String)>,
}

#[derive(Debug)]
struct Own {
    opened: u64,
    is_broken_by_definition: bool,
    /// The last statement that needs a savepoint of this transaction.
    savepoint_needed: Option<GroupError>,
}

impl Grouper {
    /// A grouper for one file.
    pub const fn new(product: Product, mode: TransactionMode, lone_commit: LoneCommit) -> Self {
        Self {
            product,
            mode,
            lone_commit,
            segments: Vec::new(),
            own: None,
            savepoints: Vec::new(),
            needs_commit: false,
            has_left_the_tools: false,
            outside_since: None,
        }
    }

    /// Adds statement `number` (from 1, without gaps).
    pub fn add(&mut self, number: u64, facts: &Facts) -> Result<(), GroupError> {
        if facts.transaction == TransactionRule::Escapes {
            return Err(GroupError::Escapes {
                verb: facts.verb.clone(),
            });
        }
        if self.own.is_some() {
            self.add_to_own(number, facts)?;
        } else {
            self.add_to_ours(number, facts)?;
        }
        self.follow_savepoint(number, facts)
    }

    /// A savepoint lives as long as its transaction. Where the file's statements are spread over more than one, the server
    /// would refuse its release half-way.
    fn follow_savepoint(&mut self, number: u64, facts: &Facts) -> Result<(), GroupError> {
        let segment = self.segments.len();
        let name = match &facts.savepoint {
            None => return Ok(()),
            Some(Savepoint::Set(name)) => {
                self.savepoints.push((name.clone(), number, segment));
                return Ok(());
            }
            Some(Savepoint::Needed(name)) => name,
        };
        // One that a routine set is not known here.
        let Some((_, set, set_in)) = self.savepoints.iter().rev().find(|(set, ..)| set == name)
        else {
            return Ok(());
        };
        let gone = GroupError::SavepointGone {
            verb: facts.verb.clone(),
            set: *set,
        };
        let is_alone = self
            .segments
            .last()
            .is_some_and(|last| last.mode == SegmentMode::Autocommit);
        if *set_in != segment || is_alone {
            return Err(gone);
        }
        if let Some(own) = &mut self.own {
            own.savepoint_needed = Some(gone);
        }
        Ok(())
    }

    fn add_to_ours(&mut self, number: u64, facts: &Facts) -> Result<(), GroupError> {
        match facts.transaction {
            TransactionRule::Begin => {
                self.own = Some(Own {
                    opened: number,
                    is_broken_by_definition: false,
                    savepoint_needed: None,
                });
                self.needs_commit = false;
                self.outside_since = None;
                self.refuse_if_one(facts)?;
                self.push(number, SegmentMode::OwnTransaction, false);
                Ok(())
            }
            // The servers warn of a second one, or say nothing. SQLite refuses it.
            TransactionRule::Commit
                if self.lone_commit == LoneCommit::Ends
                    && (self.product != Product::Sqlite || self.outside_since.is_none()) =>
            {
                self.has_left_the_tools = true;
                self.outside_since = Some((number, facts.verb.clone()));
                self.refuse_if_one(facts)?;
                self.needs_commit = false;
                self.put(number, SegmentMode::Autocommit, true);
                // Nobody opens another one.
                self.mode = TransactionMode::None;
                Ok(())
            }
            TransactionRule::Commit | TransactionRule::Rollback => Err(GroupError::NothingToEnd {
                verb: facts.verb.clone(),
            }),
            TransactionRule::Forbidden | TransactionRule::ImplicitCommit => {
                // SQLite's PRAGMA foreign_keys and the like only matter to the session: no reason to refuse.
                if !is_session_only(facts) {
                    self.refuse_if_one(facts)?;
                }
                self.needs_commit = false;
                self.put(number, SegmentMode::Autocommit, is_session_only(facts));
                Ok(())
            }
            TransactionRule::CommitBeforeUse => {
                if self.mode == TransactionMode::None {
                    self.put(number, SegmentMode::Autocommit, false);
                    return Ok(());
                }
                self.put(number, SegmentMode::Transaction, false);
                // Also when the type is of the same transaction: 15 says "unsafe use of new value" all the same.
                self.needs_commit = true;
                Ok(())
            }
            // `Escapes` was refused above.
            TransactionRule::Allowed | TransactionRule::Inner | TransactionRule::Escapes => {
                let session_only = is_session_only(facts);
                if self.mode == TransactionMode::None {
                    self.put(number, SegmentMode::Autocommit, session_only);
                    return Ok(());
                }
                if self.needs_commit && !session_only {
                    self.refuse_if_one(facts)?;
                    self.needs_commit = false;
                    self.push(number, SegmentMode::Transaction, false);
                    return Ok(());
                }
                self.put(number, SegmentMode::Transaction, session_only);
                Ok(())
            }
        }
    }

    fn add_to_own(&mut self, number: u64, facts: &Facts) -> Result<(), GroupError> {
        let Some(own) = &mut self.own else {
            return Ok(());
        };
        match facts.transaction {
            TransactionRule::Forbidden if !is_session_only(facts) => {
                return Err(GroupError::ForbiddenInOwnTransaction {
                    verb: facts.verb.clone(),
                    opened: own.opened,
                });
            }
            TransactionRule::ImplicitCommit => own.is_broken_by_definition = true,
            TransactionRule::Forbidden
            | TransactionRule::Allowed
            | TransactionRule::CommitBeforeUse
            | TransactionRule::Begin
            | TransactionRule::Inner
            | TransactionRule::Escapes => {}
            TransactionRule::Commit | TransactionRule::Rollback => {
                if own.is_broken_by_definition
                    && let Some(gone) = own.savepoint_needed.take()
                {
                    return Err(gone);
                }
                if let Some(last) = self.segments.last_mut() {
                    last.last = number;
                    // MySQL dumps put definitions between START TRANSACTION and COMMIT: each of them commits, so the
                    // statements run one by one and the journal keeps track.
                    if own.is_broken_by_definition {
                        last.mode = SegmentMode::Autocommit;
                    }
                }
                self.own = None;
                if self.has_left_the_tools {
                    self.outside_since = Some((number, facts.verb.clone()));
                }
                return Ok(());
            }
        }
        if let Some(last) = self.segments.last_mut() {
            last.last = number;
        }
        Ok(())
    }

    fn refuse_if_one(&self, facts: &Facts) -> Result<(), GroupError> {
        if self.mode == TransactionMode::One {
            return Err(GroupError::NotOneTransaction {
                verb: facts.verb.clone(),
            });
        }
        Ok(())
    }

    /// Adds to the open segment if it is of this mode, else opens one. Statements that only change the session join
    /// whatever is open.
    fn put(&mut self, number: u64, mode: SegmentMode, is_session_only: bool) {
        let is_mysql = match self.product {
            Product::Mysql | Product::Mariadb => true,
            Product::Postgresql | Product::Sqlite => false,
        };
        if let Some(last) = self.segments.last_mut()
            && last.mode != SegmentMode::OwnTransaction
        {
            // SQLite's PRAGMA before a VACUUM stays apart, so that only what lasts is journaled.
            let parts_from_session =
                last.is_session_only && mode == SegmentMode::Autocommit && !is_session_only;
            let joins = last.mode == mode && (is_mysql || !parts_from_session);
            if joins || (is_session_only && mode == SegmentMode::Transaction) {
                last.last = number;
                last.is_session_only &= is_session_only;
                return;
            }
            if is_mysql && last.is_session_only && last.mode == SegmentMode::Transaction {
                // `SET …` before the first definition: one place for both.
                last.mode = mode;
                last.last = number;
                last.is_session_only &= is_session_only;
                return;
            }
        }
        self.push(number, mode, is_session_only);
    }

    fn push(&mut self, number: u64, mode: SegmentMode, is_session_only: bool) {
        self.segments.push(Segment {
            mode,
            first: number,
            last: number,
            is_session_only,
        });
    }

    /// The segments. The error comes with the number of the statement that it is about.
    pub fn finish(mut self) -> Result<Vec<Segment>, (u64, GroupError)> {
        match self.own.take() {
            Some(own) if self.has_left_the_tools => self.hand_back(own)?,
            Some(own) => return Err((own.opened, GroupError::NeverCommitted)),
            // The tool commits what it takes for its own transaction: the servers warn of it, SQLite refuses it.
            None if self.product == Product::Sqlite => {
                if let Some((number, verb)) = self.outside_since {
                    return Err((number, GroupError::NothingToEnd { verb }));
                }
            }
            None => {}
        }
        Ok(self.segments)
    }

    /// A file that left the transaction of its tool and opens another one at its end leaves that to the tool, which commits
    /// it with its record. So it is ours, and its BEGIN is not sent.
    fn hand_back(&mut self, own: Own) -> Result<(), (u64, GroupError)> {
        if own.is_broken_by_definition
            && let Some(gone) = own.savepoint_needed
        {
            return Err((own.opened, gone));
        }
        if let Some(last) = self.segments.last_mut() {
            last.is_session_only = last.first == last.last;
            last.mode = if last.is_session_only || own.is_broken_by_definition {
                SegmentMode::Autocommit
            } else {
                SegmentMode::Transaction
            };
        }
        Ok(())
    }
}

/// Whether a statement changes the session and leaves nothing in the database.
pub fn is_session_only(facts: &Facts) -> bool {
    facts.changes_session && !facts.is_ddl && {
        let first = facts.verb.split(' ').next().unwrap_or_default();
        match first {
            "SET" | "RESET" | "USE" | "DISCARD" => true,
            // Pragmas that the file's header keeps are not of the session alone.
            "PRAGMA" => ![
                "journal_mode",
                "page_size",
                "auto_vacuum",
                "encoding",
                "application_id",
                "user_version",
                "writable_schema",
                "schema_version",
            ]
            .iter()
            .any(|lasting| facts.verb.ends_with(lasting)),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoring_core::{SegmentMode, ServerVersion};
    use shoring_sql::classify::classify;
    use shoring_sql::split::{PieceKind, SplitOptions, split_str};

    fn group(product: Product, mode: TransactionMode, text: &str) -> Result<String, String> {
        group_with(product, mode, LoneCommit::Refuse, text)
    }

    fn group_with(
        product: Product,
        mode: TransactionMode,
        lone_commit: LoneCommit,
        text: &str,
    ) -> Result<String, String> {
        let version = match product {
            Product::Postgresql => ServerVersion::new(15, 0, 0),
            Product::Mysql => ServerVersion::new(8, 4, 0),
            Product::Mariadb => ServerVersion::new(10, 11, 0),
            Product::Sqlite => ServerVersion::new(3, 50, 0),
        };
        let mut grouper = Grouper::new(product, mode, lone_commit);
        let mut number = 0;
        for piece in split_str(text, SplitOptions::for_product(product)).unwrap() {
            if piece.kind != PieceKind::Statement {
                continue;
            }
            number += 1;
            grouper
                .add(number, &classify(piece.sql(), product, version))
                .map_err(|error| error.to_string())?;
        }
        let segments = grouper.finish().map_err(|(_, error)| error.to_string())?;
        Ok(segments
            .iter()
            .map(|segment| {
                let mode = match segment.mode {
                    SegmentMode::Transaction => "tx",
                    SegmentMode::OwnTransaction => "own",
                    SegmentMode::Autocommit => "auto",
                };
                let session = if segment.is_session_only { "*" } else { "" };
                format!("{mode}{session}[{}-{}]", segment.first, segment.last)
            })
            .collect::<Vec<_>>()
            .join(" "))
    }

    #[test]
    fn a_lone_commit_is_a_border_where_the_tool_has_a_transaction_open() {
        for (product, text, expected) in [
            (
                Product::Postgresql,
                "create table t(a int); commit",
                "tx[1-1] auto*[2-2]",
            ),
            (
                Product::Postgresql,
                "select 1; commit; select 2; select 3",
                "tx[1-1] auto*[2-2] auto[3-4]",
            ),
            (
                Product::Mariadb,
                "insert into t values (1); commit; create table u(a int)",
                "tx[1-1] auto[2-3]",
            ),
            // The way out of a tool's transaction for what cannot run in one, and back into it.
            (
                Product::Sqlite,
                "commit; pragma foreign_keys=off; begin; drop table t; commit; pragma foreign_keys=on; begin",
                "auto*[1-2] own[3-5] auto*[6-6] auto*[7-7]",
            ),
            (
                Product::Sqlite,
                "create table t(a); commit; vacuum; begin; insert into t values (1); insert into t values (2)",
                "tx[1-1] auto*[2-2] auto[3-3] tx[4-6]",
            ),
            (
                Product::Postgresql,
                "commit; vacuum; begin; select 1",
                "auto*[1-1] auto[2-2] tx[3-4]",
            ),
            (
                Product::Mariadb,
                "commit; begin; create table t(a int); insert into t values (1)",
                "auto*[1-1] auto[2-4]",
            ),
        ] {
            let group = group_with(product, TransactionMode::Auto, LoneCommit::Ends, text);
            assert_eq!(group.as_deref(), Ok(expected), "{text}");
        }
        for (product, text) in [
            (Product::Postgresql, "select 1; rollback"),
            (Product::Sqlite, "select 1; commit"),
            (Product::Sqlite, "commit; select 1"),
            (Product::Sqlite, "commit; commit; begin"),
            (Product::Sqlite, "commit; begin; select 1; commit"),
            (Product::Sqlite, "begin; select 1"),
        ] {
            let group = group_with(product, TransactionMode::Auto, LoneCommit::Ends, text);
            assert!(group.is_err(), "{text}");
        }
    }

    #[test]
    fn postgresql() {
        let cases = [
            (
                "create table t(a int); insert into t values(1); create index on t(a)",
                "tx[1-3]",
            ),
            (
                "create table t(a int); create index concurrently i on t(a); insert into t values (1)",
                "tx[1-1] auto[2-2] tx[3-3]",
            ),
            ("vacuum", "auto[1-1]"),
            ("begin; create table t(a int); commit", "own[1-3]"),
            (
                "alter type m add value 'x'; insert into t values ('x')",
                "tx[1-1] tx[2-2]",
            ),
            (
                "insert into t values (1); alter type m add value 'x'; alter type m add value 'y'",
                "tx[1-3]",
            ),
            (
                "create type m as enum ('a'); alter type m add value 'x'; insert into t values ('x')",
                "tx[1-2] tx[3-3]",
            ),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(
                group(Product::Postgresql, TransactionMode::Auto, text).as_deref(),
                Ok(expected),
                "{text}"
            );
        }
        for (text, expected) in [
            ("select 1; commit", "`COMMIT` without a BEGIN in this file"),
            (
                "begin; vacuum; commit",
                "`VACUUM` cannot run inside the transaction that statement 1 opens",
            ),
            (
                "begin; select 1",
                "the transaction opened here is never committed",
            ),
            (
                "savepoint a; vacuum; release savepoint A",
                "`RELEASE` needs the savepoint of statement 1, but the transaction of that ends before it",
            ),
            (
                "savepoint a; alter type m add value 'x'; insert into t values ('x'); rollback to a",
                "`ROLLBACK TO` needs the savepoint of statement 1, but the transaction of that ends before it",
            ),
        ] {
            assert_eq!(
                group(Product::Postgresql, TransactionMode::Auto, text),
                Err(expected.to_owned()),
                "{text}"
            );
        }
        // Each statement has a transaction of its own.
        assert_eq!(
            group(
                Product::Postgresql,
                TransactionMode::None,
                "savepoint a; select 1; release a"
            ),
            Err("`RELEASE` needs the savepoint of statement 1, but the transaction of that ends before it".to_owned())
        );
        for text in [
            "savepoint a; select 1; savepoint b; rollback to savepoint a; release a",
            "begin; savepoint a; rollback work to a; commit",
            "release of_nobody",
        ] {
            let grouped = group(Product::Postgresql, TransactionMode::Auto, text);
            assert!(grouped.is_ok(), "{text}: {grouped:?}");
        }
        assert_eq!(
            group(
                Product::Postgresql,
                TransactionMode::One,
                "create table t(a int); vacuum"
            ),
            Err("`VACUUM` cannot share the one transaction this file asks for".to_owned())
        );
        assert_eq!(
            group(
                Product::Postgresql,
                TransactionMode::None,
                "create table t(a int); insert into t values(1)"
            )
            .as_deref(),
            Ok("auto[1-2]")
        );
    }

    #[test]
    fn mysql_definitions_end_savepoints() {
        for text in [
            "savepoint a; create table t(a int); rollback to a",
            "start transaction; savepoint a; release savepoint a; create table t(a int); commit",
            "start transaction; savepoint a; create table t(a int); rollback to a; commit",
        ] {
            let grouped = group(Product::Mariadb, TransactionMode::Auto, text);
            assert!(
                grouped.is_err_and(|error| error.contains("needs the savepoint")),
                "{text}"
            );
        }
    }

    #[test]
    fn mysql() {
        for (text, expected) in [
            ("create table t(a int); create table u(a int)", "auto[1-2]"),
            (
                "create table t(a int); insert into t values(1); insert into t values(2); alter table t add b int",
                "auto[1-1] tx[2-3] auto[4-4]",
            ),
            (
                "set foreign_key_checks=0; create table t(a int); set foreign_key_checks=1",
                "auto[1-3]",
            ),
            (
                "start transaction; insert into t values (1); commit",
                "own[1-3]",
            ),
            (
                "start transaction; create table t(a int); insert into t values (1); commit",
                "auto[1-4]",
            ),
        ] {
            assert_eq!(
                group(Product::Mariadb, TransactionMode::Auto, text).as_deref(),
                Ok(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn sqlite() {
        for (text, expected) in [
            (
                "pragma foreign_keys=off; create table n(a); drop table t; alter table n rename to t; pragma foreign_keys=on",
                "auto*[1-1] tx[2-4] auto*[5-5]",
            ),
            (
                "pragma foreign_keys=off; begin; drop table t; commit; pragma foreign_keys=on",
                "auto*[1-1] own[2-4] auto*[5-5]",
            ),
            ("create table t(a); vacuum", "tx[1-1] auto[2-2]"),
        ] {
            assert_eq!(
                group(Product::Sqlite, TransactionMode::Auto, text).as_deref(),
                Ok(expected),
                "{text}"
            );
        }
    }
}
