//! Certification authorities that exist for a moment: any chain, at any date, with any fault that X.509 can hold.
//!
//! A [`Profile`] starts out as what a careful CA would issue; a test changes the one thing it is about.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rcgen::{
    CertificateParams, CrlDistributionPoint, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    NameConstraints, PublicKeyData, SanType, SerialNumber,
};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use time::{Duration, OffsetDateTime};

use crate::facts::Certificate;
pub use crate::facts::certificate::BasicConstraints;

/// The moment that every certificate of a lab is minted around.
#[derive(Clone, Copy, Debug)]
pub struct Mint {
    now: OffsetDateTime,
}

/// A certification authority: its certificate and its key.
#[derive(Clone, Debug)]
pub struct Authority {
    mint: Mint,
    certificate: Certificate,
    subject: DistinguishedName,
    key: Arc<KeyPair>,
}

/// A server's certificate with its key, and the chain it presents.
#[derive(Clone, Debug)]
pub struct Identity {
    /// What goes over the wire, leaf first.
    pub chain: Vec<Certificate>,
    /// A DER-encoded OCSP response to staple.
    pub staple: Option<Vec<u8>>,
    key: Arc<KeyPair>,
}

/// What a certificate will say.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of a certificate that is there or not")]
pub struct Profile {
    /// Subject attributes in order.
    pub subject: Vec<(DnType, String)>,
    /// DNS names and addresses of subjectAltName; empty leaves the extension out.
    pub names: Vec<String>,
    /// Start of the validity, from the mint's moment.
    pub from: Duration,
    /// End of the validity, from the mint's moment.
    pub until: Duration,
    /// The basicConstraints extension, if any.
    pub basic_constraints: Option<BasicConstraints>,
    /// The keyUsage extension; empty leaves it out.
    pub key_usage: Vec<KeyUsagePurpose>,
    /// The extendedKeyUsage extension; empty leaves it out.
    pub extended_key_usage: Vec<ExtendedKeyUsagePurpose>,
    /// Whether to carry a subjectKeyIdentifier.
    pub subject_key_identifier: bool,
    /// Whether to carry an authorityKeyIdentifier.
    pub authority_key_identifier: bool,
    /// DNS suffixes that nameConstraints permits.
    pub permitted_names: Vec<String>,
    /// Number of (invented) certificate-transparency timestamps.
    pub timestamps: u8,
    /// Where authorityInfoAccess says the issuer's certificate is.
    pub issuer_url: Option<String>,
    /// The OCSP responder that authorityInfoAccess names.
    pub ocsp_url: Option<String>,
    /// The CRL distribution point.
    pub crl_url: Option<String>,
    /// Whether the certificate demands an OCSP staple (RFC 7633).
    pub must_staple: bool,
    /// Further extensions: OID, criticality, content.
    pub extensions: Vec<(Vec<u64>, bool, Vec<u8>)>,
    /// The serial number; a fresh one when absent.
    pub serial: Option<Vec<u8>>,
    /// Whether a stranger's key signs in the issuer's name, so that the signature does not verify.
    pub forged: bool,
}

impl Mint {
    /// Returns a mint at a moment.
    pub fn at(now: OffsetDateTime) -> Self {
        Self { now }
    }

    /// Returns a mint at this machine's present.
    pub fn now() -> Self {
        Self::at(OffsetDateTime::now_utc())
    }

    /// Returns the mint's moment.
    pub fn moment(&self) -> OffsetDateTime {
        self.now
    }

    /// Makes a well-formed root with this common name.
    pub fn root(&self, common_name: &str) -> io::Result<Authority> {
        self.root_of(&Profile::root(common_name))
    }

    /// Makes a root as the profile says.
    pub fn root_of(&self, profile: &Profile) -> io::Result<Authority> {
        let key = new_key()?;
        let parameters = profile.parameters(*self, &key)?;
        let issuer = KeyHolder { key: &key, identifier: identifier(&key) };
        let certificate = issuer.sign(&parameters.distinguished_name, &parameters, &key, profile.forged)?;
        Ok(Authority { mint: *self, certificate, subject: parameters.distinguished_name, key })
    }

    /// Makes a self-signed server certificate.
    pub fn self_signed(&self, profile: &Profile) -> io::Result<Identity> {
        let alone = self.root_of(profile)?;
        Ok(Identity { chain: vec![alone.certificate], staple: None, key: alone.key })
    }
}

impl Authority {
    /// Returns its certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Makes a well-formed CA below this one.
    pub fn subordinate(&self, common_name: &str) -> io::Result<Self> {
        self.subordinate_of(&Profile::intermediate(common_name))
    }

    /// Makes a CA below this one as the profile says.
    pub fn subordinate_of(&self, profile: &Profile) -> io::Result<Self> {
        let key = new_key()?;
        let (certificate, subject) = self.sign(profile, &key)?;
        Ok(Self { mint: self.mint, certificate, subject, key })
    }

    /// Certifies another authority's name and key under this one: a cross-certificate.
    pub fn cross_sign(&self, other: &Self, profile: &Profile) -> io::Result<Certificate> {
        let mut parameters = profile.parameters(self.mint, &other.key)?;
        parameters.distinguished_name = other.subject.clone();
        self.holder().sign(&self.subject, &parameters, &other.key, profile.forged)
    }

    /// Issues a well-formed server certificate; the chain is the leaf alone.
    pub fn leaf(&self, names: &[&str]) -> io::Result<Identity> {
        self.issue(&Profile::leaf(names))
    }

    /// Issues a server certificate as the profile says; the chain is the leaf alone.
    pub fn issue(&self, profile: &Profile) -> io::Result<Identity> {
        self.issue_for(profile, &new_key()?)
    }

    /// Issues a server certificate for a key that exists already, as inspecting gateways do.
    pub fn issue_for(&self, profile: &Profile, key: &Arc<KeyPair>) -> io::Result<Identity> {
        let (certificate, _) = self.sign(profile, key)?;
        Ok(Identity { chain: vec![certificate], staple: None, key: Arc::clone(key) })
    }

    /// Returns the private key, PKCS#8 in PEM, for programs that are handed an authority (`openssl ocsp`, mitmproxy).
    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    pub(super) fn key(&self) -> &KeyPair {
        &self.key
    }

    pub(super) fn moment(&self) -> OffsetDateTime {
        self.mint.now
    }

    fn sign(&self, profile: &Profile, key: &KeyPair) -> io::Result<(Certificate, DistinguishedName)> {
        let parameters = profile.parameters(self.mint, key)?;
        let certificate = self.holder().sign(&self.subject, &parameters, key, profile.forged)?;
        Ok((certificate, parameters.distinguished_name))
    }

    fn holder(&self) -> KeyHolder<'_> {
        KeyHolder { key: &self.key, identifier: identifier(&self.key) }
    }
}

impl Identity {
    /// Puts together a chain and a key, PKCS#8 in PEM, that were made elsewhere.
    pub fn from_pem(chain: Vec<Certificate>, key: &str) -> io::Result<Self> {
        let key = KeyPair::from_pem(key).map(Arc::new).map_err(io::Error::other)?;
        Ok(Self { chain, staple: None, key })
    }

    /// Returns the same identity with further certificates behind its chain.
    #[must_use]
    pub fn with(mut self, certificates: &[&Certificate]) -> Self {
        self.chain.extend(certificates.iter().map(|c| (*c).clone()));
        self
    }

    /// Returns the same identity with a staple.
    #[must_use]
    pub fn with_staple(mut self, staple: Vec<u8>) -> Self {
        self.staple = Some(staple);
        self
    }

    /// Returns the leaf.
    pub fn leaf(&self) -> &Certificate {
        &self.chain[0]
    }

    /// Returns the private key, PKCS#8 in DER.
    pub fn key_der(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }

    /// Returns the private key, PKCS#8 in PEM.
    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// Returns the presented chain in PEM.
    pub fn chain_pem(&self) -> String {
        self.chain.iter().map(Certificate::pem).collect()
    }
}

impl Profile {
    /// Returns what a careful root says.
    pub fn root(common_name: &str) -> Self {
        Self {
            names: Vec::new(),
            from: Duration::days(-400),
            until: Duration::days(3650),
            basic_constraints: Some(BasicConstraints { ca: true, path_len: None, critical: true }),
            key_usage: vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign],
            extended_key_usage: Vec::new(),
            authority_key_identifier: false,
            ..Self::leaf(&[]).named(common_name)
        }
    }

    /// Returns what a careful intermediate says.
    pub fn intermediate(common_name: &str) -> Self {
        let basic_constraints = Some(BasicConstraints { ca: true, path_len: Some(0), critical: true });
        Self {
            from: Duration::days(-200),
            until: Duration::days(1825),
            basic_constraints,
            authority_key_identifier: true,
            ..Self::root(common_name)
        }
    }

    /// Returns what a careful server certificate says; the first name is also the common name.
    pub fn leaf(names: &[&str]) -> Self {
        Self {
            subject: names.iter().take(1).map(|n| (DnType::CommonName, (*n).to_owned())).collect(),
            names: names.iter().map(|n| (*n).to_owned()).collect(),
            from: Duration::days(-20),
            until: Duration::days(70),
            basic_constraints: Some(BasicConstraints { ca: false, path_len: None, critical: true }),
            key_usage: vec![KeyUsagePurpose::DigitalSignature],
            extended_key_usage: vec![ExtendedKeyUsagePurpose::ServerAuth],
            subject_key_identifier: true,
            authority_key_identifier: true,
            permitted_names: Vec::new(),
            timestamps: 0,
            issuer_url: None,
            ocsp_url: None,
            crl_url: None,
            must_staple: false,
            extensions: Vec::new(),
            serial: None,
            forged: false,
        }
    }

    /// Returns what a public CA says about a server: as [`Profile::leaf`], with transparency timestamps.
    pub fn public_leaf(names: &[&str]) -> Self {
        Self { timestamps: 2, ..Self::leaf(names) }
    }

    /// Gives the subject this common name and nothing else.
    #[must_use]
    pub fn named(mut self, common_name: &str) -> Self {
        self.subject = vec![(DnType::CommonName, common_name.to_owned())];
        self
    }

    /// Puts an organisation in front of the subject.
    #[must_use]
    pub fn of(mut self, organisation: &str) -> Self {
        self.subject.insert(0, (DnType::OrganizationName, organisation.to_owned()));
        self
    }

    /// Sets the validity, in days from the mint's moment.
    #[must_use]
    pub fn valid_days(mut self, from: i64, until: i64) -> Self {
        (self.from, self.until) = (Duration::days(from), Duration::days(until));
        self
    }

    fn parameters(&self, mint: Mint, key: &KeyPair) -> io::Result<CertificateParams> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = DistinguishedName::new();
        for (kind, value) in &self.subject {
            parameters.distinguished_name.push(kind.clone(), value.as_str());
        }
        parameters.not_before = mint.now + self.from;
        parameters.not_after = mint.now + self.until;
        parameters.serial_number = Some(SerialNumber::from(self.serial.clone().unwrap_or_else(fresh_serial)));
        parameters.subject_alt_names =
            self.names.iter().map(|name| alternative_name(name)).collect::<io::Result<_>>()?;
        // every CA extension is written as a custom one: only so can it be left out or be wrong
        parameters.is_ca = IsCa::NoCa;
        parameters.key_usages.clone_from(&self.key_usage);
        parameters.extended_key_usages.clone_from(&self.extended_key_usage);
        parameters.use_authority_key_identifier_extension = self.authority_key_identifier;
        if !self.permitted_names.is_empty() {
            parameters.name_constraints = Some(NameConstraints {
                permitted_subtrees: self
                    .permitted_names
                    .iter()
                    .cloned()
                    .map(GeneralSubtree::DnsName)
                    .collect(),
                excluded_subtrees: Vec::new(),
            });
        }
        if let Some(url) = &self.crl_url {
            parameters.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![url.clone()] }];
        }
        parameters.custom_extensions = self.custom_extensions(key);
        Ok(parameters)
    }

    fn custom_extensions(&self, key: &KeyPair) -> Vec<CustomExtension> {
        let mut own = Vec::new();
        if let Some(constraints) = self.basic_constraints {
            own.push((vec![2, 5, 29, 19], constraints.critical, constraints_der(constraints)));
        }
        if self.subject_key_identifier {
            own.push((vec![2, 5, 29, 14], false, der(0x04, &identifier(key))));
        }
        let access: Vec<u8> = [(1, &self.ocsp_url), (2, &self.issuer_url)]
            .into_iter()
            .filter_map(|(method, url)| url.as_ref().map(|url| access_description(method, url)))
            .flatten()
            .collect();
        if !access.is_empty() {
            own.push((vec![1, 3, 6, 1, 5, 5, 7, 1, 1], false, der(0x30, &access)));
        }
        if self.timestamps > 0 {
            let oid = vec![1, 3, 6, 1, 4, 1, 11129, 2, 4, 2];
            own.push((oid, false, der(0x04, &timestamp_list(self.timestamps))));
        }
        if self.must_staple {
            own.push((vec![1, 3, 6, 1, 5, 5, 7, 1, 24], false, vec![0x30, 3, 2, 1, 5]));
        }
        own.extend(self.extensions.iter().cloned());
        own.into_iter()
            .map(|(oid, critical, content)| {
                let mut extension = CustomExtension::from_oid_content(&oid, content);
                extension.set_criticality(critical);
                extension
            })
            .collect()
    }
}

/// A key and the identifier that its certificates carry.
struct KeyHolder<'a> {
    key: &'a KeyPair,
    identifier: Vec<u8>,
}

impl KeyHolder<'_> {
    fn sign(
        &self,
        name: &DistinguishedName,
        parameters: &CertificateParams,
        subject_key: &KeyPair,
        forged: bool,
    ) -> io::Result<Certificate> {
        let stranger = if forged { Some(new_key()?) } else { None };
        let mut own = CertificateParams::default();
        own.distinguished_name = name.clone();
        own.key_identifier_method = KeyIdMethod::PreSpecified(self.identifier.clone());
        let issuer = Issuer::new(own, stranger.as_deref().unwrap_or(self.key));
        let signed = parameters.signed_by(subject_key, &issuer).map_err(io::Error::other)?;
        Ok(Certificate::from_der(signed.der().to_vec()))
    }
}

/// Makes an ECDSA key on P-256: every client takes it, and it costs next to nothing.
pub fn new_key() -> io::Result<Arc<KeyPair>> {
    KeyPair::generate().map(Arc::new).map_err(io::Error::other)
}

fn identifier(key: &KeyPair) -> Vec<u8> {
    let digest = ring::digest::digest(&ring::digest::SHA256, &key.subject_public_key_info());
    digest.as_ref()[..20].to_vec()
}

fn fresh_serial() -> Vec<u8> {
    static ISSUED: AtomicU64 = AtomicU64::new(0);
    let seed = format!("{:?}{}", OffsetDateTime::now_utc(), ISSUED.fetch_add(1, Ordering::Relaxed));
    let mut serial = ring::digest::digest(&ring::digest::SHA256, seed.as_bytes()).as_ref()[..16].to_vec();
    serial[0] = serial[0] & 0x3f | 0x40; // positive, and of full length
    serial
}

fn alternative_name(name: &str) -> io::Result<SanType> {
    Ok(match name.parse() {
        Ok(address) => SanType::IpAddress(address),
        Err(_) => SanType::DnsName(name.try_into().map_err(io::Error::other)?),
    })
}

fn constraints_der(constraints: BasicConstraints) -> Vec<u8> {
    let mut content = Vec::new();
    if constraints.ca {
        content.extend([0x01, 1, 0xff]);
    }
    if let Some(length) = constraints.path_len {
        content.extend([0x02, 1, u8::try_from(length).unwrap_or(u8::MAX) & 0x7f]);
    }
    der(0x30, &content)
}

/// `AccessDescription { accessMethod id-ad.method, accessLocation uniformResourceIdentifier }` (RFC 5280, 4.2.2.1).
fn access_description(method: u8, url: &str) -> Vec<u8> {
    let mut content = vec![0x06, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, method];
    content.extend(der(0x86, url.as_bytes()));
    der(0x30, &content)
}

/// A SignedCertificateTimestampList of the right form (RFC 6962, 3.3) whose signatures nobody made.
fn timestamp_list(count: u8) -> Vec<u8> {
    let mut list = Vec::new();
    for log in 1..=count {
        let mut timestamp = vec![0];
        timestamp.extend([log; 32]); // the log's id
        timestamp.extend([0, 0, 1, 0x90, 0, 0, 0, log]); // milliseconds of the year 2024
        timestamp.extend([0, 0]); // no extensions
        timestamp.extend([4, 3, 0, 8]); // ecdsa with SHA-256, eight bytes
        timestamp.extend([0x30, 6, 2, 1, 1, 2, 1, 1]);
        list.extend(length_prefixed(&timestamp));
    }
    length_prefixed(&list)
}

fn length_prefixed(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), content].concat()
}

/// One DER value; contents up to 65535 bytes.
pub(crate) fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut encoded = vec![tag];
    match (high, low) {
        (0, 0..=0x7f) => encoded.push(low),
        (0, _) => encoded.extend([0x81, low]),
        _ => encoded.extend([0x82, high, low]),
    }
    encoded.extend(content);
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mint() -> Mint {
        Mint::at(time::macros::datetime!(2026-06-01 12:00 UTC))
    }

    #[test]
    fn a_careful_chain_says_what_careful_cas_say() {
        let root = mint().root("Root").unwrap();
        let issuing = root.subordinate("Issuing").unwrap();
        let leaf = issuing.issue(&Profile::public_leaf(&["shop.example", "127.0.0.1"])).unwrap();
        let (root, issuing, leaf) = (
            root.certificate().details().unwrap(),
            issuing.certificate().details().unwrap(),
            leaf.leaf().details().unwrap(),
        );
        assert_eq!(root.subject, root.issuer);
        assert!(root.basic_constraints.unwrap().ca && root.key_usage.unwrap().key_cert_sign);
        assert_eq!(issuing.issuer, root.subject);
        assert_eq!(issuing.authority_key_identifier, root.subject_key_identifier);
        assert_eq!(leaf.authority_key_identifier, issuing.subject_key_identifier);
        assert_eq!(leaf.certificate_timestamps, 2);
        assert_eq!(
            leaf.names.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["shop.example", "127.0.0.1"]
        );
        assert!(leaf.not_before < mint().moment() && mint().moment() < leaf.not_after);
        assert!(!leaf.must_staple);
    }

    #[test]
    fn each_fault_is_the_one_asked_for() {
        let root = mint().root("Root").unwrap();
        let issue = |change: fn(&mut Profile)| {
            let mut profile = Profile::leaf(&["shop.example"]);
            change(&mut profile);
            root.issue(&profile).unwrap().leaf().details().unwrap().clone()
        };
        assert!(issue(|p| p.subject_key_identifier = false).subject_key_identifier.is_none());
        assert!(!issue(|p| p.authority_key_identifier = false).has_authority_key_identifier);
        assert!(issue(|p| p.basic_constraints = None).basic_constraints.is_none());
        assert!(issue(|p| p.key_usage.clear()).key_usage.is_none());
        assert!(issue(|p| p.extended_key_usage.clear()).extended_key_usage.is_none());
        assert!(issue(|p| p.must_staple = true).must_staple);
        assert!(issue(|p| p.until = Duration::days(-3)).not_after < mint().moment());
        let urls = issue(|p| {
            p.ocsp_url = Some("http://ocsp.example/".into());
            p.issuer_url = Some("http://ca.example/ca.der".into());
            p.crl_url = Some("http://ca.example/ca.crl".into());
        });
        assert_eq!(urls.ocsp_urls, ["http://ocsp.example/"]);
        assert_eq!(urls.issuer_urls, ["http://ca.example/ca.der"]);
        assert_eq!(urls.crl_urls, ["http://ca.example/ca.crl"]);
    }
}
