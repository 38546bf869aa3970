//! Where an SQLite statement ends: the rules of `sqlite3_complete()`, in which a trigger ends at `; END ;`, and of the
//! shell, whose dot-commands stand at the beginning of a line between statements.

use super::cut::{Code, Cut, LONG_TRIVIA};
use super::error::SplitError;
use super::postgresql::table;
use super::reader::Cursor;
use std::io::Read;

#[derive(Debug)]
pub(super) struct Scanner {
    is_line_start: bool,
}

/// How much of `CREATE TRIGGER … ; END ;` was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Normal,
    Explain,
    Create,
    Trigger,
    TriggerSemicolon,
    TriggerEnd,
}

const BLANK: [bool; 256] = table(b" \t\n\r\x0c", false, false);
const WORD: [bool; 256] = table(b"_$", true, true);

impl State {
    fn after_word(self, word: &[u8]) -> Self {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        match self {
            Self::Start if is("EXPLAIN") => Self::Explain,
            Self::Start | Self::Explain if is("CREATE") => Self::Create,
            Self::Create if is("TEMP") || is("TEMPORARY") => Self::Create,
            Self::Create if is("TRIGGER") => Self::Trigger,
            Self::TriggerSemicolon if is("END") => Self::TriggerEnd,
            state @ (Self::Start
            | Self::Normal
            | Self::Explain
            | Self::Create
            | Self::Trigger
            | Self::TriggerSemicolon
            | Self::TriggerEnd) => state.after_other(),
        }
    }

    const fn after_other(self) -> Self {
        match self {
            Self::Start | Self::Normal | Self::Create => Self::Normal,
            Self::Explain => Self::Explain,
            Self::Trigger | Self::TriggerSemicolon | Self::TriggerEnd => Self::Trigger,
        }
    }
}

impl Scanner {
    pub(super) const fn new() -> Self {
        Self {
            is_line_start: true,
        }
    }

    pub(super) fn scan<R: Read>(
        &mut self,
        cursor: &mut Cursor<R>,
    ) -> Result<Option<Cut>, SplitError> {
        let mut code = Code::default();
        let mut state = State::Start;
        loop {
            let start = cursor.offset();
            if start > LONG_TRIVIA && code.is_empty() {
                return Ok(Some(code.cut(start)));
            }
            let is_line_start = std::mem::take(&mut self.is_line_start);
            match cursor.peek(0)? {
                0 if start == 0 => return Ok(None),
                0 => {
                    if matches!(state, State::Trigger | State::TriggerSemicolon) {
                        let begin = code.cut(0).span.start;
                        return Err(cursor.unterminated("trigger (no `; END`)", begin));
                    }
                    return Ok(Some(code.cut(start)));
                }
                b' ' | b'\t' | b'\n' | b'\r' | 0x0c => {
                    cursor.skip(&BLANK)?;
                    self.is_line_start =
                        cursor.slice(cursor.offset() - 1..cursor.offset()) == b"\n";
                    continue;
                }
                b'-' if cursor.peek(1)? == b'-' => {
                    cursor.find(b'\n', b'\n', b'\n')?;
                    continue;
                }
                b'/' if cursor.peek(1)? == b'*' && cursor.peek(2)? != 0 => {
                    skip_comment(cursor)?;
                    continue;
                }
                // The tokenizer takes a byte order mark for a blank wherever it stands.
                0xEF if cursor.starts_with(b"\xEF\xBB\xBF")? => {
                    cursor.bump(3);
                    continue;
                }
                b'.' if is_line_start && code.is_empty() => {
                    cursor.bump(1);
                    cursor.skip(&WORD)?;
                    return Err(cursor.client_command(start..cursor.offset()));
                }
                // The shell skips lines that begin with `#`, for the sake of `#!`.
                b'#' if is_line_start && code.is_empty() => {
                    cursor.find(b'\n', b'\n', b'\n')?;
                    continue;
                }
                b';' => {
                    cursor.bump(1);
                    if matches!(state, State::Trigger | State::TriggerSemicolon) {
                        state = State::TriggerSemicolon;
                    } else {
                        // SQLite keeps definitions as they are written, up to the terminator; scripts change them by their text.
                        if !code.is_empty() {
                            code.add(start, start);
                        }
                        return Ok(Some(code.cut(start)));
                    }
                }
                quote @ (b'\'' | b'"' | b'`' | b'[') => {
                    skip_quoted(cursor, start, quote)?;
                    state = state.after_other();
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'$' | 0x80.. => {
                    cursor.skip(&WORD)?;
                    if state != State::Normal {
                        state = state.after_word(cursor.slice(start..cursor.offset()));
                    }
                }
                _ => {
                    cursor.bump(1);
                    state = state.after_other();
                }
            }
            code.add(start, cursor.offset());
        }
    }
}

/// A block comment from its `/*`; one that is open at the end of the input is fine.
fn skip_comment<R: Read>(cursor: &mut Cursor<R>) -> Result<(), SplitError> {
    cursor.bump(2);
    while cursor.find(b'*', b'*', b'*')? {
        cursor.bump(1);
        if cursor.peek(0)? == b'/' {
            cursor.bump(1);
            break;
        }
    }
    Ok(())
}

fn skip_quoted<R: Read>(cursor: &mut Cursor<R>, start: usize, quote: u8) -> Result<(), SplitError> {
    let (close, what) = match quote {
        b'\'' => (b'\'', "string"),
        b'[' => (b']', "quoted identifier"),
        quote => (quote, "quoted identifier"),
    };
    cursor.bump(1);
    if !cursor.find(close, close, close)? {
        return Err(cursor.unterminated(what, start));
    }
    cursor.bump(1);
    Ok(())
}
