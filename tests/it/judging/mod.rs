//! What the judge and the rules say about worlds made of values: real certificates, no network.

mod chains;
mod codes;
mod disguises;
mod handshake;
mod inspection;
mod mutated;
mod proxy;
mod revocation;
mod samples;
mod stand_ins;
mod strict;
mod wire;
mod world;
