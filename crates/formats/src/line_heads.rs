//! The beginnings of the lines of a file, read as a stream, for the formats whose marks stand at the start of a line. Memory
//! stays flat on files of any size and lines of any length.

use crate::script::ScriptReader;
use shoring_core::{Tree, TreeError};
use std::io::{BufRead, BufReader, Read};

/// How much of a line is kept.
const HEAD: usize = 4096;
const CHUNK: usize = 64 * 1024;
/// How much of the end of a line is kept where the line was cut.
const END: usize = 64;

/// The beginning of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineHead {
    /// Offset of its first byte in the file. A byte order mark belongs to the first line and is not in `text`.
    pub(crate) offset: u64,
    /// Number of the line, from 1.
    pub(crate) line: u64,
    /// Its text without the end of the line, cut after 4096 bytes. Bytes that are not UTF-8 are replaced.
    pub(crate) text: String,
    /// Where it was cut, the end of the line.
    pub(crate) end: String,
}

impl LineHead {
    /// Whether the text is not the whole line.
    pub(crate) fn is_cut(&self) -> bool {
        !self.end.is_empty()
    }
}

/// Calls `see` with each line of a file, in order, and gives the size of the file.
pub(crate) fn each_line_of(
    reader: &mut ScriptReader,
    tree: &dyn Tree,
    path: &str,
    see: impl FnMut(LineHead),
) -> Result<u64, TreeError> {
    match reader.whole(tree, path)? {
        Some(bytes) => each_line(path, bytes, see),
        None => each_line(path, buffered(tree.open(path)?), see),
    }
}

/// For [`each_line`], from a file.
pub(crate) fn buffered<R: Read>(input: R) -> BufReader<R> {
    BufReader::with_capacity(CHUNK, input)
}

/// Calls `see` with each line of `input`, in order, and gives the size of the input.
pub(crate) fn each_line(
    path: &str,
    mut input: impl BufRead,
    mut see: impl FnMut(LineHead),
) -> Result<u64, TreeError> {
    let mut head: Vec<u8> = Vec::new();
    let mut tail: Vec<u8> = Vec::new();
    let mut offset = 0;
    let mut line_offset = 0;
    let mut line = 1;
    let mut has_line = false;
    loop {
        let mut rest = match input.fill_buf() {
            Ok([]) => break,
            Ok(rest) => rest,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(source) => {
                return Err(TreeError::Io {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        let read = rest.len();
        while !rest.is_empty() {
            has_line = true;
            let end = memchr::memchr(b'\n', rest);
            let part = &rest[..end.unwrap_or(rest.len())];
            let kept = part.len().min(HEAD - head.len());
            head.extend_from_slice(&part[..kept]);
            keep_end(&mut tail, &part[kept..]);
            let Some(end) = end else {
                offset += rest.len() as u64;
                break;
            };
            see(line_head(&head, &tail, line_offset, line));
            offset += end as u64 + 1;
            rest = &rest[end + 1..];
            head.clear();
            tail.clear();
            line_offset = offset;
            line += 1;
            has_line = false;
        }
        input.consume(read);
    }
    if has_line {
        see(line_head(&head, &tail, line_offset, line));
    }
    Ok(offset)
}

/// Adds bytes to the end of a line, of which the last are kept.
fn keep_end(tail: &mut Vec<u8>, bytes: &[u8]) {
    tail.extend_from_slice(&bytes[bytes.len().saturating_sub(END)..]);
    let spare = tail.len().saturating_sub(END);
    tail.drain(..spare);
}

fn line_head(head: &[u8], tail: &[u8], offset: u64, line: u64) -> LineHead {
    let head = if tail.is_empty() {
        head.strip_suffix(b"\r").unwrap_or(head)
    } else {
        head
    };
    let tail = tail.strip_suffix(b"\r").unwrap_or(tail);
    let head = if offset == 0 {
        head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head)
    } else {
        head
    };
    LineHead {
        offset,
        line,
        text: String::from_utf8_lossy(head).into_owned(),
        end: String::from_utf8_lossy(tail).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let size = self.1.min(self.0.len()).min(buffer.len());
            buffer[..size].copy_from_slice(&self.0[..size]);
            self.0 = &self.0[size..];
            Ok(size)
        }
    }

    #[test]
    fn lines_are_the_same_however_they_arrive() {
        let long = "x".repeat(2 * HEAD);
        let text = format!("\u{feff}a\r\n\n{long}\nlast");
        for step in [1, 2, 3, 7, 1 << 20] {
            let mut seen = Vec::new();
            let size = each_line("f", buffered(Slow(text.as_bytes(), step)), |head| {
                seen.push(head);
            })
            .unwrap();
            assert_eq!(size, text.len() as u64);
            assert_eq!(seen[2].end, "x".repeat(END));
            assert!(seen[2].is_cut() && !seen[1].is_cut());
            let heads: Vec<_> = seen
                .iter()
                .map(|head| (head.offset, head.line, head.text.len()))
                .collect();
            assert_eq!(
                heads,
                [
                    (0, 1, 1),
                    (6, 2, 0),
                    (7, 3, HEAD),
                    (7 + 2 * HEAD as u64 + 1, 4, 4)
                ],
                "steps of {step}"
            );
        }
    }
}
