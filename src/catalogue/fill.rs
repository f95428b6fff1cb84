//! Fills in what the catalogue's paths, arguments and texts leave open.

use std::collections::BTreeMap;

use crate::facts::{Environment, Os};

/// The most paths that one template stands for: a fact may have as many lines as a program cares to print.
const MOST_PATHS: usize = 100;

/// What can be filled in.
#[derive(Clone, Copy, Debug)]
pub struct Filling<'a> {
    /// Variables, for `$NAME` and `${NAME:-default}`.
    pub environment: &'a Environment,
    /// Facts, for `{name}`; a fact of several lines stands for several values. `home` is also `~`.
    pub facts: &'a BTreeMap<String, String>,
    /// The operating system, which decides how paths are written.
    pub os: Os,
}

impl Filling<'_> {
    /// Returns the paths a template stands for: one, or several where a fact has several lines, or none where a
    /// variable or a fact that it needs is not there.
    pub fn paths(&self, template: &str) -> Vec<String> {
        let paths = self.pieces(template).unwrap_or_default();
        paths.into_iter().filter(|path| !path.is_empty()).map(|path| without_detours(&path)).collect()
    }

    /// Fills a template in from left to right. What was filled in is never looked through again: folders may have any
    /// name, `{home}` too.
    fn pieces(&self, template: &str) -> Option<Vec<String>> {
        let (start, mut next) = up_to_fact(template);
        let mut paths = vec![self.in_home(self.variables(start)?)?];
        while let Some((name, rest)) = next {
            let values: Vec<&str> = self.facts.get(name)?.lines().collect();
            let (text, following) = up_to_fact(rest);
            let text = self.variables(text)?;
            let filled =
                |path: &String| values.iter().map(|v| format!("{path}{v}{text}")).collect::<Vec<_>>();
            paths = paths.iter().flat_map(filled).take(MOST_PATHS).collect();
            next = following;
        }
        Some(paths)
    }

    fn in_home(&self, path: String) -> Option<String> {
        match path.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with(['/', '\\']) => {
                Some(format!("{}{rest}", self.facts.get("home")?))
            }
            _ => Some(path),
        }
    }

    /// Returns a text with its facts filled in; what is no fact stays as it is, for code is full of braces.
    pub fn text(&self, template: &str) -> String {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            filled.push_str(&rest[..open]);
            rest = &rest[open..];
            let value = name_at(rest).and_then(|name| Some((name, self.facts.get(name)?)));
            if let Some((name, value)) = value {
                filled.push_str(value);
                rest = &rest[name.len() + 2..];
            } else {
                filled.push('{');
                rest = &rest[1..];
            }
        }
        filled + rest
    }

    /// Fills in variables; `None` when one without a default is unset or empty.
    pub fn variables(&self, template: &str) -> Option<String> {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some(dollar) = rest.find('$') {
            filled.push_str(&rest[..dollar]);
            rest = &rest[dollar + 1..];
            let (name, default);
            if let Some(braced) = rest.strip_prefix('{') {
                let (inside, after) = braced.split_once('}')?;
                (name, default) = inside.split_once(":-").map_or((inside, None), |(n, d)| (n, Some(d)));
                rest = after;
            } else {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                (name, default) = (&rest[..end], None);
                rest = &rest[end..];
            }
            filled.push_str(self.environment.get_filled(name).or(default)?);
        }
        Some(filled + rest)
    }
}

/// Takes `name/..` out of a path. What comes from the machine has its links followed already.
fn without_detours(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match kept.last() {
            Some(last) if part == ".." && !last.is_empty() && *last != ".." => drop(kept.pop()),
            _ => kept.push(part),
        }
    }
    kept.join("/")
}

/// Splits a template before its first `{name}`; returns with it the name and what follows it.
fn up_to_fact(template: &str) -> (&str, Option<(&str, &str)>) {
    for (at, _) in template.match_indices('{').filter(|(at, _)| !template[..*at].ends_with('$')) {
        if let Some(name) = name_at(&template[at..]) {
            return (&template[..at], Some((name, &template[at + name.len() + 2..])));
        }
    }
    (template, None)
}

/// Returns the name of `{name}` at the start of a text.
fn name_at(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    let is_name =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_filling(check: impl Fn(Filling)) {
        let environment = Environment::from_iter([("XDG", "/xdg"), ("EMPTY", "")]);
        let facts = [("home", "/home/you"), ("site", "/a\n/b"), ("prefix", "/opt/py")]
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .into();
        check(Filling { environment: &environment, facts: &facts, os: Os::Linux });
    }

    #[test]
    fn a_path_is_filled_in_or_is_not_there() {
        with_filling(|filling| {
            for (template, wanted) in [
                ("~/.npmrc", vec!["/home/you/.npmrc"]),
                ("$XDG/x", vec!["/xdg/x"]),
                ("${EMPTY:-~/.config}/x", vec!["/home/you/.config/x"]),
                ("${XDG:-~/.config}/x", vec!["/xdg/x"]),
                ("$NONE/x", vec![]),
                ("{site}/certifi/cacert.pem", vec!["/a/certifi/cacert.pem", "/b/certifi/cacert.pem"]),
                ("{prefix}/{site}", vec!["/opt/py//a", "/opt/py//b"]),
                ("{nothing}/x", vec![]),
                ("/~/x", vec!["/~/x"]),
                ("{prefix}/../lib", vec!["/opt/lib"]),
                ("../x", vec!["../x"]),
            ] {
                assert_eq!(filling.paths(template), wanted, "{template}");
            }
        });
    }

    #[test]
    fn what_was_filled_in_is_not_filled_in_again() {
        let environment = Environment::from_iter([("XDG", "/x/{home}")]);
        let many = "/a\n".repeat(1000);
        let facts = [("home", "/h/{home}/$XDG"), ("site", "{site}/{home}"), ("many", many.as_str())]
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .into();
        let filling = Filling { environment: &environment, facts: &facts, os: Os::Linux };
        for (template, wanted) in [
            ("~/.npmrc", "/h/{home}/$XDG/.npmrc"),
            ("${XDG}/x", "/x/{home}/x"),
            ("{site}/{home}", "{site}/{home}//h/{home}/$XDG"),
        ] {
            assert_eq!(filling.paths(template), [wanted], "{template}");
        }
        assert_eq!(filling.paths("{many}{many}{many}{many}").len(), MOST_PATHS);
    }

    #[test]
    fn braces_that_are_code_stay() {
        with_filling(|filling| {
            assert_eq!(
                filling.text("f({ host: x }) {prefix} {} {unknown}"),
                "f({ host: x }) /opt/py {} {unknown}"
            );
        });
    }
}
