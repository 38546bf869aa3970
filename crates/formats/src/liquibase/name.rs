//! The attributes of a migration and of a row, by name.

pub(super) const ID: &str = "id";
pub(super) const AUTHOR: &str = "author";
/// `FILENAME` as it is written in the row.
pub(super) const FILE: &str = "file-name";
pub(super) const COMMENTS: &str = "comments";
pub(super) const CONTEXTS: &str = "contexts";
pub(super) const LABELS: &str = "labels";
/// Where the tool would cut the text, where that may matter: offsets in the file.
pub(super) const CUTS: &str = "cuts";
/// That the tool sends it as one.
pub(super) const WHOLE: &str = "whole";
/// Which sums any row may have: all.
pub(super) const ANY_CHECKSUM: &str = "any-checksum";
