//! A handshake that is done to be looked at.
//!
//! The connection it makes is **not verified**: the certificate of any impostor is accepted. That is harmless only
//! because nothing is ever sent over it, so the connection lives and dies inside [`examine`], which returns what was
//! seen and nothing that could be written to.

use std::io::{self, ErrorKind};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use rustls::crypto::{ActiveKeyExchange, CryptoProvider, SupportedKxGroup};
use rustls::{
    ClientConfig, ClientConnection, Error, InvalidMessage, NamedGroup, PeerIncompatible, ProtocolVersion,
};
use rustls_pki_types::ServerName;

use super::excerpt;
use super::recorder::Recorder;
use super::tapped::Tapped;
use crate::edge::{Deadline, net::Wire, net::words};
use crate::facts::handshake::{NO_COMMON_GROUP, Reached};
use crate::facts::{Handshake, Host, Target, TlsVersion};

/// The wait for what a server says after a handshake: enough for one nearby. A whole round trip would double the price
/// of a look at all others.
const PATIENCE: Duration = Duration::from_millis(2);
/// The same where it wants a client certificate, in round trips and at least and at most: without one it may refuse, and
/// somebody may have to look into the matter.
const PATIENCE_WITH_A_DEMAND: (u32, Duration, Duration) =
    (4, Duration::from_millis(500), Duration::from_millis(1500));

/// What a handshake showed, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// Everything seen until the end.
    pub handshake: Handshake,
    /// How far the server came.
    pub reached: Reached,
    /// The end.
    pub end: End,
}

/// How a handshake ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The server sent a fatal alert with this number.
    Alert(u8),
    /// Both sides finished.
    Completed,
    /// This side gave up; why.
    Failed(String),
    /// Something other than TLS answered; its first bytes.
    NotTls(String),
    /// The connection was cut, or closed in order.
    Reset {
        /// End of stream rather than a reset.
        closed: bool,
    },
    /// The deadline passed.
    TimedOut,
}

static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
    let mut provider = rustls::crypto::ring::default_provider();
    // a server of TLS 1.2 shows an elliptic certificate only to clients that name its curve (RFC 8422, 5.1)
    provider.kx_groups.push(&NamedOnly(NamedGroup::secp521r1));
    Arc::new(provider)
});

/// A group that is offered for the sake of certificates and in which no keys can be agreed on. It is offered last: a
/// server that picks it all the same has nothing else in common with us anyway.
#[derive(Debug)]
struct NamedOnly(NamedGroup);

impl SupportedKxGroup for NamedOnly {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        Err(PeerIncompatible::NoKxGroupsInCommon.into())
    }

    fn name(&self) -> NamedGroup {
        self.0
    }
}

/// What a greeting offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// What current clients do, and all that may serve to see a chain.
    Usual,
    /// The same without TLS 1.3.
    Tls12Alone,
    /// The same without signatures over SHA-1.
    WithoutSha1,
}

/// Does a handshake with whoever is at the other end of the wire, closes it, and returns what was seen.
pub fn examine(wire: &mut Wire, target: &Target, offer: Offer, deadline: Deadline) -> Examined {
    let recorder = Arc::new(Recorder::offering(offer));
    let mut wire = Tapped::new(wire, deadline);
    let mut connection = match connection(&recorder, target, offer) {
        Ok(connection) => connection,
        Err(reason) => {
            let (handshake, reached) = (Handshake::default(), Reached::Nothing);
            return Examined { handshake, reached, end: End::Failed(reason) };
        }
    };
    let begun = Instant::now();
    let stop = match drive(&mut connection, &mut wire) {
        Ok(()) => {
            let patience = if recorder.seen().client_certificate_requested {
                let (times, least, most) = PATIENCE_WITH_A_DEMAND;
                (begun.elapsed() * times).clamp(least, most)
            } else {
                PATIENCE
            };
            afterwards(&mut connection, &mut wire, Deadline::after(patience))
        }
        Err(stop) => Some(stop),
    };
    let end = stop.map_or(End::Completed, |stop| end(&stop, &mut wire));
    // said and not waited for: the answer would cost a round trip
    connection.send_close_notify();
    let _ = connection.write_tls(&mut wire);
    let mut handshake = recorder.seen();
    handshake.version = connection.protocol_version().and_then(version);
    handshake.cipher_suite =
        connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str().map(iana));
    handshake.secure_renegotiation = wire.secure_renegotiation();
    let reached = if !connection.is_handshaking() {
        Reached::Finished
    } else if !handshake.chain.is_empty() {
        Reached::Certificates
    } else if handshake.version.is_some() {
        Reached::Hello
    } else {
        Reached::Nothing
    };
    Examined { handshake, reached, end }
}

fn connection(recorder: &Arc<Recorder>, target: &Target, offer: Offer) -> Result<ClientConnection, String> {
    let versions = match offer {
        Offer::Tls12Alone => &[&rustls::version::TLS12][..],
        Offer::Usual | Offer::WithoutSha1 => rustls::DEFAULT_VERSIONS,
    };
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&PROVIDER))
        .with_protocol_versions(versions)
        .map_err(|e| e.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::<Recorder>::clone(recorder))
        .with_client_cert_resolver(Arc::<Recorder>::clone(recorder));
    config.resumption = rustls::client::Resumption::disabled();
    config.alpn_protocols = super::hello::application_protocols(target.port);
    ClientConnection::new(Arc::new(config), server_name(&target.host)?).map_err(|e| e.to_string())
}

/// Returns the name to send; for an address rustls sends none (RFC 6066, 3).
pub(super) fn server_name(host: &Host) -> Result<ServerName<'static>, String> {
    match host {
        Host::Ip(address) => Ok(ServerName::from(*address)),
        Host::Name(name) => ServerName::try_from(name.clone())
            .map_err(|_| "the name cannot be sent in a TLS handshake: it is not a DNS name".to_owned()),
    }
}

/// Why a handshake stopped.
enum Stop {
    Closed,
    Io(io::Error),
    Tls(Error),
}

fn drive(connection: &mut ClientConnection, wire: &mut Tapped<'_>) -> Result<(), Stop> {
    loop {
        let written = write(connection, wire);
        if written.is_ok() && !connection.is_handshaking() {
            return Ok(());
        }
        // a peer that has hung up may have said why before: what it sent is read even when writing failed
        match connection.read_tls(wire) {
            Ok(0) => return Err(written.err().map_or(Stop::Closed, Stop::Io)),
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(Stop::Io(written.err().unwrap_or(e))),
        }
        if let Err(e) = connection.process_new_packets() {
            let _ = connection.write_tls(wire);
            return Err(Stop::Tls(e));
        }
    }
}

/// Listens for what a server says to a client's last message: in TLS 1.3 the client is finished before the server has
/// read it, and a server that wants a certificate, or a device that cuts the connection, says so only then. The first
/// message of another kind (tickets, usually) shows that the server goes on.
fn afterwards(connection: &mut ClientConnection, wire: &mut Tapped<'_>, patience: Deadline) -> Option<Stop> {
    if connection.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
        return None;
    }
    wire.wait_only_until(patience);
    match connection.read_tls(wire) {
        Ok(1..) => connection.process_new_packets().err().map(Stop::Tls),
        Err(e) if e.kind() == ErrorKind::ConnectionReset => Some(Stop::Io(e)),
        // closed in order, or silent: it has nothing to say before it is asked something
        Ok(0) | Err(_) => None,
    }
}

fn write(connection: &mut ClientConnection, wire: &mut Tapped<'_>) -> io::Result<()> {
    while connection.wants_write() {
        match connection.write_tls(wire) {
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

fn end(stop: &Stop, wire: &mut Tapped<'_>) -> End {
    if let Some(first) = wire.something_else() {
        return End::NotTls(excerpt(first));
    }
    let end = match stop {
        Stop::Closed => End::Reset { closed: true },
        Stop::Io(e) => end_of_wire(e),
        Stop::Tls(Error::AlertReceived(description)) => End::Alert(u8::from(*description)),
        Stop::Tls(e) => End::Failed(explain(e)),
    };
    match (end, wire.warning()) {
        // a warning is no end, but what it says is why the end came
        (End::Reset { .. }, Some(description)) => End::Alert(description),
        (end, _) => end,
    }
}

/// Says how a handshake ended whose wire failed.
pub(super) fn end_of_wire(error: &io::Error) -> End {
    match error.kind() {
        ErrorKind::TimedOut => End::TimedOut,
        ErrorKind::UnexpectedEof => End::Reset { closed: true },
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            End::Reset { closed: false }
        }
        _ => End::Failed(words(error)),
    }
}

/// Puts into words what rustls only names.
fn explain(error: &Error) -> String {
    let words = match error {
        Error::PeerIncompatible(
            PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::ServerDoesNotSupportTls12Or13,
        ) => "the server chose a version older than TLS 1.2",
        Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon) => {
            "the server chose a cipher suite that was not offered"
        }
        Error::PeerIncompatible(PeerIncompatible::NoKxGroupsInCommon) => NO_COMMON_GROUP,
        Error::InvalidMessage(
            InvalidMessage::HandshakePayloadTooLarge | InvalidMessage::CertificatePayloadTooLarge,
        ) => "a message of the handshake is longer than 64 KiB",
        Error::DecryptError => {
            "a record of the handshake could not be decrypted: somebody changes it on the way"
        }
        _ => return error.to_string(),
    };
    words.to_owned()
}

fn version(version: ProtocolVersion) -> Option<TlsVersion> {
    match version {
        ProtocolVersion::TLSv1_2 => Some(TlsVersion::Tls12),
        ProtocolVersion::TLSv1_3 => Some(TlsVersion::Tls13),
        _ => None,
    }
}

/// Returns a cipher suite's name as IANA writes it; rustls says `TLS13_...` where IANA says `TLS_...`.
fn iana(name: &'static str) -> String {
    name.replacen("TLS13_", "TLS_", 1)
}
