//! The variables that might help an installation, from the catalogue's rows and from what is set already.

use super::{Installed, Situation};
use crate::catalogue::schema::{Effect, On, Setting, Slot, Value as Kind};
use crate::facts::{Environment, Os};
use crate::remedy::script::{File, Name, Part, Places, Value};
use crate::text::redact;

/// A variable with the value we would give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The variable.
    pub name: Name,
    /// The value.
    pub value: Value,
    /// The catalogue's order among the settings of one tool, 1 first; then [`SET_ALREADY`], then [`LAST_RESORT`].
    pub rank: u8,
    /// Whether it makes the tool follow the system store, and somebody saw that happen on this system.
    pub follows_system: bool,
}

/// A variable that is only pointed anew because it is set already.
const SET_ALREADY: u8 = 100;

/// A variable that nobody would set by itself, but that beats what stands in the way (an old `cafile` in a file that
/// belongs to somebody else).
pub(super) const LAST_RESORT: u8 = 200;

impl Candidate {
    /// Returns the environment with it.
    pub(super) fn in_environment(&self, environment: &Environment, places: &Places) -> Environment {
        let mut changed = environment.clone();
        changed.set(self.name.as_str(), self.value.here(places));
        changed
    }
}

/// Returns the environment without what an earlier run of ours put there: the settings that are printed shall not
/// depend on whether they are in effect already.
pub(super) fn without_ours(situation: &Situation<'_>) -> Environment {
    let mut clean = situation.environment.clone();
    for installed in situation.tools {
        for row in &installed.tool.settings {
            let Some(name) = row.at.environment.as_deref().filter(|_| row.emit.is_some()) else { continue };
            let Some(existing) = clean.get_filled(name).map(str::to_owned) else { continue };
            let Some(ours) = value(row, None, situation.places).map(|v| v.here(situation.places)) else {
                continue;
            };
            if existing == ours {
                clean.unset(name);
            } else if let (Some(_), Some(template)) = (&row.at.pattern, &row.write)
                && existing.contains(&ours)
            {
                clean.set(name, without_option(&existing, template));
            }
        }
    }
    clean
}

/// Returns the candidates of one installation, the catalogue's first choice first.
pub(super) fn of(installed: Installed<'_>, situation: &Situation<'_>) -> Vec<Candidate> {
    let environment = situation.environment;
    let mut candidates: Vec<Candidate> = installed
        .tool
        .settings
        .iter()
        // what a tool does not read is in the catalogue because people set it in vain
        .filter(|row| row.effect != Effect::None && row.sets.is_some())
        .filter(|row| {
            let view = installed.view(situation);
            view.applies(&row.condition)
        })
        .filter_map(|row| {
            let name = row.at.environment.as_deref()?;
            let rank = match row.emit {
                Some(rank) => rank,
                // a variable that wins today can always be pointed at our file
                None if environment.get(name).is_some() => SET_ALREADY,
                None if row.value != Kind::Switch => LAST_RESORT,
                None => return None,
            };
            let value = value(row, environment.get_filled(name), situation.places)?;
            Some(Candidate {
                name: name.parse().ok()?,
                value,
                rank,
                follows_system: follows_system(installed, row, situation.os),
            })
        })
        .collect();
    candidates.sort_by_key(|candidate| candidate.rank);
    candidates
}

/// Whether a row makes a tool follow the system store, proved: what the catalogue ran, it ran on Linux.
fn follows_system(installed: Installed<'_>, row: &Setting, os: Os) -> bool {
    let verified = row.verified.as_ref().unwrap_or(&installed.tool.verified);
    row.value == Kind::Switch && row.sets == Some(Slot::System) && verified.ran && os == Os::Linux
}

/// Returns what a setting is given; `None` for what `env` never sets (folders, PEM text).
pub(super) fn value(row: &Setting, existing: Option<&str>, places: &Places) -> Option<Value> {
    let file = match row.value {
        Kind::Authorities => Some(File::Authorities),
        Kind::Bundle => Some(File::Bundle),
        Kind::Keystore => Some(File::TrustStore),
        Kind::Switch => None,
        Kind::Directory | Kind::Inline => return None,
    };
    let Some(template) = &row.write else {
        return match (file, &row.on) {
            (Some(file), _) => Some(Value::file(file)),
            // one option among others, and nothing says how it is written
            (None, _) if row.at.pattern.is_some() => None,
            (None, On::Values(words) | On::Exactly(words)) => words.first().map(Value::text),
            (None, On::Filled) => Some(Value::text("1")),
            (None, _) => None,
        };
    };
    let mut parts = Vec::new();
    // one option among others: what the user has there stays
    if row.at.pattern.is_some() {
        let kept = existing.map(|text| without_option(text, template)).unwrap_or_default();
        if holds_secret(&kept) {
            return None; // it would have to be printed
        }
        if !kept.is_empty() {
            parts.push(Part::Text(kept + " "));
        }
    }
    match (template.split_once("{file}"), file) {
        (Some((before, after)), Some(file)) => {
            let quote = if row.at.pattern.is_some() { quote_for(places.path(file))? } else { "" };
            parts.push(Part::Text(format!("{before}{quote}")));
            parts.push(Part::File(file));
            parts.push(Part::Text(format!("{quote}{after}")));
        }
        _ => parts.push(Part::Text(template.clone())),
    }
    parts.retain(|part| *part != Part::Text(String::new()));
    Some(Value(parts))
}

/// Returns the variable of an installation that cannot be set because the user keeps a password in it, and what would
/// have to be added to it.
pub(super) fn behind_a_secret(
    installed: Installed<'_>,
    situation: &Situation<'_>,
) -> Option<(String, String)> {
    installed.tool.settings.iter().find_map(|row| {
        let name = row.at.environment.as_ref()?;
        row.emit?;
        row.at.pattern.as_ref()?;
        holds_secret(&without_option(situation.environment.get_filled(name)?, row.write.as_deref()?))
            .then(|| Some((name.clone(), value(row, None, situation.places)?.here(situation.places))))?
    })
}

/// Whether options hold what must never be printed: passwords, tokens, credentials in a URL.
fn holds_secret(options: &str) -> bool {
    let lower = options.to_ascii_lowercase();
    ["password", "passwd", "secret", "token", "apikey", "api_key"].iter().any(|word| lower.contains(word))
        || redact::credentials(options) != options
}

/// Returns the quotation mark that a path needs in a list of options (`JAVA_TOOL_OPTIONS` splits at blanks, and knows
/// both marks but no escapes); `None` when it would need both.
fn quote_for(path: &str) -> Option<&'static str> {
    match (path.contains(char::is_whitespace), path.contains('"'), path.contains('\'')) {
        (false, false, false) => Some(""),
        (_, false, _) => Some("\""),
        (_, true, false) => Some("'"),
        (_, true, true) => None,
    }
}

/// Returns a list of options without those that the template sets anew: the option itself and what belongs to it
/// (`-Djavax.net.ssl.trustStore=` also `...trustStoreType=` and `...trustStorePassword=`, which were right for the old
/// store only).
fn without_option(text: &str, template: &str) -> String {
    let key = template.split(['=', ' ']).next().unwrap_or(template);
    options(text).into_iter().filter(|word| !word.starts_with(key)).collect::<Vec<_>>().join(" ")
}

/// Splits a list of options at blanks outside quotation marks; the marks stay.
pub(super) fn options(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote) = (Vec::new(), None, None);
    for (index, c) in text.char_indices() {
        if quote.is_none() && c.is_whitespace() {
            words.extend(start.take().map(|from| &text[from..index]));
            continue;
        }
        if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && matches!(c, '"' | '\'') {
            quote = Some(c);
        }
        start = start.or(Some(index));
    }
    words.extend(start.map(|from| &text[from..]));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_own_options_stay_and_the_old_store_goes() {
        let row: Setting = toml::from_str(
            r#"at = { environment = "JAVA_TOOL_OPTIONS", pattern = "trustStore=(\\S+)" }
               value = "keystore"
               effect = "replace"
               write = "-Djavax.net.ssl.trustStore={file}""#,
        )
        .expect("a row");
        let places = |path: &str| Places {
            folder: String::new(),
            authorities: String::new(),
            bundle: String::new(),
            trust_store: path.into(),
        };
        let written = |existing, path: &str| {
            value(&row, existing, &places(path)).map(|value| value.here(&places(path)))
        };
        for (existing, path, wanted) in [
            (None, "/t.p12", Some("-Djavax.net.ssl.trustStore=/t.p12")),
            (Some("-Xmx1g"), "/t.p12", Some("-Xmx1g -Djavax.net.ssl.trustStore=/t.p12")),
            (
                Some("-Djavax.net.ssl.trustStore=/old -Djavax.net.ssl.trustStorePassword=x -Da=\"b c\""),
                "/t.p12",
                Some("-Da=\"b c\" -Djavax.net.ssl.trustStore=/t.p12"),
            ),
            (None, "/My Files/t.p12", Some("-Djavax.net.ssl.trustStore=\"/My Files/t.p12\"")),
            (None, "/o'neil/t.p12", Some("-Djavax.net.ssl.trustStore=\"/o'neil/t.p12\"")),
            (None, "/a\"b/t.p12", Some("-Djavax.net.ssl.trustStore='/a\"b/t.p12'")),
            (None, "/a\"b'c/t.p12", None),
            (Some("-Dhttp.proxyPassword=x"), "/t.p12", None),
            (Some("-Da=http://me:x@proxy/"), "/t.p12", None),
        ] {
            assert_eq!(written(existing, path).as_deref(), wanted, "{existing:?} {path}");
        }
    }

    #[test]
    fn options_are_split_as_java_splits_them() {
        assert_eq!(options(r#"  -Da="b c"  -Xmx1g '-D d' "#), [r#"-Da="b c""#, "-Xmx1g", "'-D d'"]);
        assert_eq!(options(r#"-Da="open end"#), [r#"-Da="open end"#]);
        assert!(options("  ").is_empty());
    }
}
