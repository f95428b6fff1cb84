//! A stream of bytes whose reads and writes end at a deadline, whatever it runs through.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use rustls::{ClientConnection, StreamOwned};

use crate::edge::Deadline;

/// Bytes to and from a peer: over TCP, or through the TLS of an `https://` proxy.
pub struct Wire {
    way: Way,
    /// What was read behind a proxy's answer and belongs to the peer.
    ahead: Vec<u8>,
}

enum Way {
    Tcp { socket: TcpStream, deadline: Deadline },
    Tls(Box<StreamOwned<ClientConnection, Wire>>),
}

impl Wire {
    /// Wraps a connection.
    pub fn new(socket: TcpStream, deadline: Deadline) -> Self {
        Self { way: Way::Tcp { socket, deadline }, ahead: Vec::new() }
    }

    /// Wraps a connection inside the TLS of a proxy whose certificate **was verified**.
    pub(in crate::edge) fn through(tunnel: StreamOwned<ClientConnection, Self>) -> Self {
        Self { way: Way::Tls(Box::new(tunnel)), ahead: Vec::new() }
    }

    /// Puts bytes back in front of what is read next.
    pub(in crate::edge) fn put_back(&mut self, bytes: &[u8]) {
        self.ahead.splice(..0, bytes.iter().copied());
    }

    /// Sets the moment at which every read and write gives up with an error of kind `TimedOut`.
    pub fn until(&mut self, moment: Deadline) {
        match &mut self.way {
            Way::Tcp { deadline, .. } => *deadline = moment,
            Way::Tls(tunnel) => tunnel.sock.until(moment),
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.ahead.is_empty() {
            let count = self.ahead.len().min(buffer.len());
            buffer[..count].copy_from_slice(&self.ahead[..count]);
            self.ahead.drain(..count);
            return Ok(count);
        }
        match &mut self.way {
            Way::Tcp { socket, deadline } => {
                socket.set_read_timeout(Some(deadline.left_or_late()?))?;
                socket.read(buffer).map_err(late)
            }
            Way::Tls(tunnel) => match tunnel.read(buffer) {
                // a proxy that leaves without close_notify: to the tunnelled bytes an end like any other
                Err(e) if e.kind() == ErrorKind::UnexpectedEof => Ok(0),
                other => other,
            },
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.way {
            Way::Tcp { socket, deadline } => {
                socket.set_write_timeout(Some(deadline.left_or_late()?))?;
                socket.write(bytes).map_err(late)
            }
            Way::Tls(tunnel) => tunnel.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.way {
            Way::Tcp { socket, .. } => socket.flush(),
            Way::Tls(tunnel) => tunnel.flush(),
        }
    }
}

/// A socket's timeout is `WouldBlock` on Unix and `TimedOut` on Windows.
fn late(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::WouldBlock { ErrorKind::TimedOut.into() } else { error }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn a_peer_that_drips_does_not_move_the_deadline() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut peer, _) = listener.accept().unwrap();
            while peer.write_all(b".").is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
        });
        let started = Instant::now();
        let deadline = Deadline::after(Duration::from_millis(300));
        let mut wire = Wire::new(TcpStream::connect(address).unwrap(), deadline);
        let error = io::copy(&mut wire, &mut io::sink()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }

    #[test]
    fn what_was_put_back_is_read_first() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        peer.write_all(b"second").unwrap();
        drop(peer);
        let mut wire = Wire::new(socket, Deadline::after(Duration::from_secs(5)));
        wire.put_back(b"first ");
        let mut text = String::new();
        wire.read_to_string(&mut text).unwrap();
        assert_eq!(text, "first second");
    }
}
