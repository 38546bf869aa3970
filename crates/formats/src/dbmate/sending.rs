//! What dbmate does with a block that we split: it sends the whole text as one query.

use crate::sending::{Opens, Sending};
use shoring_core::Product;

pub(super) const SENDING: Sending = Sending {
    tool: "dbmate",
    code: "not-for-dbmate",
    unit: "block",
    is_whole: true,
    opens: |product| match product {
        Product::Postgresql | Product::Sqlite => Opens::Unless("`transaction:false`"),
        // Where definitions commit by themselves, it makes no difference.
        Product::Mysql | Product::Mariadb => Opens::No,
    },
};
