//! Links between Markdown files, and from them to other files, resolve.

use std::collections::BTreeSet;

use super::files::File;
use super::finding::Finding;

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for file in files {
        let mut path = file.path.as_str();
        paths.insert(path.to_owned());
        while let Some((folder, _)) = path.rsplit_once('/') {
            paths.insert(folder.to_owned());
            path = folder;
        }
    }
    let pages = files.iter().filter(|file| file.has_extension("md"));
    pages.flat_map(|page| check_page(page, &paths)).collect()
}

fn check_page(page: &File, paths: &BTreeSet<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut is_code = false;
    for (index, line) in page.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        for target in targets(line) {
            if !paths.contains(&resolve(&page.path, target)) {
                findings.push(Finding::at(
                    &page.path,
                    index,
                    format!("`{target}` does not exist"),
                ));
            }
        }
    }
    findings
}

/// Relative targets of `[text](target)` in one line, without their fragments.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ']).next())
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .filter_map(|target| target.split('#').next())
        .filter(|target| !target.is_empty())
}

/// The path in the repository that `target` means in the page at `page`.
fn resolve(page: &str, target: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::super::files::tests::file;
    use super::*;

    #[test]
    fn broken_links_are_found_with_their_line() {
        let text = "[a](../README.md#top) and [b](guide/up.md)\n\
                    [web](https://example.org/x) [here](#part) `x`\n\
                    ```\n[code](nowhere.md)\n```\n\
                    [gone](gone.md) [folder](guide/)";
        let files = [
            file("docs/index.md", text),
            file("docs/guide/up.md", ""),
            file("README.md", ""),
        ];
        let findings = check(&files);
        assert_eq!(findings.len(), 1);
        assert_eq!(
            findings[0].to_string(),
            "docs/index.md:6: `gone.md` does not exist"
        );
    }
}
