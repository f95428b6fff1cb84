//! One listening socket on loopback: a bounded number of connections, a thread for each, and an end.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How many connections are served at once; one more is closed at once.
const MOST_CONNECTIONS: usize = 128;

/// How long a connection may say nothing.
const PATIENCE: Duration = Duration::from_secs(20);

/// A listener on 127.0.0.1 with its own port. Dropping it closes the listener and every connection.
#[derive(Debug)]
pub struct Service {
    address: SocketAddr,
    connections: Arc<Connections>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Connections {
    open: Mutex<HashMap<u64, TcpStream>>,
    active: AtomicUsize,
    accepted: AtomicU64,
    ended: AtomicBool,
}

impl Service {
    /// Listens on a free port of 127.0.0.1 and hands each connection to the handler, in a thread of its own.
    pub fn start(handler: impl Fn(TcpStream) + Send + Sync + 'static) -> io::Result<Self> {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), handler)
    }

    /// [`Service::start`] at a given address.
    pub fn start_at(
        address: SocketAddr,
        handler: impl Fn(TcpStream) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let connections = Arc::new(Connections::default());
        let (handler, accepting) = (Arc::new(handler), Arc::clone(&connections));
        let acceptor = std::thread::Builder::new()
            .name(format!("lab {address}"))
            .spawn(move || accept(&listener, &accepting, &handler))?;
        Ok(Self { address, connections, acceptor: Some(acceptor) })
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns how many connections were accepted so far.
    pub fn accepted(&self) -> u64 {
        self.connections.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.connections.ended.store(true, Ordering::SeqCst);
        // accept() has no deadline: a last connection wakes it
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
        for stream in self.connections.open().values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn accept(
    listener: &TcpListener,
    connections: &Arc<Connections>,
    handler: &Arc<impl Fn(TcpStream) + Send + Sync + 'static>,
) {
    for stream in listener.incoming() {
        if connections.ended.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let number = connections.accepted.fetch_add(1, Ordering::SeqCst);
        if connections.active.fetch_add(1, Ordering::SeqCst) >= MOST_CONNECTIONS {
            connections.active.fetch_sub(1, Ordering::SeqCst);
            continue;
        }
        let guard = Guard { connections: Arc::clone(connections), number };
        let handler = Arc::clone(handler);
        // a thread that cannot be started drops the guard and with it the connection
        let _ = std::thread::Builder::new().name("lab connection".to_owned()).spawn(move || {
            if guard.admit(&stream).is_ok() {
                handler(stream);
            }
        });
    }
}

/// A connection's place among the open ones, given back when its thread ends however it ends.
struct Guard {
    connections: Arc<Connections>,
    number: u64,
}

impl Guard {
    fn admit(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        self.connections.open().insert(self.number, stream.try_clone()?);
        if self.connections.ended.load(Ordering::SeqCst) {
            stream.shutdown(Shutdown::Both)?;
        }
        Ok(())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.connections.open().remove(&self.number);
        self.connections.active.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Connections {
    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<u64, TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn everything_ends_when_dropped_even_a_handler_that_waits_for_ever() {
        let service = Service::start(|mut stream| {
            let _ = stream.write_all(b"x");
            while matches!(stream.read(&mut [0; 16]), Ok(1..)) {}
        })
        .unwrap();
        let mut client = TcpStream::connect(service.address()).unwrap();
        client.read_exact(&mut [0]).unwrap();
        let address = service.address();
        drop(service);
        assert_eq!(client.read(&mut [0; 16]).unwrap_or(0), 0, "the connection is closed");
        assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
    }
}
