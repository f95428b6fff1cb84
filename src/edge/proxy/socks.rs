//! SOCKS 4a (an extension everybody knows) and SOCKS 5 (RFC 1928, RFC 1929).

use std::io::{Read as _, Write as _};
use std::net::IpAddr;

use super::{Credentials, FindAddress, failed, refused};
use crate::edge::net::Wire;
use crate::facts::handshake::SOCKS_PASSWORD;
use crate::facts::{Host, Outcome, Target};

/// Asks a SOCKS 5 proxy; where `address` finds one, the proxy is not told the name.
///
/// A name that does not resolve here is asked for by name all the same: whether the proxy refuses is its own matter,
/// and Go and Java never resolve for a SOCKS proxy. If it would connect, the name is what is wrong.
pub(super) fn tunnel5(
    mut wire: Wire,
    target: &Target,
    address: Option<&mut FindAddress<'_>>,
    credentials: Option<&Credentials>,
) -> Result<Wire, Outcome> {
    let methods: &[u8] =
        if credentials.is_some() { &[5, 2, NO_AUTHENTICATION, PASSWORD] } else { &[5, 1, 0] };
    send(&mut wire, methods)?;
    match read::<2>(&mut wire)? {
        [5, NO_AUTHENTICATION] => {}
        [5, PASSWORD] => authenticate(&mut wire, credentials)?,
        [5, _] => return Err(wants_password(credentials.is_some())),
        other => return Err(refused(&not_socks(5, other[0]))),
    }
    let mut request = vec![5, 1, 0];
    let (host, unresolved) = host(&mut wire, target, address);
    match host {
        Host::Ip(IpAddr::V4(ip)) => request.extend([&[1][..], &ip.octets()].concat()),
        Host::Ip(IpAddr::V6(ip)) => request.extend([&[4][..], &ip.octets()].concat()),
        Host::Name(name) => {
            request.push(3);
            push_short(&mut request, name.as_bytes());
        }
    }
    request.extend(target.port.to_be_bytes());
    send(&mut wire, &request)?;
    let [version, reply, _, kind] = read::<4>(&mut wire)?;
    if version != 5 {
        return Err(refused(&not_socks(5, version)));
    }
    if reply != 0 {
        return Err(replied(reply, meaning(reply)));
    }
    if let Some(outcome) = unresolved {
        return Err(outcome);
    }
    // the address it is bound to, which nobody needs, has to be read away
    let length = match kind {
        1 => 4,
        3 => usize::from(read::<1>(&mut wire)?[0]),
        4 => 16,
        other => return Err(refused(&format!("its answer has an address of the unknown kind {other}"))),
    };
    wire.read_exact(&mut vec![0; length + 2]).map_err(|e| failed(&e))?;
    Ok(wire)
}

/// Returns whom the proxy is asked for, and why that is a name where it ought to be an address.
fn host(wire: &mut Wire, target: &Target, address: Option<&mut FindAddress<'_>>) -> (Host, Option<Outcome>) {
    match (&target.host, address) {
        (Host::Name(_), Some(address)) => match address(wire) {
            Ok(found) => (Host::Ip(found.ip()), None),
            Err(outcome) => (target.host.clone(), Some(outcome)),
        },
        (host, _) => (host.clone(), None),
    }
}

/// Asks a SOCKS 4 proxy, as [`tunnel5`] does; names that it is told are those of SOCKS 4a.
pub(super) fn tunnel4(
    mut wire: Wire,
    target: &Target,
    address: Option<&mut FindAddress<'_>>,
    credentials: Option<&Credentials>,
) -> Result<Wire, Outcome> {
    let mut request = vec![4, 1];
    request.extend(target.port.to_be_bytes());
    let user = credentials.map_or("", |(user, _)| user.as_str()).replace('\0', "");
    let (host, unresolved) = host(&mut wire, target, address);
    match host {
        Host::Ip(IpAddr::V4(ip)) => {
            request.extend(ip.octets());
            request.extend([user.as_bytes(), &[0]].concat());
        }
        Host::Ip(IpAddr::V6(_)) => return Err(refused("SOCKS 4 has no IPv6 addresses")),
        Host::Name(name) => {
            // an address that cannot exist says that a name follows
            request.extend([0, 0, 0, 1]);
            request.extend([user.as_bytes(), &[0], name.as_bytes(), &[0]].concat());
        }
    }
    send(&mut wire, &request)?;
    match read::<8>(&mut wire)? {
        [0, 90, ..] => unresolved.map_or(Ok(wire), Err),
        [0, 92 | 93, ..] => Err(wants_password(credentials.is_some())),
        [0, reply, ..] => Err(replied(reply, "rejected or failed")),
        [other, ..] => Err(refused(&not_socks(4, other))),
    }
}

const NO_AUTHENTICATION: u8 = 0;
const PASSWORD: u8 = 2;

/// User name and password (RFC 1929).
fn authenticate(wire: &mut Wire, credentials: Option<&Credentials>) -> Result<(), Outcome> {
    let Some((user, password)) = credentials else { return Err(wants_password(false)) };
    let mut request = vec![1];
    push_short(&mut request, user.as_bytes());
    push_short(&mut request, password.as_bytes());
    send(wire, &request)?;
    match read::<2>(wire)? {
        [_, 0] => Ok(()),
        _ => Err(wants_password(true)),
    }
}

fn wants_password(credentials_sent: bool) -> Outcome {
    Outcome::ProxyAuthRequired { schemes: vec![SOCKS_PASSWORD.to_owned()], credentials_sent }
}

fn replied(reply: u8, meaning: &str) -> Outcome {
    Outcome::ProxyRefused { status: Some(u16::from(reply)), reason: meaning.to_owned() }
}

fn send(wire: &mut Wire, bytes: &[u8]) -> Result<(), Outcome> {
    wire.write_all(bytes).and_then(|()| wire.flush()).map_err(|e| failed(&e))
}

fn read<const N: usize>(wire: &mut Wire) -> Result<[u8; N], Outcome> {
    let mut bytes = [0; N];
    wire.read_exact(&mut bytes).map_err(|e| failed(&e))?;
    Ok(bytes)
}

/// Writes an octet of length and the content, cut to what the length can say.
fn push_short(bytes: &mut Vec<u8>, content: &[u8]) {
    let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
    bytes.push(length);
    bytes.extend(&content[..usize::from(length)]);
}

fn not_socks(version: u8, first: u8) -> String {
    let hint = if first == b'H' { ": it answers like an HTTP proxy" } else { "" };
    format!("it does not speak SOCKS {version}{hint}")
}

/// RFC 1928, 6.
fn meaning(reply: u8) -> &'static str {
    match reply {
        2 => "not allowed by its rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => "general failure",
    }
}
