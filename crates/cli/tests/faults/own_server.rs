//! A server that belongs to one test, because the test kills it, fills its disk or makes it a standby. Its data begins as a
//! copy of a template that is made once for each process of tests.

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
        }
    }

    /// Copies the template to where the data is to be.
    pub(crate) fn fill(&self) {
        let template = self.product.template().display().to_string();
        let data = self.data.display().to_string();
        output(Command::new("cp").args(["-a", "--", &template, &data]));
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
        let mut words = as_user(self.product.user());
        words.push(program.display().to_string());
        words.extend(arguments);
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

    /// The end of what it said.
    pub(crate) fn log(&self) -> String {
        let text = std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default();
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

fn is_root() -> bool {
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
