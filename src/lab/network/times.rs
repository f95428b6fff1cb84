//! Public sites with a certificate outside its validity.

use std::io;

use super::{Network, found};
use crate::facts::Code;
use crate::lab::mint::Profile;

impl Network {
    pub(super) fn times(&mut self) -> io::Result<()> {
        for (story, host, from, until, code) in [
            ("past its end", "expired.example", -90, -3, Code::Expired),
            ("years past its end", "forgotten.example", -1500, -1100, Code::Expired),
            ("before its start", "early.example", 4, 90, Code::NotYetValid),
        ] {
            let identity = self.public_with(host, |p| *p = p.clone().valid_days(from, until))?;
            self.tls(story, host, identity, found(code))?;
        }
        for (story, host, from, until, code) in [
            ("its intermediate is past its end", "expired-issuer.example", -700, -5, Code::Expired),
            ("its intermediate is before its start", "early-issuer.example", 2, 700, Code::NotYetValid),
        ] {
            let profile = Profile::intermediate("Public Trust Issuing 0").valid_days(from, until);
            let issuer = self.authorities.public_root.subordinate_of(&profile)?;
            let leaf = issuer.issue(&Profile::public_leaf(&[host]))?.with(&[issuer.certificate()]);
            self.tls(story, host, leaf, found(code))?;
        }
        Ok(())
    }
}
