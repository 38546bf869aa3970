//! Reads a file once to its end in constant memory: size, checksum, and the directives at its head.

use crate::directive;
use shoring_core::{ChecksumBuilder, Diagnostic, Script, Tree, TreeError};
use std::io::Read;

/// How much of a file is looked at for directives.
const HEAD_LIMIT: usize = 64 * 1024;

/// Reads a script. What is wrong with its directives or its encoding is added to `diagnostics`.
pub fn read_script(
    tree: &dyn Tree,
    path: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Script, TreeError> {
    let mut input = tree.open(path)?;
    let mut checksum = ChecksumBuilder::default();
    let mut size = 0;
    let mut head = Vec::new();
    let mut buffer = vec![0; HEAD_LIMIT];
    loop {
        let read = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(source) => {
                return Err(TreeError::Io {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        size += read as u64;
        checksum.update(&buffer[..read]);
        if head.len() < HEAD_LIMIT {
            let room = HEAD_LIMIT - head.len();
            head.extend_from_slice(&buffer[..read.min(room)]);
        }
    }
    // Bad encodings are reported with their place by the splitter; here only the readable beginning matters.
    let readable = match std::str::from_utf8(&head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
    };
    let directives = directive::parse_head(path, readable, diagnostics);
    Ok(Script {
        path: path.to_owned(),
        size,
        checksum: checksum.finish(),
        directives,
    })
}
