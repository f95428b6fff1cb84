//! Runs the lab until standard input ends, for trying commands by hand and for the benchmarks.
//!
//! ```text
//! lab FOLDER                    every endpoint on 127.0.0.1, each with a port of its own
//! lab FOLDER ADDRESS COUNT      that many ordinary public sites on ports 4400, 4401, ... of an address, and two that
//!                               send their own certificate alone: `lone.example` lacks one, `deep.example` two
//! ```
//!
//! FOLDER receives `system.pem` and `web.pem` (the lab's stores), `gateway-ca.pem`, and `arguments`: what trustgap
//! needs to be told, one argument per line.
#![expect(clippy::disallowed_methods, reason = "a program of its own, outside of the rooms")]
#![expect(clippy::print_stdout, reason = "a program of its own, outside of the rooms")]

use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use trustgap::lab::mint::BasicConstraints;
use trustgap::lab::network::pem;
use trustgap::lab::{Authority, Mint, Network, Profile, Service, Site, TlsOptions};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [folder] => everything(Path::new(folder)),
        [folder, address, count] => {
            let address = address.parse().map_err(io::Error::other)?;
            ordinary(Path::new(folder), address, count.parse().map_err(io::Error::other)?)
        }
        _ => Err(io::Error::other("usage: lab FOLDER [ADDRESS COUNT]")),
    }
}

fn everything(folder: &Path) -> io::Result<()> {
    let network = Network::start()?;
    let stores = network.stores();
    let certificates = |store: &trustgap::facts::RootStore| pem(store.roots.iter().map(|r| &r.certificate));
    write(folder, "system.pem", &certificates(&stores.system))?;
    write(folder, "web.pem", &certificates(&stores.web))?;
    write(folder, "gateway-ca.pem", &network.authorities.gateway_ca.certificate().pem())?;
    let mut lines = stores_as_arguments(folder);
    for endpoint in &network.endpoints {
        println!("{:<26} {:<22} {}", endpoint.target.host, endpoint.address, endpoint.story);
        if endpoint.proxy.is_none() {
            let _ = writeln!(lines, "--connect-to={}", endpoint.connect_to());
        }
    }
    write(folder, "arguments", &lines)?;
    until_input_ends()
}

fn ordinary(folder: &Path, address: IpAddr, count: u16) -> io::Result<()> {
    let mint = Mint::now();
    let root = mint.root("Public Trust Root")?;
    let issuer = root.subordinate("Public Trust Issuing 1")?;
    let mut lines = stores_as_arguments(folder);
    let mut services: Vec<Service> = Vec::new();
    for number in 0..count {
        let host = format!("site{number}.example");
        let identity = issuer.issue(&Profile::public_leaf(&[&host]))?.with(&[issuer.certificate()]);
        let port = 4400 + number;
        services.push(Site::Tls(identity, TlsOptions::default()).start_at((address, port).into())?);
        let _ = writeln!(lines, "--connect-to={host}:443:{address}:{port}");
    }
    services.extend(incomplete(&root, (address, 4400 + count).into(), &mut lines)?);
    for store in ["system.pem", "web.pem"] {
        write(folder, store, &root.certificate().pem())?;
    }
    write(folder, "arguments", &lines)?;
    until_input_ends()
}

/// Two sites and, from a port on, the web server that has what they do not send.
fn incomplete(root: &Authority, mut at: SocketAddr, lines: &mut String) -> io::Result<Vec<Service>> {
    let url = |name: &str| Some(format!("http://ca.example/{name}"));
    let upper = Profile {
        basic_constraints: Some(BasicConstraints { ca: true, path_len: Some(1), critical: true }),
        ..Profile::intermediate("Public Trust Upper")
    };
    let upper = root.subordinate_of(&upper)?;
    let lower = Profile { issuer_url: url("upper.cer"), ..Profile::intermediate("Public Trust Lower") };
    let lower = upper.subordinate_of(&lower)?;
    let certificates = [&upper, &lower].map(|ca| ca.certificate().der().to_vec());
    let mut services = vec![Service::start_at(at, move |mut stream| {
        let mut request = [0; 1024];
        let asks_for_upper =
            stream.read(&mut request).is_ok_and(|length| request[..length].starts_with(b"GET /upper.cer "));
        let der = &certificates[usize::from(!asks_for_upper)];
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", der.len());
        let _ = stream.write_all(&[head.as_bytes(), der].concat());
    })?];
    let _ = writeln!(lines, "--connect-to=ca.example:80:{at}");
    for (host, issuer, name) in [("lone.example", &upper, "upper.cer"), ("deep.example", &lower, "lower.cer")]
    {
        at.set_port(at.port() + 1);
        let leaf = Profile { issuer_url: url(name), ..Profile::public_leaf(&[host]) };
        services.push(Site::Tls(issuer.issue(&leaf)?, TlsOptions::default()).start_at(at)?);
        let _ = writeln!(lines, "--connect-to={host}:443:{at}");
    }
    Ok(services)
}

fn stores_as_arguments(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "--system-roots={folder}/system.pem\n--web-roots={folder}/web.pem\n--controls=none\n--proxy=none\n"
    )
}

fn write(folder: &Path, name: &str, contents: &str) -> io::Result<()> {
    std::fs::write(folder.join(name), contents)
}

fn until_input_ends() -> io::Result<()> {
    println!("ready");
    io::copy(&mut io::stdin(), &mut io::sink()).map(drop)
}
