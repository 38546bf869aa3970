//! What golang-migrate does with a file that we split: it sends the whole text as one query.

use crate::sending::{Opens, Sending};
use shoring_core::Product;

pub(super) const SENDING: Sending = Sending {
    tool: "golang-migrate",
    code: "not-for-golang-migrate",
    unit: "file",
    is_whole: true,
    opens: |product| match product {
        Product::Postgresql | Product::Mysql | Product::Mariadb => Opens::No,
        Product::Sqlite => Opens::Unless("x-no-tx-wrap=true in its URL"),
    },
};
