//! Configuration files as keys and values with their lines. A file that cannot be read as its format gives what
//! could be read before: half an answer with its place beats none.
//!
//! Whoever's folder one works in may have put one there that is meant to cost time and memory, so what is taken apart
//! is bounded by pieces and by depth, and the texts of several tools are taken apart one after the other.

mod answers;
pub(crate) mod git;
mod json;
mod lines;
mod toml;
mod xml;
mod yaml;

use std::sync::{Mutex, PoisonError};

use crate::catalogue::schema::Format;

/// The most pieces (lines, elements, keys) that are looked at; real files have some hundred. A file that has more is read
/// up to there.
const MOST_PIECES: usize = 50_000;

/// How deep keys are followed; those of settings have some five levels.
const DEEPEST: usize = 32;

/// The longest key that can be one of ours.
const LONGEST_KEY: usize = 1000;

/// A key, its value and its line, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The file, where the text is a listing of several.
    pub file: Option<String>,
    /// The line.
    pub line: Option<usize>,
    /// The key with its sections, joined by dots.
    pub key: String,
    /// The value, unquoted.
    pub value: String,
}

/// Reads a configuration text, the strongest entry first: where a key stands twice, the lower line counts.
pub(crate) fn strongest_first(format: Format, text: &str, wanted: impl Fn(&str) -> bool) -> Vec<Entry> {
    let mut entries = read(format, text, wanted);
    // git's answer is turned round already: it tells of several files
    if format != Format::Git {
        entries.reverse();
    }
    entries
}

/// Reads a configuration text, and keeps the entries with the wanted keys.
pub(crate) fn read(format: Format, text: &str, wanted: impl Fn(&str) -> bool) -> Vec<Entry> {
    // what is not wanted takes many times the text's own memory for a moment
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let text = beginning(format, text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut entries = all(format, text);
    entries.retain(|entry| entry.key.len() <= LONGEST_KEY && wanted(&entry.key));
    entries.shrink_to_fit();
    entries
}

/// Returns as much of a text as has no more pieces than are looked at.
fn beginning(format: Format, text: &str) -> &str {
    // the characters before which a new piece can begin
    let separators: &[u8] = match format {
        Format::Text => b"",
        Format::Git => b"\0",
        Format::Apt => b"\n;{}",
        Format::Unit => b"\n ",
        // quotation marks and blanks too, because commas may be left out
        Format::Json => b"\n,:[{\"' ",
        Format::Yaml => b"\n,:[{",
        Format::Toml => b"\n,=.[{",
        Format::Xml => b"\n<=",
        Format::Gsettings | Format::Scutil => b"\n,",
        Format::Curlrc
        | Format::Ini
        | Format::Npmrc
        | Format::Prefs
        | Format::Properties
        | Format::Reg
        | Format::WinHttp
        | Format::Yarnrc => b"\n",
    };
    let mut before = 0;
    let mut places = text.bytes().enumerate().filter(|(_, byte)| {
        let goes_on = *byte == b' ' && before == b' ';
        before = *byte;
        separators.contains(byte) && !goes_on
    });
    places.nth(MOST_PIECES).map_or(text, |(at, _)| &text[..at])
}

fn all(format: Format, text: &str) -> Vec<Entry> {
    match format {
        Format::Apt => lines::apt(text),
        Format::Curlrc => lines::curlrc(text),
        Format::Git => git::listing(text),
        Format::Gsettings => answers::gsettings(text),
        Format::Ini => lines::ini(text),
        Format::Json => json::read(text),
        Format::Npmrc => lines::npmrc(text),
        Format::Prefs => lines::prefs(text),
        Format::Properties => lines::properties(text),
        Format::Reg => answers::reg(text),
        Format::Scutil => answers::scutil(text),
        Format::Text => vec![Entry::new(1, "", text.trim())],
        Format::Toml => toml::read(text),
        Format::Unit => lines::unit(text),
        Format::WinHttp => answers::win_http(text),
        Format::Xml => xml::read(text),
        Format::Yaml => yaml::read(text),
        Format::Yarnrc => lines::yarnrc(text),
    }
}

impl Entry {
    fn new(line: usize, key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { file: None, line: Some(line), key: key.into(), value: value.into() }
    }
}

/// Where the lines of a text end: counting them anew for each entry would take time without end.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    /// Returns the line of a byte offset, counted from 1.
    fn number(&self, offset: usize) -> usize {
        self.0.partition_point(|end| *end < offset) + 1
    }
}

/// Joins a key to those above it.
fn below(above: &str, key: &str) -> String {
    if above.is_empty() { key.to_owned() } else { format!("{above}.{key}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lab::mutated::mutated;

    /// Every format with a real text of it.
    const REAL: [(Format, &str); 18] = [
        (
            Format::Apt,
            "// c\nAcquire::https::CAInfo \"/a.pem\";\nAcquire { https { Verify-Peer \"false\"; }; };\n",
        ),
        (Format::Curlrc, "# c\n--cacert /a.pem\nproxy = \"http://p:1\"\n-k\ninsecure\n"),
        (Format::Git, "file:/etc/gitconfig\0http.sslverify\nfalse\0file:.git/config\0http.x\0"),
        (
            Format::Gsettings,
            "org.gnome.system.proxy ignore-hosts ['a', 'b']\norg.gnome.system.proxy mode 'none'\n",
        ),
        (Format::Ini, "[global]\ncert = /a.pem\ntrusted-host =\n  a\n  b ; c\n[x \"y\"]\nk: v\nflag\n"),
        (
            Format::Json,
            "{ // c\n \"http.proxyStrictSSL\": false,\n \"l\": [\"x\", {\"a\": null}], /* d */\n}",
        ),
        (Format::Npmrc, "; c\ncafile=\"/a.pem\"\nca[]=x\n//r.example/:_authToken=t\nstrict-ssl\n"),
        (Format::Prefs, "// c\nuser_pref(\"security.enterprise_roots.enabled\", false);\n"),
        (Format::Properties, "# c\na.b = c\\\n  d\n! e\nproxy\\:x:1\nsystemProp.x y\n"),
        (Format::Reg, "\r\n    ProxyEnable    REG_DWORD    0x1\r\n    ProxyServer    REG_SZ    p:1\r\n"),
        (
            Format::Scutil,
            "<dictionary> {\n  ExceptionsList : <array> {\n    0 : *.local\n  }\n  HTTPSPort : 1\n}\n",
        ),
        (Format::Text, "-Djavax.net.ssl.trustStore=/a.p12\n-Xmx1g\n"),
        (
            Format::Toml,
            "[http]\ncainfo = \"/a.pem\"\n[a.b]\nc = [1, {d = '''x'''}]\n[[e]]\nf.g = 1979-05-27\n",
        ),
        (Format::Unit, "[Service]\nEnvironment=\"A=b c\" 'D=e'\nDefaultEnvironment=F=g\n"),
        (
            Format::WinHttp,
            "    WinHttpSettings    REG_BINARY    1800000000000000030000000700000070726F78793A3109000000612E6578616D706C65\r\n",
        ),
        (
            Format::Xml,
            "<?xml version=\"1.0\"?>\n<c><!-- d --><add key=\"k\" value=\"v\"/><p><h>x</h></p></c>\n",
        ),
        (Format::Yaml, "---\nssl_verify: false\nlist:\n- a\n- &x b: *x\nq: |\n  t\n? k\n: {a: [b, c]}\n"),
        (Format::Yarnrc, "# c\ncafile \"/a.pem\"\n\"strict-ssl\" false\nflag\n"),
    ];

    const WORDS: &[&[u8]] = &[
        b"[",
        b"]",
        b"{",
        b"}",
        b"\"",
        b"'",
        b"\\\n",
        b"\n",
        b"\r",
        b"\0",
        b"=",
        b": ",
        b"- ",
        b", ",
        b"&a ",
        b"*a",
        b"<a>",
        b"</a>",
        b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
        b"&b;",
        b"/*",
        b"#",
        b"\"\"\"",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"    REG_BINARY    ",
    ];

    #[test]
    fn every_real_text_has_entries_and_only_wanted_ones_are_kept() {
        for (format, text) in REAL {
            assert!(!read(format, text, |_| true).is_empty(), "{format:?}");
            assert!(read(format, text, |_| false).is_empty(), "{format:?}");
        }
    }

    /// Pieces of which a text can be nothing but, with what ends it.
    const ENDLESS: [(&str, &str); 24] = [
        ("[", "]"),
        ("{", "}"),
        ("a {", "};"),
        ("[a,\n", ""),
        ("- ", "x"),
        ("{a: ", "}"),
        ("a = {", "}"),
        ("a.", "b = 1"),
        ("{\"a\":", "}"),
        ("<a>", "</a>"),
        ("<a b=\"c\"/>", ""),
        ("a=b\n", ""),
        ("a=b\\\n", ""),
        (" c\n", ""),
        ("=\n", ""),
        ("\"a\":0,\n", ""),
        ("[a]\n", ""),
        ("\0", ""),
        ("a\n\0", ""),
        ("Environment=a=b ", ""),
        ("user_pref(\"a\",", ")"),
        ("a: &a x\n", ""),
        ("a {b \"c\";", ""),
        ("'", ""),
    ];

    #[test]
    fn a_text_that_was_made_to_cost_time_and_memory_is_read_up_to_its_bounds() {
        for (unit, end) in ENDLESS {
            let times = 60_000 / unit.len();
            let whole = format!("{}{}", unit.repeat(times), end.repeat(times));
            let (array, object) = (format!("[{whole}0]"), format!("{{{whole}\"b\":1}}"));
            for text in [&whole, &format!("a=b\n{whole}"), &array, &object] {
                for (format, _) in REAL {
                    let entries = read(format, text, |_| true);
                    assert!(entries.len() <= MOST_PIECES + 1, "{format:?} {unit:?}: {}", entries.len());
                    let keys: usize = entries.iter().map(|entry| entry.key.len()).sum();
                    assert!(keys <= 3 * text.len(), "{format:?} {unit:?}: {keys} octets of keys");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_changed_text_gives_entries_of_its_own_lines(
            bytes in mutated(REAL.map(|(_, text)| text.as_bytes().to_vec()).to_vec(), WORDS),
        ) {
            let text = String::from_utf8_lossy(&bytes);
            let lines = text.split('\n').count();
            for (format, _) in REAL {
                for entry in read(format, &text, |_| true) {
                    let inside = entry.line.is_none_or(|line| (1..=lines).contains(&line));
                    prop_assert!(inside, "{:?} {:?}", format, entry);
                    prop_assert!(entry.key.len() <= LONGEST_KEY);
                }
            }
            prop_assert!(git::lines(&text).values().all(|line| (1..=lines).contains(line)));
        }
    }

    fn plain(format: Format, text: &str) -> Vec<(usize, String, String)> {
        read(format, text, |_| true).into_iter().map(|e| (e.line.unwrap_or(0), e.key, e.value)).collect()
    }

    #[test]
    fn each_format_gives_keys_values_and_lines() {
        for (format, text, wanted) in [
            (
                Format::Npmrc,
                "# c\nregistry = https://r.example/ \n; x\n//r.example/:cafile=${HOME}/x\ncafile=\"/a b.pem\"\nalways-auth",
                vec![
                    (2, "registry", "https://r.example/"),
                    (4, "//r.example/:cafile", "${HOME}/x"),
                    (5, "cafile", "/a b.pem"),
                    (6, "always-auth", "true"),
                ],
            ),
            (
                Format::Ini,
                "[global]\ncert = /a.pem\n# c\n[install]\r\ntrusted-host =\n    a.example\n    b.example\n",
                vec![(2, "global.cert", "/a.pem"), (5, "install.trusted-host", "a.example b.example")],
            ),
            (
                Format::Curlrc,
                "# c\n--cacert \"/a b.pem\"\ninsecure\nproxy = http://p\n-k\ncacert=/x\n-sku me:x\n-S # because\n",
                vec![
                    (2, "cacert", "/a b.pem"),
                    (3, "insecure", ""),
                    (4, "proxy", "http://p"),
                    (5, "-k", ""),
                    (6, "cacert", "/x"),
                    (7, "-s", ""),
                    (7, "-k", ""),
                    (7, "-u", "me:x"),
                    (8, "-S", ""),
                ],
            ),
            (
                Format::Properties,
                "# c\nsystemProp.javax.net.ssl.trustStore=/a\\\n  /b.p12\n! c\nx : y",
                vec![(2, "systemProp.javax.net.ssl.trustStore", "/a/b.p12"), (5, "x", "y")],
            ),
            (
                Format::Yarnrc,
                "# yarn lockfile v1\ncafile \"/a.pem\"\nstrict-ssl false\n",
                vec![(2, "cafile", "/a.pem"), (3, "strict-ssl", "false")],
            ),
            (
                Format::Yaml,
                "ssl_verify: /a.pem # c\nnetworkSettings:\n  \"r.example\":\n    httpsCaFilePath: ./x\n:ssl_verify_mode: 0\nlist:\n  - a\n  - b\n",
                vec![
                    (1, "ssl_verify", "/a.pem"),
                    (4, "networkSettings.r.example.httpsCaFilePath", "./x"),
                    (5, ":ssl_verify_mode", "0"),
                    (7, "list.0", "a"),
                    (8, "list.1", "b"),
                ],
            ),
            (
                Format::Json,
                "{ // c\n \"http.proxyStrictSSL\": false,\n \"config\": { \"cafile\": \"/a\", },\n \"l\": [\"x\"]\n}",
                vec![(2, "http.proxyStrictSSL", "false"), (3, "config.cafile", "/a"), (4, "l.0", "x")],
            ),
            (
                Format::Toml,
                "[http]\ncainfo = \"/a.pem\"\n[registries.x]\nindex = 'sparse+https://r.example/'\n[[tool.pdm.source]]\nverify_ssl = false\n",
                vec![
                    (2, "http.cainfo", "/a.pem"),
                    (4, "registries.x.index", "sparse+https://r.example/"),
                    (6, "tool.pdm.source.0.verify_ssl", "false"),
                ],
            ),
            (
                Format::Apt,
                "// c\nAcquire::https::CAInfo \"/a.pem\";\nAcquire { https { Verify-Peer \"false\"; }; };\n",
                vec![(2, "Acquire::https::CAInfo", "/a.pem"), (3, "Acquire::https::Verify-Peer", "false")],
            ),
        ] {
            let wanted: Vec<_> =
                wanted.into_iter().map(|(l, k, v)| (l, k.to_owned(), v.to_owned())).collect();
            assert_eq!(plain(format, text), wanted, "{format:?}");
        }
    }

    #[test]
    fn a_broken_file_gives_what_stands_before_the_break() {
        assert_eq!(plain(Format::Yaml, "a: b\nc: [\n").first(), Some(&(1, "a".to_owned(), "b".to_owned())));
        for format in [Format::Json, Format::Toml, Format::Yaml, Format::Ini, Format::Apt, Format::Git] {
            for hostile in ["", "\0\u{1}", "[[[[", "{\"a\":", "= =\n=", "}}}};;", "\u{feff}"] {
                read(format, hostile, |_| true);
            }
        }
    }
}
