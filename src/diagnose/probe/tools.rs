//! The toolchains of this machine and one server: what they offer, what it answers, and what their roots say.

use super::alert;
use super::versions::what_happened;
use crate::catalogue;
use crate::catalogue::cipher_suites;
use crate::catalogue::intermediates::{self, Way};
use crate::diagnose::case::Case;
use crate::diagnose::tools::Tools;
use crate::facts::offers::{Heard, Meeting, MeetingAnswer, Offer, OfferLook};
use crate::facts::probe::{ChainResult, ChainWords, MeetingReport, MeetingWords};
use crate::facts::versions::VersionsLook;
use crate::facts::{TlsVersion, ToolId};
use crate::judge::tool::{ChainAnswer, ChainJudge, View};
use crate::judge::trust::{Place, Question};
use crate::judge::{known_certificates, meeting};
use crate::text::sanitise;

/// Returns a row per installation; `None` where none was examined.
pub(super) fn meetings(
    case: &Case<'_>,
    tools: &Tools<'_>,
    versions: Option<&VersionsLook>,
) -> Option<Vec<MeetingReport>> {
    let observations = case.world.observations;
    let offers = observations.offers.as_ref()?;
    let met = observations.meetings.iter().find(|look| look.target == case.look.target);
    let elsewhere = known_certificates(observations);
    let question =
        Question { chain: case.look.chain(), host: &case.look.target.host, time: observations.time };
    let judge = (!question.chain.is_empty()).then(|| ChainJudge::new(question, &elsewhere));
    // who does not own the certificate is refused by everybody, whatever the chain is worth
    let bad = case.look.handshake.as_ref().is_some_and(|handshake| handshake.bad_signature.is_some());
    let unproved = bad.then(|| ChainWords {
        result: ChainResult::Refused,
        reason: Some("the server does not prove that the certificate is its own".to_owned()),
    });
    let row = |offer: &OfferLook| {
        let is_it = |m: &&Meeting| m.tool == offer.tool && m.path == offer.path && m.version == offer.version;
        let met = met.and_then(|look| look.meetings.iter().find(is_it));
        let judged =
            tools.judged.iter().find(|judged| judged.look.id == offer.tool && judged.look.path == offer.path);
        let answer = judge.as_ref().zip(judged).map(|(judge, tool)| {
            let environment = &observations.environment;
            let view = View { tool: tool.tool, look: tool.look, environment, os: observations.platform.os };
            judge.answer(view, &tool.trust)
        });
        MeetingReport {
            tool: offer.tool.clone(),
            name: catalogue::tool(&offer.tool)
                .map_or_else(|| sanitise(&offer.tool.0), |tool| tool.name.clone()),
            version: offer.version.as_deref().map(sanitise),
            path: sanitise(&offer.path),
            offer: meeting::offer(offer)
                .map(|said| harmless(said, meeting::reach(offer).and_then(|r| r.lowest))),
            unheard: unheard(offer),
            answer: met.map(|meeting| words(&meeting.answer)),
            without_old_versions: versions
                .and_then(|server| meeting::survives_without_old_versions(&meeting::reach(offer)?, server)),
            chain: unproved.clone().or_else(|| answer.map(|answer| chain(answer, &offer.tool, case))),
        }
    };
    Some(offers.iter().map(row).collect())
}

fn unheard(offer: &OfferLook) -> Option<String> {
    match &offer.heard {
        Heard::Nothing { why } => Some(sanitise(why)),
        Heard::Hello { message, .. } => crate::judge::hello::read(&message.0).err().map(str::to_owned),
    }
}

/// Names and protocols are another program's words, and a record may be anybody's. The lowest version may be one that
/// was proved and not said.
fn harmless(mut offer: Offer, lowest: Option<TlsVersion>) -> Offer {
    offer.lowest = lowest;
    offer.server_name = offer.server_name.as_deref().map(sanitise);
    for protocol in &mut offer.application_protocols {
        *protocol = sanitise(protocol);
    }
    offer
}

fn words(answer: &MeetingAnswer) -> MeetingWords {
    let plain = |result: &str| MeetingWords {
        result: result.to_owned(),
        version: None,
        cipher_suite: None,
        alert: None,
        reason: None,
    };
    match answer {
        MeetingAnswer::Agreed { version, cipher_suite, diffie_hellman_bits, secure_renegotiation } => {
            MeetingWords {
                version: Some(*version),
                cipher_suite: Some(sanitise(cipher_suite)),
                reason: doubt(*diffie_hellman_bits, *secure_renegotiation),
                ..plain("agreed")
            }
        }
        MeetingAnswer::NotExamined { outcome } => {
            MeetingWords { reason: Some(what_happened(outcome)), ..plain("not-examined") }
        }
        MeetingAnswer::Refused { alert: number } => {
            MeetingWords { alert: Some(alert(*number)), ..plain("refused") }
        }
        MeetingAnswer::Reset { .. } => plain("reset"),
        MeetingAnswer::SignatureTooWeak { version, cipher_suite } => MeetingWords {
            version: Some(*version),
            cipher_suite: Some(sanitise(cipher_suite)),
            reason: Some(format!(
                "in {version} the server signs its keys with SHA-1, which the program does not take"
            )),
            ..plain("signature-too-weak")
        },
        MeetingAnswer::TooOld { version } => MeetingWords {
            version: Some(*version),
            reason: Some(format!("the server chose {version}, which the program does not take")),
            ..plain("too-old")
        },
    }
}

/// Says why a program may end the handshake after they agreed; its ClientHello does not tell whether it does.
fn doubt(diffie_hellman_bits: Option<usize>, secure_renegotiation: Option<bool>) -> Option<String> {
    if secure_renegotiation == Some(false) {
        return Some(
            "the server does not know secure renegotiation, and programs on OpenSSL 3 end the handshake over that"
                .to_owned(),
        );
    }
    let (bits, who) = diffie_hellman_bits.map(|bits| (bits, cipher_suites::refusers_of_group(bits)))?;
    (!who.is_empty()).then(|| {
        format!("the server's Diffie-Hellman group has {bits} bits, too few for {}", who.join(" and for "))
    })
}

fn chain(answer: ChainAnswer, tool: &ToolId, case: &Case<'_>) -> ChainWords {
    let (result, reason) = match answer {
        ChainAnswer::Incomplete(place) => incomplete(&place, tool, case),
        ChainAnswer::LacksRoot => {
            (ChainResult::LacksRoot, Some("it does not have the root that the chain leads to".to_owned()))
        }
        ChainAnswer::NotVerified => {
            (ChainResult::NotVerified, Some("it verifies nothing it connects to".to_owned()))
        }
        ChainAnswer::Refused(reason) => (ChainResult::Refused, Some(sanitise(&reason))),
        ChainAnswer::Trusted => (ChainResult::Trusted, None),
        ChainAnswer::Unknown => (ChainResult::Unknown, Some("its roots cannot be told".to_owned())),
        ChainAnswer::UnknownIssuer => (
            ChainResult::UnknownIssuer,
            Some("the chain ends at an issuer that was neither sent nor found".to_owned()),
        ),
        ChainAnswer::Unusable => {
            (ChainResult::Unusable, Some("a setting names a file that it cannot use".to_owned()))
        }
    };
    ChainWords { result, reason }
}

/// Who connects although the server leaves an intermediate out, and why.
fn incomplete(place: &Place, tool: &ToolId, case: &Case<'_>) -> (ChainResult, Option<String>) {
    let leaf = case.look.chain().first().and_then(|c| c.details().ok());
    let public = case.trust().is_some_and(|trust| trust.web.reaches_roots());
    let said = |result, reason: &str| (result, Some(reason.to_owned()));
    match (intermediates::find(tool).map(|client| client.way), place) {
        (Some(Way::Fetches), Place::Fetched(_)) => said(
            ChainResult::Completes,
            "the server leaves an intermediate out, and the program fetches it from the address in the certificate",
        ),
        (Some(Way::Fetches), _) if leaf.is_some_and(|leaf| !leaf.issuer_urls.is_empty()) => said(
            ChainResult::Unknown,
            "the program fetches missing intermediates from the address in the certificate, which was not tried here",
        ),
        (Some(Way::Fetches), _) => said(
            ChainResult::Incomplete,
            "the server leaves an intermediate out, and the certificate does not say where it could be fetched",
        ),
        (Some(Way::Carries), _) if public => said(
            ChainResult::Completes,
            "the server leaves an intermediate out, and the program carries those of public CAs along",
        ),
        _ => said(
            ChainResult::Incomplete,
            "the server leaves an intermediate out, and the program neither has nor fetches it",
        ),
    }
}
