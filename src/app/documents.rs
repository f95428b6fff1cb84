//! `completions` and `man`: both made from the definition of the command line.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Answer, Failure};
use crate::cli::Cli;

/// Returns the completions for a shell.
pub(super) fn completions(shell: Shell) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "trustgap", &mut script);
    Answer::plain(String::from_utf8_lossy(&script).into_owned())
}

/// Returns the manual page: that of the program, then one section per command.
pub(super) fn manual() -> Result<Answer, Failure> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    clap_mangen::Man::new(command).render(&mut page).map_err(|e| Failure::undelivered(&e))?;
    Ok(Answer::plain(String::from_utf8_lossy(&page).into_owned()))
}
