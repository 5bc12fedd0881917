//! cdk: the stacks that are named, the profile, and the role and app where they are given.
//! Must never show fewer stacks than a word such as `--all` selects.

use super::fact::Datum;
use super::{Fact, Resolution, Targets};
use crate::reading::Command;

/// What one command acts on.
pub fn resolve(command: &Command) -> Resolution {
    let mut targets = Targets::new("cdk");
    targets.facts.push(stacks(command));
    let look = Look { command, project: settings(command, "cdk.json"), home: settings_of_home(command) };
    match look.find("--profile", "CDK_PROFILE", "profile") {
        Some((profile, source)) => targets.facts.push(Fact::text("profile", profile, source)),
        None => targets.facts.push(profile_of_environment(command)),
    }
    for (key, option, variable, setting) in
        [("role", "--role-arn", "CDK_ROLE_ARN", "roleArn"), ("app", "--app", "CDK_APP", "app")]
    {
        if let Some((value, source)) = look.find(option, variable, setting) {
            targets.facts.push(Fact::text(key, value, source));
        }
    }
    targets.objects.clone_from(&command.operands);
    targets.typed = match targets.fact("stacks").map(|f| &f.value) {
        Some(super::Value::Known(Datum::List(items))) if !items.is_empty() => {
            items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
        }
        _ => targets.text("profile").unwrap_or("cdk").to_owned(),
    };
    Resolution::Hits(targets)
}

fn stacks(command: &Command) -> Fact {
    let all = command.option("--all").is_some_and(|v| v != "false")
        || command.invocation.var("CDK_ALL").is_some_and(|v| v == "true");
    if all {
        return Fact::known("stacks", Datum::texts(["*"]), "--all");
    }
    match command.operands.is_empty() {
        true => Fact::known("stacks", Datum::List(Vec::new()), "none named: the app's only one, or all of them"),
        false => Fact::known("stacks", Datum::texts(command.operands.clone()), "the command's words"),
    }
}

struct Look<'a> {
    command: &'a Command,
    project: Option<serde_json::Value>,
    home: Option<serde_json::Value>,
}

impl Look<'_> {
    /// Option, `CDK_…`, cdk.json of the project, ~/.cdk.json.
    fn find(&self, option: &str, variable: &str, setting: &str) -> Option<(String, String)> {
        if let Some(value) = self.command.option(option).filter(|v| !v.is_empty()) {
            return Some((value.to_owned(), option.to_owned()));
        }
        if let Some(value) = self.command.invocation.var_filled(variable) {
            return Some((value, format!("${variable}")));
        }
        let files = [(&self.project, "cdk.json"), (&self.home, "~/.cdk.json")];
        files.into_iter().find_map(|(file, name)| {
            let value = file.as_ref()?.get(setting)?.as_str()?;
            Some((value.to_owned(), format!("{setting}, {name}")))
        })
    }
}

fn profile_of_environment(command: &Command) -> Fact {
    let invocation = &command.invocation;
    for variable in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        if let Some(profile) = invocation.var_filled(variable) {
            return Fact::text("profile", profile, format!("${variable}"));
        }
    }
    Fact::text("profile", "default", "default")
}

fn settings(command: &Command, path: impl AsRef<std::path::Path>) -> Option<serde_json::Value> {
    serde_json::from_slice(&command.invocation.read(path).ok()?).ok()
}

fn settings_of_home(command: &Command) -> Option<serde_json::Value> {
    settings(command, command.invocation.home()?.join(".cdk.json"))
}
