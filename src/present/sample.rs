//! Reports made by hand, for the tests of this room.

use serde_json::json;

use crate::facts::Report;

/// One inspected host beside a private CA and a host that is down, on a machine with a gateway.
pub(super) fn inspected() -> Report {
    let chain = json!([{
        "subject": "CN=registry.example", "issuer": "O=Northwind Traders, CN=Northwind TLS Inspection Root CA",
        "sha256": "aa".repeat(32), "not_before": "2026-01-01T00:00:00Z", "not_after": "2026-03-01T00:00:00Z",
        "is_ca": false, "self_signed": false
    }]);
    let target = |host: &str, role: &str, verdict: &str, inspection: &str, web: bool| {
        json!({
            "host": host, "port": 443, "role": role, "address": "192.0.2.7", "verdict": verdict,
            "findings": [verdict], "inspection": inspection, "tls_version": "tls1.3", "chain": chain,
            "system": { "trusted": true, "anchor_sha256": "bb".repeat(32) },
            "web": { "trusted": web, "reason": "no root of this store signed it" }, "handshake_ms": 12
        })
    };
    let mut targets = vec![
        target("registry.example", "asked", "tls-inspected", "inspected", false),
        target("wiki.intranet.example", "asked", "private-ca", "not-inspected", false),
        json!({ "host": "mirror.example", "port": 8443, "role": "asked", "verdict": "refused", "findings": ["refused"],
                "inspection": "unknown" }),
        target("www.bank.example", "control", "ok", "not-inspected", true),
    ];
    targets[3]["findings"] = json!([]);
    for host in ["www.one.example", "www.two.example", "www.three.example"] {
        targets.push(target(host, "control", "tls-inspected", "inspected", false));
    }
    report(json!({
        "inspection": {
            "verdict": "inspected", "certainty": "is",
            "authorities": [{
                "subject": "O=Northwind Traders, CN=Northwind TLS Inspection Root CA", "sha256": "bb".repeat(32),
                "in_system_store": true, "in_web_roots": false, "weaknesses": [],
                "targets": ["registry.example:443", "www.one.example:443", "www.two.example:443", "www.three.example:443"]
            }]
        },
        "targets": targets,
        "findings": [
            {
                "code": "tls-inspected", "severity": "problem", "certainty": "is", "subject": "registry.example:443",
                "message": "Traffic to registry.example is inspected by \"Northwind TLS Inspection Root CA\".",
                "evidence": [
                    "Its certificate was issued by \"Northwind TLS Inspection Root CA\", which this computer trusts and the Mozilla roots do not.",
                    "The same authority signed for www.one.example, www.two.example and www.three.example, which have nothing to do with each other."
                ],
                "ruled_out": [
                    { "code": "missing-intermediate", "because": "the issuer is a root of the system store" },
                    { "code": "private-ca", "because": "one organisation's CA does not sign for other organisations' sites" }
                ],
                "remedy": {
                    "owner": "you", "text": "give the tools of this computer the CA that the system store has",
                    "commands": ["eval \"$(trustgap env)\"", "trustgap verify"]
                }
            },
            {
                "code": "refused", "severity": "unknown", "certainty": "is", "subject": "mirror.example:8443",
                "message": "mirror.example refuses connections on port 8443.",
                "evidence": ["192.0.2.9 answered with a reset to the first packet."], "ruled_out": [],
                "remedy": { "owner": "server-operator", "text": "start the service, or say on which port it is", "commands": [] }
            },
            {
                "code": "private-ca", "severity": "information", "certainty": "is", "subject": "wiki.intranet.example:443",
                "message": "wiki.intranet.example has a certificate of a private CA that this computer trusts.",
                "evidence": [], "ruled_out": []
            }
        ]
    }))
}

/// One host, all well.
pub(super) fn well() -> Report {
    report(json!({
        "inspection": { "verdict": "not-inspected", "certainty": "is", "authorities": [] },
        "targets": [{
            "host": "registry.example", "port": 443, "role": "asked", "verdict": "ok", "findings": [],
            "inspection": "not-inspected", "system": { "trusted": true }, "web": { "trusted": true }
        }],
        "findings": []
    }))
}

fn report(mut parts: serde_json::Value) -> Report {
    let whole = json!({
        "schema_version": 1, "tool_version": "0.1.0", "time": "2026-01-31T12:00:00Z",
        "stores": {
            "system": { "source": "/etc/ssl/certs/ca-certificates.crt", "count": 144, "local_additions": [
                { "subject": "CN=Northwind TLS Inspection Root CA", "sha256": "bb".repeat(32), "added_by": "administrator" }
            ] },
            "web": { "source": "Mozilla roots (webpki-root-certs 1.0.11)", "count": 143 }
        }
    });
    for (key, value) in whole.as_object().into_iter().flatten() {
        parts[key] = value.clone();
    }
    serde_json::from_value(parts).expect("the sample is a report")
}
