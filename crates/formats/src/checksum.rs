//! Other tools' checksums of a file, computed from its bytes while it is read anyway.

use shoring_core::Checksum;

/// Computes what a tool's history table says about a file.
pub trait FileChecksum {
    /// Takes the next bytes; where they are cut does not matter.
    fn update(&mut self, bytes: &[u8]);

    /// The checksum to write, and further ones that a row may have and still mean the same text.
    fn finish(&mut self) -> Vec<Checksum>;
}

/// For tables that keep none.
#[derive(Debug, Clone, Copy)]
pub struct NoChecksum;

impl FileChecksum for NoChecksum {
    fn update(&mut self, _: &[u8]) {}

    fn finish(&mut self) -> Vec<Checksum> {
        Vec::new()
    }
}
