//! terragrunt: the directory, which units below it, the role and workspace. The state of each unit is what
//! terragrunt.hcl makes it: must never be shown as if it were terraform's own directory.

use super::{Fact, Targets};
use crate::reading::Command;

/// What one command goes through.
pub fn resolve(command: &Command) -> Targets {
    let mut targets = Targets::new("terragrunt");
    let invocation = &command.invocation;
    let option = |names: &[&'static str]| {
        names.iter().find_map(|n| {
            command.option(n).filter(|v| !v.is_empty()).map(|v| (v.to_owned(), (*n).to_owned()))
        })
    };
    let variable =
        |names: &[&str]| names.iter().find_map(|n| invocation.var_filled(n).map(|v| (v, format!("${n}"))));
    let given =
        option(&["--working-dir"]).or_else(|| variable(&["TG_WORKING_DIR", "TERRAGRUNT_WORKING_DIR"]));
    let (directory, source) = match given {
        Some((directory, source)) => (invocation.path(directory), source),
        None => (invocation.cwd().to_owned(), "working directory".to_owned()),
    };
    let directory = directory.canonicalize().unwrap_or(directory);
    targets.facts.push(Fact::path("dir", &directory, source));
    let units = match command.traits.values("scope").next() {
        Some("all") => "every unit below",
        Some(_) => "the unit and all that depend on it",
        None => "the unit here",
    };
    targets.facts.push(Fact::text("units", units, "the command's words"));
    let role = option(&["--iam-assume-role", "--iam-role"]);
    let role = role.or_else(|| variable(&["TG_IAM_ASSUME_ROLE", "TERRAGRUNT_IAM_ROLE"]));
    let rest = [
        ("role", role),
        ("workspace", variable(&["TF_WORKSPACE"])),
        ("aws_profile", variable(&["AWS_PROFILE"])),
    ];
    for (key, found) in rest {
        if let Some((value, source)) = found {
            targets.facts.push(Fact::text(key, value, source));
        }
    }
    targets.objects.clone_from(&command.operands);
    targets.typed = directory.file_name().map_or("terragrunt".into(), |n| n.to_string_lossy().into_owned());
    targets
}
