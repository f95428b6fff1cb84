//! What a program and a server can agree on: version by version, from what each of them said.

use super::hello;
use crate::facts::TlsVersion;
use crate::facts::offers::{Heard, Offer, OfferLook};
use crate::facts::versions::VersionsLook;

/// What a program offers, as far as it was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The highest version.
    pub highest: TlsVersion,
    /// The lowest version; absent when it neither said nor showed one.
    pub lowest: Option<TlsVersion>,
}

/// Returns what an installation's ClientHello says; `None` when none was heard, or none that can be read.
pub fn offer(look: &OfferLook) -> Option<Offer> {
    look.message().and_then(|message| hello::read(message).ok())
}

/// Returns the versions that an installation speaks.
pub fn reach(look: &OfferLook) -> Option<Reach> {
    let offer = offer(look)?;
    let shown = match look.heard {
        Heard::Hello { goes_down_to, .. } => goes_down_to,
        Heard::Nothing { .. } => None,
    };
    Some(Reach { highest: offer.highest, lowest: offer.lowest.or(shown) })
}

/// Whether an installation speaks a version; `None` when it cannot be told.
pub fn speaks(reach: &Reach, version: TlsVersion) -> Option<bool> {
    match reach.lowest {
        Some(lowest) => Some((lowest..=reach.highest).contains(&version)),
        None if version == reach.highest => Some(true),
        None if version > reach.highest => Some(false),
        None => None,
    }
}

/// Returns the versions that an installation and a server have in common, newest first.
pub fn common(reach: &Reach, server: &VersionsLook) -> Vec<TlsVersion> {
    let mut versions = server.accepted();
    versions.retain(|version| speaks(reach, *version) == Some(true));
    versions.reverse();
    versions
}

/// Whether an installation still talks to a server once TLS 1.0 and 1.1 are switched off on both sides (RFC 8996);
/// `None` when it cannot be told.
pub fn survives_without_old_versions(reach: &Reach, server: &VersionsLook) -> Option<bool> {
    let modern = [TlsVersion::Tls12, TlsVersion::Tls13];
    let examined = modern.iter().all(|version| {
        server.versions.get(version).is_some_and(|a| a.word() != "not-examined" && a.word() != "silent")
    });
    let common = common(reach, server).iter().any(|version| modern.contains(version));
    (common || examined && modern.iter().all(|version| speaks(reach, *version).is_some())).then_some(common)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::versions::{KeyExchange, VersionAnswer};

    use TlsVersion::{Tls10, Tls11, Tls12, Tls13};

    fn server(accepted: &[TlsVersion]) -> VersionsLook {
        let yes = VersionAnswer::Accepted { cipher_suite: "x".into(), key_exchange: KeyExchange::Ecdhe };
        let no = VersionAnswer::Refused { alert: 70 };
        let answer = |version| if accepted.contains(version) { yes.clone() } else { no.clone() };
        VersionsLook {
            target: "old.example".parse().unwrap(),
            versions: [Tls10, Tls11, Tls12, Tls13].iter().map(|v| (*v, answer(v))).collect(),
            forward_secrecy: None,
            diffie_hellman_bits: None,
            secure_renegotiation: None,
        }
    }

    #[test]
    fn who_survives_the_end_of_the_old_versions() {
        for (story, highest, lowest, accepted, common_versions, survives) in [
            ("both modern", Tls13, Some(Tls12), &[Tls12, Tls13][..], &[Tls13, Tls12][..], Some(true)),
            ("an old server", Tls13, Some(Tls10), &[Tls10, Tls11], &[Tls11, Tls10], Some(false)),
            ("an old server and a strict program", Tls13, Some(Tls12), &[Tls10], &[], Some(false)),
            ("an old program", Tls10, None, &[Tls10, Tls12], &[Tls10], Some(false)),
            ("a program that says only its highest", Tls12, None, &[Tls12, Tls13], &[Tls12], Some(true)),
            ("its highest is too new for the server", Tls13, None, &[Tls12], &[], None),
        ] {
            let reach = Reach { highest, lowest };
            let server = server(accepted);
            assert_eq!(common(&reach, &server), common_versions, "{story}");
            assert_eq!(survives_without_old_versions(&reach, &server), survives, "{story}");
        }
    }

    #[test]
    fn a_server_that_was_silent_proves_nothing() {
        let mut silent = server(&[Tls10]);
        silent.versions.insert(Tls13, VersionAnswer::Silent);
        let reach = Reach { highest: Tls13, lowest: Some(Tls10) };
        assert_eq!(survives_without_old_versions(&reach, &silent), None);
    }
}
