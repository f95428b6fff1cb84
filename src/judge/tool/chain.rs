//! What the roots of an installation say to the chain of a server.

use std::cell::RefCell;
use std::collections::HashMap;

use super::predict::ToolTrust;
use super::seen::View;
use crate::facts::{Certificate, Fingerprint};
use crate::judge::trust::{self, Elsewhere, Peculiarity, Place, Question};
use crate::judge::{RootSet, Verdict};

/// An installation's answer to a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainAnswer {
    /// It has the root, and an intermediate that it would need was not sent; with where that one was found.
    Incomplete(Place),
    /// It does not have the root.
    LacksRoot,
    /// It verifies nothing.
    NotVerified,
    /// It has the root and refuses for another reason, in a log's words; hostile.
    Refused(String),
    /// It accepts the chain.
    Trusted,
    /// Its roots are not known well enough.
    Unknown,
    /// The chain ends at an issuer that was neither sent nor found, so nobody can tell which root it would lead to.
    UnknownIssuer,
    /// A setting names a file that it cannot use.
    Unusable,
}

/// What roots say to a chain, and what only some of those who have them mind.
type Judged = (ChainAnswer, Vec<Peculiarity>);

/// Judges one chain for many installations: those with the same roots share an answer.
pub struct ChainJudge<'a> {
    question: Question<'a>,
    elsewhere: &'a Elsewhere,
    answers: RefCell<HashMap<Vec<Fingerprint>, Judged>>,
}

impl<'a> ChainJudge<'a> {
    /// Prepares for a chain; `elsewhere` holds what may complete it.
    pub fn new(question: Question<'a>, elsewhere: &'a Elsewhere) -> Self {
        Self { question, elsewhere, answers: RefCell::default() }
    }

    /// Judges one installation.
    pub fn answer(&self, view: View<'_>, tool: &ToolTrust<'_>) -> ChainAnswer {
        if !tool.verifies {
            return ChainAnswer::NotVerified;
        }
        if tool.fails {
            return ChainAnswer::Unusable;
        }
        let (answer, peculiarities) = self.of_roots(tool);
        if answer == ChainAnswer::Trusted {
            return match view.refuses(&peculiarities) {
                Some(refused) => refused
                    .first()
                    .map_or(answer, |one| ChainAnswer::Refused(one.departure.what().to_owned())),
                None => ChainAnswer::Unknown,
            };
        }
        // a root that it has is one that it has, whatever others there may be
        let certain = matches!(answer, ChainAnswer::Incomplete(_));
        if tool.roots_known || certain { answer } else { ChainAnswer::Unknown }
    }

    fn of_roots(&self, tool: &ToolTrust<'_>) -> Judged {
        let mut key: Vec<Fingerprint> = tool.roots.iter().map(Certificate::fingerprint).collect();
        key.sort_unstable();
        key.dedup();
        let mut answers = self.answers.borrow_mut();
        let judge = || {
            let roots: RootSet = tool.roots.iter().collect();
            let verdict = trust::verdict(&self.question, &roots, self.elsewhere);
            (answer(&verdict), verdict.peculiarities)
        };
        answers.entry(key).or_insert_with(judge).clone()
    }
}

fn answer(verdict: &Verdict) -> ChainAnswer {
    if verdict.is_trusted() {
        ChainAnswer::Trusted
    } else if verdict.unknown_issuer().is_some() {
        ChainAnswer::UnknownIssuer
    } else if verdict.hopeless.is_none() && !verdict.anchored {
        ChainAnswer::LacksRoot
    } else if let Some((_, place)) = verdict.missing_intermediates().next() {
        ChainAnswer::Incomplete(place.clone())
    } else {
        ChainAnswer::Refused(verdict.reason().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::facts::tool::ToolLook;
    use crate::facts::{Environment, Host, Os};
    use crate::judge::tool::Effective;
    use crate::lab::{Mint, Profile};

    fn tool(roots: Vec<Certificate>) -> ToolTrust<'static> {
        ToolTrust {
            effective: Effective { verifies: true, parts: Vec::new(), settings: Vec::new(), off: Vec::new() },
            roots,
            idle: Vec::new(),
            roots_known: true,
            network: None,
            lacks: Vec::new(),
            public: None,
            verifies: true,
            fails: false,
            faults: Vec::new(),
            follows_system: false,
        }
    }

    fn look(id: &str, version: &str) -> ToolLook {
        let look = serde_json::json!({ "id": id, "path": "/usr/bin/x", "version": version });
        serde_json::from_value(look).unwrap()
    }

    fn view(look: &ToolLook) -> View<'_> {
        static NOTHING: LazyLock<Environment> = LazyLock::new(Environment::default);
        View { tool: crate::catalogue::tool(&look.id).unwrap(), look, environment: &NOTHING, os: Os::Linux }
    }

    #[test]
    fn whoever_minds_the_form_of_a_certificate_refuses_although_it_has_the_root() {
        let mint = Mint::now();
        let root = mint.root("Public Root").unwrap();
        let profile = Profile { authority_key_identifier: false, ..Profile::leaf(&["www.example"]) };
        let chain = root.issue(&profile).unwrap().chain;
        let host: Host = "www.example".parse().unwrap();
        let elsewhere = Elsewhere::default();
        let judge = ChainJudge::new(Question { chain: &chain, host: &host, time: mint.moment() }, &elsewhere);
        let answer =
            |id, version| judge.answer(view(&look(id, version)), &tool(vec![root.certificate().clone()]));
        assert_eq!(answer("python", "3.12.1"), ChainAnswer::Trusted);
        assert!(matches!(answer("python", "3.13.1"), ChainAnswer::Refused(_)));
        assert_eq!(
            answer("opam", "2.1"),
            ChainAnswer::Unknown,
            "nothing is known about what it verifies with"
        );
    }

    #[test]
    fn the_roots_of_a_tool_decide_what_it_says_to_a_chain() {
        let mint = Mint::now();
        let root = mint.root("Public Root").unwrap();
        let issuer = root.subordinate("Public Issuing").unwrap();
        let other = mint.root("Another Root").unwrap();
        let leaf = |change: fn(&mut Profile)| {
            let mut profile = Profile::public_leaf(&["www.example"]);
            change(&mut profile);
            issuer.issue(&profile).unwrap()
        };
        let whole = leaf(|_| {}).with(&[issuer.certificate()]).chain;
        let sent_root = leaf(|_| {}).with(&[issuer.certificate(), root.certificate()]).chain;
        let alone = leaf(|_| {}).chain;
        let misnamed =
            leaf(|p| p.names = vec!["other.example".to_owned()]).with(&[issuer.certificate()]).chain;
        let host: Host = "www.example".parse().unwrap();
        let mut elsewhere = Elsewhere::default();
        let beside = Place::Beside("other.example:443".to_owned());
        elsewhere.add(issuer.certificate(), &beside);
        let own = |roots: &[&Certificate]| tool(roots.iter().map(|c| (*c).clone()).collect());
        let mut blind = own(&[]);
        blind.verifies = false;
        let mut half = own(&[other.certificate()]);
        half.roots_known = false;
        let mut broken = own(&[root.certificate()]);
        broken.fails = true;
        for (story, chain, trust, wanted) in [
            ("complete", &whole, own(&[root.certificate()]), ChainAnswer::Trusted),
            (
                "without the intermediate",
                &alone,
                own(&[root.certificate()]),
                ChainAnswer::Incomplete(beside.clone()),
            ),
            (
                "it has the intermediate and not its root, which OpenSSL does not take",
                &alone,
                own(&[issuer.certificate()]),
                ChainAnswer::Refused("the store holds this intermediate and not its root".to_owned()),
            ),
            (
                "it has the intermediate and its root",
                &alone,
                own(&[issuer.certificate(), root.certificate()]),
                ChainAnswer::Trusted,
            ),
            ("another root", &sent_root, own(&[other.certificate()]), ChainAnswer::LacksRoot),
            (
                "another root, and this one is known nowhere",
                &whole,
                own(&[other.certificate()]),
                ChainAnswer::UnknownIssuer,
            ),
            ("no roots", &sent_root, own(&[]), ChainAnswer::LacksRoot),
            ("half known", &whole, half, ChainAnswer::Unknown),
            ("switched off", &whole, blind, ChainAnswer::NotVerified),
            ("its file is broken", &whole, broken, ChainAnswer::Unusable),
            (
                "another name",
                &misnamed,
                own(&[root.certificate()]),
                ChainAnswer::Refused("the certificate is for another name".to_owned()),
            ),
        ] {
            let question = Question { chain, host: &host, time: mint.moment() };
            let look = look("node", "22.1.0");
            let answer = ChainJudge::new(question, &elsewhere).answer(view(&look), &trust);
            assert_eq!(answer, wanted, "{story}");
        }
    }
}
