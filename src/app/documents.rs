//! `completions` and `man`: both made from the definition of the command line.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Answer, Failure};
use crate::cli::Cli;
use crate::text::sanitise;

/// Returns the completions for a shell.
pub(super) fn completions(shell: Shell) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "trustgap", &mut script);
    Answer::plain(String::from_utf8_lossy(&script).into_owned())
}

/// Returns the manual page of the program or of one of its commands.
pub(super) fn manual(name: Option<&str>) -> Result<Answer, Failure> {
    let mut program = Cli::command();
    program.build();
    let command = match name {
        None => program,
        Some(name) => page_of(&program, name)?,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).map_err(|e| Failure::undelivered(&e))?;
    Ok(Answer::plain(String::from_utf8_lossy(&page).into_owned()))
}

/// The command, which `build` gave the name of its page: `trustgap-check`.
fn page_of(program: &clap::Command, name: &str) -> Result<clap::Command, Failure> {
    let command = program.find_subcommand(name).ok_or_else(|| {
        Failure::usage(format!("`{}` is not a command of trustgap", sanitise(name)))
            .hint("`trustgap --help` lists them")
    })?;
    Ok(command.clone().version(env!("CARGO_PKG_VERSION")))
}
