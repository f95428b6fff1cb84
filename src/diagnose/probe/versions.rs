//! The matrix of TLS versions in words, and what today's rules say about it.

use std::collections::BTreeMap;

use super::alert;
use crate::diagnose::words::{list, quoted};
use crate::facts::handshake::Step;
use crate::facts::probe::VersionReport;
use crate::facts::versions::{KeyExchange, VersionAnswer, VersionsLook};
use crate::facts::{Outcome, TlsVersion};
use crate::text::sanitise;

pub(super) fn answers(look: &VersionsLook) -> BTreeMap<TlsVersion, VersionReport> {
    look.versions.iter().map(|(version, answer)| (*version, report(answer))).collect()
}

fn report(answer: &VersionAnswer) -> VersionReport {
    let plain = VersionReport {
        answer: answer.word().to_owned(),
        cipher_suite: None,
        key_exchange: None,
        alert: None,
        downgraded_to: None,
        words: String::new(),
    };
    match answer {
        VersionAnswer::Accepted { cipher_suite, key_exchange } => {
            // from a record it may be anything
            let suite = sanitise(cipher_suite);
            VersionReport {
                words: match keys(*key_exchange) {
                    Some(keys) => format!("{suite}, {keys}"),
                    None => suite.clone(),
                },
                cipher_suite: Some(suite),
                key_exchange: Some(*key_exchange),
                ..plain
            }
        }
        VersionAnswer::Downgraded { to } => VersionReport {
            downgraded_to: Some(*to),
            words: format!("it answered with {to} instead"),
            ..plain
        },
        VersionAnswer::NotExamined { outcome } => VersionReport { words: what_happened(outcome), ..plain },
        VersionAnswer::Refused { alert: number } => {
            let alert = alert(*number);
            VersionReport {
                words: format!("alert {}, {}", alert.number, alert.name),
                alert: Some(alert),
                ..plain
            }
        }
        VersionAnswer::Reset { closed: true } => {
            VersionReport { words: "the server closed the connection without a word".to_owned(), ..plain }
        }
        VersionAnswer::Reset { closed: false } => {
            VersionReport { words: "the connection was reset".to_owned(), ..plain }
        }
        VersionAnswer::Silent => {
            VersionReport { words: "no answer within the time limit".to_owned(), ..plain }
        }
    }
}

/// How keys are agreed on, where the name of the cipher suite does not say all of it.
fn keys(exchange: KeyExchange) -> Option<String> {
    match exchange {
        KeyExchange::Dhe { bits: Some(bits) } => Some(format!("group of {bits} bits")),
        KeyExchange::Rsa => Some("no forward secrecy".to_owned()),
        KeyExchange::Dhe { bits: None } | KeyExchange::Ecdhe | KeyExchange::Other | KeyExchange::Tls13 => {
            None
        }
    }
}

/// Returns how far a connection went that told nothing about TLS versions.
pub(super) fn what_happened(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Alert { description } => format!("alert {description}, {}", alert(*description).name),
        Outcome::Completed | Outcome::LegacyOnly { .. } => "the answer was incomplete".to_owned(),
        Outcome::HandshakeFailed { reason } => format!("the handshake failed: {}", quoted(reason)),
        Outcome::NotResolved { .. } => "the name does not resolve".to_owned(),
        Outcome::NotTls { .. } => "what answered is not TLS".to_owned(),
        Outcome::ProxyAuthRequired { .. } => "the proxy wants a login".to_owned(),
        Outcome::ProxyRefused { .. } => "the proxy refused".to_owned(),
        Outcome::ProxyUnreachable { .. } => "the proxy could not be reached".to_owned(),
        Outcome::ProxyUntrusted { .. } => "the proxy's certificate is not trusted".to_owned(),
        Outcome::Refused => "the connection was refused".to_owned(),
        Outcome::Reset { .. } => "the connection was cut".to_owned(),
        Outcome::TimedOut { step: Step::Resolve } => "the name was not resolved in time".to_owned(),
        Outcome::TimedOut { .. } => "nobody answered in time".to_owned(),
        Outcome::Unreachable { .. } => "the server could not be reached".to_owned(),
    }
}

/// The least that RFC 9325 (4.1) takes for finite fields.
const LEAST_BITS: usize = 2048;

/// Returns what should change by today's rules, the gravest first.
pub(super) fn advice(look: &VersionsLook) -> Vec<String> {
    let mut advice = Vec::new();
    let accepted = look.accepted();
    let refuses =
        |version: TlsVersion| look.versions.get(&version).is_some_and(|answer| answer.word() == "refused");
    let old: Vec<String> =
        accepted.iter().filter(|v| **v < TlsVersion::Tls12).map(ToString::to_string).collect();
    let modern = accepted.iter().any(|version| *version >= TlsVersion::Tls12);
    let oldest = VersionAnswer::Downgraded { to: TlsVersion::Ssl30 };
    if look.versions.values().any(|answer| *answer == oldest) {
        advice.push(
            "It answers with SSL 3.0, which must not be used any more (RFC 7568), and nothing newer is accepted: TLS 1.2 and \
             1.3 have to be switched on."
                .to_owned(),
        );
    }
    if !old.is_empty() {
        let are = if old.len() == 1 { "is" } else { "are" };
        advice.push(if modern {
            format!("{} {are} deprecated (RFC 8996) and should be switched off.", list(&old))
        } else {
            format!("{} {are} deprecated (RFC 8996), and nothing newer is accepted: TLS 1.2 and 1.3 have to be switched on.", list(&old))
        });
    }
    if look.forward_secrecy == Some(false) {
        advice.push(
            "Up to TLS 1.2 it takes RSA key exchange only: whoever gets its key later reads what was recorded before. \
             Go since 1.22 and programs on rustls do not offer that any more; ECDHE suites have to be switched on."
                .to_owned(),
        );
    }
    if let Some(bits) = look.diffie_hellman_bits.filter(|bits| *bits < LEAST_BITS) {
        advice.push(format!(
            "Its Diffie-Hellman group has {bits} bits; {LEAST_BITS} are the least (RFC 9325). Programs on OpenSSL refuse \
             small groups with `dh key too small`."
        ));
    }
    if look.secure_renegotiation == Some(false) {
        advice.push(
            "It does not know secure renegotiation (RFC 5746): programs on OpenSSL 3 refuse it with `unsafe legacy \
             renegotiation disabled`."
                .to_owned(),
        );
    }
    if modern && refuses(TlsVersion::Tls13) {
        advice.push("TLS 1.3 is not accepted; TLS 1.2 is still good, and newer programs take it.".to_owned());
    }
    advice
}

#[cfg(test)]
mod tests {
    use super::*;

    use TlsVersion::{Tls10, Tls11, Tls12, Tls13};

    fn server(accepted: &[TlsVersion]) -> VersionsLook {
        let yes = VersionAnswer::Accepted {
            cipher_suite: "TLS_RSA_WITH_AES_128_CBC_SHA".to_owned(),
            key_exchange: KeyExchange::Rsa,
        };
        let no = VersionAnswer::Refused { alert: 70 };
        let answer = |version| if accepted.contains(&version) { yes.clone() } else { no.clone() };
        VersionsLook {
            target: "old.example".parse().unwrap(),
            versions: [Tls10, Tls11, Tls12, Tls13].iter().map(|v| (*v, answer(*v))).collect(),
            forward_secrecy: None,
            diffie_hellman_bits: None,
            secure_renegotiation: None,
        }
    }

    #[test]
    fn a_name_out_of_a_record_is_harmless() {
        let cipher_suite = "\u{1b}[31mTLS".to_owned();
        let told = report(&VersionAnswer::Accepted { cipher_suite, key_exchange: KeyExchange::Rsa });
        for text in [told.words, told.cipher_suite.unwrap()] {
            assert!(text.contains("TLS") && !text.contains(char::is_control), "{text:?}");
        }
    }

    #[test]
    fn the_advice_is_that_of_today() {
        let weak = |mut look: VersionsLook| {
            look.forward_secrecy = Some(false);
            look.diffie_hellman_bits = Some(1024);
            look.secure_renegotiation = Some(false);
            look
        };
        let mut ancient = server(&[]);
        ancient.versions.insert(Tls12, VersionAnswer::Downgraded { to: TlsVersion::Ssl30 });
        for (look, words) in [
            (server(&[Tls12, Tls13]), &[][..]),
            (server(&[Tls13]), &[]),
            (server(&[Tls12]), &["TLS 1.3 is not accepted"]),
            (
                server(&[Tls10, Tls11, Tls12, Tls13]),
                &["TLS 1.0 and TLS 1.1 are deprecated (RFC 8996) and should be"],
            ),
            (server(&[Tls10]), &["TLS 1.0 is deprecated (RFC 8996), and nothing newer"]),
            (ancient, &["It answers with SSL 3.0, which must not be used any more (RFC 7568)"]),
            (
                weak(server(&[Tls12, Tls13])),
                &["RSA key exchange only", "1024 bits; 2048", "secure renegotiation"],
            ),
        ] {
            let advice = advice(&look);
            assert_eq!(advice.len(), words.len(), "{advice:?}");
            for (sentence, words) in advice.iter().zip(words) {
                assert!(sentence.contains(words), "{sentence}");
            }
        }
    }

    #[test]
    fn each_refusal_says_what_it_was() {
        let words = |answer: VersionAnswer| report(&answer).words;
        assert_eq!(words(VersionAnswer::Refused { alert: 70 }), "alert 70, protocol_version");
        assert_eq!(words(VersionAnswer::Downgraded { to: Tls11 }), "it answered with TLS 1.1 instead");
        assert_eq!(words(VersionAnswer::Silent), "no answer within the time limit");
        let outcome = Outcome::HandshakeFailed { reason: "a\u{1b}[31m\"b".to_owned() };
        let hostile = words(VersionAnswer::NotExamined { outcome });
        assert!(!hostile.contains('\u{1b}') && hostile.starts_with("the handshake failed"), "{hostile}");
    }
}
