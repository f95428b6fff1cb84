//! Sites whose root is the question, and which are not inspected.

use std::io;

use super::{Network, found};
use crate::facts::Code;
use crate::lab::mint::{BasicConstraints, Profile};

impl Network {
    pub(super) fn trust(&mut self) -> io::Result<()> {
        let private = &self.authorities.private_root;
        let issuing = private.subordinate("Northwind Internal Issuing 2")?;
        let (wiki, git) = (
            private.leaf(&["wiki.intranet.test"])?,
            issuing.leaf(&["git.intranet.test"])?.with(&[issuing.certificate()]),
        );
        let verdict = found(Code::PrivateCa);
        self.tls("an internal site of the company's own CA", "wiki.intranet.test", wiki, verdict)?;
        self.tls("an internal site with an intermediate", "git.intranet.test", git, verdict)?;

        let stranger = &self.authorities.stranger;
        let below = stranger.subordinate("Adventure Works Issuing")?;
        let complete = stranger.leaf(&["adventure.test"])?.with(&[stranger.certificate()]);
        let longer =
            below.leaf(&["works.adventure.test"])?.with(&[below.certificate(), stranger.certificate()]);
        // these two must be met nowhere else: a root seen beside another target would be found
        let alone = self.authorities.mint.root("Coho Winery Root")?.leaf(&["lost.test"])?;
        let unseen =
            self.authorities.mint.root("Margie Travel Root")?.subordinate("Margie Travel Issuing")?;
        let headless = unseen.leaf(&["headless.test"])?.with(&[unseen.certificate()]);
        let verdict = found(Code::UntrustedRoot);
        self.tls("a complete chain to a root that nobody here has", "adventure.test", complete, verdict)?;
        self.tls("the same with an intermediate", "works.adventure.test", longer, verdict)?;
        let verdict = found(Code::UnknownIssuer);
        self.tls("a leaf whose issuer nobody here knows", "lost.test", alone, verdict)?;
        self.tls("a chain whose top nobody here knows", "headless.test", headless, verdict)?;

        let mint = self.authorities.mint;
        let own = mint.self_signed(&Profile::leaf(&["appliance.test"]))?;
        let verdict = found(Code::SelfSigned);
        self.tls("an appliance that signed for itself", "appliance.test", own, verdict)?;
        let as_ca = mint.self_signed(&Profile {
            basic_constraints: Some(BasicConstraints { ca: true, path_len: None, critical: true }),
            ..Profile::leaf(&["camera.test"])
        })?;
        self.tls("an appliance that signed for itself and calls itself a CA", "camera.test", as_ca, verdict)?;
        let forgotten = mint.self_signed(&Profile::leaf(&["old.test"]).valid_days(-900, -100))?;
        self.tls("an appliance whose own certificate has ended", "old.test", forgotten, verdict)?;

        let new = self.authorities.new_public_root.issue(&Profile::public_leaf(&["modern.example"]))?;
        let verdict = found(Code::SystemStoreOutdated);
        self.tls("a public site under a root too new for this system", "modern.example", new, verdict)?;
        Ok(())
    }
}
