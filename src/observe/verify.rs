//! Runs the real tools: in the environment as it is, and with the settings.

use std::thread;
use std::time::Duration;

use url::Url;

use super::attempt::Attempt;
use super::away::from_here;
use super::side_by_side::side_by_side;
use crate::catalogue::{self, Tool};
use crate::edge::Reading;
use crate::facts::environment::Changes;
use crate::facts::report::{InspectionVerdict, Report, TargetReport, Verdict};
use crate::facts::route::{ProxyChoice, ProxyUrl};
use crate::facts::target::Host;
use crate::facts::tool::ToolLook;
use crate::facts::verification::{ToolOutcome, ToolResult, ToolRun};
use crate::facts::{Code, Environment, Target};
use crate::judge::probe::{self, Circumstances};
use crate::judge::tool::{Expected, View, effective};
use crate::text::sanitise;

/// What is tried.
#[derive(Clone, Copy)]
pub struct Trial<'a> {
    /// The installations to run.
    pub tools: &'a [ToolLook],
    /// The hosts to send them to.
    pub hosts: &'a [Visit],
    /// The environment as it is.
    pub environment: &'a Environment,
    /// The settings: what is set, and what is taken out.
    pub settings: &'a Changes,
    /// Which proxy leads out.
    pub proxy: &'a ProxyChoice,
    /// The shortest deadline of a run; the catalogue's deadline counts where it is longer.
    pub timeout: Duration,
    /// How many tools run at the same time; as many as this machine can bear when absent.
    pub jobs: Option<usize>,
    /// What an installation is expected to do with a host, in an environment; `None`: cannot be told.
    pub expects: &'a (dyn Fn(&ToolLook, &Visit, &Environment) -> Option<Expected> + Sync),
}

/// A host that the tools are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Where.
    pub target: Target,
    /// Whether this very host is inspected.
    pub inspected: bool,
    /// The headline of our own look at it; absent when it is in order.
    pub verdict: Option<Code>,
}

/// Chooses the hosts that the tools are sent to: those that were asked for, else an inspected one; and one that is not
/// inspected, because a setting that replaces may break it. Hosts that nobody reaches prove nothing.
pub fn visits(report: &Report) -> Vec<Visit> {
    let reachable = || report.targets.iter().filter(|row| !row.chain.is_empty());
    let asked = reachable().filter(|row| row.role == "asked");
    let mut visits: Vec<Visit> = asked.map(Visit::of).collect();
    if visits.is_empty() {
        visits.extend(reachable().map(Visit::of).find(|visit| visit.inspected));
    }
    let is_clean = |visit: &Visit| !visit.inspected && matches!(visit.verdict, None | Some(Code::PrivateCa));
    if !visits.iter().any(is_clean) {
        // a control host is somebody else's: it is used only where there is no other
        let others = reachable().filter(|row| row.role != "control");
        let controls = reachable().filter(|row| row.role == "control");
        visits.extend(others.chain(controls).map(Visit::of).find(is_clean));
    }
    visits
}

/// Runs every tool against every host, before and after; the rows have the order of the tools, then of the hosts.
pub fn verify(reading: &dyn Reading, trial: &Trial<'_>) -> Vec<ToolRun> {
    let os = reading.platform().os;
    let before = readable(trial.environment, trial.proxy);
    // each run happens in a folder of its own
    let before = from_here(&before, trial.tools, &reading.working_folder(), os);
    let after = trial.settings.apply(&before);
    let tools = trial.tools.iter().filter_map(|look| Some((look, catalogue::tool(&look.id)?)));
    let pairs: Vec<(&ToolLook, &Tool, &Visit)> =
        tools.flat_map(|(look, tool)| trial.hosts.iter().map(move |visit| (look, tool, visit))).collect();
    let mut runs: Vec<(usize, &Environment)> = Vec::new();
    for index in 0..pairs.len() {
        runs.push((index, &before));
        if after != before {
            runs.push((index, &after));
        }
    }
    let outcomes = side_by_side(&runs, at_once(trial.jobs), |(index, environment)| {
        let (look, tool, visit) = pairs[*index];
        let (target, timeout) = (&visit.target, trial.timeout);
        let attempt = Attempt { reading, os, look, tool, target, environment, timeout };
        (*index, outcome(trial, visit, &attempt))
    });
    let mut rows: Vec<ToolRun> = Vec::new();
    let mut previous = None;
    for (index, outcome) in outcomes {
        let (look, _, visit) = pairs[index];
        match rows.last_mut().filter(|_| previous == Some(index)) {
            Some(row) => row.after = outcome,
            None => rows.push(ToolRun {
                tool: look.id.clone(),
                version: look.version.as_deref().map(sanitise),
                path: sanitise(&look.path),
                target: visit.target.clone(),
                inspected: visit.inspected,
                before: outcome.clone(),
                after: outcome,
            }),
        }
        previous = Some(index);
    }
    rows
}

fn outcome(trial: &Trial<'_>, visit: &Visit, attempt: &Attempt<'_>) -> ToolOutcome {
    if let Some(why) = verifies_nothing(attempt.view(), &visit.target.host) {
        return inconclusive(format!("{why}: a connection would prove nothing, so it was not run"));
    }
    let (probe, finished) = match attempt.run() {
        Ok(run) => run,
        Err(why) => return inconclusive(why),
    };
    let errors: Vec<_> = attempt.tool.errors.iter().collect();
    let run = probe::Run { probe, errors: &errors, host: &visit.target.host, finished: &finished };
    let expected = (trial.expects)(attempt.look, visit, attempt.environment);
    probe::outcome(probe::classify(&run), Circumstances { host: visit.verdict, expected })
}

/// Returns why a tool would accept any certificate of this host, if it would.
fn verifies_nothing(view: View<'_>, host: &Host) -> Option<String> {
    let effective = effective(view, &|_, _| false);
    if !effective.verifies {
        return Some("it verifies nothing by default".to_owned());
    }
    let off = effective.off.iter().find(|off| off.covers(host))?;
    Some(format!("{} switches verification off", sanitise(off.place.name())))
}

/// The environment with messages in English, without what a terminal would change, and with the proxy that was asked
/// for. The encoding of file names stays the user's: Java would not find a file with another one.
pub(super) fn readable(environment: &Environment, proxy: &ProxyChoice) -> Environment {
    let mut clean = environment.clone();
    if let Some(all) = environment.get_filled("LC_ALL") {
        clean.set("LANG", all);
    }
    for name in ["LC_ALL", "LANGUAGE"] {
        clean.unset(name);
    }
    clean.set("LC_MESSAGES", "C");
    clean.set("NO_COLOR", "1");
    if *proxy == ProxyChoice::Environment {
        return clean;
    }
    let is_proxy = |name: &str| {
        ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"].iter().any(|p| p.eq_ignore_ascii_case(name))
    };
    let mut clean: Environment = clean.iter().filter(|(name, _)| !is_proxy(name)).collect();
    if let ProxyChoice::Only(url) = proxy {
        for name in ["HTTPS_PROXY", "https_proxy", "http_proxy"] {
            clean.set(name, with_credentials(url));
        }
    }
    clean
}

/// Returns a proxy's address as the variables want it: the only place where its credentials are written out.
fn with_credentials(proxy: &ProxyUrl) -> String {
    let plain = proxy.to_string();
    let Some((user, password)) = &proxy.credentials else { return plain };
    let Ok(mut url) = Url::parse(&plain) else { return plain };
    // both fail only for addresses without a host, which a proxy's never is
    let _ = url.set_username(user);
    let _ = url.set_password(Some(password));
    url.to_string()
}

fn inconclusive(why: String) -> ToolOutcome {
    let message = Some(why);
    ToolOutcome {
        result: ToolResult::Inconclusive,
        code: None,
        message,
        predicted: None,
        predicted_code: None,
    }
}

impl Visit {
    fn of(row: &TargetReport) -> Self {
        Self {
            target: Target::new(row.host.clone(), row.port),
            inspected: row.inspection == InspectionVerdict::Inspected,
            verdict: match row.verdict {
                Verdict::Ok => None,
                Verdict::Found(code) => Some(code),
            },
        }
    }
}

/// How many tools run at the same time. Java, npm and cloud tools use a whole processor while they start: more at a
/// time would only miss their deadlines.
pub(super) fn at_once(jobs: Option<usize>) -> usize {
    let processors = thread::available_parallelism().map_or(2, usize::from);
    jobs.unwrap_or(2 * processors)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of host, role, verdict, inspection.
    fn report(rows: &[(&str, &str, &str, &str)]) -> Report {
        let chain = serde_json::json!([{
            "subject": "CN=a", "issuer": "CN=b", "is_ca": false, "self_signed": false, "sha256": "0".repeat(64),
        }]);
        let target = |(host, role, verdict, inspection): &(&str, &str, &str, &str)| {
            let mut row = serde_json::json!({
                "host": host, "port": 443, "role": role, "verdict": verdict, "findings": [], "inspection": inspection,
            });
            if *verdict != "refused" {
                row["chain"] = chain.clone();
            }
            row
        };
        let store = serde_json::json!({ "source": "s", "count": 1 });
        serde_json::from_value(serde_json::json!({
            "schema_version": 1, "tool_version": "0", "time": "2026-06-01T12:00:00Z",
            "inspection": { "verdict": "unknown", "certainty": "is", "authorities": [] },
            "targets": rows.iter().map(target).collect::<Vec<_>>(), "findings": [],
            "stores": { "system": store, "web": store },
        }))
        .expect("a report")
    }

    #[test]
    fn tools_are_sent_to_an_inspected_host_and_to_one_that_is_not() {
        let gone = ("gone.example", "tool", "refused", "unknown");
        let late = ("late.example", "tool", "expired", "not-inspected");
        let one = ("one.example", "tool", "tls-inspected", "inspected");
        let two = ("two.example", "well-known", "tls-inspected", "inspected");
        let wiki = ("wiki.corp.example", "tool", "private-ca", "not-inspected");
        let control = ("control.example", "control", "ok", "not-inspected");
        let asked = |row: (&'static str, &str, &'static str, &'static str)| (row.0, "asked", row.2, row.3);
        for (rows, wanted) in [
            (vec![control, gone, late, one, two, wiki], vec![one.0, wiki.0]),
            (vec![gone, late, one, two, control], vec![one.0, control.0]),
            (vec![asked(two), one, wiki], vec![two.0, wiki.0]),
            (vec![asked(wiki), one], vec![wiki.0]),
            (vec![asked(late), asked(two), control], vec![late.0, two.0, control.0]),
            (vec![asked(gone), wiki], vec![wiki.0]),
            (vec![gone], vec![]),
        ] {
            let visits = visits(&report(&rows));
            let hosts: Vec<String> = visits.iter().map(|visit| visit.target.host.to_string()).collect();
            assert_eq!(hosts, wanted, "{rows:?}");
        }
    }

    #[test]
    fn messages_are_english_and_file_names_stay_as_the_user_writes_them() {
        let user: Environment =
            [("LC_ALL", "ja_JP.UTF-8"), ("LANGUAGE", "ja"), ("https_proxy", "http://p:1")]
                .into_iter()
                .collect();
        let clean = readable(&user, &ProxyChoice::Environment);
        assert_eq!(clean.get("LANG"), Some("ja_JP.UTF-8"));
        assert_eq!((clean.get("LC_ALL"), clean.get("LANGUAGE")), (None, None));
        assert_eq!(clean.get("LC_MESSAGES"), Some("C"));
        assert_eq!(clean.get("https_proxy"), Some("http://p:1"));
        assert_eq!(readable(&user, &ProxyChoice::Never).get("https_proxy"), None);
        let only = ProxyChoice::Only("http://me:p@ss@proxy.example:8080".parse().expect("a proxy"));
        assert_eq!(readable(&user, &only).get("https_proxy"), Some("http://me:p%40ss@proxy.example:8080/"));
    }
}
