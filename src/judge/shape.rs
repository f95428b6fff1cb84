//! The order and contents of what a server sent: RFC 5246, 7.4.2 wants the leaf first and each certificate certified
//! by the next; RFC 8446, 4.4.2 lets clients sort.

use std::collections::HashSet;

use crate::facts::Certificate;

/// What is remarkable about a presented list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// How many certificates were sent.
    pub count: usize,
    /// Positions of certificates that stand before the one they certify, or after a gap that another fills.
    pub out_of_order: Vec<usize>,
    /// Positions of certificates that were sent before.
    pub duplicates: Vec<usize>,
    /// Positions of certificates that are on no path from the leaf.
    pub unrelated: Vec<usize>,
    /// Position of a self-signed root: harmless, and of no use to any client.
    pub root_included: Option<usize>,
    /// Positions of what is no readable certificate.
    pub unreadable: Vec<usize>,
}

impl Shape {
    /// Describes a presented list, leaf first.
    pub fn of(chain: &[Certificate]) -> Self {
        let mut shape = Self { count: chain.len(), ..Self::default() };
        let mut seen = HashSet::new();
        let mut own: Vec<usize> = Vec::new();
        for (position, certificate) in chain.iter().enumerate() {
            if certificate.details().is_err() {
                shape.unreadable.push(position);
            } else if !seen.insert(certificate.fingerprint()) {
                shape.duplicates.push(position);
            } else {
                own.push(position);
            }
        }
        let related = related(chain, &own);
        shape.unrelated = own.iter().copied().filter(|p| !related.contains(p)).collect();
        shape.root_included = related.iter().copied().find(|p| *p > 0 && chain[*p].is_self_issued());
        shape.out_of_order = out_of_order(chain, &own, &related);
        shape
    }

    /// Whether a client that takes the list literally fails although everything is there.
    pub fn is_wrong_order(&self) -> bool {
        !self.out_of_order.is_empty()
    }
}

/// Returns the positions that can be reached from the leaf by following issuer names.
fn related(chain: &[Certificate], own: &[usize]) -> Vec<usize> {
    let mut reached: Vec<usize> = own.iter().copied().filter(|p| *p == 0).collect();
    let mut next = 0;
    while let Some(position) = reached.get(next).copied() {
        next += 1;
        for candidate in own {
            if !reached.contains(candidate) && certifies(&chain[*candidate], &chain[position]) {
                reached.push(*candidate);
            }
        }
    }
    reached
}

/// Returns the certificates that come before everything they certify. Several paths may be sent one after the other
/// (cross-signed CAs), so a certificate is in order as soon as anything before it is certified by it.
fn out_of_order(chain: &[Certificate], own: &[usize], related: &[usize]) -> Vec<usize> {
    own.iter()
        .copied()
        .filter(|p| *p > 0 && related.contains(p))
        .filter(|p| !own.iter().any(|earlier| earlier < p && certifies(&chain[*p], &chain[*earlier])))
        .collect()
}

fn certifies(issuer: &Certificate, subject: &Certificate) -> bool {
    match (issuer.details(), subject.details()) {
        (Ok(upper), Ok(lower)) => upper.subject == lower.issuer,
        _ => false,
    }
}
