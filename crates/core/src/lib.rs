//! The vocabulary of Shoring: what a migration, a place in a file, a value, a plan and an event are.
//!
//! Nothing here reads a file, opens a socket or knows a clock. Every other crate speaks in these types, so a
//! change here is a change everywhere. Start reading at [`migration`], then [`plan`] and [`event`].
#![warn(missing_docs)]

pub mod applied;
pub mod checksum;
pub mod diagnostic;
pub mod edits;
pub mod event;
mod hexadecimal;
pub mod migration;
pub mod placeholders;
pub mod plan;
pub mod server;
pub mod span;
pub mod state;
pub mod statement;
pub mod table;
pub mod target;
pub mod terms;
pub mod tree;
pub mod value;

pub use applied::{Applied, AppliedKind};
pub use checksum::{Checksum, ChecksumBuilder};
pub use diagnostic::{Diagnostic, Label, Severity};
pub use edits::{Edit, Edits};
pub use event::{Event, Observer};
pub use hexadecimal::{hexadecimal, push_hexadecimal};
pub use migration::{
    Attributes, CompatibleWith, Direction, Directives, Kind, Late, LineEnds, LoneCommit,
    LoneStatement, Migration, MigrationSet, Missing, OrderKey, Part, Policy, Script,
    TransactionMode, Version, shared,
};
pub use placeholders::{PlaceholderSyntax, Placeholders, WithoutValue};
pub use plan::{MigrationPlan, PlannedStatement, Segment, SegmentMode};
pub use server::{Dialect, Product, Server, ServerVersion};
pub use span::{Position, Span};
pub use state::State;
pub use statement::{Facts, Savepoint, TransactionRule};
pub use table::{ColumnShape, TableName, TableShape};
pub use target::{Probe, Target, TargetKind};
pub use terms::{Condition, Conditions, Terms, Unmet};
pub use tree::{Listing, Names, Tree, TreeError, if_there};
pub use value::{Row, Value};
