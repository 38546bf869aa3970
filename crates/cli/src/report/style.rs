//! The few colours. Colour only underlines what the text already says.

use anstyle::{AnsiColor, Style};
use std::fmt::Display;

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const RED: Style = AnsiColor::Red.on_default();

fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Less important.
pub(crate) fn dim(text: impl Display) -> String {
    paint(DIM, text)
}

/// A command to type.
pub(crate) fn bold(text: impl Display) -> String {
    paint(BOLD, text)
}

/// Good.
pub(crate) fn green(text: impl Display) -> String {
    paint(GREEN, text)
}

/// Worth a look.
pub(crate) fn yellow(text: impl Display) -> String {
    paint(YELLOW, text)
}

/// Bad.
pub(crate) fn red(text: impl Display) -> String {
    paint(RED, text)
}
