//! Which of the certificates that an installation has at hand its library takes for roots.
//!
//! Not all of them: most libraries refuse a root that has ended, and OpenSSL looks into a hashed folder only for a
//! name that nothing in its files has. So an old copy of a CA in a file hides the new one in the system's folder.

use std::collections::HashSet;
use std::sync::Arc;

use time::OffsetDateTime;

use super::effective::{Part, Source};
use crate::catalogue::schema::Reader;
use crate::facts::{Certificate, DistinguishedName};
use crate::judge::reader::{self, Held};

/// The certificates that an installation has at hand.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    /// Those that it takes for roots.
    pub(super) roots: Vec<Certificate>,
    /// Those that it does not: they have ended, have not begun, or are hidden by a namesake.
    pub(super) idle: Vec<Certificate>,
}

/// Sorts what the parts of an installation's store hold, at a moment.
pub(super) fn anchors(parts: &[(&Part, Vec<Arc<Held>>)], time: OffsetDateTime) -> Anchors {
    let reader = |part: &Part| part.reader.unwrap_or(Reader::OpensslDefault);
    let is_looked_up =
        |part: &Part| matches!(part.source, Source::Directories(_)) && reader::looks_up_names(reader(part));
    let mut names: HashSet<&DistinguishedName> = HashSet::new();
    if parts.iter().any(|(part, _)| is_looked_up(part)) {
        let read = parts.iter().filter(|(part, _)| !is_looked_up(part));
        let certificates = read.flat_map(|(_, held)| held).flat_map(|held| &held.certificates);
        names.extend(certificates.filter_map(|c| Some(&c.details().ok()?.subject)));
    }
    let mut anchors = Anchors::default();
    for (part, held) in parts {
        let minds_dates = reader::minds_dates_of_roots(reader(part));
        for certificate in held.iter().flat_map(|held| &held.certificates) {
            let counts = certificate.details().is_ok_and(|details| {
                let in_force = details.not_before <= time && time <= details.not_after;
                (in_force || !minds_dates) && !(is_looked_up(part) && names.contains(&details.subject))
            });
            let list = if counts { &mut anchors.roots } else { &mut anchors.idle };
            list.push(certificate.clone());
        }
    }
    anchors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::schema::Slot;
    use crate::judge::tool::SetBy;
    use crate::lab::{Mint, Profile};

    fn held(certificates: &[&Certificate]) -> Vec<Arc<Held>> {
        let certificates = certificates.iter().map(|c| (*c).clone()).collect();
        vec![Arc::new(Held { certificates, ..Held::default() })]
    }

    fn part(source: Source, reader: Reader) -> Part {
        Part { slot: Slot::File, source, set_by: SetBy::Default, reader: Some(reader) }
    }

    #[test]
    fn what_has_ended_and_what_a_namesake_hides_are_no_roots() {
        let mint = Mint::now();
        let profile = |from, until| Profile::root("Gateway").valid_days(from, until);
        let now = mint.root_of(&profile(-10, 100)).unwrap();
        let ended = now.cross_sign(&now, &profile(-100, -10)).unwrap();
        let to_come = now.cross_sign(&now, &profile(10, 100)).unwrap();
        let namesake = mint.root_of(&profile(-10, 100)).unwrap();
        let other = mint.root("Other").unwrap();
        let (now, namesake, other) = (now.certificate(), namesake.certificate(), other.certificate());
        let file = || Source::File("/f.pem".to_owned());
        let folder = || Source::Directories(vec!["/certs".to_owned()]);
        let (strict, hashed, rustls) = (Reader::OpensslStrict, Reader::OpensslDefault, Reader::RustlsNative);
        for (story, parts, wanted) in [
            ("a root that has ended", vec![(file(), strict, vec![&ended])], vec![]),
            ("one that has not begun", vec![(file(), strict, vec![&to_come])], vec![]),
            ("webpki asks no dates", vec![(file(), rustls, vec![&ended])], vec![&ended]),
            ("Java neither", vec![(file(), Reader::Java, vec![&ended])], vec![&ended]),
            ("the new one beside it counts", vec![(file(), strict, vec![&ended, now])], vec![now]),
            (
                "in the folder it is hidden by the old one in the file",
                vec![(folder(), hashed, vec![now, other]), (file(), strict, vec![&ended])],
                vec![other],
            ),
            (
                "and by a namesake",
                vec![(folder(), hashed, vec![now, other]), (file(), strict, vec![namesake])],
                vec![other, namesake],
            ),
            (
                "a folder that is read as a whole hides nothing",
                vec![(folder(), Reader::Gnutls, vec![now]), (file(), strict, vec![namesake])],
                vec![now, namesake],
            ),
            (
                "namesakes of one folder are both asked",
                vec![(folder(), hashed, vec![now, namesake])],
                vec![now, namesake],
            ),
        ] {
            let parts: Vec<(Part, Vec<Arc<Held>>)> = parts
                .into_iter()
                .map(|(source, reader, certificates)| (part(source, reader), held(&certificates)))
                .collect();
            let parts: Vec<_> = parts.iter().map(|(part, held)| (part, held.clone())).collect();
            let anchors = anchors(&parts, mint.moment());
            let wanted: Vec<Certificate> = wanted.into_iter().cloned().collect();
            assert_eq!(anchors.roots, wanted, "{story}");
        }
    }
}
