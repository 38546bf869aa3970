//! All runs of one tool in one scenario.

use super::measure::Measurement;
use super::statistics::{Spread, paired_ratio, spread};

/// One run, with what was counted beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    pub(super) measurement: Measurement,
    pub(super) count: Option<f64>,
}

/// What came of a tool's turn.
#[derive(Debug)]
pub(super) enum Turn {
    Done(Sample),
    /// It has enough runs: it takes so long that the others would wait for it.
    Rests,
    /// It has nothing for this work, or it failed.
    Cannot(String),
}

impl Turn {
    /// Adds a count to a turn that was done.
    pub(super) fn with_count(
        self,
        count: impl FnOnce() -> Result<f64, String>,
    ) -> Result<Self, String> {
        match self {
            Self::Done(sample) => Ok(Self::Done(Sample {
                count: Some(count()?),
                ..sample
            })),
            Self::Rests | Self::Cannot(_) => Ok(self),
        }
    }
}

/// The runs of one tool, or why there are none.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) tool: &'static str,
    pub(super) samples: Vec<Sample>,
    pub(super) missing: Option<String>,
}

impl Series {
    pub(super) fn new(tool: &'static str) -> Self {
        Self {
            tool,
            samples: Vec::new(),
            missing: None,
        }
    }

    /// Wall time in seconds.
    pub(super) fn wall(&self) -> Option<Spread> {
        spread(self.walls())
    }

    /// Client CPU in seconds.
    pub(super) fn cpu(&self) -> Option<f64> {
        let values = self.measurements().map(|run| run.cpu.as_secs_f64());
        spread(values).map(|spread| spread.median)
    }

    /// Largest resident set of the client, in megabytes.
    pub(super) fn peak(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "megabytes with one digit")]
        let values = self.measurements().map(|run| run.peak as f64 / 1e6);
        spread(values).map(|spread| spread.median)
    }

    pub(super) fn count(&self) -> Option<f64> {
        let values = self.samples.iter().filter_map(|sample| sample.count);
        spread(values).map(|spread| spread.median)
    }

    /// How our time compares to this tool's, round by round.
    pub(super) fn ratio_of(&self, ours: &Self) -> Option<f64> {
        paired_ratio(&ours.walls(), &self.walls())
    }

    fn walls(&self) -> Vec<f64> {
        self.measurements()
            .map(|run| run.wall.as_secs_f64())
            .collect()
    }

    fn measurements(&self) -> impl Iterator<Item = &Measurement> {
        self.samples.iter().map(|sample| &sample.measurement)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use super::*;

    pub(in crate::bench) fn series(tool: &'static str, milliseconds: &[u64]) -> Series {
        let sample = |wall: &u64| Sample {
            measurement: Measurement {
                wall: Duration::from_millis(*wall),
                cpu: Duration::from_millis(wall / 2),
                peak: 8_000_000,
            },
            count: Some(1.0),
        };
        Series {
            samples: milliseconds.iter().map(sample).collect(),
            ..Series::new(tool)
        }
    }

    #[test]
    fn a_tool_that_cannot_keeps_its_reason() {
        let turn = Turn::Cannot("has no status".into());
        let turn = turn
            .with_count(|| Err("nobody counts this".into()))
            .unwrap();
        assert!(matches!(turn, Turn::Cannot(reason) if reason == "has no status"));
    }

    #[test]
    fn a_ratio_below_one_means_that_we_are_faster() {
        let ours = series("shoring", &[50, 500]);
        let theirs = series("sqlx", &[100, 1000]);
        assert_eq!(theirs.ratio_of(&ours), Some(0.5));
        assert_eq!(ours.ratio_of(&ours), Some(1.0));
    }
}
