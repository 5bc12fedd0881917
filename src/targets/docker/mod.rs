//! The daemon that docker and its like act on: context and host; for compose also the project and its files.
//! Must never call a context's own name its address.

mod compose;
mod endpoint;
mod podman;
mod sha256;

#[cfg(test)]
mod tests;

use super::{Datum, Fact, Resolution, Targets, Value};
use crate::reading::Command;
use crate::reading::docker::{self, Line, Program};
use endpoint::Stop;

pub fn resolve(command: &Command) -> Resolution {
    let invocation = &command.invocation;
    let line = match docker::parse(invocation) {
        Ok(line) => line,
        Err(why) => return Resolution::Nothing(why),
    };
    let mut targets = Targets::new("docker");
    if line.verb.starts_with("context ") {
        return Resolution::Hits(own_files(command, &line, targets));
    }
    targets.facts = match line.program {
        Program::Podman => podman::podman(invocation, &line),
        Program::Nerdctl => podman::nerdctl(invocation, &line),
        Program::Docker | Program::Compose => {
            let globals = if line.program == Program::Compose { &line.compose } else { &line.globals };
            match endpoint::of(invocation, globals) {
                Ok(endpoint) => facts(&endpoint),
                Err(Stop::Refused(why)) => return Resolution::Nothing(why),
                Err(Stop::Unknown(why)) => {
                    vec![
                        Fact::unknown("context", why.clone(), "docker"),
                        Fact::unknown("host", why, "docker"),
                    ]
                }
            }
        }
    };
    targets.objects.clone_from(&command.operands);
    let here = targets.text("context").or(targets.text("host")).unwrap_or("docker").to_owned();
    targets.typed = here;
    if line.verb.starts_with("compose ") {
        targets.facts.extend(compose::facts(invocation, &line));
        if let Some(project) = targets.text("project") {
            targets.typed = format!("{}/{project}", targets.typed);
        }
    }
    Resolution::Hits(targets)
}

fn facts(endpoint: &endpoint::Endpoint) -> Vec<Fact> {
    let context = match &endpoint.context {
        Some(name) => Fact::text("context", name.clone(), endpoint.context_source.clone()),
        None => Fact::none("context", endpoint.context_source.clone()),
    };
    let host = match &endpoint.host {
        Ok(host) => Value::Known(Datum::Text(host.clone())),
        Err(why) => Value::Unknown(why.clone()),
    };
    vec![context, Fact::of("host", host, endpoint.host_source.clone())]
}

/// Contexts are docker's own files on this machine; no daemon is asked.
fn own_files(command: &Command, line: &Line, mut targets: Targets) -> Targets {
    targets.family = "local".into();
    match endpoint::configuration(&command.invocation, &line.globals) {
        Some(directory) => targets.facts.push(Fact::path("config", &directory, "docker's configuration")),
        None => targets.facts.push(Fact::unknown("config", "there is no home directory", "docker")),
    }
    targets.facts.push(super::declared::machine());
    targets.objects.clone_from(&command.operands);
    targets.typed = command.operands.first().cloned().unwrap_or_else(|| "docker".into());
    targets
}
