//! One file for each tool: how it is called.

pub(super) mod client;
pub(super) mod dbmate;
pub(super) mod golang_migrate;
pub(super) mod shoring;
pub(super) mod sqlx;
