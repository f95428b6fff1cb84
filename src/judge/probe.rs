//! What the end of a real tool's run proves about TLS.
//!
//! Exit codes lie in both directions (`git ls-remote` fails on every host that is no repository, `apt-get update`
//! succeeds without a single certificate), and the words of a tool may be about another host or about nothing of TLS.
//! So a run works only where the catalogue's rule says that this very end cannot be reached without a verified
//! handshake; it fails only where the tool says so; everything else is inconclusive, with the reason.

use crate::catalogue::schema::{Cause, Class, ErrorText, Meaning, Probe, Rule};
use crate::facts::run::{End, Finished};
use crate::facts::verification::{ToolOutcome, ToolResult};
use crate::facts::{Code, Host};
use crate::judge::tool::Expected;
use crate::text::colours::uncoloured;
use crate::text::redact;
use crate::text::sanitise::sanitise_to;

/// The longest part of a tool's words that is kept, in characters.
const LONGEST_MESSAGE: usize = 240;

/// What a run is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// How the tool was run.
    pub probe: &'a Probe,
    /// The texts it may print, its own first.
    pub errors: &'a [&'a ErrorText],
    /// The host it was sent to.
    pub host: &'a Host,
    /// How it ended.
    pub finished: &'a Finished,
}

/// What is known about the host and the tool besides the run: it tells apart what the tool's words do not.
#[derive(Clone, Copy, Debug, Default)]
pub struct Circumstances {
    /// The headline of our own look at the host; absent when it is in order.
    pub host: Option<Code>,
    /// What the tool's roots and the library it verifies with say about the host, where that is known.
    pub expected: Option<Expected>,
}

/// What a run proved, in the catalogue's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What it means.
    pub meaning: Meaning,
    /// Look-alikes that the tool says in the very same words.
    pub not_told_apart: Vec<Cause>,
    /// The tool's own words, or why nothing can be said. Sanitised and redacted.
    pub message: Option<String>,
}

/// Says what a run proved.
pub fn classify(run: &Run<'_>) -> Proof {
    if let End::NotStarted(why) = &run.finished.end {
        return inconclusive(format!("it could not be started: {}", tidy(why)));
    }
    let said = run.finished.text();
    let said = uncoloured(&said);
    if let Some((rule, line)) = run.probe.rules.iter().find_map(|rule| Some((rule, fits(rule, run, &said)?)))
    {
        let message = line.or_else(|| match rule.means {
            Meaning::Works => None,
            Meaning::Fails(_) | Meaning::Inconclusive => last_words(run.finished),
        });
        return Proof { meaning: rule.means, not_told_apart: Vec::new(), message };
    }
    if let Some((error, line)) = strongest_error(run, &said) {
        let meaning =
            if proves_nothing(error.cause) { Meaning::Inconclusive } else { Meaning::Fails(error.cause) };
        return Proof { meaning, not_told_apart: error.not_told_apart.clone(), message: Some(line) };
    }
    inconclusive(match &run.finished.end {
        End::TimedOut => {
            format!("it gave no answer within {} seconds", run.finished.elapsed.as_secs().max(1))
        }
        End::Signalled(signal) => format!("signal {signal} ended it"),
        End::Exited(code) => match last_words(run.finished) {
            Some(words) => format!("exit code {code}, and nothing about TLS: {words}"),
            None => format!("exit code {code}, without a word"),
        },
        End::NotStarted(_) => String::new(),
    })
}

/// Puts a proof into the terms of the report; where the tool's words fit several causes, the host's own verdict tells.
pub fn outcome(proof: Proof, circumstances: Circumstances) -> ToolOutcome {
    let (result, code) = match proof.meaning {
        Meaning::Works => (ToolResult::Works, None),
        Meaning::Inconclusive => (ToolResult::Inconclusive, None),
        Meaning::Fails(cause) => (ToolResult::Fails, code(cause, &proof.not_told_apart, circumstances)),
    };
    let expected = circumstances.expected.filter(|_| !circumstances.host.is_some_and(is_fault_of_the_host));
    let (predicted, predicted_code) = match expected {
        None => (None, None),
        Some(Expected::Works) => (Some(ToolResult::Works), None),
        Some(Expected::LacksCa) => (Some(ToolResult::Fails), Some(Code::ToolLacksCa)),
        Some(Expected::Refuses) => (Some(ToolResult::Fails), Some(Code::StrictProfile)),
        Some(Expected::Unusable) => (Some(ToolResult::Fails), Some(Code::ToolCaFileUnusable)),
    };
    ToolOutcome { result, code, message: proof.message, predicted, predicted_code }
}

fn code(cause: Cause, not_told_apart: &[Cause], circumstances: Circumstances) -> Option<Code> {
    let (host, expected) = (circumstances.host, circumstances.expected);
    match cause {
        // nothing that the host sent has ended: what has is in the tool's own store
        Cause::Code(Code::Expired)
            if expected == Some(Expected::LacksCa) && host.is_none_or(|h| !is_fault_of_the_host(h)) =>
        {
            Some(Code::ToolSettingStale)
        }
        // the tool's words fit what is wrong with the host as well: that is the simpler explanation
        Cause::Code(said) => Some(host.filter(|h| not_told_apart.contains(&Cause::Code(*h))).unwrap_or(said)),
        Cause::Class(class) => {
            let fault = host.filter(|h| is_fault_of_the_host(*h));
            let explains = |h: &Code| {
                class == Class::TlsFailed || is_about_trust(*h) || not_told_apart.contains(&Cause::Code(*h))
            };
            match fault.filter(explains) {
                Some(fault) => Some(fault),
                None if expected == Some(Expected::Refuses) => Some(Code::StrictProfile),
                None if class == Class::Untrusted => Some(Code::ToolLacksCa),
                None if expected == Some(Expected::Unusable) => Some(Code::ToolCaFileUnusable),
                None => (expected == Some(Expected::LacksCa)).then_some(Code::ToolLacksCa),
            }
        }
    }
}

/// Whether a finding about a host makes every client fail, whatever roots it has: inspection and private CAs do not.
fn is_fault_of_the_host(code: Code) -> bool {
    !matches!(
        code,
        Code::TlsInspected
            | Code::InspectionCaNotInstalled
            | Code::PrivateCa
            | Code::RevocationUnavailable
            | Code::StrictProfile
            | Code::SystemStoreOutdated
    )
}

/// Whether a finding about a host is what clients call an unknown issuer.
fn is_about_trust(code: Code) -> bool {
    matches!(
        code,
        Code::MissingIntermediate
            | Code::SelfSigned
            | Code::UnknownIssuer
            | Code::UntrustedRoot
            | Code::WrongChainOrder
            | Code::InvalidChain
            | Code::KnownBadCa
    )
}

/// What a tool says in passing, whatever happens then: it is no reason why something failed.
const WARNING: Cause = Cause::Code(Code::ToolVerificationOff);

/// Whether a cause says nothing of the certificate: the tool never came to one, or only warned that it looks at none.
fn proves_nothing(cause: Cause) -> bool {
    cause == WARNING
        || matches!(
            cause,
            Cause::Code(
                Code::NameNotResolved
                    | Code::Refused
                    | Code::Unreachable
                    | Code::Timeout
                    | Code::ConnectionReset
                    | Code::CaptivePortal
                    | Code::ProxyRequired
                    | Code::ProxyAuthRequired
                    | Code::ProxyRefused
                    | Code::ProxyUnreachable
            )
        )
}

/// Whether a rule fits, and the line it fits to.
#[expect(clippy::option_option, reason = "fits or not, and a rule without a text has no line")]
fn fits(rule: &Rule, run: &Run<'_>, said: &str) -> Option<Option<String>> {
    let exited = match run.finished.end {
        End::Exited(code) => rule.exit.is_empty() || rule.exit.contains(&code),
        // without an end of its own only words count
        _ => rule.exit.is_empty() && rule.text.is_some(),
    };
    match &rule.text {
        _ if !exited => None,
        None => Some(None),
        Some(pattern) => {
            let found = pattern.regex()?.find(said)?;
            Some(Some(line_around(said, found.start())))
        }
    }
}

/// Returns the most telling of the tool's error texts that it printed about this host, with its line.
fn strongest_error<'a>(run: &Run<'a>, said: &str) -> Option<(&'a ErrorText, String)> {
    let found = |error: &'a ErrorText| {
        let captures = error.text.regex()?.captures(said)?;
        let about = captures.name("host").or_else(|| captures.name("url"));
        let ours = about.is_none_or(|about| names(about.as_str(), run.host));
        ours.then(|| (error, line_around(said, captures.get(0).map_or(0, |all| all.start()))))
    };
    // of equals the first wins: the list has the particular texts before the general ones
    run.errors.iter().rev().filter_map(|error| found(error)).max_by_key(|(error, _)| rank(error.cause))
}

/// How much a cause tells.
fn rank(cause: Cause) -> u8 {
    match cause {
        WARNING => 0,
        _ if proves_nothing(cause) => 1,
        Cause::Class(Class::TlsFailed) => 2,
        Cause::Class(Class::Untrusted) => 3,
        // it explains the date that is named beside it
        Cause::Code(Code::ClockSkew) => 5,
        Cause::Code(_) => 4,
    }
}

/// Whether a tool's words (a host, `host:port` or a URL) name this host.
fn names(said: &str, host: &Host) -> bool {
    let bare = said.split_once("://").map_or(said, |(_, rest)| rest);
    let authority = bare.split(['/', '?', '#']).next().unwrap_or(bare);
    let authority = authority.rsplit('@').next().unwrap_or(authority);
    let is = |text: &str| text.parse::<Host>().is_ok_and(|named| named == *host);
    is(authority) || authority.rsplit_once(':').is_some_and(|(name, _)| is(name))
}

fn inconclusive(why: String) -> Proof {
    Proof { meaning: Meaning::Inconclusive, not_told_apart: Vec::new(), message: Some(why) }
}

fn line_around(text: &str, position: usize) -> String {
    let start = text[..position].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    // in a very long line the beginning may be far from what was found
    if position - start > LONGEST_MESSAGE { tidy(&text[position..]) } else { tidy(line) }
}

/// Returns the last line that the tool wrote to standard error, else to standard output.
fn last_words(finished: &Finished) -> Option<String> {
    let last = |text: &str| text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(tidy);
    last(&finished.stderr).or_else(|| last(&finished.stdout))
}

fn tidy(text: &str) -> String {
    sanitise_to(&redact::credentials(text.lines().next().unwrap_or_default()), LONGEST_MESSAGE)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::catalogue::Tool;

    /// A tool with the traits that matter: a success that is said in words, one by exit code alone, and lying codes.
    const GIT: &str = r#"
        id = "git"
        name = "git"
        family = "native"
        kind = "command"
        verified = "ran"
        sources = []
        [detect]
        [[error]]
        cause = "untrusted"
        text = "server certificate verification failed"
        example = ""
        not_told_apart = ["expired", "not-yet-valid"]
        [[error]]
        cause = "name-mismatch"
        text = "does not match target host name '(?<host>[^']+)'"
        example = ""
        [[error]]
        cause = "expired"
        text = "certificate has expired"
        example = ""
        [[error]]
        cause = "name-not-resolved"
        text = "Could not resolve host"
        example = ""
        [[error]]
        cause = "tls-failed"
        text = "unable to access"
        example = ""
        [[error]]
        cause = "tool-verification-off"
        text = "verification is off"
        example = ""
        [[probe]]
        arguments = ["ls-remote", "{url}"]
        [[probe.rule]]
        text = "info/refs not valid|not found"
        means = "works"
        [[probe.rule]]
        exit = [0]
        means = "works"
        [[probe.rule]]
        exit = [7]
        means = "tool-ca-file-unusable"
    "#;

    fn finished(end: End, stderr: &str) -> Finished {
        Finished { end, stdout: String::new(), stderr: stderr.to_owned(), elapsed: Duration::from_secs(3) }
    }

    fn proof(end: End, stderr: &str) -> Proof {
        let tool: Tool = toml::from_str(GIT).expect("a tool");
        let errors: Vec<&ErrorText> = tool.errors.iter().collect();
        let host = "registry.example".parse().expect("a host");
        let finished = finished(end, stderr);
        classify(&Run { probe: &tool.probes[0], errors: &errors, host: &host, finished: &finished })
    }

    #[test]
    fn only_what_needs_a_verified_handshake_works_and_only_words_about_this_host_fail() {
        let untrusted = Meaning::Fails(Cause::Class(Class::Untrusted));
        for (name, end, said, wanted) in [
            ("a success", End::Exited(0), "", Meaning::Works),
            (
                "a failure that lies behind TLS",
                End::Exited(128),
                "fatal: https://registry.example/info/refs not valid: is this a git repository?",
                Meaning::Works,
            ),
            (
                "words that are coloured and broken into lines",
                End::Exited(1),
                "\u{1b}[31m│ server \u{1b}[1mcertificate\u{1b}[0m\n\u{1b}[31m│\u{1b}[0m verification failed",
                untrusted,
            ),
            (
                "the CA is unknown",
                End::Exited(128),
                "fatal: unable to access 'https://registry.example/': server certificate verification failed. CAfile: none",
                untrusted,
            ),
            (
                "the particular words beat the general ones",
                End::Exited(128),
                "fatal: unable to access 'x': SSL: certificate subject name (o) does not match target host name 'registry.example'",
                Meaning::Fails(Cause::Code(Code::NameMismatch)),
            ),
            (
                "another host's refusal",
                End::Exited(1),
                "certificate subject name (o) does not match target host name 'cdn.example'",
                Meaning::Inconclusive,
            ),
            (
                "no name service",
                End::Exited(128),
                "Could not resolve host: registry.example",
                Meaning::Inconclusive,
            ),
            (
                "trust speaks louder than the network",
                End::Exited(128),
                "Could not resolve host: other.example\nserver certificate verification failed",
                untrusted,
            ),
            (
                "a rule by code alone",
                End::Exited(7),
                "",
                Meaning::Fails(Cause::Code(Code::ToolCaFileUnusable)),
            ),
            ("a missing package", End::Exited(1), "error: no such package", Meaning::Inconclusive),
            ("not there", End::NotStarted("No such file or directory".into()), "", Meaning::Inconclusive),
            ("silent until the end", End::TimedOut, "", Meaning::Inconclusive),
            (
                "retrying until the end",
                End::TimedOut,
                "server certificate verification failed, retrying",
                untrusted,
            ),
            ("crashed", End::Signalled(11), "", Meaning::Inconclusive),
            ("a warning alone", End::Exited(1), "warning: verification is off", Meaning::Inconclusive),
            (
                "a warning is no reason where one is given",
                End::Exited(128),
                "warning: verification is off\nfatal: unable to access",
                Meaning::Fails(Cause::Class(Class::TlsFailed)),
            ),
        ] {
            let proof = proof(end, said);
            assert_eq!(proof.meaning, wanted, "{name}: {proof:?}");
            assert_eq!(proof.message.is_none(), said.is_empty() && wanted != Meaning::Inconclusive, "{name}");
        }
    }

    #[test]
    fn the_hosts_own_verdict_tells_apart_what_the_words_do_not() {
        let words = "server certificate verification failed. CAfile: none";
        for (host, expected, wanted) in [
            (Some(Code::TlsInspected), Some(Expected::LacksCa), Code::ToolLacksCa),
            (Some(Code::TlsInspected), Some(Expected::Refuses), Code::StrictProfile),
            (Some(Code::PrivateCa), None, Code::ToolLacksCa),
            (None, None, Code::ToolLacksCa),
            (Some(Code::MissingIntermediate), Some(Expected::Works), Code::MissingIntermediate),
            (Some(Code::Expired), None, Code::Expired),
            (Some(Code::NameMismatch), None, Code::ToolLacksCa),
            (Some(Code::SelfSigned), None, Code::SelfSigned),
        ] {
            let told = outcome(proof(End::Exited(128), words), Circumstances { host, expected });
            assert_eq!((told.result, told.code), (ToolResult::Fails, Some(wanted)), "{host:?}");
        }
        let ended = "curl: (60) SSL certificate problem: certificate has expired";
        for (host, expected, wanted) in [
            (Some(Code::TlsInspected), Some(Expected::LacksCa), Code::ToolSettingStale),
            (None, Some(Expected::LacksCa), Code::ToolSettingStale),
            (Some(Code::Expired), Some(Expected::LacksCa), Code::Expired),
            (Some(Code::TlsInspected), Some(Expected::Works), Code::Expired),
        ] {
            let told = outcome(proof(End::Exited(60), ended), Circumstances { host, expected });
            assert_eq!((told.result, told.code), (ToolResult::Fails, Some(wanted)), "{host:?} {expected:?}");
        }
        let vague = "fatal: unable to access 'https://registry.example/': oh";
        for (host, expected, wanted) in [
            (Some(Code::TlsInspected), Some(Expected::Unusable), Some(Code::ToolCaFileUnusable)),
            (Some(Code::Expired), Some(Expected::Works), Some(Code::Expired)),
            (Some(Code::TlsInspected), Some(Expected::LacksCa), Some(Code::ToolLacksCa)),
            (Some(Code::TlsInspected), None, None),
        ] {
            let told = outcome(proof(End::Exited(128), vague), Circumstances { host, expected });
            assert_eq!((told.result, told.code), (ToolResult::Fails, wanted), "{host:?}");
        }
    }

    #[test]
    fn a_tools_words_are_harmless_short_and_without_secrets() {
        let said = format!(
            "fatal: https://me:secret@registry.example/\u{1b}[2J server certificate verification failed {}\nmore",
            "x".repeat(9000)
        );
        let message = proof(End::Exited(128), &said).message.expect("words");
        assert!(message.contains("https://***@registry.example/"), "{message}");
        assert!(
            !message.contains("secret") && !message.contains('\u{1b}') && !message.contains("more"),
            "{message}"
        );
        assert!(message.chars().count() <= LONGEST_MESSAGE + 1);
    }

    #[test]
    fn a_name_is_found_in_hosts_ports_and_urls() {
        let host: Host = "registry.example".parse().expect("a host");
        for said in [
            "registry.example",
            "Registry.Example:443",
            "https://registry.example/x:y",
            "https://u@registry.example:1",
        ] {
            assert!(names(said, &host), "{said}");
        }
        for said in ["other.example", "registry.example.evil.example", ""] {
            assert!(!names(said, &host), "{said}");
        }
        assert!(names("[::1]:8443", &"::1".parse().expect("a host")));
    }

    /// A probe without rules: only the texts decide.
    fn bare_probe() -> Probe {
        toml::from_str("arguments = []\nrule = []").expect("a probe")
    }

    #[test]
    fn every_text_of_the_catalogue_is_recognised_by_its_own_example() {
        let host: Host = "registry.example".parse().expect("a host");
        let mut wrong = Vec::new();
        for tool in crate::catalogue::tools() {
            let errors: Vec<&ErrorText> = tool.errors.iter().collect();
            for error in &tool.errors {
                let finished = finished(End::Exited(1), &error.example);
                let run = Run { probe: &bare_probe(), errors: &errors, host: &host, finished: &finished };
                let proof = classify(&run);
                let recognised = match proof.meaning {
                    Meaning::Inconclusive => proves_nothing(error.cause),
                    Meaning::Fails(cause) => cause == error.cause || error.not_told_apart.contains(&cause),
                    Meaning::Works => false,
                };
                if !recognised {
                    wrong.push(format!(
                        "{}: {:?} is taken for {:?}: {}",
                        tool.id, error.cause, proof.meaning, error.example
                    ));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn every_case_of_the_catalogue_means_what_it_says() {
        let host: Host = "registry.example".parse().expect("a host");
        let mut wrong = Vec::new();
        for tool in crate::catalogue::tools() {
            let errors: Vec<&ErrorText> = tool.errors.iter().collect();
            for case in &tool.cases {
                let (Some(wanted), Some(probe)) = (case.means, tool.probes.first()) else { continue };
                let end = case.exit.map_or(End::TimedOut, End::Exited);
                let finished = finished(end, case.text.as_deref().unwrap_or_default());
                let told =
                    classify(&Run { probe, errors: &errors, host: &host, finished: &finished }).meaning;
                if told != wanted {
                    wrong.push(format!("{}: {}: {told:?} instead of {wanted:?}", tool.id, case.name));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// What people paste as well, and what has nothing to do with a certificate or a handshake.
    const OF_OTHER_MATTERS: &[&str] = &[
        "npm error code ENOENT\nnpm error enoent no such file or directory, open '/app/package.json'",
        "YN0001: Error: ENOENT: no such file or directory, open '/app/.yarn/cache/x.zip'",
        "npm error code E401\nnpm error Incorrect or missing password.",
        "error: failed to solve: failed to load cache key: pull access denied, insufficient_scope",
        "FileNotFoundError: [Errno 2] No such file or directory: 'config/settings.yaml'",
        "requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://registry.example/v1",
        "pip is configured with locations that require TLS/SSL, however the ssl module in Python is not available.",
        "java.lang.OutOfMemoryError: Java heap space\n\tat sun.security.ssl.SSLSocketInputRecord.decode(x.java:1)",
        "status code: 401, reason phrase: Unauthorized (401)",
        "fatal: Authentication failed for 'https://git.example/x.git/'",
        "git@git.example: Permission denied (publickey).\nfatal: Could not read from remote repository.",
        "fatal: unable to access 'https://git.example/x.git/': The requested URL returned error: 502",
        "Error response from daemon: toomanyrequests: You have reached your pull rate limit.",
        "Error: error:0308010C:digital envelope routines::unsupported\n    at new Hash (node:internal/crypto/hash:71:19)",
        "W: GPG error: The following signatures couldn't be verified because the public key is not available: NO_PUBKEY 1",
        "An error occurred (InvalidClientTokenId): The security token included in the request is invalid.",
        "FATAL:  password authentication failed for user \"app\"",
        "Verify return code: 0 (ok)",
        "curl: (23) Failed writing body (0 != 16384)",
        "OSError: [Errno 28] No space left on device",
        "Error: listen EADDRINUSE: address already in use :::3000",
    ];

    #[test]
    fn no_text_of_the_catalogue_takes_another_matter_for_tls() {
        let of_tools = crate::catalogue::tools().iter().flat_map(|tool| &tool.errors);
        let of_libraries = crate::catalogue::texts().iter().flat_map(|library| &library.errors);
        let mut seen = std::collections::HashSet::new();
        for error in of_tools.chain(of_libraries).filter(|e| seen.insert(e.text.as_str())) {
            for said in OF_OTHER_MATTERS.iter().filter(|said| error.text.matches(said)) {
                assert!(
                    proves_nothing(error.cause),
                    "{said:?} is taken for {:?} by `{}`",
                    error.cause,
                    error.text.as_str()
                );
            }
        }
        assert!(seen.len() > 100);
    }
}
