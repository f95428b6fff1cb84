//! What the real tools did: the answer of `verify`.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Code, Target, ToolId};

/// The answer of `verify`. Texts in here are sanitised and redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// [`super::report::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Version of this program.
    pub tool_version: String,
    /// When the runs began.
    #[serde(with = "time::serde::rfc3339")]
    pub time: OffsetDateTime,
    /// One row per installation and host.
    pub runs: Vec<ToolRun>,
    /// What must be known to read the rows, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One installation against one host, without and with the settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolRun {
    /// Which toolchain.
    pub tool: ToolId,
    /// Its version, where it says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The program.
    pub path: String,
    /// The host it was sent to.
    pub target: Target,
    /// Whether this host is inspected.
    pub inspected: bool,
    /// In the environment as it is now.
    pub before: ToolOutcome,
    /// In that environment with the settings.
    pub after: ToolOutcome,
}

/// What a run proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolOutcome {
    /// Whether TLS worked.
    pub result: ToolResult,
    /// Why it failed, where its words or the host's own verdict tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// The tool's own words, or why nothing can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What its roots said before it was run: `works` or `fails`; absent where they could not be told, or where the host
    /// itself is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicted: Option<ToolResult>,
    /// Why it was predicted to fail: `tool-lacks-ca`; `tool-ca-file-unusable` where a setting's file keeps it from
    /// connecting at all; or `strict-profile` where the library it verifies with refuses the chain although the CA is
    /// trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicted_code: Option<Code>,
}

/// The three results of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToolResult {
    /// TLS failed.
    Fails,
    /// Nothing about TLS was proved.
    Inconclusive,
    /// The tool finished a TLS handshake that it verified with its own roots.
    Works,
}

impl Verification {
    /// Returns the rows of tools that worked without the settings and no longer do with them.
    pub fn made_worse(&self) -> impl Iterator<Item = &ToolRun> {
        self.runs.iter().filter(|run| run.is_made_worse())
    }

    /// Returns the exit code: 1 when something fails with the settings, 3 when nothing was proved at all.
    pub fn exit_code(&self) -> u8 {
        if self.still_failing().next().is_some() {
            1
        } else if self.runs.iter().any(|run| run.after.result == ToolResult::Works) {
            0
        } else {
            3
        }
    }

    /// Returns the rows of tools that fail even with the settings.
    pub fn still_failing(&self) -> impl Iterator<Item = &ToolRun> {
        self.runs.iter().filter(|run| run.after.result == ToolResult::Fails)
    }
}

impl ToolOutcome {
    /// Whether the tool did what its roots said it would not.
    pub fn contradicts_its_roots(&self) -> bool {
        self.result != ToolResult::Inconclusive
            && self.predicted.is_some_and(|predicted| predicted != self.result)
    }
}

impl ToolRun {
    /// Says of each run that went otherwise than the installation's roots had said it would: then what is known about
    /// the tool is wrong, and whoever reads this should tell us.
    pub fn contradictions(&self) -> Vec<String> {
        let told = |(outcome, when): (&ToolOutcome, &str)| {
            let (did, although) = match (outcome.result, outcome.predicted_code) {
                (ToolResult::Works, Some(Code::StrictProfile)) => {
                    ("predicted to fail, works", "it should refuse the form of a certificate")
                }
                (ToolResult::Works, Some(Code::ToolCaFileUnusable)) => {
                    ("predicted to fail, works", "a setting names a file that it cannot use")
                }
                (ToolResult::Works, _) => ("predicted to fail, works", "its roots lack the CA"),
                (ToolResult::Fails, _) => ("predicted to work, fails", "its roots hold the CA"),
                (ToolResult::Inconclusive, _) => return None,
            };
            let Self { tool, target, .. } = self;
            let version = self.version.as_deref().unwrap_or("of an unknown version");
            outcome.contradicts_its_roots().then(|| {
                format!(
                    "{tool} {version} at {target}, {when} the settings: {did}, although {although}. \
                     What trustgap knows about this tool is wrong: please report it, with `trustgap tools {tool} --json`."
                )
            })
        };
        let outcomes = [(&self.before, "without"), (&self.after, "with")];
        let same = self.before == self.after;
        outcomes.into_iter().take(if same { 1 } else { 2 }).filter_map(told).collect()
    }

    /// Whether the settings broke it.
    pub fn is_made_worse(&self) -> bool {
        self.before.result == ToolResult::Works && self.after.result == ToolResult::Fails
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(before: (&str, Option<&str>), after: (&str, Option<&str>)) -> ToolRun {
        let outcome = |(result, predicted): (&str, Option<&str>)| {
            let mut outcome = serde_json::json!({ "result": result });
            if let Some(predicted) = predicted {
                outcome["predicted"] = predicted.into();
            }
            outcome
        };
        serde_json::from_value(serde_json::json!({
            "tool": "node", "version": "20.1.0", "path": "/usr/bin/node", "inspected": true,
            "target": "registry.example:443",
            "before": outcome(before), "after": outcome(after),
        }))
        .expect("a run")
    }

    #[test]
    fn what_went_otherwise_than_predicted_is_told_with_when_and_where() {
        let (works, fails) = (("works", Some("works")), ("fails", Some("fails")));
        for silent in
            [run(fails, works), run(("works", None), works), run(("inconclusive", Some("fails")), works)]
        {
            assert_eq!(silent.contradictions(), Vec::<String>::new(), "{silent:?}");
        }
        let told = run(("works", Some("fails")), works).contradictions();
        assert_eq!(told.len(), 1, "{told:?}");
        for words in
            ["node 20.1.0", "registry.example", "without the settings", "predicted to fail, works", "report"]
        {
            assert!(told[0].contains(words), "{words}: {told:?}");
        }
        assert!(
            run(fails, ("fails", Some("works"))).contradictions()[0].contains("predicted to work, fails")
        );
        assert_eq!(run(("works", Some("fails")), ("works", Some("fails"))).contradictions().len(), 1);
    }
}
