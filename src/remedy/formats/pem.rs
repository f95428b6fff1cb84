//! PEM files that every reader takes: LF, a line's end after every block, no byte order mark, ASCII only, every block
//! encoded anew, and above each what it is.

use std::fmt::Write as _;

use time::macros::format_description;

use crate::facts::Certificate;
use crate::text::sanitise;

/// Returns a file with a heading and these certificates. The heading's lines become comments.
pub fn write(heading: &[&str], certificates: &[Certificate]) -> String {
    let mut text = String::new();
    for line in heading {
        comment(&mut text, line);
    }
    for certificate in certificates {
        if !text.is_empty() {
            text.push('\n');
        }
        if let Ok(details) = certificate.details() {
            let day = format_description!("[year]-[month]-[day]");
            let date = |time: time::OffsetDateTime| time.format(day).unwrap_or_default();
            comment(&mut text, &format!("Subject: {}", sanitise(&details.subject.to_string())));
            comment(
                &mut text,
                &format!("Valid: {} to {}", date(details.not_before), date(details.not_after)),
            );
        }
        comment(&mut text, &format!("SHA-256: {}", certificate.fingerprint().with_colons()));
        text.push_str(&certificate.pem());
    }
    text
}

/// Adds a comment. Some readers decode the whole file as ASCII, and none may find a line of dashes in it.
fn comment(text: &mut String, line: &str) {
    text.push_str("# ");
    for c in line.replace("-----", "- - -").chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            let _ = write!(text, "{}", c.escape_unicode());
        }
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::pem;

    #[test]
    fn no_subject_can_break_the_file() {
        let hostile = "Evil\n-----BEGIN CERTIFICATE-----\u{1b}[2J\u{202e} Prüf 日本";
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec![]).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, hostile);
        let certificate = Certificate::from_der(params.self_signed(&key).unwrap().der().to_vec());
        let text = write(&["Written by a test."], &[certificate.clone(), certificate.clone()]);
        assert!(text.is_ascii() && !text.contains(['\r', '\u{1b}']), "{text}");
        assert_eq!(text.matches("-----BEGIN").count(), 2, "{text}");
        assert!(text.ends_with("-----END CERTIFICATE-----\n"));
        let read = pem::read(text.as_bytes());
        assert_eq!((read.certificates, read.problems), (vec![certificate.clone(), certificate], vec![]));
    }
}
