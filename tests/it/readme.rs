//! README.md keeps its word: its transcript is what the program prints, its commands and options exist.

use clap::CommandFactory;
use trustgap::cli::Cli;
use trustgap::diagnose::diagnose;
use trustgap::judge::judge;
use trustgap::observe::record;
use trustgap::present::style::{Colour, paint};
use trustgap::present::{Detail, Layout, report};

const README: &str = include_str!("../../README.md");
const WORLD: &[u8] = include_bytes!("../../fixtures/inspected-by-a-gateway.json");

#[test]
fn the_first_screen_is_what_the_program_prints() {
    let observations = record::read(WORLD).expect("a record");
    let answer = diagnose(&observations, &judge(&observations));
    let layout = Layout::terminal(Some(80), Detail::Normal);
    let printed = paint(&report::text(&answer, layout), Colour::Off);
    let shown = README.split("$ trustgap registry.example\n").nth(1).expect("the transcript");
    let shown = shown.split("```").next().expect("its end");
    if std::env::var_os("BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
        std::fs::write(path, README.replacen(shown, &printed, 1)).expect("README.md can be written");
        return;
    }
    assert_eq!(shown, printed, "README.md shows something else; BLESS=1 puts this in:\n{printed}");
}

#[test]
fn every_command_and_option_it_names_exists() {
    let mut program = Cli::command();
    program.build();
    let everything: Vec<&clap::Command> =
        std::iter::once(&program).chain(program.get_subcommands()).collect();
    let options: Vec<&str> =
        everything.iter().flat_map(|c| c.get_arguments()).filter_map(clap::Arg::get_long).collect();
    for line in README.lines().filter(|line| line.contains("trustgap") && !line.contains("cargo")) {
        for call in line.split("trustgap ").skip(1) {
            let words: Vec<&str> =
                call.split(['`', '#', '"', ')']).next().unwrap_or("").split_whitespace().collect();
            for option in words.iter().filter_map(|word| word.strip_prefix("--")) {
                assert!(options.contains(&option), "README.md names `--{option}`, which does not exist");
            }
            if let Some(word) = words.first().filter(|w| w.chars().all(|c| c.is_ascii_lowercase())) {
                let known = program.get_subcommands().any(|command| command.get_name() == *word);
                let prose =
                    line.starts_with(char::is_alphabetic) && !line.contains(&format!("`trustgap {word}"));
                assert!(known || prose, "README.md names the command `{word}`, which does not exist");
            }
        }
    }
}

#[test]
fn a_record_replays_to_the_same_report() {
    let first = record::read(WORLD).expect("a record");
    let person = trustgap::text::redact::Person::default();
    let again = record::read(record::write(&first, &person).expect("writes").as_bytes()).expect("reads");
    let report = |observations| diagnose(observations, &judge(observations));
    assert_eq!(report(&first), report(&again));
}
