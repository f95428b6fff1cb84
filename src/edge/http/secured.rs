//! One HEAD over TLS, for a server's clock.

use time::OffsetDateTime;
use url::Url;

use super::{Head, Method, ask};
use crate::edge::Deadline;
use crate::edge::look::{Errand, Met};
use crate::edge::tls::connect_verified;
use crate::edge::tls::hello::speaks_http;
use crate::facts::Certificate;

/// Returns the head of what the errand's target answers for its front page.
///
/// Nothing is sent unless its certificate verifies against the roots at the moment: the machine's clock may be wrong,
/// so the moment is the caller's to choose. On ports of other protocols than HTTP nobody is asked.
pub fn secured_head(errand: &Errand<'_>, roots: &[Certificate], moment: OffsetDateTime) -> Option<Head> {
    if !speaks_http(errand.target.port) {
        return None;
    }
    let deadline = errand.until.unwrap_or_else(|| Deadline::after(errand.timeout));
    let url = Url::parse(&format!("https://{}/", errand.target)).ok()?;
    let wire = errand.reach(&mut Met::default()).ok()?;
    let (_, verified) = connect_verified(wire, &errand.target.host, roots, Some(moment), deadline);
    ask(&mut verified.ok()?, Method::Head, &url, None).ok().map(|(head, _)| head)
}
