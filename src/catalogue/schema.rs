//! The form of a tool's file in `tools/`: what TOML says becomes these values, and unknown keys are errors.
//!
//! **Slots** are the idea behind trust. The roots a tool uses are the union of what lies in its slots: the roots
//! compiled into it, the system store, a file, a folder, a key store, an extra file. A [`Trust`] row fills the slots
//! of an untouched installation; a [`Setting`] fills one slot and may clear others. Rows stand in the order of their
//! precedence: of those that fill the same slot the first one that is set wins, and what it clears stays cleared
//! for the rows below it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::pattern::Pattern;
use super::version::Range;
use crate::facts::{Code, Os, ToolId};

/// What is known about one toolchain.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its id, also the name of its file.
    pub id: ToolId,
    /// Its name as its makers write it.
    pub name: String,
    /// The family it is listed under.
    pub family: Family,
    /// What sort of thing it is.
    pub kind: Kind,
    /// The tool whose rows follow its own, weaker than they: `requests` for what is built on requests.
    #[serde(default)]
    pub like: Option<ToolId>,
    /// The runtime that runs it; rows taken over from that one are judged by that one's version and facts.
    #[serde(default)]
    pub runs_on: Option<ToolId>,
    /// How its rows are known, unless a row says otherwise.
    pub verified: Verified,
    /// Where its rows come from: documentation, source, `tried`.
    pub sources: Vec<String>,
    /// What programs it starts get of its trust.
    #[serde(default)]
    pub children: Option<String>,
    /// What surprises people about it.
    #[serde(default)]
    pub notes: Vec<String>,
    /// How installations of it are found.
    pub detect: Detect,
    /// The files that configure it, strongest first.
    #[serde(default, rename = "config")]
    pub configs: Vec<Config>,
    /// The roots of an untouched installation; the first row that applies counts.
    #[serde(default)]
    pub trust: Vec<Trust>,
    /// What changes them, strongest first.
    #[serde(default, rename = "setting")]
    pub settings: Vec<Setting>,
    /// What switches verification off.
    #[serde(default)]
    pub off: Vec<Off>,
    /// Names of files in `errors/` whose texts it may print as well; the loader puts them behind its own.
    #[serde(default)]
    pub speaks: Vec<String>,
    /// What it prints, per cause.
    #[serde(default, rename = "error")]
    pub errors: Vec<ErrorText>,
    /// How it is run for real; the first row that applies counts.
    #[serde(default, rename = "probe")]
    pub probes: Vec<Probe>,
    /// Where its configuration names the hosts it talks to.
    #[serde(default, rename = "host")]
    pub hosts: Vec<HostSource>,
    /// Its own tests.
    #[serde(default, rename = "case")]
    pub cases: Vec<Case>,
}

/// The family a tool is listed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Assistants on the command line.
    Ai,
    /// Desktop programs and browsers.
    App,
    /// Clouds and their SDKs.
    Cloud,
    /// Containers and orchestration.
    Container,
    /// The JavaScript world.
    Javascript,
    /// Java and its build tools.
    Jvm,
    /// Compiled tools and their libraries.
    Native,
    /// Infrastructure and CI.
    Ops,
    /// Packages of an operating system.
    Packages,
    /// The Python world.
    Python,
    /// Other languages.
    Runtime,
}

/// What sort of thing a tool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A desktop program.
    App,
    /// A command.
    Command,
    /// Runs in the background, with an environment of its own.
    Daemon,
    /// Found inside a runtime.
    Library,
    /// Fetches packages.
    PackageManager,
    /// Runs other programs.
    Runtime,
}

/// How something is known: `ran 20.20.2, 22.23.3` or `documentation`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Verified {
    /// Whether it was seen to happen.
    pub ran: bool,
    /// With which versions, or where it is written.
    pub text: String,
}

/// How installations are found.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detect {
    /// Names on `PATH`, without `.exe`; `#` stands for digits.
    #[serde(default)]
    pub programs: Vec<String>,
    /// Programs elsewhere, as patterns of paths.
    #[serde(default)]
    pub places: Paths,
    /// The tool inside whose installations this library is looked for.
    #[serde(default)]
    pub inside: Option<ToolId>,
    /// What is asked of an installation, side by side.
    #[serde(default, rename = "ask")]
    pub asks: Vec<Ask>,
    /// What the answers must contain, or it is another program of the same name.
    #[serde(default)]
    pub identity: Option<Pattern>,
    /// What the answers must not contain.
    #[serde(default)]
    pub reject: Option<Pattern>,
    /// The versions that are this tool, where others of the same name are another one (Yarn 1 and Yarn 4).
    #[serde(default)]
    pub versions: Option<Range>,
}

/// A question to an installation: a file to read or a run of the program. Its answers are **facts**, named texts that
/// paths and conditions of other rows refer to as `{name}`. The fact `version` is the tool's version; installations
/// with the same fact `key` (else the same program behind all links) are one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Files to read instead of running anything, the first that exists; patterns of paths are allowed.
    #[serde(default)]
    pub files: Vec<String>,
    /// Arguments to run the program with.
    #[serde(default)]
    pub arguments: Option<Vec<String>>,
    /// Another program than the tool's own.
    #[serde(default)]
    pub program: Option<String>,
    /// Variables set for the run.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Named groups become facts; matched against the file's text, or both streams of the run.
    #[serde(default)]
    pub pattern: Option<Pattern>,
    /// What the path of a file must match to be read (forward slashes); named groups become facts.
    #[serde(default)]
    pub path_pattern: Option<Pattern>,
    /// Whether every line `name=value` of the answer is a fact.
    #[serde(default)]
    pub lines: bool,
    /// Names the fact that the file's path becomes.
    #[serde(default)]
    pub path_as: Option<String>,
    /// Operating systems it is asked on; empty means all.
    #[serde(default)]
    pub os: Vec<Os>,
}

/// Paths per operating system. `~` is the home folder, `$NAME` and `${NAME:-default}` are variables, `{name}` is a
/// fact or one of `{program}`, `{folder}` (of the program), `{real}`, `{real_folder}` (links followed), `{prefix}`
/// (the folder above `{real_folder}`), `{interpreter}`, `{interpreter_prefix}` (of a script); `*` matches inside one
/// name, `**` any depth.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// On every system.
    #[serde(default)]
    pub all: Vec<String>,
    /// On Linux and other Unixes.
    #[serde(default)]
    pub linux: Vec<String>,
    /// On macOS.
    #[serde(default)]
    pub macos: Vec<String>,
    /// On Windows.
    #[serde(default)]
    pub windows: Vec<String>,
}

/// A file that configures a tool.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Its name in this tool's other rows.
    pub id: String,
    /// How it is written.
    pub format: Format,
    /// Whom it concerns.
    pub scope: Scope,
    /// Where it is; the first that exists unless `every`.
    #[serde(default)]
    pub paths: Paths,
    /// Whether it is looked for from the working folder upwards.
    #[serde(default)]
    pub upwards: bool,
    /// Names of which one marks the folder, from the working folder upwards, that its paths start in; the working
    /// folder when there is none.
    #[serde(default)]
    pub beside: Vec<String>,
    /// Whether every one that exists is read, the first being strongest.
    #[serde(default)]
    pub every: bool,
    /// Variables whose value is read as its path instead.
    #[serde(default)]
    pub moved_by: Vec<String>,
    /// Arguments that make the tool list its configuration with its places, in place of reading files.
    #[serde(default)]
    pub listing: Option<Vec<String>>,
}

/// How a configuration file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// apt's `Name::Sub "value";`.
    Apt,
    /// curl's `name = value`, dashes allowed in front.
    Curlrc,
    /// `git config --list --show-origin -z`.
    Git,
    /// Sections and `key = value`; keys are `section.key`.
    Ini,
    /// JSON, comments and trailing commas allowed; keys are dotted.
    Json,
    /// npm's `key=value`.
    Npmrc,
    /// `key = value` lines without sections; Java's properties, wget's and others' files.
    Properties,
    /// A whole file that is one value, or command-line options over several lines (`.jvmopts`, `.mvn/jvm.config`).
    Text,
    /// TOML; keys are dotted.
    Toml,
    /// YAML; keys are dotted.
    Yaml,
    /// Yarn 1's `key "value"`.
    Yarnrc,
}

/// Whom a configuration file concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// This one installation.
    Installation,
    /// Whoever works in this folder.
    Project,
    /// Everybody on this computer.
    System,
    /// This user.
    User,
}

/// Where a setting stands. Exactly one of `environment`, `config`, `flag`, `command`, `code` is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct At {
    /// A variable.
    #[serde(default)]
    pub environment: Option<String>,
    /// Configuration files by their id, strongest first; with `key`.
    #[serde(default)]
    pub config: Vec<String>,
    /// The key in the file; `*` stands for any text without a dot, `**` for any text.
    #[serde(default)]
    pub key: Option<String>,
    /// A command-line option, which cannot be seen from outside.
    #[serde(default)]
    pub flag: Option<String>,
    /// A command that changes the tool's own store.
    #[serde(default)]
    pub command: Option<String>,
    /// Something in a program's own code.
    #[serde(default)]
    pub code: Option<String>,
    /// What the value must match to be this setting; its first group, if it has one, is the value.
    #[serde(default)]
    pub pattern: Option<Pattern>,
}

/// A place the roots of a tool come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slot {
    /// Compiled in or carried along, as Mozilla gives them.
    Bundled,
    /// A folder of certificates.
    Directory,
    /// A file beside the others.
    Extra,
    /// A file of certificates.
    File,
    /// A Java or PKCS#12 key store.
    Keystore,
    /// The user's or the profile's NSS database.
    Nss,
    /// The operating system's store.
    System,
}

/// The roots of an untouched installation.
#[derive(Clone, Debug, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file, and none excludes another")]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// When it applies.
    #[serde(default)]
    pub os: Vec<Os>,
    /// When it applies.
    #[serde(default)]
    pub versions: Option<Range>,
    /// When it applies: facts and what they must match.
    #[serde(default)]
    pub when: BTreeMap<String, Pattern>,
    /// Mozilla's roots, compiled in or carried along.
    #[serde(default)]
    pub bundled: bool,
    /// The system store.
    #[serde(default)]
    pub system: bool,
    /// The first of these files that exists.
    #[serde(default)]
    pub file: Vec<String>,
    /// All of these folders that exist.
    #[serde(default)]
    pub directory: Vec<String>,
    /// The first of these key stores that exists.
    #[serde(default)]
    pub keystore: Vec<String>,
    /// NSS databases: the first that exists.
    #[serde(default)]
    pub nss: Vec<String>,
    /// Whether it verifies nothing at all.
    #[serde(default)]
    pub verifies_nothing: bool,
    /// How `file` and `directory` are read.
    #[serde(default)]
    pub reader: Option<Reader>,
    /// What is worth knowing.
    #[serde(default)]
    pub note: Option<String>,
    /// Set by the loader: taken over from the runtime, so judged by its version and facts.
    #[serde(skip)]
    pub of_runtime: bool,
}

/// Something that changes a tool's roots.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Where it stands.
    pub at: At,
    /// What it is given.
    pub value: Value,
    /// Whether a file with nothing but the company's roots leaves the public roots in place.
    pub effect: Effect,
    /// The slot it fills; absent: none (it is here because people set it in vain).
    #[serde(default)]
    pub sets: Option<Slot>,
    /// The slots it empties.
    #[serde(default)]
    pub clears: Vec<Slot>,
    /// How its file or folder is read.
    #[serde(default)]
    pub reader: Option<Reader>,
    /// For switches: which values switch it on.
    #[serde(default)]
    pub on: On,
    /// When it applies.
    #[serde(default)]
    pub versions: Option<Range>,
    /// When it applies.
    #[serde(default)]
    pub os: Vec<Os>,
    /// When it applies: facts and what they must match.
    #[serde(default)]
    pub when: BTreeMap<String, Pattern>,
    /// Names of settings of which one must be set for this one to be read.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Names of settings that, set, keep this one from being read.
    #[serde(default)]
    pub unless: Vec<String>,
    /// What an empty value does.
    #[serde(default)]
    pub empty: Empty,
    /// Whether it counts for everything or for the hosts that stand in its key.
    #[serde(default)]
    pub reach: Reach,
    /// What a relative path is relative to.
    #[serde(default)]
    pub relative_to: RelativeTo,
    /// Whether the value is a list of paths.
    #[serde(default)]
    pub list: bool,
    /// In which order it is considered for being set by `env` and `fix`, 1 first; absent: never set.
    #[serde(default)]
    pub emit: Option<u8>,
    /// What is written, `{file}` being the file; absent: the file, or the first value of `on`.
    #[serde(default)]
    pub write: Option<String>,
    /// What programs it starts get of it.
    #[serde(default)]
    pub children: Option<String>,
    /// What goes wrong with it.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Where it is documented.
    #[serde(default)]
    pub source: Option<String>,
    /// How it is known, where that differs from the tool's.
    #[serde(default)]
    pub verified: Option<Verified>,
    /// Set by the loader: taken over from the runtime, so judged by its version and facts.
    #[serde(skip)]
    pub of_runtime: bool,
}

/// What a setting is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// A PEM file with the company's roots alone.
    Authorities,
    /// A PEM file with all roots.
    Bundle,
    /// A folder.
    Directory,
    /// The PEM text itself.
    Inline,
    /// A key store.
    Keystore,
    /// On or off.
    Switch,
}

/// What a setting does to the public roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// They stay.
    Append,
    /// Nothing: the tool does not read it.
    None,
    /// They go, on some system or in some build at least.
    Replace,
}

/// Who reads a file of certificates; `judge::reader` knows how each of them reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reader {
    /// Bun's `NODE_EXTRA_CA_CERTS`: one bad block and the whole file is dropped, with a warning.
    BunExtra,
    /// NSS's certutil and keytool: the first certificate only.
    FirstOnly,
    /// GnuTLS: joined blocks are fine, a broken block loses all, DER is silently nothing.
    Gnutls,
    /// Go's crypto/x509: bad blocks are skipped, joined blocks lose all, a BOM loses the first.
    Go,
    /// gRPC: blocks before a broken one.
    Grpc,
    /// Java's key stores.
    Java,
    /// libcurl with OpenSSL: anything wrong is an error before connecting.
    Libcurl,
    /// libcurl with GnuTLS: a missing or broken file is an error, DER is silently nothing, joined blocks are fine.
    LibcurlGnutls,
    /// Node's `NODE_EXTRA_CA_CERTS`: blocks before a broken one, DER and empty silently nothing.
    NodeExtra,
    /// npm's, pnpm's and Yarn 1's `cafile`: split at the END lines, bad blocks are harmless, missing is ignored.
    NpmCafile,
    /// OpenSSL's `SSL_CERT_FILE`: anything wrong loses all, without a word; folders need hashed names.
    OpensslDefault,
    /// OpenSSL asked by name (requests, httpx, botocore, Ruby, ...): anything wrong is an error.
    OpensslStrict,
    /// PHP streams: certificate by certificate, missing is an error.
    Php,
    /// rustls-native-certs: bad blocks are skipped, a BOM loses the first, DER is nothing; any name in a folder.
    RustlsNative,
    /// uv from 0.12 on: good blocks are kept, a BOM loses all, a file of no use means no roots at all.
    Uv,
    /// uv before 0.12: the same, but a file of no use is as none.
    UvLenient,
    /// Deno and others that give PEM to webpki: bad base64 is an error.
    Webpki,
    /// Yarn 2 and later: blocks before a broken one, a missing file is an error.
    YarnBerry,
}

/// Which values switch something on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum On {
    /// Any value but an empty one.
    #[default]
    Filled,
    /// Its presence, even with an empty value.
    Present,
    /// Being there with an empty value.
    Empty,
    /// One of these, whatever the case of the letters.
    Values(Vec<String>),
    /// One of these, letter by letter.
    Exactly(Vec<String>),
    /// Anything but these and the empty value, whatever the case of the letters.
    Except(Vec<String>),
}

/// What an empty value does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Empty {
    /// The tool fails.
    Fails,
    /// It counts as an empty set of roots.
    NoRoots,
    /// As if it were not set.
    #[default]
    Unset,
}

/// What a relative path is relative to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelativeTo {
    /// The folder of the file it stands in.
    ConfigFolder,
    /// The folder above that one (cargo's `.cargo/config.toml`).
    AboveConfigFolder,
    /// The working folder.
    #[default]
    WorkingFolder,
}

/// Something that switches verification off.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Off {
    /// Where it stands.
    pub at: At,
    /// Which values do it.
    #[serde(default)]
    pub on: On,
    /// How far it reaches.
    #[serde(default)]
    pub reach: Reach,
    /// When it applies.
    #[serde(default)]
    pub versions: Option<Range>,
    /// When it applies.
    #[serde(default)]
    pub os: Vec<Os>,
    /// When it applies: facts and what they must match.
    #[serde(default)]
    pub when: BTreeMap<String, Pattern>,
    /// What is worth knowing.
    #[serde(default)]
    pub note: Option<String>,
    /// How it is known, where that differs from the tool's.
    #[serde(default)]
    pub verified: Option<Verified>,
    /// Set by the loader: taken over from the runtime, so judged by its version and facts.
    #[serde(skip)]
    pub of_runtime: bool,
}

/// How far a setting or a switch reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Every connection.
    #[default]
    All,
    /// The hosts that its key or value lists.
    Hosts,
    /// Only the name is no longer compared.
    Names,
    /// Another part than what the tool itself downloads with.
    Part,
}

/// What a library says when TLS fails: a file in `errors/`, for all the tools that speak its words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Its id, also the name of its file.
    pub id: String,
    /// Its name as its makers write it.
    pub name: String,
    /// How the texts are known.
    pub verified: Verified,
    /// Where they come from.
    pub sources: Vec<String>,
    /// What it prints, per cause; the particular texts stand before the general ones.
    #[serde(rename = "error")]
    pub errors: Vec<ErrorText>,
}

/// A text a tool prints, and what it means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorText {
    /// What it means.
    pub cause: Cause,
    /// The text; a group named `host` or `url` captures whom it is about.
    pub text: Pattern,
    /// A real line, for tests and documentation.
    pub example: String,
    /// Look-alikes that print the very same text.
    #[serde(default)]
    pub not_told_apart: Vec<Cause>,
    /// What is worth knowing.
    #[serde(default)]
    pub note: Option<String>,
    /// When it applies.
    #[serde(default)]
    pub versions: Option<Range>,
}

/// Why TLS failed, as far as a tool's words tell: a finding's code, or a class of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(untagged)]
pub enum Cause {
    /// One finding.
    Code(Code),
    /// A class: the words alone do not tell which.
    Class(Class),
}

/// What several findings look like in a tool's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// TLS failed, and the tool does not say why.
    TlsFailed,
    /// No path to a trusted root: inspection, a private CA, a missing intermediate.
    Untrusted,
}

/// How a tool is run for real.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// When it applies.
    #[serde(default)]
    pub versions: Option<Range>,
    /// When it applies.
    #[serde(default)]
    pub os: Vec<Os>,
    /// When it applies: facts and what they must match.
    #[serde(default)]
    pub when: BTreeMap<String, Pattern>,
    /// Another program than the tool's own; facts and path words as in [`Paths`].
    #[serde(default)]
    pub program: Option<String>,
    /// Its arguments: `{url}` (`https://host:port/`), `{host}`, `{port}`, `{scratch}` (an empty folder of its own,
    /// its working folder) and facts are filled in.
    pub arguments: Vec<String>,
    /// Files laid into `{scratch}` before, their text filled in likewise.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Variables set for the run, filled in likewise, after the ones under test.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// What it reads on standard input.
    #[serde(default)]
    pub input: Option<String>,
    /// Seconds after which it is ended.
    #[serde(default = "Probe::usual_deadline")]
    pub deadline: u64,
    /// What its end means, the first rule that fits; then the tool's error texts; then inconclusive.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
    /// What is worth knowing.
    #[serde(default)]
    pub note: Option<String>,
}

/// What the end of a probe means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The exit codes it is about; empty: any.
    #[serde(default)]
    pub exit: Vec<i32>,
    /// What one of the streams must contain.
    #[serde(default)]
    pub text: Option<Pattern>,
    /// What it means.
    pub means: Meaning,
}

/// What a run proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Meaning {
    /// TLS failed, because of this.
    Fails(Cause),
    /// Nothing about TLS.
    Inconclusive,
    /// A TLS handshake with verification was finished.
    Works,
}

/// Where a tool's configuration names a host it talks to. Exactly one of `at` and `ask` is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostSource {
    /// A setting whose value is a URL, or has one by `at.pattern`.
    #[serde(default)]
    pub at: Option<At>,
    /// A question whose facts `url` (and `url2`, ...) are the answer: for defaults that are compiled in.
    #[serde(default)]
    pub ask: Option<Ask>,
    /// Whether it is the tool's default, used only when none of the rows above gave a host.
    #[serde(default)]
    pub default: bool,
}

/// A test that a tool's file carries: either what an environment makes it trust, or what a text means.
///
/// Names of files stand for contents: `ca.pem` (the network's CA alone), `full.pem` (all roots with it), `web.pem`
/// (the public roots), `old.pem` (another CA alone), `empty.pem`, `der.pem`, `broken.pem` (a broken block between
/// two good ones), `ca.p12`/`ca.jks` (key stores with the CA); anything else does not exist.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The sentence it proves.
    pub name: String,
    /// The tool's version.
    #[serde(default)]
    pub version: Option<String>,
    /// The version of the runtime that runs it.
    #[serde(default)]
    pub runtime: Option<String>,
    /// The operating system; Linux when absent.
    #[serde(default)]
    pub os: Option<Os>,
    /// Facts of the installation.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// The environment.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Configuration files by the id of their row, with their text.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// Whether the system store holds the network's CA; it does when absent.
    #[serde(default = "Case::in_system_store")]
    pub installed: bool,
    /// Expected: whether the network's CA is trusted.
    #[serde(default)]
    pub trusts: Option<bool>,
    /// Expected: whether the public roots are trusted.
    #[serde(default)]
    pub public: Option<bool>,
    /// Expected: what decided, in the order of the report.
    #[serde(default)]
    pub set_by: Option<String>,
    /// Expected: the findings, in any order.
    #[serde(default)]
    pub findings: Option<Vec<Code>>,
    /// A text the probe printed.
    #[serde(default)]
    pub text: Option<String>,
    /// The code the probe ended with.
    #[serde(default)]
    pub exit: Option<i32>,
    /// Expected: what text and exit code mean.
    #[serde(default)]
    pub means: Option<Meaning>,
}

impl Paths {
    /// Returns the paths of a system, the particular ones first.
    pub fn of(&self, os: Os) -> impl Iterator<Item = &str> {
        let own = match os {
            Os::Linux | Os::Unix => &self.linux,
            Os::Macos => &self.macos,
            Os::Windows => &self.windows,
        };
        own.iter().chain(&self.all).map(String::as_str)
    }
}

impl At {
    /// Returns the name people know it by: the variable, the key, the option, the command.
    pub fn name(&self) -> &str {
        [&self.environment, &self.key, &self.flag, &self.command, &self.code]
            .into_iter()
            .find_map(Option::as_deref)
            .unwrap_or_default()
    }

    /// Whether an entry of a configuration file stands here: `*` in the key is any text without a dot, `**` any text.
    pub fn is_entry(&self, config: &str, key: &str) -> bool {
        self.config.iter().any(|c| c == config) && self.key.as_deref().is_some_and(|k| is_key(k, key))
    }
}

/// Whether a key fits a pattern of keys; the case of letters does not matter.
fn is_key(pattern: &str, key: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern.eq_ignore_ascii_case(key) };
    let (tail, any) = tail.strip_prefix('*').map_or((tail, false), |tail| (tail, true));
    let Some(rest) =
        key.get(..head.len()).filter(|k| k.eq_ignore_ascii_case(head)).map(|_| &key[head.len()..])
    else {
        return false;
    };
    let longest = if any { rest.len() } else { rest.find('.').unwrap_or(rest.len()) };
    (0..=longest).any(|at| rest.is_char_boundary(at) && is_key(tail, &rest[at..]))
}

impl On {
    /// Whether this value, of something that is there, switches it on.
    pub fn is_on(&self, value: &str) -> bool {
        let one_of = |list: &[String]| list.iter().any(|v| v.eq_ignore_ascii_case(value.trim()));
        match self {
            Self::Filled => !value.is_empty(),
            Self::Present => true,
            Self::Empty => value.trim().is_empty(),
            Self::Values(list) => one_of(list),
            Self::Exactly(list) => list.iter().any(|v| v == value),
            Self::Except(list) => !value.trim().is_empty() && !one_of(list),
        }
    }
}

impl Probe {
    fn usual_deadline() -> u64 {
        20
    }
}

impl Case {
    fn in_system_store() -> bool {
        true
    }
}

impl Cause {
    /// Returns the stable text: a finding's code or the class.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code(code) => code.as_str(),
            Self::Class(Class::TlsFailed) => "tls-failed",
            Self::Class(Class::Untrusted) => "untrusted",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().map(Self::Code).ok().or(match text {
            "tls-failed" => Some(Self::Class(Class::TlsFailed)),
            "untrusted" => Some(Self::Class(Class::Untrusted)),
            _ => None,
        })
    }
}

impl TryFrom<String> for Meaning {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "works" => Ok(Self::Works),
            "inconclusive" => Ok(Self::Inconclusive),
            other => Cause::parse(other)
                .map(Self::Fails)
                .ok_or_else(|| format!("`{other}` is neither `works`, `inconclusive` nor a cause")),
        }
    }
}

impl TryFrom<String> for Verified {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.split_whitespace().next() {
            Some("ran") => Ok(Self { ran: true, text }),
            Some("documentation" | "source") => Ok(Self { ran: false, text }),
            _ => Err(format!("`{text}` begins neither with `ran` nor with `documentation` or `source`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_in_a_key_stops_at_a_dot_and_two_do_not() {
        for (pattern, key, fits) in [
            ("cafile", "cafile", true),
            ("http.sslCAInfo", "http.sslcainfo", true),
            ("http.**.sslCAInfo", "http.https://git.example/.sslcainfo", true),
            ("http.*.sslCAInfo", "http.https://git.example/.sslcainfo", false),
            ("tool.source.*.verify_ssl", "tool.source.0.verify_ssl", true),
            ("//**:cafile", "//r.example/npm/:cafile", true),
            ("**", "", true),
            ("*", "a.b", false),
            ("cafile", "ca", false),
        ] {
            assert_eq!(is_key(pattern, key), fits, "{pattern} {key}");
        }
    }

    #[test]
    fn switches_know_their_own_yes() {
        let list = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
        for (on, value, is_on) in [
            (On::Filled, "0", true),
            (On::Filled, "", false),
            (On::Present, "", true),
            (On::Empty, " ", true),
            (On::Values(list(&["false"])), "False", true),
            (On::Exactly(list(&["1"])), "true", false),
            (On::Except(list(&["0", "false"])), "FALSE", false),
            (On::Except(list(&["0"])), "", false),
            (On::Except(list(&["0"])), "no", true),
        ] {
            assert_eq!(on.is_on(value), is_on, "{on:?} {value:?}");
        }
    }
}
