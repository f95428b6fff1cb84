//! Pure: what was judged, as findings for people: codes, evidence, what is ruled out, remedies; and the report.

mod assemble;

use crate::facts::Observations;
use crate::facts::report::Report;
use crate::judge::Judgement;

/// Turns judgement into a finished report: every text in it is sanitised and complete.
pub fn diagnose(observations: &Observations, judgement: &Judgement) -> Report {
    assemble::report(observations, judgement, Vec::new())
}
