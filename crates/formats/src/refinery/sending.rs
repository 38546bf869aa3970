//! What refinery does with a file that we split: it sends the whole text, in a transaction of its own, and has no way to do
//! without.

use crate::sending::{Opens, Sending};
use shoring_core::Product;

pub(super) const SENDING: Sending = Sending {
    tool: "refinery",
    code: "not-for-refinery",
    unit: "file",
    is_whole: false,
    opens: |product| match product {
        Product::Postgresql | Product::Sqlite => Opens::Always,
        // Where definitions commit by themselves, it makes no difference.
        Product::Mysql | Product::Mariadb => Opens::No,
    },
};
