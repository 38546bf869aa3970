//! Watches the first messages of the server for `BackendKeyData`.
//!
//! A pooler answers the handshake itself and makes up the backend id (PgBouncer 1.18: random bytes), so an id that differs
//! from `pg_backend_pid()` gives it away, in session mode too. `tokio-postgres` keeps the id for itself; hence this stream
//! between it and the socket, which looks on until `ReadyForQuery` and then only passes bytes through.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Nothing a server says before it is ready comes near this; whoever does is not watched further.
const LIMIT: usize = 1 << 20;

/// The backend id of the handshake, once it was seen.
pub(super) type HandshakePid = Arc<OnceLock<i32>>;

/// A stream that watches what is read through it.
pub(super) struct Watched<S> {
    inner: S,
    pid: HandshakePid,
    /// What was read and not yet understood; `None` when done.
    pending: Option<Vec<u8>>,
}

impl<S> Watched<S> {
    pub(super) fn new(inner: S) -> (Self, HandshakePid) {
        let pid = HandshakePid::default();
        let stream = Self {
            inner,
            pid: Arc::clone(&pid),
            pending: Some(Vec::new()),
        };
        (stream, pid)
    }

    fn watch(&mut self, read: &[u8]) {
        let Some(pending) = &mut self.pending else {
            return;
        };
        pending.extend_from_slice(read);
        let mut is_done = pending.len() > LIMIT;
        while let Some((tag, body)) = first_message(pending) {
            match (tag, body.first_chunk::<4>()) {
                (b'K', Some(pid)) => drop(self.pid.set(i32::from_be_bytes(*pid))),
                (b'Z', _) => is_done = true,
                _ => {}
            }
            let length = body.len() + 5;
            pending.drain(..length);
        }
        if is_done {
            self.pending = None;
        }
    }
}

/// The tag and body of the first complete message.
fn first_message(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
    Some((*tag, rest.get(4..length.max(4))?))
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if self.pending.is_some() {
            let read = buffer.filled()[before..].to_vec();
            self.watch(&read);
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_found_however_the_bytes_are_cut() {
        let mut bytes = vec![b'R', 0, 0, 0, 8, 0, 0, 0, 0];
        bytes.extend([b'K', 0, 0, 0, 12, 0, 0, 4, 210, 1, 2, 3, 4]);
        bytes.extend([b'Z', 0, 0, 0, 5, b'I']);
        for size in 1..=bytes.len() {
            let (mut stream, pid) = Watched::new(());
            for chunk in bytes.chunks(size) {
                stream.watch(chunk);
            }
            assert_eq!(pid.get(), Some(&1234), "chunks of {size}");
            assert!(stream.pending.is_none());
        }
    }
}
