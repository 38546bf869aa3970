//! What Prisma does with a file that we split: it sends the whole text as one query.

use crate::sending::{Opens, Sending};

pub(super) const SENDING: Sending = Sending {
    tool: "Prisma Migrate",
    code: "not-for-prisma",
    unit: "file",
    is_whole: true,
    opens: |_| Opens::No,
};
