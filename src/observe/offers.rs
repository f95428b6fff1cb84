//! Hears what the programs of this machine offer, and puts their own ClientHellos before a server.

use std::time::Duration;

use super::Question;
use super::attempt::Attempt;
use super::look::{MOST_AT_ONCE, with_errands};
use super::side_by_side::side_by_side;
use super::verify::{at_once, readable};
use crate::catalogue::{self, Tool};
use crate::edge::Reading;
use crate::edge::listener::{Listener, Reply, Sounds};
use crate::edge::look::{Errand, outcome};
use crate::edge::tls::End;
use crate::edge::tls::raw::Answer;
use crate::facts::handshake::Base64Bytes;
use crate::facts::offers::{Heard, Meeting, MeetingAnswer, OfferLook};
use crate::facts::route::ProxyChoice;
use crate::facts::tool::ToolLook;
use crate::facts::versions::KeyExchange;
use crate::facts::{Environment, Host, Outcome, Target, TlsVersion};
use crate::judge::{hello, meeting};

/// Sends every installation to a listener on loopback and returns what was heard, in their order. Installations of
/// which it is not known how to send them anywhere say so.
pub fn look_at_offers(
    reading: &dyn Reading,
    tools: &[ToolLook],
    timeout: Duration,
    jobs: Option<usize>,
) -> Vec<OfferLook> {
    // a proxy would hear the hello, or keep it from us
    let environment = readable(reading.environment(), &ProxyChoice::Never);
    let known: Vec<(&ToolLook, &Tool)> =
        tools.iter().filter_map(|look| Some((look, catalogue::tool(&look.id)?))).collect();
    side_by_side(&known, at_once(jobs), |(look, tool)| OfferLook {
        tool: look.id.clone(),
        version: look.version.clone(),
        path: look.path.clone(),
        heard: Hearing { reading, look, tool, environment: &environment, timeout }.heard(),
    })
}

/// Puts each ClientHello that was heard before each target of the question; per target, the answers are in the order
/// of the offers. Installations that were not heard are left out. Hellos that differ only in keys and names are put
/// once: dozens of programs on the same library would otherwise look like an assault.
pub fn meet(reading: &dyn Reading, question: &Question, offers: &[OfferLook]) -> Vec<Vec<Meeting>> {
    with_errands(reading, question, |errands| put_before(question, errands, offers))
}

fn put_before(question: &Question, errands: &[Errand<'_>], offers: &[OfferLook]) -> Vec<Vec<Meeting>> {
    let heard: Vec<(&OfferLook, &[u8])> =
        offers.iter().filter_map(|offer| Some((offer, offer.message()?))).collect();
    let mut different: Vec<(Option<Vec<u8>>, &[u8])> = Vec::new();
    let kind_of: Vec<usize> = heard
        .iter()
        .map(|(_, message)| {
            let likeness = hello::likeness(message);
            let known = different.iter().position(|(known, _)| likeness.is_some() && *known == likeness);
            known.unwrap_or_else(|| {
                different.push((likeness, message));
                different.len() - 1
            })
        })
        .collect();
    let pairs: Vec<_> =
        errands.iter().flat_map(|errand| different.iter().map(move |(_, hello)| (errand, *hello))).collect();
    let at_once = question.jobs.unwrap_or(MOST_AT_ONCE);
    let answers = side_by_side(&pairs, at_once, |(errand, hello)| errand.ask_as(hello));
    let of_one = |index: usize| {
        let own = &answers[index * different.len()..];
        let meeting = |((offer, _), kind): (&(&OfferLook, &[u8]), &usize)| Meeting {
            tool: offer.tool.clone(),
            version: offer.version.clone(),
            path: offer.path.clone(),
            answer: answer(offer, own[*kind].clone()),
        };
        heard.iter().zip(&kind_of).map(meeting).collect()
    };
    (0..errands.len()).map(of_one).collect()
}

/// Says what a server's answer to a program's own ClientHello means for the program.
fn answer(offer: &OfferLook, answer: Result<Answer, Outcome>) -> MeetingAnswer {
    let answer = match answer {
        Ok(answer) => answer,
        Err(outcome) => return MeetingAnswer::NotExamined { outcome },
    };
    let (Some(version), Some(cipher_suite)) = (answer.handshake.version, answer.handshake.cipher_suite)
    else {
        return match answer.end {
            End::Alert(alert) => MeetingAnswer::Refused { alert },
            End::Reset { closed } => MeetingAnswer::Reset { closed },
            end => MeetingAnswer::NotExamined { outcome: outcome(end) },
        };
    };
    let signs = matches!(answer.key_exchange, Some(KeyExchange::Ecdhe | KeyExchange::Dhe { .. }));
    let takes_sha1 = meeting::offer(offer).is_some_and(|offer| offer.sha1_signatures);
    match meeting::reach(offer).and_then(|reach| meeting::speaks(&reach, version)) {
        Some(true) if version < TlsVersion::Tls12 && signs && !takes_sha1 => {
            MeetingAnswer::SignatureTooWeak { version, cipher_suite }
        }
        Some(true) => MeetingAnswer::Agreed {
            version,
            cipher_suite,
            diffie_hellman_bits: answer.handshake.diffie_hellman_bits,
            secure_renegotiation: answer.handshake.secure_renegotiation,
        },
        Some(false) => MeetingAnswer::TooOld { version },
        None => {
            let reason = format!("the server chose {version}, and whether the program takes it is not known");
            MeetingAnswer::NotExamined { outcome: Outcome::HandshakeFailed { reason } }
        }
    }
}

/// One installation being listened to.
struct Hearing<'a> {
    reading: &'a dyn Reading,
    look: &'a ToolLook,
    tool: &'a Tool,
    environment: &'a Environment,
    timeout: Duration,
}

impl Hearing<'_> {
    fn heard(&self) -> Heard {
        let (sounds, words) = match self.send(Reply::No) {
            Ok(heard) => heard,
            Err(why) => return Heard::Nothing { why },
        };
        let Some(message) = sounds.hello else { return Heard::Nothing { why: silence(&sounds, &words) } };
        let goes_down_to = match hello::read(&message) {
            Ok(offer) if offer.lowest.is_none() => self.lowest(offer.highest),
            _ => None,
        };
        Heard::Hello { message: Base64Bytes(message), goes_down_to }
    }

    /// Finds out by trying how far down a program goes that does not list its versions.
    fn lowest(&self, highest: TlsVersion) -> Option<TlsVersion> {
        for version in [TlsVersion::Tls10, TlsVersion::Tls11, TlsVersion::Tls12] {
            if version >= highest {
                break;
            }
            if self.send(Reply::Version(version)).ok()?.0.went_on? {
                return Some(version);
            }
        }
        Some(highest)
    }

    /// Sends the tool to a listener; returns what was heard, and the tool's own last words.
    fn send(&self, reply: Reply) -> Result<(Sounds, String), String> {
        let listener =
            Listener::start(reply).map_err(|e| format!("nobody can listen on this machine: {e}"))?;
        // by name, because an address is not sent in a hello
        let target = Target::new(Host::Name("localhost".to_owned()), listener.port());
        let attempt = Attempt {
            reading: self.reading,
            os: self.reading.platform().os,
            look: self.look,
            tool: self.tool,
            target: &target,
            environment: self.environment,
            timeout: self.timeout,
        };
        let (_, finished) = attempt.run_until(&|| listener.is_satisfied())?;
        let text = finished.text();
        let words = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
        Ok((listener.end(), words.to_owned()))
    }
}

fn silence(sounds: &Sounds, words: &str) -> String {
    match &sounds.something_else {
        Some(bytes) => format!("it did not speak TLS but said: {}", String::from_utf8_lossy(bytes)),
        None if words.is_empty() => "it made no connection".to_owned(),
        None => format!("it made no connection and said: {words}"),
    }
}
