//! Secrets and personal names, taken out of text that leaves this program.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// The person at the machine, as far as text may give them away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The home folder, without a final separator.
    home: Option<String>,
    /// Account names, long enough to be told from ordinary words.
    names: Vec<String>,
}

/// Account names that every machine has: they give nobody away.
const EVERYBODY: &[&str] = &["root", "user", "users", "home", "runner", "vagrant", "ubuntu", "administrator"];

impl Person {
    /// Describes the person by their home folder and account names.
    pub fn new(home: Option<&str>, names: &[&str]) -> Self {
        let home = home.map(|h| h.trim_end_matches(['/', '\\']).to_owned()).filter(|h| h.len() > 1);
        let folder = home.as_deref().and_then(|h| h.rsplit(['/', '\\']).next());
        let telling =
            |name: &&str| !name.is_empty() && !EVERYBODY.contains(&name.to_ascii_lowercase().as_str());
        let mut names: Vec<_> =
            names.iter().copied().chain(folder).filter(telling).map(str::to_owned).collect();
        names.sort();
        names.dedup();
        Self { home, names }
    }

    /// Blanks credentials, shortens the home folder to `~` and calls the account `user` where it stands in a path.
    pub fn redact(&self, text: &str) -> String {
        let mut text = credentials(text);
        if let Some(home) = &self.home {
            text =
                replace_part(&text, home, "~", |before, after| !before.ends_with(is_name) && !goes_on(after));
        }
        for name in &self.names {
            text = replace_part(&text, name, "user", |before, after| {
                before.ends_with(['/', '\\']) && !goes_on(after)
            });
        }
        text
    }
}

impl Person {
    /// [`Self::redact`] for every text of a document but the values of the keys to `keep`.
    pub fn redact_json(&self, document: &mut Value, keep: &[&str]) {
        match document {
            Value::String(text) => *text = self.redact(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.redact_json(value, keep)),
            Value::Object(entries) => {
                let entries = entries.iter_mut().filter(|(key, _)| !keep.contains(&key.as_str()));
                entries.for_each(|(_, value)| self.redact_json(value, keep));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Whether a character belongs to a file name.
fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_')
}

/// Whether a file name goes on here, so that `/home/al` is not found in `/home/alice`; a full stop may end a sentence.
fn goes_on(after: &str) -> bool {
    let mut next = after.chars();
    match next.next() {
        Some('.') => next.next().is_some_and(is_name),
        Some(c) => is_name(c),
        None => false,
    }
}

fn replace_part(text: &str, part: &str, by: &str, stands_alone: impl Fn(&str, &str) -> bool) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut done = 0;
    for (start, _) in text.match_indices(part) {
        let end = start + part.len();
        if start >= done && stands_alone(&text[..start], &text[end..]) {
            replaced.push_str(&text[done..start]);
            replaced.push_str(by);
            done = end;
        }
    }
    replaced.push_str(&text[done..]);
    replaced
}

/// Credentials before a host and its port, without a scheme: proxies are written so in variables.
static BARE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"[^\s/"'=:@,;]+:[^\s/"']*@([A-Za-z0-9.:\[\]-]+:\d{1,5}\b)"#).ok());

/// The value of an option or key for a proxy's password: the JVM's, Maven's, Gradle's.
static PASSWORD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)(proxy[a-z_.-]*pass(?:word|wd)?["']?\s*[=:]\s*)[^\s"']+"#).ok());

/// Blanks credentials: `http://user:secret@proxy:8080` becomes `http://***@proxy:8080`, `user:secret@proxy:8080`
/// becomes `***@proxy:8080`, and the value of `https.proxyPassword` is not shown.
pub fn credentials(text: &str) -> String {
    let mut redacted = in_urls(text);
    if redacted.contains('@')
        && let Some(bare) = BARE.as_ref()
    {
        redacted = bare.replace_all(&redacted, "***@$1").into_owned();
    }
    let names_a_password = |text: &str| text.to_ascii_lowercase().contains("pass");
    match PASSWORD.as_ref() {
        Some(password) if names_a_password(&redacted) => {
            password.replace_all(&redacted, "$1***").into_owned()
        }
        _ => redacted,
    }
}

fn in_urls(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (head, tail) = rest.split_at(start + 3);
        redacted.push_str(head);
        let mut end = host_length(tail);
        if let Some(at) = end_of_a_cut_password(&tail[..end], tail) {
            end = at + host_length(&tail[at..]);
        } else if tail[..end].ends_with(':') && tail[end..].starts_with("//") {
            // another scheme, whose credentials are still to come
            end -= 1;
        }
        let (authority, after) = tail.split_at(end);
        match authority.rfind('@') {
            Some(at) => {
                redacted.push_str("***");
                redacted.push_str(&authority[at..]);
            }
            None => redacted.push_str(authority),
        }
        rest = after;
    }
    redacted.push_str(rest);
    redacted
}

/// Returns where the `@` behind a password is in which a `/`, `?` or `#` stands as it may not, so that its beginning looks
/// like a host with its port: programs that take everything up to the last `@` accept that.
fn end_of_a_cut_password(authority: &str, tail: &str) -> Option<usize> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (name, port) =
        authority.split_once(':').filter(|(name, _)| !name.is_empty() && !name.starts_with('['))?;
    let token = token(tail);
    let leads_to_a_port = |at: &usize| {
        let host = &token[at + 1..];
        host[..host_length(host)].rsplit_once(':').is_some_and(|(_, port)| is_number(port))
    };
    let mut ends = token.match_indices('@').map(|(at, _)| at);
    let no_host = !name.contains('@') && !port.contains('@') && !is_number(port);
    ends.clone().rfind(leads_to_a_port).or_else(|| ends.next_back().filter(|_| no_host))
}

/// Returns what stands before the next blank or quotation mark; of something longer than an address, its beginning.
fn token(text: &str) -> &str {
    const LONGEST: usize = 2000;
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>');
    let end = text.char_indices().find(|(at, c)| *at >= LONGEST || ends(*c));
    end.map_or(text, |(at, _)| &text[..at])
}

/// Returns how much of a text is a host with its port, and an `@` before it.
fn host_length(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>'))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_credential_in_a_url_survives() {
        for (text, wanted) in [
            ("http://user:secret@proxy:8080", "http://***@proxy:8080"),
            ("see https://token@git.example/x and ok", "see https://***@git.example/x and ok"),
            ("http://a@b:secret@proxy/", "http://***@proxy/"),
            ("http://proxy:8080/a@b", "http://proxy:8080/a@b"),
            ("x://proxy://ada:s3cret@proxy.example", "x://***@proxy.example"),
            ("://://ada:s3cret@proxy.example", "://://***@proxy.example"),
            ("nothing here", "nothing here"),
            ("http://ada:s3@c/ret@proxy.example:8080/x", "http://***@proxy.example:8080/x"),
            ("http://ada:s3/c#r?et@proxy.example:8080/x", "http://***@proxy.example:8080/x"),
            ("http://ada:12/34@proxy.example:8080", "http://***@proxy.example:8080"),
            ("http://ada:s3/cret@proxy.example and b@c", "http://***@proxy.example and b@c"),
            ("\"http://ada:s3/cret@[::1]:1\" b@c:1", "\"http://***@[::1]:1\" b@c:1"),
            ("http://[::1]:80/a@b see b@c", "http://[::1]:80/a@b see b@c"),
            ("https://host:443/@scope/name@1.2.3", "https://host:443/@scope/name@1.2.3"),
            ("https://host/@scope/name@1.2.3", "https://host/@scope/name@1.2.3"),
            ("ada:s3cret@proxy.example:8080", "***@proxy.example:8080"),
            ("https_proxy=ada:s3:c@ret@[::1]:1", "https_proxy=***@[::1]:1"),
            ("https_proxy=ada:s3@cret@proxy:1", "https_proxy=***@proxy:1"),
            (
                "git@git.example:x/y.git image:tag@sha256:0a1b",
                "git@git.example:x/y.git image:tag@sha256:0a1b",
            ),
            (
                "-Dhttps.proxyUser=ada -Dhttps.proxyPassword=s3cret -Dx=y",
                "-Dhttps.proxyUser=ada -Dhttps.proxyPassword=*** -Dx=y",
            ),
            ("systemProp.https.proxyPassword = s3cret", "systemProp.https.proxyPassword = ***"),
        ] {
            assert_eq!(credentials(text), wanted);
        }
    }

    #[test]
    fn a_person_is_not_named_by_their_paths() {
        let alice = Person::new(Some("/home/alice/"), &["alice"]);
        let windows = Person::new(Some(r"C:\Users\alice"), &[]);
        for (person, text, wanted) in [
            (&alice, "/home/alice/.npmrc", "~/.npmrc"),
            (&alice, "/home/alice", "~"),
            (&alice, "cafile=/home/alice/ca.pem:/home/alice/b.pem", "cafile=~/ca.pem:~/b.pem"),
            (&alice, "/home/alice2/.npmrc", "/home/alice2/.npmrc"),
            (&alice, "Nothing is in /home/alice.", "Nothing is in ~."),
            (&alice, "/home/alice.old/x", "/home/alice.old/x"),
            (&alice, "/srv/home/alice/x", "/srv/home/user/x"),
            (&alice, "/data/alice/ca.pem", "/data/user/ca.pem"),
            (&alice, "alice.example and malice", "alice.example and malice"),
            (&windows, r"C:\Users\alice\pip\pip.ini", r"~\pip\pip.ini"),
            (&windows, r"D:\alice", r"D:\user"),
        ] {
            assert_eq!(person.redact(text), wanted);
        }
        let everybody = Person::new(Some("/home/runner"), &["runner"]);
        assert_eq!(everybody.redact("/home/runner/x, /opt/runner/y."), "~/x, /opt/runner/y.");
    }

    proptest::proptest! {
        #[test]
        fn no_secret_survives_wherever_it_stands(before in "[ -~]*", after in "([ /?#\"'<>][ -~]*)?", secret in "[A-Za-z0-9!$&*+,;=._~/?#@:%^(){}|-]{8,20}") {
            let text = format!("{before}://alice:{secret}@proxy.example:8080{after}");
            let clean = credentials(&text);
            let elsewhere = before.contains(&secret) || after.contains(&secret);
            assert!(elsewhere || !clean.contains(&secret), "{clean}");
        }

        #[test]
        fn a_home_is_never_told(before in "[ =:;,\"']{0,3}", after in "(/[a-z.]{1,9}){0,3}[.,;: ]?") {
            let alice = Person::new(Some("/home/alice-b.smith"), &[]);
            let clean = alice.redact(&format!("{before}/home/alice-b.smith{after}"));
            assert!(!clean.contains("smith"), "{clean}");
        }
    }
}
