//! `demo`: an inspected network inside this process, and a guided run of the real commands against it.
//!
//! Every step carries out what its command line says, as `main` would; the demo adds only where the lab's hosts
//! listen and which stores stand in for this computer's. Its folders are temporary, and so is everything it writes.

mod script;
mod stage;

use serde_json::{Value, json};

use super::{Answer, Desk, Failure};
use crate::edge::terminal;
use crate::present::style::Meaning;
use script::Step;
use stage::Stage;

/// Shows the steps one after the other, each as soon as it is done.
pub(super) fn demo(desk: &Desk) -> Result<Answer, Failure> {
    let progress = desk.progress("starting an inspected network on loopback");
    let stage = Stage::set(desk)?;
    drop(progress);
    let steps = script::steps(&stage);
    if desk.common.json { as_json(&stage, &steps) } else { aloud(desk, &stage, &steps) }
}

fn aloud(desk: &Desk, stage: &Stage, steps: &[Step]) -> Result<Answer, Failure> {
    let tell = |text: &str| match terminal::answer(&desk.paint(text)) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::undelivered(&error)),
        Ok(()) => Ok(true),
    };
    let layout = desk.layout();
    let mut introduction =
        format!("{}\n\n", Meaning::Heading.mark("An inspected network, inside this program"));
    for paragraph in script::INTRODUCTION {
        introduction += &layout.paragraph(paragraph, 0, 0);
        introduction.push('\n');
    }
    if !tell(&introduction)? {
        return Ok(Answer::default());
    }
    for (number, step) in steps.iter().enumerate() {
        let heading = format!("{}. {}", number + 1, step.title);
        let mut text = format!("{}\n", Meaning::Heading.mark(&heading));
        text += &layout.paragraph(step.before, 0, 0);
        text.extend(["\n$ ", &Meaning::Command.mark(&step.shown(layout.width)), "\n"]);
        if !tell(&text)? {
            return Ok(Answer::default());
        }
        let answer = stage.carry_out(step, false)?;
        let mut text = format!("{}{}\n", answer.answer, answer.notes);
        text += &layout.paragraph(step.after, 0, 0);
        text.push('\n');
        if !tell(&text)? {
            return Ok(Answer::default());
        }
    }
    let mut end = String::new();
    for paragraph in script::END {
        end += &layout.paragraph(paragraph, 0, 0);
    }
    Ok(Answer { answer: desk.paint(&end), ..Answer::default() })
}

/// One document: each step's command line, exit code and answer.
fn as_json(stage: &Stage, steps: &[Step]) -> Result<Answer, Failure> {
    let mut documents = Vec::new();
    for step in steps {
        let answer = stage.carry_out(step, true)?;
        let document: Value = serde_json::from_str(&answer.answer)?;
        documents.push(json!({ "command": step.shown(None), "exit_code": answer.code, "answer": document }));
    }
    let document = json!({
        "schema_version": crate::facts::report::SCHEMA_VERSION,
        "tool_version": env!("CARGO_PKG_VERSION"),
        "steps": documents,
    });
    Ok(Answer::plain(crate::present::json(&document)?))
}
