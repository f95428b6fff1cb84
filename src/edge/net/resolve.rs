//! From a name to addresses, as every program on this machine would find them: hosts file, search list, DNS.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::mpsc;
use std::thread;

use super::words;
use crate::edge::Deadline;
use crate::facts::{Host, Target};

/// The most addresses that are tried; a name may resolve to thousands.
const MOST_ADDRESSES: usize = 16;

/// Why there is no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAddress {
    /// The resolver did not answer in time.
    Late,
    /// The resolver knows no such name, or failed; in its words.
    Unknown(String),
}

/// Returns a target's addresses in the resolver's order (RFC 6724), each once.
///
/// `getaddrinfo` can neither be cancelled nor given a deadline, so it runs on a thread that is left behind when it
/// is late. An address is not looked up.
pub fn resolve(target: &Target, deadline: Deadline) -> Result<Vec<SocketAddr>, NoAddress> {
    let name = match &target.host {
        Host::Ip(address) => return Ok(vec![SocketAddr::new(*address, target.port)]),
        Host::Name(name) => name.clone(),
    };
    let port = target.port;
    let (sender, receiver) = mpsc::channel();
    let lookup = move || {
        let found: io::Result<Vec<SocketAddr>> =
            (name.as_str(), port).to_socket_addrs().map(Iterator::collect);
        // nobody listens any more when it took too long
        let _ = sender.send(found);
    };
    if let Err(e) = thread::Builder::new().name("resolver".to_owned()).spawn(lookup) {
        return Err(NoAddress::Unknown(words(&e)));
    }
    let Ok(found) = receiver.recv_timeout(deadline.left().unwrap_or_default()) else {
        return Err(NoAddress::Late);
    };
    let found = found.map_err(|e| NoAddress::Unknown(resolver_words(&e)))?;
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for address in found {
        if addresses.len() < MOST_ADDRESSES && !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        return Err(NoAddress::Unknown("the name has no address".to_owned()));
    }
    Ok(addresses)
}

fn resolver_words(error: &io::Error) -> String {
    let words = words(error);
    words.strip_prefix("failed to lookup address information: ").map_or(words.clone(), str::to_owned)
}

/// Returns the addresses in the order they are tried: families take turns, the resolver's favourite begins
/// (RFC 8305, 4).
pub fn taking_turns(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let Some(first) = addresses.first() else { return Vec::new() };
    let (mut favourites, mut others) = (Vec::new(), Vec::new());
    for address in addresses {
        if address.is_ipv4() == first.is_ipv4() { &mut favourites } else { &mut others }.push(*address);
    }
    let (mut favourites, mut others) = (favourites.into_iter(), others.into_iter());
    let mut order = Vec::with_capacity(addresses.len());
    loop {
        let pair = [favourites.next(), others.next()];
        if pair == [None, None] {
            return order;
        }
        order.extend(pair.into_iter().flatten());
    }
}

/// Returns the addresses without their port.
pub fn hosts(addresses: &[SocketAddr]) -> Vec<IpAddr> {
    addresses.iter().map(SocketAddr::ip).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|t| SocketAddr::new(t.parse().unwrap(), 443)).collect()
    }

    #[test]
    fn families_take_turns_and_the_favourite_begins() {
        for (given, wanted) in [
            (vec!["::1", "::2", "::3", "1.1.1.1"], vec!["::1", "1.1.1.1", "::2", "::3"]),
            (vec!["1.1.1.1", "::1", "::2"], vec!["1.1.1.1", "::1", "::2"]),
            (vec!["1.1.1.1", "1.1.1.2"], vec!["1.1.1.1", "1.1.1.2"]),
            (vec![], vec![]),
        ] {
            assert_eq!(taking_turns(&addresses(&given)), addresses(&wanted));
        }
    }

    #[test]
    fn an_address_needs_no_resolver() {
        let target = "[::1]:8443".parse().unwrap();
        let found = resolve(&target, Deadline::after(Duration::ZERO)).unwrap();
        assert_eq!(found, ["[::1]:8443".parse().unwrap()]);
    }

    #[test]
    fn a_name_that_cannot_exist_is_unknown() {
        // RFC 6761: `invalid` never resolves; without a resolver it fails as well
        let target = "host.invalid".parse().unwrap();
        let found = resolve(&target, Deadline::after(Duration::from_secs(30)));
        assert!(matches!(&found, Err(NoAddress::Unknown(words)) if !words.contains("os error")), "{found:?}");
    }
}
