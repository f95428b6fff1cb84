//! Public sites with nothing wrong, in the forms that some programs stumble over.

use std::io;

use rustls::version::{TLS12, TLS13};
use time::Duration;

use super::{Network, OK};
use crate::lab::mint::Profile;
use crate::lab::site::{Site, TlsOptions};

impl Network {
    pub(super) fn healthy(&mut self) -> io::Result<()> {
        let complete = self.public("www.fabrikam.example")?;
        self.tls("a public site with a complete chain", "www.fabrikam.example", complete, OK)?;
        let other = self.public("www.contoso.example")?;
        self.tls("another public site", "www.contoso.example", other, OK)?;

        let root_included =
            self.public("root-included.example")?.with(&[self.authorities.public_root.certificate()]);
        self.tls("sends its root as well", "root-included.example", root_included, OK)?;
        let twice = self.public("twice.example")?;
        let twice = twice.clone().with(&twice.chain.iter().collect::<Vec<_>>());
        self.tls("sends every certificate twice", "twice.example", twice, OK)?;
        let extra = self.public("extra.example")?.with(&[self.authorities.stranger.certificate()]);
        self.tls("sends an unrelated certificate as well", "extra.example", extra, OK)?;
        let cross = self
            .authorities
            .stranger
            .cross_sign(&self.authorities.public_root, &Profile::intermediate("").valid_days(-3000, -30))?;
        let cross_signed = self.public("cross-signed.example")?.with(&[&cross]);
        self.tls(
            "sends an expired cross-certificate of its root as well",
            "cross-signed.example",
            cross_signed,
            OK,
        )?;

        for (story, host, version) in [
            ("speaks TLS 1.2 only", "tls12.example", &TLS12),
            ("speaks TLS 1.3 only", "tls13.example", &TLS13),
        ] {
            let options = TlsOptions { versions: vec![version], ..TlsOptions::default() };
            let site = Site::Tls(self.public(host)?, options);
            self.add(story, host, site, OK)?;
        }

        let wildcard = self.public_with("*.wild.example", |_| {})?;
        self.tls("is covered by a wildcard", "any.wild.example", wildcard, OK)?;
        let international = self.public("xn--bcher-kva.example")?;
        self.tls("has an international name", "xn--bcher-kva.example", international, OK)?;
        let addressed = self.public("127.0.0.1")?;
        self.tls("is asked for by its address", "127.0.0.1", addressed, OK)?;
        let many = self.public_with("many.example", |profile| {
            profile.names.extend((0..2000).map(|number| format!("name-{number}.many.example")));
        })?;
        self.tls("has two thousand names", "many.example", many, OK)?;
        let ending = self.public_with("ending.example", |profile| profile.until = Duration::hours(7))?;
        self.tls("ends within hours, but has not ended", "ending.example", ending, OK)?;
        Ok(())
    }
}
