//! Renews a lease while the working session is busy.

use crate::context::{Access, Connector};
use crate::execute::execute_briefly;
use shoring_db::{DbErrorKind, Session};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;

const HEARTBEAT: Duration = Duration::from_secs(5);

/// Renews a lease from a session of its own while the working session is busy.
///
/// On a thread of its own: the caller's runtime may have one thread only, and reading over gigabytes of a file that is half
/// done keeps that busy for longer than a lease lives.
pub(super) struct Heartbeat {
    lost: Arc<AtomicBool>,
    stop: oneshot::Sender<()>,
    ended: oneshot::Receiver<()>,
}

impl Heartbeat {
    /// Starts it. An error when the system gives no thread.
    pub(super) fn start(connector: Connector, renew: String) -> std::io::Result<Self> {
        let lost = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&lost);
        let (stop, stopped) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        thread::Builder::new()
            .name("shoring-heartbeat".to_owned())
            .spawn(move || {
                runtime.block_on(beat(connector, renew, stopped, flag));
                // Nobody may be waiting for it any more.
                let _waits = end.send(());
            })?;
        Ok(Self { lost, stop, ended })
    }

    /// Whether the lease was found in other hands.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::SeqCst)
    }

    pub(super) async fn stop(self) {
        // It may have ended by itself.
        let _ended = self.stop.send(());
        drop(self.ended.await);
    }
}

/// Renews until it is told to stop, or finds the lease in other hands.
async fn beat(
    connector: Connector,
    renew: String,
    mut stopped: oneshot::Receiver<()>,
    lost: Arc<AtomicBool>,
) {
    let mut session: Option<Box<dyn Session>> = None;
    loop {
        tokio::select! {
            () = tokio::time::sleep(HEARTBEAT) => {}
            _ = &mut stopped => break,
        }
        if session.is_none() {
            session = connector
                .connect(Access::Write, "shoring heartbeat")
                .await
                .ok();
        }
        if let Some(open) = session.as_mut() {
            match execute_briefly(open.as_mut(), &renew).await {
                Ok(0) => {
                    lost.store(true, Ordering::SeqCst);
                    break;
                }
                // A transaction of ours holds the row: that is a sign of life as well.
                Ok(_) => {}
                Err(error) if error.kind == DbErrorKind::LockTimeout => {}
                Err(_) => session = None,
            }
        }
    }
    if let Some(open) = session {
        drop(open.close().await);
    }
}
