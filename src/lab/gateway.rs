//! A gateway that inspects TLS: it mints a certificate for whatever host is asked for, under its own authority.

use std::collections::HashMap;
use std::io;
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::KeyPair;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use time::Duration;

use super::mint::{Authority, Profile, new_key};
use super::service::Service;
use super::site::{TlsOptions, certified, serve_tls, server_config};

/// What goes over the wire behind the minted leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presents {
    /// The leaf and the inspecting CA's certificate.
    LeafAndCa,
    /// The leaf alone, as mitmproxy and others do: the CA must be known from elsewhere.
    LeafOnly,
}

/// An inspecting gateway. It answers in the origin's place; there is no origin.
#[derive(Debug)]
pub struct Inspector {
    authority: Authority,
    presents: Presents,
    /// One key for all minted leaves: gateways save themselves the work.
    key: Arc<KeyPair>,
    minted: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl Inspector {
    /// Returns a gateway that signs with this authority.
    pub fn new(authority: Authority, presents: Presents) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self { authority, presents, key: new_key()?, minted: Mutex::default() }))
    }

    /// Returns the inspecting CA.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Starts the gateway in its transparent form: it is reached in the place of every host, and the name that the
    /// client asks for (SNI) decides what is minted.
    pub fn transparent(self: &Arc<Self>) -> io::Result<Service> {
        let gateway = Arc::clone(self);
        Service::start(move |stream| drop(gateway.serve(stream, "localhost")))
    }

    /// Serves one connection; `host` is minted for where the client names none.
    pub(super) fn serve(self: &Arc<Self>, stream: TcpStream, host: &str) -> io::Result<()> {
        let resolver = Minting { gateway: Arc::clone(self), host: host.to_owned() };
        serve_tls(stream, &server_config(Arc::new(resolver), &TlsOptions::default())?, None)
    }

    fn minted(&self, host: &str) -> io::Result<Arc<CertifiedKey>> {
        let mut minted = self.minted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = minted.get(host) {
            return Ok(Arc::clone(known));
        }
        let profile = Profile {
            from: Duration::hours(-1),
            until: Duration::days(7),
            ..Profile::leaf(&[host]).of("Copied by the gateway")
        };
        let mut identity = self.authority.issue_for(&profile, &self.key)?;
        if self.presents == Presents::LeafAndCa {
            identity = identity.with(&[self.authority.certificate()]);
        }
        let certified = certified(&identity)?;
        minted.insert(host.to_owned(), Arc::clone(&certified));
        Ok(certified)
    }
}

#[derive(Debug)]
struct Minting {
    gateway: Arc<Inspector>,
    host: String,
}

impl ResolvesServerCert for Minting {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.gateway.minted(hello.server_name().unwrap_or(&self.host)).ok()
    }
}
