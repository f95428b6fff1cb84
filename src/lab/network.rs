//! The whole network as a table: every site and look-alike with its name, its address and its truth.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::version::TLS12;
use time::Duration;

use super::gateway::{Inspector, Presents};
use super::mint::{Authority, Identity, Mint, Profile};
use super::proxy::{Access, Proxy};
use super::service::Service;
use super::site::{Site, TlsOptions};
use crate::facts::report::Verdict;
use crate::facts::store::{Origin, Root};
use crate::facts::{Certificate, Code, Host, RootStore, Stores, Target};

/// One thing to look at.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What it is, as a sentence.
    pub story: &'static str,
    /// Whom to ask for.
    pub target: Target,
    /// Where it really listens: what `--connect-to` has to say.
    pub address: SocketAddr,
    /// The proxy to go through, if it is about one.
    pub proxy: Option<String>,
    /// What the verdict must be, judged with [`Network::stores`].
    pub verdict: Verdict,
}

/// A running network. Everything in it ends when it is dropped.
#[derive(Debug)]
pub struct Network {
    /// The moment its certificates were minted around.
    pub mint: Mint,
    /// The root that the web roots hold and every system ships.
    pub public_root: Authority,
    /// An intermediate below the public root, which issues the public sites.
    pub public_issuer: Authority,
    /// The inspecting gateway's CA; an administrator put it into the system store.
    pub gateway_ca: Authority,
    /// The company's own CA for its internal sites; an administrator put it into the system store.
    pub private_root: Authority,
    /// Everything to look at.
    pub endpoints: Vec<Endpoint>,
    services: Vec<Service>,
}

/// The name of the inspecting CA.
pub const GATEWAY_NAME: &str = "Northwind TLS Inspection Root CA";

/// The name of the company's own CA.
pub const PRIVATE_NAME: &str = "Northwind Internal Services Root";

impl Network {
    /// Starts every endpoint.
    pub fn start() -> io::Result<Self> {
        let mint = Mint::now();
        let public_root = mint.root_of(&Profile::root("Public Trust Root").of("Public Trust"))?;
        let public_issuer = public_root
            .subordinate_of(&Profile::intermediate("Public Trust Issuing 1").of("Public Trust"))?;
        let gateway_ca = mint.root_of(&Profile::root(GATEWAY_NAME).of("Northwind Traders"))?;
        let private_root = mint.root_of(&Profile::root(PRIVATE_NAME).of("Northwind Traders"))?;
        let mut network = Self {
            mint,
            public_root,
            public_issuer,
            gateway_ca,
            private_root,
            endpoints: Vec::new(),
            services: Vec::new(),
        };
        network.healthy()?;
        network.inspected()?;
        network.trust()?;
        network.chains()?;
        network.times_and_names()?;
        network.wire()?;
        network.proxies()?;
        Ok(network)
    }

    /// Returns the stores of a machine in this network: the system ships the public root, and an administrator added
    /// the gateway's CA and the private root; the web roots are the public root.
    pub fn stores(&self) -> Stores {
        let root = |authority: &Authority, origin| Root {
            certificate: authority.certificate().clone(),
            origin,
            place: None,
        };
        Stores {
            system: RootStore {
                source: "the lab's system store".to_owned(),
                roots: vec![
                    root(&self.public_root, Origin::Shipped),
                    root(&self.gateway_ca, Origin::Administrator),
                    root(&self.private_root, Origin::Administrator),
                ],
                ..RootStore::default()
            },
            web: RootStore {
                source: "the lab's web roots".to_owned(),
                roots: vec![root(&self.public_root, Origin::Shipped)],
                ..RootStore::default()
            },
            environment: None,
        }
    }

    /// Returns the endpoint that is asked for by this host name.
    pub fn endpoint(&self, host: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|e| e.target.host == Host::Name(host.to_owned()))
    }

    fn healthy(&mut self) -> io::Result<()> {
        let complete = self.public("www.fabrikam.example")?;
        self.tls("a public site with a complete chain", "www.fabrikam.example", complete, OK)?;
        let other = self.public("www.contoso.example")?;
        self.tls("another public site", "www.contoso.example", other, OK)?;
        let root_included = self.public("root-included.example")?.with(&[self.public_root.certificate()]);
        self.tls("a public site that sends its root as well", "root-included.example", root_included, OK)?;
        let legacy = TlsOptions { versions: vec![&TLS12], ..TlsOptions::default() };
        let tls12 = Site::Tls(self.public("tls12.example")?, legacy);
        self.add("a public site that speaks TLS 1.2 only", "tls12.example", tls12, OK)
    }

    fn inspected(&mut self) -> io::Result<()> {
        for (story, host, presents) in [
            ("inspected, and the gateway sends its CA", "registry.fabrikam.example", Presents::LeafAndCa),
            ("inspected, and the gateway sends the leaf alone", "index.contoso.example", Presents::LeafOnly),
        ] {
            let inspector = Inspector::new(self.gateway_ca.clone(), presents)?;
            self.listen(story, host, inspector.transparent()?, found(Code::TlsInspected))?;
        }
        Ok(())
    }

    fn trust(&mut self) -> io::Result<()> {
        let wiki = self.private_root.leaf(&["wiki.intranet.test"])?;
        self.tls(
            "an internal site of the company's own CA",
            "wiki.intranet.test",
            wiki,
            found(Code::PrivateCa),
        )?;
        let stranger = self.mint.root("Adventure Works Root")?;
        let complete = stranger.leaf(&["adventure.test"])?.with(&[stranger.certificate()]);
        let verdict = found(Code::UntrustedRoot);
        self.tls("a complete chain to a root that nobody here has", "adventure.test", complete, verdict)?;
        let alone = stranger.leaf(&["lost.test"])?;
        self.tls("a leaf whose issuer nobody here knows", "lost.test", alone, found(Code::UnknownIssuer))?;
        let own = self.mint.self_signed(&Profile::leaf(&["appliance.test"]))?;
        self.tls("an appliance that signed for itself", "appliance.test", own, found(Code::SelfSigned))
    }

    fn chains(&mut self) -> io::Result<()> {
        let lone = self.public_leaf("forgetful.example", |_| {})?;
        let verdict = found(Code::MissingIntermediate);
        self.tls("a public site that forgot its intermediate", "forgetful.example", lone, verdict)?;
        let root = self.public_root.certificate();
        let jumbled =
            self.public_leaf("jumbled.example", |_| {})?.with(&[root, self.public_issuer.certificate()]);
        let verdict = found(Code::WrongChainOrder);
        self.tls("a public site with root and intermediate exchanged", "jumbled.example", jumbled, verdict)?;
        let forged = self
            .public_leaf("forged.example", |p| p.forged = true)?
            .with(&[self.public_issuer.certificate()]);
        let verdict = found(Code::InvalidChain);
        self.tls("a leaf that somebody else signed in the issuer's name", "forged.example", forged, verdict)
    }

    fn times_and_names(&mut self) -> io::Result<()> {
        let expired = self.public_with("expired.example", |p| p.until = Duration::days(-3))?;
        self.tls("a public site past its end", "expired.example", expired, found(Code::Expired))?;
        let early = self.public_with("early.example", |p| p.from = Duration::days(4))?;
        self.tls("a public site before its start", "early.example", early, found(Code::NotYetValid))?;
        let elsewhere = self.public("elsewhere.example")?;
        let verdict = found(Code::NameMismatch);
        self.tls("a public site with another site's certificate", "misnamed.example", elsewhere, verdict)
    }

    fn wire(&mut self) -> io::Result<()> {
        let plain = |site, code| (site, found(code));
        for (story, host, (site, verdict)) in [
            ("accepts and says nothing", "silent.test", plain(Site::Silent, Code::Timeout)),
            ("resets after the ClientHello", "reset.test", plain(Site::Reset, Code::ConnectionReset)),
            ("closes after the ClientHello", "closing.test", plain(Site::Close, Code::ConnectionReset)),
            ("a web server without TLS", "plain.test", plain(Site::PlainHttp, Code::NotTls)),
            (
                "an SSH server",
                "ssh.test",
                plain(Site::Speaks(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n".to_vec()), Code::NotTls),
            ),
            ("alert 40, handshake_failure", "picky.test", plain(Site::Alert(40), Code::HandshakeFailed)),
            ("alert 70, protocol_version", "outdated.test", plain(Site::Alert(70), Code::TlsVersionRefused)),
        ] {
            self.add(story, host, site, verdict)?;
        }
        let demanding =
            TlsOptions { client_authority: Some(self.private_root.clone()), ..TlsOptions::default() };
        let site = Site::Tls(self.public("members.example")?, demanding);
        self.add(
            "demands a client certificate",
            "members.example",
            site,
            found(Code::ClientCertificateRequired),
        )?;
        let closed = Site::Silent.start()?.address();
        self.endpoints.push(endpoint("nobody listens", "closed.test", closed, found(Code::Refused))?);
        Ok(())
    }

    fn proxies(&mut self) -> io::Result<()> {
        let open = self.public("www.tailspin.example")?;
        let site = Site::tls(open).start()?;
        let tunnels = [("www.tailspin.example:443".to_owned(), site.address())].into_iter().collect();
        self.services.push(site);
        let inspector = Inspector::new(self.gateway_ca.clone(), Presents::LeafOnly)?;
        let basic = Access::Basic { user: "ada".to_owned(), password: "s3cret".to_owned() };
        let html = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Please sign in</html>".to_vec();
        for (story, host, proxy, credentials, verdict) in [
            (
                "a public site through a proxy that only tunnels",
                "www.tailspin.example",
                Proxy { tunnels, ..Proxy::default() },
                "",
                OK,
            ),
            (
                "inspected by an explicit proxy",
                "www.wingtip.example",
                Proxy { inspector: Some(Arc::clone(&inspector)), ..Proxy::default() },
                "",
                found(Code::TlsInspected),
            ),
            (
                "inspected by a proxy that knows who asks",
                "known.wingtip.example",
                Proxy { access: basic.clone(), inspector: Some(inspector), ..Proxy::default() },
                "ada:s3cret@",
                found(Code::TlsInspected),
            ),
            (
                "a proxy that wants credentials",
                "unknown.wingtip.example",
                Proxy { access: basic, ..Proxy::default() },
                "",
                found(Code::ProxyAuthRequired),
            ),
            (
                "a proxy that forbids",
                "forbidden.wingtip.example",
                Proxy { access: Access::Nobody, ..Proxy::default() },
                "",
                found(Code::ProxyRefused),
            ),
            (
                "a proxy that cannot reach the host",
                "unreached.wingtip.example",
                Proxy::default(),
                "",
                found(Code::ProxyRefused),
            ),
            (
                "a proxy that answers CONNECT with nonsense",
                "nonsense.wingtip.example",
                Proxy { access: Access::Says(b"\x00\xffhello".to_vec()), ..Proxy::default() },
                "",
                found(Code::ProxyRefused),
            ),
            (
                "a proxy that answers a login page in the tunnel",
                "login.wingtip.example",
                Proxy { access: Access::Says(html), ..Proxy::default() },
                "",
                found(Code::CaptivePortal),
            ),
        ] {
            let service = proxy.start()?;
            let mut row = endpoint(story, host, service.address(), verdict)?;
            row.proxy = Some(format!("http://{credentials}{}", service.address()));
            self.endpoints.push(row);
            self.services.push(service);
        }
        let closed = Site::Silent.start()?.address();
        let mut row = endpoint(
            "a proxy that is not there",
            "far.wingtip.example",
            closed,
            found(Code::ProxyUnreachable),
        )?;
        row.proxy = Some(format!("http://{closed}"));
        self.endpoints.push(row);
        Ok(())
    }

    /// A public site's identity with its intermediate.
    fn public(&self, host: &str) -> io::Result<Identity> {
        self.public_with(host, |_| {})
    }

    fn public_with(&self, host: &str, change: impl FnOnce(&mut Profile)) -> io::Result<Identity> {
        Ok(self.public_leaf(host, change)?.with(&[self.public_issuer.certificate()]))
    }

    fn public_leaf(&self, host: &str, change: impl FnOnce(&mut Profile)) -> io::Result<Identity> {
        let mut profile = Profile::public_leaf(&[host]);
        change(&mut profile);
        self.public_issuer.issue(&profile)
    }

    fn tls(
        &mut self,
        story: &'static str,
        host: &str,
        identity: Identity,
        verdict: Verdict,
    ) -> io::Result<()> {
        self.add(story, host, Site::tls(identity), verdict)
    }

    fn add(&mut self, story: &'static str, host: &str, site: Site, verdict: Verdict) -> io::Result<()> {
        let service = site.start()?;
        self.listen(story, host, service, verdict)
    }

    fn listen(
        &mut self,
        story: &'static str,
        host: &str,
        service: Service,
        verdict: Verdict,
    ) -> io::Result<()> {
        self.endpoints.push(endpoint(story, host, service.address(), verdict)?);
        self.services.push(service);
        Ok(())
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

fn endpoint(story: &'static str, host: &str, address: SocketAddr, verdict: Verdict) -> io::Result<Endpoint> {
    let host: Host = host.parse().map_err(io::Error::other)?;
    Ok(Endpoint { story, target: Target::new(host, 443), address, proxy: None, verdict })
}

/// Returns certificates as one PEM file.
pub fn pem<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> String {
    certificates.into_iter().map(Certificate::pem).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, ClientConnection, RootCertStore, Stream};

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
        let (public, gateway) = (&network.public_root, &network.gateway_ca);
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
            ("wiki.intranet.test", &[&network.private_root], "HTTP/1.1 200 OK"),
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
        assert_eq!(ask("anything.example", stream, &[&network.gateway_ca]), Ok("HTTP/1.1 200 OK".to_owned()));
    }
}
