//! Who put a root into the stores of Windows, decided from the parts of the registry that list its thumbprint.
//!
//! The logical store Root is the sum of physical ones, and each has its own key (Microsoft Learn, "System Store
//! Locations"). Intune installs like an administrator. Values only, so that it is tested everywhere.

use std::collections::BTreeSet;

use crate::facts::store::Origin;

/// Thumbprints (SHA-1, upper-case hex) of the roots in each physical store.
#[derive(Clone, Debug, Default)]
pub(super) struct Listed {
    /// Group policy, of the machine or of the user.
    pub(super) policy: BTreeSet<String>,
    /// Published in Active Directory.
    pub(super) enterprise: BTreeSet<String>,
    /// Microsoft's root programme.
    pub(super) programme: BTreeSet<String>,
    /// Added on this machine; Microsoft's own few are here too.
    pub(super) machine: BTreeSet<String>,
    /// Added by this user.
    pub(super) user: BTreeSet<String>,
}

impl Listed {
    /// Returns who put the root there, and the name of the store it is in.
    pub(super) fn origin(&self, thumbprint: &str) -> (Origin, &'static str) {
        let in_store = |store: &BTreeSet<String>| store.contains(thumbprint);
        if in_store(&self.policy) {
            (Origin::Administrator, "group policy")
        } else if in_store(&self.enterprise) {
            (Origin::Administrator, "Active Directory")
        } else if in_store(&self.programme) || MICROSOFT.contains(&thumbprint) {
            (Origin::Shipped, "Microsoft's root programme")
        } else if in_store(&self.machine) {
            (Origin::Administrator, r"LocalMachine\Root")
        } else if in_store(&self.user) {
            (Origin::User, r"CurrentUser\Root")
        } else {
            (Origin::Unknown, "Root")
        }
    }
}

/// Roots of its own that Windows puts among the machine's additions.
const MICROSOFT: &[&str] = &[
    "A43489159A520F0D93D032CCAF37E7FE20A8B419", // Microsoft Root Authority
    "CDD4EEAE6000AC7F40C3802C171E30148030C072", // Microsoft Root Certificate Authority
    "3B1EFD3A66EA28B16697394703A72CA340A05BD5", // Microsoft Root Certificate Authority 2010
    "8F43288AD272F3103B6FB1428485EA3014C0BCFE", // Microsoft Root Certificate Authority 2011
    "7F88CD7223F3C813818C994614A89C99FA3B5247", // Microsoft Authenticode(tm) Root Authority
    "245C97DF7514E7CF2DF8BE72AE957B9E04741E85", // Copyright (c) 1997 Microsoft Corp.
    "0119E81BE9A14CD8E22F40AC118C687ECBA3F4D8", // Microsoft Time Stamp Root Certificate Authority 2014
    "06F1AA330B927B753A40E68CDF22E34BCBEF3352", // Microsoft ECC Product Root Certificate Authority 2018
    "31F9FC8BA3805986B721EA7295C65B3A44534274", // Microsoft ECC TS Root Certificate Authority 2018
    "F40042E2E5F7E8EF8189FED15519AECE42C3BFA2", // Microsoft Identity Verification Root Certificate Authority 2020
    "92B46C76E13054E104F230517E6E504D43AB10B5", // Symantec Enterprise Mobile Root for Microsoft
    "18F7C1FCC3090203FD5BAA2F861A754976C8DD25", // NO LIABILITY ACCEPTED, (c)97 VeriSign, Inc.
    "BE36A4562FB2EE05DBB3D32323ADF445084ED656", // Thawte Timestamping CA
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_company_beats_the_machine_and_the_machine_beats_the_user() {
        let ours = "00112233445566778899AABBCCDDEEFF00112233";
        let listed = |policy: bool, enterprise: bool, programme: bool, machine: bool, user: bool| {
            let store = |is_in: bool| if is_in { BTreeSet::from([ours.to_owned()]) } else { BTreeSet::new() };
            Listed {
                policy: store(policy),
                enterprise: store(enterprise),
                programme: store(programme),
                machine: store(machine),
                user: store(user),
            }
        };
        for (story, listed, origin) in [
            (
                "group policy, then copied by hand",
                listed(true, false, false, true, true),
                Origin::Administrator,
            ),
            ("Active Directory", listed(false, true, false, false, false), Origin::Administrator),
            ("a public root somebody added again", listed(false, false, true, true, false), Origin::Shipped),
            (
                "added with certutil as administrator",
                listed(false, false, false, true, false),
                Origin::Administrator,
            ),
            ("added with certutil -user", listed(false, false, false, false, true), Origin::User),
            ("a smart card's", listed(false, false, false, false, false), Origin::Unknown),
        ] {
            assert_eq!(listed.origin(ours).0, origin, "{story}");
        }
        let machine = BTreeSet::from([MICROSOFT[0].to_owned()]);
        assert_eq!(Listed { machine, ..Listed::default() }.origin(MICROSOFT[0]).0, Origin::Shipped);
    }
}
