//! gcloud: project, account, zone and region, from options, variables and the active configuration.
//! Must never fall back to a configuration where a variable is set to nothing: gcloud does not.

mod properties;
#[cfg(test)]
mod tests;

use super::{Fact, Resolution, Targets};
use crate::reading::Command;
use properties::Found;
pub use properties::Properties;

/// Which project one command acts in.
pub fn resolve(command: &Command) -> Resolution {
    let mut targets = Targets::new("gcloud");
    targets.objects.clone_from(&command.operands);
    match Properties::read(&command.invocation, command.option("--configuration")) {
        Ok(properties) => facts(command, &properties, &mut targets),
        Err(why) => {
            for key in ["project", "account", "zone"] {
                targets.facts.push(Fact::unknown(key, why.clone(), "~/.config/gcloud"));
            }
        }
    }
    let typed = ["project", "account"].iter().find_map(|key| targets.text(key)).filter(|t| !t.is_empty());
    targets.typed = typed.unwrap_or("gcloud").to_owned();
    Resolution::Hits(targets)
}

fn facts(command: &Command, properties: &Properties, targets: &mut Targets) {
    let find = |option: &str, section: &str, key: &str| {
        let given = command.option(option).map(|value| (value.to_owned(), option.to_owned()));
        given.or_else(|| properties.find(section, key))
    };
    let named = |part: &str| {
        command.operands.iter().find_map(|o| Some((segment(o, part)?, "the resource's name".to_owned())))
    };
    let of_project = command.verb.split(' ').next().filter(|group| *group == "projects");
    let operand = command.operands.first().filter(|o| of_project.is_some() && !o.contains('/'));
    let project =
        named("projects").or_else(|| operand.map(|o| (o.clone(), "the command's words".to_owned())));
    let project = project.or_else(|| find("--project", "core", "project"));
    let nobody = "no option, variable or configuration names it; on a machine of Google's its own is taken";
    targets.facts.push(fact("project", project, Some(nobody)));
    targets.facts.push(fact("account", find("--account", "core", "account"), Some(nobody)));
    let zone = named("zones").or_else(|| find("--zone", "compute", "zone"));
    targets.facts.push(fact("zone", zone, None));
    let region = named("regions").or_else(|| find("--region", "compute", "region"));
    if region.is_some() {
        targets.facts.push(fact("region", region, None));
    }
    let impersonated = find("--impersonate-service-account", "auth", "impersonate_service_account");
    if let Some((account, source)) = impersonated.filter(|(a, _)| !a.is_empty()) {
        targets.facts.push(Fact::text("impersonates", account, source));
    }
}

fn fact(key: &'static str, found: Found, nobody: Option<&str>) -> Fact {
    match (found, nobody) {
        (Some((value, source)), _) => Fact::text(key, value, source),
        (None, Some(why)) => Fact::unknown(key, why, "the active configuration"),
        (None, None) => Fact::none(key, "not given"),
    }
}

/// `prod` of `projects/prod/zones/a/instances/vm`, also behind a host or a scheme.
fn segment(operand: &str, part: &str) -> Option<String> {
    let words: Vec<&str> = operand.split('/').collect();
    words.windows(2).find(|pair| pair[0] == part && !pair[1].is_empty()).map(|pair| pair[1].to_owned())
}
