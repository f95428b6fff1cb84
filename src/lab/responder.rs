//! What an OCSP responder says, in the form in which servers staple it: sound, or with the one fault a test is about.

use std::fmt::Display;
use std::io;

use rcgen::SigningKey as _;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use time::{Duration, OffsetDateTime};
use x509_cert::der::asn1::{BitString, GeneralizedTime, Null, ObjectIdentifier, OctetString};
use x509_cert::der::{Any, Encode as _};
use x509_cert::ext::pkix::CrlReason;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspGeneralizedTime, OcspResponse, ResponderId, ResponseData,
    RevokedInfo, SingleResponse, Version,
};

use super::mint::Authority;
use crate::facts::Certificate;

/// A responder's statement about one certificate.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    /// Since when the certificate is revoked, from the mint's moment; it is good when absent.
    pub revoked: Option<Duration>,
    /// From when on it holds, from the mint's moment.
    pub from: Duration,
    /// By when there will be a newer one.
    pub until: Duration,
}

impl Statement {
    /// Returns what a careful responder says about a certificate that is in order.
    pub fn good() -> Self {
        Self { revoked: None, from: Duration::hours(-20), until: Duration::days(6) }
    }

    /// Returns what it says about one that was withdrawn some days ago.
    pub fn revoked() -> Self {
        Self { revoked: Some(Duration::days(-3)), ..Self::good() }
    }
}

impl Authority {
    /// Answers for this authority about a certificate that it issued; DER.
    pub fn staple(&self, leaf: &Certificate, statement: Statement) -> io::Result<Vec<u8>> {
        self.staple_signed_by(self, leaf, statement)
    }

    /// The same statement in this authority's name, signed by another.
    pub fn staple_signed_by(
        &self,
        signer: &Self,
        leaf: &Certificate,
        statement: Statement,
    ) -> io::Result<Vec<u8>> {
        self.response(signer, leaf, statement).map_err(|Failed(why)| io::Error::other(why))
    }

    fn response(&self, signer: &Self, leaf: &Certificate, statement: Statement) -> Result<Vec<u8>, Failed> {
        let at = |offset: Duration| moment(self.moment() + offset);
        let own = self.certificate().details()?;
        let key_hash = sha1(self.key().public_key_raw())?;
        let cert_id = CertId {
            hash_algorithm: AlgorithmIdentifierOwned { oid: SHA1, parameters: Some(Any::from(Null)) },
            issuer_name_hash: sha1(own.subject.der())?,
            issuer_key_hash: key_hash.clone(),
            serial_number: SerialNumber::new(&leaf.details()?.serial)?,
        };
        let cert_status = match statement.revoked {
            None => CertStatus::good(),
            Some(since) => CertStatus::revoked(RevokedInfo {
                revocation_time: at(since)?,
                revocation_reason: Some(CrlReason::KeyCompromise),
            }),
        };
        let about = SingleResponse {
            cert_id,
            cert_status,
            this_update: at(statement.from)?,
            next_update: Some(at(statement.until)?),
            single_extensions: None,
        };
        let tbs_response_data = ResponseData {
            version: Version::V1,
            responder_id: ResponderId::ByKey(key_hash),
            produced_at: at(statement.from)?,
            responses: vec![about],
            response_extensions: None,
        };
        let signature = signer.key().sign(&tbs_response_data.to_der()?)?;
        let basic = BasicOcspResponse {
            tbs_response_data,
            signature_algorithm: AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA256, parameters: None },
            signature: BitString::from_bytes(&signature)?,
            certs: None,
        };
        Ok(OcspResponse::successful(basic)?.to_der()?)
    }
}

/// Why no response could be made, in the words of whoever failed: not all of them have errors of the usual kind.
struct Failed(String);

impl<E: Display> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

/// SHA-1 is what every responder uses to say which issuer is meant (RFC 5019, 2.1.1).
fn sha1(bytes: &[u8]) -> Result<OctetString, Failed> {
    Ok(OctetString::new(digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref())?)
}

fn moment(at: OffsetDateTime) -> Result<OcspGeneralizedTime, Failed> {
    let since_epoch = std::time::Duration::from_secs(u64::try_from(at.unix_timestamp())?);
    Ok(OcspGeneralizedTime(GeneralizedTime::from_unix_duration(since_epoch)?))
}
