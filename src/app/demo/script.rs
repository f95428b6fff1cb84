//! What is shown, in which order, and what is said about it.

use super::stage::Stage;

/// One command and what is said around it.
pub(super) struct Step {
    /// The heading.
    pub(super) title: &'static str,
    /// Why it is run.
    pub(super) before: &'static str,
    /// The command line without the program's name and without what leads into the lab.
    pub(super) words: Vec<String>,
    /// Whose stores count.
    pub(super) stores: Stores,
    /// What its answer means.
    pub(super) after: Option<&'static str>,
}

/// Whose root stores a step judges with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stores {
    /// The lab's: the gateway's CA is in the system store, as an administrator would have put it there.
    OfTheLab,
    /// This computer's own, which the demo does not touch.
    OfThisComputer,
}

impl Step {
    /// Returns the command line as people would type it.
    pub(super) fn shown(&self) -> String {
        let words = self.words.iter().map(|word| match word.len() {
            64 => format!("{}...", &word[..12]), // a fingerprint
            _ => word.clone(),
        });
        std::iter::once("trustgap".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
    }
}

pub(super) const INTRODUCTION: &[&str] = &[
    "This process now runs a small company: public sites, an internal wiki, and a gateway that inspects TLS. \
     Everything listens on 127.0.0.1 and every certificate is a minute old. Nothing leaves this computer, nothing on \
     it is changed, and nothing stays behind.",
    "The commands below are real ones, run against that network. Only one thing is left out of the command lines: \
     where the demo's hosts listen.",
];

pub(super) const END: &[&str] = &[
    "That was all inside this process; its network and its files are gone now. On a network of your own, begin with \
     `trustgap`, without anything behind it.",
];

/// Returns the steps.
pub(super) fn steps(stage: &Stage) -> Vec<Step> {
    let _ = stage.published_fingerprint();
    let _ = stage.tools_meet();
    vec![
        Step {
            title: "Is anybody inspecting?",
            before: "Three public sites. The browser on such a computer shows nothing unusual, because the gateway's CA \
                     is in the system store.",
            words: words(&[
                "check",
                "registry.fabrikam.example",
                "index.contoso.example",
                "www.contoso.example",
            ]),
            stores: Stores::OfTheLab,
            after: Some(
                "Two are inspected, one is not: gateways choose. The second gateway sends its leaf alone, which many \
                 tools report as a missing intermediate; it is not.",
            ),
        },
        Step {
            title: "What only looks like inspection",
            before: "The same error messages, other causes, other people to ask.",
            words: words(&[
                "check",
                "wiki.intranet.test",
                "forgetful.example",
                "expired.example",
                "misnamed.example",
                "registry.fabrikam.example",
            ]),
            stores: Stores::OfTheLab,
            after: None,
        },
    ]
}

fn words(these: &[&str]) -> Vec<String> {
    these.iter().map(|word| (*word).to_owned()).collect()
}
