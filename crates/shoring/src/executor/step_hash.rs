//! What a step is recognised by when a file goes on: the hash of its one statement, or SHA-256 over the hashes of its several.
//! Computed as they come, so that a seed file of millions of statements costs no memory.

use shoring_core::{Checksum, ChecksumBuilder};

/// Collects the hashes of a step's statements.
#[derive(Clone, Default)]
pub(super) struct StepHash {
    count: u64,
    first: String,
    all: ChecksumBuilder,
}

impl StepHash {
    /// Adds the next statement.
    pub(super) fn add(&mut self, hash: &str) {
        if self.count == 0 {
            hash.clone_into(&mut self.first);
        } else {
            self.all.update(b"\n");
        }
        self.all.update(hash.as_bytes());
        self.count += 1;
    }

    /// How many statements were added.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// The step's hash so far.
    pub(super) fn finish(&self) -> String {
        if self.count == 1 {
            return self.first.clone();
        }
        let checksum: Checksum = self.all.clone().finish();
        checksum.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_statement_keeps_its_hash_and_order_matters() {
        let of = |hashes: &[&str]| {
            let mut step = StepHash::default();
            for hash in hashes {
                step.add(hash);
            }
            step.finish()
        };
        assert_eq!(of(&["ab"]), "ab");
        assert_eq!(of(&["ab", "cd"]), Checksum::of(b"ab\ncd").as_str());
        assert_ne!(of(&["ab", "cd"]), of(&["cd", "ab"]));
    }
}
