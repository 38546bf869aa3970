//! The statements of one script, read as a stream and hashed on the way: the bytes that run are the bytes that were planned.

use crate::error::{Error, ErrorKind, Result};
use shoring_core::{Checksum, ChecksumBuilder, Facts, Position, Script, Server, Tree};
use shoring_formats::script::open_script;
use shoring_plan::PlaceFinder;
use shoring_sql::classify::classify;
use shoring_sql::split::{Piece, PieceKind, SplitOptions, Splitter};
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

/// One statement on its way to the server.
pub(super) struct Statement {
    /// Number in the file, from 1.
    pub(crate) number: u64,
    /// Text and place.
    pub(crate) piece: Piece,
    /// For carets.
    pub(crate) place: PlaceFinder,
    /// What is known about it.
    pub(crate) facts: Facts,
    /// Whether data lines follow.
    pub(crate) has_copy_data: bool,
}

/// Files up to this size are read and checked whole before their first statement runs; larger ones are checked at their end.
const WHOLE_LIMIT: u64 = 8 * 1024 * 1024;

/// The stream.
pub(super) struct Source {
    splitter: Splitter<HashingReader>,
    hash: Arc<Mutex<ChecksumBuilder>>,
    place: PlaceFinder,
    peeked: Option<Piece>,
    number: u64,
    server: Server,
    script: Script,
    is_checked: bool,
    /// Bytes of the file that were taken so far.
    pub(crate) consumed: u64,
}

struct HashingReader {
    input: Box<dyn Read + Send>,
    hash: Arc<Mutex<ChecksumBuilder>>,
}

impl Read for HashingReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.hash
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .update(&buffer[..read]);
        Ok(read)
    }
}

impl Source {
    pub(super) fn open(
        tree: &dyn Tree,
        script: &Script,
        server: &Server,
        options: SplitOptions,
    ) -> Result<Self> {
        let tree_error = |error| crate::project::tree_error(&error);
        let mut input = open_script(tree, script).map_err(tree_error)?;
        let mut is_checked = false;
        if script.size <= WHOLE_LIMIT {
            let mut whole = Vec::with_capacity(script.size as usize);
            input
                .by_ref()
                .take(WHOLE_LIMIT + 1)
                .read_to_end(&mut whole)
                .map_err(|source| {
                    tree_error(shoring_core::TreeError::Io {
                        path: script.path.clone(),
                        source,
                    })
                })?;
            if Checksum::of(&whole) != script.checksum {
                return Err(changed(script, Position::START));
            }
            is_checked = true;
            input = Box::new(std::io::Cursor::new(whole));
        }
        let (offset, position) = script.beginning();
        let hash = Arc::new(Mutex::new(ChecksumBuilder::default()));
        let reader = HashingReader {
            input,
            hash: Arc::clone(&hash),
        };
        Ok(Self {
            splitter: Splitter::new(reader, options)
                .starting_at(offset, position)
                .expanding(script.placeholders.clone())
                .editing(script.edits.clone()),
            hash,
            place: PlaceFinder::starting_at(position),
            peeked: None,
            number: 0,
            server: server.clone(),
            script: script.clone(),
            is_checked,
            consumed: 0,
        })
    }

    /// The next statement; `None` at the end of the file. Data lines of a `COPY` that nobody read are skipped.
    pub(super) fn next_statement(&mut self) -> Result<Option<Statement>> {
        loop {
            let Some(piece) = self.next_piece()? else {
                return Ok(None);
            };
            match piece.kind {
                PieceKind::Statement => {
                    self.number += 1;
                    let facts = classify(piece.sql(), self.server.product, self.server.version);
                    let place = self.place.clone();
                    self.place.advance(&piece);
                    let has_copy_data = matches!(self.peek()?, Some(PieceKind::CopyData { .. }));
                    return Ok(Some(Statement {
                        number: self.number,
                        piece,
                        place,
                        facts,
                        has_copy_data,
                    }));
                }
                PieceKind::CopyData { .. } | PieceKind::ClientCommand | PieceKind::Trivia => {
                    self.place.advance(&piece);
                }
            }
        }
    }

    /// The next data lines of the `COPY` statement just read; `None` after the last.
    pub(super) fn next_copy_data(&mut self) -> Result<Option<String>> {
        match self.peek()? {
            Some(PieceKind::CopyData { .. }) => {}
            Some(PieceKind::Statement | PieceKind::ClientCommand | PieceKind::Trivia) | None => {
                return Ok(None);
            }
        }
        let Some(piece) = self.next_piece()? else {
            return Ok(None);
        };
        self.place.advance(&piece);
        Ok(Some(piece.sql().to_owned()))
    }

    fn peek(&mut self) -> Result<Option<PieceKind>> {
        if self.peeked.is_none() {
            self.peeked = self.read_piece()?;
        }
        Ok(self.peeked.as_ref().map(|piece| piece.kind))
    }

    /// Whether nothing but blanks and comments is left.
    pub(super) fn is_at_end(&mut self) -> Result<bool> {
        loop {
            match self.peek()? {
                None => return Ok(true),
                Some(PieceKind::Trivia | PieceKind::ClientCommand) => {
                    if let Some(piece) = self.next_piece()? {
                        self.place.advance(&piece);
                    }
                }
                Some(PieceKind::Statement | PieceKind::CopyData { .. }) => return Ok(false),
            }
        }
    }

    fn next_piece(&mut self) -> Result<Option<Piece>> {
        let piece = match self.peeked.take() {
            Some(piece) => Some(piece),
            None => self.read_piece()?,
        };
        if let Some(piece) = &piece {
            self.consumed = piece.full.end - self.script.beginning().0;
        }
        Ok(piece)
    }

    fn read_piece(&mut self) -> Result<Option<Piece>> {
        // The plan read this file a moment ago without an error.
        self.splitter
            .next_piece()
            .map_err(|error| changed(&self.script, error.position().unwrap_or(Position::START)))
    }

    /// Bytes of the file.
    pub(super) fn size(&self) -> u64 {
        self.script.size
    }

    /// At the end of the file: fails when its bytes are not those that were planned.
    pub(super) fn verify(&self) -> Result<()> {
        if self.is_checked {
            return Ok(());
        }
        let hash = self
            .hash
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if hash.finish() == self.script.checksum {
            Ok(())
        } else {
            Err(changed(&self.script, Position::START))
        }
    }
}

fn changed(script: &Script, position: Position) -> Error {
    Error::new(
        ErrorKind::Mismatch,
        "changed-while-running",
        format!(
            "`{}` was changed while it was running (line {})",
            script.path, position.line
        ),
    )
    .next("run the command again")
}
