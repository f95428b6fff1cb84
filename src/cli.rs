//! The command line as types: what can be said, and the help that tells so. Completions and the manual page are
//! made from the same definition.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::facts::Fingerprint;
use crate::facts::route::{ConnectTo, NotADetour};
use crate::facts::target::{Host, NotATarget, Target};
use crate::remedy::formats::Format;
use crate::remedy::plan::Prefer;
use crate::remedy::shells::Shell;
use crate::text::sanitise;

const AFTER_HELP: &str = "\
Examples:
  trustgap                       look at the hosts that this machine's tools use
  trustgap registry.example      look at one host
  trustgap explain expired       what a finding means, and who can mend it

Exit codes:
  0 nothing wrong   1 something found   2 used wrongly   3 could not find out";

const CHECK_HELP: &str = "\
Examples:
  trustgap check registry.example git.corp.example:8443
  trustgap check --hosts-file hosts.txt --json
  trustgap check --record machine.json   for a ticket: no secrets, no user names
  trustgap check --replay machine.json   judge it on another machine
  openssl s_client -showcerts -connect git.example:443 </dev/null |
    trustgap check --chain - --host git.example

Exit codes:
  0 nothing wrong   1 something found   2 used wrongly   3 could not find out";

const PROBE_HELP: &str = "\
Examples:
  trustgap probe registry.example
  trustgap probe registry.example --tool node,curl   these programs alone
  trustgap probe registry.example --tool none        the server alone: quicker
  trustgap probe registry.example --fix-chain chain.pem
  trustgap probe --chain chain.pem --host registry.example

The programs of this machine are started once, to hear what they offer, and are
sent to a listener inside trustgap; only their ClientHello goes to the server.

Exit codes:
  0 nothing wrong   1 something found   2 used wrongly   3 could not find out";

const ENV_HELP: &str = "\
Examples:
  eval \"$(trustgap env)\"                     use them in this shell
  trustgap env >> ~/.profile                 and in every later one
  trustgap env --shell powershell | Out-String | Invoke-Expression
  trustgap env --shell dockerfile --tool node,pip
  trustgap env -q 2>/dev/null                the settings and nothing else

The settings are meant for this computer in this network. They point to files in
trustgap's own folder, which are written first.

Exit codes:
  0 printed, or none needed     1 the CA may not be trusted yet
  2 used wrongly                3 could not find out, could not write";

const EXPORT_HELP: &str = "\
Examples:
  trustgap export                                 to trustgap's own folder
  trustgap export --out company-ca.pem
  trustgap export --format bundle,p12 --out certs/
  trustgap export --ca-file ca.crt --fingerprint 12:34:...

Exit codes:
  0 written, or nothing to write     1 refused, or something else is wrong
  2 used wrongly                     3 could not find out, could not write";

const VERIFY_HELP: &str = "\
Examples:
  trustgap verify
  trustgap verify registry.example --tool node,pip

Each tool is run twice against each host: in the environment as it is, and with
the settings that `trustgap env` prints. Only a TLS handshake that the tool
verified with its own roots counts. trustgap changes nothing on this machine, and
what the tools keep goes into folders that are gone afterwards, as far as they
let themselves be told where to put it.

Exit codes:
  0 all that could be proved works     1 something fails even with the settings
  2 used wrongly                       3 nothing could be proved";

const TOOLS_HELP: &str = "\
Examples:
  trustgap tools             every tool that was found
  trustgap tools node pip    these two in full: paths, settings, who wins
  trustgap tools --json

Exit codes:
  0 nothing wrong   1 something found   2 used wrongly   3 could not find out";

const DEMO_HELP: &str = "\
Needs no network, no rights and no configuration, changes nothing and leaves
nothing behind. The tools of this machine take part; it takes a few seconds
to a minute, depending on which are installed.";

/// Tells why TLS fails on this machine, and puts every toolchain right
#[derive(Debug, Parser)]
#[command(
    name = "trustgap",
    version,
    long_about = "Tells why TLS fails on this machine, and puts every toolchain right.\n\n\
        Where a company's gateway inspects TLS, browsers work and npm, pip, Java or the AWS CLI fail: they carry \
        their own root certificates. trustgap looks at what servers really present, says who signed it and whose \
        trust is missing, and prints the settings. `trustgap HOST` is `trustgap check HOST`.",
    after_long_help = AFTER_HELP,
    max_term_width = 80,
    disable_help_subcommand = true,
    subcommand_value_name = "COMMAND",
    subcommand_help_heading = "Commands",
    override_usage = "trustgap [OPTIONS] [TARGET]...\n       trustgap COMMAND [OPTIONS]"
)]
pub struct Cli {
    /// Options that every command takes.
    #[command(flatten)]
    pub common: Common,
    /// How to look.
    #[command(flatten)]
    pub looking: Looking,
    /// Without a command: those of `check`.
    #[command(flatten)]
    pub check: CheckArgs,
    /// What to do; `check` when absent.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look at servers and say what is wrong and why; changes nothing
    #[command(after_long_help = CHECK_HELP)]
    Check(CheckArgs),
    /// Look at one server in depth: chain, TLS versions, staple, your tools
    #[command(after_long_help = PROBE_HELP)]
    Probe(ProbeArgs),
    /// Print the settings that make this machine's tools work here, for a shell
    #[command(after_long_help = ENV_HELP)]
    Env(EnvArgs),
    /// Write the inspecting CA to files, after making sure that it may be trusted
    #[command(after_long_help = EXPORT_HELP)]
    Export(ExportArgs),
    /// Run the real tools as they are now and with the settings
    #[command(after_long_help = VERIFY_HELP)]
    Verify(VerifyArgs),
    /// List the tools of this machine: the roots they use, and what is wrong
    #[command(after_long_help = TOOLS_HELP)]
    Tools(ToolsArgs),
    /// See it all on an inspected network inside this program
    #[command(after_long_help = DEMO_HELP)]
    Demo,
    /// Print a finding's page: what it means, how to be sure, who acts
    Explain(ExplainArgs),
    /// Print completions for a shell
    #[command(
        after_long_help = "Example:\n  trustgap completions bash > ~/.local/share/bash-completion/completions/trustgap"
    )]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_long_help = "Example:\n  trustgap man check | man -l -")]
    Man {
        /// Print the page of this command [default: of trustgap itself]
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
}

/// Options that every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub struct Common {
    /// Print one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// Colour the text: always, never or auto
    ///
    /// With auto, text is coloured on a terminal unless NO_COLOR is set, and on a pipe if CLICOLOR_FORCE is set.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub color: When,
    /// Say only the conclusion
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show all evidence
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Keep trustgap's own files in this folder
    ///
    /// TRUSTGAP_HOME says the same; otherwise they are in `trustgap` inside the user's configuration folder.
    #[arg(long, global = true, value_name = "DIR", hide_short_help = true)]
    pub home: Option<PathBuf>,
}

/// How to look; taken everywhere, used by the commands that look at servers.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Looking")]
pub struct Looking {
    /// Wait at most so long for each step
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds, default_value = "5")]
    pub timeout: Seconds,
    /// Read targets from a file, one per line
    ///
    /// `-` is standard input. `#` begins a comment.
    #[arg(long, global = true, value_name = "FILE")]
    pub hosts_file: Option<PathBuf>,
    /// Go through this proxy, or `none`
    ///
    /// Without it the environment's variables decide: https_proxy, all_proxy, no_proxy.
    // read by the application: clap would repeat a wrong value, password and all
    #[arg(long, global = true, value_name = "URL")]
    pub proxy: Option<String>,
    /// Look at these public sites too, or `none`
    ///
    /// Sites of unrelated organisations tell inspection from a private CA. Without this option a handful is looked at
    /// beside the targets. Separated by commas.
    #[arg(long, global = true, value_name = "HOSTS", value_parser = controls)]
    pub controls: Option<Controls>,
    /// Connect to another address, as curl's option of this name
    ///
    /// HOST:PORT:ADDR:PORT; each part may be empty. May be repeated.
    #[arg(long, global = true, value_name = "DETOUR", value_parser = detour, hide_short_help = true)]
    pub connect_to: Vec<ConnectTo>,
    /// Take the roots in a file or folder for the system store
    ///
    /// For another machine's store, an image, or a test.
    #[arg(long, global = true, value_name = "PATH", hide_short_help = true)]
    pub system_roots: Option<PathBuf>,
    /// Take the roots in a file or folder for the web roots
    ///
    /// In place of Mozilla's, which this program carries.
    #[arg(long, global = true, value_name = "PATH", hide_short_help = true)]
    pub web_roots: Option<PathBuf>,
    /// Look at so many targets at the same time
    ///
    /// Without it at all of them.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), hide_short_help = true)]
    pub jobs: Option<u16>,
    /// Save everything that was seen
    ///
    /// Secrets, user names and the home folder's name are left out. For a ticket, and for --replay.
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "replay", hide_short_help = true)]
    pub record: Option<PathBuf>,
    /// Judge what --record saved, in place of this machine
    ///
    /// `-` is standard input. Nothing is looked at but the file.
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub replay: Option<PathBuf>,
}

/// What `check` takes.
#[derive(Args, Debug, Default)]
pub struct CheckArgs {
    /// Hosts, host:port or URLs [default: what this machine's tools use]
    #[arg(value_name = "TARGET", value_parser = target, help_heading = "Arguments", display_order = 0)]
    pub targets: Vec<Target>,
    /// Examine these tools too, for example node,pip [default: all, but none where a host is named]
    #[arg(long, short, value_name = "TOOL", value_delimiter = ',')]
    pub tool: Vec<String>,
    /// Say what changed since an earlier --record
    ///
    /// Who signs for which host, and what was found; the exit code is that of the present.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// The saved chain to judge.
    #[command(flatten)]
    pub saved: SavedArgs,
}

impl CheckArgs {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
            && self.tool.is_empty()
            && self.baseline.is_none()
            && self.saved.chain.is_none()
            && self.saved.host.is_none()
            && self.saved.at.is_none()
    }
}

/// A chain that was saved, judged without any network.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "A saved chain")]
pub struct SavedArgs {
    /// Judge a saved chain
    ///
    /// PEM, DER or the output of `openssl s_client -showcerts`; `-` is standard input. The certificates in the order they were sent. Nothing is looked at but the file and the root stores.
    #[arg(long, value_name = "FILE", requires = "host", conflicts_with_all = ["targets", "hosts_file", "replay"], hide_short_help = true)]
    pub chain: Option<PathBuf>,
    /// The host that sent the chain
    #[arg(long, value_name = "NAME", requires = "chain", value_parser = host, hide_short_help = true)]
    pub host: Option<Host>,
    /// Judge at this time: 2026-01-31 or 2026-01-31T12:00:00Z
    ///
    /// Without it now, or with --replay the time of the record.
    #[arg(long, value_name = "TIME", value_parser = moment, hide_short_help = true)]
    pub at: Option<OffsetDateTime>,
}

/// What `probe` takes.
#[derive(Args, Debug)]
pub struct ProbeArgs {
    /// Hosts, host:port or URLs
    #[arg(value_name = "TARGET", value_parser = target, help_heading = "Arguments", display_order = 0, required_unless_present_any = ["chain", "replay", "hosts_file"])]
    pub targets: Vec<Target>,
    /// Hear only these tools, for example node,pip; `none` for no tool
    #[arg(long, short, value_name = "TOOL", value_delimiter = ',')]
    pub tool: Vec<String>,
    /// Write the chain file that the server should send
    ///
    /// Its own certificate first, then the intermediates, no root; PEM. `-` is standard output. Refused where it is not
    /// known.
    #[arg(long, value_name = "FILE")]
    pub fix_chain: Option<PathBuf>,
    /// The saved chain to judge.
    #[command(flatten)]
    pub saved: SavedArgs,
}

/// What `env` takes.
#[derive(Args, Debug)]
pub struct EnvArgs {
    /// Hosts, host:port or URLs [default: what this machine's tools use]
    #[arg(value_name = "TARGET", value_parser = target, help_heading = "Arguments", display_order = 0)]
    pub targets: Vec<Target>,
    /// Print for this shell or place [default: the login shell]
    ///
    /// sh, bash, zsh, fish, powershell, cmd, nushell; environment-d and launchctl for what the desktop starts, systemd for
    /// a service; dotenv, dockerfile, github-actions, gitlab-ci, devcontainer, vscode, direnv; json.
    #[arg(long, short, value_name = "SHELL")]
    pub shell: Option<Shell>,
    /// Put only these tools right, for example node,pip
    #[arg(long, short, value_name = "TOOL", value_delimiter = ',')]
    pub tool: Vec<String>,
    /// What to try first: files or system
    ///
    /// `system`: the tool's own way of following the system store, where it is proved for the installed version; `files`: a
    /// file with the CA even there.
    #[arg(long, value_name = "WAY", default_value = "system")]
    pub prefer: Prefer,
    /// Which CAs may be handed out.
    #[command(flatten)]
    pub handout: HandoutArgs,
}

/// What `export` takes.
#[derive(Args, Debug)]
pub struct ExportArgs {
    /// Hosts, host:port or URLs [default: what this machine's tools use]
    #[arg(value_name = "TARGET", value_parser = target, help_heading = "Arguments", display_order = 0)]
    pub targets: Vec<Target>,
    /// Write these formats: pem, der, bundle, jks, p12
    ///
    /// pem and der hold the company's CAs alone, for settings that add; bundle, jks and p12 hold all public roots as well,
    /// for settings that replace. Separated by commas. Without this option pem.
    #[arg(long, value_name = "FORMAT", value_delimiter = ',')]
    pub format: Vec<Format>,
    /// Write to this file or existing folder; `-` is standard output
    ///
    /// Without it to trustgap's own folder.
    #[arg(long, short, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Which CAs may be handed out.
    #[command(flatten)]
    pub handout: HandoutArgs,
}

/// Which CAs may be handed out.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Trust")]
pub struct HandoutArgs {
    /// Trust the CA with this SHA-256 fingerprint
    ///
    /// A CA that is not in the system store is handed out only if you give its fingerprint: compare it with the one
    /// that your IT department publishes. May be repeated.
    #[arg(long, value_name = "SHA256")]
    pub fingerprint: Vec<Fingerprint>,
    /// Find the CA of --fingerprint in this file
    ///
    /// PEM or DER. For gateways that do not send their CA. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Vec<PathBuf>,
    /// Hand out everything that was added to the system store
    ///
    /// Without it only the CAs that signed for the hosts that were looked at.
    #[arg(long)]
    pub local_roots: bool,
}

/// What `verify` takes.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// Hosts, host:port or URLs [default: an inspected one and one that is not]
    #[arg(value_name = "TARGET", value_parser = target, help_heading = "Arguments", display_order = 0)]
    pub targets: Vec<Target>,
    /// Run only these tools, for example node,pip
    #[arg(long, short, value_name = "TOOL", value_delimiter = ',')]
    pub tool: Vec<String>,
    /// What the settings try first, as for env
    #[arg(long, value_name = "WAY", default_value = "system", hide_short_help = true)]
    pub prefer: Prefer,
    /// Which CAs may be handed out.
    #[command(flatten)]
    pub handout: HandoutArgs,
}

/// What `tools` takes.
#[derive(Args, Debug)]
pub struct ToolsArgs {
    /// Show these tools in full, for example node or pip
    #[arg(value_name = "TOOL", help_heading = "Arguments", display_order = 0)]
    pub tools: Vec<String>,
}

/// What `explain` takes.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// A finding's code, for example tls-inspected; without it all codes are listed
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// When text is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// Always.
    Always,
    /// Where the stream is a terminal that shows colour and `NO_COLOR` is not set.
    #[default]
    Auto,
    /// Never.
    Never,
}

/// The sites looked at beside the targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Controls {
    /// None.
    None,
    /// These.
    These(Vec<Target>),
}

/// A duration given in seconds, with or without a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seconds(pub Duration);

impl Default for Seconds {
    fn default() -> Self {
        Self(Duration::from_secs(5))
    }
}

fn target(text: &str) -> Result<Target, NotATarget> {
    text.parse().map_err(harmless)
}

fn host(text: &str) -> Result<Host, NotATarget> {
    text.parse().map_err(harmless)
}

/// What is not a target may hold anything; what is shown of it may not.
fn harmless(error: NotATarget) -> NotATarget {
    match error {
        NotATarget::Empty => NotATarget::Empty,
        NotATarget::Host(host) => NotATarget::Host(sanitise(&host)),
        NotATarget::Port(port) => NotATarget::Port(sanitise(&port)),
        NotATarget::Scheme(scheme) => NotATarget::Scheme(sanitise(&scheme)),
    }
}

fn detour(text: &str) -> Result<ConnectTo, NotADetour> {
    text.parse().map_err(|error| match error {
        NotADetour::Part(part) => NotADetour::Part(harmless(part)),
        NotADetour::Parts => NotADetour::Parts,
    })
}

fn controls(text: &str) -> Result<Controls, NotATarget> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(Controls::None);
    }
    text.split(',').map(target).collect::<Result<_, _>>().map(Controls::These)
}

fn seconds(text: &str) -> Result<Seconds, &'static str> {
    let wrong = "expected a number of seconds between 0.1 and 3600";
    match text.parse::<f64>() {
        Ok(number) if (0.1..=3600.0).contains(&number) => Ok(Seconds(Duration::from_secs_f64(number))),
        _ => Err(wrong),
    }
}

fn moment(text: &str) -> Result<OffsetDateTime, &'static str> {
    let wrong = "expected a time such as 2026-01-31T12:00:00Z or a day such as 2026-01-31";
    let midnight = format!("{text}T00:00:00Z");
    OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| OffsetDateTime::parse(&midnight, &Rfc3339))
        .map_err(|_| wrong)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_help_page_fits_80_columns() {
        let mut command = Cli::command();
        command.build();
        let mut pages = vec![command.clone()];
        pages.extend(command.get_subcommands().cloned());
        for mut page in pages {
            let name = page.get_name().to_owned();
            for help in [page.render_help().to_string(), page.render_long_help().to_string()] {
                for line in help.lines() {
                    assert!(line.chars().count() <= 80, "{name}: {line}");
                }
            }
        }
    }

    #[test]
    fn a_host_alone_is_a_check() {
        let cli =
            Cli::try_parse_from(["trustgap", "--json", "registry.example", "a.example:8443"]).expect("valid");
        assert!(cli.command.is_none() && cli.common.json);
        assert_eq!(cli.check.targets.len(), 2);
        let cli = Cli::try_parse_from(["trustgap", "--json", "check", "registry.example"]).expect("valid");
        assert!(matches!(cli.command, Some(Command::Check(args)) if args.targets.len() == 1));
    }

    #[test]
    fn wrong_values_are_refused() {
        for arguments in [
            &["host:0"][..],
            &["two words"],
            &["http://plain.example"],
            &["--timeout", "0", "a"],
            &["--timeout", "NaN", "a"],
            &["--timeout", "-1", "a"],
            &["--jobs", "0", "a"],
            &["--controls", "a,,b", "a"],
            &["--connect-to", "a:1", "a"],
            &["--chain", "f"],
            &["--host", "a"],
            &["--chain", "f", "--host", "h", "a"],
            &["--at", "yesterday", "a"],
            &["-q", "-v", "a"],
            &["--record", "a", "--replay", "b"],
        ] {
            let given = std::iter::once("trustgap").chain(arguments.iter().copied());
            assert_eq!(Cli::try_parse_from(given).expect_err("wrong").exit_code(), 2, "{arguments:?}");
        }
    }
}
