//! Asks servers for each TLS version, all versions of all servers at once.

use super::Question;
use super::look::{MOST_AT_ONCE, with_errands};
use super::side_by_side::side_by_side;
use crate::edge::Reading;
use crate::edge::look::{Errand, outcome};
use crate::edge::tls::End;
use crate::edge::tls::hello::{DIFFIE_HELLMAN, TLS13, UP_TO_TLS12, WITH_FORWARD_SECRECY};
use crate::edge::tls::raw::Answer;
use crate::facts::versions::{KeyExchange, VersionAnswer, VersionsLook};
use crate::facts::{Outcome, Target, TlsVersion};

/// One ClientHello: the highest version and the cipher suites it offers.
#[derive(Clone, Copy)]
struct Ask {
    version: TlsVersion,
    cipher_suites: &'static [u16],
}

/// The versions in question, oldest first.
const VERSIONS: [Ask; 4] = [
    Ask { version: TlsVersion::Tls10, cipher_suites: UP_TO_TLS12 },
    Ask { version: TlsVersion::Tls11, cipher_suites: UP_TO_TLS12 },
    Ask { version: TlsVersion::Tls12, cipher_suites: UP_TO_TLS12 },
    Ask { version: TlsVersion::Tls13, cipher_suites: TLS13 },
];

/// Returns what is asked besides: of a server that keeps to its own order, the versions alone do not show what it
/// lacks.
fn besides() -> [Ask; 2] {
    let only = |cipher_suites| Ask { version: TlsVersion::Tls12, cipher_suites };
    [only(&WITH_FORWARD_SECRECY), only(&DIFFIE_HELLMAN)]
}

/// Asks every target of the question for every version; the answers are in the question's order.
///
/// Each version has a connection of its own and all are made at the same time, so that a matrix takes as long as one
/// look.
pub fn look_at_versions(reading: &dyn Reading, question: &Question) -> Vec<VersionsLook> {
    with_errands(reading, question, |errands| ask_all(question, errands))
}

fn ask_all(question: &Question, errands: &[Errand<'_>]) -> Vec<VersionsLook> {
    let asks: Vec<Ask> = VERSIONS.into_iter().chain(besides()).collect();
    let items: Vec<(&Errand<'_>, Ask)> =
        errands.iter().flat_map(|errand| asks.iter().map(move |ask| (errand, *ask))).collect();
    let at_once = question.jobs.unwrap_or(MOST_AT_ONCE).saturating_mul(asks.len());
    let answers = side_by_side(&items, at_once, |(errand, ask)| errand.ask(ask.version, ask.cipher_suites));
    errands
        .iter()
        .zip(answers.chunks(asks.len()))
        .map(|(errand, answers)| matrix(&errand.target, answers))
        .collect()
}

type Answered = Result<Answer, Outcome>;

fn matrix(target: &Target, answers: &[Answered]) -> VersionsLook {
    // zip ends with the versions; behind them stand the two other questions
    let versions = || VERSIONS.iter().zip(answers);
    let older: Vec<&Answer> = versions().filter_map(|(_, answer)| chose_older(answer)).collect();
    let forward_secrecy = answers.get(VERSIONS.len()).filter(|_| !older.is_empty());
    let finite_fields = answers.get(VERSIONS.len() + 1).and_then(chose_older);
    VersionsLook {
        target: target.clone(),
        versions: versions().map(|(ask, answer)| (ask.version, meaning(ask.version, answer))).collect(),
        forward_secrecy: forward_secrecy.and_then(|answer| has_forward_secrecy(answer, &older)),
        diffie_hellman_bits: finite_fields.and_then(|answer| match answer.key_exchange {
            Some(KeyExchange::Dhe { bits }) => bits,
            _ => None,
        }),
        secure_renegotiation: older
            .iter()
            .filter_map(|a| a.handshake.secure_renegotiation)
            .reduce(|a, b| a && b),
    }
}

/// Returns the answer of a server that agreed to a version up to TLS 1.2.
fn chose_older(answer: &Answered) -> Option<&Answer> {
    answer.as_ref().ok().filter(|a| a.handshake.version.is_some_and(|v| v <= TlsVersion::Tls12))
}

fn has_forward_secrecy(asked_for: &Answered, older: &[&Answer]) -> Option<bool> {
    let has =
        |answer: &&Answer| matches!(answer.key_exchange, Some(KeyExchange::Ecdhe | KeyExchange::Dhe { .. }));
    match asked_for {
        answer if chose_older(answer).as_ref().is_some_and(has) || older.iter().any(has) => Some(true),
        // silence or a reset may have another reason than the cipher suites; an alert has none
        Ok(Answer { end: End::Alert(_), .. }) => Some(false),
        _ => None,
    }
}

/// Says what the answer means for the version that was asked for.
fn meaning(asked: TlsVersion, answer: &Answered) -> VersionAnswer {
    let answer = match answer {
        Ok(answer) => answer,
        Err(outcome) => return VersionAnswer::NotExamined { outcome: outcome.clone() },
    };
    match (answer.handshake.version, &answer.handshake.cipher_suite, answer.key_exchange) {
        (Some(version), Some(cipher_suite), Some(key_exchange)) if version == asked => {
            VersionAnswer::Accepted { cipher_suite: cipher_suite.clone(), key_exchange }
        }
        (Some(to), ..) if to < asked => VersionAnswer::Downgraded { to },
        (Some(_), ..) => {
            let reason = "the server chose a version that was not offered".to_owned();
            VersionAnswer::NotExamined { outcome: Outcome::HandshakeFailed { reason } }
        }
        (None, ..) => match answer.end.clone() {
            End::Alert(alert) => VersionAnswer::Refused { alert },
            End::Reset { closed } => VersionAnswer::Reset { closed },
            End::TimedOut => VersionAnswer::Silent,
            end => VersionAnswer::NotExamined { outcome: outcome(end) },
        },
    }
}
