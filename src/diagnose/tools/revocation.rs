//! `revocation-unavailable` of a tool: it trusts the CA, insists on asking about revocation, and nobody can be asked.

use super::{ToolFound, Tools, say};
use crate::diagnose::revocation::WHAT_IT_COSTS;
use crate::diagnose::words::some;
use crate::facts::Code;
use crate::facts::report::{Finding, Owner};
use crate::judge::tool::View;

pub(super) fn rule(tools: &Tools<'_>) -> Vec<ToolFound> {
    if tools.nobody_to_ask.is_empty() {
        return Vec::new();
    }
    let environment = &tools.observations.environment;
    let os = tools.observations.platform.os;
    let mut insisting: Vec<(usize, &str)> = Vec::new();
    for (index, judged) in tools.judged.iter().enumerate() {
        let view = View { tool: judged.tool, look: judged.look, environment, os };
        let trusts = judged.trust.network == Some(true) && judged.trust.verifies;
        insisting.extend(view.insists_on_revocation().filter(|_| trusts).map(|command| (index, command)));
    }
    if insisting.is_empty() {
        return Vec::new();
    }
    let who = say::tools(insisting.iter().map(|(index, _)| &tools.judged[*index]));
    let mut commands: Vec<String> = insisting.iter().map(|(_, command)| (*command).to_owned()).collect();
    commands.dedup();
    let insist = if insisting.len() == 1 { "insists" } else { "insist" };
    let hosts = some(&tools.nobody_to_ask, "hosts");
    let message = format!(
        "{who} {insist} on asking whether a certificate was revoked; for {hosts} nobody can be asked."
    );
    let finding = Finding::problem(Code::RevocationUnavailable, who, message)
        .evidence("Certificates of these hosts name neither a CRL nor an OCSP responder.")
        .value("targets", tools.nobody_to_ask.clone())
        .not(Code::ToolLacksCa, "the CA is trusted; no setting of CAs helps")
        .remedy_with(
            Owner::ItDepartment,
            format!("The CA has to put the address of a CRL into its certificates. {WHAT_IT_COSTS}"),
            commands,
        );
    vec![ToolFound { tools: insisting.into_iter().map(|(index, _)| index).collect(), finding }]
}
