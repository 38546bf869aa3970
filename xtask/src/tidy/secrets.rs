//! Nothing in a commit tells where it was written: no paths of the machine it was
//! made on, no hosts of package registries.

use super::files::File;
use super::finding::Finding;

/// Folders of the machine; put together here so that this file passes.
const FOLDERS: [&str; 2] = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];

const HOSTS: [&str; 9] = [
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("registry.npm", "js.org"),
    concat!("py", "pi.org"),
    concat!("files.python", "hosted.org"),
    concat!("proxy.go", "lang.org"),
    concat!("repo1.mav", "en.org"),
    concat!("repo.maven.ap", "ache.org"),
    concat!("deb.deb", "ian.org"),
];

/// The lock file is cargo's.
const EXEMPT: [&str; 1] = ["Cargo.lock"];

pub(super) fn check(file: &File) -> Vec<Finding> {
    if EXEMPT.contains(&file.name()) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (index, line) in file.lines() {
        for folder in FOLDERS.iter().filter(|folder| starts_a_path(line, folder)) {
            let message = format!("`{folder}` is a folder of one machine");
            findings.push(Finding::at(&file.path, index, message));
        }
        for host in HOSTS.iter().filter(|host| line.contains(**host)) {
            let message = format!("`{host}` is the host of a package registry");
            findings.push(Finding::at(&file.path, index, message));
        }
    }
    findings
}

/// Whether `folder` occurs as the beginning of a path, not within one.
fn starts_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        !before.is_some_and(|before| before.is_alphanumeric() || "_-.}/".contains(before))
    })
}

#[cfg(test)]
mod tests {
    use super::super::files::tests::file;
    use super::*;

    #[test]
    fn paths_of_the_machine_are_found() {
        for (text, count) in [
            (format!("see {}x", FOLDERS[0]), 1),
            (format!("\"{}.cache\"", FOLDERS[1]), 1),
            (format!("frame{0} net{0}", FOLDERS[0]), 0),
            (format!("from {}", HOSTS[0]), 1),
        ] {
            assert_eq!(check(&file("a.md", &text)).len(), count, "{text}");
        }
    }
}
