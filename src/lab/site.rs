//! Servers: one that presents exactly the chain it was given, and every way of not being a TLS server.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig, ServerConnection, Stream, SupportedProtocolVersion};
use rustls_pki_types::CertificateDer;
use time::OffsetDateTime;

use super::http;
use super::mint::{Authority, Identity};
use super::service::Service;

/// What a server does with a connection.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a handful exist, each for a moment")]
pub enum Site {
    /// Reads the ClientHello and answers with a fatal alert of this number.
    Alert(u8),
    /// Reads the ClientHello and closes in order.
    Close,
    /// Reads the ClientHello and answers with the beginning of a record, one byte every 200 ms, for ever.
    Drips,
    /// Answers as a server that knows nothing newer than TLS 1.`minor - 1`: a ServerHello of version 3.`minor` and
    /// its chain in the clear.
    Legacy(Identity, u8),
    /// Answers like a web server that was not asked for TLS.
    PlainHttp,
    /// Reads the ClientHello and resets the connection.
    Reset,
    /// Accepts and says nothing.
    Silent,
    /// Speaks first, for example an SSH banner, whatever the client says.
    Speaks(Vec<u8>),
    /// Reads the ClientHello, answers this, and says nothing more.
    Stalls(Vec<u8>),
    /// Presents an identity.
    Tls(Identity, TlsOptions),
}

/// How a TLS server behaves.
#[derive(Clone, Debug, Default)]
pub struct TlsOptions {
    /// The versions it accepts; both 1.2 and 1.3 when empty.
    pub versions: Vec<&'static SupportedProtocolVersion>,
    /// Demands a client certificate issued by this authority.
    pub client_authority: Option<Authority>,
    /// What its `Date` header says instead of the present.
    pub date: Option<OffsetDateTime>,
}

impl Site {
    /// Returns a TLS site with nothing special about it.
    pub fn tls(identity: Identity) -> Self {
        Self::Tls(identity, TlsOptions::default())
    }

    /// Returns a server that speaks first.
    pub fn speaks(text: &str) -> Self {
        Self::Speaks(text.as_bytes().to_vec())
    }

    /// Starts serving on a free port of 127.0.0.1.
    pub fn start(self) -> io::Result<Service> {
        self.start_at((Ipv4Addr::LOCALHOST, 0).into())
    }

    /// Starts serving at a given address.
    pub fn start_at(self, address: SocketAddr) -> io::Result<Service> {
        let serve: Box<dyn Fn(TcpStream) -> io::Result<()> + Send + Sync> = match self {
            Self::Tls(identity, options) => {
                let config = server_config(Arc::new(Always(certified(&identity)?)), &options)?;
                Box::new(move |stream| serve_tls(stream, &config, options.date))
            }
            other => Box::new(move |stream| other.misbehave(stream)),
        };
        // a client that leaves in the middle is no concern of the server's
        Service::start_at(address, move |stream| drop(serve(stream)))
    }

    fn misbehave(&self, mut stream: TcpStream) -> io::Result<()> {
        match self {
            Self::Alert(description) => {
                read_some(&mut stream)?;
                stream.write_all(&[21, 3, 3, 0, 2, 2, *description])?;
                finish(&mut stream)
            }
            Self::Close => {
                read_some(&mut stream)?;
                finish(&mut stream)
            }
            Self::Drips => {
                read_some(&mut stream)?;
                for byte in [22, 3, 3, 0x3f, 0].into_iter().chain(std::iter::repeat(0)) {
                    stream.write_all(&[byte])?;
                    std::thread::sleep(Duration::from_millis(200));
                }
                Ok(())
            }
            Self::Legacy(identity, minor) => {
                read_some(&mut stream)?;
                stream.write_all(&legacy_flight(identity, *minor))?;
                finish(&mut stream)
            }
            Self::PlainHttp => {
                read_some(&mut stream)?;
                stream.write_all(
                    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n\
                      <html><body>The plain HTTP request was expected here.</body></html>\r\n",
                )?;
                finish(&mut stream)
            }
            Self::Reset => {
                read_some(&mut stream)?;
                socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))
            }
            Self::Speaks(bytes) => {
                stream.write_all(bytes)?;
                finish(&mut stream)
            }
            Self::Stalls(bytes) => {
                read_some(&mut stream)?;
                stream.write_all(bytes)?;
                drain(&mut stream)
            }
            Self::Silent | Self::Tls(..) => drain(&mut stream),
        }
    }
}

/// Returns a server configuration that takes its certificate from the resolver.
pub(super) fn server_config(
    resolver: Arc<dyn ResolvesServerCert>,
    options: &TlsOptions,
) -> io::Result<Arc<ServerConfig>> {
    let provider = Arc::new(ring::default_provider());
    let versions: &[_] =
        if options.versions.is_empty() { rustls::DEFAULT_VERSIONS } else { &options.versions };
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .map_err(io::Error::other)?;
    let builder = match &options.client_authority {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.certificate().der().to_vec().into()).map_err(io::Error::other)?;
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(io::Error::other)?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    Ok(Arc::new(builder.with_cert_resolver(resolver)))
}

/// Returns an identity in rustls's form; the chain is not looked at, so that any nonsense can be presented.
pub(super) fn certified(identity: &Identity) -> io::Result<Arc<CertifiedKey>> {
    let chain = identity.chain.iter().map(|c| CertificateDer::from(c.der().to_vec())).collect();
    let key = ring::sign::any_supported_type(&identity.key_der()).map_err(io::Error::other)?;
    let mut certified = CertifiedKey::new(chain, key);
    certified.ocsp.clone_from(&identity.staple);
    Ok(Arc::new(certified))
}

/// Does the handshake, answers one request, and closes in order.
pub(super) fn serve_tls(
    mut stream: TcpStream,
    config: &Arc<ServerConfig>,
    date: Option<OffsetDateTime>,
) -> io::Result<()> {
    let mut connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    let served = http::answer(
        &mut Stream::new(&mut connection, &mut stream),
        date.unwrap_or_else(OffsetDateTime::now_utc),
    );
    connection.send_close_notify();
    // also after an error: what the client must hear (an alert) may still be waiting to be written
    while connection.wants_write() && connection.write_tls(&mut stream).is_ok_and(|n| n > 0) {}
    finish(&mut stream)?;
    served
}

#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// ServerHello, Certificate and ServerHelloDone of an old server (RFC 4346, 7.4) with RSA key exchange.
fn legacy_flight(identity: &Identity, minor: u8) -> Vec<u8> {
    let mut hello = vec![3, minor];
    hello.extend([0x42; 32]); // random
    hello.extend([0, 0x00, 0x2f, 0]); // no session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression
    let certificates: Vec<u8> =
        identity.chain.iter().flat_map(|c| [&length24(c.der().len()), c.der()].concat()).collect();
    let certificates = [&length24(certificates.len())[..], &certificates].concat();
    let mut flight = Vec::new();
    for (kind, body) in [(2, hello), (11, certificates), (14, Vec::new())] {
        let message = [&[kind][..], &length24(body.len()), &body].concat();
        for fragment in message.chunks(1 << 14) {
            let [high, low] = u16::try_from(fragment.len()).unwrap_or_default().to_be_bytes();
            flight.extend([22, 3, minor, high, low]);
            flight.extend(fragment);
        }
    }
    flight
}

fn length24(length: usize) -> [u8; 3] {
    let [_, a, b, c] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    [a, b, c]
}

fn read_some(stream: &mut TcpStream) -> io::Result<()> {
    stream.read(&mut [0; 16 * 1024]).map(drop)
}

/// Says that nothing more comes and waits for the peer to leave: closing at once would reset what it has not read.
fn finish(stream: &mut TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    drain(stream)
}

fn drain(stream: &mut TcpStream) -> io::Result<()> {
    while stream.read(&mut [0; 4096])? > 0 {}
    Ok(())
}
