//! Reads where proxies are configured for one program or the desktop, and finds the families of clients on this machine.
//!
//! Only asked when it matters: where the way that the environment names leads nowhere, or where a proxy is in play.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use regex::Regex;
use url::Url;

use super::exports::exports;
use super::tools::formats::{self, Entry};
use super::tools::path::{glob, is_absolute, is_file};
use crate::catalogue::fill::Filling;
use crate::catalogue::proxies::{Client, Place, clients, places};
use crate::edge::{Invocation, Reading};
use crate::facts::proxies::{ClientLook, ConfiguredProxy, Leads};
use crate::facts::{Environment, Os, Route};
use crate::judge::route_as::route_as;

/// The most that is read of one file.
const MOST_READ: u64 = 1024 * 1024;
/// The most places that are kept.
const MOST_PLACES: usize = 40;
/// The longest a program may take to say what is set.
const PATIENCE: Duration = Duration::from_secs(2);

/// Variables that name a proxy, in lower case.
const VARIABLES: [&str; 3] = ["https_proxy", "all_proxy", "http_proxy"];

/// Returns the proxies that are configured anywhere but in the variables that name one for `https://`: in other
/// variables, start-up files, the system's settings, and the settings of single programs.
pub(super) fn configured(reading: &dyn Reading, deadline: Duration) -> Vec<ConfiguredProxy> {
    let mut found = in_variables(reading.environment());
    found.extend(in_startup_files(reading));
    let mut answers = BTreeMap::new();
    for place in places() {
        found.extend(at_place(reading, place, deadline.min(PATIENCE), &mut answers));
    }
    found.truncate(MOST_PLACES);
    found
}

/// Returns the families of clients on this machine.
pub(super) fn installed(reading: &dyn Reading, deadline: Duration) -> Vec<ClientLook> {
    let on_path = |name: &String| find(reading, name).is_some();
    clients()
        .iter()
        .filter_map(|client| {
            let programs: Vec<String> =
                client.programs.iter().filter(|name| on_path(name)).cloned().collect();
            let version = programs.first().and_then(|first| version(reading, client, first, deadline));
            (!programs.is_empty()).then(|| ClientLook { id: client.id.clone(), programs, version })
        })
        .collect()
}

/// Asks a client for its version where its switch is on and not every version has it.
fn version(reading: &dyn Reading, client: &Client, program: &str, deadline: Duration) -> Option<String> {
    let switch = client.switch.as_ref().filter(|switch| switch.versions.is_some())?;
    let environment = reading.environment();
    let on = switch.any.iter().any(|(name, value)| environment.get(name).is_some_and(|v| value.matches(v)));
    let path = find(reading, program).filter(|_| on)?;
    let said = reading.run(&Invocation::new(path, ["--version"], environment.clone(), deadline)).stdout;
    Some(said.trim().to_owned()).filter(|said| !said.is_empty())
}

/// Variables that some clients read and that say nothing to those that ask for `https://` as most do.
fn in_variables(environment: &Environment) -> Vec<ConfiguredProxy> {
    let mut found = Vec::new();
    // a web server hands a request's `Proxy` field to its programs under the name in upper case (https://httpoxy.org)
    let names: &[&str] = if environment.get("REQUEST_METHOD").is_some() {
        &["http_proxy"]
    } else {
        &["http_proxy", "HTTP_PROXY"]
    };
    let exemptions = ["no_proxy", "NO_PROXY"].iter().find_map(|name| environment.get_filled(name));
    for name in names {
        let value = environment.get_filled(name);
        let proxy = value.and_then(|value| entry("variable", "plain HTTP", name, name, value));
        found.extend(proxy.map(|p| ConfiguredProxy { exemptions: exemptions.map(str::to_owned), ..p }));
    }
    let somewhere = "proxy.example".parse();
    for (client, target) in clients().iter().filter(|c| c.options.is_some()).zip(somewhere) {
        if let Route::Proxy { proxy, set_by } = route_as(client, None, environment, &target) {
            let leads = Leads::Proxy { proxy };
            found.push(ConfiguredProxy { leads, ..place_of("variable", &client.name, &set_by, &set_by) });
        }
    }
    found
}

fn in_startup_files(reading: &dyn Reading) -> Vec<ConfiguredProxy> {
    let is = |name: &str, wanted: &[&str]| wanted.contains(&name.to_ascii_lowercase().as_str());
    let all = exports(reading, &|name| is(name, &VARIABLES) || is(name, &["no_proxy"]));
    let exemptions = all.iter().rev().find(|export| is(&export.name, &["no_proxy"])).map(|e| e.value.clone());
    all.iter()
        .filter(|export| is(&export.name, &VARIABLES))
        .filter_map(|export| {
            let found = entry("startup", &export.reaches, &export.path, &export.name, &export.value)?;
            Some(ConfiguredProxy { line: export.line, exemptions: exemptions.clone(), ..found })
        })
        .collect()
}

fn entry(place: &str, used_by: &str, path: &str, key: &str, value: &str) -> Option<ConfiguredProxy> {
    Some(ConfiguredProxy { leads: address(value)?, ..place_of(place, used_by, path, key) })
}

fn place_of(place: &str, used_by: &str, path: &str, key: &str) -> ConfiguredProxy {
    ConfiguredProxy {
        place: place.to_owned(),
        used_by: used_by.to_owned(),
        path: path.to_owned(),
        line: None,
        key: key.to_owned(),
        leads: Leads::Discovery,
        exemptions: None,
    }
}

fn at_place(
    reading: &dyn Reading,
    place: &Place,
    deadline: Duration,
    answers: &mut BTreeMap<Vec<String>, String>,
) -> Vec<ConfiguredProxy> {
    let os = reading.platform().os;
    if place.os.contains(&os) {
        let text = answers.entry(place.run.clone()).or_insert_with(|| ask(reading, &place.run, deadline));
        let named = place.run.iter().find(|argument| argument.starts_with("HK"));
        let path = named.cloned().unwrap_or_else(|| place.run.join(" "));
        return in_text(place, &path, text).into_iter().collect();
    }
    let here = reading.working_folder().to_string_lossy().into_owned();
    let mut facts = BTreeMap::new();
    facts.extend(reading.home().map(|home| ("home".to_owned(), home.to_string_lossy().into_owned())));
    let filling = Filling { environment: reading.environment(), facts: &facts, os };
    let mut found: Vec<ConfiguredProxy> = Vec::new();
    for pattern in place.paths.of(os).flat_map(|template| filling.paths(template)) {
        let pattern = if is_absolute(&pattern, os) {
            pattern
        } else {
            format!("{}/{pattern}", here.trim_end_matches('/'))
        };
        for path in glob(reading, &pattern).into_iter().filter(|path| is_file(reading, path)) {
            if found.iter().any(|known| known.path == path) {
                continue;
            }
            let bytes = reading.read(Path::new(&path), MOST_READ).unwrap_or_default();
            let read = in_text(place, &path, &String::from_utf8_lossy(&bytes));
            found.extend(read.map(|read| with_constant_pac(reading, read)));
        }
    }
    found
}

/// Lets a program say what is set.
fn ask(reading: &dyn Reading, command: &[String], deadline: Duration) -> String {
    let environment = reading.environment();
    let windows = environment.get_filled("SystemRoot").unwrap_or(r"C:\Windows").to_owned();
    let facts = BTreeMap::from([("windows".to_owned(), windows)]);
    let filling = Filling { environment, facts: &facts, os: reading.platform().os };
    let Some((program, arguments)) = command.split_first() else { return String::new() };
    let Some(path) = find(reading, &filling.text(program)) else { return String::new() };
    let mut untranslated = environment.clone();
    untranslated.set("LC_ALL", "C");
    reading.run(&Invocation::new(path, arguments.to_vec(), untranslated, deadline)).stdout
}

/// Returns the path of a program; one that is named without a folder is looked for on `PATH`.
fn find(reading: &dyn Reading, program: &str) -> Option<String> {
    if program.contains('/') {
        return Some(program.to_owned());
    }
    let os = reading.platform().os;
    let endings: &[&str] = if os == Os::Windows { &[".exe", ".cmd", ".bat"] } else { &[""] };
    let folders = reading.environment().get_filled("PATH")?.split(os.list_separator());
    let separator = if os == Os::Windows { '\\' } else { '/' };
    folders
        .filter(|folder| !folder.is_empty())
        .flat_map(|folder| endings.iter().map(move |ending| format!("{folder}{separator}{program}{ending}")))
        .find(|path| is_file(reading, path))
}

/// Returns what a text of this place configures.
fn in_text(place: &Place, path: &str, text: &str) -> Option<ConfiguredProxy> {
    let entries = formats::read(place.format, text, |_| true);
    // of several lines with the same key the last one counts, wherever these formats are read
    let last = |key: &str| entries.iter().rev().find(|e| e.key.eq_ignore_ascii_case(key));
    let value = |key: &str| last(key).map_or("", |e| e.value.as_str());
    if !place.when.iter().all(|(key, pattern)| pattern.matches(value(key))) {
        return None;
    }
    let of = |entry: &Entry, leads: Leads| ConfiguredProxy {
        place: place.id.clone(),
        used_by: place.used_by.clone(),
        path: path.to_owned(),
        line: entry.line,
        key: entry.key.clone(),
        leads,
        exemptions: place.exemptions.as_deref().map(value).map(list).filter(|list| !list.is_empty()),
    };
    let named = place.url.iter().filter_map(|key| last(key)).find_map(|e| Some(of(e, address(&e.value)?)));
    let in_two = || {
        let host = last(place.host.as_deref()?)?;
        let port = value(place.port.as_deref()?);
        let whole = if port.is_empty() { host.value.clone() } else { format!("{}:{port}", host.value) };
        (!host.value.is_empty()).then(|| address(&whole))?.map(|leads| of(host, leads))
    };
    let pac = || {
        let entry = last(place.pac.as_deref()?).filter(|e| !e.value.is_empty())?;
        Some(of(entry, pac(&entry.value)))
    };
    let discovered = || {
        let switch = Entry { line: None, ..entries.first().cloned()? };
        place.discovers.then(|| of(&switch, Leads::Discovery))
    };
    named.or_else(in_two).or_else(pac).or_else(discovered)
}

/// Reads a proxy's address as people write it; `None` for the words that mean none.
fn address(value: &str) -> Option<Leads> {
    let value = value.trim();
    // one for each scheme, as Windows keeps them: `http=a:1;https=b:2`
    let value = match value.split(';').find_map(|part| part.trim().strip_prefix("https=")) {
        Some(https) => https,
        None if value.contains('=') && !value.contains("://") => return None,
        None => value,
    };
    let none = ["", "null", "false", "none", "_none_", "undefined"];
    if none.contains(&value.to_ascii_lowercase().as_str()) || value.eq_ignore_ascii_case("direct") {
        return None;
    }
    // KDE's `http://host 3128`
    let joined = value.split_whitespace().collect::<Vec<_>>().join(":");
    Some(match joined.parse() {
        Ok(proxy) => Leads::Proxy { proxy },
        Err(problem) => Leads::Unreadable { problem: crate::facts::route::NotAProxy::to_string(&problem) },
    })
}

/// Takes out of a PAC file's address what may be secret.
fn pac(value: &str) -> Leads {
    let Ok(mut url) = Url::parse(value) else {
        return Leads::Unreadable { problem: "not the address of a PAC file".to_owned() };
    };
    url.set_query(None);
    url.set_fragment(None);
    // only addresses that cannot have any refuse this
    let _ = (url.set_username(""), url.set_password(None));
    Leads::Pac { url: url.to_string() }
}

/// A list as dconf writes it is one with commas.
fn list(value: &str) -> String {
    match value.strip_prefix('[').and_then(|v| v.strip_suffix(']')) {
        Some(inside) => inside.split(',').map(|v| v.trim().trim_matches('\'')).collect::<Vec<_>>().join(","),
        None => value.to_owned(),
    }
}

/// A PAC file that says one thing whatever is asked.
static CONSTANT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let whole = r#"^\s*function\s+FindProxyForURL\s*\([^)]*\)\s*\{\s*return\s*["']\s*(PROXY|HTTPS)\s+([^;"'\s]+)[^"']*["']\s*;?\s*\}\s*$"#;
    Regex::new(whole).ok()
});

/// Puts the proxy in place of a PAC file of this machine that always names the same one.
fn with_constant_pac(reading: &dyn Reading, configured: ConfiguredProxy) -> ConfiguredProxy {
    let Leads::Pac { url } = &configured.leads else { return configured };
    let named = || {
        let path = file_path(url, reading.platform().os)?;
        let text = String::from_utf8(reading.read(Path::new(&path), MOST_READ).ok()?).ok()?;
        let found = CONSTANT.as_ref()?.captures(&text)?;
        let scheme = if &found[1] == "HTTPS" { "https" } else { "http" };
        format!("{scheme}://{}", &found[2]).parse().ok()
    };
    match named() {
        Some(proxy) => ConfiguredProxy { leads: Leads::Proxy { proxy }, ..configured },
        None => configured,
    }
}

/// Returns the path that a `file:` URL names on such a system.
fn file_path(url: &str, os: Os) -> Option<String> {
    let url = Url::parse(url).ok().filter(|url| url.scheme() == "file" && url.host().is_none())?;
    let path = percent_decode_str(url.path()).decode_utf8().ok()?;
    let path = if os == Os::Windows { path.trim_start_matches('/') } else { &path };
    Some(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::Pretend;
    use crate::facts::run::Finished;

    fn said(found: Option<&ConfiguredProxy>) -> String {
        let Some(found) = found else { return String::new() };
        let line = found.line.map_or(String::new(), |line| format!(", line {line}"));
        match &found.leads {
            Leads::Discovery => "discovered".to_owned(),
            Leads::Pac { url } => format!("pac {url}{line}"),
            Leads::Proxy { proxy } => format!("{proxy}{line}"),
            Leads::Unreadable { .. } => format!("unreadable{line}"),
        }
    }

    #[test]
    fn every_case_of_the_catalogue_holds() {
        for place in places() {
            for case in &place.cases {
                let found = in_text(place, "a file", &case.text);
                assert_eq!(said(found.as_ref()), case.says, "{}: {}", place.id, case.text);
                let exemptions = found.and_then(|f| f.exemptions);
                if case.exemptions.is_some() {
                    assert_eq!(exemptions, case.exemptions, "{}", place.id);
                }
            }
        }
    }

    #[test]
    fn each_place_is_found_on_its_system_and_named_with_its_line() {
        let linux = Pretend::new(Os::Linux)
            .variable("PATH", "/usr/bin")
            .variable("HTTP_PROXY", "http://plain.example:1")
            .variable("JAVA_TOOL_OPTIONS", "-Dhttps.proxyHost=java.example -Dhttps.proxyPort=2")
            .file("/usr/bin/gsettings", "")
            .file("/home/you/.gitconfig", "[http]\nproxy = http://git.example:3\n")
            .file("/etc/profile.d/proxy.sh", "export https_proxy=http://ada:s3cret@profile.example:4\n")
            .file("/home/you/.mozilla/firefox/a.default/prefs.js", "user_pref(\"network.proxy.type\", 4);\n")
            .answering(|run| {
                let asked = run.program.ends_with("gsettings");
                asked.then(|| Finished::saying(0, "org.gnome.system.proxy mode 'manual'\norg.gnome.system.proxy.https host 'gnome.example'\norg.gnome.system.proxy.https port 5\n", ""))
            });
        let found = configured(&linux, PATIENCE);
        let found: Vec<_> = found.iter().map(|f| (f.setter(), f.used_by.as_str(), said(Some(f)))).collect();
        let found: Vec<_> = found.iter().map(|(p, u, s)| (p.as_str(), *u, s.as_str())).collect();
        assert_eq!(
            found,
            [
                ("HTTP_PROXY", "plain HTTP", "http://plain.example:1"),
                ("JAVA_TOOL_OPTIONS", "Java", "http://java.example:2"),
                (
                    "/etc/profile.d/proxy.sh:1",
                    "every login shell on this computer",
                    "http://profile.example:4, line 1"
                ),
                (
                    "gsettings list-recursively org.gnome.system.proxy",
                    "the GNOME desktop and its browsers",
                    "http://gnome.example:5"
                ),
                ("/home/you/.mozilla/firefox/a.default/prefs.js", "Firefox", "discovered"),
                ("/home/you/.gitconfig:2", "git", "http://git.example:3, line 2"),
            ]
        );
        let windows = Pretend::new(Os::Windows).answering(|run| {
            let mine = run.arguments.iter().any(|a| a.starts_with("HKCU"));
            mine.then(|| Finished::saying(0, "\r\n    ProxyEnable    REG_DWORD    0x1\r\n    ProxyServer    REG_SZ    w.example:6\r\n    AutoConfigURL    REG_SZ    http://u:p@w.example/x.pac?t=1\r\n", ""))
        });
        let found: Vec<_> = configured(&windows, PATIENCE).iter().map(|f| said(Some(f))).collect();
        assert_eq!(found, ["http://w.example:6", "pac http://w.example/x.pac"]);
    }

    #[test]
    fn exemptions_go_with_their_proxy_and_a_web_server_s_variable_is_not_believed() {
        let machine = Pretend::new(Os::Linux)
            .variable("HTTP_PROXY", "http://evil.example:1")
            .variable("REQUEST_METHOD", "GET")
            .file("/etc/environment", "HTTPS_PROXY=http://p.example:1\nNO_PROXY=.corp.example\n");
        let found = configured(&machine, PATIENCE);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].setter(), "/etc/environment:1");
        assert_eq!(found[0].exemptions.as_deref(), Some(".corp.example"));
    }

    #[test]
    fn a_pac_file_that_always_says_the_same_is_as_good_as_its_proxy() {
        let with = |pac: &str| {
            let machine = Pretend::new(Os::Linux).file("/etc/proxy.pac", pac).file(
                "/home/you/.config/kioslaverc",
                "[Proxy Settings]\nProxyType=2\nProxy Config Script=file:///etc/proxy.pac\n",
            );
            said(configured(&machine, PATIENCE).first())
        };
        let constant =
            "function FindProxyForURL(url, host) {\n  return \"PROXY p.example:8080; DIRECT\";\n}\n";
        assert_eq!(with(constant), "http://p.example:8080, line 3");
        let decides = "function FindProxyForURL(url, host) { if (isPlainHostName(host)) return \"DIRECT\"; return \"PROXY p:1\"; }";
        assert_eq!(with(decides), "pac file:///etc/proxy.pac, line 3");
    }

    #[test]
    fn a_file_url_is_a_path_of_the_system_it_is_read_on() {
        for (url, os, path) in [
            ("file:///etc/a%20proxy.pac", Os::Linux, Some("/etc/a proxy.pac")),
            ("file:///C:/Windows/proxy.pac", Os::Windows, Some("C:/Windows/proxy.pac")),
            ("file://localhost/etc/proxy.pac", Os::Macos, Some("/etc/proxy.pac")),
            ("file://server/share/proxy.pac", Os::Windows, None),
            ("https://proxy.example/proxy.pac", Os::Linux, None),
        ] {
            assert_eq!(file_path(url, os).as_deref(), path, "{url}");
        }
    }

    #[test]
    fn clients_are_those_on_the_path() {
        let machine = Pretend::new(Os::Linux)
            .variable("PATH", "/usr/bin")
            .variable("NODE_USE_ENV_PROXY", "1")
            .file("/usr/bin/curl", "")
            .program("/usr/bin/node", "v24.21.0\n");
        let found: Vec<_> = installed(&machine, PATIENCE)
            .into_iter()
            .map(|c| (c.id, c.version.unwrap_or_default()))
            .collect();
        let wanted = [("curl", ""), ("node-fetch", "v24.21.0"), ("node-https", "v24.21.0")];
        assert_eq!(found, wanted.map(|(id, version)| (id.to_owned(), version.to_owned())));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}") {
            for place in places() {
                let _ = in_text(place, "a file", &text);
            }
            let _ = address(&text);
        }
    }
}
