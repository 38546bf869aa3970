//! Variables of the environment in a file: the lines in which they count, and their values.

use crate::host_config::HostConfig;
use shoring_core::{PlaceholderSyntax, Placeholders, Span, WithoutValue};
use shoring_sql::Expander;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The environment by name.
pub(super) type Values = BTreeMap<String, String>;

/// What files may ask for.
pub(super) fn values(config: &HostConfig) -> Values {
    config
        .values
        .iter()
        .map(|(name, setting)| (name.clone(), setting.value.clone()))
        .collect()
}

/// What is replaced in a file; `None` where nothing is.
pub(super) fn placeholders(within: &Arc<[Span]>, values: &Arc<Values>) -> Option<Placeholders> {
    (!within.is_empty()).then(|| Placeholders {
        syntax: PlaceholderSyntax::Shell {
            within: Arc::clone(within),
        },
        values: Arc::clone(values),
        own: BTreeMap::new(),
        without_value: WithoutValue::Refuse,
    })
}

/// What becomes of a line; one that has no outcome stays as it is, and the run says why.
pub(super) fn expanded(line: &str, values: &Arc<Values>) -> String {
    let all = [Span::new(0, line.len() as u64)];
    let Some(placeholders) = placeholders(&all.into(), values) else {
        return line.to_owned();
    };
    let mut expander = Expander::new(line.as_bytes(), placeholders);
    let mut outcome = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match expander.read(&mut buffer) {
            Ok(0) => return String::from_utf8_lossy(&outcome).into_owned(),
            Ok(count) => outcome.extend_from_slice(&buffer[..count]),
            Err(_) => return line.to_owned(),
        }
    }
}

/// Whole lines one after the other, as stretches.
#[derive(Debug, Default)]
pub(super) struct Stretches {
    found: Vec<Span>,
    begun: Option<u64>,
}

impl Stretches {
    /// The line that begins here belongs to them.
    pub(super) fn begin(&mut self, offset: u64) {
        self.begun = Some(offset);
    }

    /// The line before ends here.
    pub(super) fn end(&mut self, offset: u64) {
        let Some(start) = self.begun.take() else {
            return;
        };
        match self.found.last_mut() {
            Some(last) if last.end == start => last.end = offset,
            _ => self.found.push(Span::new(start, offset)),
        }
    }

    pub(super) fn found(self) -> Arc<[Span]> {
        self.found.into()
    }
}
