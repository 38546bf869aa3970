//! A disk of a few megabytes: a tmpfs in a mount namespace of its own, which only the commands that enter it see. It is gone
//! when the test is, `kill -9` included: the process that holds the namespace reads a pipe from the test.

use crate::own_server::{is_root, output};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A disk that is soon full.
pub(crate) struct SmallDisk {
    at: PathBuf,
    holder: Child,
}

impl SmallDisk {
    /// Mounts a disk of this size at a folder, which is made.
    ///
    /// Panics where this is not permitted: the run then says that these tests could not be run, and fails.
    pub(crate) fn mount(at: &Path, megabytes: u32) -> Self {
        std::fs::create_dir(at).unwrap();
        let script = "mount -t tmpfs -o \"size=$2m,mode=0755\" shoring-test \"$1\" && echo mounted && exec cat";
        let mut holder = Command::new("unshare")
            .args([
                "--mount",
                "--propagation",
                "private",
                "--",
                "sh",
                "-c",
                script,
                "sh",
            ])
            .arg(at)
            .arg(megabytes.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`unshare` of util-linux");
        let mut line = String::new();
        let said = holder.stdout.as_mut().expect("it was asked for");
        BufReader::new(said).read_line(&mut line).unwrap();
        assert_eq!(
            line,
            "mounted\n",
            "NOT RUN: a full disk needs a small tmpfs, and {} may not mount one: run this as root, in a machine or a container \
             with CAP_SYS_ADMIN",
            if is_root() { "this root" } else { "this user" },
        );
        Self {
            at: at.to_path_buf(),
            holder,
        }
    }

    /// Where it is, for those who see it.
    pub(crate) fn path(&self) -> &Path {
        &self.at
    }

    /// The words that run a command among those who see it.
    pub(crate) fn words_to_enter(&self) -> Vec<String> {
        let namespace = format!("--mount=/proc/{}/ns/mnt", self.holder.id());
        ["nsenter".to_owned(), namespace, "--".to_owned()].to_vec()
    }

    /// Makes room: from now on it has so many megabytes.
    pub(crate) fn grow(&self, megabytes: u32) {
        let mut words = self.words_to_enter();
        words.extend(["mount", "-o"].map(String::from));
        words.push(format!("remount,size={megabytes}m"));
        words.push(self.at.display().to_string());
        output(Command::new(&words[0]).args(&words[1..]));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The namespace goes with the last process in it.
        drop(self.holder.kill());
        drop(self.holder.wait());
    }
}
