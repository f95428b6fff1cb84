//! The environments of what is started elsewhere than from this process: from the desktop, as a service, in a new shell.

use crate::catalogue;
use crate::facts::Environment;
use crate::facts::tool::{Context, Export, ToolLook};

/// The fact that names the file of the service that a tool runs as.
const UNIT: &str = "unit";

/// Returns the service that a tool runs as, such as `docker.service`.
pub fn unit(look: &ToolLook) -> Option<&str> {
    look.facts.get(UNIT)?.rsplit('/').next()
}

/// Returns the environment that something started there would have, as far as the variables go that tools read.
///
/// A new shell adds to the environment at hand. What is started from the desktop or as a service gets nothing of it:
/// only what stands in the places that reach it. `unit` is the service; what is meant for another one is left out.
pub fn environment_in(
    context: Context,
    unit: Option<&str>,
    now: &Environment,
    exports: &[Export],
) -> Environment {
    let mut environment = now.clone();
    if context != Context::Shell {
        for name in catalogue::variables() {
            environment.unset(name);
        }
    }
    for export in exports.iter().filter(|export| export.contexts.contains(&context) && export.is_for(unit)) {
        environment.set(export.name.as_str(), export.value.as_str());
    }
    environment
}

impl Export {
    /// Whether this place concerns a service: it is that one's own, or one for all.
    fn is_for(&self, unit: Option<&str>) -> bool {
        let own = |part: &str| part.strip_suffix(".d").unwrap_or(part).ends_with(".service");
        let named = self.path.split('/').find(|part| own(part));
        named.is_none_or(|part| Some(part.strip_suffix(".d").unwrap_or(part)) == unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_reaches_there_is_there() {
        let export = |path: &str, name: &str, contexts: &[Context]| Export {
            name: name.to_owned(),
            value: path.to_owned(),
            path: path.to_owned(),
            line: None,
            reaches: String::new(),
            contexts: contexts.to_vec(),
        };
        let exports = [
            export("/home/you/.bashrc", "SSL_CERT_FILE", &[Context::Shell]),
            export(
                "/home/you/.config/environment.d/a.conf",
                "SSL_CERT_DIR",
                &[Context::Desktop, Context::Service],
            ),
            export("/etc/systemd/system/docker.service.d/a.conf", "GODEBUG", &[Context::Service]),
            export("/etc/systemd/system/x.service", "NODE_EXTRA_CA_CERTS", &[Context::Service]),
        ];
        let now: Environment = [("NODE_EXTRA_CA_CERTS", "/here"), ("PATH", "/bin")].into_iter().collect();
        let names = |context, unit| {
            let there = environment_in(context, unit, &now, &exports);
            there.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
        };
        let environment_d = "SSL_CERT_DIR=/home/you/.config/environment.d/a.conf";
        assert_eq!(names(Context::Desktop, None), format!("PATH=/bin {environment_d}"));
        assert_eq!(
            names(Context::Service, Some("docker.service")),
            format!("GODEBUG=/etc/systemd/system/docker.service.d/a.conf PATH=/bin {environment_d}")
        );
        assert_eq!(names(Context::Service, None), format!("PATH=/bin {environment_d}"));
        assert_eq!(
            names(Context::Shell, None),
            "NODE_EXTRA_CA_CERTS=/here PATH=/bin SSL_CERT_FILE=/home/you/.bashrc"
        );
    }
}
