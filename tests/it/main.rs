//! End-to-end stories: the real program, real servers on loopback, the real tools of this machine.
//!
//! One module per story. A test that needs a tool or a right this machine lacks says so and is skipped; with `CI=true`
//! it fails instead, so that nothing is silently unproved there.

#![expect(clippy::disallowed_methods, reason = "tests are outside of the rooms")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod support;

mod arguments;
mod bad_input;
mod baseline;
mod clients;
mod clocks;
mod corpnet;
mod demo;
mod detours;
mod documents;
mod endpoints;
mod evil;
mod finding_pages;
mod installations;
mod issuers;
mod json;
mod judging;
mod ladder;
mod layering;
mod legacy;
mod limbo;
mod mangled_records;
mod manners;
mod no_harm;
mod offers;
mod openssl_agrees;
mod plain_http;
mod planted;
mod portal;
mod probe;
mod profiles;
mod readers;
mod readme;
mod real_servers;
mod shells;
mod signatures;
mod stages;
mod suites;
mod support_works;
mod system_certs;
mod tools_page;
mod trust_files;
mod tunnels;
mod verify;
mod versions;
mod worlds;
