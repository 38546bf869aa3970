//! What the catalogue says about one thing, mostly by its `SHOW CREATE`.

use super::quote;
use super::session::MysqlSession;
use crate::error::DbError;
use crate::tokens::{Rules, TokenKind, Tokens, leading_words};
use mysql_async::Error;
use shoring_core::{Checksum, Probe, Product, Row, Target, TargetKind};

/// Unknown database, table, routine, trigger, view (it is a table), event, and MariaDB's unknown sequence and "not a sequence".
const ABSENT: &[u16] = &[1049, 1146, 1305, 1347, 1360, 1539, 4089, 4091];

impl MysqlSession {
    /// See [`crate::Session::probe`].
    pub(super) async fn look_at(&mut self, target: &Target) -> Result<Probe, DbError> {
        let name = quote::qualified(target.schema.as_deref(), &target.name);
        match target.kind {
            TargetKind::Table => {
                self.show_create(&format!("SHOW CREATE TABLE {name}"), table)
                    .await
            }
            TargetKind::View => {
                self.show_create(&format!("SHOW CREATE VIEW {name}"), |row| row.text(1))
                    .await
            }
            TargetKind::Sequence if self.server.product == Product::Mariadb => {
                self.show_create(&format!("SHOW CREATE SEQUENCE {name}"), |row| row.text(1))
                    .await
            }
            TargetKind::Procedure => {
                self.show_create(&format!("SHOW CREATE PROCEDURE {name}"), routine)
                    .await
            }
            TargetKind::Function => {
                self.show_create(&format!("SHOW CREATE FUNCTION {name}"), routine)
                    .await
            }
            TargetKind::Trigger => {
                self.show_create(&format!("SHOW CREATE TRIGGER {name}"), routine)
                    .await
            }
            TargetKind::Event => {
                self.show_create(&format!("SHOW CREATE EVENT {name}"), event)
                    .await
            }
            TargetKind::Schema | TargetKind::Database => {
                let name = quote::name(&target.name);
                self.show_create(&format!("SHOW CREATE DATABASE {name}"), |row| row.text(1))
                    .await
            }
            TargetKind::Index => self.look_at_index(target).await,
            TargetKind::Sequence | TargetKind::Type | TargetKind::Extension => Ok(Probe::Unknown),
        }
    }

    /// `definition` gives `None` when the answer does not show what was asked for.
    async fn show_create(
        &mut self,
        query: &str,
        definition: impl Fn(&Row) -> Option<String>,
    ) -> Result<Probe, DbError> {
        self.show(query, |rows| {
            rows.first()
                .and_then(&definition)
                .map_or(Probe::Unknown, |text| present(&text))
        })
        .await
        .map(|probe| match probe {
            Probe::Present { fingerprint, .. } if fingerprint.is_empty() => Probe::Absent,
            probe => probe,
        })
    }

    /// What the answer of a `SHOW` says; its error says whether the thing is not there or may not be seen.
    async fn show(
        &mut self,
        query: &str,
        seen: impl Fn(&[Row]) -> Probe,
    ) -> Result<Probe, DbError> {
        match self.rows(query).await {
            Ok(rows) => Ok(seen(&rows)),
            Err(Error::Server(error)) if ABSENT.contains(&error.code) => Ok(Probe::Absent),
            // No right to see it.
            Err(Error::Server(error)) if matches!(error.code, 1044 | 1142 | 1227 | 1370) => {
                Ok(Probe::Unknown)
            }
            Err(error) => Err(super::error::of_statement(
                &error,
                super::error::Sent::default(),
            )),
        }
    }

    async fn look_at_index(&mut self, target: &Target) -> Result<Probe, DbError> {
        let Some(table) = &target.table else {
            return Ok(Probe::Unknown);
        };
        // Unlike `information_schema.STATISTICS` it tells a table without the index from one that may not be seen.
        let query = format!(
            "SHOW INDEX FROM {} WHERE Key_name = {}",
            quote::qualified(target.schema.as_deref(), table),
            quote::text(&target.name)
        );
        self.show(&query, |rows| {
            if rows.is_empty() {
                return Probe::Absent;
            }
            let parts: Vec<_> = rows.iter().map(index_part).collect();
            present(&format!("{parts:?}"))
        })
        .await
    }
}

/// What `SHOW INDEX` says of a column of an index, without what changes by itself or belongs to the table: Cardinality,
/// Packed, Null, Comment. After Index_comment come Ignored (MariaDB 10.6), Visible and Expression (MySQL 8.0).
fn index_part(row: &Row) -> Vec<Option<String>> {
    [1, 3, 4, 5, 7, 10, 12, 13, 14]
        .map(|column| row.text(column))
        .to_vec()
}

fn present(definition: &str) -> Probe {
    Probe::Present {
        // Empty stands for "something else of this name", see `table`.
        fingerprint: if definition.is_empty() {
            String::new()
        } else {
            Checksum::of(definition.as_bytes()).to_string()
        },
        is_valid: true,
    }
}

/// `SHOW CREATE TABLE` also shows views; those are not what was asked for.
fn table(row: &Row) -> Option<String> {
    let text = row.text(1)?;
    let is_table = leading_words(&text, Rules::Mysql, 3)
        .iter()
        .any(|word| word == "TABLE");
    Some(if is_table {
        without_counter(&text)
    } else {
        String::new()
    })
}

/// `sql_mode` and the text; the text is NULL for those who may not see it.
fn routine(row: &Row) -> Option<String> {
    Some(format!(
        "{}\n{}",
        row.text(1).unwrap_or_default(),
        row.text(2)?
    ))
}

/// An event has its time zone before its text.
fn event(row: &Row) -> Option<String> {
    Some(format!(
        "{}\n{}\n{}",
        row.text(1).unwrap_or_default(),
        row.text(2).unwrap_or_default(),
        row.text(3)?
    ))
}

/// Leaves out the table option `AUTO_INCREMENT=n`, which every insert changes.
fn without_counter(definition: &str) -> String {
    let tokens: Vec<_> = Tokens::new(definition, Rules::Mysql).collect();
    let is = |index: usize, text: &str| {
        tokens
            .get(index)
            .and_then(|token| definition.get(token.start..token.end))
            .is_some_and(|spelled| spelled.eq_ignore_ascii_case(text))
    };
    for (index, token) in tokens.iter().enumerate() {
        let value = tokens.get(index + 2);
        if token.kind == TokenKind::Word && is(index, "AUTO_INCREMENT") && is(index + 1, "=") {
            let end = value.map_or(token.end, |value| value.end);
            return format!(
                "{}{}",
                definition.get(..token.start).unwrap_or_default(),
                definition.get(end..).unwrap_or_default().trim_start()
            );
        }
    }
    definition.to_owned()
}

#[cfg(test)]
mod tests {
    use super::without_counter;

    #[test]
    fn only_the_counter_is_left_out() {
        let with = "CREATE TABLE `t` (\n  `id` int NOT NULL AUTO_INCREMENT COMMENT 'AUTO_INCREMENT=3',\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB AUTO_INCREMENT=42 DEFAULT CHARSET=utf8mb4";
        let without = with.replace("AUTO_INCREMENT=42 ", "");
        assert_eq!(without_counter(with), without);
        assert_eq!(without_counter(&without), without);
    }
}
