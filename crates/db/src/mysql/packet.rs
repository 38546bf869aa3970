//! Which statements of a batch travel in one `COM_QUERY`.
//!
//! One round trip for many statements is worth it (a seed file of single `INSERT`s), but the results that come back carry no
//! statement number. So only statements that give exactly one result each share a packet; `CALL`, compound statements and
//! everything unknown travels alone.

use crate::tokens::{Rules, early_words, holds_second_statement, leading_words};
use std::ops::Range;

/// Between two statements. The line breaks keep a `-- comment` at the end of one from swallowing the next.
pub(super) const SEPARATOR: &str = "\n;\n";

/// The command byte before the text.
const HEADER: usize = 1;

/// Whether statements may share a packet at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Together {
    /// Those that give exactly one result.
    WherePossible,
    /// None. On Galera a transaction may be rolled back between two statements because another node won a conflict. The next
    /// packet hears of it as error 1213. Inside one packet the next statement does not (MariaDB 10.11.19): it
    /// runs by itself and commits, without what came before.
    Never,
}

/// Cuts a batch into packets: ranges of statements, each no larger than `max_allowed_packet`. A single statement that
/// is larger stands alone; [`exceeds`] tells.
pub(super) fn plan(
    statements: &[&str],
    max_allowed_packet: usize,
    together: Together,
) -> Vec<Range<usize>> {
    let mut packets: Vec<Range<usize>> = Vec::new();
    let mut size = 0;
    let mut is_open = false;
    for (index, statement) in statements.iter().enumerate() {
        let may_share = together == Together::WherePossible && may_share(statement);
        let joined = size + SEPARATOR.len() + statement.len();
        match packets.last_mut() {
            Some(packet) if is_open && may_share && joined + HEADER <= max_allowed_packet => {
                packet.end = index + 1;
                size = joined;
            }
            _ => {
                packets.push(index..index + 1);
                size = statement.len();
            }
        }
        is_open = may_share;
    }
    packets
}

/// Whether the server would refuse the text for its size.
pub(super) fn exceeds(text: &str, max_allowed_packet: usize) -> bool {
    text.len() + HEADER > max_allowed_packet
}

/// Whether a statement gives exactly one result whatever it is about.
fn may_share(statement: &str) -> bool {
    // A semicolon in a string is harmless, unless a backslash makes it a matter of the SQL mode where the string ends.
    if statement.contains(';')
        && (statement.contains('\\') || holds_second_statement(statement, Rules::Mysql))
    {
        return false;
    }
    let words = leading_words(statement, Rules::Mysql, 2);
    let second = words.get(1).map_or("", String::as_str);
    match words.first().map_or("", String::as_str) {
        "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "RENAME" | "TRUNCATE" | "GRANT" | "REVOKE"
        | "START" | "COMMIT" | "ROLLBACK" | "SAVEPOINT" | "RELEASE" => true,
        // Bodies may hold anything. The word may come after `OR REPLACE DEFINER = 'u'@'h' AGGREGATE`.
        "CREATE" | "ALTER" | "DROP" => {
            !early_words(statement, Rules::Mysql, 12).iter().any(|word| {
                matches!(
                    word.as_str(),
                    "PROCEDURE" | "FUNCTION" | "TRIGGER" | "EVENT" | "PACKAGE" | "LIBRARY"
                )
            })
        }
        // MariaDB: `SET STATEMENT … FOR CALL p()`, `BEGIN NOT ATOMIC …`.
        "SET" => second != "STATEMENT",
        "BEGIN" => matches!(second, "" | "WORK"),
        _ => false,
    }
}

/// Whether a statement asks the client for a file.
pub(super) fn reads_local_file(statement: &str) -> bool {
    let words = leading_words(statement, Rules::Mysql, 6);
    words.first().is_some_and(|word| word == "LOAD")
        && words.iter().skip(1).any(|word| word == "LOCAL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_statements_travel_together() {
        let statements = [
            "create table a (x int)",
            "insert into a values (1)",
            "call p()",
            "insert into a values (2)",
            "create definer=x procedure p() select 1",
            "alter table a add y int",
            "drop table a",
            "select 1",
            "insert into a values (';')",
            "/*!50003 create trigger t */",
        ];
        assert_eq!(
            plan(&statements, 1 << 20, Together::WherePossible),
            [0..2, 2..3, 3..4, 4..5, 5..7, 7..8, 8..9, 9..10]
        );
    }

    #[test]
    fn packets_stay_below_the_servers_limit() {
        let statement = "insert into t values (1)"; // 24 bytes
        let statements = [statement; 5];
        // Two of them need 24 + 3 + 24 + 1 bytes.
        assert_eq!(
            plan(&statements, 52, Together::WherePossible),
            [0..2, 2..4, 4..5]
        );
        assert_eq!(
            plan(&statements, 51, Together::WherePossible),
            [0..1, 1..2, 2..3, 3..4, 4..5]
        );
        assert_eq!(plan(&statements, 10, Together::WherePossible).len(), 5);
        assert!(exceeds(statement, 24) && !exceeds(statement, 25));
        assert!(plan(&[], 10, Together::WherePossible).is_empty());
        assert_eq!(plan(&statements, 1 << 20, Together::Never).len(), 5);
    }

    #[test]
    fn files_of_this_machine_are_recognised() {
        for (statement, expected) in [
            ("load data local infile '/etc/passwd' into table t", true),
            ("LOAD DATA LOW_PRIORITY LOCAL INFILE 'x' INTO TABLE t", true),
            ("/*!50000 load xml local infile 'x' into table t */", true),
            ("load data infile '/x' into table t", false),
            ("insert into local values (1)", false),
        ] {
            assert_eq!(reads_local_file(statement), expected, "{statement}");
        }
    }
}
