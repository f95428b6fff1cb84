//! Every rung from the name to the finished handshake, with real sockets on loopback.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use trustgap::facts::handshake::{Base64Bytes, Step, TargetLook};
use trustgap::facts::{Outcome, TlsVersion};
use trustgap::lab::{Mint, Service, Site, TlsOptions};
use trustgap::observe::Question;

use super::support::looking::{BRIEF, look, look_at, look_briefly, question};

const NAME: &str = "www.fabrikam.example";

fn identity() -> trustgap::lab::Identity {
    let root = Mint::now().root("Ladder Root").unwrap();
    let issuer = root.subordinate("Ladder Issuing").unwrap();
    issuer.leaf(&[NAME]).unwrap().with(&[issuer.certificate(), root.certificate()])
}

fn outcome_of(site: Site) -> Outcome {
    let service = site.start().unwrap();
    look_briefly(NAME, service.address()).outcome
}

#[test]
fn a_finished_handshake_shows_everything_that_was_presented() {
    let identity = identity().with_staple(b"not really a response".to_vec());
    let service = Site::tls(identity.clone()).start().unwrap();
    let seen = look_at(NAME, service.address());
    assert_eq!(seen.outcome, Outcome::Completed);
    assert_eq!(seen.address, Some(service.address().ip()));
    assert_eq!(seen.chain(), identity.chain);
    let handshake = seen.handshake.unwrap();
    assert_eq!(handshake.version, Some(TlsVersion::Tls13));
    assert_eq!(handshake.cipher_suite.as_deref(), Some("TLS_AES_256_GCM_SHA384"));
    assert_eq!(handshake.staple, Some(Base64Bytes(b"not really a response".to_vec())));
    assert_eq!(handshake.bad_signature, None);
    assert!(!handshake.client_certificate_requested);
    assert_eq!(service.accepted(), 1, "one connection is enough when all is well");
}

#[test]
fn a_server_of_tls_1_2_is_looked_at_as_well() {
    let options = TlsOptions { versions: vec![&rustls::version::TLS12], ..TlsOptions::default() };
    let service = Site::Tls(identity(), options).start().unwrap();
    let seen = look_at(NAME, service.address());
    assert_eq!(seen.outcome, Outcome::Completed);
    assert_eq!(seen.handshake.unwrap().version, Some(TlsVersion::Tls12));
}

#[test]
fn a_stranger_with_the_right_certificate_and_another_key_is_noticed() {
    for versions in [vec![&rustls::version::TLS12], vec![&rustls::version::TLS13]] {
        let (honest, mut stranger) = (identity(), identity());
        stranger.chain.clone_from(&honest.chain);
        let options = TlsOptions { versions, ..TlsOptions::default() };
        let service = Site::Tls(stranger, options).start().unwrap();
        let seen = look_at(NAME, service.address()).handshake.unwrap();
        assert_eq!(seen.chain, honest.chain);
        let reason = seen.bad_signature.expect("the signature cannot verify");
        assert!(reason.contains("not made with the key of the certificate"), "{reason}");
    }
}

#[test]
fn a_demand_for_a_client_certificate_is_noted_and_the_chain_kept() {
    for versions in [vec![&rustls::version::TLS12], vec![&rustls::version::TLS13]] {
        let client_authority = Some(Mint::now().root("Clients").unwrap());
        let options = TlsOptions { versions, client_authority, ..TlsOptions::default() };
        let service = Site::Tls(identity(), options).start().unwrap();
        let seen = look_at(NAME, service.address());
        // in TLS 1.3 the refusal comes after our side has finished
        assert!(matches!(seen.outcome, Outcome::Alert { .. }), "{:?}", seen.outcome);
        assert_eq!(seen.chain().len(), 3);
        assert!(seen.handshake.unwrap().client_certificate_requested);
    }
}

#[test]
fn each_way_of_failing_is_told_from_the_others() {
    for number in [40, 47, 70, 80, 112] {
        assert_eq!(outcome_of(Site::Alert(number)), Outcome::Alert { description: number });
    }
    assert_eq!(outcome_of(Site::Close), Outcome::Reset { closed: true });
    assert_eq!(outcome_of(Site::Reset), Outcome::Reset { closed: false });
    assert_eq!(outcome_of(Site::Silent), Outcome::TimedOut { step: Step::Handshake });
}

#[test]
fn whatever_is_not_tls_is_quoted() {
    let excerpt = |site| match outcome_of(site) {
        Outcome::NotTls { excerpt } => excerpt,
        other => panic!("{other:?}"),
    };
    assert!(excerpt(Site::PlainHttp).starts_with("HTTP/1.1 400 Bad Request\r\n"));
    for banner in
        ["SSH-2.0-OpenSSH_9.6\r\n", "220 mail.example ESMTP Postfix\r\n", "x", "* OK IMAP4rev1 ready\r\n"]
    {
        assert_eq!(excerpt(Site::Speaks(banner.as_bytes().to_vec())), banner);
    }
    assert_eq!(excerpt(Site::Speaks(vec![b'A'; 100_000])).len(), 200);
}

#[test]
fn a_banner_that_comes_in_pieces_is_quoted_whole() {
    let service = Service::start(|mut stream| {
        for piece in ["2", "20 ma", "il.example", " ESMTP"] {
            let _ = stream.write_all(piece.as_bytes());
            std::thread::sleep(Duration::from_millis(60));
        }
        let _ = stream.read(&mut [0; 1024]);
    })
    .unwrap();
    let seen = look_briefly(NAME, service.address());
    assert_eq!(seen.outcome, Outcome::NotTls { excerpt: "220 mail.example ESMTP".to_owned() });
}

#[test]
fn nobody_listens_or_nobody_is_known() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(look_at(NAME, closed).outcome, Outcome::Refused);
    let unknown = Question { connect_to: Vec::new(), ..question(&[("host.invalid", closed)]) };
    let seen = look(&Question { timeout: Duration::from_secs(30), ..unknown }).remove(0);
    assert!(matches!(&seen.outcome, Outcome::NotResolved { message } if !message.is_empty()), "{seen:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_address_without_a_way_to_it_is_unreachable() {
    let seen = look_at(NAME, "255.255.255.255:443".parse().unwrap());
    let Outcome::Unreachable { message } = seen.outcome else { panic!("{:?}", seen.outcome) };
    assert!(!message.is_empty() && !message.contains("os error"), "{message}");
}

#[test]
fn dripping_bytes_do_not_move_the_deadline() {
    // the header of a record, and then its content a byte at a time
    let service = Service::start(|mut stream| {
        let mut alive = stream.write_all(&[22, 3, 3, 0x3f, 0xff, 2, 0, 0x3f, 0xfb]).is_ok();
        while alive {
            std::thread::sleep(Duration::from_millis(30));
            alive = stream.write_all(&[0]).is_ok();
        }
    })
    .unwrap();
    let started = Instant::now();
    let seen = look_briefly(NAME, service.address());
    assert_eq!(seen.outcome, Outcome::TimedOut { step: Step::Handshake });
    assert!(started.elapsed() < BRIEF * 3, "{:?}", started.elapsed());
}

#[test]
fn endless_data_is_cut_off() {
    // the beginning of a certificate message of 16 MiB; records that hold nothing; warnings; disguises
    let announced = [&[22, 3, 3, 0x40, 0, 11, 0xff, 0xff, 0xff][..], &[0x30; 0x3ffc]].concat();
    for endless in [
        announced,
        [22, 3, 3, 0, 0].repeat(1000),
        [21, 3, 3, 0, 2, 1, 112].repeat(1000),
        [20, 3, 3, 0, 1, 1].repeat(1000),
        vec![0; 5000],
    ] {
        let beginning = endless[..5].to_vec();
        let service = Service::start(move |mut stream| while stream.write_all(&endless).is_ok() {}).unwrap();
        let started = Instant::now();
        let outcome = look_briefly(NAME, service.address()).outcome;
        let expected = matches!(
            outcome,
            Outcome::HandshakeFailed { .. } | Outcome::TimedOut { .. } | Outcome::NotTls { .. }
        );
        assert!(expected, "{beginning:?}: {outcome:?}");
        assert!(started.elapsed() < BRIEF * 4, "{beginning:?}: {:?}", started.elapsed());
    }
}

#[test]
fn a_host_that_hangs_holds_nobody_back_and_the_order_is_the_questions() {
    let good = Site::tls(identity()).start().unwrap();
    let silent = Site::Silent.start().unwrap();
    let names: Vec<String> = (0..20).map(|n| format!("host{n}.example")).collect();
    let servers: Vec<(&str, SocketAddr)> = names
        .iter()
        .enumerate()
        .map(|(n, name)| (name.as_str(), if n == 3 { silent.address() } else { good.address() }))
        .collect();
    let started = Instant::now();
    let seen = look(&Question { timeout: BRIEF, ..question(&servers) });
    assert!(started.elapsed() < BRIEF * 2, "{:?}", started.elapsed());
    let hosts: Vec<String> = seen.iter().map(|look| look.target.host.to_string()).collect();
    assert_eq!(hosts, names);
    for (n, look) in seen.iter().enumerate() {
        let wanted = if n == 3 { Outcome::TimedOut { step: Step::Handshake } } else { Outcome::Completed };
        assert_eq!(look.outcome, wanted, "{}", look.target);
    }
}

#[test]
fn fewer_jobs_than_targets_see_as_much() {
    let good = Site::tls(identity()).start().unwrap();
    let servers =
        [("a.example", good.address()), ("b.example", good.address()), ("c.example", good.address())];
    for jobs in [Some(0), Some(1), Some(2), Some(1000)] {
        let seen = look(&Question { jobs, ..question(&servers) });
        assert!(seen.len() == 3 && seen.iter().all(|look| look.outcome == Outcome::Completed), "{seen:?}");
    }
}

/// A relay that hands everything on after a delay: one round trip through it takes twice as long.
fn far_away(server: SocketAddr, one_way: Duration) -> Service {
    fn hand_on(mut from: TcpStream, mut to: TcpStream, one_way: Duration) {
        let (sender, receiver) = std::sync::mpsc::channel::<(Instant, Vec<u8>)>();
        std::thread::spawn(move || {
            while let Ok((due, bytes)) = receiver.recv() {
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                if to.write_all(&bytes).is_err() {
                    return;
                }
            }
            let _ = to.shutdown(std::net::Shutdown::Write);
        });
        let mut chunk = [0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut chunk) {
            if sender.send((Instant::now() + one_way, chunk[..count].to_vec())).is_err() {
                return;
            }
        }
    }
    Service::start(move |client| {
        let server = TcpStream::connect(server).unwrap();
        let (client_too, server_too) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let up = std::thread::spawn(move || hand_on(client_too, server_too, one_way));
        hand_on(server, client, one_way);
        let _ = up.join();
    })
    .unwrap()
}

#[test]
fn a_handshake_costs_one_round_trip_and_nothing_waits_behind_it() {
    let good = Site::tls(identity()).start().unwrap();
    let far = far_away(good.address(), Duration::from_millis(150));
    let started = Instant::now();
    let seen: TargetLook = look_at(NAME, far.address());
    let whole = started.elapsed();
    assert_eq!(seen.outcome, Outcome::Completed);
    assert!(whole >= Duration::from_millis(300) && whole < Duration::from_millis(500), "{whole:?}");
}
