//! `completions` and `man`: both made from the definition of the command line.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Answer, Failure};
use crate::cli::Cli;
use crate::facts::target::{Host, Target};
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

/// Commands that are not there yet, and what to use until then.
const NOT_YET: &[(&str, &str)] = &[
    ("fix", "`trustgap env` prints the settings, and `trustgap verify` shows what they change"),
    ("undo", "trustgap changes no file of yours yet, so there is nothing to take back"),
    ("report", "`trustgap --record FILE` saves everything for a ticket, without secrets and user names"),
];

/// Refuses a bare word that is nearly the name of a command, or will be one: looking for a host of that name would only
/// puzzle. `trustgap check WORD` looks for it all the same.
pub(super) fn refuse_what_reads_as_a_command(targets: &[Target]) -> Result<(), Failure> {
    let Some(Target { host: Host::Name(word), port: 443 }) = targets.first() else {
        return Ok(());
    };
    if let Some((name, instead)) = NOT_YET.iter().find(|(name, _)| name == word) {
        return Err(Failure::usage(format!("the command `trustgap {name}` does not exist yet"))
            .hint(format!("{instead}; `trustgap check {name}` looks at a host of that name")));
    }
    if targets.len() > 1 {
        return Ok(());
    }
    let program = Cli::command();
    let names = program.get_subcommands().map(clap::Command::get_name);
    let Some(name) = names.into_iter().find(|name| is_near(word, name)) else {
        return Ok(());
    };
    Err(Failure::usage(format!("`{word}` is not a command of trustgap"))
        .hint(format!("write `trustgap {name}`, or `trustgap check {word}` if it is a host")))
}

/// Whether a word is a misspelling of a command's name: it begins alike, and little else differs.
fn is_near(word: &str, name: &str) -> bool {
    let letters = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    let most = if name.len() <= 4 { 1 } else { 2 };
    word.chars().next() == name.chars().next()
        && (distance(word, name) <= most || letters(word) == letters(name))
}

/// How many letters have to be changed, added or left out to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bare_words_near_a_command_are_refused() {
        for (word, refused) in [
            ("chekc", true),
            ("exprot", true),
            ("tool", true),
            ("checks", true),
            ("localhost", false),
            ("check.example", false),
            ("wiki", false),
            ("git", false),
            ("nas", false),
            ("dev", false),
            ("evn", true),
            ("elk", false),
            ("fix", true),
            ("undo", true),
            ("report", true),
            ("report.example", false),
        ] {
            let target = word.parse().expect("a host");
            assert_eq!(refuse_what_reads_as_a_command(&[target]).is_err(), refused, "{word}");
        }
    }
}
