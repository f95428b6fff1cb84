//! Looks at one server: every rung of the ladder from its name to the finished handshake, each with its deadline.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use super::Deadline;
use super::net::Wire;
use super::net::connect::{NoConnection, connect};
use super::net::resolve::{NoAddress, hosts, resolve, taking_turns};
use super::proxy;
use super::tls::hello::{ClientHello, UP_TO_TLS12, application_protocols, for_host};
use super::tls::{self, End, Examined, Offer, Untrusted, raw};
use crate::facts::handshake::{Reached, Role, Step, TargetLook};
use crate::facts::route::ProxyScheme;
use crate::facts::{Certificate, Handshake, Host, Outcome, ProxyUrl, Route, Target, TlsVersion};

/// One server to look at, and how.
pub struct Errand<'a> {
    /// Whom to ask for.
    pub target: Target,
    /// Why.
    pub role: Role,
    /// Where to connect instead; name and certificate stay the target's.
    pub detour: Option<Target>,
    /// By which way.
    pub route: Route,
    /// The longest a single step may take.
    pub timeout: Duration,
    /// The moment by which everything must be over, where this is part of something that has one.
    pub until: Option<Deadline>,
    /// Where it may lead.
    pub reach: Reach,
    /// The roots that the certificate of an `https://` proxy is verified with; asked for only then.
    pub proxy_roots: &'a (dyn Fn() -> Vec<Certificate> + Sync),
}

/// Where a connection may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Anywhere: somebody who may decide that named the host.
    Anywhere,
    /// As for strangers, and to this computer itself: what named the host answers on it and was asked on purpose.
    Neighbours,
    /// Only where it can do no harm, because a stranger named the host: not to this computer itself, its link or a
    /// cloud's metadata service. A detour is the user's word and leads anywhere.
    Strangers,
}

impl Reach {
    fn holds(self, address: IpAddr) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Neighbours => address.to_canonical().is_loopback() || !is_inside(address),
            Self::Strangers => !is_inside(address),
        }
    }
}

/// Looks at one server. Ends within the sum of the steps' deadlines, whatever the server does.
pub fn look(errand: &Errand<'_>) -> TargetLook {
    let started = Instant::now();
    let mut met = Met::default();
    let reached = errand.reach(&mut met);
    let mut look = TargetLook {
        route: errand.route.clone(),
        addresses: met.addresses,
        address: met.address,
        proxy_handshake: met.proxy_handshake,
        ..TargetLook::new(errand.target.clone(), errand.role.clone(), Outcome::Completed)
    };
    let mut wire = match reached {
        Ok(wire) => wire,
        Err(outcome) => return TargetLook { outcome, ..look },
    };
    look.connect_ms = Some(milliseconds(started));
    let begun = Instant::now();
    let examined = tls::examine(&mut wire, &errand.target, Offer::Usual, errand.next_step());
    drop(wire);
    look.handshake_ms = Some(milliseconds(begun));
    look.reached = examined.reached;
    let seen = match refused_by_clients(&examined) {
        Some(reason) => Seen::of(examined, |_| Outcome::HandshakeFailed { reason }),
        None => errand.second_look(examined),
    };
    look.outcome = seen.outcome;
    look.tolerates = seen.tolerates;
    look.handshake = Some(seen.handshake).filter(|seen| *seen != Handshake::default());
    look
}

/// What one or more handshakes showed, put together.
struct Seen {
    outcome: Outcome,
    handshake: Handshake,
    tolerates: Option<TlsVersion>,
}

impl Seen {
    fn of(examined: Examined, outcome: impl FnOnce(End) -> Outcome) -> Self {
        Self { outcome: outcome(examined.end), handshake: examined.handshake, tolerates: None }
    }
}

/// Whether an address means this computer, its link, or the metadata service that clouds put on it.
fn is_inside(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => {
            ip.is_loopback()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_broadcast()
                || ip.octets()[0] == 0
                || METADATA_V4.contains(&ip)
        }
        IpAddr::V6(ip) => {
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_unicast_link_local()
                || ip.is_multicast()
                || METADATA_V6.contains(&ip)
        }
    }
}

/// Metadata services that are not link-local: Alibaba Cloud's and Azure's (`WireServer`).
const METADATA_V4: [Ipv4Addr; 2] = [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16)];
/// Amazon's, and Google's for machines that have IPv6 alone.
const METADATA_V6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)];

/// Says why a client that checks ends the handshake although we went on: whoever answered did not prove to own the
/// key of the certificate. How the handshake went on from there is nobody's experience.
fn refused_by_clients(examined: &Examined) -> Option<String> {
    let ended_otherwise = matches!(examined.end, End::NotTls(_));
    examined.handshake.bad_signature.clone().filter(|_| !ended_otherwise)
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// What was met on the way to a server, whether or not the way led there.
#[derive(Clone, Debug, Default)]
pub struct Met {
    /// The addresses of the server's name, in the order tried.
    pub addresses: Vec<IpAddr>,
    /// The address that answered: the server's, or its proxy's.
    pub address: Option<IpAddr>,
    /// What TLS to an `https://` proxy showed.
    pub proxy_handshake: Option<Handshake>,
}

impl Errand<'_> {
    /// Makes a connection to the server, by the route.
    pub fn reach(&self, met: &mut Met) -> Result<Wire, Outcome> {
        match &self.route {
            Route::Direct { .. } => self.reach_directly(met),
            Route::Proxy { proxy, .. } => self.reach_through(proxy, met),
            Route::Unreadable { set_by, problem } => {
                Err(Outcome::ProxyUnreachable { message: format!("{set_by} is {problem}") })
            }
        }
    }

    /// Makes a connection for a request in plain HTTP. A proxy that it comes with takes the request itself.
    ///
    /// A detour goes through a tunnel, as curl's does: the request names the host it is meant for.
    pub(super) fn reach_plain(&self, met: &mut Met) -> Result<(Wire, Option<&ProxyUrl>), Outcome> {
        match &self.route {
            Route::Proxy { proxy, .. }
                if self.detour.is_none()
                    && matches!(proxy.scheme, ProxyScheme::Http | ProxyScheme::Https) =>
            {
                self.permitted(&self.target.host)?;
                Ok((self.reach_proxy(proxy, met)?, Some(proxy)))
            }
            _ => self.reach(met).map(|wire| (wire, None)),
        }
    }

    fn next_step(&self) -> Deadline {
        let step = Deadline::after(self.timeout);
        self.until.map_or(step, |end| step.or_earlier(end))
    }

    /// Where the connection goes: the target, or the detour.
    fn destination(&self) -> &Target {
        self.detour.as_ref().unwrap_or(&self.target)
    }

    /// Returns the addresses of the destination, none of which is out of reach.
    fn addresses(&self) -> Result<Vec<SocketAddr>, Outcome> {
        let found = resolve(self.destination(), self.next_step()).map_err(not_resolved)?;
        for address in &found {
            self.permitted(&Host::Ip(address.ip()))?;
        }
        Ok(found)
    }

    /// Fails for an address that a stranger may not lead to; names are told by their addresses.
    fn permitted(&self, host: &Host) -> Result<(), Outcome> {
        match host {
            Host::Ip(ip) if self.detour.is_none() && !self.reach.holds(*ip) => {
                let message = format!(
                    "{ip} belongs to this computer or its link and is not asked on a stranger's word"
                );
                Err(Outcome::Unreachable { message })
            }
            _ => Ok(()),
        }
    }

    /// Returns the addresses as those of the target's name, which those of a detour are not.
    fn of_the_name(&self, found: Vec<IpAddr>) -> Vec<IpAddr> {
        if self.detour.is_none() { found } else { Vec::new() }
    }

    fn reach_directly(&self, met: &mut Met) -> Result<Wire, Outcome> {
        let found = self.addresses()?;
        met.addresses = self.of_the_name(hosts(&taking_turns(&found)));
        let socket = connect(&found, self.next_step()).map_err(|failure| match failure {
            NoConnection::Late => Outcome::TimedOut { step: Step::Connect },
            NoConnection::Refused => Outcome::Refused,
            NoConnection::Unreachable(message) => Outcome::Unreachable { message },
        })?;
        met.address = socket.peer_addr().ok().map(|a| a.ip());
        Ok(Wire::new(socket, self.next_step()))
    }

    fn reach_through(&self, proxy: &ProxyUrl, met: &mut Met) -> Result<Wire, Outcome> {
        self.permitted(&self.target.host)?;
        let mut wire = self.reach_proxy(proxy, met)?;
        wire.until(self.next_step());
        let mut address = |wire: &mut Wire| {
            let found = self.addresses();
            wire.until(self.next_step());
            let found = found?;
            met.addresses = self.of_the_name(hosts(&found));
            let none = || Outcome::NotResolved { message: "the name has no address".to_owned() };
            found.first().copied().ok_or_else(none)
        };
        proxy::tunnel(wire, proxy, self.destination(), &mut address)
    }

    fn reach_proxy(&self, proxy: &ProxyUrl, met: &mut Met) -> Result<Wire, Outcome> {
        let unreachable = |message: String| Outcome::ProxyUnreachable { message };
        let host: Host = proxy
            .host
            .parse()
            .map_err(|_| unreachable("its address is neither a name nor an IP address".to_owned()))?;
        let at = Target::new(host.clone(), proxy.port);
        let found = resolve(&at, self.next_step()).map_err(|failure| {
            unreachable(match failure {
                NoAddress::Late => format!("the name {host} was not resolved in time"),
                NoAddress::Unknown(words) => format!("the name {host} does not resolve: {words}"),
            })
        })?;
        let socket = connect(&found, self.next_step()).map_err(|failure| {
            unreachable(match failure {
                NoConnection::Late => format!("no answer from {at} within {:?}", self.timeout),
                NoConnection::Refused => format!("nothing listens on {at}"),
                NoConnection::Unreachable(words) => format!("no way to {at}: {words}"),
            })
        })?;
        met.address = socket.peer_addr().ok().map(|a| a.ip());
        let wire = Wire::new(socket, self.next_step());
        if proxy.scheme != ProxyScheme::Https {
            return Ok(wire);
        }
        let (seen, verified) =
            tls::connect_verified(wire, &host, &(self.proxy_roots)(), None, self.next_step());
        met.proxy_handshake = Some(seen);
        verified.map_err(untrusted_proxy)
    }

    /// Asks the server with a hand-written ClientHello, over a connection of its own.
    pub fn ask(&self, version: TlsVersion, cipher_suites: &[u16]) -> Result<raw::Answer, Outcome> {
        let hello = ClientHello {
            version,
            cipher_suites,
            host: &self.target.host,
            application_protocols: &application_protocols(self.target.port),
        };
        self.ask_with(&hello.records())
    }

    /// Asks the server with the ClientHello of another program, over a connection of its own.
    pub fn ask_as(&self, hello: &[u8]) -> Result<raw::Answer, Outcome> {
        let unreadable = || Outcome::HandshakeFailed { reason: "its ClientHello cannot be read".to_owned() };
        self.ask_with(&for_host(hello, &self.target.host).ok_or_else(unreadable)?)
    }

    fn ask_with(&self, records: &[u8]) -> Result<raw::Answer, Outcome> {
        let mut wire = self.reach(&mut Met::default())?;
        Ok(raw::ask(&mut wire, records, self.next_step()))
    }

    fn examine(&self, offer: Offer) -> Result<Examined, Outcome> {
        let mut wire = self.reach(&mut Met::default())?;
        Ok(tls::examine(&mut wire, &self.target, offer, self.next_step()))
    }

    /// Looks again where the first look does not tell all. The good case costs nothing, a silent server is not asked
    /// twice.
    fn second_look(&self, first: Examined) -> Seen {
        let ended_early = matches!(first.end, End::Alert(_) | End::Failed(_) | End::Reset { .. });
        if ended_early && first.handshake.chain.is_empty() {
            return self.look_with_an_older_greeting(first);
        }
        if first.end == End::Completed && first.handshake.proved_with_sha1 {
            return self.look_without_sha1(first);
        }
        Seen::of(first, outcome)
    }

    /// Looks again where the first look ended before the certificates and a ClientHello of the old kind may see them.
    fn look_with_an_older_greeting(&self, first: Examined) -> Seen {
        let Ok(second) = self.ask(TlsVersion::Tls12, UP_TO_TLS12) else { return Seen::of(first, outcome) };
        let finishes =
            |suite| second.handshake.version == Some(TlsVersion::Tls12) && tls::can_finish_with(suite);
        if first.reached == Reached::Nothing
            && second.cipher_suite.is_some_and(finishes)
            && let Ok(third) = self.examine(Offer::Tls12Alone)
            && third.end == End::Completed
        {
            let tolerates = Some(TlsVersion::Tls12);
            return Seen { outcome: outcome(first.end), handshake: third.handshake, tolerates };
        }
        put_together(first, second)
    }

    /// Looks again where the server signed with SHA-1, which current clients do not offer: it may know better.
    fn look_without_sha1(&self, first: Examined) -> Seen {
        match self.examine(Offer::WithoutSha1) {
            Ok(Examined { end: End::Alert(_) | End::Failed(_) | End::Reset { .. }, .. }) => {
                Seen::of(first, |_| Outcome::HandshakeFailed {
                    reason: "it signs with SHA-1 only".to_owned(),
                })
            }
            Ok(second) if second.end == End::Completed => Seen::of(second, outcome),
            _ => Seen::of(first, outcome),
        }
    }
}

/// Puts two looks together: the second may know more of the server, the first decides what happened otherwise.
fn put_together(first: Examined, second: raw::Answer) -> Seen {
    let (Some(version), Some(suite)) = (second.handshake.version, second.cipher_suite) else {
        return Seen::of(first, outcome);
    };
    let outcome = if version < TlsVersion::Tls12 || !tls::can_finish_with(suite) {
        Outcome::LegacyOnly { version, cipher_suite: raw::cipher_suite_name(suite) }
    } else if let Some(length) = second.certificate_message.filter(|length| *length > tls::LONGEST_FOR_RUSTLS)
    {
        let reason = format!("its certificate message has {length} bytes: more than 64 KiB");
        Outcome::HandshakeFailed { reason }
    } else {
        outcome(first.end)
    };
    let handshake = if second.handshake.chain.is_empty() && first.handshake.version.is_some() {
        first.handshake
    } else {
        second.handshake
    };
    Seen { outcome, handshake, tolerates: None }
}

/// Returns how far a look went whose handshake ended so.
pub fn outcome(end: End) -> Outcome {
    match end {
        End::Alert(description) => Outcome::Alert { description },
        End::Completed => Outcome::Completed,
        End::Failed(reason) => Outcome::HandshakeFailed { reason },
        End::NotTls(excerpt) => Outcome::NotTls { excerpt },
        End::Reset { closed } => Outcome::Reset { closed },
        End::TimedOut => Outcome::TimedOut { step: Step::Handshake },
    }
}

fn not_resolved(failure: NoAddress) -> Outcome {
    match failure {
        NoAddress::Late => Outcome::TimedOut { step: Step::Resolve },
        NoAddress::Unknown(message) => Outcome::NotResolved { message },
    }
}

fn untrusted_proxy(untrusted: Untrusted) -> Outcome {
    let message = match untrusted {
        Untrusted::Certificate(reason) => return Outcome::ProxyUntrusted { reason },
        Untrusted::Handshake(End::Alert(number)) => format!("it ended the TLS handshake with alert {number}"),
        Untrusted::Handshake(End::Failed(words)) => format!("the TLS handshake with it failed: {words}"),
        Untrusted::Handshake(End::NotTls(_)) => {
            "it does not answer with TLS: its address may have to begin with http://".to_owned()
        }
        Untrusted::Handshake(End::TimedOut) => {
            "the TLS handshake with it was not finished in time".to_owned()
        }
        Untrusted::Handshake(End::Reset { .. } | End::Completed) => {
            "it cut the connection during the TLS handshake".to_owned()
        }
    };
    Outcome::ProxyUnreachable { message }
}
