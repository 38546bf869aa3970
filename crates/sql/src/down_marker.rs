//! The comments with which other tools part one file into what applies a migration and what takes it back.
//!
//! A reader that knows only one half per file would run both: the tables are made, dropped, and recorded as applied. Only
//! the marks of the second half are known here, because only they change what the statements below them mean.

/// What the comment says, in lower case and without dashes in front, and whose mark it is.
const MARKERS: &[(&str, &str)] = &[
    ("+goose down", "goose"),
    ("migrate:down", "dbmate"),
    ("+migrate down", "sql-migrate"),
    ("+micrate down", "micrate"),
    ("down migration", "node-pg-migrate"),
    ("rambler down", "rambler"),
    ("create above / drop below ----", "tern"),
    ("!downs", "Play"),
    ("//@undo", "MyBatis Migrations"),
];

/// The tool for which a line comment begins the statements that take a migration back. `text` is what stands after `--`
/// or `#`.
///
/// ```
/// use shoring_sql::tool_of_down_marker;
///
/// assert_eq!(tool_of_down_marker("+goose Down"), Some("goose"));
/// assert_eq!(tool_of_down_marker("Down migration: drops the table"), None);
/// ```
pub fn tool_of_down_marker(text: &str) -> Option<&'static str> {
    let text = text.trim_start_matches(['-', ' ', '\t']);
    MARKERS
        .iter()
        .find(|(marker, _)| {
            let Some((head, rest)) = text.split_at_checked(marker.len()) else {
                return false;
            };
            head.eq_ignore_ascii_case(marker)
                // Only dbmate has options behind its mark. Anything else behind one is somebody's prose.
                && (rest.trim().is_empty()
                    || *marker == "migrate:down" && rest.starts_with([' ', '\t']))
        })
        .map(|(_, tool)| *tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_from_prose() {
        for (text, tool) in [
            ("+goose Down", Some("goose")),
            ("+goose DOWN  ", Some("goose")),
            ("migrate:down", Some("dbmate")),
            ("migrate:down transaction:false", Some("dbmate")),
            ("+migrate Down", Some("sql-migrate")),
            ("Down Migration", Some("node-pg-migrate")),
            ("-- create above / drop below ----", Some("tern")),
            ("--- !Downs", Some("Play")),
            ("//@UNDO", Some("MyBatis Migrations")),
            ("+goose Up", None),
            ("+goose Downtown", None),
            ("migrate:downs", None),
            ("Down migration of the users table", None),
            ("größe", None),
            ("", None),
        ] {
            assert_eq!(tool_of_down_marker(text), tool, "{text}");
        }
    }
}
