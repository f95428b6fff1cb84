//! Worlds around certificates that no library of today would make.

use base64::Engine as _;
use time::macros::datetime;
use trustgap::facts::handshake::Base64Bytes;
use trustgap::facts::store::Origin;
use trustgap::facts::{Certificate, Code};

use super::world::World;

/// A leaf with an RSA key of 1024 bits that was signed with SHA-1, under a root of the system store.
pub(super) fn weak() -> World {
    let chain = certificates(include_str!("../../../fixtures/chains/sha1-rsa1024.pem"));
    let mut world = World::new();
    world.seen.time = datetime!(2027-01-01 0:00 UTC);
    world.trust(&chain[1], Origin::Administrator);
    world.ask("old.example", chain[..1].to_vec());
    world
}

/// A company's root on P-521, by the hash it signs with.
pub(super) fn p521() -> Vec<World> {
    [
        include_str!("../../../fixtures/chains/p521-sha256.pem"),
        include_str!("../../../fixtures/chains/p521-sha384.pem"),
        include_str!("../../../fixtures/chains/p521-sha512.pem"),
    ]
    .into_iter()
    .map(|pem| {
        let chain = certificates(pem);
        let mut world = World::new();
        world.seen.time = datetime!(2027-01-01 0:00 UTC);
        world.trust(&chain[1], Origin::Administrator);
        world.ask("wiki.intranet.test", chain[..1].to_vec());
        world
    })
    .collect()
}

/// The CA of an adware of 2015 in the system store; its private key is public.
pub(super) fn superfish() -> World {
    let root = certificates(include_str!("../../../fixtures/chains/superfish-root.pem"));
    let mut world = World::new();
    world.trust(&root[0], Origin::Administrator);
    world.clean_controls();
    world
}

/// Hosts that staple OCSP responses made by `openssl ocsp`, with what has to be found.
pub(super) fn staples() -> Vec<(World, Vec<Code>)> {
    let leafs = certificates(include_str!("../../../fixtures/ocsp/chains.pem"));
    let (ca, leafs) = leafs.split_last().unwrap();
    let responses: [(usize, &[u8], &[Code]); 6] = [
        (0, include_bytes!("../../../fixtures/ocsp/good.der"), &[]),
        (0, include_bytes!("../../../fixtures/ocsp/stranger.der"), &[Code::StapleInvalid]),
        (1, include_bytes!("../../../fixtures/ocsp/revoked.der"), &[Code::Revoked]),
        (2, include_bytes!("../../../fixtures/ocsp/unknown.der"), &[Code::StapleInvalid]),
        (3, include_bytes!("../../../fixtures/ocsp/must.der"), &[]),
        (3, include_bytes!("../../../fixtures/ocsp/good.der"), &[Code::StapleInvalid]),
    ];
    let world = |(leaf, response, codes): &(usize, &[u8], &[Code])| {
        let mut world = World::new();
        world.seen.time = datetime!(2027-01-01 0:00 UTC);
        world.seen.stores.web.roots[0].certificate = ca.clone();
        world.seen.stores.system.roots[0].certificate = ca.clone();
        let host = ["good.example", "revoked.example", "unknown.example", "must.example"][*leaf];
        let look = world.ask(host, vec![leafs[*leaf].clone()]);
        look.handshake.as_mut().unwrap().staple = Some(Base64Bytes(response.to_vec()));
        (world, codes.to_vec())
    };
    responses.iter().map(world).collect()
}

fn certificates(pem: &str) -> Vec<Certificate> {
    pem.split("-----BEGIN CERTIFICATE-----")
        .skip(1)
        .map(|block| {
            let text: String = block.split("-----END").next().unwrap().split_whitespace().collect();
            Certificate::from_der(base64::engine::general_purpose::STANDARD.decode(text).unwrap())
        })
        .collect()
}
