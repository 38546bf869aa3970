//! Reads scripts: once to their end in constant memory for size, checksum and directives, and again to run them.

use crate::checksum::{FileChecksum, NoChecksum};
use crate::directive;
use shoring_core::{ChecksumBuilder, Diagnostic, Migration, Part, Script, Tree, TreeError};
use std::io::Read;
use std::num::NonZero;
use std::thread;

/// How much of a file is looked at for directives.
const HEAD_LIMIT: usize = 64 * 1024;

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

/// Reads a part of a file as a script.
pub fn read_part(
    tree: &dyn Tree,
    path: &str,
    part: Part,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Script, TreeError> {
    ScriptReader::default().read_part(tree, path, Some(part), &mut NoChecksum, diagnostics)
}

/// Reads one script after the other into the same buffers.
pub struct ScriptReader {
    head: Vec<u8>,
    rest: Vec<u8>,
}

impl Default for ScriptReader {
    fn default() -> Self {
        Self {
            head: vec![0; HEAD_LIMIT],
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

    /// Reads a part of a file, or all of it, and shows the bytes to `other`, for the checksum of another tool.
    pub fn read_part(
        &mut self,
        tree: &dyn Tree,
        path: &str,
        part: Option<Part>,
        other: &mut impl FileChecksum,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Script, TreeError> {
        let io = |source| TreeError::Io {
            path: path.to_owned(),
            source,
        };
        let mut input = open_part(tree, path, part)?;
        let mut checksum = ChecksumBuilder::default();
        let length = fill(input.as_mut(), &mut self.head).map_err(io)?;
        let head = &self.head[..length];
        checksum.update(head);
        other.update(head);
        let mut size = length as u64;
        if length == HEAD_LIMIT {
            self.rest.resize(HEAD_LIMIT, 0);
            loop {
                let length = fill(input.as_mut(), &mut self.rest).map_err(io)?;
                checksum.update(&self.rest[..length]);
                other.update(&self.rest[..length]);
                size += length as u64;
                if length < HEAD_LIMIT {
                    break;
                }
            }
        }
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
    use shoring_core::{Checksum, Names};

    /// Every file contains its own path.
    struct Echo;

    impl Tree for Echo {
        fn files(&self, _: &str) -> Result<Names, TreeError> {
            Ok(Names::default())
        }

        fn folders(&self, _: &str) -> Result<Names, TreeError> {
            Ok(Names::default())
        }

        fn open(&self, path: &str) -> Result<Box<dyn Read + Send>, TreeError> {
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
                reader.read(&Echo, path, &mut Vec::new()).unwrap().checksum
            });
            let expected: Vec<Checksum> = paths
                .iter()
                .map(|path| Checksum::of(path.as_bytes()))
                .collect();
            assert_eq!(checksums, expected);
        }
    }

    #[test]
    fn files_of_every_size_share_a_reader() {
        let mut reader = ScriptReader::default();
        for size in [3 * HEAD_LIMIT + 7, 5, HEAD_LIMIT, 2 * HEAD_LIMIT, 0] {
            let text = "x".repeat(size);
            let script = reader.read(&Echo, &text, &mut Vec::new()).unwrap();
            assert_eq!(script.size, size as u64);
            assert_eq!(script.checksum, Checksum::of(text.as_bytes()));
        }
    }
}
