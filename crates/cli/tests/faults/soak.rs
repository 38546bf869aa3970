//! How much of the fault suite runs: a slice, or more by `SHORING_SOAK`; and the seed of its random parts, which
//! `SHORING_SOAK_SEED` sets.

use shoring_testkit::variable;

/// `slice` times `SHORING_SOAK`, if that is set.
pub(crate) fn scaled(slice: usize) -> usize {
    let factor = variable::optional("SHORING_SOAK").map_or(1, |text| {
        text.parse().expect("SHORING_SOAK is a whole number")
    });
    slice * factor
}

/// Numbers that differ from each other and are the same in every run with the same seed.
pub(crate) struct Random {
    seed: u64,
    state: u64,
}

impl Random {
    /// A sequence of its own for each `part` of the suite.
    pub(crate) fn new(part: u64) -> Self {
        let seed = variable::optional("SHORING_SOAK_SEED").map_or(1_u64, |text| {
            text.parse().expect("SHORING_SOAK_SEED is a whole number")
        });
        let mixed = seed
            .wrapping_mul(0xD129_0B26_65D5_3B9B)
            .wrapping_add(part)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self {
            seed,
            state: mixed | 1,
        }
    }

    /// How to have the same numbers again.
    pub(crate) fn seed(&self) -> String {
        format!("SHORING_SOAK_SEED={}", self.seed)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % limit.max(1)
    }
}
