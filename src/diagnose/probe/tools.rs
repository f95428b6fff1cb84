//! The toolchains of this machine and one server: what they offer, what it answers, and what their roots say.

use super::alert;
use super::versions::what_happened;
use crate::catalogue;
use crate::diagnose::case::Case;
use crate::diagnose::tools::Tools;
use crate::facts::offers::{Heard, Meeting, MeetingAnswer, OfferLook};
use crate::facts::probe::{ChainResult, ChainWords, MeetingReport, MeetingWords};
use crate::facts::versions::VersionsLook;
use crate::judge::tool::{ChainAnswer, ChainJudge};
use crate::judge::trust::Question;
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
    let row = |offer: &OfferLook| {
        let is_it = |m: &&Meeting| m.tool == offer.tool && m.path == offer.path && m.version == offer.version;
        let met = met.and_then(|look| look.meetings.iter().find(is_it));
        let judged =
            tools.judged.iter().find(|judged| judged.look.id == offer.tool && judged.look.path == offer.path);
        let answer = judge.as_ref().zip(judged).map(|(judge, tool)| judge.answer(&tool.trust));
        MeetingReport {
            tool: offer.tool.clone(),
            name: catalogue::tool(&offer.tool)
                .map_or_else(|| sanitise(&offer.tool.0), |tool| tool.name.clone()),
            version: offer.version.as_deref().map(sanitise),
            path: sanitise(&offer.path),
            offer: meeting::offer(offer).map(harmless),
            unheard: unheard(offer),
            answer: met.map(|meeting| words(&meeting.answer)),
            without_old_versions: versions
                .and_then(|server| meeting::survives_without_old_versions(&meeting::reach(offer)?, server)),
            chain: answer.map(chain),
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

/// Names and protocols are another program's words, and a record may be anybody's.
fn harmless(mut offer: crate::facts::offers::Offer) -> crate::facts::offers::Offer {
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
        MeetingAnswer::Agreed { version, cipher_suite } => MeetingWords {
            version: Some(*version),
            cipher_suite: Some(sanitise(cipher_suite)),
            ..plain("agreed")
        },
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

fn chain(answer: ChainAnswer) -> ChainWords {
    let (result, reason) = match answer {
        ChainAnswer::Incomplete => {
            (ChainResult::Incomplete, Some("an intermediate certificate is missing".to_owned()))
        }
        ChainAnswer::LacksRoot => {
            (ChainResult::LacksRoot, Some("it does not have the root that the chain leads to".to_owned()))
        }
        ChainAnswer::NotVerified => {
            (ChainResult::NotVerified, Some("it verifies nothing it connects to".to_owned()))
        }
        ChainAnswer::Refused(reason) => (ChainResult::Refused, Some(sanitise(&reason))),
        ChainAnswer::Trusted => (ChainResult::Trusted, None),
        ChainAnswer::Unknown => (ChainResult::Unknown, Some("its roots cannot be told".to_owned())),
        ChainAnswer::Unusable => {
            (ChainResult::Unusable, Some("a setting names a file that it cannot use".to_owned()))
        }
    };
    ChainWords { result, reason }
}
