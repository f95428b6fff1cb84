//! What `env` prints, read back by the real shells and parsers: every value arrives as it was, nothing else happens.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value as Json;
use trustgap::facts::Os;
use trustgap::remedy::script::{Change, Line, Places, Script, Value};
use trustgap::remedy::shells::{Rendered, Shell};

use crate::support::{Sandbox, skip, skip_even_in_ci, tool};

/// The file that appears when a value is read as a command.
const CANARY: &str = "canary";

/// What people's folders are called, and what an attacker would call them.
const FRAGMENTS: &[&str] = &[
    "'",
    "\"",
    "\\",
    "`touch canary`",
    "$(touch canary)",
    "; touch canary #",
    "&& touch canary",
    "| touch canary",
    "\n",
    "\ntouch canary\n",
    "\r\n",
    "\t",
    " ",
    "  ",
    "%PATH%",
    "%",
    "!",
    "!!",
    "!HOME!",
    "^",
    "$HOME",
    "${HOME}",
    "${{x}}",
    "$$",
    "~",
    "*",
    "#",
    " #",
    "=",
    ":",
    "<",
    ">",
    ">canary",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "?",
    "''",
    "\"\"",
    "'\"'\"'",
    "\\'",
    "\\n",
    "\\\\",
    "EOF",
    "<<EOF",
    "é",
    "日本語",
    "😀",
    "\u{202e}",
    "\u{2028}",
    "\u{feff}",
    "’",
    "C:\\Users\\",
    "/home/o'neil/",
    "@echo off",
    "rem ",
    "-n",
    "--",
    "--%",
    "\u{7f}",
    "\u{1b}[2J",
    "&calc&",
    "\";touch canary;\"",
    "';touch canary;'",
];

fn hostile() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        3 => proptest::sample::select(FRAGMENTS).prop_map(str::to_owned),
        1 => "[ -~]{0,12}",
        1 => "\\PC{0,6}",
    ];
    proptest::collection::vec(fragment, 0..6).prop_map(|parts| parts.concat())
}

/// Settings with these values as `V0`, `V1`, ... and the hostile text in every comment too.
fn script(values: &[String]) -> Script {
    let line = |(index, value): (usize, &String)| Line {
        name: format!("V{index}").parse().expect("a name"),
        change: Change::Set(Value::text(value)),
        remark: value.clone(),
    };
    Script {
        os: Os::Linux,
        places: Places {
            folder: "/etc/trustgap".into(),
            authorities: "/etc/trustgap/ca.pem".into(),
            bundle: "/etc/trustgap/bundle.pem".into(),
            trust_store: "/etc/trustgap/store.p12".into(),
        },
        lines: values.iter().enumerate().map(line).collect(),
        notes: values.to_vec(),
    }
}

/// Prints values that the shell can say, lets `read` read them back, and compares; no canary may appear.
fn every_value_arrives(
    shell: Shell,
    cases: u32,
    read: impl Fn(&Sandbox, &Rendered) -> BTreeMap<String, String>,
) {
    every_value_of_a_kind_arrives(shell, cases, |_| true, read);
}

fn every_value_of_a_kind_arrives(
    shell: Shell,
    cases: u32,
    kind: impl Fn(&str) -> bool,
    read: impl Fn(&Sandbox, &Rendered) -> BTreeMap<String, String>,
) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let sandbox = Sandbox::new();
    runner
        .run(&proptest::collection::vec(hostile(), 1..40), |values| {
            let sayable =
                |value: &String| kind(value) && shell.render(&script(std::slice::from_ref(value))).is_ok();
            let values: Vec<String> = values.into_iter().filter(sayable).collect();
            let rendered = shell.render(&script(&values)).expect("each value can be said");
            let got = read(&sandbox, &rendered);
            for (index, value) in values.iter().enumerate() {
                prop_assert_eq!(got.get(&format!("V{index}")), Some(value), "{}", rendered.text);
            }
            let canaries = std::fs::read_dir(sandbox.path().join("work")).expect("the folder").count();
            prop_assert_eq!(canaries, 0, "a value was run: {}", rendered.text);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{shell}: {failure}"));
}

/// Reads what `env -0` printed.
fn environment(printed: &str) -> BTreeMap<String, String> {
    let pairs = printed.split('\0').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn through_shell(shell: Shell, program: &str, arguments: &[&str]) {
    let (Some(path), Some(_)) = (tool(program), tool("env")) else {
        return skip(&format!("there is no {program} or env"));
    };
    every_value_arrives(shell, 40, |sandbox, rendered| {
        let file = sandbox.file("settings", &rendered.text);
        let run = sandbox.program(&path).args(arguments).env("SETTINGS", &file).output().exits(0);
        assert_eq!(run.stderr, "", "{}", rendered.text);
        environment(&run.stdout)
    });
}

#[test]
fn sh_reads_back_what_was_meant() {
    through_shell(Shell::Sh, "sh", &["-c", r#"eval "$(cat "$SETTINGS")" && env -0"#]);
}

#[test]
fn dash_reads_back_what_was_meant() {
    through_shell(Shell::Sh, "dash", &["-c", r#"eval "$(cat "$SETTINGS")" && env -0"#]);
}

#[test]
fn bash_reads_back_what_was_meant() {
    through_shell(Shell::Bash, "bash", &["--norc", "-c", r#"eval "$(cat "$SETTINGS")" && env -0"#]);
}

#[test]
fn a_direnv_file_reads_back_what_was_meant() {
    through_shell(Shell::Direnv, "bash", &["--norc", "-c", r#". "$SETTINGS" && env -0"#]);
}

#[test]
fn systemd_gives_a_desktop_what_was_meant() {
    const GENERATOR: &str = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator";
    if !std::path::Path::new(GENERATOR).is_file() {
        return skip_even_in_ci("systemd's reader of environment.d is not installed");
    }
    every_value_arrives(Shell::EnvironmentD, 20, |sandbox, rendered| {
        let folder = sandbox.home().join(".config/environment.d");
        std::fs::create_dir_all(&folder).expect("a folder in the home");
        std::fs::write(folder.join("90.conf"), &rendered.text).expect("a file in it");
        let run = sandbox.program(GENERATOR).output().exits(0);
        run.stdout
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(n, v)| (n.to_owned(), as_printed(v)))
            .collect()
    });
}

/// What systemd prints with double quotes and backslashes where a shell would need them.
fn as_printed(value: &str) -> String {
    let Some(inside) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut text = String::new();
    let mut characters = inside.chars();
    while let Some(c) = characters.next() {
        text.extend(if c == '\\' { characters.next() } else { Some(c) });
    }
    text
}

#[test]
fn zsh_reads_back_what_was_meant() {
    through_shell(Shell::Zsh, "zsh", &["-f", "-c", r#"eval "$(cat "$SETTINGS")" && env -0"#]);
}

#[test]
fn zsh_with_doubled_quotes_and_without_comments_reads_back_what_was_meant() {
    let options = r#"setopt rcquotes; unsetopt interactivecomments; eval "$(cat "$SETTINGS")" && env -0"#;
    through_shell(Shell::Zsh, "zsh", &["-f", "-c", options]);
}

#[test]
fn fish_reads_back_what_was_meant() {
    through_shell(Shell::Fish, "fish", &["--no-config", "-c", "source $SETTINGS; and env -0"]);
}

#[test]
fn nushell_reads_back_what_was_meant() {
    let (Some(nu), Some(env)) = (tool("nu"), tool("env")) else { return skip("there is no nu or env") };
    every_value_arrives(Shell::Nushell, 10, |sandbox, rendered| {
        let file = sandbox.file("settings.nu", format!("{}\n^{} -0\n", rendered.text, env.display()));
        let run = sandbox.program(&nu).arg("--no-config-file").arg(file).output().exits(0);
        environment(&run.stdout)
    });
}

#[test]
fn powershell_reads_back_what_was_meant() {
    let Some(pwsh) = tool("pwsh") else { return skip_even_in_ci("there is no pwsh") };
    every_value_arrives(Shell::Powershell, 10, |sandbox, rendered| {
        let file = sandbox.file("settings.ps1", &rendered.text);
        let print = "Get-Content $env:SETTINGS | Out-String | Invoke-Expression; \
                     Get-ChildItem Env: | Select-Object Name, Value | ConvertTo-Json";
        let run =
            sandbox.program(&pwsh).args(["-NoProfile", "-Command", print]).env("SETTINGS", file).output();
        let rows = run.exits(0).json();
        let text = |row: &Json, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        rows.as_array().expect("rows").iter().map(|row| (text(row, "Name"), text(row, "Value"))).collect()
    });
}

#[test]
fn a_batch_file_reads_back_what_was_meant() {
    let Some(wine) = tool("wine") else { return skip("there is no wine to run cmd with") };
    let prefix = std::env::var_os("WINEPREFIX").map_or_else(wine_home, std::path::PathBuf::from);
    let Some(prefix) = prefix.is_dir().then_some(prefix) else {
        return skip("wine has no prefix yet: `wineboot` makes one, and WINEPREFIX names another");
    };
    // without a console Wine's cmd has no code page to change: other characters would be misread
    every_value_of_a_kind_arrives(Shell::Cmd, 4, str::is_ascii, |sandbox, rendered| {
        let file = sandbox.file("settings.cmd", format!("{}@set V\r\n", rendered.text));
        let run = sandbox.program(&wine).env("WINEPREFIX", &prefix).env("WINEDEBUG", "-all");
        let run = run.args(["cmd", "/c"]).arg(format!("Z:{}", file.display())).output();
        let lines = run.stdout.lines().filter_map(|line| line.split_once('='));
        lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    });
}

fn wine_home() -> std::path::PathBuf {
    std::path::Path::new(&std::env::var_os("HOME").unwrap_or_default()).join(".wine")
}

#[test]
fn python_dotenv_reads_back_what_was_meant() {
    let program = "import dotenv, json, os; print(json.dumps(dotenv.dotenv_values(os.environ['SETTINGS'])))";
    through_python(Shell::Dotenv, "dotenv", program, |value| value);
}

#[test]
fn nodes_own_env_file_reads_back_what_was_meant() {
    let Some(node) = tool("node") else { return skip("there is no node") };
    let help = Sandbox::new().program(&node).arg("--help").output();
    if !help.stdout.contains("--env-file") {
        return skip_even_in_ci("this node knows no --env-file");
    }
    every_value_arrives(Shell::Dotenv, 20, |sandbox, rendered| {
        let file = sandbox.file(".env", &rendered.text);
        let run = sandbox.program(&node).arg(format!("--env-file={}", file.display()));
        json(&run.args(["-p", "JSON.stringify(process.env)"]).output().exits(0).json())
    });
}

#[test]
fn a_yaml_parser_reads_back_what_gitlab_gets() {
    let program =
        "import yaml, json, os; print(json.dumps(yaml.safe_load(open(os.environ['SETTINGS']))['variables']))";
    through_python(Shell::GitlabCi, "yaml", program, |value| value.replace("$$", "$"));
}

#[test]
fn a_json_parser_reads_back_what_was_meant() {
    let program = "import json, os; print(json.dumps(json.load(open(os.environ['SETTINGS']))))";
    through_python(Shell::Json, "json", program, |value| value);
}

#[test]
fn visual_studio_code_gets_json_once_the_comments_are_gone() {
    let program = "import json, os; lines = open(os.environ['SETTINGS'], newline='\\n').read().split('\\n')\n\
                   text = '\\n'.join(l for l in lines if not l.startswith('//'))\n\
                   print(json.dumps(json.loads(text)['terminal.integrated.env.linux']))";
    through_python(Shell::Vscode, "json", program, |value| value);
}

#[test]
fn a_development_container_gets_json_once_the_comments_are_gone() {
    let program = "import json, os; lines = open(os.environ['SETTINGS'], newline='\\n').read().split('\\n')\n\
                   text = '\\n'.join(l for l in lines if not l.startswith('//'))\n\
                   print(json.dumps(json.loads(text)['containerEnv']))";
    through_python(Shell::Devcontainer, "json", program, |value| value);
}

fn through_python(shell: Shell, module: &str, program: &str, decode: impl Fn(String) -> String) {
    let Some(python) = tool("python3") else { return skip("there is no python3") };
    if Sandbox::new().program(&python).args(["-c", &format!("import {module}")]).output().code != Some(0) {
        return skip(&format!("python3 has no module {module}"));
    }
    let program = format!("import sys; sys.stdout.reconfigure(encoding='utf-8')\n{program}");
    every_value_arrives(shell, 20, |sandbox, rendered| {
        if !rendered.text.contains("V0") {
            return BTreeMap::new(); // nothing could be said
        }
        let file = sandbox.file("settings", &rendered.text);
        let run =
            sandbox.program(&python).args(["-X", "utf8", "-c", &program]).env("SETTINGS", file).output();
        let read = json(&run.exits(0).json());
        read.into_iter().map(|(name, value)| (name, decode(value))).collect()
    });
}

/// Dockerfile quoting is a part of sh's (single quotes, and double quotes around single ones), so sh can read it.
#[test]
fn a_dockerfile_line_reads_back_what_was_meant() {
    let (Some(sh), Some(_)) = (tool("sh"), tool("env")) else { return skip("there is no sh or env") };
    every_value_arrives(Shell::Dockerfile, 40, |sandbox, rendered| {
        let file = sandbox.file("settings", rendered.text.replace("\nENV ", "\nexport "));
        let run = sandbox.program(&sh).args(["-c", r#". "$SETTINGS" && env -0"#]).env("SETTINGS", &file);
        environment(&run.output().exits(0).stdout)
    });
}

/// What the runner does with the file: the first `=` ends the name, the line ends the value, anything else is an error.
#[test]
fn every_line_for_github_actions_is_one_assignment() {
    every_value_arrives(Shell::GithubActions, 40, |_, rendered| {
        let pairs =
            rendered.text.split_terminator('\n').map(|line| line.split_once('=').expect("an assignment"));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    });
}

#[test]
fn launchctls_lines_are_commands_with_one_value_each() {
    let (Some(sh), Some(_)) = (tool("sh"), tool("env")) else { return skip("there is no sh or env") };
    every_value_arrives(Shell::Launchctl, 20, |sandbox, rendered| {
        // a stand-in that prints name and value of `launchctl setenv NAME VALUE`
        let program = format!("launchctl() {{ printf '%s=%s\\0' \"$2\" \"$3\"; }}\n{}", rendered.text);
        let file = sandbox.file("settings", program);
        environment(&sandbox.program(&sh).arg(&file).output().exits(0).stdout)
    });
}

#[test]
fn systemd_accepts_the_drop_in() {
    let Some(analyze) = tool("systemd-analyze") else {
        return skip_even_in_ci("there is no systemd-analyze");
    };
    let values: Vec<String> = FRAGMENTS.iter().map(|f| (*f).to_owned()).collect();
    let text = Shell::Systemd.render(&script(&values)).expect("all can be said").text;
    let sandbox = Sandbox::new();
    let unit = sandbox.file("trustgap-test.service", format!("{text}Type=oneshot\nExecStart=/bin/true\n"));
    let run = sandbox.program(analyze).args(["verify", "--man=no"]).arg(unit).output();
    assert!(!run.text().contains("trustgap-test.service:"), "{}", run.text());
}

#[test]
fn pasted_into_an_interactive_zsh_no_comment_is_run() {
    let Some(zsh) = tool("zsh") else { return skip("there is no zsh") };
    let sandbox = Sandbox::new();
    let values: Vec<String> = FRAGMENTS.iter().map(|f| (*f).to_owned()).collect();
    let text = Shell::Zsh.render(&script(&values)).expect("all can be said").text;
    let comments: String = text.lines().filter(|l| l.starts_with('#')).flat_map(|l| [l, "\n"]).collect();
    sandbox.program(zsh).args(["-f", "-i", "-s"]).input(comments).output();
    assert!(!sandbox.path().join("work").join(CANARY).exists(), "{text}");
}

fn json(object: &Json) -> BTreeMap<String, String> {
    let object = object.as_object().expect("an object");
    object.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}
