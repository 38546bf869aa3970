//! What is seen while migrations run: observers that turn events into lines, bars and JSON.

mod observed;
mod plain_lines;
mod screen;
mod stream;
mod waiting;

pub(crate) use observed::{Observed, Tap};
pub(crate) use screen::Screen;
pub(crate) use stream::Stream;
