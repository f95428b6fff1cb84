//! The command line as types: what can be said, and the help that tells so. Completions and the manual page are
//! made from the same definition.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::facts::route::{ConnectTo, NotADetour};
use crate::facts::target::{Host, NotATarget, Target};
use crate::text::sanitise;

const AFTER_HELP: &str = "\
Examples:
  trustgap                              look at the hosts this machine's tools use
  trustgap registry.example             look at one host
  trustgap env                          print the settings for this shell
  eval \"$(trustgap env)\"                use them
  trustgap verify                       run the real tools before and after
  trustgap demo                         see it all on an inspected network inside
                                        this program; no network needed

Exit codes: 0 nothing wrong, 1 something found, 2 used wrongly, 3 could not find out.";

const CHECK_HELP: &str = "\
Examples:
  trustgap check registry.example git.corp.example:8443
  trustgap check --hosts-file hosts.txt --json
  trustgap check --record machine.json      for a ticket; credentials are taken out
  trustgap check --replay machine.json      judge it on another machine
  openssl s_client -showcerts -connect h:443 </dev/null |
    trustgap check --chain - --host h       judge a chain without any network

Exit codes: 0 nothing wrong, 1 something found, 2 used wrongly, 3 could not find out.";

/// Tells why TLS fails on this machine, and puts every toolchain right
#[derive(Debug, Parser)]
#[command(
    name = "trustgap",
    version,
    about,
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
    /// Print a finding's page: what it means, how to be sure, who fixes it
    Explain(ExplainArgs),
    /// Print completions for a shell
    #[command(
        after_long_help = "Example:\n  trustgap completions bash > ~/.local/share/bash-completion/completions/trustgap"
    )]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page
    #[command(after_long_help = "Example:\n  trustgap man > ~/.local/share/man/man1/trustgap.1")]
    Man,
}

/// Options that every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub struct Common {
    /// Print one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// Colour the text
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub color: When,
    /// Say only the conclusion
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show all evidence
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Keep trustgap's own files here
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "TRUSTGAP_HOME",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub home: Option<PathBuf>,
}

/// How to look; taken everywhere, used by the commands that look at servers.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Looking")]
pub struct Looking {
    /// Patience per step, in seconds
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds, default_value = "5")]
    pub timeout: Seconds,
    /// Go through this proxy; `none` for no proxy [default: the environment's]
    // read by the application: clap would repeat a wrong value, password and all
    #[arg(long, global = true, value_name = "URL|none")]
    pub proxy: Option<String>,
    /// Public sites looked at beside the targets; `none` for none
    #[arg(long, global = true, value_name = "HOST,...|none", value_parser = controls)]
    pub controls: Option<Controls>,
    /// Read more targets from a file, one per line; `-` is standard input
    #[arg(long, global = true, value_name = "FILE|-")]
    pub hosts_file: Option<PathBuf>,
    /// Connect to another address, as curl does
    #[arg(long, global = true, value_name = "HOST:PORT:ADDR:PORT", value_parser = detour)]
    pub connect_to: Vec<ConnectTo>,
    /// Take these roots for the system store: a file or folder
    #[arg(long, global = true, value_name = "PATH", hide_short_help = true)]
    pub system_roots: Option<PathBuf>,
    /// Take these roots for the bundled web roots: a file or folder
    #[arg(long, global = true, value_name = "PATH", hide_short_help = true)]
    pub web_roots: Option<PathBuf>,
    /// Look at so many targets at once [default: all]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), hide_short_help = true)]
    pub jobs: Option<u16>,
    /// Save everything seen, without secrets and personal names
    #[arg(long, global = true, value_name = "FILE|-", conflicts_with = "replay", hide_short_help = true)]
    pub record: Option<PathBuf>,
    /// Judge what was saved by --record instead of this machine
    #[arg(long, global = true, value_name = "FILE|-", hide_short_help = true)]
    pub replay: Option<PathBuf>,
}

/// What `check` takes.
#[derive(Args, Debug, Default)]
pub struct CheckArgs {
    /// Host, host:port or URL [default: the hosts this machine's tools use]
    #[arg(value_name = "TARGET", value_parser = target)]
    pub targets: Vec<Target>,
    /// The saved chain to judge.
    #[command(flatten)]
    pub saved: SavedArgs,
}

impl CheckArgs {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
            && self.saved.chain.is_none()
            && self.saved.host.is_none()
            && self.saved.at.is_none()
    }
}

/// A chain that was saved, judged without any network.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "A saved chain")]
pub struct SavedArgs {
    /// Judge a saved chain: PEM, DER or what `openssl s_client -showcerts` prints
    #[arg(long, value_name = "FILE|-", requires = "host", conflicts_with_all = ["targets", "hosts_file", "replay"])]
    pub chain: Option<PathBuf>,
    /// The host that the chain is for
    #[arg(long, value_name = "NAME", requires = "chain", value_parser = host)]
    pub host: Option<Host>,
    /// Judge at this time, as 2026-01-31T12:00:00Z or 2026-01-31 [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment, hide_short_help = true)]
    pub at: Option<OffsetDateTime>,
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
