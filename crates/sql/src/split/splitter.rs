//! The entry points: a pull iterator over pieces, and the same for a text in memory.

use super::cut::Cut;
use super::error::SplitError;
use super::options::SplitOptions;
use super::piece::Piece;
use super::reader::Cursor;
use super::{mysql, postgresql, sqlite};
use shoring_core::{Dialect, Edits, Placeholders, Position};
use std::io::Read;

/// No statement longer than this is held in memory, unless told otherwise.
const DEFAULT_LIMIT: u64 = 1 << 30;

/// Cuts an input into pieces, one at a time.
///
/// ```
/// use shoring_core::Product;
/// use shoring_sql::{SplitOptions, Splitter};
///
/// let file = "-- two\nSELECT 'a;b'; SELECT 2";
/// let mut splitter = Splitter::new(file.as_bytes(), SplitOptions::for_product(Product::Postgresql));
/// let mut statements = Vec::new();
/// while let Some(piece) = splitter.next_piece()? {
///     statements.push(piece.sql().to_owned());
/// }
/// assert_eq!(statements, ["SELECT 'a;b'", "SELECT 2"]);
/// # Ok::<(), shoring_sql::SplitError>(())
/// ```
#[derive(Debug)]
pub struct Splitter<R: Read> {
    cursor: Cursor<R>,
    scanner: Scanner,
    is_finished: bool,
}

#[derive(Debug)]
enum Scanner {
    Postgresql(postgresql::Scanner),
    Mysql(Box<mysql::Scanner>),
    Sqlite(sqlite::Scanner),
}

impl<R: Read> Splitter<R> {
    /// A splitter over an input. The input need not be buffered: it is read in 64 KiB chunks.
    pub fn new(input: R, options: SplitOptions) -> Self {
        let scanner = match options.dialect {
            Dialect::Postgresql => Scanner::Postgresql(postgresql::Scanner::new(options)),
            Dialect::Mysql => Scanner::Mysql(Box::new(mysql::Scanner::new(options))),
            Dialect::Sqlite => Scanner::Sqlite(sqlite::Scanner::new()),
        };
        Self {
            cursor: Cursor::new(input, DEFAULT_LIMIT),
            scanner,
            is_finished: false,
        }
    }

    /// Says where the input begins in its file: spans and places count from there.
    #[must_use]
    pub fn starting_at(mut self, offset: u64, position: Position) -> Self {
        self.cursor.start_at(offset, position);
        self
    }

    /// Has placeholders replaced in what is read. The pieces hold what becomes of the text, and their spans and places point
    /// into the text as it is written.
    #[must_use]
    pub fn expanding(self, placeholders: Option<Placeholders>) -> Self {
        match placeholders {
            None => self,
            Some(placeholders) => Self {
                cursor: self.cursor.expand(placeholders),
                ..self
            },
        }
    }

    /// Has edits made in what is read, in the place of placeholders. The pieces hold what becomes of the text, and their spans
    /// and places point into the text as it is written.
    #[must_use]
    pub fn editing(self, edits: Option<Edits>) -> Self {
        match edits {
            None => self,
            Some(edits) => Self {
                cursor: self.cursor.edit(edits),
                ..self
            },
        }
    }

    /// Changes the size from which on a statement is refused as [`SplitError::TooLong`] (1 GiB). It is checked before
    /// every read, so a statement may exceed it by one chunk.
    #[must_use]
    pub fn with_limit(mut self, bytes: u64) -> Self {
        self.cursor.set_limit(bytes);
        self
    }

    /// The next piece; `None` at the end of the input, and for ever after an error.
    pub fn next_piece(&mut self) -> Result<Option<Piece>, SplitError> {
        if self.is_finished {
            return Ok(None);
        }
        let result = self.scan();
        self.is_finished = !matches!(result, Ok(Some(_)));
        Ok(result?.map(|cut| self.cursor.take(&cut)))
    }

    fn scan(&mut self) -> Result<Option<Cut>, SplitError> {
        self.cursor.begin()?;
        match &mut self.scanner {
            Scanner::Postgresql(scanner) => scanner.scan(&mut self.cursor),
            Scanner::Mysql(scanner) => scanner.scan(&mut self.cursor),
            Scanner::Sqlite(scanner) => scanner.scan(&mut self.cursor),
        }
    }
}

impl<R: Read> Iterator for Splitter<R> {
    type Item = Result<Piece, SplitError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_piece().transpose()
    }
}

/// Cuts a text in memory.
pub fn split_str(text: &str, options: SplitOptions) -> Result<Vec<Piece>, SplitError> {
    Splitter::new(text.as_bytes(), options).collect()
}
