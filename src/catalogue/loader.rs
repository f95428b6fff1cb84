//! Reads the tools' files, once, when they are first asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};

use super::folder;
use super::schema::{At, Texts, Tool};
use crate::facts::ToolId;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/catalogue/tools");

static ERRORS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/catalogue/errors");

static TOOLS: LazyLock<Vec<Tool>> = LazyLock::new(|| {
    load()
        .unwrap_or_else(|problem| unreachable!("{problem}; `every_file_is_read` fails before this can ship"))
});

/// Returns every tool of the catalogue, in the order of their ids.
pub fn tools() -> &'static [Tool] {
    &TOOLS
}

/// Returns what libraries print when TLS fails, in the order of their ids.
pub fn texts() -> &'static [Texts] {
    static TEXTS: LazyLock<Vec<Texts>> = LazyLock::new(|| {
        load_texts()
            .unwrap_or_else(|problem| {
                unreachable!("{problem}; `every_file_is_read` fails before this can ship")
            })
            .into_values()
            .collect()
    });
    &TEXTS
}

/// Returns the names of all variables that the tools' rows speak of.
pub fn variables() -> &'static BTreeSet<String> {
    static VARIABLES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let of_tool = |tool: &'static Tool| {
            let settings = tool.settings.iter().map(|s| &s.at);
            let off = tool.off.iter().map(|o| &o.at);
            let hosts = tool.hosts.iter().filter_map(|h| h.at.as_ref());
            settings.chain(off).chain(hosts).filter_map(|at| at.environment.clone())
        };
        tools().iter().flat_map(of_tool).collect()
    });
    &VARIABLES
}

/// Returns a tool by its id.
pub fn tool(id: &ToolId) -> Option<&'static Tool> {
    let all = tools();
    all.binary_search_by(|t| t.id.cmp(id)).ok().map(|i| &all[i])
}

fn load() -> Result<Vec<Tool>, String> {
    let read = folder::read(&FILES, |tool: &Tool| tool.id.0.as_str())?;
    let texts = load_texts()?;
    read.keys().map(|id| with_texts(complete(&read, id, 0)?, &texts)).collect()
}

fn load_texts() -> Result<BTreeMap<String, Texts>, String> {
    folder::read(&ERRORS, |texts: &Texts| texts.id.as_str())
}

/// Puts the texts of the libraries a tool speaks for behind its own.
fn with_texts(mut tool: Tool, texts: &BTreeMap<String, Texts>) -> Result<Tool, String> {
    let mut spoken = Vec::new();
    for id in &tool.speaks {
        if !spoken.contains(id) {
            let library =
                texts.get(id).ok_or_else(|| format!("`{}` speaks `{id}`, which has no file", tool.id))?;
            tool.errors.extend(library.errors.iter().cloned());
            spoken.push(id.clone());
        }
    }
    tool.speaks = spoken;
    Ok(tool)
}

/// Lets the rows of the tool it is like follow a tool's own.
fn complete(read: &BTreeMap<String, Tool>, id: &str, depth: usize) -> Result<Tool, String> {
    let mut tool = read.get(id).ok_or_else(|| format!("there is no tool `{id}`"))?.clone();
    let Some(model) = tool.like.clone() else { return Ok(tool) };
    if depth > 4 {
        return Err(format!("`{id}` is like itself"));
    }
    let model = complete(read, &model.0, depth + 1)?;
    let of_runtime = tool.runs_on.as_ref() == Some(&model.id);
    if tool.trust.is_empty() {
        tool.trust = model.trust;
        tool.trust.iter_mut().for_each(|row| row.condition.of_runtime |= of_runtime);
    }
    // a model may have several rows for one place, made for different versions: all of them follow, or none
    let own: Vec<At> = tool.settings.iter().map(|row| row.at.clone()).collect();
    for mut row in model.settings.into_iter().filter(|row| !own.contains(&row.at)) {
        row.condition.of_runtime |= of_runtime;
        tool.settings.push(row);
    }
    let own: Vec<At> = tool.off.iter().map(|row| row.at.clone()).collect();
    for mut row in model.off.into_iter().filter(|row| !own.contains(&row.at)) {
        row.condition.of_runtime |= of_runtime;
        tool.off.push(row);
    }
    if tool.verifies.is_empty() {
        let inside = tool.detect.inside.as_ref() == Some(&model.id);
        tool.verifies = model.verifies.into_iter().filter(|row| !row.alone).collect();
        tool.verifies.iter_mut().for_each(|row| row.condition.of_runtime |= of_runtime || inside);
    }
    for config in model.configs {
        if tool.configs.iter().all(|own| own.id != config.id) {
            tool.configs.push(config);
        }
    }
    tool.errors.extend(model.errors);
    tool.speaks.extend(model.speaks);
    Ok(tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read() {
        if let Err(problem) = load() {
            panic!("{problem}");
        }
        assert!(tools().len() >= 2);
        assert!(tool(&ToolId("node".to_owned())).is_some());
        assert!(!texts().is_empty());
    }

    #[test]
    fn every_text_is_found_in_its_own_example() {
        let of_libraries = texts().iter().flat_map(|t| t.errors.iter().map(move |e| (t.id.as_str(), e)));
        let of_tools = tools().iter().flat_map(|t| t.errors.iter().map(move |e| (t.id.0.as_str(), e)));
        for (id, error) in of_libraries.chain(of_tools) {
            assert!(error.text.regex().is_some(), "{id}: `{}` is no expression", error.text.as_str());
            assert!(
                error.text.matches(&error.example),
                "{id}: `{}` in {}",
                error.text.as_str(),
                error.example
            );
            assert!(!error.not_told_apart.contains(&error.cause), "{id}: {}", error.example);
        }
    }

    #[test]
    fn every_probe_goes_to_the_host_and_the_port_that_it_is_sent_to() {
        for (tool, probe) in
            tools().iter().flat_map(|tool| tool.probes.iter().map(move |probe| (tool, probe)))
        {
            let texts: Vec<&String> = (probe.arguments.iter())
                .chain(probe.environment.values())
                .chain(probe.files.values())
                .chain(&probe.input)
                .collect();
            let says = |word: &str| texts.iter().any(|text| text.contains(word));
            assert!(says("{url}") || says("{host}") && says("{port}"), "{}: {:?}", tool.id, probe.arguments);
        }
    }
}
