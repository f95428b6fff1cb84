//! A machine and its network as a value, with certificates minted for the test.

use time::OffsetDateTime;
use time::macros::datetime;
use trustgap::diagnose::diagnose;
use trustgap::facts::handshake::{Role, TargetLook};
use trustgap::facts::report::{Certainty, InspectionVerdict, TargetReport, Verdict};
use trustgap::facts::store::{Origin, Root};
use trustgap::facts::{
    Certificate, Code, Finding, Handshake, Observations, Os, Outcome, Platform, Report, Target,
};
use trustgap::judge;
use trustgap::lab::mint::{Authority, Identity, Mint, Profile};

/// The moment of every world.
pub(super) const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);

pub(super) struct World {
    pub(super) mint: Mint,
    pub(super) public_root: Authority,
    pub(super) public_issuer: Authority,
    pub(super) seen: Observations,
}

impl World {
    /// A Debian machine whose stores hold one public root.
    pub(super) fn new() -> Self {
        let mint = Mint::at(NOW);
        let public_root = mint.root_of(&Profile::root("Public Root R1").of("Public Trust")).expect("a root");
        let public_issuer = public_root.subordinate("Public Issuing CA 1").expect("an intermediate");
        let platform = Platform { os: Os::Linux, arch: "x86_64".into(), distribution: vec!["debian".into()] };
        let mut world = Self { mint, public_root, public_issuer, seen: Observations::new(NOW, platform) };
        let root = world.public_root.certificate().clone();
        world.trust(&root, Origin::Shipped);
        world.seen.stores.web.roots.push(Root { certificate: root, origin: Origin::Shipped, place: None });
        world
    }

    /// Another machine on the same internet.
    pub(super) fn new_like(other: &Self) -> Self {
        let seen = Observations { targets: Vec::new(), ..other.seen.clone() };
        let (public_root, public_issuer) = (other.public_root.clone(), other.public_issuer.clone());
        Self { mint: other.mint, public_root, public_issuer, seen }
    }

    pub(super) fn root(&self, name: &str) -> Authority {
        self.mint.root(name).expect("a root")
    }

    /// Puts a certificate into the system store.
    pub(super) fn trust(&mut self, certificate: &Certificate, origin: Origin) {
        self.seen.stores.system.roots.push(Root { certificate: certificate.clone(), origin, place: None });
    }

    pub(super) fn look(&mut self, role: Role, host: &str, chain: Vec<Certificate>) -> &mut TargetLook {
        let target: Target = host.parse().expect("a target");
        let mut look = TargetLook::new(target, role, Outcome::Completed);
        look.handshake = Some(Handshake { chain, ..Handshake::default() });
        self.seen.targets.push(look);
        self.seen.targets.last_mut().expect("just pushed")
    }

    pub(super) fn ask(&mut self, host: &str, chain: Vec<Certificate>) -> &mut TargetLook {
        self.look(Role::Asked, host, chain)
    }

    pub(super) fn control(&mut self, host: &str, chain: Vec<Certificate>) -> &mut TargetLook {
        self.look(Role::Control, host, chain)
    }

    /// A host that ended before any certificate.
    pub(super) fn fail(&mut self, role: Role, host: &str, outcome: Outcome) -> &mut TargetLook {
        self.seen.targets.push(TargetLook::new(host.parse().expect("a target"), role, outcome));
        self.seen.targets.last_mut().expect("just pushed")
    }

    /// What a public site sends: leaf with timestamps, and the intermediate.
    pub(super) fn public(&self, host: &str) -> Vec<Certificate> {
        let leaf = self.public_issuer.issue(&Profile::public_leaf(&[host])).expect("a leaf");
        leaf.with(&[self.public_issuer.certificate()]).chain
    }

    /// Two public sites that nobody inspects.
    pub(super) fn clean_controls(&mut self) {
        for host in ["www.fabrikam.example", "www.contoso.example"] {
            let chain = self.public(host);
            self.control(host, chain);
        }
    }

    /// Two public sites that this CA signs, leaf only.
    pub(super) fn controls_signed_by(&mut self, ca: &Authority) {
        for host in ["www.fabrikam.example", "www.contoso.example"] {
            self.control(host, leaf(ca, host));
        }
    }

    pub(super) fn report(&self) -> Report {
        diagnose(&self.seen, &judge::judge(&self.seen))
    }

    /// Verdict and inspection of the first target.
    pub(super) fn first(&self) -> Answer {
        Answer::of(&self.report(), 0)
    }
}

/// The leaf alone.
pub(super) fn leaf(ca: &Authority, host: &str) -> Vec<Certificate> {
    ca.leaf(&[host]).expect("a leaf").chain
}

/// The leaf and the CA.
pub(super) fn leaf_and_ca(ca: &Authority, host: &str) -> Vec<Certificate> {
    ca.leaf(&[host]).expect("a leaf").with(&[ca.certificate()]).chain
}

pub(super) fn issue(ca: &Authority, host: &str, change: impl FnOnce(&mut Profile)) -> Identity {
    let mut profile = Profile::leaf(&[host]);
    change(&mut profile);
    ca.issue(&profile).expect("a leaf")
}

/// What a test usually wants to know about a target.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) verdict: Option<Code>,
    pub(super) inspection: InspectionVerdict,
    pub(super) certainty: Option<Certainty>,
    pub(super) codes: Vec<Code>,
}

impl Answer {
    pub(super) fn of(report: &Report, index: usize) -> Self {
        let target: &TargetReport = &report.targets[index];
        let verdict = match target.verdict {
            Verdict::Ok => None,
            Verdict::Found(code) => Some(code),
        };
        let certainty = verdict.and_then(|code| finding(report, index, code)).map(|f| f.certainty);
        Self { verdict, inspection: target.inspection, certainty, codes: target.findings.clone() }
    }
}

/// The finding of this code about a target.
pub(super) fn finding(report: &Report, index: usize, code: Code) -> Option<&Finding> {
    let target = &report.targets[index];
    let subject = Target::new(target.host.clone(), target.port).to_string();
    let names = |f: &&Finding| {
        f.subject == subject
            || f.values
                .get("targets")
                .and_then(|t| t.as_array())
                .is_some_and(|t| t.iter().any(|s| s == subject.as_str()))
    };
    report.findings.iter().filter(|f| f.code == code).find(names)
}
