//! How much of the fault suite runs: a slice, or more by `SHORING_SOAK`.

use shoring_testkit::variable;

/// `slice` times `SHORING_SOAK`, if that is set.
pub(crate) fn scaled(slice: usize) -> usize {
    let factor = variable::optional("SHORING_SOAK").map_or(1, |text| {
        text.parse().expect("SHORING_SOAK is a whole number")
    });
    slice * factor
}

/// Numbers that differ from each other and are the same in every run.
pub(crate) struct Random(u64);

impl Random {
    /// A sequence of its own for each seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}
