//! Reads scripts: once to their end in constant memory for size, checksum and directives, and again to run them.

use crate::checksum::{FileChecksum, NoChecksum};
use crate::directive;
use shoring_core::{ChecksumBuilder, Diagnostic, Migration, Part, Script, Tree, TreeError};
use std::io::Read;
use std::num::NonZero;
use std::thread;

/// How much of a file is looked at for directives.
const HEAD_LIMIT: usize = 64 * 1024;

/// How much of a project's files is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// Everything.
    All,
    /// What applies something, for a command that compares before it knows whether anything is to run. What only rolls back
    /// may be [`Script::unread`]: known to be there.
    WhatApplies,
}

/// Opens the text of a script: its file, or its part of it.
pub fn open_script(tree: &dyn Tree, script: &Script) -> Result<Box<dyn Read + Send>, TreeError> {
    open_part(tree, &script.path, script.part)
}

fn open_part(
    tree: &dyn Tree,
    path: &str,
    part: Option<Part>,
) -> Result<Box<dyn Read + Send>, TreeError> {
    match part {
        None => tree.open(path),
        Some(part) => Ok(Box::new(
            tree.open_at(path, part.span.start)?.take(part.span.len()),
        )),
    }
}

/// Files that are worth a thread: starting one takes as long as reading a few.
const WORTH_A_THREAD: usize = 64;

/// Does some work for each item, with a reader at hand; on all cores when the items are very many. The answers come in
/// the order of the items.
pub fn read_each<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&mut ScriptReader, &T) -> R + Sync,
) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let share = items.len().div_ceil(cores).max(WORTH_A_THREAD);
    let read = |items: &[T]| -> Vec<R> {
        let mut reader = ScriptReader::default();
        items.iter().map(|item| work(&mut reader, item)).collect()
    };
    if items.len() <= share {
        return read(items);
    }
    let read = &read;
    thread::scope(|scope| {
        let shares: Vec<_> = items
            .chunks(share)
            .map(|items| (items, scope.spawn(move || read(items))))
            .collect();
        shares
            .into_iter()
            // What a thread that panicked was to read is read again here, and panics where the caller sees it.
            .flat_map(|(items, handle)| handle.join().unwrap_or_else(|_| read(items)))
            .collect()
    })
}

/// As [`read_each`], for work that gives a migration, or none, and what is wrong with it: all migrations, and `diagnostics`
/// grows. The first file that cannot be read is the error.
pub fn read_migrations<T: Sync>(
    items: &[T],
    diagnostics: &mut Vec<Diagnostic>,
    work: impl Fn(&mut ScriptReader, &T) -> Result<(Option<Migration>, Vec<Diagnostic>), TreeError>
    + Sync,
) -> Result<Vec<Migration>, TreeError> {
    let mut migrations = Vec::with_capacity(items.len());
    for read in read_each(items, work) {
        let (migration, found) = read?;
        migrations.extend(migration);
        diagnostics.extend(found);
    }
    Ok(migrations)
}

/// Reads one script. What is wrong with its directives or its encoding is added to `diagnostics`.
pub fn read_script(
    tree: &dyn Tree,
    path: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Script, TreeError> {
    ScriptReader::default().read(tree, path, diagnostics)
}

/// Reads one script after the other into the same buffers. A small file is read once, however many parts it has.
pub struct ScriptReader {
    /// The file whose beginning is in `head`.
    path: String,
    head: Vec<u8>,
    /// How much of `head` it fills: all of it when the file goes on.
    length: usize,
    rest: Vec<u8>,
}

impl Default for ScriptReader {
    fn default() -> Self {
        Self {
            path: String::new(),
            head: vec![0; HEAD_LIMIT],
            length: 0,
            rest: Vec::new(),
        }
    }
}

impl ScriptReader {
    /// As [`read_script`].
    pub fn read(
        &mut self,
        tree: &dyn Tree,
        path: &str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Script, TreeError> {
        self.read_part(tree, path, None, &mut NoChecksum, diagnostics)
    }

    /// Reads a file that only rolls back, where that is wanted.
    pub(crate) fn read_way_back(
        &mut self,
        tree: &dyn Tree,
        path: &str,
        reads: Reads,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Script, TreeError> {
        match reads {
            Reads::All => self.read(tree, path, diagnostics),
            Reads::WhatApplies => Ok(Script::unread(path)),
        }
    }

    /// Reads a part of a file, or all of it, and shows the bytes to `other`, for the checksum of another tool.
    pub fn read_part(
        &mut self,
        tree: &dyn Tree,
        path: &str,
        part: Option<Part>,
        other: &mut impl FileChecksum,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Script, TreeError> {
        let mut checksum = ChecksumBuilder::default();
        let (head, size) = match self.whole(tree, path)? {
            Some(whole) => {
                let text = match part {
                    None => whole,
                    Some(Part { span, .. }) => {
                        let end = whole.len().min(span.end as usize);
                        whole.get(span.start as usize..end).unwrap_or_default()
                    }
                };
                checksum.update(text);
                other.update(text);
                (text, text.len() as u64)
            }
            None => {
                let mut input = open_part(tree, path, part)?;
                self.stream(input.as_mut(), |bytes| {
                    checksum.update(bytes);
                    other.update(bytes);
                })
                .map_err(|source| TreeError::Io {
                    path: path.to_owned(),
                    source,
                })?
            }
        };
        // Bad encodings are reported with their place by the splitter; here only the readable beginning matters.
        let readable = match std::str::from_utf8(head) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
        };
        let first_line = part.map_or(1, |part| part.position.line);
        let directives = directive::parse_head(path, readable, first_line, diagnostics);
        Ok(Script {
            path: path.to_owned(),
            part,
            size,
            checksum: checksum.finish(),
            directives,
            placeholders: None,
            edits: None,
        })
    }

    /// The bytes of a file of less than 64 KiB, from memory when it was the last one; `None` of a larger one.
    pub(crate) fn whole(
        &mut self,
        tree: &dyn Tree,
        path: &str,
    ) -> Result<Option<&[u8]>, TreeError> {
        if self.path != path {
            self.path.clear();
            let mut input = tree.open(path)?;
            let read = fill(input.as_mut(), &mut self.head);
            self.length = read.map_err(|source| TreeError::Io {
                path: path.to_owned(),
                source,
            })?;
            path.clone_into(&mut self.path);
        }
        Ok((self.length < HEAD_LIMIT).then(|| &self.head[..self.length]))
    }

    /// Shows all of an input, and gives its beginning and its size.
    fn stream(
        &mut self,
        input: &mut dyn Read,
        mut see: impl FnMut(&[u8]),
    ) -> std::io::Result<(&[u8], u64)> {
        self.path.clear();
        let length = fill(input, &mut self.head)?;
        see(&self.head[..length]);
        let mut size = length as u64;
        if length == HEAD_LIMIT {
            self.rest.resize(HEAD_LIMIT, 0);
            loop {
                let length = fill(input, &mut self.rest)?;
                see(&self.rest[..length]);
                size += length as u64;
                if length < HEAD_LIMIT {
                    break;
                }
            }
        }
        Ok((&self.head[..length], size))
    }
}

/// Reads until the buffer is full or the input ends.
fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoring_core::{Checksum, Names, Position, Span};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Every file contains its own path. Counts how many were opened.
    #[derive(Default)]
    struct Echo(AtomicUsize);

    impl Tree for Echo {
        fn files(&self, _: &str) -> Result<Names, TreeError> {
            Ok(Names::default())
        }

        fn folders(&self, _: &str) -> Result<Names, TreeError> {
            Ok(Names::default())
        }

        fn open(&self, path: &str) -> Result<Box<dyn Read + Send>, TreeError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(Box::new(std::io::Cursor::new(path.to_owned().into_bytes())))
        }

        fn has_file(&self, _: &str) -> bool {
            true
        }
    }

    #[test]
    fn answers_come_in_order_from_all_threads() {
        for count in [0, 1, WORTH_A_THREAD, 10 * WORTH_A_THREAD + 1] {
            let paths: Vec<String> = (0..count).map(|number| number.to_string()).collect();
            let checksums = read_each(&paths, |reader, path| {
                let script = reader.read(&Echo::default(), path, &mut Vec::new());
                script.unwrap().checksum
            });
            let expected: Vec<Checksum> = paths
                .iter()
                .map(|path| Checksum::of(path.as_bytes()))
                .collect();
            assert_eq!(checksums, expected);
        }
    }

    #[test]
    fn a_small_file_of_many_parts_is_opened_once() {
        let tree = Echo::default();
        let mut reader = ScriptReader::default();
        let mut read = |path: &str, start, end| {
            let part = Part {
                span: Span::new(start, end),
                position: Position::START,
            };
            let mut found = Vec::new();
            let script = reader.read_part(&tree, path, Some(part), &mut NoChecksum, &mut found);
            script.unwrap().checksum
        };
        assert_eq!(read("abcdef", 0, 2), Checksum::of(b"ab"));
        assert_eq!(read("abcdef", 2, 6), Checksum::of(b"cdef"));
        assert_eq!(read("ghi", 1, 9), Checksum::of(b"hi"));
        assert_eq!(read("abcdef", 5, 6), Checksum::of(b"f"));
        assert_eq!(tree.0.load(Ordering::Relaxed), 3);
        let long = "x".repeat(2 * HEAD_LIMIT);
        assert_eq!(read(&long, 1, 3), Checksum::of(b"xx"));
        assert_eq!(read("abcdef", 1, 2), Checksum::of(b"b"));
    }

    #[test]
    fn files_of_every_size_share_a_reader() {
        let mut reader = ScriptReader::default();
        for size in [3 * HEAD_LIMIT + 7, 5, HEAD_LIMIT, 2 * HEAD_LIMIT, 0] {
            let text = "x".repeat(size);
            let tree = Echo::default();
            let script = reader.read(&tree, &text, &mut Vec::new()).unwrap();
            assert_eq!(script.size, size as u64);
            assert_eq!(script.checksum, Checksum::of(text.as_bytes()));
        }
    }
}
