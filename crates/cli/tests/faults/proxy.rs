//! A TCP proxy that speaks no protocol. It counts what passes, in both directions together, and at one message it does harm:
//! it cuts, half-closes, or kills a process. After that everything passes.

use crate::runner::signal;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Notify};

/// What happens at the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Harm {
    /// The message is swallowed and both sides are hung up.
    CutBefore,
    /// The message arrives, then both sides are hung up: of a request, only the answer is lost.
    CutAfter,
    /// The runner sees the end of the stream, while the server still has an open connection.
    HalfClose,
    /// The runner dies before the message is passed on.
    KillBefore,
    /// The message is passed on and the runner dies.
    KillAfter,
}

impl Harm {
    fn passes_on(self) -> bool {
        matches!(self, Self::CutAfter | Self::KillAfter)
    }

    fn kills(self) -> bool {
        matches!(self, Self::KillBefore | Self::KillAfter)
    }
}

/// A running proxy.
pub(crate) struct FaultProxy {
    pub(crate) port: u16,
    state: Arc<State>,
    task: tokio::task::JoinHandle<()>,
}

struct State {
    server: u16,
    at: usize,
    harm: Harm,
    victim: AtomicU32,
    seen: AtomicUsize,
    is_done: AtomicBool,
}

impl FaultProxy {
    /// Listens on a free port before a local server; the harm is done at message `at`, counted from 1.
    pub(crate) async fn start(server: u16, at: usize, harm: Harm) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            server,
            at,
            harm,
            victim: AtomicU32::new(0),
            seen: AtomicUsize::new(0),
            is_done: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            loop {
                let Ok((runner, _)) = listener.accept().await else {
                    return;
                };
                drop(tokio::spawn(pass(Arc::clone(&shared), runner)));
            }
        });
        Self { port, state, task }
    }

    /// The process that a killing harm kills.
    pub(crate) fn set_victim(&self, pid: u32) {
        self.state.victim.store(pid, Ordering::SeqCst);
    }

    /// Whether the harm was done.
    pub(crate) fn has_harmed(&self) -> bool {
        self.state.is_done.load(Ordering::SeqCst)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(state: Arc<State>, runner: TcpStream) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", state.server)).await else {
        return;
    };
    drop(runner.set_nodelay(true));
    drop(server.set_nodelay(true));
    let (from_runner, to_runner) = runner.into_split();
    let (from_server, to_server) = server.into_split();
    let to_runner = Arc::new(Mutex::new(Some(to_runner)));
    let to_server = Arc::new(Mutex::new(Some(to_server)));
    let end = Arc::new(Notify::new());
    let one = direction(&state, from_runner, &to_server, &to_runner, &end);
    let other = direction(&state, from_server, &to_runner, &to_runner, &end);
    // A side that hangs up ends the connection, as the kernel does when a process dies.
    tokio::select! {
        _ = async { tokio::join!(one, other) } => {}
        () = end.notified() => {}
    }
}

type Writer = Arc<Mutex<Option<OwnedWriteHalf>>>;

async fn direction(
    state: &State,
    mut from: OwnedReadHalf,
    to: &Writer,
    to_runner: &Writer,
    end: &Notify,
) -> io::Result<()> {
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let length = from.read(&mut buffer).await.unwrap_or(0);
        if length == 0 {
            end.notify_one();
            return Ok(());
        }
        let number = state.seen.fetch_add(1, Ordering::SeqCst) + 1;
        let strikes =
            number == state.at && !state.is_done.swap(number == state.at, Ordering::SeqCst);
        if strikes && state.harm.kills() && !state.harm.passes_on() {
            signal(state.victim.load(Ordering::SeqCst), "KILL");
        }
        let passes = !strikes || state.harm.passes_on() || state.harm == Harm::HalfClose;
        if passes
            && let Some(to) = to.lock().await.as_mut()
            && to.write_all(&buffer[..length]).await.is_err()
        {
            end.notify_one();
            return Ok(());
        }
        if !strikes {
            continue;
        }
        if state.harm == Harm::HalfClose {
            if let Some(mut writer) = to_runner.lock().await.take() {
                drop(writer.shutdown().await);
            }
            continue;
        }
        if state.harm == Harm::KillAfter {
            signal(state.victim.load(Ordering::SeqCst), "KILL");
        }
        end.notify_one();
        return Ok(());
    }
}
