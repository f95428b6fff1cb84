//! The toolchains of a report: the table of `tools`, and one of them in full.

use std::collections::BTreeMap;

use super::layout::{Detail, Layout};
use super::report;
use super::style::Meaning;
use super::table::{NOTHING, Table};
use super::words;
use crate::facts::Code;
use crate::facts::report::{Finding, Report, SettingReport, SettingState, Severity, ToolReport};
use crate::facts::tool::Context;

/// Returns the answer of `tools`: a table and what is wrong, or (`-v`, or named by the user) each tool in full.
pub fn text(report: &Report, in_full: bool, layout: Layout) -> String {
    let tools = report.tools.as_deref().unwrap_or_default();
    if tools.is_empty() {
        let none = "No tool that trustgap knows was found on this machine.";
        return layout.paragraph(
            if in_full { "The tool was not found on this machine." } else { none },
            0,
            0,
        );
    }
    let mut parts = Vec::new();
    if !in_full {
        parts.push(table(tools, &report.findings, layout));
        parts.extend(alterations(tools, layout));
    }
    if in_full || layout.detail == Detail::Full {
        // what is worth knowing of a tool is said once, however often it is installed
        let said = |index: usize| index > 0 && tools[index - 1].id == tools[index].id;
        let notes =
            |index: usize, tool: &ToolReport| if said(index) { String::new() } else { notes(tool, layout) };
        let one = |(index, tool)| detail(tool, &report.findings, layout) + &notes(index, tool);
        parts.extend(tools.iter().enumerate().map(one));
    }
    if layout.detail != Detail::Brief {
        parts.extend(report::findings(report, layout));
    }
    parts.join("\n")
}

/// Returns the table: a row per installation, with its path where a tool is installed twice. Tools stand under the
/// names that commands take.
pub fn table(tools: &[ToolReport], findings: &[Finding], layout: Layout) -> String {
    let wide = rows(tools, findings, true);
    // what decides about the roots has the longest words: it goes below where the columns have no room
    let table = if wide.fits(layout) { wide } else { rows(tools, findings, false) };
    table.render(layout)
}

fn rows(tools: &[ToolReport], findings: &[Finding], wide: bool) -> Table {
    let mut installations: BTreeMap<&str, usize> = BTreeMap::new();
    for tool in tools {
        *installations.entry(tool.id.0.as_str()).or_default() += 1;
    }
    let headings: &[&str] = &["tool", "version", "roots", "set by", "verdict"];
    let narrow: &[&str] = &["tool", "version", "roots", "verdict"];
    let mut table = Table::new(if wide { headings } else { narrow });
    for tool in tools {
        let twice = installations.get(tool.id.0.as_str()).is_some_and(|count| *count > 1);
        let set_by = short_place(&tool.roots.set_by);
        let mut cells = vec![
            tool.id.to_string(),
            tool.version.as_deref().map_or_else(|| NOTHING.to_owned(), short_version),
            roots(tool),
            verdict(tool, findings),
        ];
        let below = (!wide && set_by != DEFAULT).then(|| format!("set by {set_by}"));
        if wide {
            cells.insert(3, set_by);
        }
        table.row(cells);
        for text in twice.then(|| tool.path.clone()).into_iter().chain(below) {
            table.below(Meaning::Faint.mark(&text));
        }
    }
    table
}

/// Returns what must be known of libraries that change which roots other programs use.
fn alterations(tools: &[ToolReport], layout: Layout) -> Option<String> {
    let mark = Meaning::Unknown.mark("note");
    let said = tools.iter().filter_map(|tool| {
        let version = tool.version.as_deref().unwrap_or_default();
        let what = format!("{mark}  {} {version} in {}. {}", tool.name, tool.path, tool.alters.as_deref()?);
        Some(layout.paragraph(&what, 0, 2))
    });
    let said: String = said.collect();
    (!said.is_empty()).then_some(said)
}

/// Returns everything that is known about one installation.
pub fn detail(tool: &ToolReport, findings: &[Finding], layout: Layout) -> String {
    let version = tool.version.as_deref().map(|v| format!(" {v}")).unwrap_or_default();
    let mut text = layout.paragraph(&Meaning::Heading.mark(&format!("{}{version}", tool.name)), 0, 2);
    let mut add = |label: &str, value: &str| text.push_str(&line(label, value, layout));
    add("path", &tool.path);
    if let Some(runtime) = &tool.runtime {
        add("run by", runtime);
    }
    if tool.roots.source.is_empty() {
        add("roots", "not known for this build");
    } else {
        add("roots", &format!("{}: {}", roots(tool), tool.roots.source));
    }
    add("set by", &tool.roots.set_by);
    add("verdict", &verdict(tool, findings));
    for (label, trusts) in [("network's CAs", tool.trusts_network), ("public roots", tool.trusts_public)] {
        if let Some(trusts) = trusts {
            add(label, if trusts { "trusted" } else { "not trusted" });
        }
    }
    if let Some(trouble) = &tool.trouble {
        add("not known", trouble);
    }
    for (number, setting) in tool.settings.iter().enumerate() {
        add(if number == 0 { "settings" } else { "" }, &in_full(setting));
    }
    text
}

/// Returns what surprises people about a tool.
fn notes(tool: &ToolReport, layout: Layout) -> String {
    let all = tool.alters.iter().chain(&tool.notes).enumerate();
    all.map(|(number, note)| line(if number == 0 { "notes" } else { "" }, note, layout)).collect()
}

/// A line of the detail view.
fn line(label: &str, value: &str, layout: Layout) -> String {
    layout.paragraph(format!("{label:<15}{value}").trim_end(), 2, 15)
}

/// What the roots are set by that nobody set.
const DEFAULT: &str = "default";

/// The class of roots that are none, or not known.
const NO_ROOTS: &str = "none";

/// Where the roots come from, in a cell's words.
fn roots(tool: &ToolReport) -> String {
    let part = |class: &'_ str| if class == "bundled" { "its own" } else { class }.to_owned();
    tool.roots.class.split('+').map(part).collect::<Vec<_>>().join(" + ")
}

fn verdict(tool: &ToolReport, findings: &[Finding]) -> String {
    let Some(code) = tool.findings.first() else {
        // without findings, no roots are roots that nothing is known about
        return if tool.trouble.is_some() || tool.roots.class == NO_ROOTS {
            Meaning::Unknown.mark("unknown")
        } else {
            Meaning::Ok.mark("ok")
        };
    };
    let severity = severity(*code, tool, findings);
    let words = words::code(*code);
    let more = tool.findings.len() - 1;
    let words = if more > 0 { format!("{words} +{more}") } else { words.to_owned() };
    words::meaning(Some(severity)).mark(&words)
}

fn severity(code: Code, tool: &ToolReport, findings: &[Finding]) -> Severity {
    let own = findings.iter().filter(|f| f.code == code);
    let about_it = own.clone().find(|f| f.subject.contains(tool.id.0.as_str()));
    about_it.or_else(|| own.clone().next()).map_or(Severity::Problem, |f| f.severity)
}

fn in_full(setting: &SettingReport) -> String {
    let state = match setting.state {
        SettingState::Ignored => "not read",
        SettingState::InEffect => "in effect",
        SettingState::Overridden => "overridden",
        SettingState::SwitchesOff => "switches verification off",
    };
    let by = setting.beaten_by.as_deref().map(|by| format!(" by {by}")).unwrap_or_default();
    let because = setting.because.as_deref().map(|because| format!(", {because}")).unwrap_or_default();
    let set_in = setting.set_in.as_deref().map(|place| format!(", set in {place}")).unwrap_or_default();
    let only_here = if setting.state == SettingState::InEffect { only_here(setting) } else { "" };
    format!("{}={} ({}{set_in}): {state}{by}{because}{only_here}", setting.name, setting.value, setting.place)
}

/// Says where a variable that counts here would be missing.
fn only_here(setting: &SettingReport) -> &'static str {
    let Some(contexts) = &setting.set_for else { return "" };
    match (contexts.contains(&Context::Shell), contexts.contains(&Context::Desktop)) {
        (true, true) => "",
        (true, false) => "; what the desktop starts does not have it",
        (false, true) => "; no start-up file of a shell sets it",
        (false, false) => "; no start-up file sets it, so a new session may lack it",
    }
}

/// The file's name and line: the folder is for the detail view.
fn short_place(place: &str) -> String {
    place.rsplit(['/', '\\']).next().unwrap_or(place).to_owned()
}

/// Vendors put dates and build numbers into versions; the detail view has them whole.
fn short_version(version: &str) -> String {
    const LONGEST: usize = 12;
    let end = version.char_indices().nth(LONGEST).map(|(at, _)| at);
    end.map_or_else(|| version.to_owned(), |end| format!("{}…", &version[..end]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::style::{Colour, paint};
    use super::super::{Detail, sample};
    use super::*;

    fn tools() -> Vec<ToolReport> {
        let tool = |id: &str, name: &str, path: &str, class: &str, set_by: &str, findings: &[&str]| {
            json!({
                "id": id, "name": name, "version": "22.1.0", "path": path, "first": true, "findings": findings,
                "roots": { "class": class, "source": "compiled in", "set_by": set_by }
            })
        };
        let mut tools = json!([
            tool("curl", "curl", "/usr/bin/curl", "system", "default", &[]),
            tool("node", "Node.js", "/usr/bin/node", "bundled", "default", &["tool-lacks-ca"]),
            tool("node", "Node.js", "~/.nvm/v18/bin/node", "bundled+file", "NODE_EXTRA_CA_CERTS", &[]),
            tool(
                "npm",
                "npm",
                "/usr/bin/npm",
                "file",
                "~/code/shop/.npmrc:3",
                &["tool-ca-file-unusable", "tool-verification-off"]
            ),
        ]);
        tools[2]["settings"] = json!([
            { "name": "NODE_EXTRA_CA_CERTS", "value": "~/ca.pem", "place": "environment", "state": "in-effect" },
            { "name": "NODE_OPTIONS", "value": "--use-openssl-ca", "place": "~/.bashrc:7", "state": "overridden", "beaten_by": "x" }
        ]);
        serde_json::from_value(tools).expect("the sample is made of tools")
    }

    #[test]
    fn the_table_fits_80_columns() {
        let layout = Layout::terminal(Some(80), Detail::Normal);
        let text = paint(&table(&tools(), &sample::inspected().findings, layout), Colour::Off);
        assert_eq!(
            text,
            "tool  version  roots           set by               verdict\n\
             curl  22.1.0   system          default              ok\n\
             node  22.1.0   its own         default              lacks the CA\n  /usr/bin/node\n\
             node  22.1.0   its own + file  NODE_EXTRA_CA_CERTS  ok\n  ~/.nvm/v18/bin/node\n\
             npm   22.1.0   file            .npmrc:3             CA file unusable +1\n"
        );
    }

    #[test]
    fn where_the_columns_have_no_room_what_decides_goes_below() {
        let mut tools = tools();
        tools[2].roots.set_by = "NODE_EXTRA_CA_CERTS, CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE".to_owned();
        let layout = Layout::terminal(Some(80), Detail::Normal);
        let text = paint(&table(&tools, &sample::inspected().findings, layout), Colour::Off);
        assert!(text.lines().all(|line| line.len() <= 80), "{text}");
        let below = "node  22.1.0   its own + file  ok\n  ~/.nvm/v18/bin/node\n  set by NODE_EXTRA_CA_CERTS, CLOUDSDK";
        assert!(text.contains(below), "{text}");
    }

    #[test]
    fn a_tool_in_full() {
        let text = paint(&detail(&tools()[2], &[], Layout::terminal(Some(80), Detail::Full)), Colour::Off);
        assert_eq!(
            text,
            "Node.js 22.1.0\n  path           ~/.nvm/v18/bin/node\n  roots          its own + file: compiled in\n  \
             set by         NODE_EXTRA_CA_CERTS\n  verdict        ok\n  \
             settings       NODE_EXTRA_CA_CERTS=~/ca.pem (environment): in effect\n                 \
             NODE_OPTIONS=--use-openssl-ca (~/.bashrc:7): overridden by x\n"
        );
    }
}
