//! Inspecting products by the names their CAs bear, and names that look like theirs. A hit labels what was decided by
//! evidence; a miss says nothing, because most gateways carry the company's own name.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Deserializer};

use super::Pattern;
use crate::facts::certificate::DistinguishedName;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/catalogue/vendors");

/// A product that inspects TLS.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    /// Stable id, the file's name.
    pub id: String,
    /// The product, as the end of "is inspected by".
    pub product: String,
    /// What kind of product.
    pub class: Class,
    /// How well the names are known.
    pub evidence: NameEvidence,
    /// Where they come from.
    pub source: Vec<String>,
    /// What a reader of the label should know.
    #[serde(default)]
    pub note: Option<String>,
    pattern: Vec<NamePattern>,
    /// Names, and whether they are its own.
    #[serde(default, rename = "case")]
    pub cases: Vec<Case>,
}

/// What kind of product inspects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A debugging proxy on a developer's machine.
    DeveloperProxy,
    /// A program on the computer itself, such as an antivirus.
    EndpointSecurity,
    /// A gateway or cloud service of a company or school.
    EnterpriseGateway,
    /// Adware, or a maker's blunder.
    Malware,
    /// Parental control.
    Parental,
    /// A sandbox in which a build or an agent runs.
    Sandbox,
    /// A state.
    State,
}

/// How well a name is known, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameEvidence {
    /// Chromium's list of inspecting software has it.
    ChromeList,
    /// A certificate of the product was read.
    CertFile,
    /// The product's source sets it.
    SourceCode,
    /// The vendor's documentation says so.
    VendorDoc,
    /// Users pasted it.
    FieldDump,
    /// Another list has it.
    Secondary,
    /// A guess from the product's name.
    NameOnly,
}

/// A name that looks like an inspector's and is not.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookAlike {
    /// What it is.
    pub name: String,
    /// Where that is known from.
    pub source: String,
    /// More about it.
    #[serde(default)]
    pub note: Option<String>,
    /// A sentence for whoever meets it where it is not trusted.
    #[serde(default)]
    pub says: Option<String>,
    /// Whether it is a CA of one developer's own machine.
    #[serde(default)]
    pub development: bool,
    /// Host names it is met under, where it is no CA.
    #[serde(default)]
    pub hosts: Option<Pattern>,
    #[serde(default)]
    pattern: Vec<NamePattern>,
    /// Names, and whether they are its own.
    #[serde(default, rename = "case")]
    pub cases: Vec<Case>,
}

/// Attributes of a distinguished name; all that are given must match.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamePattern {
    #[serde(default, deserialize_with = "any_case")]
    cn: Option<Pattern>,
    #[serde(default, deserialize_with = "any_case")]
    o: Option<Pattern>,
    #[serde(default, deserialize_with = "any_case")]
    ou: Option<Pattern>,
    #[serde(default, deserialize_with = "any_case")]
    email: Option<Pattern>,
}

/// A name, and whether it is this one's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// A distinguished name; a comma inside a value is written `\,`.
    pub name: String,
    /// Whether the patterns match it.
    pub matches: bool,
}

static VENDORS: LazyLock<Vec<Vendor>> = LazyLock::new(|| {
    let mut vendors: Vec<Vendor> =
        FILES.files().filter_map(|file| toml::from_str(file.contents_utf8()?).ok()).collect();
    vendors.sort_by(|a, b| (a.evidence, &a.id).cmp(&(b.evidence, &b.id)));
    vendors
});

static LOOK_ALIKES: LazyLock<Vec<LookAlike>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        look_alike: Vec<LookAlike>,
    }
    toml::from_str::<File>(include_str!("look_alikes.toml"))
        .expect("the file is part of the program and a test reads it")
        .look_alike
});

/// Returns all vendors, those whose names are known best first.
pub fn vendors() -> &'static [Vendor] {
    &VENDORS
}

/// Returns the product that one of these CA names belongs to; where several fit, the one whose names are known best.
pub fn label(names: &[&DistinguishedName]) -> Option<&'static Vendor> {
    let attributes: Vec<&[(String, String)]> = names.iter().map(|n| n.attributes()).collect();
    VENDORS.iter().find(|vendor| attributes.iter().any(|name| vendor.bears(name)))
}

/// Whether one of these CA names is that of a CA for one developer's own machine.
pub fn is_look_alike(names: &[&DistinguishedName]) -> bool {
    look_alikes(names).any(|l| l.development)
}

/// Returns what is known to bear one of these names and is no inspector.
pub fn look_alikes(names: &[&DistinguishedName]) -> impl Iterator<Item = &'static LookAlike> {
    LOOK_ALIKES
        .iter()
        .filter(|l| names.iter().any(|name| l.pattern.iter().any(|p| p.matches(name.attributes()))))
}

impl Vendor {
    fn bears(&self, name: &[(String, String)]) -> bool {
        self.pattern.iter().any(|p| p.matches(name))
    }
}

impl NamePattern {
    fn matches(&self, name: &[(String, String)]) -> bool {
        let fields = [("CN", &self.cn), ("O", &self.o), ("OU", &self.ou), ("emailAddress", &self.email)];
        let given = fields.iter().filter_map(|(label, pattern)| pattern.as_ref().map(|p| (*label, p)));
        let mut some = false;
        for (label, pattern) in given {
            some = true;
            if !name.iter().any(|(l, value)| l == label && pattern.matches(value)) {
                return false;
            }
        }
        some
    }
}

/// Makers write their own names in more than one way.
fn any_case<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Pattern>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(Some(Pattern::from(format!("(?i){text}"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Certificate;

    /// Reads `CN=a, O=b` with `\,` for a comma inside a value.
    fn name(text: &str) -> Vec<(String, String)> {
        let text = text.replace("\\,", "\u{1}");
        text.split(", ")
            .filter_map(|part| part.split_once('='))
            .map(|(label, value)| (label.to_owned(), value.replace('\u{1}', ",")))
            .collect()
    }

    #[test]
    fn every_file_is_read_and_named_after_its_id() {
        assert_eq!(FILES.files().count(), VENDORS.len(), "a file that cannot be read is left out");
        for file in FILES.files() {
            let text = file.contents_utf8().expect("UTF-8");
            let vendor: Vendor =
                toml::from_str(text).unwrap_or_else(|e| panic!("{}: {e}", file.path().display()));
            assert_eq!(file.path().file_stem().and_then(|s| s.to_str()), Some(vendor.id.as_str()));
            assert!(!vendor.source.is_empty(), "{} has no source", vendor.id);
        }
    }

    #[test]
    fn every_case_of_every_vendor_comes_out_as_it_says() {
        for vendor in vendors() {
            assert!(
                vendor.cases.iter().any(|c| c.matches) && vendor.cases.iter().any(|c| !c.matches),
                "{}",
                vendor.id
            );
            for case in &vendor.cases {
                assert_eq!(vendor.bears(&name(&case.name)), case.matches, "{}: {}", vendor.id, case.name);
            }
        }
        for look_alike in LOOK_ALIKES.iter() {
            for case in &look_alike.cases {
                let hit = look_alike.pattern.iter().any(|p| p.matches(&name(&case.name)));
                assert_eq!(hit, case.matches, "{}: {}", look_alike.name, case.name);
            }
        }
    }

    #[test]
    fn every_expression_compiles() {
        let patterns = vendors().iter().flat_map(|v| &v.pattern);
        for p in patterns.chain(LOOK_ALIKES.iter().flat_map(|l| &l.pattern)) {
            for pattern in [&p.cn, &p.o, &p.ou, &p.email].into_iter().flatten() {
                assert!(pattern.regex().is_some(), "{}", pattern.as_str());
            }
        }
    }

    #[test]
    fn no_pattern_matches_a_web_root() {
        for root in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
            let root = Certificate::from_der(root.as_ref());
            let subject = &root.details().expect("a web root is readable").subject;
            let hits: Vec<&str> =
                vendors().iter().filter(|v| v.bears(subject.attributes())).map(|v| v.id.as_str()).collect();
            assert!(hits.is_empty(), "{subject} is taken for {hits:?}");
            assert!(!is_look_alike(&[subject]), "{subject}");
        }
    }

    #[test]
    fn a_name_in_several_lists_gets_the_label_that_is_known_best() {
        let all = vendors();
        assert!(all.windows(2).all(|pair| pair[0].evidence <= pair[1].evidence));
    }
}
