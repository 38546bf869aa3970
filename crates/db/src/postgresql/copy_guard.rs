//! Keeps a failed `COPY … FROM stdin` from putting the session out of step.
//!
//! `tokio-postgres` 0.7.18 (src/copy_in.rs, src/query.rs) starts a copy with Bind, Execute and Sync, and when the server
//! refuses it, sends CopyFail and a second Sync on drop. A server that did begin to copy overlooks the first Sync; one that
//! refused has answered it already and answers the second, too. From then on every answer belongs to the request before.
//! So this stream, below the driver, follows the messages in both directions and leaves the surplus CopyFail and Sync out.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// CopyFail with an empty reason (6 bytes), then Sync (5 bytes), as the driver sends them.
const FAIL_AND_SYNC: &[u8] = &[b'f', 0, 0, 0, 5, 0, b'S', 0, 0, 0, 4];

/// Where an extended query stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing that could be a copy was sent.
    Idle,
    /// A Bind was sent, and the server has not yet begun to copy.
    Bound,
    /// The server refused before it began to copy.
    Refused,
}

/// A stream that knows where messages begin and end.
pub(super) struct Guarded<S> {
    inner: S,
    sent: Frames,
    received: Frames,
    stage: Stage,
}

impl<S> Guarded<S> {
    /// Guards a stream on which nothing but the request for TLS was sent.
    pub(super) fn new(inner: S) -> Self {
        Self {
            inner,
            // The startup message is the one that has no tag.
            sent: Frames {
                is_untagged: true,
                ..Frames::default()
            },
            received: Frames::default(),
            stage: Stage::Idle,
        }
    }

    fn saw_received(&mut self, bytes: &[u8]) {
        let stage = &mut self.stage;
        self.received.follow(bytes, |tag| match (tag, *stage) {
            (b'E', Stage::Bound) => *stage = Stage::Refused,
            // CopyInResponse, or whatever else completed.
            (b'G' | b'C', Stage::Bound) => *stage = Stage::Idle,
            _ => {}
        });
    }

    fn saw_sent(&mut self, bytes: &[u8]) {
        let stage = &mut self.stage;
        self.sent.follow(bytes, |tag| {
            if tag == b'B' {
                *stage = Stage::Bound;
            }
        });
    }

    /// How much of the bytes may go out before the surplus begins; `None` when it begins right here.
    fn until_surplus(&self, bytes: &[u8]) -> Option<usize> {
        if self.stage != Stage::Refused {
            return Some(bytes.len());
        }
        let mut sent = self.sent.clone();
        let mut offset = 0;
        loop {
            if sent.is_at_border() && bytes[offset..].starts_with(FAIL_AND_SYNC) {
                return (offset > 0).then_some(offset);
            }
            let Some(byte) = bytes.get(offset) else {
                return Some(bytes.len());
            };
            sent.follow(std::slice::from_ref(byte), |_| {});
            offset += 1;
        }
    }
}

/// Finds the tags in a stream of messages, however it is cut.
#[derive(Debug, Clone, Default)]
struct Frames {
    header: Vec<u8>,
    /// Bytes left of the body.
    body: usize,
    is_untagged: bool,
}

impl Frames {
    fn is_at_border(&self) -> bool {
        self.header.is_empty() && self.body == 0
    }

    fn follow(&mut self, mut bytes: &[u8], mut on_tag: impl FnMut(u8)) {
        while !bytes.is_empty() {
            if self.body > 0 {
                let skipped = self.body.min(bytes.len());
                self.body -= skipped;
                bytes = &bytes[skipped..];
                continue;
            }
            let wanted = if self.is_untagged { 4 } else { 5 };
            let taken = (wanted - self.header.len()).min(bytes.len());
            self.header.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
            if self.header.len() < wanted {
                continue;
            }
            if let Some(length) = self.header.last_chunk::<4>() {
                self.body = (u32::from_be_bytes(*length) as usize).saturating_sub(4);
            }
            if !self.is_untagged {
                on_tag(self.header[0]);
            }
            self.is_untagged = false;
            self.header.clear();
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.inner).poll_read(cx, buffer);
        self.saw_received(&buffer.filled()[before..]);
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Some(end) = self.until_surplus(bytes) else {
            self.stage = Stage::Idle;
            return Poll::Ready(Ok(FAIL_AND_SYNC.len()));
        };
        let written = ready!(Pin::new(&mut self.inner).poll_write(cx, &bytes[..end]))?;
        self.saw_sent(&bytes[..written]);
        Poll::Ready(Ok(written))
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
    fn only_the_surplus_of_a_refused_copy_is_left_out() {
        let mut stream = Guarded::new(());
        // A startup message whose body looks like a Bind.
        stream.saw_sent(&[0, 0, 0, 9, b'B', 0, 0, 0, 4]);
        assert_eq!(stream.stage, Stage::Idle);
        for byte in [b'B', 0, 0, 0, 6, b'E', 0, b'S', 0, 0, 0, 4] {
            stream.saw_sent(&[byte]);
        }
        assert_eq!(stream.stage, Stage::Bound);
        assert_eq!(stream.until_surplus(FAIL_AND_SYNC), Some(11));
        stream.saw_received(&[b'2', 0, 0, 0, 4, b'E', 0, 0, 0, 5, 0]);
        assert_eq!(stream.stage, Stage::Refused);
        assert_eq!(stream.until_surplus(FAIL_AND_SYNC), None);
        let mut later = vec![b'Q', 0, 0, 0, 16];
        later.extend(FAIL_AND_SYNC);
        later.push(0);
        assert_eq!(stream.until_surplus(&later), Some(17));
        later.extend(FAIL_AND_SYNC);
        assert_eq!(stream.until_surplus(&later), Some(17));
    }

    #[test]
    fn a_copy_that_began_is_ended_as_the_driver_says() {
        let mut stream = Guarded::new(());
        stream.saw_sent(&[0, 0, 0, 4, b'B', 0, 0, 0, 4]);
        stream.saw_received(&[b'G', 0, 0, 0, 4, b'E', 0, 0, 0, 4]);
        assert_eq!(stream.until_surplus(FAIL_AND_SYNC), Some(11));
    }
}
