//! Where programs are: on `PATH`, behind shims, and in the places the catalogue names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use super::path::{canonical, folder, glob, is_file, is_program, is_slash, name, upwards};
use crate::catalogue::Tool;
use crate::catalogue::fill::Filling;
use crate::edge::Reading;
use crate::facts::Os;

/// A program that may be a tool.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// Its path as it was found.
    pub path: String,
    /// Its path behind all links and shims.
    pub real: String,
    /// Whether its name starts it: it is the first on `PATH`.
    pub first: bool,
    /// What is known about it before it is asked.
    pub facts: BTreeMap<String, String>,
}

impl Candidate {
    /// Returns what is started: the program behind its shim, but not behind its links. A virtual environment's python
    /// is known by the link it was started through, rustup's and busybox's programs by its name.
    pub(crate) fn program(&self) -> &str {
        self.facts.get("program").unwrap_or(&self.path)
    }
}

/// The folders of `PATH` with what is in them, listed when first needed.
pub(crate) struct Finder<'a> {
    reading: &'a dyn Reading,
    os: Os,
    folders: Vec<Folder>,
    extensions: Vec<String>,
    base: BTreeMap<String, String>,
}

/// A folder of `PATH`.
struct Folder {
    path: String,
    listed: OnceLock<Vec<String>>,
}

impl<'a> Finder<'a> {
    pub(crate) fn new(reading: &'a dyn Reading) -> Self {
        let (os, environment) = (reading.platform().os, reading.environment());
        let mut seen = BTreeSet::new();
        let folders = environment
            .get("PATH")
            .unwrap_or_default()
            .split(os.list_separator())
            .map(|f| f.trim_matches('"'))
            .filter(|f| !f.is_empty() && seen.insert(f.to_owned()))
            .map(|f| Folder { path: f.to_owned(), listed: OnceLock::new() })
            .collect();
        let extensions = match os {
            Os::Windows => [".exe", ".cmd", ".bat", ".com"].map(str::to_owned).to_vec(),
            _ => vec![String::new()],
        };
        let text = |path: std::path::PathBuf| path.to_string_lossy().into_owned();
        let base = [
            ("distribution", Some(reading.platform().distribution.join(" "))),
            ("home", reading.home().map(text)),
            ("working_folder", Some(text(reading.working_folder()))),
        ];
        let base = base.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        Self { reading, os, folders, extensions, base }
    }

    /// Returns the programs that may be this tool: those on `PATH` in its order, then those elsewhere. Two names in
    /// the same folder for the same program are one.
    pub(crate) fn programs(&self, tool: &Tool) -> Vec<Candidate> {
        let on_path = tool.detect.programs.iter().flat_map(|name| self.on_path(name));
        let filling = Filling { environment: self.reading.environment(), facts: &self.base, os: self.os };
        let elsewhere = tool
            .detect
            .places
            .of(self.os)
            .flat_map(|template| filling.paths(template))
            .flat_map(|pattern| glob(self.reading, &pattern))
            .filter(|path| is_file(self.reading, path));
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for (path, on_path) in on_path.map(|p| (p, true)).chain(elsewhere.map(|p| (p, false))) {
            let Some(behind) = self.behind_shim(&path) else { continue };
            let real = canonical(self.reading, &behind);
            let its_folder = canonical(self.reading, folder(&behind, self.os));
            if seen.insert((its_folder, real.clone())) {
                let first = on_path && !found.iter().any(|c: &Candidate| c.first);
                found.push(self.candidate(path, &behind, real, first));
            }
        }
        found
    }

    /// Describes the program at a path.
    pub(crate) fn at(&self, path: &str) -> Candidate {
        let behind = self.behind_shim(path).unwrap_or_else(|| path.to_owned());
        let real = canonical(self.reading, &behind);
        self.candidate(path.to_owned(), &behind, real, false)
    }

    /// Returns the first program of this name on `PATH`.
    pub(crate) fn first(&self, name: &str) -> Option<String> {
        self.on_path(name).into_iter().next()
    }

    fn on_path(&self, wanted: &str) -> Vec<String> {
        let separator = if self.os == Os::Windows { '\\' } else { '/' };
        let in_folder = |f: &Folder| -> Vec<String> {
            let base = f.path.trim_end_matches(is_slash(self.os));
            if wanted.contains('#') {
                let named = self.listed(f).iter().filter(|p| {
                    let plain = name(p, self.os);
                    self.extensions
                        .iter()
                        .any(|e| plain.strip_suffix(e.as_str()).is_some_and(|n| is_program(wanted, n)))
                });
                named.cloned().collect()
            } else {
                self.extensions.iter().map(|e| format!("{base}{separator}{wanted}{e}")).collect()
            }
        };
        self.folders.iter().flat_map(in_folder).filter(|path| is_file(self.reading, path)).collect()
    }

    fn listed<'f>(&self, folder: &'f Folder) -> &'f [String] {
        folder.listed.get_or_init(|| {
            let listed = self.reading.list(Path::new(&folder.path)).unwrap_or_default();
            listed.iter().filter_map(|path| Some(path.to_str()?.to_owned())).collect()
        })
    }

    fn candidate(&self, path: String, behind: &str, real: String, first: bool) -> Candidate {
        let mut facts = self.base.clone();
        let mut set = |name: &str, value: &str| facts.insert(name.to_owned(), value.to_owned());
        set("program", behind);
        set("folder", folder(behind, self.os));
        set("real", &real);
        set("real_folder", folder(&real, self.os));
        set("prefix", folder(folder(&real, self.os), self.os));
        if let Some(interpreter) = self.interpreter(&real) {
            set("interpreter_folder", folder(&interpreter, self.os));
            set("interpreter_prefix", folder(folder(&interpreter, self.os), self.os));
            set("interpreter", &interpreter);
        }
        Candidate { path, real, first, facts }
    }

    /// Returns the program that a script's first line names: `#!/opt/x/bin/python`, `#!/usr/bin/env node`.
    fn interpreter(&self, script: &str) -> Option<String> {
        let start = self.reading.read_start(Path::new(script), 1024).ok()?;
        let line = start.strip_prefix(b"#!")?.split(|b| *b == b'\n').next()?;
        let line = std::str::from_utf8(line).ok()?;
        let mut words = line.split_whitespace();
        let program = words.next()?;
        if name(program, self.os) != "env" {
            return Some(program.to_owned());
        }
        let wanted = words.find(|w| !w.starts_with('-') && !w.contains('='))?;
        // a version manager puts the runtime beside the script
        let neighbour = format!("{}/{wanted}", folder(script, self.os));
        if is_file(self.reading, &neighbour) { Some(neighbour) } else { self.first(wanted) }
    }

    /// Returns what a shim of pyenv, rbenv or nodenv would start, without starting it; `None` when it would fail.
    /// Anything else is returned as it is.
    fn behind_shim(&self, path: &str) -> Option<String> {
        let Some((root, program)) = path.split_once("/shims/") else { return Some(path.to_owned()) };
        let text = self.reading.read(Path::new(path), 64 * 1024).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let Some((variable, file)) = [
            ("pyenv", ("PYENV_VERSION", ".python-version")),
            ("rbenv", ("RBENV_VERSION", ".ruby-version")),
            ("nodenv", ("NODENV_VERSION", ".node-version")),
        ]
        .into_iter()
        .find_map(|(manager, its)| text.contains(&format!("{manager}\" exec")).then_some(its)) else {
            return Some(path.to_owned());
        };
        self.chosen_versions(root, variable, file)
            .iter()
            .flat_map(|version| {
                // `3.11` means the newest 3.11 that is installed
                let exact = glob(self.reading, &format!("{root}/versions/{version}/bin/{program}"));
                let newest = glob(self.reading, &format!("{root}/versions/{version}.*/bin/{program}"));
                exact.into_iter().chain(newest.into_iter().rev())
            })
            .next()
    }

    /// Returns the versions that a manager would use here, in its order.
    fn chosen_versions(&self, root: &str, variable: &str, file: &str) -> Vec<String> {
        let split = |text: &str, separator: char| -> Vec<String> {
            let words = text.split([separator, '\n', ' ']).map(str::trim);
            words.filter(|v| is_version(v)).map(str::to_owned).collect()
        };
        if let Some(versions) = self.reading.environment().get_filled(variable) {
            return split(versions, ':');
        }
        let working_folder = self.base.get("working_folder").map_or(".", String::as_str);
        let local = upwards(working_folder, self.os).into_iter().map(|f| format!("{f}/{file}"));
        local
            .chain([format!("{root}/version")])
            .find_map(|path| self.reading.read(Path::new(&path), 4096).ok())
            .map(|bytes| split(&String::from_utf8_lossy(&bytes), '\n'))
            .unwrap_or_default()
    }
}

/// Whether a word can name an installed version. A folder of somebody else's must not choose what is started: version
/// managers take no name that leads out of theirs either (CVE-2022-35861).
fn is_version(word: &str) -> bool {
    !word.is_empty()
        && !word.starts_with(['#', '/', '\\'])
        && !word.contains('*')
        && word.split(['/', '\\']).all(|part| !part.is_empty() && part != "." && part != "..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::edge::Pretend;
    use crate::facts::ToolId;

    fn node() -> &'static Tool {
        catalogue::tool(&ToolId("node".to_owned())).unwrap()
    }

    fn paths(machine: &Pretend, tool: &Tool) -> Vec<(String, String, bool)> {
        Finder::new(machine).programs(tool).into_iter().map(|c| (c.path, c.real, c.first)).collect()
    }

    #[test]
    fn several_installations_are_several_rows_and_two_names_of_one_are_not() {
        let machine = Pretend::new(Os::Linux)
            .variable("PATH", "/usr/bin:/bin:/opt/n/bin")
            .file("/usr/bin/node", "")
            .link("/usr/bin/nodejs", "node")
            .link("/bin", "/usr/bin")
            .file("/opt/n/bin/node", "")
            .file("/home/you/.nvm/versions/node/v18.1.0/bin/node", "");
        let own = |path: &str, first| (path.to_owned(), path.to_owned(), first);
        assert_eq!(
            paths(&machine, node()),
            [
                own("/usr/bin/node", true),
                own("/opt/n/bin/node", false),
                own("/home/you/.nvm/versions/node/v18.1.0/bin/node", false)
            ]
        );
    }

    #[test]
    fn a_shim_is_followed_to_the_version_in_effect() {
        let machine = Pretend::new(Os::Linux)
            .variable("PATH", "/p/shims:/usr/bin")
            .working_folder("/src/app")
            .file("/p/shims/node", "exec \"/p/libexec/nodenv\" exec \"$program\" \"$@\"")
            .file("/p/version", "16\n")
            .file("/src/.node-version", "# here\n18\n")
            .file("/p/versions/18.2.0/bin/node", "")
            .file("/p/versions/18.10.0/bin/node", "")
            .file("/usr/bin/node", "");
        let found = paths(&machine, node());
        assert_eq!(found[0], ("/p/shims/node".to_owned(), "/p/versions/18.2.0/bin/node".to_owned(), true));
        // a version that is not there is no program at all: the next on PATH does not step in, nor does the shim
        let absent = machine.variable("NODENV_VERSION", "99");
        assert_eq!(paths(&absent, node()), [("/usr/bin/node".to_owned(), "/usr/bin/node".to_owned(), true)]);
    }

    #[test]
    fn a_folder_does_not_choose_a_program_outside_of_the_version_manager() {
        for version in ["../../src/app/evil", "/src/app/evil", "18/../../../src/app/evil", "../../src/app/e*"]
        {
            let machine = Pretend::new(Os::Linux)
                .variable("PATH", "/p/shims")
                .working_folder("/src/app")
                .file("/p/shims/node", "exec \"/p/libexec/nodenv\" exec \"$program\" \"$@\"")
                .file("/src/app/.node-version", format!("{version}\n"))
                .file("/src/app/evil/bin/node", "");
            assert!(paths(&machine, node()).is_empty(), "{version}");
        }
    }

    #[test]
    fn a_script_names_its_interpreter() {
        let machine = Pretend::new(Os::Linux)
            .variable("PATH", "/usr/bin")
            .file("/usr/bin/node", "")
            .file("/v/bin/node", "")
            .file("/v/bin/npm", "#!/usr/bin/env node\n")
            .file("/usr/bin/tool", "#!/usr/bin/env -S node --x\n")
            .file("/usr/bin/other", "#! /opt/py/bin/python3 -I\n")
            .file("/usr/bin/binary", b"\x7fELF");
        let finder = Finder::new(&machine);
        for (script, wanted) in [
            ("/v/bin/npm", Some("/v/bin/node")),
            ("/usr/bin/tool", Some("/usr/bin/node")),
            ("/usr/bin/other", Some("/opt/py/bin/python3")),
            ("/usr/bin/binary", None),
        ] {
            assert_eq!(finder.at(script).facts.get("interpreter").map(String::as_str), wanted, "{script}");
        }
    }

    /// The facts that a tool's rows speak of: in conditions, and in braces in paths.
    fn wanted(tool: &Tool) -> BTreeSet<String> {
        let trust = tool.trust.iter().map(|row| &row.condition);
        let settings = tool.settings.iter().map(|row| &row.condition);
        let rest = tool.off.iter().map(|row| &row.condition);
        let conditions = trust.chain(settings).chain(rest).chain(tool.verifies.iter().map(|r| &r.condition));
        let mut wanted: BTreeSet<String> = conditions.flat_map(|c| c.when.keys().cloned()).collect();
        let of_trust = |row: &'static catalogue::schema::Trust| {
            [&row.file, &row.extra, &row.directory, &row.keystore, &row.nss].into_iter().flatten()
        };
        let tool = catalogue::tool(&tool.id).unwrap();
        let paths = tool.configs.iter().map(|c| &c.paths).chain([&tool.detect.places]);
        let paths = paths.flat_map(|p| [&p.all, &p.linux, &p.macos, &p.windows]).flatten();
        let asked = tool.detect.asks.iter().flat_map(|ask| &ask.files);
        for template in tool.trust.iter().flat_map(of_trust).chain(paths).chain(asked) {
            let facts = template.replace("${", "variable ");
            let inside = facts.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
            wanted.extend(inside.map(|(name, _)| name.to_owned()).filter(|name| !name.contains(':')));
        }
        wanted
    }

    /// The facts that asking a tool may give, besides those of every candidate.
    fn told(tool: &Tool) -> BTreeSet<String> {
        let mut told: BTreeSet<String> = BTreeSet::new();
        for ask in &tool.detect.asks {
            for pattern in [&ask.pattern, &ask.path_pattern].into_iter().flatten() {
                let regex = pattern.regex().unwrap();
                told.extend(regex.capture_names().flatten().map(str::to_owned));
            }
            told.extend(ask.path_as.clone());
            // the program that is run prints `name=` itself
            for argument in ask.arguments.iter().flatten().filter(|_| ask.lines) {
                let argument = argument.replace("\\n", " ");
                let names = argument.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '='));
                told.extend(names.filter_map(|word| Some(word.split_once('=')?.0.to_owned())));
            }
        }
        told
    }

    #[test]
    fn every_fact_that_a_row_speaks_of_is_found_by_somebody() {
        let machine = Pretend::new(Os::Linux).distribution(["debian"]).file("/bin/x", "#!/bin/sh\n");
        let candidate = Finder::new(&machine).at("/bin/x");
        let mut unknown = Vec::new();
        for tool in catalogue::tools() {
            let runtimes = [&tool.runs_on, &tool.detect.inside, &tool.like].into_iter().flatten();
            let others = runtimes.filter_map(catalogue::tool);
            let known: BTreeSet<String> = others.chain([tool]).flat_map(told).collect();
            let is_known = |fact: &String| {
                known.contains(fact) || candidate.facts.contains_key(fact) || fact == "runtime_version"
            };
            unknown.extend(
                wanted(tool).into_iter().filter(|f| !is_known(f)).map(|f| format!("{}: {f}", tool.id)),
            );
        }
        assert_eq!(unknown, Vec::<String>::new());
    }

    #[test]
    fn what_is_known_of_the_computer_is_known_of_every_program() {
        let machine = Pretend::new(Os::Linux).distribution(["ubuntu", "debian"]).file("/bin/x", "");
        let facts = Finder::new(&machine).at("/bin/x").facts;
        assert_eq!(facts.get("distribution").map(String::as_str), Some("ubuntu debian"));
        assert_eq!(facts.get("home").map(String::as_str), Some("/home/you"));
    }
}
