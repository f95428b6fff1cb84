//! Public sites that attach, or should attach, their CA's word that the certificate was not revoked.

use std::io;

use time::Duration;

use super::{Network, OK, found};
use crate::facts::Code;
use crate::lab::responder::Statement;

impl Network {
    pub(super) fn staples(&mut self) -> io::Result<()> {
        let issuer = self.authorities.public_issuer.clone();
        let stranger = self.authorities.stranger.clone();
        let ended = Statement { from: Duration::days(-12), until: Duration::days(-2), ..Statement::good() };
        let early = Statement { from: Duration::days(2), ..Statement::good() };
        let invalid = found(Code::StapleInvalid);
        for (story, host, statement, forged, verdict) in [
            ("staples that it is in order", "stapled.example", Statement::good(), false, OK),
            (
                "staples that it was revoked",
                "revoked.example",
                Statement::revoked(),
                false,
                found(Code::Revoked),
            ),
            ("staples what has ended", "stale.example", ended, false, invalid),
            ("staples what does not hold yet", "hasty.example", early, false, invalid),
            ("staples what a stranger signed", "vouched.example", Statement::good(), true, invalid),
            ("a stranger says that it was revoked", "slandered.example", Statement::revoked(), true, invalid),
        ] {
            let identity = self.public(host)?;
            let signer = if forged { &stranger } else { &issuer };
            let staple = issuer.staple_signed_by(signer, identity.leaf(), statement)?;
            self.tls(story, host, identity.with_staple(staple), verdict)?;
        }
        let others = issuer.staple(self.public("elsewhere.example")?.leaf(), Statement::good())?;
        let identity = self.public("mistaken.example")?.with_staple(others);
        self.tls("staples the word about another certificate", "mistaken.example", identity, invalid)?;
        let identity = self.public("garbled.example")?.with_staple(b"no response".to_vec());
        self.tls("staples what is no response", "garbled.example", identity, invalid)?;

        let demanding = self.public_with("demanding.example", |p| p.must_staple = true)?;
        let verdict = found(Code::StapleMissing);
        self.tls("demands a staple and sends none", "demanding.example", demanding, verdict)?;
        let obliging = self.public_with("obliging.example", |p| p.must_staple = true)?;
        let staple = issuer.staple(obliging.leaf(), Statement::good())?;
        self.tls("demands a staple and sends it", "obliging.example", obliging.with_staple(staple), OK)?;
        Ok(())
    }
}
