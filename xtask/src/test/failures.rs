//! The failed tests once more at the end, short enough to read.

use super::tally::Failure;

/// Failures that are shown with their output; the others by name.
const WITH_OUTPUT: usize = 12;

/// Lines of output per failure.
const LINES: usize = 18;

/// Renders the failures; empty if there are none.
pub(super) fn render(failures: &[Failure]) -> String {
    let mut text = String::new();
    for (index, failure) in failures.iter().enumerate() {
        text += &format!("FAILED {}: {}\n", failure.binary, failure.test);
        if index >= WITH_OUTPUT {
            continue;
        }
        let before_trace = failure
            .output
            .iter()
            .take_while(|line| !line.starts_with("stack backtrace:"));
        let lines: Vec<&String> = before_trace.filter(|line| is_telling(line)).collect();
        for line in lines.iter().take(LINES) {
            text += &format!("    {line}\n");
        }
        if lines.len() > LINES {
            text += &format!("    ({} more lines above)\n", lines.len() - LINES);
        }
    }
    text
}

fn is_telling(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with("note: run with `RUST_BACKTRACE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_outputs_are_cut() {
        let failure = Failure {
            binary: "shoring-db tests/conformance.rs".into(),
            test: "tls::x".into(),
            output: (0..30)
                .map(|number| format!("line {number}"))
                .chain(["stack backtrace:".to_owned(), "   0: main".to_owned()])
                .collect(),
        };
        let text = render(&[failure]);
        assert_eq!(text.split('\n').count(), 1 + LINES + 1 + 1);
        assert!(text.contains("(12 more lines above)"));
    }
}
