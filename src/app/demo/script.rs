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
    /// The control hosts: what a real network has by itself.
    pub(super) controls: &'static str,
    /// What its answer means.
    pub(super) after: &'static str,
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
    /// Returns the command line as people would type it, on as many lines as it needs.
    pub(super) fn shown(&self, width: Option<usize>) -> String {
        let mut lines = String::from("trustgap");
        let mut column = "$ trustgap".len();
        for word in &self.words {
            let word = if word.len() == 64 { format!("{}...", &word[..12]) } else { word.clone() }; // a fingerprint
            // room for the blank before it, and for the backslash behind it
            if width.is_some_and(|width| column + word.len() + 3 > width) {
                lines.push_str(" \\\n   ");
                column = 3;
            }
            column += 1 + word.len();
            lines.push(' ');
            lines.push_str(&word);
        }
        lines
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

/// Sites of two organisations behind the gateway, and one that it lets through.
const BEHIND_THE_GATEWAY: &str = "www.fabrikam.example,cdn.proseware.example,git.litware.example";

/// Sites that it lets through.
const NOT_BEHIND_IT: &str = "www.fabrikam.example,www.contoso.example";

/// The tools that take part: the ones that most developers have, so that it stays short.
const TOOLS: &str = "node,npm,python,requests,pip,curl,git,java,openssl,aws";

/// Returns the steps.
pub(super) fn steps(stage: &Stage) -> Vec<Step> {
    let site = stage.tools_meet();
    let fingerprint = stage.published_fingerprint();
    let step = |title, stores, command: &str, before, after| {
        let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        Step { title, before, words, stores, controls: BEHIND_THE_GATEWAY, after }
    };
    let look_alikes = "check wiki.intranet.test forgetful.example expired.example misnamed.example";
    vec![
        step(
            "Is anybody inspecting?",
            Stores::OfTheLab,
            "check registry.fabrikam.example index.contoso.example",
            "Two public sites. A browser on such a computer shows nothing unusual: it follows the system store, and \
             an administrator has put the gateway's CA there.",
            "One of the control sites is not inspected: gateways choose. For index.contoso.example the gateway sends its leaf \
             alone. Many tools then complain about a missing intermediate, and that is not what it is.",
        ),
        Step {
            controls: NOT_BEHIND_IT,
            ..step(
                "What only looks like inspection",
                Stores::OfTheLab,
                look_alikes,
                "The same error messages from the tools, other causes, other people to ask.",
                "Here nobody has to install anything, and nobody has to switch anything off.",
            )
        },
        step(
            "The gateway's CA, but not anybody's",
            Stores::OfThisComputer,
            &format!("export {site}"),
            "From here on this computer's own stores count, and the demo does not touch them: the gateway's CA is in \
             none. What only a connection shows is not to be trusted.",
            "Now somebody in IT publishes the fingerprint.",
        ),
        step(
            "The gateway's CA, confirmed",
            Stores::OfThisComputer,
            &format!("export {site} --fingerprint {fingerprint}"),
            "Compared and given, the CA becomes a file. It is the certificate that really signed what the server sent, \
             never a leaf.",
            "Where an administrator has put the CA into the system store, no fingerprint is needed.",
        ),
        step(
            "The settings for the tools of this computer",
            Stores::OfThisComputer,
            &format!("env {site} --fingerprint {fingerprint} --tool {TOOLS}"),
            "Each tool has roots, variables and habits of its own. This is the least that makes those found here work \
             and none of the others worse, for the shell in use.",
            "Variables that add get the CA alone, variables that replace get a bundle with all public roots as well.",
        ),
        step(
            "The proof",
            Stores::OfThisComputer,
            &format!("verify {site} --fingerprint {fingerprint} --tool {TOOLS}"),
            "Settings are tried, not believed: each tool connects to the inspected site as it is, and then with the \
             settings. Some tools take seconds to start.",
            "Where the CA is in the system store, the tools that follow it work before as well, and the settings are \
             fewer.",
        ),
    ]
}
