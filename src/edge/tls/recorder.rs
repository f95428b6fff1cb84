//! Writes down what a server shows, and never says no: judging is done elsewhere, with two stores and more time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::MOST_CERTIFICATES;
use super::handshake::Offer;
use super::signature::{self, Proof};
use crate::facts::{Certificate, Handshake, handshake::Base64Bytes};

/// Takes the place of the verifier and of the client's certificate in **one** handshake after which nothing is sent.
///
/// The connection it lets through is not verified. So it never leaves this room: see [`super::handshake`].
#[derive(Debug, Default)]
pub(super) struct Recorder {
    seen: Mutex<Handshake>,
    without_sha1: bool,
}

impl Recorder {
    /// Makes one for a greeting.
    pub(super) fn offering(offer: Offer) -> Self {
        Self { without_sha1: offer == Offer::WithoutSha1, ..Self::default() }
    }

    /// Returns what was seen so far.
    pub(super) fn seen(&self) -> Handshake {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Handshake> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note_chain(&self, leaf: &[u8], others: &[CertificateDer<'_>], staple: &[u8]) {
        let mut seen = self.lock();
        let others = others.iter().map(AsRef::as_ref).take(MOST_CERTIFICATES - 1);
        seen.chain = std::iter::once(leaf).chain(others).map(Certificate::from_der).collect();
        seen.staple = (!staple.is_empty()).then(|| Base64Bytes(staple.to_vec()));
    }

    fn note_proof(&self, leaf: &[u8], message: &[u8], signed: &DigitallySignedStruct) {
        self.lock().proved_with_sha1 |= signature::is_sha1(signed.scheme);
        if let Proof::Bad(reason) = signature::verify(leaf, signed.scheme, message, signed.signature()) {
            self.lock().bad_signature = Some(reason);
        }
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.note_chain(end_entity, intermediates, ocsp_response);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.note_proof(cert, message, dss);
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.note_proof(cert, message, dss);
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut offered = signature::offered();
        offered.retain(|scheme| !(self.without_sha1 && signature::is_sha1(*scheme)));
        offered
    }
}

impl ResolvesClientCert for Recorder {
    /// Is asked when the server wants a client certificate; there is none to give.
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.lock().client_certificate_requested = true;
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}
