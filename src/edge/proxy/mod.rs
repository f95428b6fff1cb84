//! Through a proxy: HTTP CONNECT and SOCKS. What a proxy says is hostile and bounded.

pub(super) mod connect;
mod socks;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use super::net::{Wire, words};
use crate::facts::handshake::{PROXY_CLOSED, PROXY_CUT, Step};
use crate::facts::route::ProxyScheme;
use crate::facts::{Outcome, ProxyUrl, Target};

/// Asks the proxy at the other end of the wire for a tunnel; what is read and written afterwards is the target's.
///
/// `address` finds the target's, where the proxy wants names to be resolved here (`socks4://`, `socks5://`). It is called when the
/// proxy has let us in: a proxy that is dead or wants a password is worth more than a name that does not resolve.
pub fn tunnel(
    wire: Wire,
    proxy: &ProxyUrl,
    target: &Target,
    address: &mut FindAddress<'_>,
) -> Result<Wire, Outcome> {
    let credentials = proxy.credentials.as_ref();
    match proxy.scheme {
        ProxyScheme::Http | ProxyScheme::Https => connect::tunnel(wire, target, credentials),
        ProxyScheme::Socks4 => socks::tunnel4(wire, target, Some(address), credentials),
        ProxyScheme::Socks4a => socks::tunnel4(wire, target, None, credentials),
        ProxyScheme::Socks5 => socks::tunnel5(wire, target, Some(address), credentials),
        ProxyScheme::Socks5h => socks::tunnel5(wire, target, None, credentials),
    }
}

/// Finds the address of the target, and gives the wire a new deadline for what comes after.
pub type FindAddress<'a> = dyn FnMut(&mut Wire) -> Result<SocketAddr, Outcome> + 'a;

/// User and password.
type Credentials = (String, String);

/// Says how a conversation with a proxy failed.
fn failed(error: &io::Error) -> Outcome {
    match error.kind() {
        ErrorKind::TimedOut => Outcome::TimedOut { step: Step::Proxy },
        ErrorKind::UnexpectedEof => refused(PROXY_CLOSED),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            refused(PROXY_CUT)
        }
        _ => refused(&words(error)),
    }
}

fn refused(reason: &str) -> Outcome {
    Outcome::ProxyRefused { status: None, reason: reason.to_owned() }
}
