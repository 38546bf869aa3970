//! What sqlx does with a file that we split: it sends the whole text as one query, inside a transaction.

use crate::sending::{Opens, Sending};
use shoring_core::Product;

pub(super) const SENDING: Sending = Sending {
    tool: "sqlx",
    code: "not-for-sqlx",
    unit: "file",
    is_whole: true,
    opens: |product| match product {
        Product::Postgresql | Product::Sqlite => {
            Opens::Unless("`-- no-transaction` at the very beginning")
        }
        // Where definitions commit by themselves, it makes no difference.
        Product::Mysql | Product::Mariadb => Opens::No,
    },
};
