//! Who sets a variable: start-up files of shells and sessions, and the registry of Windows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::tools::formats;
use super::tools::path::glob;
use crate::catalogue::fill::Filling;
use crate::catalogue::schema::Format;
use crate::catalogue::startup::{StartupFile, Syntax, startup_files};
use crate::edge::{Invocation, Reading};
use crate::facts::tool::{Context, Export};
use crate::facts::{Environment, Os};

/// The most that is read of a start-up file.
const MOST_READ: u64 = 1024 * 1024;

/// The most assignments that are kept; people have a dozen.
const MOST_EXPORTS: usize = 2000;

/// Returns where variables that matter are set for what will be started later, in the order in which later ones win.
pub(super) fn exports(reading: &dyn Reading, matters: &dyn Fn(&str) -> bool) -> Vec<Export> {
    let os = reading.platform().os;
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let mut facts = BTreeMap::from([("working_folder".to_owned(), text(reading.working_folder()))]);
    facts.extend(reading.home().map(|home| ("home".to_owned(), text(home))));
    let filling = Filling { environment: reading.environment(), facts: &facts, os };
    let mut found = if os == Os::Windows { registry(reading) } else { Vec::new() };
    for file in startup_files().iter().filter(|f| f.os.contains(&os)) {
        for path in filling.paths(&file.path).iter().flat_map(|pattern| glob(reading, pattern)) {
            let bytes = reading.read(Path::new(&path), MOST_READ).unwrap_or_default();
            found.extend(in_text(file, &path, &String::from_utf8_lossy(&bytes), &filling, matters));
            found.truncate(MOST_EXPORTS);
        }
    }
    if os == Os::Macos {
        found.extend(launchd(reading, matters));
    }
    found.retain(|export| matters(&export.name));
    found
}

fn in_text(
    file: &StartupFile,
    path: &str,
    text: &str,
    filling: &Filling,
    matters: &dyn Fn(&str) -> bool,
) -> Vec<Export> {
    let wanted = |(_, name, _): &(usize, &str, String)| matters(name);
    let found: Vec<(usize, &str, String)> = match file.syntax {
        Syntax::LaunchAgent => launch_agent(text).into_iter().filter(wanted).collect(),
        syntax => {
            let of_line =
                |(index, line)| assignments(syntax, line).into_iter().map(move |(n, v)| (index, n, v));
            text.lines().enumerate().flat_map(of_line).filter(wanted).take(MOST_EXPORTS).collect()
        }
    };
    let export = |(index, name, value): (usize, &str, String)| Export {
        name: name.to_owned(),
        value: filled(&value, filling),
        path: path.to_owned(),
        line: Some(index + 1),
        reaches: file.reaches.clone(),
        contexts: file.contexts.clone(),
    };
    found.into_iter().map(export).collect()
}

/// Returns the variables that a line sets. What a line does under conditions is taken for done: whoever wrote it
/// there has a use for it.
fn assignments(syntax: Syntax, line: &str) -> Vec<(&str, String)> {
    let line = line.trim();
    if line.starts_with('#') {
        return Vec::new();
    }
    let one = |name: &'_ str, value: &str| is_name(name).then(|| unquoted(value.trim()));
    match syntax {
        Syntax::Assignments => {
            line.split_once('=').and_then(|(n, v)| Some((n, one(n, v)?))).into_iter().collect()
        }
        Syntax::Pam => {
            let set = line.split_once(char::is_whitespace);
            let set = set.and_then(|(n, rest)| Some((n, rest.split_once('=')?.1)));
            set.and_then(|(n, v)| Some((n, one(n, v)?))).into_iter().collect()
        }
        Syntax::Csh | Syntax::Fish => {
            let mut words = line.split_whitespace();
            let is_set = match (words.next(), syntax) {
                (Some("setenv"), Syntax::Csh) => true,
                (Some("set"), Syntax::Fish) => {
                    let flags = line.split_whitespace().skip(1).take_while(|w| w.starts_with('-'));
                    let count = flags.clone().count();
                    words.nth(count.wrapping_sub(1));
                    count > 0
                        && flags
                            .into_iter()
                            .any(|f| f == "--export" || !f.starts_with("--") && f.contains('x'))
                }
                _ => false,
            };
            let name = words.next().filter(|_| is_set);
            name.and_then(|n| Some((n, one(n, line.split_once(n)?.1)?))).into_iter().collect()
        }
        Syntax::Nushell | Syntax::Powershell => {
            let prefix = if syntax == Syntax::Nushell { "$env." } else { "$env:" };
            let starts = line.get(..prefix.len()).is_some_and(|p| p.eq_ignore_ascii_case(prefix));
            let set = line.get(prefix.len()..).filter(|_| starts).and_then(|rest| rest.split_once('='));
            set.and_then(|(n, v)| Some((n.trim(), one(n.trim(), v)?))).into_iter().collect()
        }
        Syntax::Sh => sh(line),
        Syntax::Systemd => systemd(line),
        // its assignments stand over several lines
        Syntax::LaunchAgent => Vec::new(),
    }
}

/// `Environment="A=b c" D=e`, with `DefaultEnvironment=` and `ManagerEnvironment=` for all services.
fn systemd(line: &str) -> Vec<(&str, String)> {
    let keys = ["Environment", "DefaultEnvironment", "ManagerEnvironment"];
    let Some((_, mut rest)) = line.split_once('=').filter(|(key, _)| keys.contains(&key.trim_end())) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start();
        let end = word_end(rest);
        // the quotation marks stand around the whole assignment, or around its value
        let word = rest[..end].trim_start_matches(['"', '\'']);
        let Some((name, value)) = word.split_once('=').filter(|(name, _)| is_name(name)) else {
            return found;
        };
        let value =
            if word.len() == end { unquoted(value) } else { value.trim_end_matches(['"', '\'']).to_owned() };
        found.push((name, value.replace("%%", "%").replace("\\\"", "\"").replace(r"\\", r"\")));
        rest = &rest[end..];
    }
}

/// The strings of a property list in which `setenv`, a name and a value follow each other, or stand in one command.
fn launch_agent(text: &str) -> Vec<(usize, &str, String)> {
    let strings: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .filter_map(|(index, line)| Some((index, line.split_once("<string>")?.1.split_once("</string>")?.0)))
        .collect();
    let words = strings.iter().flat_map(|(index, string)| {
        let command = string.contains("launchctl setenv");
        let parts: Vec<&str> = if command { string.split([' ', ';']).collect() } else { vec![string] };
        parts.into_iter().filter(|word| !word.is_empty()).map(|word| (*index, word))
    });
    let words: Vec<(usize, &str)> = words.collect();
    let set = words.windows(3).filter(|three| three[0].1 == "setenv" && is_name(three[1].1));
    set.map(|three| (three[1].0, three[1].1, unquoted(three[2].1))).collect()
}

/// Returns what macOS gives to programs that are not started from a shell, for the variables that this process has.
fn launchd(reading: &dyn Reading, matters: &dyn Fn(&str) -> bool) -> Vec<Export> {
    let ask = |name: &str| {
        let environment = Environment::default();
        let question =
            Invocation::new("/bin/launchctl", ["getenv", name], environment, Duration::from_secs(2));
        let value = reading.run(&question).stdout.trim_end_matches('\n').to_owned();
        (!value.is_empty()).then(|| Export {
            name: name.to_owned(),
            value,
            path: "launchctl".to_owned(),
            line: None,
            reaches: "programs that are not started from a shell, until logout".to_owned(),
            contexts: vec![Context::Desktop],
        })
    };
    let here = reading.environment().iter().map(|(name, _)| name).filter(|name| matters(name));
    here.filter_map(ask).collect()
}

/// `export A=b C=d`, `A=b; export A`, `[ -f x ] && export A=b`, `declare -x A=b`.
fn sh(line: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    for statement in line.split([';', '&', '|']) {
        let mut rest = statement.trim();
        for keyword in ["export ", "declare -x ", "typeset -x ", "then ", "do ", "else "] {
            rest = rest.strip_prefix(keyword).unwrap_or(rest).trim_start();
        }
        while let Some((name, after)) = rest.split_once('=').filter(|(name, _)| is_name(name)) {
            let end = word_end(after);
            found.push((name, unquoted(&after[..end])));
            rest = after[end..].trim_start();
        }
    }
    found
}

/// Returns where a shell's word ends: at the first blank outside of quotation marks.
fn word_end(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), _) if q == c => quote = None,
            (None, c) if c.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn unquoted(value: &str) -> String {
    let mark = |q: char| value.strip_prefix(q).and_then(|rest| rest.split_once(q)).map(|(inside, _)| inside);
    mark('"')
        .or_else(|| mark('\''))
        .unwrap_or_else(|| value.split(" #").next().unwrap_or(value).trim_end())
        .to_owned()
}

/// Fills in `$HOME`, `~` and other variables that have a value now.
fn filled(value: &str, filling: &Filling) -> String {
    let home = filling.facts.get("home").map_or("", String::as_str);
    let value = value.replace("${HOME}", home).replace("$HOME", home);
    let value = match value.strip_prefix("~/") {
        Some(rest) => format!("{home}/{rest}"),
        None => value,
    };
    filling.variables(&value).unwrap_or(value)
}

/// Returns the variables of the user and of the computer that Windows keeps in its registry.
fn registry(reading: &dyn Reading) -> Vec<Export> {
    let keys = [
        (
            r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment",
            "every program on this computer",
            vec![Context::Desktop, Context::Service, Context::Shell],
        ),
        (r"HKCU\Environment", "your programs", vec![Context::Desktop, Context::Shell]),
    ];
    let root = reading.environment().get_filled("SystemRoot").unwrap_or(r"C:\Windows").to_owned();
    let environment: Environment = [("SystemRoot", root.as_str())].into_iter().collect();
    let mut found = Vec::new();
    for (key, reaches, contexts) in keys {
        let program = format!(r"{root}\System32\reg.exe");
        let query = Invocation::new(program, ["query", key], environment.clone(), Duration::from_secs(5));
        let values = formats::read(Format::Reg, &reading.run(&query).stdout, |_| true);
        found.extend(values.into_iter().map(|entry| Export {
            name: entry.key,
            value: entry.value,
            path: key.to_owned(),
            line: None,
            reaches: reaches.to_owned(),
            contexts: contexts.clone(),
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::Pretend;

    fn found(machine: &Pretend) -> Vec<(String, String, String, usize)> {
        let all = exports(machine, &|name| name.starts_with("SSL_") || name.starts_with("NODE_"));
        all.into_iter().map(|e| (e.name, e.value, e.path, e.line.unwrap_or(0))).collect()
    }

    #[test]
    fn each_shell_s_way_of_setting_a_variable_is_understood() {
        for (path, line, wanted) in [
            (
                "/home/you/.bashrc",
                "export NODE_A=\"$HOME/a b.pem\" # c",
                Some(("NODE_A", "/home/you/a b.pem")),
            ),
            ("/home/you/.bashrc", "  [ -f x ] && export NODE_A=0", Some(("NODE_A", "0"))),
            ("/home/you/.bashrc", "NODE_A=1; export NODE_A", Some(("NODE_A", "1"))),
            ("/home/you/.bashrc", "# export NODE_A=0", None),
            ("/home/you/.bashrc", "export OTHER=1", None),
            ("/home/you/.bashrc", "echo NODE_A=0x", None),
            ("/etc/environment", "SSL_CERT_FILE=/x.pem", Some(("SSL_CERT_FILE", "/x.pem"))),
            ("/home/you/.config/fish/config.fish", "set -gx NODE_A 0", Some(("NODE_A", "0"))),
            (
                "/home/you/.config/fish/config.fish",
                "set --global --export NODE_A 'x y'",
                Some(("NODE_A", "x y")),
            ),
            ("/home/you/.config/fish/config.fish", "set NODE_A 0", None),
            ("/home/you/.cshrc", "setenv NODE_A 0", Some(("NODE_A", "0"))),
            ("/home/you/.config/powershell/profile.ps1", "$Env:NODE_A = '0'", Some(("NODE_A", "0"))),
            (
                "/etc/systemd/system/docker.service.d/ca.conf",
                "Environment=\"NODE_A=/a b.pem\"",
                Some(("NODE_A", "/a b.pem")),
            ),
            ("/etc/systemd/system.conf", "DefaultEnvironment=X=1 NODE_A=0", Some(("NODE_A", "0"))),
            ("/etc/systemd/system/x.service", "ExecStart=/bin/x NODE_A=0", None),
            ("/etc/crontab", "NODE_A=0", Some(("NODE_A", "0"))),
            ("/etc/crontab", "17 * * * * root NODE_A=0 run", None),
            ("/home/you/.config/nushell/env.nu", "$env.NODE_A = \"0\"", Some(("NODE_A", "0"))),
        ] {
            let machine = Pretend::new(Os::Linux).file(path, format!("\n{line}\n"));
            let wanted: Vec<_> =
                wanted.map(|(n, v)| (n.to_owned(), v.to_owned(), path.to_owned(), 2)).into_iter().collect();
            assert_eq!(found(&machine), wanted, "{line}");
        }
    }

    #[test]
    fn macos_gives_its_desktop_what_launchctl_was_told() {
        let agent = "<array>\n<string>launchctl</string>\n<string>setenv</string>\n<string>NODE_A</string>\n\
                     <string>/a b.pem</string>\n</array>\n<string>launchctl setenv NODE_B /b.pem; true</string>";
        let machine = Pretend::new(Os::Macos)
            .file("/Users/you/Library/LaunchAgents/ca.plist", agent)
            .variable("NODE_C", "/here.pem")
            .answering(|run| {
                let asked = run.arguments == ["getenv", "NODE_C"];
                asked.then(|| crate::facts::run::Finished::saying(0, "/there.pem\n", ""))
            });
        let found: Vec<_> = found(&machine).into_iter().map(|(name, value, ..)| (name, value)).collect();
        let wanted = [("NODE_A", "/a b.pem"), ("NODE_B", "/b.pem"), ("NODE_C", "/there.pem")];
        assert_eq!(found, wanted.map(|(n, v)| (n.to_owned(), v.to_owned())));
    }

    #[test]
    fn windows_keeps_them_in_its_registry() {
        let machine = Pretend::new(Os::Windows).answering(|run| {
            let mine = run.arguments.iter().any(|a| a == r"HKCU\Environment");
            mine.then(|| {
                crate::facts::run::Finished::saying(
                    0,
                    "\r\nHKEY_CURRENT_USER\\Environment\r\n    Path    REG_EXPAND_SZ    C:\\x\r\n    NODE_A    REG_SZ    0\r\n",
                    "",
                )
            })
        });
        assert_eq!(
            found(&machine),
            [("NODE_A".to_owned(), "0".to_owned(), r"HKCU\Environment".to_owned(), 0)]
        );
    }

    /// Lines of every kind of start-up file.
    const LINES: &[&str] = &[
        "export NODE_A=\"$HOME/a b.pem\" # c",
        "[ -f x ] && export NODE_A='0'; export B=1 C=2",
        "declare -x SSL_CERT_FILE=/x; then SSL_CERT_DIR=/y",
        "setenv NODE_A /a.pem",
        "set -gx NODE_A \"x y\"",
        "$env:NODE_A = 'x'",
        "Environment=\"NODE_A=/a b.pem\" 'SSL_X=y' Z=\"q\\\"\"",
        "NODE_A DEFAULT=\"/x\" OVERRIDE=@{HOME}/y",
        "<string>launchctl</string><string>setenv</string>\n<string>NODE_A</string>\n<string>/a</string>",
        "<string>launchctl setenv NODE_B /b.pem; true</string>",
    ];

    proptest::proptest! {
        #[test]
        fn a_changed_line_sets_nothing_but_variables(
            bytes in crate::lab::mutated::mutated(
                LINES.iter().map(|line| line.as_bytes().to_vec()).collect(),
                &[b"=", b"\"", b"'", b";", b"export ", b"setenv ", b"${HOME}", b"${", b"\xe2\x80\xae", b"\\"],
            ),
        ) {
            let text = String::from_utf8_lossy(&bytes);
            let facts = BTreeMap::from([("home".to_owned(), "/home/you".to_owned())]);
            let environment = Environment::default();
            let filling = Filling { environment: &environment, facts: &facts, os: Os::Linux };
            for file in startup_files() {
                for export in in_text(file, "/a/file", &text, &filling, &|_| true) {
                    assert!(is_name(&export.name), "{export:?}");
                    assert!(export.line.is_some_and(|line| line <= text.lines().count()), "{export:?}");
                }
                assert!(in_text(file, "/a/file", &text, &filling, &|_| false).is_empty());
            }
        }
    }
}
