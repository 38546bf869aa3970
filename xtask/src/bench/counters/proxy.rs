//! A TCP proxy that counts round trips: how often the client speaks after the server has spoken.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

/// It lives until the process ends; what is connected ends with the connections.
#[derive(Debug)]
pub(in crate::bench) struct Proxy {
    port: u16,
    turns: Arc<AtomicU64>,
}

impl Proxy {
    /// Listens on a free port and passes everything on to the server at `port`.
    pub(in crate::bench) fn before(port: u16) -> Result<Self, String> {
        let cannot = |error| format!("cannot start a proxy: {error}");
        let listener = TcpListener::bind("127.0.0.1:0").map_err(cannot)?;
        let own = listener.local_addr().map_err(cannot)?.port();
        let turns = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&turns);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if let Ok(server) = TcpStream::connect(("127.0.0.1", port)) {
                    drop(pass_on(&client, &server, &counted));
                }
            }
        });
        Ok(Self { port: own, turns })
    }

    pub(in crate::bench) fn port(&self) -> u16 {
        self.port
    }

    /// What was counted since the last call.
    pub(in crate::bench) fn take(&self) -> u64 {
        self.turns.swap(0, Ordering::SeqCst)
    }
}

fn pass_on(client: &TcpStream, server: &TcpStream, turns: &Arc<AtomicU64>) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    // The first word of a connection counts, whoever has it.
    let has_answered = Arc::new(AtomicBool::new(true));
    let (answered, turns) = (Arc::clone(&has_answered), Arc::clone(turns));
    let (from, to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        copy(from, to, || {
            if answered.swap(false, Ordering::SeqCst) {
                turns.fetch_add(1, Ordering::SeqCst);
            }
        });
    });
    let (from, to) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || copy(from, to, || has_answered.store(true, Ordering::SeqCst)));
    Ok(())
}

/// Copies until one side ends; `before_each` is called between reading and writing.
fn copy(mut from: TcpStream, mut to: TcpStream, before_each: impl Fn()) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        before_each();
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Write));
    drop(from.shutdown(Shutdown::Read));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_that_were_answered_are_counted() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = server.local_addr().unwrap().port();
        let thread = thread::spawn(move || {
            let (mut stream, _) = server.accept().unwrap();
            let mut question = [0; 2];
            while stream.read_exact(&mut question).is_ok() {
                stream.write_all(b"ok").unwrap();
            }
        });
        let proxy = Proxy::before(port).unwrap();
        let mut client = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
        for _ in 0..3 {
            client.write_all(b"??").unwrap();
            client.read_exact(&mut [0; 2]).unwrap();
        }
        assert_eq!(proxy.take(), 3);
        assert_eq!(proxy.take(), 0);
        drop(client);
        thread.join().unwrap();
    }
}
