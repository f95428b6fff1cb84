//! TLS, verified: through this connection something is sent (to a proxy `CONNECT` and perhaps a password, to a server
//! the question for its time), so here the certificate is not only looked at.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::default_provider;
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, StreamOwned,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use time::OffsetDateTime;

use super::handshake::{End, end_of_wire, server_name};
use super::recorder::Recorder;
use crate::edge::{Deadline, net::Wire};
use crate::facts::{Certificate, Handshake, Host};

/// Why there is no verified connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Untrusted {
    /// The certificate did not verify; why.
    Certificate(String),
    /// The handshake failed for another reason.
    Handshake(End),
}

/// Does a handshake and verifies it against the given roots; what was presented is returned in either case.
///
/// Validity is judged at the moment, which is the machine's present when absent.
pub fn connect_verified(
    mut wire: Wire,
    host: &Host,
    roots: &[Certificate],
    moment: Option<OffsetDateTime>,
    deadline: Deadline,
) -> (Handshake, Result<Wire, Untrusted>) {
    wire.until(deadline);
    let recorder = Arc::new(Recorder::default());
    let result = handshake(wire, host, roots, moment, &recorder);
    (recorder.seen(), result)
}

fn handshake(
    mut wire: Wire,
    host: &Host,
    roots: &[Certificate],
    moment: Option<OffsetDateTime>,
    recorder: &Arc<Recorder>,
) -> Result<Wire, Untrusted> {
    let failed = |words: String| Untrusted::Handshake(End::Failed(words));
    let provider = Arc::new(default_provider());
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(roots.iter().map(|root| CertificateDer::from(root.der())));
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(&provider))
        .build()
        .map_err(|_| Untrusted::Certificate("there are no roots to verify it with".to_owned()))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(rustls::DEFAULT_VERSIONS)
        .map_err(|e| failed(e.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Witnessed {
            recorder: Arc::clone(recorder),
            verifier,
            moment,
        }))
        .with_client_cert_resolver(Arc::<Recorder>::clone(recorder));
    let name = server_name(host).map_err(failed)?;
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(|e| failed(e.to_string()))?;
    while connection.is_handshaking() {
        if let Err(e) = connection.complete_io(&mut wire) {
            return Err(match e.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
                Some(Error::InvalidCertificate(reason)) => Untrusted::Certificate(reason.to_string()),
                Some(Error::AlertReceived(alert)) => Untrusted::Handshake(End::Alert(u8::from(*alert))),
                Some(Error::InvalidMessage(_)) => Untrusted::Handshake(End::NotTls(String::new())),
                Some(other) => failed(other.to_string()),
                None if e.kind() == ErrorKind::WouldBlock => Untrusted::Handshake(End::TimedOut),
                None => Untrusted::Handshake(end_of_wire(&e)),
            });
        }
    }
    Ok(Wire::through(StreamOwned::new(connection, wire)))
}

/// A verifier that verifies, with a witness.
#[derive(Debug)]
struct Witnessed {
    recorder: Arc<Recorder>,
    verifier: Arc<WebPkiServerVerifier>,
    moment: Option<OffsetDateTime>,
}

impl ServerCertVerifier for Witnessed {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.recorder.note_chain(end_entity, intermediates, ocsp_response);
        let seconds = self.moment.and_then(|moment| u64::try_from(moment.unix_timestamp()).ok());
        let now = seconds.map_or(now, |s| UnixTime::since_unix_epoch(Duration::from_secs(s)));
        self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
