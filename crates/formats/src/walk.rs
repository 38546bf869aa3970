//! Visits the files of a folder and of the folders in it. Whoever only counts them, or looks for one, needs no path of each:
//! every format that looks for its signs passes by thousands that are another's.

use crate::numbered::join;
use shoring_core::{Tree, TreeError};

/// Which folders are entered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Walk {
    /// How many levels from the top are entered without showing their files.
    pub(crate) skipped: usize,
    /// How many levels down.
    pub(crate) depth: usize,
    /// How many of one folder.
    pub(crate) width: usize,
    /// Whether those whose name begins with a dot are.
    pub(crate) enters_hidden: bool,
}

impl Walk {
    /// Shows each file as its folder and its name, those of a folder before those of the folders in it.
    pub(crate) fn each(
        self,
        tree: &dyn Tree,
        folder: &str,
        visit: &mut dyn FnMut(&str, &str),
    ) -> Result<(), TreeError> {
        let end = self.any(tree, folder, &mut |folder, file| {
            visit(folder, file);
            false
        });
        end.map(|_| ())
    }

    /// Whether one of the files is what is looked for. Those after it are not looked at.
    pub(crate) fn any(
        self,
        tree: &dyn Tree,
        folder: &str,
        is_wanted: &mut dyn FnMut(&str, &str) -> bool,
    ) -> Result<bool, TreeError> {
        let listing = tree.list(folder)?;
        let is_shown = self.skipped == 0;
        if is_shown && listing.files.iter().any(|file| is_wanted(folder, file)) {
            return Ok(true);
        }
        let Some(depth) = self.depth.checked_sub(1) else {
            return Ok(false);
        };
        let entered = listing
            .folders
            .iter()
            .filter(|name| self.enters_hidden || !name.starts_with('.'))
            .take(self.width);
        let below = Self {
            skipped: self.skipped.saturating_sub(1),
            depth,
            ..self
        };
        for name in entered {
            if below.any(tree, &join(folder, name), is_wanted)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_tree::MemoryTree;

    #[test]
    fn folders_are_entered_as_far_as_it_says() {
        let tree = MemoryTree::new(&[
            ("m/b.sql", ""),
            ("m/one/c.sql", ""),
            ("m/one/deep/d.sql", ""),
            ("m/two/e.sql", ""),
            ("m/.hidden/f.sql", ""),
            ("n/g.sql", ""),
        ]);
        let all = Walk {
            skipped: 0,
            depth: 9,
            width: 9,
            enters_hidden: false,
        };
        let seen = |walk: Walk, last: &str| {
            let mut seen = Vec::new();
            let found = walk.any(&tree, "m", &mut |folder, name| {
                seen.push(join(folder, name));
                name == last
            });
            (seen.join(" "), found.unwrap())
        };
        let whole = "m/b.sql m/one/c.sql m/one/deep/d.sql m/two/e.sql";
        assert_eq!(seen(all, ""), (whole.to_owned(), false));
        assert_eq!(seen(all, "c.sql"), ("m/b.sql m/one/c.sql".to_owned(), true));
        let flat = Walk { depth: 1, ..all };
        assert_eq!(seen(flat, "").0, "m/b.sql m/one/c.sql m/two/e.sql");
        let lower = Walk { skipped: 1, ..all };
        assert_eq!(
            seen(lower, "").0,
            "m/one/c.sql m/one/deep/d.sql m/two/e.sql"
        );
        let narrow = Walk { width: 1, ..all };
        assert_eq!(seen(narrow, "").0, "m/b.sql m/one/c.sql m/one/deep/d.sql");
        let hidden = Walk {
            enters_hidden: true,
            ..flat
        };
        assert!(seen(hidden, "").0.contains(".hidden/f.sql"));
    }
}
