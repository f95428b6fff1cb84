//! A web server on loopback, in the clear, that answers every host as the test says.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use trustgap::lab::Service;

/// Answers each request by its address and keeps the heads of what it was asked.
pub(crate) struct Web {
    service: Service,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Web {
    /// Starts a server; the function is given an address like `http://host/path` and returns head and body.
    pub(crate) fn new(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        let service = Service::start(move |mut stream| {
            let Some(head) = request(&mut stream) else { return };
            let url = address(&head);
            kept.lock().unwrap().push(head);
            let _ = stream.write_all(&answer(&url));
            let _ = stream.shutdown(Shutdown::Write);
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        });
        Self { service: service.expect("it listens"), requests }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.service.address()
    }

    /// Returns what it was asked, in order.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns the option that leads a host's plain HTTP to it.
    pub(crate) fn instead_of(&self, host: &str) -> String {
        format!("--connect-to={host}:80:{}", self.address())
    }
}

/// Reads a request's head; nothing when the peer leaves first.
pub(crate) fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).ok()
}

/// Carries bytes between a client and a server until both are done.
pub(crate) fn carry(mut client: TcpStream, server: SocketAddr) {
    let Ok(mut server) = TcpStream::connect(server) else { return };
    let (mut back_from, mut back_to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let back = std::thread::spawn(move || {
        let _ = std::io::copy(&mut back_from, &mut back_to);
        let _ = back_to.shutdown(Shutdown::Write);
    });
    let _ = std::io::copy(&mut client, &mut server);
    let _ = server.shutdown(Shutdown::Write);
    let _ = back.join();
}

/// Returns the address that is asked for; a proxy is told it whole.
fn address(head: &str) -> String {
    let target = head.split(' ').nth(1).unwrap_or_default();
    let host = head.lines().find_map(|line| line.strip_prefix("Host: ")).unwrap_or_default();
    if target.starts_with('/') { format!("http://{host}{target}") } else { target.to_owned() }
}

/// Returns a whole answer.
pub(crate) fn answer(status: &str, fields: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
