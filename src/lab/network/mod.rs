//! The whole network as a table: every site and look-alike with its name, its address and its truth.
//!
//! One file per family; each row changes one thing about an otherwise careful server.

mod authorities;
mod chains;
mod healthy;
mod inspected;
mod names;
mod proxies;
mod staples;
mod times;
mod trust;
mod wire;

use std::io;
use std::net::SocketAddr;

use super::mint::{Identity, Mint, Profile};
use super::service::Service;
use super::site::Site;
use crate::facts::report::Verdict;
use crate::facts::store::{Origin, Root};
use crate::facts::{Certificate, Code, Host, RootStore, Stores, Target};

pub use authorities::{Authorities, GATEWAY_NAME, PRIVATE_NAME};

/// One thing to look at.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What it is, as a sentence.
    pub story: &'static str,
    /// Whom to ask for.
    pub target: Target,
    /// Where it really listens: what `--connect-to` has to say.
    pub address: SocketAddr,
    /// The proxy to go through, if it is about one; with its credentials.
    pub proxy: Option<String>,
    /// What the verdict must be, judged with [`Network::stores`].
    pub verdict: Verdict,
    /// What must be found beside the headline.
    pub also: Vec<Code>,
}

/// A running network. Everything in it ends when it is dropped.
#[derive(Debug)]
pub struct Network {
    /// Who signs in it, and who is trusted.
    pub authorities: Authorities,
    /// Everything to look at.
    pub endpoints: Vec<Endpoint>,
    services: Vec<Service>,
}

impl Network {
    /// Starts every endpoint.
    pub fn start() -> io::Result<Self> {
        let mut network = Self::empty(Mint::now())?;
        network.healthy()?;
        network.inspected()?;
        network.trust()?;
        network.chains()?;
        network.times()?;
        network.names()?;
        network.staples()?;
        network.wire()?;
        network.proxies()?;
        Ok(network)
    }

    /// Makes a network of authorities without any endpoint.
    pub fn empty(mint: Mint) -> io::Result<Self> {
        Ok(Self { authorities: Authorities::new(mint)?, endpoints: Vec::new(), services: Vec::new() })
    }

    /// Returns the stores of a machine in this network: the system ships the public roots, and an administrator added
    /// the gateways' CAs and the private root; the web roots are the public ones.
    pub fn stores(&self) -> Stores {
        let (shipped, added, web) = self.authorities.stores();
        let store = |source: &str, roots: Vec<(&Certificate, Origin)>| RootStore {
            source: source.to_owned(),
            roots: roots
                .into_iter()
                .map(|(certificate, origin)| Root { certificate: certificate.clone(), origin, place: None })
                .collect(),
            ..RootStore::default()
        };
        let shipped = shipped.into_iter().map(|c| (c, Origin::Shipped));
        let added = added.into_iter().map(|c| (c, Origin::Administrator));
        let web = web.into_iter().map(|c| (c, Origin::Shipped));
        Stores {
            system: store("the lab's system store", shipped.chain(added).collect()),
            web: store("the lab's web roots", web.collect()),
            environment: None,
        }
    }

    /// Returns the endpoint that is asked for by this host name.
    pub fn endpoint(&self, host: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|e| e.target.host == Host::Name(host.to_owned()))
    }

    /// Adds a server that presents this identity.
    pub fn tls(
        &mut self,
        story: &'static str,
        host: &str,
        identity: Identity,
        verdict: Verdict,
    ) -> io::Result<&mut Endpoint> {
        self.add(story, host, Site::tls(identity), verdict)
    }

    /// Adds a server.
    pub fn add(
        &mut self,
        story: &'static str,
        host: &str,
        site: Site,
        verdict: Verdict,
    ) -> io::Result<&mut Endpoint> {
        let service = site.start()?;
        self.listen(story, host, service, verdict)
    }

    /// Adds something that listens already.
    pub fn listen(
        &mut self,
        story: &'static str,
        host: &str,
        service: Service,
        verdict: Verdict,
    ) -> io::Result<&mut Endpoint> {
        let address = service.address();
        self.services.push(service);
        self.at(story, host, address, verdict)
    }

    /// Adds a row for an address where this network runs nothing, or nothing of this name.
    fn at(
        &mut self,
        story: &'static str,
        host: &str,
        address: SocketAddr,
        verdict: Verdict,
    ) -> io::Result<&mut Endpoint> {
        let host: Host = host.parse().map_err(io::Error::other)?;
        let port = if matches!(host, Host::Ip(_)) { address.port() } else { 443 };
        let target = Target::new(host, port);
        self.endpoints.push(Endpoint { story, target, address, proxy: None, verdict, also: Vec::new() });
        self.endpoints.last_mut().ok_or_else(|| io::Error::other("nothing was added"))
    }

    /// Returns a public site's identity with its intermediate.
    fn public(&self, host: &str) -> io::Result<Identity> {
        self.public_with(host, |_| {})
    }

    /// Returns a public site's identity with its intermediate, and one thing changed.
    fn public_with(&self, host: &str, change: impl FnOnce(&mut Profile)) -> io::Result<Identity> {
        Ok(self.public_leaf(host, change)?.with(&[self.authorities.public_issuer.certificate()]))
    }

    /// Returns a public site's identity without its intermediate.
    fn public_leaf(&self, host: &str, change: impl FnOnce(&mut Profile)) -> io::Result<Identity> {
        let mut profile = Profile::public_leaf(&[host]);
        change(&mut profile);
        self.authorities.public_issuer.issue(&profile)
    }
}

impl Endpoint {
    /// Returns the `HOST:PORT:ADDR:PORT` that leads to it.
    pub fn connect_to(&self) -> String {
        format!("{}:{}", self.target, self.address)
    }
}

const OK: Verdict = Verdict::Ok;

fn found(code: Code) -> Verdict {
    Verdict::Found(code)
}

/// Returns certificates as one PEM file.
pub fn pem<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> String {
    certificates.into_iter().map(Certificate::pem).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::sync::Arc;

    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, ClientConnection, RootCertStore, Stream};

    use super::super::mint::Authority;
    use super::*;

    /// What an ordinary client with these roots says: the answer's first line, or its error.
    fn ask(host: &str, mut stream: TcpStream, roots: &[&Authority]) -> Result<String, String> {
        let mut store = RootCertStore::empty();
        for root in roots {
            store.add(root.certificate().der().to_vec().into()).unwrap();
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(store)
            .with_no_client_auth();
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut tls = Stream::new(&mut connection, &mut stream);
        write!(tls, "GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").map_err(|e| e.to_string())?;
        let mut answer = String::new();
        tls.read_to_string(&mut answer).map_err(|e| e.to_string())?;
        Ok(answer.lines().next().unwrap_or_default().to_owned())
    }

    #[test]
    fn an_ordinary_client_meets_what_each_endpoint_claims_to_be() {
        let network = Network::start().unwrap();
        let (public, gateway) = (&network.authorities.public_root, &network.authorities.gateway_ca);
        for (host, roots, wanted) in [
            ("www.fabrikam.example", &[public][..], "HTTP/1.1 200 OK"),
            ("tls12.example", &[public], "HTTP/1.1 200 OK"),
            ("forgetful.example", &[public], "UnknownIssuer"),
            ("forged.example", &[public], "BadSignature"),
            ("expired.example", &[public], "expired"),
            ("misnamed.example", &[public], "not valid for name"),
            ("registry.fabrikam.example", &[public], "UnknownIssuer"),
            ("registry.fabrikam.example", &[gateway], "HTTP/1.1 200 OK"),
            ("index.contoso.example", &[gateway], "HTTP/1.1 200 OK"),
            ("wiki.intranet.test", &[&network.authorities.private_root], "HTTP/1.1 200 OK"),
            ("outdated.test", &[public], "ProtocolVersion"),
            ("plain.test", &[public], "corrupt message"),
        ] {
            let stream = TcpStream::connect(network.endpoint(host).unwrap().address).unwrap();
            let said = ask(host, stream, roots).unwrap_or_else(|error| error);
            assert!(said.contains(wanted), "{host}: {said}");
        }
    }

    #[test]
    fn an_inspecting_proxy_mints_for_whatever_is_asked() {
        let network = Network::start().unwrap();
        let proxy = network.endpoint("www.wingtip.example").unwrap().address;
        let mut stream = TcpStream::connect(proxy).unwrap();
        stream.write_all(b"CONNECT anything.example:443 HTTP/1.1\r\n\r\n").unwrap();
        let mut answer = [0; 39];
        stream.read_exact(&mut answer).unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200 "));
        assert_eq!(
            ask("anything.example", stream, &[&network.authorities.gateway_ca]),
            Ok("HTTP/1.1 200 OK".to_owned())
        );
    }
}
