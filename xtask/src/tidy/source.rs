//! Rules about the text of Rust and Markdown files.

use super::files::File;
use super::finding::Finding;

const MOST_LINES: usize = 800;
const MANY_LINES: usize = 600;

/// Words that must not reach a commit; put together here so that this file passes.
const WORDS: [(&str, &str); 5] = [
    (concat!("to", "do!("), "unfinished code"),
    (concat!("unimple", "mented!("), "unfinished code"),
    (concat!("#[ig", "nore"), "a test that does not run"),
    (concat!("FIX", "ME"), "a note without an issue"),
    (concat!("TO", "DO"), "a note without an issue"),
];

pub(super) fn check(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    if file.has_extension("rs") {
        findings.extend(words(file));
        findings.extend(length(file));
        findings.extend(introduction(file));
        findings.extend(module_file(file));
    }
    if file.has_extension("rs") || file.has_extension("md") {
        findings.extend(blanks(file));
    }
    findings
}

fn words(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in file.lines() {
        for (word, reason) in WORDS {
            if contains_word(line, word) {
                findings.push(Finding::at(
                    &file.path,
                    index,
                    format!("`{word}`: {reason}"),
                ));
            }
        }
    }
    findings
}

/// Whether `word` occurs and is not the end or the beginning of a longer one.
fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        let is_open = word.ends_with(|end: char| !end.is_alphanumeric()) || word.starts_with('#');
        !before.is_some_and(is_of_a_word) && (is_open || !after.is_some_and(is_of_a_word))
    })
}

fn is_of_a_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn length(file: &File) -> Option<Finding> {
    let lines = file.text.as_ref()?.matches('\n').count();
    let message = format!("{lines} lines: make it a folder (at most {MOST_LINES})");
    let finding = Finding::of_file(&file.path, message);
    if lines > MOST_LINES {
        Some(finding)
    } else if lines > MANY_LINES {
        Some(finding.into_warning())
    } else {
        None
    }
}

fn introduction(file: &File) -> Option<Finding> {
    let is_exempt = file.is_in_tests() || file.name().ends_with("tests.rs");
    let text = file.text.as_ref().filter(|_| !is_exempt)?;
    let message = "begin with `//!`: what it is for and what it does not do";
    (!text.starts_with("//!")).then(|| Finding::at(&file.path, 0, message))
}

/// `mod.rs` is a table of contents.
fn module_file(file: &File) -> Vec<Finding> {
    if file.name() != "mod.rs" {
        return Vec::new();
    }
    let functions = file.lines().filter(|(_, line)| is_function(line));
    let finding =
        |(index, _)| Finding::at(&file.path, index, "`mod.rs` only declares and re-exports");
    functions.map(finding).collect()
}

fn is_function(line: &str) -> bool {
    let mut words = line.split_whitespace().skip_while(|word| {
        word.starts_with("pub") || matches!(*word, "async" | "const" | "crate)" | "super)")
    });
    words.next() == Some("fn") && !line.trim_start().starts_with("//")
}

fn blanks(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in file.lines() {
        if line.contains('\t') {
            findings.push(Finding::at(&file.path, index, "a tab"));
        }
        // Expected output in tests has them where the program prints them.
        if line.ends_with([' ', '\r']) && !file.is_in_tests() {
            findings.push(Finding::at(
                &file.path,
                index,
                "blanks at the end of the line",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::files::tests::file;
    use super::*;

    fn messages(path: &str, text: &str) -> Vec<String> {
        check(&file(path, text))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn forbidden_words_are_found_as_words() {
        for (word, _) in WORDS {
            let text = format!("//! x\n    {word}");
            assert_eq!(messages("src/a.rs", &text).len(), 1, "{word}");
        }
        let near = format!("//! x\nlet {0}S = MY_{0}; auto{1}", WORDS[4].0, WORDS[0].0);
        assert_eq!(messages("src/a.rs", &near), Vec::<String>::new());
    }

    #[test]
    fn long_files_warn_and_fail() {
        let long = |lines| format!("//! x{}", "\n".repeat(lines));
        assert!(messages("a.rs", &long(600)).is_empty());
        assert!(messages("a.rs", &long(601))[0].contains("warning"));
        assert!(!messages("a.rs", &long(801))[0].contains("warning"));
    }

    #[test]
    fn files_introduce_themselves() {
        assert_eq!(messages("crates/a/src/b.rs", "use c;\n").len(), 1);
        assert!(messages("crates/a/tests/b.rs", "use c;\n").is_empty());
    }

    #[test]
    fn module_files_have_no_functions() {
        let text = "//! x\nmod a;\npub(crate) use a::b;\n";
        assert!(messages("src/x/mod.rs", text).is_empty());
        for function in [
            "fn a() {}",
            "pub(crate) async fn a() {",
            "    pub const fn b();",
        ] {
            assert_eq!(
                messages("src/x/mod.rs", &format!("{text}{function}")).len(),
                1,
                "{function}"
            );
        }
    }

    #[test]
    fn blanks_are_found_with_their_line() {
        assert_eq!(
            messages("a.md", "good\n\tbad\nworse \n"),
            ["a.md:2: a tab", "a.md:3: blanks at the end of the line"]
        );
    }
}
