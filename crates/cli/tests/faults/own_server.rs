//! A server that belongs to one test, because the test kills it, fills its disk or makes it a standby. Its data begins as a
//! copy of a template that is made once for each process of tests.

use crate::runner::signal;
use crate::small_disk::SmallDisk;
use shoring_testkit::{Engine, TestDatabase, TestServer};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// How one product is started. The rest is the same for all.
pub(crate) trait Product {
    /// What it is.
    fn engine(&self) -> Engine;
    /// The system user that the server insists on.
    fn user(&self) -> &'static str;
    /// A folder with data that was initialised and never used.
    fn template(&self) -> &'static Path;
    /// The signal that stops it without waiting for its clients.
    fn stop_signal(&self) -> &'static str;
    /// The server's program and arguments.
    fn command(&self, data: &Path, port: u16) -> (PathBuf, Vec<String>);
    /// The administrator's URL.
    fn url(&self, port: u16) -> String;
}

/// A server of the test's own. It ends with it.
pub(crate) struct OwnServer {
    product: Box<dyn Product + Send + Sync>,
    home: TempDir,
    data: PathBuf,
    port: u16,
    process: Option<Child>,
    disk: Option<SmallDisk>,
    arguments: Vec<String>,
}

impl OwnServer {
    /// A server whose data is a copy of the template.
    pub(crate) async fn start(product: impl Product + Send + Sync + 'static) -> Self {
        let mut server = Self::prepared(product);
        server.fill();
        server.launch().await;
        server
    }

    /// A server that is not there yet: it has no data, and was not started.
    pub(crate) fn prepared(product: impl Product + Send + Sync + 'static) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        Self {
            product: Box::new(product),
            data: home.path().join("data"),
            home,
            port: free_port(),
            process: None,
            disk: None,
            arguments: Vec::new(),
        }
    }

    /// Gives it a disk of so many megabytes beside its data.
    #[must_use]
    pub(crate) fn with_disk(mut self, megabytes: u32) -> Self {
        self.disk = Some(SmallDisk::mount(&self.home.path().join("disk"), megabytes));
        self
    }

    /// Gives it a disk of so many megabytes for its data.
    #[must_use]
    pub(crate) fn with_data_on_disk(self, megabytes: u32) -> Self {
        let mut server = self.with_disk(megabytes);
        server.data = server.disk().path().join("data");
        server
    }

    /// Starts it with these arguments too.
    #[must_use]
    pub(crate) fn with_arguments(mut self, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned());
        self.arguments.extend(arguments);
        self
    }

    /// Its small disk.
    pub(crate) fn disk(&self) -> &SmallDisk {
        self.disk.as_ref().expect("it was given one")
    }

    /// Where its data is.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// The words that run a command where the server sees its files.
    fn words(&self) -> Vec<String> {
        self.disk
            .as_ref()
            .map_or_else(Vec::new, SmallDisk::words_to_enter)
    }

    /// Runs a command where the server sees its files.
    pub(crate) fn run(&self, words: &[&str]) {
        let mut all = self.words();
        all.extend(words.iter().map(|word| (*word).to_owned()));
        output(Command::new(&all[0]).args(&all[1..]));
    }

    /// Copies the template to where the data is to be.
    pub(crate) fn fill(&self) {
        self.fill_from(self.product.template());
    }

    /// Copies the data of a server that does not run.
    pub(crate) fn fill_from(&self, data: &Path) {
        let from = data.display().to_string();
        let to = self.data.display().to_string();
        self.run(&["cp", "-a", "--", &from, &to]);
    }

    /// Starts it on the data that is there, and waits until it answers.
    pub(crate) async fn launch(&mut self) {
        self.launch_only();
        let began = Instant::now();
        let server = self.server();
        loop {
            let answer = shoring_db::connect(&server.admin(), &TestDatabase::options()).await;
            match answer {
                Ok(session) => {
                    drop(session.close().await);
                    return;
                }
                Err(error) if self.has_ended() => {
                    panic!("the server ended at once: {error}\n{}", self.log())
                }
                Err(error) if began.elapsed() > PATIENCE => {
                    panic!("the server does not answer: {error}\n{}", self.log())
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// Starts it and does not wait.
    pub(crate) fn launch_only(&mut self) {
        let (program, arguments) = self.product.command(&self.data, self.port);
        let mut words = self.words();
        words.extend(as_user(self.product.user()));
        words.push(program.display().to_string());
        words.extend(arguments);
        words.extend(self.arguments.iter().cloned());
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.home.path().join("log"))
            .unwrap();
        let child = Command::new(&words[0])
            .args(&words[1..])
            // A folder of the run: what is left behind by a killed run is found by it.
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.process = Some(child);
    }

    /// Whether its process is gone.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.process
            .as_mut()
            .is_none_or(|process| process.try_wait().unwrap().is_some())
    }

    /// Stops it in an orderly way that does not wait for its clients; returns when it has ended.
    pub(crate) async fn stop(&mut self) {
        let pid = self.process.as_ref().expect("it runs").id();
        signal(pid, self.product.stop_signal());
        while !self.has_ended() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.process = None;
    }

    /// SIGKILL for the server and every process it has, at once; returns when they are gone.
    pub(crate) fn crash(&mut self) {
        let Some(mut process) = self.process.take() else {
            return;
        };
        let mut all = vec![process.id()];
        all.extend(children_of(process.id()));
        let words: Vec<String> = all.iter().map(ToString::to_string).collect();
        // Some may have ended by themselves.
        drop(
            Command::new("kill")
                .arg("-KILL")
                .args(words)
                .stderr(Stdio::null())
                .status(),
        );
        drop(process.wait());
        let began = Instant::now();
        while all
            .iter()
            .any(|pid| Path::new("/proc").join(pid.to_string()).exists())
        {
            assert!(
                began.elapsed() < PATIENCE,
                "a killed process is still there"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// How tests reach it.
    pub(crate) fn server(&self) -> TestServer {
        TestServer {
            engine: self.product.engine(),
            url: self.product.url(self.port),
        }
    }

    /// Whether it said this.
    pub(crate) fn has_said(&self, words: &str) -> bool {
        self.whole_log().contains(words)
    }

    fn whole_log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }

    /// The end of what it said.
    pub(crate) fn log(&self) -> String {
        let text = self.whole_log();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        self.crash();
    }
}

/// The words that run a command as this user, when we are root.
pub(crate) fn as_user(user: &str) -> Vec<String> {
    if !is_root() {
        return Vec::new();
    }
    [
        "setpriv".to_owned(),
        format!("--reuid={user}"),
        format!("--regid={user}"),
        "--init-groups".to_owned(),
        "--".to_owned(),
    ]
    .to_vec()
}

/// Gives a folder with all that is in it to this user, when we are root.
pub(crate) fn give_to(user: &str, folder: &Path) {
    if is_root() {
        output(
            Command::new("chown")
                .arg("-R")
                .arg(format!("{user}:{user}"))
                .arg(folder),
        );
    }
}

/// A folder that becomes a template.
pub(crate) fn template_folder() -> PathBuf {
    let folder = tempfile::Builder::new()
        .prefix("template")
        .permissions(std::fs::Permissions::from_mode(0o755))
        .tempdir()
        .unwrap();
    // Used until the process ends; the run deletes its temporary folder.
    folder.keep()
}

pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Runs a command that has to succeed; gives what it prints.
pub(crate) fn output(command: &mut Command) -> String {
    let shown = format!("{command:?}");
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{shown}: {error}"));
    assert!(
        output.status.success(),
        "{shown}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A free port below the range that the kernel gives to outgoing connections: nobody takes it while the server is down.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..500 {
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let port = 12_000 + ((std::process::id() * 97 + number * 7) % 8_000) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between 12000 and 20000");
}

/// The processes whose parent this one is.
fn children_of(parent: u32) -> Vec<u32> {
    let mut children = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // `pid (name) state parent …`, and the name may have blanks and brackets.
        let of = stat
            .rsplit_once(") ")
            .and_then(|(_, rest)| rest.split(' ').nth(1)?.parse::<u32>().ok());
        if of == Some(parent) {
            children.push(pid);
        }
    }
    children
}
