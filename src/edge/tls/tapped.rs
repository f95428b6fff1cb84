//! A wire whose first bytes are kept and whose bytes are counted.

use std::io::{self, Read, Write};
use std::time::Duration;

use super::{EXCERPT, MOST_BYTES, can_be_tls};
use crate::edge::{Deadline, net::Wire};

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
}

impl Read for Tapped<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.count >= MOST_BYTES {
            return Err(io::Error::other(
                "the server sent more than 512 KiB without finishing the handshake",
            ));
        }
        let read = self.wire.read(buffer)?;
        self.count += read;
        let wanted = EXCERPT.saturating_sub(self.first.len()).min(read);
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
