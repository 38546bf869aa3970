//! Renews a lease while the working session is busy.

use crate::context::{Access, Connector};
use crate::execute::execute_briefly;
use shoring_db::{DbErrorKind, Session};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;

const HEARTBEAT: Duration = Duration::from_secs(5);

/// Renews a lease from a session of its own while the working session is busy.
pub(super) struct Heartbeat {
    lost: Arc<AtomicBool>,
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Heartbeat {
    pub(super) fn start(connector: Connector, renew: String) -> Self {
        let lost = Arc::new(AtomicBool::new(false));
        let (stop, mut stopped) = oneshot::channel();
        let flag = Arc::clone(&lost);
        let task = tokio::spawn(async move {
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
                            flag.store(true, Ordering::SeqCst);
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
        });
        Self { lost, stop, task }
    }

    /// Whether the lease was found in other hands.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::SeqCst)
    }

    pub(super) async fn stop(self) {
        // The task may have ended by itself.
        let _ended = self.stop.send(());
        drop(self.task.await);
    }
}
