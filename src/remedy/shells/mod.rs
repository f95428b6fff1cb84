//! Settings in the words of each shell and place: one file per output, named here.
//!
//! Quoting is the security boundary: no path and no name can become a command, a second variable or another value.
//! What a format cannot say is refused with [`Unsayable`], never changed. Comments hold an alphabet that no shell gives
//! a meaning to ([`comment`]), because people paste them into prompts that have no comments.

use std::fmt;
use std::str::FromStr;

use super::script::{Change, Line, Name, Script};
use crate::facts::tool::Context;
use crate::facts::{Environment, Os};
use crate::text::sanitise;

/// Where our files are inside a container.
const IN_CONTAINER: &str = "/etc/trustgap";

macro_rules! shells {
    ($($(#[$doc:meta])* $variant:ident = $text:literal in $module:ident,)*) => {
        $(mod $module;)*

        /// A shell or place that settings are printed for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Shell {
            $($(#[$doc])* $variant,)*
        }

        impl Shell {
            /// Every shell and place.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the name as `--shell` takes it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// Prints the settings.
            pub fn render(self, script: &Script) -> Result<Rendered, Unsayable> {
                match self {
                    $(Self::$variant => $module::render(script),)*
                }
            }
        }
    };
}

shells! {
    /// GNU bash.
    Bash = "bash" in bash,
    /// Windows' command prompt: a batch file.
    Cmd = "cmd" in cmd,
    /// A development container: part of devcontainer.json.
    Devcontainer = "devcontainer" in devcontainer,
    /// direnv: a .envrc file.
    Direnv = "direnv" in direnv,
    /// Docker and Podman: part of a Dockerfile.
    Dockerfile = "dockerfile" in dockerfile,
    /// A .env file.
    Dotenv = "dotenv" in dotenv,
    /// What desktops and a user's services start with on Linux: a file for environment.d.
    EnvironmentD = "environment-d" in environment_d,
    /// fish.
    Fish = "fish" in fish,
    /// GitHub Actions: lines for the file that `GITHUB_ENV` names.
    GithubActions = "github-actions" in github_actions,
    /// GitLab CI: part of .gitlab-ci.yml.
    GitlabCi = "gitlab-ci" in gitlab_ci,
    /// For programs: one JSON object, from variable to value, `null` for what is taken out.
    Json = "json" in json,
    /// macOS programs that are not started from a shell.
    Launchctl = "launchctl" in launchctl,
    /// Nushell.
    Nushell = "nushell" in nushell,
    /// Windows PowerShell and PowerShell 7.
    Powershell = "powershell" in powershell,
    /// POSIX sh: dash, ash, ksh and the rest.
    Sh = "sh" in sh,
    /// A systemd service: a drop-in file.
    Systemd = "systemd" in systemd,
    /// Visual Studio Code's terminal: part of settings.json.
    Vscode = "vscode" in vscode,
    /// zsh.
    Zsh = "zsh" in zsh,
}

/// Settings in a shell's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// What goes to standard output; ends with a newline.
    pub text: String,
    /// What the format has no room for (comments in JSON, taking a variable out of a .env file): for standard error.
    pub remarks: Vec<String>,
}

/// A setting that a format cannot express.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsayable {
    /// The format.
    pub shell: Shell,
    /// The variable.
    pub name: Name,
    /// What in its value cannot be said, for example `a line break`.
    pub what: &'static str,
}

impl Shell {
    /// From where what reads the settings is started; the environment at hand says nothing about it unless that is a
    /// shell.
    pub fn context(self) -> Context {
        match self {
            Self::EnvironmentD | Self::Launchctl => Context::Desktop,
            Self::Systemd => Context::Service,
            _ => Context::Shell,
        }
    }

    /// Returns the shell to print for when none is named: PowerShell on Windows, elsewhere the login shell's language.
    ///
    /// `SHELL` names the login shell, not the one that asked; only shells whose language is not sh's are told apart.
    pub fn usual(os: Os, environment: &Environment) -> Self {
        if os == Os::Windows {
            // a Unix-like shell on Windows (Git Bash, MSYS2) sets SHELL; Windows itself never does
            return if environment.get_filled("SHELL").is_some() { Self::Sh } else { Self::Powershell };
        }
        let login = environment.get_filled("SHELL").and_then(|path| path.rsplit('/').next());
        match login {
            Some("fish") => Self::Fish,
            Some("nu") => Self::Nushell,
            _ => Self::Sh,
        }
    }
}

impl FromStr for Shell {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = match text {
            "pwsh" => "powershell",
            "nu" => "nushell",
            other => other,
        };
        Self::ALL.iter().copied().find(|shell| shell.as_str() == wanted).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|shell| shell.as_str()).collect();
            format!("`{}` is not one of {}", sanitise(text), known.join(", "))
        })
    }
}

impl fmt::Display for Shell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Unsayable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shell, name, what } = self;
        write!(f, "the value of `{name}` holds {what}, which {shell} cannot express")
    }
}

impl std::error::Error for Unsayable {}

/// How a format made of lines says things.
struct Lines<'a> {
    /// What a comment begins with.
    comment: &'a str,
    /// Makes a sentence harmless inside a comment: [`comment`] or [`ascii_comment`].
    tidy: fn(&str) -> String,
    /// How the output is used.
    usage: &'a [&'a str],
    /// How the settings are taken back, given the variables.
    undo: &'a dyn Fn(&[&str]) -> String,
    /// Sets a variable.
    set: &'a dyn Fn(&Name, &str) -> Result<String, Unsayable>,
    /// Takes a variable out; absent where the format has no way.
    unset: Option<&'a dyn Fn(&Name) -> String>,
}

impl Lines<'_> {
    /// Prints the settings with the paths of this machine.
    fn render(&self, script: &Script) -> Result<Rendered, Unsayable> {
        let mut remarks = Vec::new();
        let mut lines: Vec<String> = header(script, self.usage, self.undo, self.tidy)
            .iter()
            .map(|sentence| format!("{} {sentence}", self.comment))
            .collect();
        for Line { name, change, remark } in &script.lines {
            let remark = (self.tidy)(remark);
            if !remark.is_empty() {
                lines.push(format!("{} {remark}", self.comment));
            }
            match (change, self.unset) {
                (Change::Set(value), _) => lines.push((self.set)(name, &value.here(&script.places))?),
                (Change::Unset, Some(unset)) => lines.push(unset(name)),
                (Change::Unset, None) => {
                    let sentence = must_be_taken_out(name);
                    lines.push(format!("{} {sentence}", self.comment));
                    remarks.push(sentence);
                }
            }
        }
        Ok(Rendered { text: lines.join("\n") + "\n", remarks })
    }
}

/// Returns the sentences at the top of every output: where it is meant for, how it is used and taken back, the notes.
///
/// Ready to be put behind a comment sign: our own sentences as they are, the notes through `tidy`.
fn header(
    script: &Script,
    usage: &[&str],
    undo: &dyn Fn(&[&str]) -> String,
    tidy: fn(&str) -> String,
) -> Vec<String> {
    let mut sentences = vec![
        "trustgap: settings for this computer in this network.".to_owned(),
        "Not for production, customer environments or images that leave the company.".to_owned(),
    ];
    if !script.is_empty() {
        sentences.extend(usage.iter().map(|&line| line.to_owned()));
        let set: Vec<&str> = script.set_names().collect();
        if !set.is_empty() {
            sentences.push(format!("Take back: {}", undo(&set)));
        }
    }
    sentences.extend(script.notes.iter().map(|note| tidy(note)).filter(|note| !note.is_empty()));
    sentences
}

fn must_be_taken_out(name: &Name) -> String {
    format!("{name} must be taken out where it is set: this format cannot do it.")
}

/// Returns a sentence that no shell reads as anything but a comment, even where it is pasted into an interactive zsh
/// (which has no comments there): letters, digits, blanks and harmless punctuation; the rest becomes `_`.
fn comment(sentence: &str) -> String {
    let harmless = |c: char| {
        c.is_alphanumeric()
            || matches!(c, ' ' | '.' | ',' | ':' | '/' | '@' | '+' | '=' | '-' | '_' | '\\' | '\u{FFFD}')
    };
    let text = sanitise(&sentence.replace('\'', ""));
    let text: String = text.chars().map(|c| if harmless(c) { c } else { '_' }).collect();
    text.trim_end_matches('\\').to_owned()
}

/// [`comment`] for places that read their files in a code page nobody knows.
fn ascii_comment(sentence: &str) -> String {
    comment(sentence).chars().map(|c| if c.is_ascii() { c } else { '_' }).collect()
}

/// Refuses what no environment variable can hold.
fn refuse_nul(shell: Shell, name: &Name, value: &str) -> Result<(), Unsayable> {
    refuse(shell, name, value, "a NUL character", |c| c == '\0')
}

/// Refuses values that hold a character of a kind.
fn refuse(
    shell: Shell,
    name: &Name,
    value: &str,
    what: &'static str,
    kind: impl Fn(char) -> bool,
) -> Result<(), Unsayable> {
    if value.chars().any(kind) { Err(Unsayable { shell, name: name.clone(), what }) } else { Ok(()) }
}

/// Refuses an empty value where the shell takes it for "not set".
fn refuse_empty(shell: Shell, name: &Name, value: &str) -> Result<(), Unsayable> {
    if value.is_empty() {
        Err(Unsayable { shell, name: name.clone(), what: "no text at all" })
    } else {
        Ok(())
    }
}

/// Whether a character ends a line somewhere, or is a control character.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remedy::script::{File, Part, Places, Value};

    fn script(value: &str) -> Script {
        let line = |name: &str, change| Line {
            name: name.parse().expect("a name"),
            change,
            remark: "added to the roots of node $(touch /tmp/x); `id`\n% '".into(),
        };
        Script {
            os: Os::Linux,
            places: Places {
                folder: "/home/o'neil/.config/trustgap".into(),
                authorities: "/home/o'neil/.config/trustgap/ca/corp.pem".into(),
                bundle: "/home/o'neil/.config/trustgap/bundle.pem".into(),
                trust_store: "/home/o'neil/.config/trustgap/truststore.p12".into(),
            },
            lines: vec![
                line("NODE_EXTRA_CA_CERTS", Change::Set(Value::text(value))),
                line("GIT_SSL_NO_VERIFY", Change::Unset),
            ],
            notes: vec!["CA: Evil\u{1b}[2J\"; touch /tmp/x & \u{202e}".into()],
        }
    }

    #[test]
    fn every_file_here_is_a_shell_and_every_shell_has_its_file() {
        let files = include_dir::include_dir!("$CARGO_MANIFEST_DIR/src/remedy/shells");
        let mut names: Vec<String> = files
            .files()
            .filter_map(|file| file.path().file_stem()?.to_str().map(|name| name.replace('_', "-")))
            .filter(|name| name != "mod")
            .collect();
        names.sort();
        let shells: Vec<&str> = Shell::ALL.iter().map(|shell| shell.as_str()).collect();
        assert_eq!(names, shells);
        for shell in Shell::ALL {
            assert_eq!(shell.as_str().parse(), Ok(*shell));
        }
        assert!("tcsh".parse::<Shell>().is_err());
    }

    #[test]
    fn each_shell_quotes_in_its_own_way() {
        let of = |shell: Shell, value: &str| {
            let text = shell.render(&script(value)).expect("can be said").text;
            text.lines()
                .find(|line| line.contains("NODE_EXTRA_CA_CERTS") && !line.contains("Take back"))
                .expect("the setting")
                .trim()
                .to_owned()
        };
        for (shell, value, wanted) in [
            (Shell::Sh, "/a b/o'n $x", r"export NODE_EXTRA_CA_CERTS='/a b/o'\''n $x'"),
            (Shell::Fish, r"/a\b'c", r"set -gx NODE_EXTRA_CA_CERTS '/a\\b\'c'"),
            (Shell::Powershell, r"C:\o'n", r"$env:NODE_EXTRA_CA_CERTS = 'C:\o''n'"),
            (
                Shell::Powershell,
                "C:\\山’x",
                "$env:NODE_EXTRA_CA_CERTS = 'C:\\' + [char]0x5C71 + [char]0x2019 + 'x'",
            ),
            (Shell::Powershell, "😀", "$env:NODE_EXTRA_CA_CERTS = '' + [char]0xD83D + [char]0xDE00"),
            (Shell::Cmd, r"C:\100% & co", "@set \"NODE_EXTRA_CA_CERTS=C:\\100%% & co\""),
            (Shell::Cmd, r#"-Dx="C:\a b" & calc"#, r#"@set NODE_EXTRA_CA_CERTS=-Dx=^"C:\a b^" ^& calc"#),
            (Shell::Nushell, "a\"b\\c\n", r#"$env.NODE_EXTRA_CA_CERTS = "a\"b\\c\u{a}""#),
            (Shell::Dotenv, "/etc/ca.pem", "NODE_EXTRA_CA_CERTS=/etc/ca.pem"),
            (Shell::Dotenv, "/a b/#c", "NODE_EXTRA_CA_CERTS='/a b/#c'"),
            (Shell::Systemd, r#"/a%b"c\d"#, r#"Environment="NODE_EXTRA_CA_CERTS=/a%%b\"c\\d""#),
            (Shell::Dockerfile, "/a $b'c", r#"ENV NODE_EXTRA_CA_CERTS='/a $b'"'"'c'"#),
            (Shell::GithubActions, "/a 'b\" $c", "NODE_EXTRA_CA_CERTS=/a 'b\" $c"),
            (Shell::GitlabCi, "/a$b", r#"NODE_EXTRA_CA_CERTS: "/a$$b""#),
            (Shell::Launchctl, "/a b", "launchctl setenv NODE_EXTRA_CA_CERTS '/a b'"),
        ] {
            assert_eq!(of(shell, value), wanted, "{shell}: {value}");
        }
    }

    #[test]
    fn what_a_format_cannot_say_is_refused_with_the_variable_and_the_reason() {
        for (shell, value, what) in [
            (Shell::Cmd, "a\nb", "a line break or control character"),
            (Shell::Cmd, "C:\\wow!", "an exclamation mark"),
            (Shell::Cmd, "", "no text at all"),
            (Shell::Powershell, "", "no text at all"),
            (Shell::Dotenv, "a\nb", "a line break or control character"),
            (Shell::Dotenv, "a'b", "a quotation mark"),
            (Shell::Dotenv, "a${b}", "a dollar sign"),
            (Shell::Dotenv, r"\\server\share", "a double or final backslash"),
            (Shell::Dockerfile, "a\nb", "a line break or control character"),
            (Shell::GithubActions, "a\r\nPATH=/tmp", "a line break or control character"),
            (Shell::Vscode, "${env:HOME}", "`${`"),
            (Shell::Devcontainer, "${localEnv:HOME}", "`${`"),
            (Shell::Sh, "a\0b", "a NUL character"),
        ] {
            let refused = shell.render(&script(value)).expect_err("cannot be said");
            assert_eq!(
                (refused.shell, refused.name.as_str(), refused.what),
                (shell, "NODE_EXTRA_CA_CERTS", what)
            );
            assert!(refused.to_string().contains(shell.as_str()), "{refused}");
        }
    }

    #[test]
    fn every_output_says_for_where_it_is_meant_and_how_to_take_it_back() {
        for shell in Shell::ALL {
            let Rendered { text, remarks } = shell.render(&script("/ca.pem")).expect("can be said");
            let all = format!("{text}{}", remarks.join("\n"));
            for wanted in
                ["this computer in this network", "Not for production", "Take back: ", "GIT_SSL_NO_VERIFY"]
            {
                assert!(all.contains(wanted), "{shell} does not say `{wanted}`:\n{all}");
            }
        }
    }

    #[test]
    fn no_comment_can_be_read_as_a_command() {
        for shell in Shell::ALL {
            let Rendered { text, remarks } = shell.render(&script("/ca.pem")).expect("can be said");
            let all = format!("{text}\n{}", remarks.join("\n"));
            for line in all.lines().filter(|line| line.contains("touch")) {
                assert!(
                    !line.contains(['$', '`', ';', '&', '\'', '"', '%', '\u{1b}', '\u{202e}']),
                    "{shell}: {line}"
                );
            }
        }
    }

    #[test]
    fn with_nothing_to_set_there_is_nothing_but_comments() {
        let nothing = Script { lines: Vec::new(), ..script("") };
        for shell in Shell::ALL {
            let text = shell.render(&nothing).expect("can be said").text;
            let commands =
                text.lines().filter(|l| !["#", "//", "@rem"].iter().any(|sign| l.starts_with(sign)));
            let left: Vec<&str> = commands.filter(|l| !l.trim().is_empty()).collect();
            assert!(left.is_empty() || left == ["{}"], "{shell}: {left:?}");
        }
    }

    #[test]
    fn inside_a_container_the_files_have_the_containers_paths() {
        let mut wanted = script("");
        wanted.lines[0].change =
            Change::Set(Value(vec![Part::Text("-D=".into()), Part::File(File::Authorities)]));
        let text = |shell: Shell| shell.render(&wanted).expect("can be said").text;
        assert!(
            text(Shell::Dockerfile).contains("COPY --from=trustgap ca/corp.pem /etc/trustgap/ca/corp.pem\n")
        );
        assert!(text(Shell::Dockerfile).contains("ENV NODE_EXTRA_CA_CERTS='-D=/etc/trustgap/ca/corp.pem'\n"));
        assert!(text(Shell::Devcontainer).contains("\"-D=/etc/trustgap/ca/corp.pem\""));
        assert!(text(Shell::Sh).contains(r"'-D=/home/o'\''neil/.config/trustgap/ca/corp.pem'"));
    }

    #[test]
    fn the_usual_shell_is_the_one_whose_language_the_login_shell_speaks() {
        let with = |os, shell: &str| Shell::usual(os, &[("SHELL", shell)].into_iter().collect());
        assert_eq!(with(Os::Linux, "/usr/bin/fish"), Shell::Fish);
        assert_eq!(with(Os::Macos, "/opt/homebrew/bin/nu"), Shell::Nushell);
        assert_eq!(with(Os::Linux, "/bin/bash"), Shell::Sh);
        assert_eq!(with(Os::Windows, "/usr/bin/bash"), Shell::Sh);
        assert_eq!(Shell::usual(Os::Windows, &Environment::default()), Shell::Powershell);
        assert_eq!(Shell::usual(Os::Linux, &Environment::default()), Shell::Sh);
    }
}
