//! Public sites in whose place a gateway answers, in the forms that gateways take.

use std::io;
use std::sync::Arc;

use super::{Network, found};
use crate::facts::Code;
use crate::lab::gateway::{Inspector, Presents};
use crate::lab::mint::{Authority, Profile};

impl Network {
    pub(super) fn inspected(&mut self) -> io::Result<()> {
        let authorities = &self.authorities;
        let issuing = authorities.gateway_ca.subordinate_of(
            &Profile::intermediate("Northwind TLS Inspection Issuing 3").of("Northwind Traders"),
        )?;
        let (plain, sloppy) = (authorities.gateway_ca.clone(), authorities.sloppy_gateway_ca.clone());
        let (branded, stranger) =
            (authorities.branded_gateway_ca.clone(), authorities.uninstalled_gateway_ca.clone());
        let installed = found(Code::TlsInspected);
        let missing = found(Code::InspectionCaNotInstalled);
        for (story, hosts, authority, presents, verdict, also) in [
            (
                "inspected, and the gateway sends its CA",
                ["registry.fabrikam.example", "cdn.proseware.example"],
                plain.clone(),
                Presents::LeafAndCa,
                installed,
                None,
            ),
            (
                "inspected, and the gateway sends the leaf alone",
                ["index.contoso.example", "git.litware.example"],
                plain,
                Presents::LeafOnly,
                installed,
                None,
            ),
            (
                "inspected by an intermediate of the installed CA",
                ["files.fabrikam.example", "api.proseware.example"],
                issuing,
                Presents::LeafAndCa,
                installed,
                None,
            ),
            (
                "inspected by a second product whose CA strict clients refuse",
                ["mail.contoso.example", "www.litware.example"],
                sloppy,
                Presents::LeafAndCa,
                installed,
                Some(Code::StrictProfile),
            ),
            (
                "inspected by a CA that bears a public brand",
                ["shop.contoso.example", "www.lamna.example"],
                branded,
                Presents::LeafAndCa,
                installed,
                None,
            ),
            (
                "inspected, the CA is in no store and on the wire",
                ["news.lucerne.example", "www.humongous.example"],
                stranger.clone(),
                Presents::LeafAndCa,
                missing,
                None,
            ),
            (
                "inspected, the CA is in no store and not on the wire",
                ["blog.lucerne.example", "api.humongous.example"],
                stranger,
                Presents::LeafOnly,
                missing,
                None,
            ),
        ] {
            let gateway = Inspector::new(authority, presents)?;
            for host in hosts {
                let endpoint = self.listen(story, host, gateway.transparent()?, verdict)?;
                endpoint.also.extend(also);
            }
        }
        Ok(())
    }

    /// Returns an inspecting gateway under the installed CA.
    pub(super) fn gateway(&self, presents: Presents) -> io::Result<Arc<Inspector>> {
        let authority: &Authority = &self.authorities.gateway_ca;
        Inspector::new(authority.clone(), presents)
    }
}
