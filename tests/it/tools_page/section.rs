//! One tool's part of the page.

use trustgap::catalogue::schema::{Config, Off, On, Scope, Setting, Slot, Tool, Value, Verified};

use super::words::{self, paragraph};

/// Returns a tool's section.
pub(super) fn section(tool: &Tool) -> String {
    let model = tool.like.as_ref().and_then(trustgap::catalogue::tool);
    let own_settings: Vec<&Setting> = tool
        .settings
        .iter()
        .filter(|s| model.is_none_or(|m| !m.settings.iter().any(|o| same(s, o, tool))))
        .collect();
    let mut text = format!("\n### {}\n\n", tool.name);
    text.push_str(&paragraph("", &known(&tool.verified, &format!("`{}`", tool.id))));
    if !tool.also.is_empty() {
        text.push_str(&paragraph("- ", &format!("Also: {}.", tool.also.join(", "))));
    }
    text.push_str(&default_roots(tool));
    text.push_str(&settings(tool, &own_settings));
    if let Some(model) = model {
        let settings = if own_settings.is_empty() { "Settings" } else { "Then" };
        text.push_str(&paragraph(
            "- ",
            &format!("{settings}: those of [{}](#{}).", model.name, words::anchor(&model.name)),
        ));
    }
    text.push_str(&follows(tool));
    // what takes a switch back switches nothing off
    let off = tool.off.iter().filter(|o| o.on != On::Never);
    let off = off.filter(|o| model.is_none_or(|m| !m.off.iter().any(|other| other.at == o.at)));
    text.push_str(&switches(tool, &off.collect::<Vec<_>>()));
    text.push_str(&files(&tool.configs));
    if let Some(children) = &tool.children {
        text.push_str(&paragraph("- ", &format!("What it starts: {}.", children.trim_end_matches('.'))));
    }
    for note in tool.alters.iter().chain(&tool.notes) {
        text.push_str(&paragraph("- ", note));
    }
    let sources: Vec<String> = tool.sources.iter().map(|source| link(source)).collect();
    text.push_str(&paragraph("- ", &format!("Sources: {}.", sources.join(", "))));
    text
}

/// Whether a setting was taken over from the tool it is like. Patterns are compared by their text: what they hold
/// besides depends on what was asked of them before.
fn same(one: &Setting, other: &Setting, tool: &Tool) -> bool {
    let condition = |row: &Setting| {
        let mut condition = row.condition.clone();
        condition.of_runtime = false;
        words::condition(&condition, tool)
    };
    one.at == other.at
        && (one.value, one.effect, one.sets, one.emit) == (other.value, other.effect, other.sets, other.emit)
        && (&one.clears, &one.write, &one.notes) == (&other.clears, &other.write, &other.notes)
        && condition(one) == condition(other)
}

fn known(verified: &Verified, about: &str) -> String {
    match verified.text.split_once(' ') {
        Some(("ran", what)) => format!("{about}. Proved with {what}."),
        Some((_, what)) => format!("{about}. Documented: {}.", what.trim_start_matches("of ")),
        None => format!("{about}. Documented."),
    }
}

fn link(source: &str) -> String {
    if source.starts_with("https://") { format!("<{source}>") } else { source.to_owned() }
}

fn default_roots(tool: &Tool) -> String {
    let rows: Vec<String> = tool
        .trust
        .iter()
        .map(|row| {
            let when = words::condition(&row.condition, tool);
            let note = row.note.as_deref().map(|note| format!(" ({})", note.trim_end_matches('.')));
            let when = if when.is_empty() { String::new() } else { format!(", {when}") };
            format!("{}{when}{}", words::trust(row), note.unwrap_or_default())
        })
        .collect();
    match rows.as_slice() {
        [] => paragraph("- ", "Default roots: not known."),
        [row] => paragraph("- ", &format!("Default roots: {row}.")),
        rows => {
            let rows = rows.iter().map(|row| paragraph("  - ", &format!("{row}.")));
            format!("- Default roots, the first that fits:\n{}", rows.collect::<String>())
        }
    }
}

fn settings(tool: &Tool, settings: &[&Setting]) -> String {
    if settings.is_empty() {
        return String::new();
    }
    let mut ranks: Vec<u8> = settings.iter().filter_map(|s| s.emit).collect();
    ranks.sort_unstable();
    ranks.dedup();
    let mut text = "- Settings, strongest first:\n".to_owned();
    let mut last = String::new();
    for setting in settings {
        let mut parts = vec![match (setting.value, words::effect(setting.effect)) {
            (_, effect @ "no effect") => effect.to_owned(),
            (Value::Switch, effect) => format!("a switch, {effect}"),
            (value, effect) => format!("{}, {effect}", words::value(value)),
        }];
        parts.extend(filled(words::condition(&setting.condition, tool)));
        parts.extend(filled(words::on(&setting.on)).map(|values| format!("switched on by {values}")));
        parts.extend(filled(words::reach(setting.reach).to_owned()));
        let names = |list: &[String]| list.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(" or ");
        parts.extend(filled(names(&setting.needs)).map(|names| format!("read only with {names}")));
        parts.extend(filled(names(&setting.unless)).map(|names| format!("not read with {names}")));
        let rank = setting.emit.and_then(|rank| ranks.iter().position(|r| *r == rank));
        parts.extend(rank.map(|rank| match rank {
            0 => "**1st**".to_owned(),
            1 => "**2nd**".to_owned(),
            2 => "**3rd**".to_owned(),
            more => format!("**{}th**", more + 1),
        }));
        let name = words::at(&setting.at);
        let name = if name == last { "otherwise".to_owned() } else { name };
        let mut sentence = format!("{name}: {}.", parts.join("; "));
        for note in &setting.notes {
            sentence.extend([format!(" {}.", note.trim_end_matches('.'))]);
        }
        if let Some(children) = &setting.children {
            sentence.extend([format!(" Reaches {}.", children.trim_end_matches('.'))]);
        }
        if let Some(verified) = setting.verified.as_ref().filter(|v| v.ran != tool.verified.ran) {
            sentence.push_str(if verified.ran { " Proved." } else { " Documented only." });
        }
        if let Some(source) = &setting.source {
            sentence.extend([format!(" {}", link(source))]);
        }
        text.push_str(&paragraph("  - ", &sentence));
        last = words::at(&setting.at);
    }
    text
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Returns how it is told to follow the system store.
fn follows(tool: &Tool) -> String {
    let by_default = tool.trust.iter().filter(|row| row.system).map(|row| {
        let when = words::condition(&row.condition, tool);
        if when.is_empty() { "by itself".to_owned() } else { format!("by itself ({when})") }
    });
    let by_setting =
        tool.settings.iter().filter(|s| s.value == Value::Switch && s.sets == Some(Slot::System)).map(|s| {
            let when = words::systems(&s.condition);
            format!("with {}{}", words::at(&s.at), if when.is_empty() { when } else { format!(" ({when})") })
        });
    let mut ways: Vec<String> = Vec::new();
    for way in by_default.chain(by_setting) {
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    if ways.is_empty() {
        return String::new();
    }
    paragraph("- ", &format!("Follows the system store {}.", ways.join(", ")))
}

fn switches(tool: &Tool, off: &[&Off]) -> String {
    if off.is_empty() {
        return String::new();
    }
    let mut text = "- Switch verification off (never do):\n".to_owned();
    for row in off {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(filled(words::on(&row.on)));
        parts.extend(filled(words::condition(&row.condition, tool)));
        parts.extend(filled(words::reach(row.reach).to_owned()));
        let mut sentence = words::at(&row.at);
        if !parts.is_empty() {
            sentence.extend([format!(": {}", parts.join("; "))]);
        }
        sentence.push('.');
        if let Some(note) = &row.note {
            sentence.extend([format!(" {}.", note.trim_end_matches('.'))]);
        }
        text.push_str(&paragraph("  - ", &sentence));
    }
    text
}

fn files(configs: &[Config]) -> String {
    if configs.is_empty() {
        return String::new();
    }
    let mut text = "- Its files, strongest first:\n".to_owned();
    for config in configs {
        let whose = match config.scope {
            Scope::Installation => "of this installation",
            Scope::Project => "of the project",
            Scope::System => "of the computer",
            Scope::User => "yours",
        };
        let mut places: Vec<String> = Vec::new();
        for (system, paths) in [
            ("", &config.paths.all),
            ("Linux ", &config.paths.linux),
            ("macOS ", &config.paths.macos),
            ("Windows ", &config.paths.windows),
        ] {
            let paths: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
            if !paths.is_empty() {
                places.push(format!("{system}{}", paths.join(", ")));
            }
        }
        let moved: Vec<String> = config.moved_by.iter().map(|name| format!("`${name}`")).collect();
        if !moved.is_empty() {
            places.push(format!("or where {} points", moved.join(", ")));
        }
        if let Some(listing) = &config.listing {
            places.push(format!("as `{}` lists it", listing.join(" ")));
        }
        let upwards = if config.upwards { ", from the working folder upwards" } else { "" };
        text.push_str(&paragraph("  - ", &format!("{whose}: {}{upwards}", places.join("; "))));
    }
    text
}
