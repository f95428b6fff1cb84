//! From addresses to a connection: happy eyeballs (RFC 8305), so that a broken IPv6 costs a quarter of a second and
//! not the whole step.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::resolve::taking_turns;
use super::words;
use crate::edge::Deadline;

/// How long an attempt is alone before the next one joins it (RFC 8305, 5: "Connection Attempt Delay").
const HEAD_START: Duration = Duration::from_millis(250);

/// Why there is no connection; of several attempts, the one that tells most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoConnection {
    /// No answer in time.
    Late,
    /// The host answered: nothing listens there.
    Refused,
    /// No way there, in the system's words.
    Unreachable(String),
}

/// Connects to the first address that answers.
pub fn connect(addresses: &[SocketAddr], deadline: Deadline) -> Result<TcpStream, NoConnection> {
    let order = taking_turns(addresses);
    if let [only] = order[..] {
        return attempt(only, deadline);
    }
    let (sender, receiver) = mpsc::channel();
    let mut order = order.into_iter();
    let mut worst = Vec::new();
    let mut running = 0;
    loop {
        if let Some(address) = order.next() {
            let sender = sender.clone();
            // an attempt that loses ends by itself at the deadline, and closes what it may have opened
            let attempt = move || drop(sender.send(attempt(address, deadline)));
            match thread::Builder::new().name("connector".to_owned()).spawn(attempt) {
                Ok(_) => running += 1,
                Err(e) => worst.push(NoConnection::Unreachable(words(&e))),
            }
        }
        if running == 0 && order.len() == 0 {
            return Err(most_telling(worst));
        }
        let Some(left) = deadline.left() else { return Err(most_telling(with_late(worst))) };
        let wait = if order.len() == 0 { left } else { left.min(HEAD_START) };
        match receiver.recv_timeout(wait) {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(failure)) => {
                running -= 1;
                worst.push(failure);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(most_telling(worst)),
        }
    }
}

fn attempt(address: SocketAddr, deadline: Deadline) -> Result<TcpStream, NoConnection> {
    let connected = deadline.left_or_late().and_then(|left| TcpStream::connect_timeout(&address, left));
    let stream = connected.map_err(|e| NoConnection::from(&e))?;
    // the handshake is a few small writes, each of which somebody waits for
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

impl From<&io::Error> for NoConnection {
    fn from(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => Self::Refused,
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Self::Late,
            _ => Self::Unreachable(words(error)),
        }
    }
}

fn with_late(mut failures: Vec<NoConnection>) -> Vec<NoConnection> {
    failures.push(NoConnection::Late);
    failures
}

/// A refusal proves that a host is there; an attempt without an answer may yet have got one; a family without a
/// route is the normal state of many networks.
fn most_telling(failures: Vec<NoConnection>) -> NoConnection {
    let rank = |failure: &NoConnection| match failure {
        NoConnection::Refused => 0,
        NoConnection::Late => 1,
        NoConnection::Unreachable(_) => 2,
    };
    let nowhere = NoConnection::Unreachable("there is no address to connect to".to_owned());
    failures.into_iter().min_by_key(rank).unwrap_or(nowhere)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::Instant;

    use super::*;

    fn soon() -> Deadline {
        Deadline::after(Duration::from_secs(5))
    }

    /// An address on which nothing listens.
    fn closed() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
    }

    #[test]
    fn the_second_address_is_tried_at_once_when_the_first_refuses() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let started = Instant::now();
        let stream = connect(&[closed(), listener.local_addr().unwrap()], soon()).unwrap();
        assert_eq!(stream.peer_addr().unwrap(), listener.local_addr().unwrap());
        assert!(started.elapsed() < HEAD_START, "{:?}", started.elapsed());
        assert!(stream.nodelay().unwrap());
    }

    #[test]
    fn nothing_listens() {
        assert_eq!(connect(&[closed()], soon()).unwrap_err(), NoConnection::Refused);
        assert_eq!(connect(&[closed(), closed()], soon()).unwrap_err(), NoConnection::Refused);
    }

    #[test]
    fn a_refusal_tells_more_than_a_missing_route() {
        let unreachable = || NoConnection::Unreachable("Network is unreachable".to_owned());
        assert_eq!(most_telling(vec![unreachable(), NoConnection::Refused]), NoConnection::Refused);
        assert_eq!(most_telling(vec![unreachable(), NoConnection::Late]), NoConnection::Late);
        assert_eq!(most_telling(vec![unreachable()]), unreachable());
    }

    #[test]
    fn a_passed_deadline_is_late_and_not_for_ever() {
        let passed = Deadline::after(Duration::ZERO);
        assert_eq!(connect(&[closed()], passed).unwrap_err(), NoConnection::Late);
        assert_eq!(connect(&[closed(), closed()], passed).unwrap_err(), NoConnection::Late);
    }
}
