//! Which library an installation verifies with, and so what it refuses although it trusts the CA.

use super::seen::View;
use crate::catalogue::schema::Verifies;
use crate::catalogue::verifiers::{Verifier, verifier};
use crate::catalogue::version::Version;
use crate::judge::trust::Peculiarity;

/// What an installation is expected to do with a server's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It fails: its roots lack the CA.
    LacksCa,
    /// It fails although it has the CA: the library it verifies with refuses the form of a certificate.
    Refuses,
    /// It fails: a setting names a file that it cannot use.
    Unusable,
    /// It connects.
    Works,
}

impl<'a> View<'a> {
    /// Returns the library that this installation verifies with, where that is known.
    pub fn verifier(&self) -> Option<&'static Verifier> {
        let row = self.tool.verifies.iter().find(|row| self.verifies_with(row))?;
        verifier(&row.with)
    }

    /// Returns what this installation refuses of a path that it trusts; `None`: what it refuses is not known.
    pub fn refuses(&self, peculiarities: &[Peculiarity]) -> Option<Vec<Peculiarity>> {
        if peculiarities.is_empty() {
            return Some(Vec::new());
        }
        let verifier = self.verifier()?;
        Some(peculiarities.iter().filter(|p| verifier.refuses(p.departure)).copied().collect())
    }

    /// Returns the command that lets this installation go on where nobody can be asked about revocation; `None`: it
    /// does not insist, or that is not known.
    pub fn insists_on_revocation(&self) -> Option<&'a str> {
        let row = self.tool.verifies.iter().find(|row| self.verifies_with(row))?;
        verifier(&row.with).filter(|verifier| verifier.insists_on_revocation)?;
        row.best_effort.as_deref()
    }

    fn verifies_with(&self, row: &Verifies) -> bool {
        let runtime = || Version::parse(self.look.runtime.as_ref()?.version.as_deref()?);
        self.applies(&row.condition)
            && row.runtime.as_ref().is_none_or(|range| runtime().is_some_and(|v| range.holds(&v)))
            && (row.set.is_empty() || row.set.iter().any(|name| self.environment.get_filled(name).is_some()))
    }
}
