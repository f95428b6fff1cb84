use proptest::prelude::*;

use super::*;
use crate::lab::mutated::mutated;

fn certificate(name: &str) -> Certificate {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec![]).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    Certificate::from_der(params.self_signed(&key).unwrap().der().to_vec())
}

fn names(contents: &Contents) -> Vec<String> {
    contents.certificates.iter().map(|c| c.details().unwrap().subject.common_name()).collect()
}

fn said(contents: &Contents) -> Vec<String> {
    contents.problems.iter().map(ToString::to_string).collect()
}

/// One row: what the file is, its bytes, the certificates that are read, what is said about the rest.
type Row<'a> = (&'a str, Vec<u8>, &'a [&'a str], &'a [&'a str]);

#[test]
fn reads_what_people_have_and_says_what_it_overlooked() {
    let [a, b] = ["a", "b"].map(certificate);
    let (pa, pb) = (a.pem(), b.pem());
    let utf16 = |text: &str| -> Vec<u8> {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let broken = "-----BEGIN CERTIFICATE-----\nMII*\n-----END CERTIFICATE-----\n";
    let not_x509 = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    let unfinished = pa.replace("-----END CERTIFICATE-----\n", "");
    // line numbers in the texts below: LAST is the last line of the first certificate, NEXT the one behind it
    let lines = |text: &str| {
        let last = pa.lines().count();
        text.replace("LAST", &last.to_string()).replace("NEXT", &(last + 1).to_string())
    };
    let rows: &[Row<'_>] = &[
        ("plain", format!("{pa}{pb}").into(), &["a", "b"], &[]),
        ("comments", format!("# Root a\n\n{pa}# Root b\nsubject=CN = b\n{pb}\n").into(), &["a", "b"], &[]),
        ("CRLF", format!("{pa}{pb}").replace('\n', "\r\n").into(), &["a", "b"], &[]),
        ("old Mac line ends", format!("{pa}{pb}").replace('\n', "\r").into(), &["a", "b"], &[]),
        ("one long line", pa.replace('\n', "").replace("E-----", "E-----\n").into(), &["a"], &[]),
        ("indented", pa.replace('\n', "\n    ").into(), &["a"], &[]),
        ("headers", pa.replacen('\n', "\nProc-Type: 4,CLEAR\n\n", 1).into(), &["a"], &[]),
        (
            "byte order mark",
            format!("\u{feff}{pa}{pb}").into(),
            &["a", "b"],
            &["the file begins with a byte order mark"],
        ),
        (
            "joined blocks",
            format!("{}{pb}", pa.trim_end()).into(),
            &["a", "b"],
            &["line LAST: a block begins in the middle of the line"],
        ),
        (
            "UTF-16 from PowerShell",
            utf16(&pa),
            &["a"],
            &["the file is UTF-16 text, which no TLS library reads"],
        ),
        (
            "broken block between",
            format!("{pa}{broken}{pb}").into(),
            &["a", "b"],
            &["line NEXT: the block cannot be decoded ('*' is not a character of base64)"],
        ),
        (
            "DER between",
            [pa.as_bytes(), b.der(), b"\n", pb.as_bytes()].concat(),
            &["a", "b"],
            &["line NEXT: bytes that are not text stand between the blocks"],
        ),
        (
            "no end, then another",
            format!("{unfinished}{pb}").into(),
            &["b"],
            &["line 1: the block has no end"],
        ),
        ("cut off", pa.as_bytes()[..200].to_vec(), &[], &["line 1: the block has no end"]),
        ("key beside it", format!("{key}{pa}").into(), &["a"], &["line 1: a private key"]),
        ("only a key", key.into(), &[], &["line 1: a private key"]),
        (
            "escape in a label",
            b"-----BEGIN X\x1b[2J-----\n".to_vec(),
            &[],
            &["there is no certificate in the file"],
        ),
        ("DER", a.der().to_vec(), &["a"], &[]),
        ("DER with a line's end", [a.der(), b"\n"].concat(), &["a"], &[]),
        ("two DER in a row", [a.der(), b.der()].concat(), &["a", "b"], &[]),
        (
            "DER cut off",
            a.der()[..200].to_vec(),
            &[],
            &["this is the beginning of a DER certificate, its end is missing"],
        ),
        ("empty", b"".to_vec(), &[], &["the file is empty"]),
        ("blank", b" \r\n\n".to_vec(), &[], &["the file is empty"]),
        ("prose", b"hello\n".to_vec(), &[], &["there is no certificate in the file"]),
        (
            "login page",
            b"\n<!DOCTYPE html><html>".to_vec(),
            &[],
            &["this is a web page, not PEM or a DER certificate"],
        ),
        (
            "Java key store",
            vec![0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2],
            &[],
            &["this is a Java key store, not PEM or a DER certificate"],
        ),
    ];
    for (story, bytes, wanted, problems) in rows {
        let contents = read(bytes);
        assert_eq!(names(&contents), *wanted, "{story}");
        let problems: Vec<String> = problems.iter().map(|p| lines(p)).collect();
        assert_eq!(said(&contents), problems, "{story}");
    }
    let contents = read(format!("{pa}{not_x509}").as_bytes());
    assert_eq!(contents.certificates.len(), 2, "a certificate that is not X.509 is kept, without details");
    assert!(matches!(contents.problems[..], [Problem::Malformed { .. }]), "{contents:?}");
}

#[test]
fn trusted_certificates_count_only_for_the_uses_they_name() {
    // as `openssl x509 -addtrust/-addreject` writes them, without the certificate
    const TRUST_SERVER: &[u8] = b"\x30\x0c\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01";
    const TRUST_EMAIL: &[u8] = b"\x30\x0c\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x04";
    const REJECT_SERVER: &[u8] = b"\x30\x0c\xa0\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01";
    const ALIAS: &[u8] = b"\x30\x03\x0c\x01a";
    let a = certificate("a");
    for (story, uses, trusted) in [
        ("no uses at all", &b""[..], true),
        ("an alias", ALIAS, true),
        ("trusted for servers", TRUST_SERVER, true),
        ("trusted for e-mail only", TRUST_EMAIL, false),
        ("rejected for servers", REJECT_SERVER, false),
    ] {
        let pem = Certificate::from_der([a.der(), uses].concat()).pem();
        let pem = pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE");
        let contents = read(pem.as_bytes());
        assert_eq!(contents.certificates == [a.clone()], trusted, "{story}: {contents:?}");
        assert_eq!(contents.problems.is_empty(), trusted, "{story}");
    }
}

#[test]
fn of_s_client_only_the_presented_chain_counts() {
    let [leaf, ca, responder] = ["leaf", "ca", "responder"].map(certificate);
    let (leaf, ca, responder) = (leaf.pem(), ca.pem(), responder.pem());
    let showcerts = format!(
        "CONNECTED(00000003)\nOCSP response: \nCertificate:\n{responder}---\nCertificate chain\n 0 s:CN = leaf\n   \
         i:CN = ca\n{leaf} 1 s:CN = ca\n   i:CN = ca\n{ca}---\nServer certificate\nsubject=CN = leaf\n{leaf}---\n"
    );
    let contents = read_chain(showcerts.as_bytes());
    assert_eq!(names(&contents), ["leaf", "ca"]);
    assert_eq!(said(&contents), [""; 0]);

    let without = format!(
        "Certificate chain\n 0 s:CN = leaf\n   i:CN = ca\n 1 s:CN = ca\n   i:CN = ca\n---\nServer certificate\n{leaf}---\n"
    );
    let contents = read_chain(without.as_bytes());
    assert_eq!(names(&contents), ["leaf"]);
    assert!(said(&contents)[0].contains("sent 2 certificates and the output shows 1"), "{contents:?}");

    let refused = b"CONNECTED(00000003)\nCertificate chain\n---\nno peer certificate available\n---\n";
    assert_eq!(said(&read_chain(refused)), ["there is no certificate in the file"]);
    assert_eq!(names(&read_chain(leaf.as_bytes())), ["leaf"]);
}

/// A bundle, a chain as `openssl s_client` prints it, DER, and a file of Windows.
fn real_files() -> Vec<Vec<u8>> {
    let [a, b] = ["a", "b"].map(certificate);
    let (one, two) = (a.pem(), b.pem());
    let session = format!(
        "CONNECTED(00000003)\n---\nCertificate chain\n 0 s:CN = a\n   i:CN = b\n{one} 1 s:CN = b\n   i:CN = b\n{two}---\n\
         Server certificate\n{one}subject=CN = a\n---\nSSL handshake has read 2000 bytes\n---\n"
    );
    let windows = format!("\u{feff}# roots\r\n{}", format!("{one}{two}").replace('\n', "\r\n"));
    let utf16: Vec<u8> = one.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![format!("# a\n{one}# b\n{two}").into(), session.into(), a.der().to_vec(), windows.into(), utf16]
}

const WORDS: &[&[u8]] = &[
    b"-----BEGIN CERTIFICATE-----\n",
    b"-----END CERTIFICATE-----\n",
    b"-----BEGIN ",
    b"-----END ",
    b"-----",
    b"---\n",
    b"Certificate chain\n",
    b" 7 s:x\n",
    b"-----BEGIN \x1b[31m-----",
    b"-----BEGIN PRIVATE KEY-----\n",
    b"\xff\xfe",
    b"=",
    b":",
];

#[test]
fn blocks_without_number_are_not_all_read() {
    let good = certificate("a").pem();
    for (block, read_before) in
        [("-----BEGIN A-----\n-----END A-----\n", 1), ("-----BEGIN A-----\n", 1), (good.as_str(), 10_000)]
    {
        let contents = read(format!("{good}{}", block.repeat(10_500)).as_bytes());
        assert_eq!(contents.certificates.len(), read_before);
        assert!(matches!(contents.problems.last(), Some(Problem::TooMany { .. })), "{block}");
    }
    let session = format!("Certificate chain\n 0 s:a\n{}---\n", good.repeat(300));
    for file in [good.repeat(300), session] {
        let chain = read_chain(file.as_bytes());
        assert_eq!((chain.certificates.len(), chain.problems.as_slice()), (100, &[][..]));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = (read(&bytes), read_chain(&bytes));
    }

    #[test]
    fn a_changed_file_is_read_in_its_order_and_gives_only_what_stands_in_it(bytes in mutated(real_files(), WORDS)) {
        let text = scan(&bytes);
        let lines = bytes.split(|byte| *byte == b'\n').count();
        for pair in text.blocks.windows(2) {
            prop_assert!(pair[0].end <= pair[1].start && pair[0].line <= pair[1].line);
        }
        prop_assert!(read(&bytes).problems.is_sorted_by_key(Problem::line));
        for contents in [read(&bytes), read_chain(&bytes)] {
            let kept: usize = contents.certificates.iter().map(|c| c.der().len()).sum();
            prop_assert!(kept <= bytes.len());
            prop_assert!(contents.problems.iter().all(|problem| problem.line() <= lines));
            for problem in &contents.problems {
                let said = problem.to_string();
                prop_assert_eq!(&crate::text::sanitise::sanitise_line(&said), &said);
            }
        }
    }

    /// However good and bad blocks are mixed, each good one is read, in order, and each bad one is told.
    #[test]
    fn every_begin_line_is_a_certificate_or_a_problem(
        pieces in proptest::collection::vec((0..4_usize, 0..4_usize), 1..8),
    ) {
        let good: Vec<Certificate> = ["a", "b", "c"].map(certificate).to_vec();
        let separators = ["", "\n", "\r\n\r\n", "\n# a comment - with dashes -----\n"];
        let (mut file, mut wanted, mut bad) = (String::new(), Vec::new(), 0);
        for (kind, separator) in pieces {
            if let Some(certificate) = good.get(kind) {
                file.push_str(certificate.pem().trim_end());
                wanted.push(certificate.clone());
            } else {
                file.push_str("-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----");
                bad += 1;
            }
            file.push_str(separators[separator]);
        }
        let contents = read(file.as_bytes());
        prop_assert_eq!(&contents.certificates, &wanted);
        let lost = contents.problems.iter().filter(|p| p.loses_certificate()).count();
        prop_assert_eq!(lost, bad);
        prop_assert_eq!(file.matches("-----BEGIN").count(), wanted.len() + lost);
    }
}
