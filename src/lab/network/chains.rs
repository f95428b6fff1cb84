//! Public sites whose chain is incomplete, in the wrong order, or breaks a rule of RFC 5280.

use std::io;

use rcgen::{ExtendedKeyUsagePurpose, KeyUsagePurpose};

use super::{Network, found};
use crate::facts::Code;
use crate::lab::mint::{BasicConstraints, Profile};

impl Network {
    pub(super) fn chains(&mut self) -> io::Result<()> {
        self.incomplete()?;
        self.jumbled()?;
        self.invalid()
    }

    fn incomplete(&mut self) -> io::Result<()> {
        let root = self.authorities.public_root.certificate().clone();
        let stranger = self.authorities.stranger.certificate().clone();
        let verdict = found(Code::MissingIntermediate);
        for (story, host, behind) in [
            ("forgot its intermediate", "forgetful.example", None),
            ("sends its root in its intermediate's place", "careless.example", Some(&root)),
            ("sends another's certificate in its intermediate's place", "confused.example", Some(&stranger)),
        ] {
            let identity = self.public_leaf(host, |_| {})?.with(behind.as_slice());
            self.tls(story, host, identity, verdict)?;
        }
        Ok(())
    }

    fn jumbled(&mut self) -> io::Result<()> {
        let root = self.authorities.public_root.certificate();
        let issuer = self.authorities.public_issuer.certificate();
        let upper = self.authorities.public_root.subordinate_of(&Profile {
            basic_constraints: Some(BasicConstraints { ca: true, path_len: Some(1), critical: true }),
            ..Profile::intermediate("Public Trust Policy 4")
        })?;
        let lower = upper.subordinate("Public Trust Issuing 4")?;
        let exchanged = self.public_leaf("jumbled.example", |_| {})?.with(&[root, issuer]);
        let swapped = lower
            .issue(&Profile::public_leaf(&["swapped.example"]))?
            .with(&[upper.certificate(), lower.certificate()]);
        let verdict = found(Code::WrongChainOrder);
        self.tls("sends root and intermediate exchanged", "jumbled.example", exchanged, verdict)?;
        self.tls("sends its two intermediates exchanged", "swapped.example", swapped, verdict)?;
        Ok(())
    }

    fn invalid(&mut self) -> io::Result<()> {
        let verdict = found(Code::InvalidChain);
        let forged = self.public_with("forged.example", |p| p.forged = true)?;
        self.tls("a leaf that somebody else signed in the issuer's name", "forged.example", forged, verdict)?;
        let client = self.public_with("client.example", |p| {
            p.extended_key_usage = vec![ExtendedKeyUsagePurpose::ClientAuth];
        })?;
        self.tls("a certificate for clients only", "client.example", client, verdict)?;
        let marked = self.public_with("authority.example", |p| {
            p.basic_constraints = Some(BasicConstraints { ca: true, path_len: None, critical: true });
        })?;
        self.tls("a certificate that is marked as a CA", "authority.example", marked, verdict)?;
        let unknown = self.public_with("unknown.example", |p| {
            p.extensions.push((vec![1, 3, 6, 1, 4, 1, 55555, 1], true, vec![5, 0]));
        })?;
        self.tls("a critical extension that nobody knows", "unknown.example", unknown, verdict)?;

        let plain = || Profile::intermediate("Public Trust Faulty");
        for (story, host, profile) in [
            (
                "an intermediate that is not a CA",
                "plain-issuer.example",
                Profile {
                    basic_constraints: Some(BasicConstraints { ca: false, path_len: None, critical: true }),
                    ..plain()
                },
            ),
            (
                "an intermediate that may not sign certificates",
                "unusable-issuer.example",
                Profile { key_usage: vec![KeyUsagePurpose::CrlSign], ..plain() },
            ),
            (
                "an intermediate for clients only",
                "client-issuer.example",
                Profile { extended_key_usage: vec![ExtendedKeyUsagePurpose::ClientAuth], ..plain() },
            ),
            (
                "an intermediate for other names",
                "constrained.example",
                Profile { permitted_names: vec!["somewhere-else.example".to_owned()], ..plain() },
            ),
            (
                "an intermediate whose signature does not verify",
                "forged-issuer.example",
                Profile { forged: true, ..plain() },
            ),
        ] {
            let issuer = self.authorities.public_root.subordinate_of(&profile)?;
            let leaf = issuer.issue(&Profile::public_leaf(&[host]))?.with(&[issuer.certificate()]);
            self.tls(story, host, leaf, verdict)?;
        }
        // pathLenConstraint is 0 in a careful intermediate: none may follow
        let upper = self.authorities.public_root.subordinate("Public Trust Last")?;
        let lower = upper.subordinate("Public Trust One Too Many")?;
        let long = lower
            .issue(&Profile::public_leaf(&["long.example"]))?
            .with(&[lower.certificate(), upper.certificate()]);
        self.tls("one intermediate more than allowed", "long.example", long, verdict)?;
        Ok(())
    }
}
