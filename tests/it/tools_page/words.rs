//! The catalogue's values in words.

use trustgap::catalogue::Tool;
use trustgap::catalogue::schema::{At, Condition, Demand, Effect, On, Reach, Trust, Value};
use trustgap::facts::Os;

/// Returns the heading's anchor, as GitHub makes it.
pub(super) fn anchor(title: &str) -> String {
    let kept = |c: char| c.is_alphanumeric() || c == '-' || c == '_' || c == ' ';
    title.to_lowercase().chars().filter(|c| kept(*c)).collect::<String>().replace(' ', "-")
}

/// Returns a wrapped item or paragraph; what follows the first line stands below its text.
pub(super) fn paragraph(bullet: &str, text: &str) -> String {
    let below = " ".repeat(bullet.chars().count());
    let options = textwrap::Options::new(super::WIDTH)
        .initial_indent(bullet)
        .subsequent_indent(&below)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace);
    format!("{}\n", textwrap::fill(text, options))
}

pub(super) fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Append => "added",
        Effect::None => "no effect",
        Effect::Replace => "replaces",
    }
}

/// Returns what is set, as one would write it.
pub(super) fn at(at: &At) -> String {
    let value = at.pattern.as_ref().and_then(|pattern| plain(pattern.as_str()));
    let name = name(at);
    match value {
        Some(value) if value.starts_with('-') || is_whole_file(at) => format!("`{value}` in {name}"),
        Some(value) => format!("{name} = `{value}`"),
        None => name,
    }
}

/// Returns where it stands: the variable, the key without the stars in front, the option, the command.
pub(super) fn name(at: &At) -> String {
    if is_whole_file(at) { "its files".to_owned() } else { format!("`{}`", key(at)) }
}

/// Whether it stands somewhere in a file, under no key.
fn is_whole_file(at: &At) -> bool {
    key(at).is_empty()
}

fn key(at: &At) -> &str {
    at.name().trim_start_matches(['*', '.'])
}

/// Returns what a pattern stands for, where it is little more than a text.
fn plain(pattern: &str) -> Option<String> {
    let mut text = pattern.to_owned();
    for (from, to) in [
        (r"(?:^|\s)", ""),
        (r"[?&]", ""),
        (r"(?:\s|$)", ""),
        (r"(?:^|,)\s*", ""),
        (r"\s*(?:,|$)", ""),
        (r"(?:=true)?", ""),
        (r#"("[^"]+"|\S+)"#, "FILE"),
        (r#"(\"[^\"]+\"|\S+)"#, "FILE"),
        (r"(\S+)", "FILE"),
        (r#"([^\s"\x27]+)"#, "FILE"),
        (r"(?:-r|--require|--import)[ =]", "-r "),
        (r"\S*", ""),
        (r"\.(?:so|\d)", ""),
        (r"(?:-ROOT)?", ""),
        (r"(?i:", ""),
        (r"(?:", ""),
        (r"\s*", ""),
        (r"\b", ""),
        (r"\.", "."),
        ("(", ""),
        (")", ""),
        ("^", ""),
        ("$", ""),
        ("|", " or "),
    ] {
        text = text.replace(from, to);
    }
    (!text.is_empty() && !text.contains(['\\', '*', '?', '[', '+'])).then_some(text)
}

/// Returns the operating systems a row is about: `on macOS, Windows`; empty when all.
pub(super) fn systems(condition: &Condition) -> String {
    let names: Vec<&str> = condition.os.iter().map(|os| os_name(*os)).collect();
    if names.is_empty() { String::new() } else { format!("on {}", names.join(", ")) }
}

/// Returns when a row applies, as the end of a sentence; empty when always.
pub(super) fn condition(condition: &Condition, tool: &Tool) -> String {
    let mut parts = Vec::new();
    if !condition.os.is_empty() {
        parts.push(systems(condition));
    }
    if let Some(range) = &condition.versions {
        let of = match (&tool.runs_on, condition.of_runtime) {
            (Some(runtime), true) => format!("{runtime} "),
            _ => String::new(),
        };
        parts.push(format!("{of}{}", versions(&range.to_string())));
    }
    for (fact, demand) in &condition.when {
        let fact = match (fact.as_str(), &tool.runs_on, &tool.detect.inside) {
            ("runtime_version", Some(runtime), _) | ("runtime_version", None, Some(runtime)) => {
                runtime.to_string()
            }
            ("certifi_of_system", ..) => "a certifi of the distribution".to_owned(),
            ("system_certs", ..) => "pip-system-certs".to_owned(),
            ("sdk", ..) => "an SDK".to_owned(),
            ("tls", ..) => "the TLS library".to_owned(),
            ("real", ..) => "the path".to_owned(),
            ("defines", ..) => "an option of its build".to_owned(),
            _ => fact.replace('_', " "),
        };
        parts.push(match demand {
            Demand::Versions(range) => format!("with {fact} {}", versions(&range.to_string())),
            Demand::Matches(pattern) => match pattern.as_str() {
                "." => format!("where there is {fact}"),
                "^$" => format!("where there is no {fact}"),
                text => {
                    let (none, text) = match text.strip_prefix("^$|") {
                        Some(rest) => (format!("where there is no {fact}, or it"), rest),
                        None => (format!("where {fact}"), text),
                    };
                    format!("{none} is `{}`", plain(text).unwrap_or_else(|| text.to_owned()))
                }
            },
        });
    }
    parts.join(", ")
}

fn versions(range: &str) -> String {
    let bound = |bound: &str| {
        let bound = bound.trim();
        for (sign, words) in [(">=", "from "), ("<=", "up to "), (">", "after "), ("<", "before "), ("=", "")]
        {
            if let Some(version) = bound.strip_prefix(sign) {
                return format!("{words}{}", version.trim());
            }
        }
        bound.to_owned()
    };
    let alternative = |part: &str| part.split(',').map(bound).collect::<Vec<_>>().join(" and ");
    range.split("||").map(alternative).collect::<Vec<_>>().join(" or ")
}

fn os_name(os: Os) -> &'static str {
    match os {
        Os::Linux => "Linux",
        Os::Macos => "macOS",
        Os::Unix => "other Unixes",
        Os::Windows => "Windows",
    }
}

/// Returns which values switch something on.
pub(super) fn on(on: &On) -> String {
    let one = |v: &String| if v.is_empty() { "nothing at all".to_owned() } else { format!("`{v}`") };
    let list = |values: &[String]| values.iter().map(one).collect::<Vec<_>>().join(", ");
    match on {
        On::Filled => String::new(),
        On::Present => "any value, even an empty one".to_owned(),
        On::Empty => "an empty value".to_owned(),
        On::Never => "no value".to_owned(),
        On::Values(values) => list(values),
        On::Exactly(values) => format!("exactly {}", list(values)),
        On::Except(values) => format!("any value but {}", list(values)),
    }
}

/// Returns how far something reaches; empty where it is everything.
pub(super) fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::All => "",
        Reach::Hosts => "for the hosts it names",
        Reach::Names => "only names are no longer compared",
        Reach::Part => "for another part than its own downloads",
    }
}

/// Returns what a setting is given.
pub(super) fn value(value: Value) -> &'static str {
    match value {
        Value::Authorities => "the company's roots",
        Value::Bundle => "a bundle of all roots",
        Value::Directory => "a folder",
        Value::Inline => "the PEM text itself",
        Value::Keystore => "a key store",
        Value::Switch => "a switch",
    }
}

/// Returns the default roots of a tool in a few words, whatever the system and version, where no library alters them.
pub(super) fn roots(tool: &Tool) -> String {
    let mut seen: Vec<String> = Vec::new();
    let altered = |row: &&Trust| {
        ["truststore", "system_certs"].iter().any(|fact| row.condition.when.contains_key(*fact))
    };
    for row in tool.trust.iter().filter(|row| tool.alters.is_some() || !altered(row)) {
        let words = sources(row).into_iter().map(|source| source.0).collect::<Vec<_>>().join(" + ");
        if !seen.contains(&words) {
            seen.push(words);
        }
    }
    if seen.is_empty() { "not known".to_owned() } else { seen.join(" / ") }
}

/// Returns the roots of one row.
pub(super) fn trust(row: &Trust) -> String {
    sources(row).into_iter().map(|source| source.1).collect::<Vec<_>>().join(" and ")
}

/// Returns the sources of a row, shortly and in full.
fn sources(row: &Trust) -> Vec<(&'static str, &'static str)> {
    if row.verifies_nothing {
        return vec![("none", "none, it verifies nothing")];
    }
    let mut parts = Vec::new();
    let mut add = |part| {
        if !parts.contains(&part) {
            parts.push(part);
        }
    };
    if row.bundled {
        add(("its own", "its own, compiled in or carried along"));
    }
    if row.system {
        add(("system", "the system store"));
    }
    for path in row.file.iter().chain(&row.directory) {
        add(match path.as_str() {
            "{certifi}" => ("certifi", "certifi's file"),
            "{cafile}" | "{capath}" => ("OpenSSL's", "OpenSSL's default file and folder"),
            path if path.contains("{openssldir}") => ("OpenSSL's", "OpenSSL's default file and folder"),
            path if path.contains('{') && !path.contains("of_system") => ("own file", "a file of its own"),
            _ => ("system", "the file that the system makes of its store"),
        });
    }
    if !row.keystore.is_empty() {
        add(("cacerts", "Java's cacerts"));
    }
    if !row.nss.is_empty() {
        add(("NSS", "an NSS database"));
    }
    if parts.is_empty() { vec![("none", "none")] } else { parts }
}
