//! The trust settings of macOS.
//!
//! **Present is not trusted**: keychains hold certificates that nobody trusts. Trust is a setting of a domain, and
//! the user's domain overrides the administrator's (where device management writes too), which overrides Apple's.
//! Asking the settings rather than the keychains gives both who trusts a root and who refuses it.

use std::collections::HashSet;
use std::path::Path;

use security_framework::trust_settings::{Domain, TrustSettings, TrustSettingsForCertificate as Setting};

use super::file::Builder;
use crate::edge::Reading;
use crate::facts::store::Origin;
use crate::facts::{Pool, RootStore};

/// The domains from the one that overrides to the one that is overridden, with their names in `security`(1).
const DOMAINS: [(Domain, Origin, &str); 3] = [
    (Domain::User, Origin::User, "user trust settings"),
    (Domain::Admin, Origin::Administrator, "administrator's trust settings"),
    (Domain::System, Origin::Shipped, "system trust settings"),
];

pub(super) fn load(_: &dyn Reading, web: &RootStore, pool: &mut Pool) -> RootStore {
    let mut store = Builder::new("macOS trust settings");
    let mut decided = HashSet::new();
    for (domain, origin, place) in DOMAINS {
        let settings = TrustSettings::new(domain);
        let certificates = match settings.iter() {
            Ok(certificates) => certificates,
            Err(error) => {
                store.note(Path::new(place), error.to_string());
                continue;
            }
        };
        for found in certificates {
            let certificate = pool.certificate(&found.to_der());
            let setting = match settings.tls_trust_settings_for_certificate(&found) {
                // no setting for TLS: an empty list means "always trust" (SecTrustSettings.h). The same answer comes for
                // a list with other purposes only, which cannot be told apart from here
                Ok(setting) => setting.unwrap_or(Setting::TrustRoot),
                Err(error) => {
                    store.note(Path::new(place), format!("{}: {error}", certificate.fingerprint()));
                    continue;
                }
            };
            if matches!(setting, Setting::Unspecified | Setting::Invalid)
                || !decided.insert(certificate.fingerprint())
            {
                continue;
            }
            if setting == Setting::Deny {
                store.distrust(certificate, origin, place.to_owned());
                continue;
            }
            let origin = if web.contains(&certificate) { Origin::Shipped } else { origin };
            store.add(certificate, origin, Some(place.to_owned()));
        }
    }
    store.finish()
}
