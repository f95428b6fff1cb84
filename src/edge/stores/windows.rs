//! The stores of Windows, through its CryptoAPI; who added what, from the registry.
//!
//! **Listing is not all.** Windows fetches the public roots of Microsoft's programme when a chain first needs one, so a
//! fresh machine lists about thirty. A root set made of the list alone would call half the web untrusted. The web
//! roots are therefore added as shipped (marked as fetched on demand), unless policy has switched the fetching off
//! or the machine distrusts them. Both programmes agree on nearly every root that web servers use.

use std::collections::BTreeSet;
use std::path::Path;

use schannel::cert_context::{CertContext, HashAlgorithm, ValidUses};
use schannel::cert_store::CertStore;
use winreg::RegKey;
use winreg::enums::{HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE};

use super::file::Builder;
use super::windows_origin::Listed;
use crate::edge::Reading;
use crate::facts::store::Origin;
use crate::facts::{Pool, RootStore};

const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";

pub(super) fn load(_: &dyn Reading, web: &RootStore, pool: &mut Pool) -> RootStore {
    let mut store = Builder::new("Windows certificate stores");
    // the user's collection holds the machine's; the machine's alone is read for when the user's cannot be opened
    read_distrusted(&mut store, pool);
    let listed = read_registry();
    for (name, opened) in [
        (r"CurrentUser\Root", CertStore::open_current_user("Root")),
        (r"LocalMachine\Root", CertStore::open_local_machine("Root")),
    ] {
        match opened {
            Ok(opened) => opened.certs().for_each(|context| add(&mut store, pool, &context, &listed, web)),
            Err(error) => store.note(Path::new(name), error.to_string()),
        }
    }
    if fetches_on_demand() {
        for root in &web.roots {
            let place = "Microsoft's root programme, fetched on demand".to_owned();
            store.add(root.certificate.clone(), Origin::Shipped, Some(place));
        }
    }
    store.finish()
}

fn add(store: &mut Builder, pool: &mut Pool, context: &CertContext, listed: &Listed, web: &RootStore) {
    // an administrator may have narrowed what a root is good for; a property that cannot be read narrows nothing
    if let Ok(ValidUses::Oids(uses)) = context.valid_uses()
        && !uses.iter().any(|use_| use_ == SERVER_AUTH)
    {
        return;
    }
    let certificate = pool.certificate(context.to_der());
    let thumbprint = context.fingerprint(HashAlgorithm::sha1()).map(|sha1| hex(&sha1)).unwrap_or_default();
    let (origin, place) = listed.origin(&thumbprint);
    let origin = if web.contains(&certificate) { Origin::Shipped } else { origin };
    if !store.add(certificate, origin, Some(place.to_owned())) {
        store.note(Path::new(place), format!("the certificate with thumbprint {thumbprint} cannot be read"));
    }
}

/// Reads the store Disallowed: what is in it is refused, whatever trusts it.
fn read_distrusted(store: &mut Builder, pool: &mut Pool) {
    for opened in [CertStore::open_current_user("Disallowed"), CertStore::open_local_machine("Disallowed")] {
        match opened {
            Ok(opened) => {
                for context in opened.certs() {
                    let certificate = pool.certificate(context.to_der());
                    store.distrust(certificate, Origin::Unknown, "Disallowed".to_owned());
                }
            }
            Err(error) => store.note(Path::new("Disallowed"), error.to_string()),
        }
    }
}

fn read_registry() -> Listed {
    let [machine, user] = [HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER];
    let mut policy = thumbprints(machine, r"SOFTWARE\Policies\Microsoft\SystemCertificates\Root");
    policy.extend(thumbprints(user, r"SOFTWARE\Policies\Microsoft\SystemCertificates\Root"));
    Listed {
        policy,
        enterprise: thumbprints(machine, r"SOFTWARE\Microsoft\EnterpriseCertificates\Root"),
        programme: thumbprints(machine, r"SOFTWARE\Microsoft\SystemCertificates\AuthRoot"),
        machine: thumbprints(machine, r"SOFTWARE\Microsoft\SystemCertificates\ROOT"),
        user: thumbprints(user, r"SOFTWARE\Microsoft\SystemCertificates\Root"),
    }
}

/// Returns the names of the keys below `Certificates`: the thumbprints of what a physical store holds.
fn thumbprints(hive: winreg::HKEY, path: &str) -> BTreeSet<String> {
    let Ok(key) = RegKey::predef(hive).open_subkey(format!(r"{path}\Certificates")) else {
        return BTreeSet::new();
    };
    key.enum_keys().filter_map(Result::ok).map(|name| name.to_ascii_uppercase()).collect()
}

/// Whether Windows fetches public roots when it meets them. The policy "Turn off Automatic Root Certificates Update"
/// sets the value to 1.
fn fetches_on_demand() -> bool {
    let policy = RegKey::predef(HKEY_LOCAL_MACHINE)
        .open_subkey(r"SOFTWARE\Policies\Microsoft\SystemCertificates\AuthRoot")
        .and_then(|key| key.get_value::<u32, _>("DisableRootAutoUpdate"));
    !matches!(policy, Ok(1))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
