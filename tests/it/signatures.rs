//! Signatures of every kind that `openssl` makes: who made them is computed, or honestly not known; none is called forged.

use std::path::Path;

use trustgap::facts::{Certificate, pem};
use trustgap::judge::signed_by;

use crate::support::{Sandbox, skip, tool};

/// The key of an authority, how it signs, and whether that can be computed here.
const KINDS: &[(&[&str], &[&str], bool)] = &[
    (&["rsa", "-pkeyopt", "rsa_keygen_bits:512"], &["-sha256"], true),
    (&["rsa", "-pkeyopt", "rsa_keygen_bits:1024"], &["-sha1"], true),
    (&["rsa", "-pkeyopt", "rsa_keygen_bits:1024"], &["-sha384"], true),
    (&["rsa", "-pkeyopt", "rsa_keygen_bits:2048"], &["-sha256"], true),
    (&["rsa", "-pkeyopt", "rsa_keygen_bits:3072"], &["-sha512"], true),
    (&["rsa", "-pkeyopt", "rsa_keygen_bits:1024"], &PSS_AS_LONG, true),
    (&["rsa", "-pkeyopt", "rsa_keygen_bits:2048"], &PSS_AS_LONG, true),
    (&["rsa", "-pkeyopt", "rsa_keygen_bits:2048"], &PSS_LONGEST, true),
    (&["rsa", "-pkeyopt", "rsa_keygen_bits:2048"], &PSS_NONE, true),
    (&["rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"], &PSS_AS_LONG, true),
    (&["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], &["-sha256"], true),
    (&["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], &["-sha384"], true),
    (&["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], &["-sha512"], true),
    (&["ec", "-pkeyopt", "ec_paramgen_curve:P-384"], &["-sha256"], true),
    (&["ec", "-pkeyopt", "ec_paramgen_curve:P-384"], &["-sha512"], true),
    (&["ec", "-pkeyopt", "ec_paramgen_curve:P-521"], &["-sha256"], true),
    (&["ec", "-pkeyopt", "ec_paramgen_curve:P-521"], &["-sha512"], true),
    (&["ed25519"], &[], true),
    (&["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], &["-sha1"], false),
    (&["rsa", "-pkeyopt", "rsa_keygen_bits:2048"], &["-md5"], false),
    (&["ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"], &["-sha256"], false),
    (&["ed448"], &[], false),
];

const PSS_AS_LONG: [&str; 5] =
    ["-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];
const PSS_LONGEST: [&str; 5] =
    ["-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:max"];
const PSS_NONE: [&str; 5] = ["-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:0"];

#[test]
fn what_openssl_signs_is_computed_or_not_known_and_never_called_forged() {
    let Some(openssl) = tool("openssl") else { return skip("`openssl` is not installed") };
    let sandbox = Sandbox::new();
    for (key, sign, computed) in KINDS {
        let what = format!("{} {}", key.join(" "), sign.join(" "));
        let authority = |name: &str| {
            let file = |end: &str| sandbox.path().join(format!("{name}.{end}")).display().to_string();
            let (private, public) = (file("key"), file("pem"));
            let subject = format!("/CN={name}");
            let make = ["req", "-x509", "-nodes", "-days", "30", "-subj", &subject, "-newkey"];
            let out = ["-keyout", &private, "-out", &public];
            run(&sandbox, &openssl, &[&make, *key, &out, *sign].concat());
            (private, public)
        };
        let (own, stranger) = (authority("own"), authority("stranger"));
        let made = sandbox.path().join("leaf.pem").display().to_string();
        let request = ["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=leaf", "-newkey", "ed25519"];
        let key_file = sandbox.path().join("leaf.key").display().to_string();
        let by = ["-keyout", &key_file, "-out", &made, "-CA", &own.1, "-CAkey", &own.0];
        run(&sandbox, &openssl, &[&request, &by[..], *sign].concat());
        let [leaf, own, stranger] = [made, own.1, stranger.1].map(|path| read(Path::new(&path)));
        assert_eq!(signed_by(&leaf, &own), computed.then_some(true), "{what}");
        assert_eq!(signed_by(&leaf, &stranger), computed.then_some(false), "{what}: another's key");
        let mut changed = leaf.der().to_vec();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        let changed = Certificate::from_der(changed);
        assert_eq!(signed_by(&changed, &own), computed.then_some(false), "{what}: changed");
    }
}

fn run(sandbox: &Sandbox, openssl: &Path, arguments: &[&str]) {
    sandbox.program(openssl).args(arguments).output().exits(0);
}

fn read(path: &Path) -> Certificate {
    pem::read(&std::fs::read(path).expect("openssl wrote it")).certificates[0].clone()
}
