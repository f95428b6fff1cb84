//! The public sites that are looked at beside the user's targets, or when there are none.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::facts::Target;
use crate::facts::page::Page;
use crate::facts::target::Host;

/// The sites of `sites.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sites {
    /// Sites that tell inspection from a private CA.
    pub control: Vec<Site>,
    /// Pages that tell whether a login page answers in place of the network.
    pub page: Vec<Page>,
    /// Sites that stand for the internet when nobody names a target.
    pub well_known: Vec<Site>,
}

/// One public site.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Its host name.
    pub host: Host,
    /// Who runs it.
    pub organisation: String,
    /// Why it was chosen.
    pub reason: String,
}

static SITES: LazyLock<Sites> = LazyLock::new(|| {
    toml::from_str(include_str!("sites.toml")).expect("the file is part of the program and a test reads it")
});

/// Returns the sites.
pub fn sites() -> &'static Sites {
    &SITES
}

impl Site {
    /// Returns where it is looked at.
    pub fn target(&self) -> Target {
        Target::new(self.host.clone(), 443)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn control_sites_belong_to_different_organisations() {
        let organisations: BTreeSet<_> = sites().control.iter().map(|s| s.organisation.as_str()).collect();
        assert_eq!(organisations.len(), sites().control.len());
        assert!(organisations.len() >= 4);
        assert!(sites().control.iter().chain(&sites().well_known).all(|s| !s.reason.is_empty()));
    }
}
