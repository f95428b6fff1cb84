//! A listener on loopback that hears what a program offers: it reads the ClientHello, says no, and hangs up.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::Deadline;
use super::tls::hello::wire_version;
use crate::facts::TlsVersion;

/// The longest ClientHello that is read; with post-quantum keys they have some two thousand octets.
const LONGEST_HELLO: usize = 64 * 1024;
/// How long a program may take between its connection and the end of its hello.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a program's answer to our ServerHello is waited for.
const PATIENCE_WITH_ANSWERS: Duration = Duration::from_millis(500);
/// How often the listener looks whether it should end.
const PULSE: Duration = Duration::from_millis(2);
/// The most programs that are listened to at the same time.
const MOST_AT_ONCE: usize = 16;

/// What a listener answers to a ClientHello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A fatal alert: the program learns at once that nothing comes of it.
    No,
    /// A ServerHello of this version, with the program's first cipher suite that fits: whether the program goes on or
    /// objects shows whether it takes the version.
    Version(TlsVersion),
}

/// What a listener heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sounds {
    /// The first ClientHello, without records.
    pub hello: Option<Vec<u8>>,
    /// What came instead of one, at most 200 bytes.
    pub something_else: Option<Vec<u8>>,
    /// Whether a program went on after [`Reply::Version`]; absent when none got so far.
    pub went_on: Option<bool>,
}

/// A listener on loopback; it ends when dropped.
#[derive(Debug)]
pub struct Listener {
    port: u16,
    reply: Reply,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    sounds: Mutex<Sounds>,
    ended: AtomicBool,
}

impl Listener {
    /// Listens on a free port of 127.0.0.1, and of ::1 where there is one: `localhost` may mean either.
    pub fn start(reply: Reply) -> io::Result<Self> {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = first.local_addr()?.port();
        let second = TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).ok();
        let shared = Arc::new(Shared::default());
        let mut listener = Self { port, reply, shared, threads: Vec::new() };
        for socket in [Some(first), second].into_iter().flatten() {
            socket.set_nonblocking(true)?;
            let shared = Arc::clone(&listener.shared);
            let accept = move || accept(&socket, &shared, reply);
            listener.threads.push(thread::Builder::new().name("listener".to_owned()).spawn(accept)?);
        }
        Ok(listener)
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether a ClientHello was heard, and where an answer to ours was waited for, that.
    pub fn is_satisfied(&self) -> bool {
        let sounds = self.shared.lock();
        match self.reply {
            Reply::No => sounds.hello.is_some(),
            Reply::Version(_) => sounds.went_on.is_some(),
        }
    }

    /// Ends it and returns what it heard.
    pub fn end(mut self) -> Sounds {
        self.stop();
        self.shared.lock().clone()
    }

    fn stop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Sounds> {
        self.sounds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept(socket: &TcpListener, shared: &Arc<Shared>, reply: Reply) {
    let mut talks: Vec<JoinHandle<()>> = Vec::new();
    while !shared.ended.load(Ordering::SeqCst) {
        talks.retain(|talk| !talk.is_finished());
        match socket.accept() {
            Ok((stream, _)) if talks.len() < MOST_AT_ONCE => {
                let shared = Arc::clone(shared);
                // a program that is cut off is not our loss
                let talk = move || drop(listen(stream, &shared, reply));
                talks.extend(thread::Builder::new().name("hearing".to_owned()).spawn(talk));
            }
            Ok(_) => {}
            Err(_) => thread::sleep(PULSE),
        }
    }
    for talk in talks {
        let _ = talk.join();
    }
}

fn listen(mut stream: TcpStream, shared: &Shared, reply: Reply) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut bytes = Vec::new();
    let deadline = Deadline::after(PATIENCE);
    let message = loop {
        match first_message(&bytes) {
            Ok(Some(message)) => break message,
            Ok(None) => {}
            Err(NotAHello) => {
                bytes.truncate(200);
                shared.lock().something_else.get_or_insert(bytes);
                return stream.shutdown(Shutdown::Both);
            }
        }
        if bytes.len() > LONGEST_HELLO || !hear(&mut stream, &mut bytes, deadline, shared)? {
            return Ok(());
        }
    };
    let answer = match reply {
        Reply::No => alert(HANDSHAKE_FAILURE),
        Reply::Version(version) => server_hello(version, &message),
    };
    shared.lock().hello.get_or_insert(message);
    stream.write_all(&answer)?;
    if let Reply::Version(_) = reply {
        let mut answer = Vec::new();
        let objects = loop {
            match answer.first() {
                // an alert is an objection; a program that goes on waits for the certificate
                Some(content_type) => break *content_type == 21,
                None => {
                    match hear(&mut stream, &mut answer, Deadline::after(PATIENCE_WITH_ANSWERS), shared) {
                        Ok(true) => {}
                        Ok(false) => break true,
                        Err(e) => break e.kind() != ErrorKind::TimedOut,
                    }
                }
            }
        };
        shared.lock().went_on.get_or_insert(!objects);
        let _ = stream.write_all(&alert(HANDSHAKE_FAILURE));
    }
    // hanging up at once would take the alert back before it was read
    stream.shutdown(Shutdown::Write)?;
    while hear(&mut stream, &mut Vec::new(), Deadline::after(PATIENCE_WITH_ANSWERS), shared)? {}
    Ok(())
}

/// Reads what is there; `false` at the end of the stream or of the listener.
fn hear(
    stream: &mut TcpStream,
    bytes: &mut Vec<u8>,
    deadline: Deadline,
    shared: &Shared,
) -> io::Result<bool> {
    let mut chunk = [0; 4096];
    loop {
        stream.set_read_timeout(Some(deadline.left_or_late()?.min(Duration::from_millis(50))))?;
        match stream.read(&mut chunk) {
            Ok(0) => return Ok(false),
            Ok(count) => {
                bytes.extend_from_slice(&chunk[..count]);
                return Ok(true);
            }
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if shared.ended.load(Ordering::SeqCst) {
                    return Ok(false);
                }
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// What came cannot be a ClientHello.
#[derive(Debug, PartialEq, Eq)]
struct NotAHello;

/// Returns the first handshake message once its records are there.
fn first_message(mut bytes: &[u8]) -> Result<Option<Vec<u8>>, NotAHello> {
    let mut message = Vec::new();
    loop {
        match bytes {
            [22, 3, _, high, low, tail @ ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                let Some((fragment, rest)) = tail.split_at_checked(length) else { return Ok(None) };
                message.extend_from_slice(fragment);
                bytes = rest;
            }
            [] | [22] | [22, 3] | [22, 3, _] | [22, 3, _, _] => return Ok(None),
            _ => return Err(NotAHello),
        }
        match message[..] {
            [1, a, b, c, ..] => {
                let length = 4 + usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap_or(usize::MAX - 4);
                if message.len() >= length {
                    message.truncate(length);
                    return Ok(Some(message));
                }
            }
            [] | [1, ..] => {}
            _ => return Err(NotAHello),
        }
    }
}

const HANDSHAKE_FAILURE: u8 = 40;

fn alert(description: u8) -> Vec<u8> {
    vec![21, 3, 3, 0, 2, 2, description]
}

/// Returns a ServerHello that agrees to the version, with one of the client's own cipher suites.
fn server_hello(version: TlsVersion, client_hello: &[u8]) -> Vec<u8> {
    let number = wire_version(version).to_be_bytes();
    let mut body = number.to_vec();
    body.extend([0x5a; 32]);
    body.push(0);
    body.extend(old_cipher_suite(client_hello).to_be_bytes());
    body.push(0);
    // OpenSSL 3 talks to nobody that cannot renegotiate securely (RFC 5746); every client of today asks for it
    body.extend([0, 5, 0xff, 0x01, 0, 1, 0]);
    let length = u32::try_from(body.len()).unwrap_or_default().to_be_bytes();
    let message = [&[2], &length[1..], &body].concat();
    let record_length = u16::try_from(message.len()).unwrap_or_default().to_be_bytes();
    [&[22], &number[..], &record_length, &message].concat()
}

/// Returns the first of the client's cipher suites that every version up to 1.2 has.
fn old_cipher_suite(client_hello: &[u8]) -> u16 {
    const COMMON: [u16; 8] = [0xc013, 0xc014, 0xc009, 0xc00a, 0x002f, 0x0035, 0x0033, 0x0039];
    let offered = match tls_parser::parse_tls_message_handshake(client_hello) {
        Ok((_, tls_parser::TlsMessage::Handshake(tls_parser::TlsMessageHandshake::ClientHello(hello)))) => {
            hello.ciphers.into_iter().map(|suite| suite.0).collect()
        }
        _ => Vec::new(),
    };
    offered.into_iter().find(|suite| COMMON.contains(suite)).unwrap_or(COMMON[0])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tls::hello::{ClientHello, UP_TO_TLS12};
    use super::*;
    use crate::lab::mutated::mutated;

    fn say(port: u16, bytes: &[u8], pieces: usize) -> Vec<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        for piece in bytes.chunks(pieces) {
            stream.write_all(piece).unwrap();
        }
        let mut answer = vec![0; 7];
        stream.read_exact(&mut answer).unwrap();
        answer
    }

    fn hello(version: TlsVersion) -> Vec<u8> {
        let host = "www.example".parse().unwrap();
        ClientHello { version, cipher_suites: UP_TO_TLS12, host: &host, application_protocols: &[] }.records()
    }

    #[test]
    fn the_first_hello_is_heard_and_refused() {
        for pieces in [1, 100, 10_000] {
            let listener = Listener::start(Reply::No).unwrap();
            let records = hello(TlsVersion::Tls13);
            assert_eq!(say(listener.port(), &records, pieces), alert(HANDSHAKE_FAILURE));
            say(listener.port(), &hello(TlsVersion::Tls10), 1000);
            let sounds = listener.end();
            assert_eq!(sounds.hello.as_deref(), Some(&records[5..]));
            assert_eq!((sounds.something_else, sounds.went_on), (None, None));
        }
    }

    #[test]
    fn something_else_is_kept_apart() {
        let listener = Listener::start(Reply::No).unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", listener.port())).unwrap();
        stream.write_all(b"CONNECT www.example:443 HTTP/1.1\r\n\r\n").unwrap();
        let _ = stream.read(&mut [0; 10]);
        let sounds = listener.end();
        assert!(sounds.something_else.is_some_and(|b| b.starts_with(b"CONNECT www.example")));
    }

    #[test]
    fn a_program_that_is_silent_does_not_keep_the_listener() {
        let listener = Listener::start(Reply::No).unwrap();
        let _stream = TcpStream::connect(("127.0.0.1", listener.port())).unwrap();
        let started = std::time::Instant::now();
        assert_eq!(listener.end(), Sounds::default());
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }

    #[test]
    fn whoever_objects_to_a_version_does_not_take_it() {
        for (answer, went_on) in [(&b"\x15\x03\x03\0\x02\x02\x46"[..], false), (b"", true)] {
            let listener = Listener::start(Reply::Version(TlsVersion::Tls10)).unwrap();
            let mut stream = TcpStream::connect(("127.0.0.1", listener.port())).unwrap();
            stream.write_all(&hello(TlsVersion::Tls12)).unwrap();
            let mut head = [0; 11];
            stream.read_exact(&mut head).unwrap();
            assert_eq!((head[0], &head[9..11]), (22, &[3, 1][..]));
            stream.write_all(answer).unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
            assert_eq!(listener.end().went_on, Some(went_on));
        }
    }

    proptest! {
        #[test]
        fn a_changed_hello_is_one_whole_message_or_none(
            bytes in mutated(
                vec![hello(TlsVersion::Tls10), hello(TlsVersion::Tls13)],
                &[&[22, 3, 1, 0, 0], &[22, 3, 3, 0xff, 0xff], &[1, 0xff, 0xff, 0xff]],
            ),
            known in any::<proptest::sample::Index>(),
        ) {
            let message = first_message(&bytes);
            if let Ok(Some(message)) = &message {
                let length = u32::from_be_bytes([0, message[1], message[2], message[3]]);
                prop_assert_eq!(message.len(), usize::try_from(length).unwrap() + 4);
                prop_assert!(message[0] == 1 && message.len() < bytes.len());
            }
            // with only the beginning of it the answer is the same, or not known yet
            let beginning = first_message(&bytes[..known.index(bytes.len() + 1)]);
            prop_assert!(beginning == message || beginning == Ok(None));
            let answer = server_hello(TlsVersion::Tls10, &bytes);
            prop_assert!(answer.len() < 200 && answer[0] == 22);
        }
    }
}
