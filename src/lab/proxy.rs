//! HTTP CONNECT proxies: one that only tunnels, one that inspects, one that wants to know who is there, one that refuses.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;

use super::gateway::Inspector;
use super::http::Head;
use super::service::Service;

/// A proxy's rules. [`Proxy::start`] makes it listen.
#[derive(Clone, Debug, Default)]
pub struct Proxy {
    /// Whom it lets through.
    pub access: Access,
    /// Where it tunnels to, by `host:port`.
    pub tunnels: BTreeMap<String, SocketAddr>,
    /// Who inspects everything else; without one, everything else is answered with 502.
    pub inspector: Option<Arc<Inspector>>,
}

/// Whom a proxy lets through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Whoever gives this user and password (Basic); the others get 407.
    Basic {
        /// User name.
        user: String,
        /// Password.
        password: String,
    },
    /// Everybody.
    #[default]
    Everybody,
    /// Nobody, with 407 and these `Proxy-Authenticate` schemes, none of which is Basic.
    Negotiated(Vec<String>),
    /// Nobody: 403.
    Nobody,
    /// Nobody: these bytes, whatever was asked.
    Says(Vec<u8>),
    /// Nobody, and nothing is ever answered.
    Silent,
}

impl Proxy {
    /// Starts the proxy on a free port of 127.0.0.1.
    pub fn start(self) -> io::Result<Service> {
        let proxy = Arc::new(self);
        Service::start(move |stream| drop(proxy.serve(stream)))
    }

    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let Some(head) = Head::read(&mut stream)? else { return Ok(()) };
        if self.access == Access::Silent {
            return wait_for_end(&mut stream);
        }
        if let Some(refusal) = self.refusal(&head) {
            stream.write_all(&refusal)?;
            stream.shutdown(Shutdown::Write)?;
            return wait_for_end(&mut stream);
        }
        let (method, target) = head.request();
        let target = target.to_ascii_lowercase();
        if method != "CONNECT" {
            return stream.write_all(&response("405 Method Not Allowed", "Allow: CONNECT\r\n"));
        }
        if let Some(address) = self.tunnels.get(&target) {
            let Ok(origin) = TcpStream::connect_timeout(address, Duration::from_secs(5)) else {
                return stream.write_all(&response("502 Bad Gateway", ""));
            };
            origin.set_read_timeout(stream.read_timeout()?)?;
            stream.write_all(ESTABLISHED)?;
            return tunnel(stream, origin);
        }
        match &self.inspector {
            Some(inspector) => {
                stream.write_all(ESTABLISHED)?;
                inspector.serve(stream, target.rsplit_once(':').map_or(&*target, |(host, _)| host))
            }
            None => stream.write_all(&response("502 Bad Gateway", "")),
        }
    }

    fn refusal(&self, head: &Head) -> Option<Vec<u8>> {
        let challenge = |schemes: &str| response("407 Proxy Authentication Required", schemes);
        match &self.access {
            Access::Everybody | Access::Silent => None,
            Access::Basic { user, password } => {
                let wanted = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
                let given = head.field("Proxy-Authorization").and_then(|v| v.strip_prefix("Basic "));
                (given != Some(&wanted)).then(|| challenge("Proxy-Authenticate: Basic realm=\"lab\"\r\n"))
            }
            Access::Negotiated(schemes) => Some(challenge(&format!(
                "Proxy-Authenticate: {}\r\n",
                schemes.join("\r\nProxy-Authenticate: ")
            ))),
            Access::Nobody => Some(response("403 Forbidden", "")),
            Access::Says(bytes) => Some(bytes.clone()),
        }
    }
}

const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

fn response(status: &str, fields: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{fields}Content-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
}

/// Copies both ways until both ends are done.
fn tunnel(client: TcpStream, origin: TcpStream) -> io::Result<()> {
    let (mut up_from, mut up_to) = (client.try_clone()?, origin.try_clone()?);
    let up = std::thread::Builder::new().name("lab tunnel".to_owned()).spawn(move || {
        let _ = io::copy(&mut up_from, &mut up_to);
        let _ = up_to.shutdown(Shutdown::Write);
    })?;
    let (mut down_from, mut down_to) = (origin, client);
    let _ = io::copy(&mut down_from, &mut down_to);
    let _ = down_to.shutdown(Shutdown::Write);
    let _ = up.join();
    Ok(())
}

fn wait_for_end(stream: &mut TcpStream) -> io::Result<()> {
    io::copy(stream, &mut io::sink()).map(drop)
}
