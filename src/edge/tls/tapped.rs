//! A wire whose first bytes are kept and whose bytes are counted.

use std::io::{self, Read, Write};
use std::time::Duration;

use super::{EXCERPT, MOST_BYTES, can_be_tls, raw};
use crate::edge::{Deadline, net::Wire};

/// The first bytes that are kept: enough for a ServerHello of TLS 1.2.
const KEPT: usize = 2048;

/// How long the rest of a greeting is waited for once it is known not to be TLS.
const PATIENCE_WITH_BANNERS: Duration = Duration::from_millis(250);

/// A wire whose first bytes are kept and whose bytes are counted: a peer that sends without end is cut off.
pub(super) struct Tapped<'a> {
    wire: &'a mut Wire,
    deadline: Deadline,
    first: Vec<u8>,
    count: usize,
}

impl<'a> Tapped<'a> {
    pub(super) fn new(wire: &'a mut Wire, deadline: Deadline) -> Self {
        wire.until(deadline);
        Self { wire, deadline, first: Vec::new(), count: 0 }
    }

    /// Returns the beginning of the answer if it cannot be TLS, having waited a moment for the rest of it.
    pub(super) fn something_else(&mut self) -> Option<&[u8]> {
        if can_be_tls(&self.first) {
            return None;
        }
        self.wire.until(self.deadline.or_earlier(Deadline::after(PATIENCE_WITH_BANNERS)));
        while self.first.len() < EXCERPT {
            match self.read(&mut [0; EXCERPT]) {
                Ok(1..) => {}
                Ok(0) | Err(_) => break,
            }
        }
        Some(&self.first)
    }

    /// Waits no longer than until this moment from now on.
    pub(super) fn wait_only_until(&mut self, moment: Deadline) {
        self.wire.until(self.deadline.or_earlier(moment));
    }

    /// Returns what the server says about secure renegotiation.
    pub(super) fn secure_renegotiation(&self) -> Option<bool> {
        raw::secure_renegotiation(&self.first)
    }

    /// Returns the number of the warning that is all that came, if it is one (RFC 5246, 7.2): some servers warn that
    /// they do not know a name, and hang up.
    pub(super) fn warning(&self) -> Option<u8> {
        match self.first[..] {
            [21, 3, _, 0, 2, 1, description] if description != CLOSE_NOTIFY => Some(description),
            _ => None,
        }
    }
}

const CLOSE_NOTIFY: u8 = 0;

impl Read for Tapped<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.count >= MOST_BYTES {
            return Err(io::Error::other(
                "the server sent more than 512 KiB without finishing the handshake",
            ));
        }
        let read = self.wire.read(buffer)?;
        self.count += read;
        let wanted = KEPT.saturating_sub(self.first.len()).min(read);
        self.first.extend_from_slice(&buffer[..wanted]);
        Ok(read)
    }
}

impl Write for Tapped<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.wire.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.wire.flush()
    }
}
