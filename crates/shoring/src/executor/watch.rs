//! Looks at a long statement from a second session: who blocks it, how far it is. Starts after a second (sooner when locks
//! are waited for more briefly), so that short migrations cost no extra connection.

use crate::context::{Access, Connector};
use shoring_core::Product;
use shoring_db::{Activity, BackendId, Session};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Watches one session.
pub(super) struct Watcher {
    busy: watch::Sender<bool>,
    activity: mpsc::Receiver<Activity>,
}

impl Watcher {
    /// Starts watching the session with this id. `None` for SQLite, where there is nothing to ask, and without a URL.
    pub(super) fn start(
        connector: Option<&Connector>,
        product: Product,
        backend: BackendId,
        lock_timeout: Duration,
    ) -> Option<Self> {
        // Who is in the way has to be seen before the server gives up.
        let pause = (lock_timeout / 3).clamp(Duration::from_millis(100), Duration::from_secs(1));
        let connector = match product {
            Product::Sqlite => return None,
            Product::Postgresql | Product::Mysql | Product::Mariadb => connector?.clone(),
        };
        let (busy, mut is_busy) = watch::channel(false);
        let (send, activity) = mpsc::channel(1);
        drop(tokio::spawn(async move {
            let mut session: Option<Box<dyn Session>> = None;
            'idle: while is_busy.wait_for(|busy| *busy).await.is_ok() {
                loop {
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        changed = is_busy.wait_for(|busy| !*busy) => {
                            if changed.is_err() { break 'idle; }
                            continue 'idle;
                        }
                    }
                    if session.is_none() {
                        session = connector
                            .connect(Access::Read, "shoring watcher")
                            .await
                            .ok();
                    }
                    let Some(open) = session.as_mut() else {
                        continue;
                    };
                    match open.activity(&backend).await {
                        Ok(seen) => {
                            if send.send(seen).await.is_err() {
                                break 'idle;
                            }
                        }
                        Err(_) => session = None,
                    }
                }
            }
            if let Some(open) = session {
                drop(open.close().await);
            }
        }));
        Some(Self { busy, activity })
    }

    /// A statement begins.
    pub(super) fn begin(&mut self) {
        while self.activity.try_recv().is_ok() {}
        self.busy.send_replace(true);
    }

    /// It ended.
    pub(super) fn end(&self) {
        self.busy.send_replace(false);
    }

    /// The next thing seen. Waits for ever when the watcher cannot connect.
    pub(super) async fn seen(&mut self) -> Activity {
        match self.activity.recv().await {
            Some(activity) => activity,
            None => std::future::pending().await,
        }
    }
}
