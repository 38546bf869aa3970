//! How long to pause before another try.

use std::time::Duration;

/// Between half and one and a half of `base`, so that those who wait do not all come back at once.
pub(crate) fn jitter(base: Duration) -> Duration {
    let thousandths = (uuid::Uuid::new_v4().as_u128() % 1000) as u32;
    base / 2 + base * thousandths / 1000
}
