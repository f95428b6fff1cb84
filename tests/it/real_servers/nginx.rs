//! nginx, as it is set up and mis-set up in the world.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use trustgap::lab::mint::Profile;

use super::{Daemon, free_addresses};
use crate::support::scene::{Scene, codes, finding};
use crate::support::{skip, tool};

fn nginx() -> Option<PathBuf> {
    let found = tool("nginx").or_else(|| Some(PathBuf::from("/usr/sbin/nginx")).filter(|p| p.is_file()));
    if found.is_none() {
        skip("nginx is not installed");
    }
    found
}

/// One `server` block: where it listens, and what is in it.
fn start(nginx: &std::path::Path, scene: &Scene, servers: &[(SocketAddr, &str)]) -> Daemon {
    let mut configuration = "daemon off; master_process off; pid nginx.pid; error_log stderr;\n\
        events {}\nhttp { access_log off; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; \
        uwsgi_temp_path t4; scgi_temp_path t5; ssl_session_tickets off;\n"
        .to_owned();
    for (address, inside) in servers {
        writeln!(configuration, "server {{ listen {address}{inside} location / {{ return 204; }} }}")
            .unwrap();
    }
    configuration.push('}');
    scene.sandbox.file("nginx.conf", configuration);
    let folder = scene.folder().display().to_string();
    let listens: Vec<SocketAddr> = servers.iter().map(|(address, _)| *address).collect();
    Daemon::start(nginx, scene.folder(), &["-p", &folder, "-c", "nginx.conf"], &listens)
}

#[test]
fn what_operators_get_wrong_in_nginx_is_named() {
    let Some(nginx) = nginx() else { return };
    let scene = Scene::new();
    let upper = Profile {
        basic_constraints: Some(trustgap::facts::certificate::BasicConstraints {
            ca: true,
            path_len: Some(1),
            critical: true,
        }),
        ..Profile::intermediate("Public Trust Policy 2")
    };
    let upper = scene.root.subordinate_of(&upper).unwrap();
    let lower = upper.subordinate("Public Trust Issuing 2").unwrap();
    let jumbled = lower.issue(&Profile::public_leaf(&["jumbled.example"])).unwrap();
    scene.write("good", &scene.site("good.example"));
    scene.write("forgot", &scene.leaf("forgot.example", |_| {}));
    scene.write("jumbled", &jumbled.with(&[upper.certificate(), lower.certificate()]));
    let rooted = scene.site("rooted.example").with(&[scene.root.certificate()]);
    scene.write("rooted", &rooted);
    let old = scene.leaf("old.example", |p| *p = p.clone().valid_days(-90, -2));
    scene.write("old", &old.with(&[scene.issuer.certificate()]));
    scene.sandbox.file("members.pem", scene.root.certificate().pem());

    let rows: [(&str, &str, &str, &[&str]); 9] = [
        ("good.example", "good", "", &[]),
        ("rooted.example", "rooted", "", &[]),
        ("good.example", "good", "ssl_protocols TLSv1.2;", &[]),
        ("good.example", "good", "ssl_protocols TLSv1.3;", &[]),
        ("forgot.example", "forgot", "", &["missing-intermediate"]),
        ("jumbled.example", "jumbled", "", &["wrong-chain-order"]),
        ("old.example", "old", "", &["expired"]),
        ("other.example", "good", "", &["name-mismatch"]),
        (
            "good.example",
            "good",
            "ssl_client_certificate members.pem; ssl_verify_client on;",
            &["client-certificate-required"],
        ),
    ];
    let addresses = free_addresses::<9>();
    let blocks: Vec<String> = rows
        .iter()
        .map(|(_, name, more, _)| {
            format!(" ssl; ssl_certificate {name}.pem; ssl_certificate_key {name}.key; {more}")
        })
        .collect();
    let servers: Vec<(SocketAddr, &str)> =
        addresses.into_iter().zip(blocks.iter().map(String::as_str)).collect();
    let _nginx = start(&nginx, &scene, &servers);
    for ((host, name, more, wanted), address) in rows.into_iter().zip(addresses) {
        let report = scene.check_alone(host, address);
        assert_eq!(codes(&report, host), wanted, "{host} {name} {more}: {report}");
    }
}

#[test]
fn a_port_without_ssl_and_a_name_that_nginx_does_not_serve_are_told_apart() {
    let Some(nginx) = nginx() else { return };
    let scene = Scene::new();
    scene.write("good", &scene.site("good.example"));
    let [plain, named] = free_addresses();
    let _nginx = start(
        &nginx,
        &scene,
        &[
            (plain, ";"),
            (named, " ssl default_server; ssl_reject_handshake on;"),
            (
                named,
                " ssl; server_name good.example; ssl_certificate good.pem; ssl_certificate_key good.key;",
            ),
        ],
    );
    let report = scene.check_alone("good.example", plain);
    assert_eq!(codes(&report, "good.example"), ["not-tls"]);
    let said = finding(&report, "not-tls")["evidence"].to_string();
    assert!(said.contains("400 Bad Request"), "{said}");
    assert_eq!(codes(&scene.check_alone("good.example", named), "good.example"), [] as [&str; 0]);
    let report = scene.check_alone("elsewhere.example", named);
    assert_eq!(codes(&report, "elsewhere.example"), ["handshake-failed"]);
    assert!(
        finding(&report, "handshake-failed")["message"].as_str().unwrap().contains("does not know that name")
    );
}

#[test]
fn a_response_that_nginx_staples_from_a_file_is_judged() {
    let Some(nginx) = nginx() else { return };
    let Some(openssl) = super::openssl::openssl() else { return };
    let scene = Scene::new();
    let (good, withdrawn) = (scene.site("good.example"), scene.site("withdrawn.example"));
    scene.write("good", &good);
    scene.write("withdrawn", &withdrawn);
    super::openssl::index(&scene, &[(&good, None), (&withdrawn, Some("keyCompromise"))]);
    super::openssl::respond(&openssl, &scene, "good");
    super::openssl::respond(&openssl, &scene, "withdrawn");
    let rows: [(&str, &str, &[&str]); 4] = [
        ("good.example", "good", &[]),
        ("withdrawn.example", "withdrawn", &["revoked"]),
        // the file of another certificate was left in place
        ("good.example", "withdrawn", &["staple-invalid"]),
        ("withdrawn.example", "good", &["staple-invalid"]),
    ];
    let addresses = free_addresses::<4>();
    let blocks: Vec<String> = rows
        .iter()
        .map(|(host, response, _)| {
            let name = host.split('.').next().unwrap();
            format!(
                " ssl; ssl_certificate {name}.pem; ssl_certificate_key {name}.key; ssl_stapling on; \
                 ssl_stapling_file {response}.der;"
            )
        })
        .collect();
    let servers: Vec<(SocketAddr, &str)> =
        addresses.into_iter().zip(blocks.iter().map(String::as_str)).collect();
    let _nginx = start(&nginx, &scene, &servers);
    for ((host, response, wanted), address) in rows.into_iter().zip(addresses) {
        let report = scene.check_alone(host, address);
        assert_eq!(codes(&report, host), wanted, "{host} with {response}.der: {report}");
    }
}
