//! Counts of results by server.

use std::collections::BTreeMap;
use std::time::Duration;

use super::binary::Binary;
use super::libtest::{Line, Reader, Summary, Verdict};
use super::tool_runs;
use crate::servers::Server;

/// What ran on one server, or without one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) ignored: usize,
    /// Wall time in which these results arrived; all servers together make the whole.
    pub(super) time: Duration,
}

/// A failed test with its output.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    pub(super) binary: String,
    pub(super) test: String,
    pub(super) output: Vec<String>,
}

/// Results of all binaries so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) by_server: BTreeMap<Option<Server>, Counts>,
    pub(super) failures: Vec<Failure>,
    pub(super) ignored: Vec<String>,
    /// Each test that ran with the tool a project belongs to.
    pub(super) with_tools: Vec<(String, Verdict)>,
}

/// Results of one binary while it runs.
#[derive(Debug)]
pub(super) struct Run<'a> {
    binary: &'a Binary,
    reader: Reader,
    counted: Summary,
    claimed: Summary,
    has_summary: bool,
    failed: Vec<String>,
    ignored: Vec<String>,
    counts: BTreeMap<Option<Server>, Counts>,
    with_tools: Vec<(String, Verdict)>,
}

impl<'a> Run<'a> {
    pub(super) fn new(binary: &'a Binary) -> Self {
        Self {
            binary,
            reader: Reader::default(),
            counted: Summary::default(),
            claimed: Summary::default(),
            has_summary: false,
            failed: Vec::new(),
            ignored: Vec::new(),
            counts: BTreeMap::new(),
            with_tools: Vec::new(),
        }
    }

    /// Takes the next line of output, which came `elapsed` after the one before.
    pub(super) fn read(&mut self, line: &str, elapsed: Duration) {
        let server = match self.reader.read(line) {
            Some(Line::Result { name, verdict }) => self.count(name, verdict),
            Some(Line::Summary(summary)) => {
                self.has_summary = true;
                add(&mut self.claimed, summary);
                None
            }
            None => None,
        };
        self.counts.entry(server).or_default().time += elapsed;
    }

    fn count(&mut self, name: String, verdict: Verdict) -> Option<Server> {
        let server = self.binary.server_of(&name);
        if self.binary.target == tool_runs::TARGET {
            self.with_tools.push((name.clone(), verdict));
        }
        let counts = self.counts.entry(server).or_default();
        match verdict {
            Verdict::Passed => {
                counts.passed += 1;
                self.counted.passed += 1;
            }
            Verdict::Failed => {
                counts.failed += 1;
                self.counted.failed += 1;
                self.failed.push(name);
            }
            Verdict::Ignored => {
                counts.ignored += 1;
                self.counted.ignored += 1;
                self.ignored.push(name);
            }
        }
        server
    }

    /// Adds the binary to the tally. `end` says how it ended if not with success.
    pub(super) fn finish(mut self, tally: &mut Tally, end: Option<&str>) {
        self.add_unseen();
        let title = self.binary.title();
        for name in std::mem::take(&mut self.failed) {
            let output = self.reader.outputs.remove(&name).unwrap_or_default();
            tally.failures.push(Failure {
                binary: title.clone(),
                test: name,
                output,
            });
        }
        // A crash, an abort or a failed build of documentation tests: no test says so.
        if let Some(end) =
            end.filter(|_| !self.has_summary || self.counted.failed.max(self.claimed.failed) == 0)
        {
            self.counts.entry(None).or_default().failed += 1;
            let output = vec!["the output above ends before the result".to_owned()];
            tally.failures.push(Failure {
                binary: title,
                test: format!("(all of it) {end}"),
                output,
            });
        }
        tally.ignored.append(&mut self.ignored);
        tally.with_tools.append(&mut self.with_tools);
        for (server, counts) in self.counts {
            let sum = tally.by_server.entry(server).or_default();
            sum.passed += counts.passed;
            sum.failed += counts.failed;
            sum.ignored += counts.ignored;
            sum.time += counts.time;
        }
    }

    /// The binary's own numbers are right; lines that got mixed up with other
    /// output are missing in ours.
    fn add_unseen(&mut self) {
        let counts = self.counts.entry(None).or_default();
        counts.passed += self.claimed.passed.saturating_sub(self.counted.passed);
        counts.ignored += self.claimed.ignored.saturating_sub(self.counted.ignored);
        let unseen = self.claimed.failed.saturating_sub(self.counted.failed);
        counts.failed += unseen;
        if unseen > 0 {
            let known = self.failed.clone();
            let others = self
                .reader
                .outputs
                .keys()
                .filter(|name| !known.contains(name));
            self.failed.extend(others.cloned().collect::<Vec<_>>());
        }
    }
}

impl Tally {
    pub(super) fn total(&self) -> Counts {
        let mut total = Counts::default();
        for counts in self.by_server.values() {
            total.passed += counts.passed;
            total.failed += counts.failed;
            total.ignored += counts.ignored;
            total.time += counts.time;
        }
        total
    }
}

fn add(sum: &mut Summary, more: Summary) {
    sum.passed += more.passed;
    sum.failed += more.failed;
    sum.ignored += more.ignored;
}

#[cfg(test)]
mod tests {
    use super::super::binary::{Kind, tests::binary};
    use super::*;

    fn tally(lines: &[&str], end: Option<&str>) -> Tally {
        let binary = binary("shoring-db", Kind::Integration);
        let mut tally = Tally::default();
        let mut run = Run::new(&binary);
        for line in lines {
            run.read(line, Duration::from_millis(1));
        }
        run.finish(&mut tally, end);
        tally
    }

    #[test]
    fn results_are_counted_by_server() {
        let tally = tally(
            &[
                "test tls::mysql::a ... ok",
                "test tls::mariadb::a ... FAILED",
                "test plain ... ignored",
                "test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out",
            ],
            Some("exit status: 101"),
        );
        assert_eq!(tally.by_server[&Some(Server::Mysql)].passed, 1);
        assert_eq!(tally.by_server[&Some(Server::Mariadb)].failed, 1);
        assert_eq!(tally.by_server[&None].ignored, 1);
        assert_eq!(tally.failures.len(), 1);
        assert_eq!(tally.total().time, Duration::from_millis(4));
    }

    #[test]
    fn a_line_mixed_with_other_output_is_not_lost() {
        let tally = tally(
            &[
                "warning: xtest a ... ok",
                "---- b stdout ----",
                "test result: FAILED. 1 passed; 1 failed; 0 ignored",
            ],
            Some("exit status: 101"),
        );
        assert_eq!((tally.total().passed, tally.total().failed), (1, 1));
        assert_eq!(tally.failures[0].test, "b");
    }

    #[test]
    fn a_crash_counts_as_a_failure() {
        let tally = tally(
            &["running 2 tests", "test a ... ok"],
            Some("signal: 11 (SIGSEGV)"),
        );
        assert_eq!((tally.total().passed, tally.total().failed), (1, 1));
        assert!(tally.failures[0].test.contains("SIGSEGV"));
    }

    #[test]
    fn failing_after_a_good_summary_counts_as_a_failure() {
        let lines = ["test result: ok. 0 passed; 0 failed; 0 ignored"];
        assert_eq!(tally(&lines, Some("exit status: 1")).total().failed, 1);
    }
}
