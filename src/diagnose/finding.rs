//! Making a finding, piece by piece.

use serde_json::{Map, Value};

use crate::facts::Code;
use crate::facts::report::{Certainty, Finding, Owner, Remedy, RuledOut, Severity};

impl Finding {
    /// Starts a proved problem; the message is one sentence that concludes.
    pub(super) fn problem(code: Code, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Problem,
            certainty: Certainty::Is,
            subject: subject.into(),
            message: message.into(),
            evidence: Vec::new(),
            ruled_out: Vec::new(),
            values: Map::new(),
            remedy: None,
        }
    }

    /// Starts something worth knowing that breaks nothing by itself.
    pub(super) fn note(code: Code, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Information, ..Self::problem(code, subject, message) }
    }

    pub(super) fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    pub(super) fn certainty(mut self, certainty: Certainty) -> Self {
        self.certainty = certainty;
        self
    }

    /// Adds a sentence of evidence.
    pub(super) fn evidence(mut self, sentence: impl Into<String>) -> Self {
        self.evidence.push(sentence.into());
        self
    }

    pub(super) fn evidence_from(mut self, sentences: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(sentences);
        self
    }

    /// Adds a look-alike that it is not, with what excludes it: a clause that follows "not so, because".
    pub(super) fn not(mut self, code: Code, because: impl Into<String>) -> Self {
        self.ruled_out.push(RuledOut { code, because: because.into() });
        self
    }

    pub(super) fn not_from(mut self, excluded: impl IntoIterator<Item = (Code, String)>) -> Self {
        self.ruled_out.extend(excluded.into_iter().map(|(code, because)| RuledOut { code, because }));
        self
    }

    /// Adds a value that a person will ask for.
    pub(super) fn value(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.values.insert(key.to_owned(), value.into());
        self
    }

    pub(super) fn remedy(self, owner: Owner, text: impl Into<String>) -> Self {
        self.remedy_with(owner, text, Vec::new())
    }

    pub(super) fn remedy_with(
        mut self,
        owner: Owner,
        text: impl Into<String>,
        commands: Vec<String>,
    ) -> Self {
        self.remedy = Some(Remedy { owner, text: text.into(), commands });
        self
    }
}
