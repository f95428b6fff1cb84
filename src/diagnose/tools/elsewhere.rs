//! `tool-lacks-ca` where it is started otherwise: a desktop program or a service gets nothing of a shell's variables.

use super::{ToolFound, Tools, say};
use crate::catalogue::schema::Kind;
use crate::diagnose::words::list;
use crate::facts::report::{Finding, Owner};
use crate::facts::tool::Context;
use crate::facts::{Code, Observations, Os};
use crate::judge::tool::{Place, SetBy, ToolJudgement, ToolTrust, environment_in, judge, unit};
use crate::text::sanitise;

/// Returns what lacks a CA only where it is usually started: from the desktop, or as a service.
pub(super) fn findings(tools: &Tools<'_>) -> Vec<ToolFound> {
    let started = [Context::Desktop, Context::Service].map(|context| {
        let there = (0..tools.judged.len()).filter(|&index| usually(&tools.judged[index]) == Some(context));
        let (lacking, set): (Vec<usize>, Vec<_>) =
            there.filter_map(|index| Some((index, lacks(tools, index, context)?))).unzip();
        let finding = (!lacking.is_empty()).then(|| finding(tools, &lacking, &set.concat(), context));
        finding.map(|finding| ToolFound { finding, tools: lacking })
    });
    started.into_iter().flatten().collect()
}

/// From where a tool is usually started, where that is not a shell.
fn usually(judged: &ToolJudgement) -> Option<Context> {
    match judged.tool.kind {
        Kind::App => Some(Context::Desktop),
        Kind::Daemon if unit(judged.look).is_some() => Some(Context::Service),
        _ => None,
    }
}

/// Whether a tool that trusts the network's CAs in this environment does not where it is usually started; then
/// returns the variables that decide there, with their values.
fn lacks(tools: &Tools<'_>, index: usize, context: Context) -> Option<Vec<(String, String)>> {
    let judged = &tools.judged[index];
    if judged.trust.network != Some(true) || !judged.trust.verifies {
        return None;
    }
    let now = tools.observations;
    let environment = environment_in(context, unit(judged.look), &now.environment, &now.exports);
    let there = Observations { environment, tools: vec![judged.look.clone()], ..now.clone() };
    let judged = judge(&there, &tools.needed);
    let trust = &judged.first().filter(|there| there.trust.network == Some(false))?.trust;
    let value = |name: &str| (name.to_owned(), there.environment.get(name).unwrap_or_default().to_owned());
    Some(variables([trust]).into_iter().map(value).collect())
}

/// Returns the variables that decide about roots, each once.
fn variables<'t>(trusts: impl IntoIterator<Item = &'t ToolTrust<'t>>) -> Vec<&'t str> {
    let mut names: Vec<&str> = Vec::new();
    for part in trusts.into_iter().flat_map(|trust| &trust.effective.parts) {
        if let SetBy::Setting(Place::Variable(name)) = &part.set_by
            && !names.contains(&name.as_str())
        {
            names.push(name);
        }
    }
    names
}

fn finding(tools: &Tools<'_>, lacking: &[usize], set: &[(String, String)], context: Context) -> Finding {
    let rows: Vec<&ToolJudgement> = lacking.iter().map(|index| &tools.judged[*index]).collect();
    let who = say::tools(rows.iter().copied());
    let (one, when) = (rows.len() == 1, when(context));
    let variables = variables(rows.iter().map(|row| &row.trust));
    let verb = if one { "does" } else { "do" };
    let mut finding = Finding::problem(
        Code::ToolLacksCa,
        who.clone(),
        format!("{who} {verb} not trust the CA of this network when started {when}."),
    );
    for name in &variables {
        let value = tools.observations.environment.get(name).unwrap_or_default();
        let set = match tools.exporter(name, value) {
            Some(export) => format!("set in {}, which reaches {}", say::export_place(export), export.reaches),
            None => "set for this process and what it starts".to_owned(),
        };
        finding = finding.evidence(format!("`{}` is {set}, and not what is started {when}.", sanitise(name)));
    }
    for (name, value) in set {
        if let Some(export) = tools.exporter(name, value) {
            let place = say::export_place(export);
            finding = finding
                .evidence(format!("`{}` is set for what is started {when} in {place}.", sanitise(name)));
        }
    }
    let mut ids: Vec<&str> = rows.iter().map(|row| row.look.id.0.as_str()).collect();
    ids.dedup();
    let (text, commands) =
        remedy(tools.observations.platform.os, context, &ids.join(","), &variables, unit(rows[0].look));
    finding
        .value("paths", rows.iter().map(|row| sanitise(&row.look.path)).collect::<Vec<_>>())
        .value("started", if context == Context::Desktop { "desktop" } else { "service" })
        .remedy_with(Owner::You, text, commands)
}

fn when(context: Context) -> &'static str {
    match context {
        Context::Desktop => "from the desktop",
        Context::Service => "as a service",
        Context::Shell => "from a new shell",
    }
}

/// Says how settings get there.
fn remedy(
    os: Os,
    context: Context,
    ids: &str,
    variables: &[&str],
    unit: Option<&str>,
) -> (String, Vec<String>) {
    let env = |shell: &str| format!("trustgap env --tool {ids} --shell {shell}");
    match (context, os) {
        (Context::Service, _) => {
            let unit = sanitise(unit.unwrap_or("SERVICE"));
            let text = "Print the settings, put them into the service's drop-in file, and restart it.".to_owned();
            (text, vec![env("systemd"), format!("sudo systemctl edit {unit}")])
        }
        (_, Os::Macos) => (
            "Hand the settings to what is not started from a shell, and start the program anew; again after each login."
                .to_owned(),
            vec![format!("{} | sh", env("launchctl"))],
        ),
        (_, Os::Windows) => {
            let names = list(&variables.iter().map(|name| format!("`{}`", sanitise(name))).collect::<Vec<_>>());
            let set = |name: &&str| {
                let name = sanitise(name);
                format!("[Environment]::SetEnvironmentVariable('{name}', $env:{name}, 'User')")
            };
            let text = format!("Keep {names} among your own variables, and start the program anew.");
            (text, variables.iter().map(set).collect())
        }
        (_, Os::Linux | Os::Unix) => (
            "Put the settings where the desktop reads them, and log in anew.".to_owned(),
            vec![
                "mkdir -p ~/.config/environment.d".to_owned(),
                format!("{} > ~/.config/environment.d/90-trustgap.conf", env("environment-d")),
            ],
        ),
    }
}
