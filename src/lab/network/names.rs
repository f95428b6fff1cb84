//! Public sites whose certificate is for other names.

use std::io;

use super::{Network, found};
use crate::facts::Code;

impl Network {
    pub(super) fn names(&mut self) -> io::Result<()> {
        let verdict = found(Code::NameMismatch);
        for (story, host, names) in [
            ("presents another site's certificate", "misnamed.example", &["elsewhere.example"][..]),
            ("is one label deeper than the wildcard", "a.b.deep.example", &["*.deep.example"]),
            ("is the wildcard's own domain", "apex.example", &["*.apex.example"]),
            ("is named in the common name alone", "common-name.example", &[]),
            ("is named by its address alone", "addressed.example", &["127.0.0.1"]),
        ] {
            let identity = self.public_with(host, |profile| {
                profile.names = names.iter().map(|n| (*n).to_owned()).collect();
            })?;
            self.tls(story, host, identity, verdict)?;
        }
        Ok(())
    }
}
