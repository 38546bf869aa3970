//! Reads what a test binary prints: libtest, its documentation tests, and
//! harnesses that imitate it (libtest-mimic pads names and adds kinds).

use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Passed,
    Failed,
    Ignored,
}

/// A line that means something.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line {
    Result { name: String, verdict: Verdict },
    Summary(Summary),
}

/// The numbers of a `test result:` line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) ignored: usize,
}

/// Reads one binary's output line by line and keeps the output of failed tests.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// Failed test to its captured output.
    pub(super) outputs: BTreeMap<String, Vec<String>>,
    section: Option<String>,
}

impl Reader {
    pub(super) fn read(&mut self, line: &str) -> Option<Line> {
        if let Some(name) = section_title(line) {
            self.outputs.entry(name.clone()).or_default();
            self.section = Some(name);
            return None;
        }
        let parsed = parse(line);
        if line == "failures:" || parsed.is_some() {
            self.section = None;
        } else if let Some(output) = self
            .section
            .as_ref()
            .and_then(|name| self.outputs.get_mut(name))
        {
            output.push(line.to_owned());
        }
        parsed
    }
}

fn parse(line: &str) -> Option<Line> {
    if let Some(rest) = line.strip_prefix("test result: ") {
        return Some(Line::Summary(summary(rest)));
    }
    let (name, verdict) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let verdict = match verdict.split([' ', ',']).next()? {
        "ok" => Verdict::Passed,
        "FAILED" => Verdict::Failed,
        "ignored" => Verdict::Ignored,
        _ => return None,
    };
    let name = name.trim();
    let name = name.strip_suffix(" - should panic").unwrap_or(name);
    // libtest-mimic: `[kind] name`.
    let name = name
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
        .map_or(name, |(_, name)| name);
    Some(Line::Result {
        name: name.to_owned(),
        verdict,
    })
}

/// `ok. 3 passed; 1 failed; 2 ignored; 0 measured; 7 filtered out; finished in 0.01s`
fn summary(text: &str) -> Summary {
    let text = text.split_once(". ").map_or(text, |(_, numbers)| numbers);
    let mut summary = Summary::default();
    for part in text.split("; ") {
        let Some((number, word)) = part.split_once(' ') else {
            continue;
        };
        let number = number.parse().unwrap_or(0);
        match word {
            "passed" => summary.passed = number,
            "failed" => summary.failed = number,
            "ignored" => summary.ignored = number,
            _ => {}
        }
    }
    summary
}

/// The test's name in `---- NAME stdout ----`.
fn section_title(line: &str) -> Option<String> {
    let title = line.strip_prefix("---- ")?.strip_suffix(" ----")?;
    let title = title.strip_suffix(" stdout").unwrap_or(title);
    Some(title.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(name: &str, verdict: Verdict) -> Line {
        Line::Result {
            name: name.into(),
            verdict,
        }
    }

    #[test]
    fn results_of_every_harness_are_read() {
        let passed = [
            ("test a::b ... ok", "a::b"),
            ("test a::b ... ok <0.012s>", "a::b"),
            ("test a - should panic ... ok", "a"),
            ("test [case] x/y.sql    ... ok", "x/y.sql"),
            (
                "test crates/core/src/span.rs - span::Span (line 12) - compile ... ok",
                "crates/core/src/span.rs - span::Span (line 12) - compile",
            ),
        ];
        for (line, name) in passed {
            assert_eq!(parse(line), Some(result(name, Verdict::Passed)), "{line}");
        }
        let others = [
            ("test a::b ... FAILED", Verdict::Failed),
            ("test a::b ... ignored", Verdict::Ignored),
            ("test a::b ... ignored, needs a moon", Verdict::Ignored),
        ];
        for (line, verdict) in others {
            assert_eq!(parse(line), Some(result("a::b", verdict)), "{line}");
        }
        let meaningless = [
            "test a::b has been running for over 60 seconds",
            "test a::b ... ",
            "testing ... ok",
            "running 3 tests",
            "",
        ];
        for line in meaningless {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    #[test]
    fn summaries_are_read() {
        let line = "test result: FAILED. 12 passed; 1 failed; 2 ignored; 0 measured; 7 filtered out; finished in 0.01s";
        let expected = Summary {
            passed: 12,
            failed: 1,
            ignored: 2,
        };
        assert_eq!(parse(line), Some(Line::Summary(expected)));
    }

    const RECORDED: &str = "
running 3 tests
test tests::good ... ok
test tests::mysql::bad ... FAILED
test tests::worse ... FAILED

failures:

---- tests::mysql::bad stdout ----

thread 'tests::mysql::bad' (4711) panicked at src/lib.rs:7:9:
assertion `left == right` failed
  left: 1
 right: 2
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace

---- tests::worse stdout ----
Error: \"no\"


failures:
    tests::mysql::bad
    tests::worse

test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

    #[test]
    fn outputs_of_failed_tests_are_kept() {
        let mut reader = Reader::default();
        let lines: Vec<Line> = RECORDED
            .split('\n')
            .filter_map(|line| reader.read(line))
            .collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(reader.outputs.len(), 2);
        assert!(reader.outputs["tests::mysql::bad"].contains(&" right: 2".to_owned()));
        assert_eq!(reader.outputs["tests::worse"][0], "Error: \"no\"");
        assert!(
            !reader.outputs["tests::worse"]
                .iter()
                .any(|line| line.contains("tests::mysql"))
        );
    }
}
