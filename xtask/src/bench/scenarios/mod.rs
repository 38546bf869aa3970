//! What is done, one file for each kind of work.

mod bulk;
mod down;
mod growth;
mod noop;
mod round_trips;
mod scenario;
mod status;
mod syncs;
mod up;

pub(super) use scenario::{SCENARIOS, Scenario};
