use std::path::Path;

use super::*;
use crate::edge::Pretend;
use crate::facts::store::Origin;
use crate::facts::{Certificate, RootStore};

fn certificate(name: &str) -> Certificate {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec![]).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    Certificate::from_der(params.self_signed(&key).unwrap().der().to_vec())
}

/// A root that Mozilla ships.
fn public_root() -> Certificate {
    Certificate::from_der(webpki_root_certs::TLS_SERVER_ROOT_CERTS[0].as_ref())
}

fn names(store: &RootStore) -> Vec<(String, Origin)> {
    let name = |c: &Certificate| c.details().unwrap().subject.common_name();
    store.roots.iter().map(|root| (name(&root.certificate), root.origin)).collect()
}

fn messages(store: &RootStore) -> Vec<String> {
    store.problems.iter().map(|p| format!("{}: {}", p.place, p.message)).collect()
}

fn system(machine: &Pretend) -> RootStore {
    load(machine, &StoreOverrides::default()).system
}

#[test]
fn debian_tells_the_administrators_roots_from_shipped_ones_and_leftovers() {
    let [corp, old, snakeoil, dropped] = ["Corp", "Old Public", "snakeoil", "Dropped"].map(certificate);
    let public = public_root();
    let public_name = public.details().unwrap().subject.common_name();
    let bundle = [&public, &old, &corp, &dropped].map(Certificate::pem).concat();
    let machine = Pretend::new(Os::Linux)
        .distribution(["debian"])
        .file("/etc/ssl/certs/ca-certificates.crt", bundle)
        .file("/etc/ssl/certs/ssl-cert-snakeoil.pem", snakeoil.pem())
        .link("/etc/ssl/certs/0a1b2c3d.0", "ssl-cert-snakeoil.pem")
        .file("/usr/share/ca-certificates/mozilla/Old.crt", old.pem())
        .file("/usr/local/share/ca-certificates/company/corp.crt", corp.pem())
        .file("/usr/local/share/ca-certificates/ignored.pem", dropped.pem());
    let store = system(&machine);
    assert_eq!(store.source, "/etc/ssl/certs/ca-certificates.crt");
    assert_eq!(
        names(&store),
        [
            (public_name, Origin::Shipped),
            ("Old Public".to_owned(), Origin::Shipped),
            ("Corp".to_owned(), Origin::Administrator),
            ("Dropped".to_owned(), Origin::Unknown),
            ("snakeoil".to_owned(), Origin::Leftover),
        ]
    );
    assert_eq!(store.roots[2].place.as_deref(), Some("/usr/local/share/ca-certificates/company/corp.crt"));
    assert_eq!(messages(&store), [""; 0]);
    assert_eq!(store.local_additions().count(), 2);
}

#[test]
fn what_the_environment_says_changes_nothing_about_the_system_store() {
    let [system_ca, env_ca] = ["System", "Environment"].map(certificate);
    let machine = |variables: &[(&str, &str)]| {
        let machine = Pretend::new(Os::Linux)
            .distribution(["debian"])
            .file("/etc/ssl/certs/ca-certificates.crt", system_ca.pem())
            .file("/corp.pem", env_ca.pem());
        variables.iter().fold(machine, |machine, (name, value)| machine.variable(name, value))
    };
    let plain = load(&machine(&[]), &StoreOverrides::default());
    assert_eq!(plain.environment, None);
    for variables in [
        &[("SSL_CERT_FILE", "/corp.pem")][..],
        &[("SSL_CERT_FILE", "/missing.pem")],
        &[("SSL_CERT_DIR", "/nowhere")],
        &[("SSL_CERT_FILE", ""), ("SSL_CERT_DIR", "")],
    ] {
        let stores = load(&machine(variables), &StoreOverrides::default());
        assert_eq!(stores.system, plain.system, "{variables:?}");
        assert!(stores.environment.is_some(), "{variables:?}");
    }
}

/// A story, the variables set, the roots found, how each problem begins.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str], &'a [&'a str]);

#[test]
fn the_environments_store_is_what_openssl_makes_of_the_variables() {
    let [bundled, hashed, file, in_dir] = ["bundled", "hashed", "file", "in dir"].map(certificate);
    let machine = || {
        Pretend::new(Os::Linux)
            .distribution(["debian"])
            .file("/etc/ssl/certs/ca-certificates.crt", bundled.pem())
            .file("/etc/ssl/certs/11111111.0", hashed.pem())
            .link("/usr/lib/ssl/certs", "/etc/ssl/certs")
            .file("/file.pem", file.pem())
            .file("/dir/22222222.0", in_dir.pem())
            .file("/dir/named.pem", file.pem())
            .file("/plain/named.pem", file.pem())
            .file("/broken.pem", file.pem() + "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n")
            .file("/joined.pem", file.pem().trim_end().to_owned() + &in_dir.pem())
            .file("/marked.pem", "\u{feff}".to_owned() + &file.pem())
            .file("/file.der", file.der())
    };
    let rows: &[Row<'_>] = &[
        ("a file leaves the default folder", &[("SSL_CERT_FILE", "/file.pem")], &["file", "hashed"], &[]),
        ("a folder takes the default folder's place", &[("SSL_CERT_DIR", "/dir")], &["in dir"], &[]),
        (
            "both",
            &[("SSL_CERT_FILE", "/file.pem"), ("SSL_CERT_DIR", "/dir:/etc/ssl/certs")],
            &["file", "in dir", "hashed"],
            &[],
        ),
        (
            "one broken block loses all",
            &[("SSL_CERT_FILE", "/broken.pem")],
            &["hashed"],
            &["/broken.pem: line ", "/broken.pem: OpenSSL reads no"],
        ),
        (
            "joined blocks lose all",
            &[("SSL_CERT_FILE", "/joined.pem")],
            &["hashed"],
            &["/joined.pem: line ", "/joined.pem: OpenSSL reads no"],
        ),
        (
            "a byte order mark is harmless",
            &[("SSL_CERT_FILE", "/marked.pem")],
            &["file", "hashed"],
            &["/marked.pem: the file begins with"],
        ),
        ("DER", &[("SSL_CERT_FILE", "/file.der")], &["hashed"], &["/file.der: OpenSSL reads no"]),
        ("a missing file", &[("SSL_CERT_FILE", "/none.pem")], &["hashed"], &["/none.pem: "]),
        ("an empty file name", &[("SSL_CERT_FILE", "")], &["hashed"], &["SSL_CERT_FILE: is set and empty"]),
        (
            "a folder without hashed names",
            &[("SSL_CERT_DIR", "/plain")],
            &[],
            &["/plain: holds no file with"],
        ),
    ];
    for (story, variables, wanted, problems) in rows {
        let machine = variables.iter().fold(machine(), |m, (name, value)| m.variable(name, value));
        let store = load(&machine, &StoreOverrides::default()).environment.unwrap();
        let found: Vec<String> = names(&store).into_iter().map(|(name, _)| name).collect();
        assert_eq!(found, *wanted, "{story}");
        let said = messages(&store);
        assert_eq!(said.len(), problems.len(), "{story}: {said:?}");
        assert!(
            said.iter().zip(*problems).all(|(said, wanted)| said.starts_with(wanted)),
            "{story}: {said:?}"
        );
    }
}

#[test]
fn every_family_is_read_from_its_own_places() {
    let [corp, distrusted] = ["Corp", "Distrusted"].map(certificate);
    for (distribution, bundle, added, refused) in [
        ("debian", "/etc/ssl/certs/ca-certificates.crt", "/usr/local/share/ca-certificates/c.crt", None),
        ("alpine", "/etc/ssl/certs/ca-certificates.crt", "/usr/local/share/ca-certificates/c.crt", None),
        ("gentoo", "/etc/ssl/certs/ca-certificates.crt", "/usr/local/share/ca-certificates/c.crt", None),
        (
            "fedora",
            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
            "/etc/pki/ca-trust/source/anchors/c.pem",
            Some("/etc/pki/ca-trust/source/blocklist/d.pem"),
        ),
        (
            "arch",
            "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
            "/etc/ca-certificates/trust-source/anchors/c.p11-kit",
            Some("/etc/ca-certificates/trust-source/blocklist/d.crt"),
        ),
        (
            "opensuse-leap",
            "/var/lib/ca-certificates/ca-bundle.pem",
            "/etc/pki/trust/anchors/c.pem",
            Some("/etc/pki/trust/blacklist/d.pem"),
        ),
        (
            "freebsd",
            "/etc/ssl/cert.pem",
            "/usr/local/etc/ssl/certs/c.pem",
            Some("/usr/local/etc/ssl/untrusted/d.pem"),
        ),
    ] {
        let public = public_root();
        let machine = Pretend::new(Os::Linux)
            .distribution([distribution])
            .file(bundle, [&public, &corp, &distrusted].map(Certificate::pem).concat())
            .file(added, corp.pem());
        let machine = match refused {
            Some(path) => machine.file(path, distrusted.der()),
            None => machine,
        };
        let store = system(&machine);
        assert_eq!(store.source, bundle);
        assert_eq!(store.find(public.fingerprint()).unwrap().origin, Origin::Shipped, "{distribution}");
        let root = store.find(corp.fingerprint()).unwrap();
        assert_eq!(
            (root.origin, root.place.as_deref()),
            (Origin::Administrator, Some(added)),
            "{distribution}"
        );
        assert_eq!(store.distrusts(&distrusted), refused.is_some(), "{distribution}");
        assert_eq!(store.contains(&distrusted), refused.is_none(), "{distribution}");
    }
}

#[test]
fn a_root_deselected_on_debian_is_distrusted_though_mozilla_ships_it() {
    let machine = Pretend::new(Os::Linux)
        .distribution(["ubuntu", "debian"])
        .file("/etc/ssl/certs/ca-certificates.crt", certificate("Other").pem())
        .file(
            "/etc/ca-certificates.conf",
            "# comment\nmozilla/Kept.crt\n!mozilla/Gone.crt\n!mozilla/None.crt\n",
        )
        .file("/usr/share/ca-certificates/mozilla/Gone.crt", public_root().pem());
    let store = system(&machine);
    assert!(store.distrusts(&public_root()) && !store.contains(&public_root()));
}

#[test]
fn one_odd_certificate_never_spoils_a_store_and_is_told() {
    let [a, b] = ["A", "B"].map(certificate);
    let broken = "-----BEGIN CERTIFICATE-----\nMII*\n-----END CERTIFICATE-----\n";
    let machine = Pretend::new(Os::Linux)
        .distribution(["debian"])
        .file("/etc/ssl/certs/ca-certificates.crt", format!("\u{feff}{}{broken}{}", a.pem(), b.pem()))
        .unreadable("/etc/ssl/certs/deadbeef.0")
        .file("/etc/ssl/certs/copied-by-hand.pem", certificate("C").pem());
    let store = system(&machine);
    assert_eq!(store.roots.len(), 2);
    let said = messages(&store).join("\n");
    for wanted in
        ["byte order mark", "cannot be decoded", "deadbeef.0: ", "copied-by-hand.pem: holds a certificate"]
    {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
}

#[test]
fn a_file_with_a_thousand_broken_blocks_is_told_in_a_few_lines() {
    let broken = "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n".repeat(1000);
    let machine = Pretend::new(Os::Linux).file("/etc/ssl/cert.pem", broken);
    let said = messages(&system(&machine));
    assert_eq!(said.len(), 21);
    assert!(said[20].ends_with("and 980 more"), "{said:?}");
}

#[test]
fn a_machine_without_any_store_says_so() {
    let store = system(&Pretend::new(Os::Linux).distribution(["debian"]));
    assert_eq!((store.roots.len(), store.problems.len()), (0, 1));
}

#[test]
fn overrides_take_files_and_folders_pem_and_der() {
    let [a, b] = ["A", "B"].map(certificate);
    let machine = Pretend::new(Os::Linux)
        .file("/a.pem", a.pem() + &public_root().pem())
        .file("/a.der", a.der())
        .file("/folder/b.crt", b.der())
        .file("/folder/a.pem", a.pem())
        .file("/folder/README", "no certificate here");
    for (path, count, problems) in [("/a.pem", 2, 0), ("/a.der", 1, 0), ("/folder", 2, 1)] {
        let overrides =
            StoreOverrides::read(&machine, Some(Path::new(path)), Some(Path::new("/a.der"))).unwrap();
        let stores = load(&machine, &overrides);
        assert_eq!((stores.system.roots.len(), stores.system.problems.len()), (count, problems), "{path}");
        assert_eq!(
            stores.system.find(a.fingerprint()).unwrap().origin,
            Origin::Shipped,
            "the other store has it"
        );
        assert_eq!(stores.web.roots.len(), 1);
    }
    let alone = StoreOverrides::read(&machine, Some(Path::new("/a.pem")), None).unwrap().system.unwrap();
    let origins: Vec<Origin> = alone.roots.iter().map(|root| root.origin).collect();
    assert_eq!(origins, [Origin::Unknown, Origin::Shipped]);
}

#[test]
fn an_empty_folder_is_the_store_of_a_small_image() {
    let machine = Pretend::new(Os::Linux).folder("/image/etc/ssl/certs");
    let stores = StoreOverrides::read(&machine, Some(Path::new("/image/etc/ssl/certs")), None).unwrap();
    let system = stores.system.unwrap();
    assert_eq!((system.source.as_str(), system.roots.len()), ("/image/etc/ssl/certs", 0));
}

#[test]
fn overrides_that_hold_nothing_are_refused_with_their_name() {
    let machine = Pretend::new(Os::Linux)
        .folder("/empty")
        .file("/empty.pem", "")
        .file("/key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
        .file("/prose/README", "hello")
        .unreadable("/secret.pem");
    for (path, wanted) in [
        ("/none.pem", "cannot read `/none.pem`: "),
        ("/secret.pem", "cannot read `/secret.pem`: "),
        ("/empty", "the folder `/empty` holds no file"),
        ("/empty.pem", "no certificate can be read from `/empty.pem`: the file is empty"),
        ("/key.pem", "no certificate can be read from `/key.pem`: line 1: a private key"),
        (
            "/prose",
            "no certificate can be read from `/prose`: /prose/README: there is no certificate in the file",
        ),
    ] {
        let error = StoreOverrides::read(&machine, None, Some(Path::new(path))).unwrap_err().to_string();
        assert!(error.starts_with(wanted), "{error}");
    }
}

#[test]
fn the_store_of_this_machine_can_be_read() {
    let stores = load(&crate::edge::Live::new(None), &StoreOverrides::default());
    if stores.system.roots.is_empty() {
        println!("skipped: this machine has no root store ({:?})", stores.system.problems);
        return;
    }
    assert!(
        stores.system.roots.iter().any(|root| stores.web.contains(&root.certificate)),
        "{:?}",
        stores.system.source
    );
}

#[test]
fn a_confirmed_ca_is_found_where_people_put_such_files() {
    let [ca, other] = ["CA", "Other"].map(certificate);
    for path in [
        "/projects/project/ca.crt",
        "/projects/it.PEM",
        "/home/you/Downloads/ca.cer",
        "/home/you/ca.der",
        "/home/ca.pem",
    ] {
        let machine = Pretend::new(Os::Linux)
            .working_folder("/projects/project")
            .file(
                path,
                if path.ends_with("der") {
                    ca.der().to_vec()
                } else {
                    (other.pem() + &ca.pem()).into_bytes()
                },
            )
            .file("/home/you/notes.txt", ca.pem());
        let found = offered(&machine, &[], &[ca.fingerprint()]).unwrap();
        assert_eq!(found.len(), 1, "{path}");
        assert_eq!((&found[0].certificate, found[0].place.as_str()), (&ca, path));
        assert_eq!(offered(&machine, &[], &[]).unwrap(), [], "nothing is searched without a fingerprint");
    }
}

#[test]
fn a_named_file_must_hold_certificates() {
    let ca = certificate("CA");
    let machine = Pretend::new(Os::Linux).file("/ca.pem", ca.pem()).file("/prose.pem", "hello");
    assert_eq!(offered(&machine, &["/ca.pem".into()], &[]).unwrap()[0].certificate, ca);
    for (path, wanted) in
        [("/none.pem", "cannot read `/none.pem`"), ("/prose.pem", "no certificate can be read")]
    {
        let error = offered(&machine, &[path.into()], &[]).unwrap_err().to_string();
        assert!(error.starts_with(wanted), "{error}");
    }
}
