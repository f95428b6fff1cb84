//! Certificates with one defect each, served on loopback as `localhost`.

use std::net::SocketAddr;
use std::path::Path;

use rcgen::{DnType, ExtendedKeyUsagePurpose, KeyUsagePurpose};
use trustgap::facts::pem;
use trustgap::facts::{Certificate, Departure};
use trustgap::lab::mint::{BasicConstraints, Mint, Profile};
use trustgap::lab::{Authority, Identity, Service, Site};

use crate::support::Sandbox;
use crate::support::openssl::Server;

/// A server, the certificate that closes its chain, and what is wrong.
pub(super) struct Defect {
    pub(super) name: &'static str,
    pub(super) anchor: Certificate,
    /// What the judge has to find, in any order.
    pub(super) departures: Vec<Departure>,
    pub(super) server: Serving,
}

pub(super) enum Serving {
    Lab(Service),
    Openssl(Server),
}

impl Serving {
    pub(super) fn address(&self) -> SocketAddr {
        match self {
            Self::Lab(service) => service.address(),
            Self::Openssl(server) => server.address,
        }
    }
}

/// A change to a profile.
type Change = fn(&mut Profile);

fn as_it_should_be(_: &mut Profile) {}

/// Name, what is changed in the root, what is changed in the server's certificate, what that is.
const DIRECT: &[(&str, Change, Change, &[Departure])] = &[
    ("nothing is wrong", as_it_should_be, as_it_should_be, &[]),
    ("root without keyUsage", |r| r.key_usage.clear(), as_it_should_be, &[Departure::KeyUsageMissing]),
    (
        "root that may not sign",
        |r| r.key_usage = vec![KeyUsagePurpose::CrlSign],
        as_it_should_be,
        &[Departure::KeyUsageWithoutCertSign],
    ),
    (
        "root with basicConstraints that is not critical",
        |r| r.basic_constraints = Some(BasicConstraints { ca: true, path_len: None, critical: false }),
        as_it_should_be,
        &[Departure::BasicConstraintsNotCritical],
    ),
    (
        "root without basicConstraints",
        |r| r.basic_constraints = None,
        as_it_should_be,
        &[Departure::BasicConstraintsMissing],
    ),
    (
        "root that is marked as no CA",
        |r| r.basic_constraints = Some(BasicConstraints { ca: false, path_len: None, critical: true }),
        as_it_should_be,
        &[Departure::AnchorNotACa],
    ),
    (
        "root without subjectKeyIdentifier",
        |r| r.subject_key_identifier = false,
        as_it_should_be,
        &[Departure::SubjectKeyIdentifierMissing],
    ),
    ("root without a subject", |r| r.subject.clear(), as_it_should_be, &[Departure::CaSubjectEmpty]),
    (
        "root for TLS clients",
        |r| r.extended_key_usage = vec![ExtendedKeyUsagePurpose::ClientAuth],
        as_it_should_be,
        &[Departure::AnchorWithoutServerUse],
    ),
    (
        "root for TLS servers",
        |r| r.extended_key_usage = vec![ExtendedKeyUsagePurpose::ServerAuth],
        as_it_should_be,
        &[Departure::AnchorExtendedKeyUsage],
    ),
    (
        "root with an unknown critical extension",
        |r| r.extensions.push((vec![1, 3, 6, 1, 4, 1, 99999, 1], true, vec![5, 0])),
        as_it_should_be,
        &[Departure::UnknownCriticalExtension],
    ),
    (
        "root whose authorityKeyIdentifier is another's",
        |r| r.extensions.push((vec![2, 5, 29, 35], false, vec![0x30, 6, 0x80, 4, 1, 2, 3, 4])),
        as_it_should_be,
        &[Departure::AnchorNamesAnotherIssuer],
    ),
    (
        "root whose authorityKeyIdentifier holds nothing",
        |r| r.extensions.push((vec![2, 5, 29, 35], false, vec![0x30, 0])),
        as_it_should_be,
        &[Departure::AuthorityKeyIdentifierEmpty],
    ),
    (
        "root with a critical subjectKeyIdentifier",
        |r| {
            r.subject_key_identifier = false;
            r.extensions.push((vec![2, 5, 29, 14], true, vec![4, 4, 1, 2, 3, 4]));
        },
        |l| {
            l.authority_key_identifier = false;
            l.extensions.push((vec![2, 5, 29, 35], false, vec![0x30, 6, 0x80, 4, 1, 2, 3, 4]));
        },
        &[Departure::SubjectKeyIdentifierCritical],
    ),
    (
        "root with a critical authorityKeyIdentifier",
        |r| {
            r.subject_key_identifier = false;
            r.extensions.push((vec![2, 5, 29, 14], false, vec![4, 4, 1, 2, 3, 4]));
            r.extensions.push((vec![2, 5, 29, 35], true, vec![0x30, 6, 0x80, 4, 1, 2, 3, 4]));
        },
        |l| {
            l.authority_key_identifier = false;
            l.extensions.push((vec![2, 5, 29, 35], false, vec![0x30, 6, 0x80, 4, 1, 2, 3, 4]));
        },
        &[Departure::AuthorityKeyIdentifierCritical],
    ),
    (
        "leaf without authorityKeyIdentifier",
        as_it_should_be,
        |l| l.authority_key_identifier = false,
        &[Departure::AuthorityKeyIdentifierMissing],
    ),
    (
        "leaf whose authorityKeyIdentifier is another's",
        as_it_should_be,
        |l| {
            l.authority_key_identifier = false;
            l.extensions.push((vec![2, 5, 29, 35], false, vec![0x30, 6, 0x80, 4, 1, 2, 3, 4]));
        },
        &[Departure::AuthorityKeyIdentifierMismatch],
    ),
    ("leaf without subjectKeyIdentifier", as_it_should_be, |l| l.subject_key_identifier = false, &[]),
    (
        "leaf that may sign certificates",
        as_it_should_be,
        |l| l.key_usage.push(KeyUsagePurpose::KeyCertSign),
        &[Departure::CertSignWithoutCa],
    ),
    (
        "leaf that may not sign a handshake",
        as_it_should_be,
        |l| l.key_usage = vec![KeyUsagePurpose::KeyEncipherment],
        &[Departure::LeafWithoutDigitalSignature],
    ),
    (
        "leaf without extendedKeyUsage",
        as_it_should_be,
        |l| l.extended_key_usage.clear(),
        &[Departure::LeafWithoutServerUse],
    ),
    ("leaf without keyUsage", as_it_should_be, |l| l.key_usage.clear(), &[]),
    ("leaf without basicConstraints", as_it_should_be, |l| l.basic_constraints = None, &[]),
    (
        "leaf that is marked as a CA",
        as_it_should_be,
        |l| l.basic_constraints = Some(BasicConstraints { ca: true, path_len: None, critical: true }),
        &[Departure::LeafIsCa],
    ),
    (
        "leaf with a pathLenConstraint",
        as_it_should_be,
        |l| l.basic_constraints = Some(BasicConstraints { ca: false, path_len: Some(0), critical: true }),
        &[Departure::PathLengthWithoutCa],
    ),
    (
        "leaf for ten years",
        as_it_should_be,
        |l| *l = l.clone().valid_days(-20, 3600),
        &[Departure::LifetimeOver825Days],
    ),
    (
        "leaf without a subject",
        as_it_should_be,
        |l| {
            l.subject.clear();
            l.names.clear();
            l.extensions.push((vec![2, 5, 29, 17], false, b"\x30\x0b\x82\x09localhost".to_vec()));
        },
        &[Departure::SubjectEmptyNamesNotCritical],
    ),
    (
        "leaf with a serial number of 24 octets",
        as_it_should_be,
        |l| l.serial = Some((1..=24).collect()),
        &[Departure::SerialTooLong],
    ),
];

/// Mints and serves everything; the last few need the `openssl` program.
pub(super) fn all(sandbox: &Sandbox, openssl: Option<&Path>) -> Vec<Defect> {
    let mint = Mint::now();
    let mut all: Vec<Defect> = DIRECT
        .iter()
        .enumerate()
        .map(|(number, (name, in_root, in_leaf, departures))| {
            let mut root = named(Profile::root(""), number);
            in_root(&mut root);
            let root = mint.root_of(&root).expect("a root");
            let mut leaf = local();
            in_leaf(&mut leaf);
            let identity = root.issue(&leaf).expect("a leaf");
            of_lab(name, root.certificate(), departures, identity)
        })
        .collect();
    all.extend(with_intermediates(mint));
    all.extend(openssl.into_iter().flat_map(|openssl| of_openssl(sandbox, openssl, mint)));
    all
}

fn named(mut profile: Profile, number: usize) -> Profile {
    profile.subject = vec![(DnType::CommonName, format!("Northwind Inspection CA {number}"))];
    profile
}

fn local() -> Profile {
    Profile { subject: vec![(DnType::CommonName, "localhost".to_owned())], ..Profile::leaf(&["localhost"]) }
}

fn of_lab(name: &'static str, anchor: &Certificate, departures: &[Departure], identity: Identity) -> Defect {
    let server = Serving::Lab(Site::tls(identity).start().expect("a site"));
    Defect { name, anchor: anchor.clone(), departures: departures.to_vec(), server }
}

fn with_intermediates(mint: Mint) -> Vec<Defect> {
    let changes: [(&str, Change, &[Departure]); 4] = [
        ("intermediate without keyUsage", |i| i.key_usage.clear(), &[Departure::KeyUsageMissing]),
        (
            "intermediate without authorityKeyIdentifier",
            |i| i.authority_key_identifier = false,
            &[Departure::AuthorityKeyIdentifierMissing],
        ),
        (
            "intermediate without subjectKeyIdentifier",
            |i| i.subject_key_identifier = false,
            &[Departure::SubjectKeyIdentifierMissing],
        ),
        (
            "intermediate with basicConstraints that is not critical",
            |i| i.basic_constraints = Some(BasicConstraints { ca: true, path_len: None, critical: false }),
            &[Departure::BasicConstraintsNotCritical],
        ),
    ];
    let chain = |issuer: &Authority| issuer.issue(&local()).expect("a leaf").with(&[issuer.certificate()]);
    let mut all: Vec<Defect> = changes
        .into_iter()
        .enumerate()
        .map(|(number, (name, change, departures))| {
            let root = mint.root_of(&named(Profile::root(""), 100 + number)).expect("a root");
            let mut profile = named(Profile::intermediate(""), 200 + number);
            change(&mut profile);
            let issuer = root.subordinate_of(&profile).expect("an intermediate");
            of_lab(name, root.certificate(), departures, chain(&issuer))
        })
        .collect();
    let limit = BasicConstraints { ca: true, path_len: Some(0), critical: true };
    let short = Profile { basic_constraints: Some(limit), ..named(Profile::root(""), 290) };
    let short = mint.root_of(&short).expect("a root");
    let issuer = short.subordinate_of(&named(Profile::intermediate(""), 291)).expect("an intermediate");
    let departures = [Departure::AnchorPathLengthExceeded];
    all.push(of_lab("root that allows no intermediates", short.certificate(), &departures, chain(&issuer)));
    let root = mint.root_of(&named(Profile::root(""), 300)).expect("a root");
    let issuer = root.subordinate_of(&named(Profile::intermediate(""), 301)).expect("an intermediate");
    all.push(of_lab(
        "the store holds the intermediate alone",
        issuer.certificate(),
        &[Departure::AnchorNotSelfSigned],
        chain(&issuer),
    ));
    for (name, is_ca, departures) in [
        ("a self-signed leaf in the store", false, &[][..]),
        ("a self-signed leaf in the store, marked as a CA", true, &[Departure::SelfSignedLeafIsCa]),
    ] {
        let mut profile = local();
        profile.basic_constraints = Some(BasicConstraints { ca: is_ca, path_len: None, critical: true });
        let alone = mint.self_signed(&profile).expect("a leaf");
        let itself = alone.leaf().clone();
        all.push(of_lab(name, &itself, departures, alone));
    }
    all
}

/// What only OpenSSL's own tool writes: negative numbers, version 1.
fn of_openssl(sandbox: &Sandbox, openssl: &Path, mint: Mint) -> Vec<Defect> {
    let run = |folder: &Path, arguments: &[&str]| {
        sandbox.program(openssl).args(arguments).folder(folder).output().exits(0);
    };
    let serve = |name: &'static str, departures: &[Departure], curve: &str, root: &[&str], last: &[&str]| {
        let folder = sandbox.path().join(name.replace(' ', "-"));
        std::fs::create_dir(&folder).expect("a folder");
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        if curve.is_empty() {
            let authority = mint.root(name).expect("a root");
            std::fs::write(folder.join("root.pem"), authority.certificate().pem()).expect("a file");
            std::fs::write(folder.join("root.key"), authority.key_pem()).expect("a file");
        } else {
            let (kind, option) = match curve.strip_prefix("rsa") {
                Some(_) => (curve, "rsa_keygen_bits:2048".to_owned()),
                None => ("ec", format!("ec_paramgen_curve:{curve}")),
            };
            let subject = format!("/CN={name}");
            let key = ["-newkey", kind, "-pkeyopt", &option, "-nodes", "-keyout", "root.key"];
            run(&folder, &[&["req", "-new", "-subj", &subject, "-out", "root.csr"], &key[..]].concat());
            std::fs::write(
                folder.join("root.ext"),
                "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n",
            )
            .expect("a file");
            let sign = [
                "x509", "-req", "-in", "root.csr", "-signkey", "root.key", "-days", "30", "-out", "root.pem",
            ];
            run(&folder, &[&sign, root].concat());
        }
        run(
            &folder,
            &[&["req", "-new", "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "leaf.csr"], &key[..]]
                .concat(),
        );
        // a root of version 1 has no identifier to name
        let has_identifier = curve.is_empty() || !root.is_empty();
        let issuer =
            if has_identifier { "authorityKeyIdentifier=keyid" } else { "2.5.29.35=DER:3006800401020304" };
        let extensions = format!(
            "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature\n\
             basicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\n{issuer}\n"
        );
        std::fs::write(folder.join("leaf.ext"), extensions).expect("a file");
        let sign =
            ["x509", "-req", "-in", "leaf.csr", "-CA", "root.pem", "-CAkey", "root.key", "-days", "30"];
        run(&folder, &[&sign, last, &["-extfile", "leaf.ext", "-out", "chain.pem"]].concat());
        let bytes = std::fs::read(folder.join("root.pem")).expect("the root");
        Defect {
            name,
            anchor: pem::read(&bytes).certificates[0].clone(),
            departures: departures.to_vec(),
            server: Serving::Openssl(Server::start(openssl, &folder, &["-www"])),
        }
    };
    let proper = ["-extfile", "root.ext"];
    let salt = ["-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:max"];
    let usual_salt = ["-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];
    vec![
        serve(
            "leaf with a negative serial number",
            &[Departure::SerialNegative],
            "",
            &[],
            &["-sha256", "-set_serial", "-5"],
        ),
        serve("root of version 1", &[Departure::AnchorVersionOne], "P-256", &[], &["-sha256"]),
        serve("root with a key on P-521", &[], "P-521", &proper, &["-sha256"]),
        serve("leaf signed with P-384 and SHA-512", &[], "P-384", &proper, &["-sha512"]),
        serve("leaf signed with P-256 and SHA-512", &[], "P-256", &proper, &["-sha512"]),
        serve("leaf signed with RSA-PSS", &[], "rsa", &proper, &usual_salt),
        serve(
            "leaf signed with RSA-PSS and a long salt",
            &[Departure::PssSaltUncommon],
            "rsa",
            &proper,
            &salt,
        ),
        serve(
            "root with a key for RSA-PSS alone",
            &[Departure::KeyForPssOnly],
            "rsa-pss",
            &proper,
            &usual_salt,
        ),
    ]
}
