//! Who signs in the lab's network, and in which store each of them is.

use std::io;

use crate::facts::Certificate;
use crate::lab::mint::{Authority, BasicConstraints, Mint, Profile};

/// The certification authorities of the network.
#[derive(Debug)]
pub struct Authorities {
    /// The moment that everything was minted around.
    pub mint: Mint,
    /// The root that the web roots hold and every system ships.
    pub public_root: Authority,
    /// An intermediate below the public root, which issues the public sites.
    pub public_issuer: Authority,
    /// A public root that is too new for this machine's system store: only the web roots hold it.
    pub new_public_root: Authority,
    /// The inspecting gateway's CA; an administrator put it into the system store.
    pub gateway_ca: Authority,
    /// An inspecting endpoint product's CA without the identifiers and usages that strict clients demand; likewise.
    pub sloppy_gateway_ca: Authority,
    /// An inspecting gateway's CA whose name holds a public CA's brand; likewise.
    pub branded_gateway_ca: Authority,
    /// An inspecting gateway's CA that is in no store.
    pub uninstalled_gateway_ca: Authority,
    /// The company's own CA for its internal sites; an administrator put it into the system store.
    pub private_root: Authority,
    /// A CA that nobody here has.
    pub stranger: Authority,
}

/// The name of the inspecting CA.
pub const GATEWAY_NAME: &str = "Northwind TLS Inspection Root CA";

/// The name of the company's own CA.
pub const PRIVATE_NAME: &str = "Northwind Internal Services Root";

impl Authorities {
    pub(super) fn new(mint: Mint) -> io::Result<Self> {
        let public_root = mint.root_of(&Profile::root("Public Trust Root").of("Public Trust"))?;
        let public_issuer = public_root
            .subordinate_of(&Profile::intermediate("Public Trust Issuing 1").of("Public Trust"))?;
        let sloppy = Profile {
            basic_constraints: Some(BasicConstraints { ca: true, path_len: None, critical: false }),
            key_usage: Vec::new(),
            subject_key_identifier: false,
            ..Profile::root("Woodgrove Web Shield Root").of("Woodgrove Antivirus")
        };
        Ok(Self {
            mint,
            new_public_root: mint.root_of(&Profile::root("Public Trust Root R9").of("Public Trust"))?,
            gateway_ca: mint.root_of(&Profile::root(GATEWAY_NAME).of("Northwind Traders"))?,
            sloppy_gateway_ca: mint.root_of(&sloppy)?,
            branded_gateway_ca: mint.root_of(&Profile::root("DigiCert Global Root G9").of("DigiCert Inc"))?,
            uninstalled_gateway_ca: mint
                .root_of(&Profile::root("Lucerne Secure Gateway CA").of("Lucerne"))?,
            private_root: mint.root_of(&Profile::root(PRIVATE_NAME).of("Northwind Traders"))?,
            stranger: mint.root("Adventure Works Root")?,
            public_root,
            public_issuer,
        })
    }

    /// Returns what the system ships, what was added to it, and the web roots.
    pub(super) fn stores(&self) -> (Vec<&Certificate>, Vec<&Certificate>, Vec<&Certificate>) {
        let shipped = vec![self.public_root.certificate()];
        let added = [&self.gateway_ca, &self.sloppy_gateway_ca, &self.branded_gateway_ca, &self.private_root];
        let web = [&self.public_root, &self.new_public_root];
        (shipped, added.map(Authority::certificate).to_vec(), web.map(Authority::certificate).to_vec())
    }
}
