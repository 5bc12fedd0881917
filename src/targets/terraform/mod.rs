//! terraform and tofu: directory, backend, workspace, state and, for a saved plan, what it would delete.
//! Must never contact a backend, and never let a default stand in for a record that cannot be read.
//!
//! Traits: `target.plan` (see `plan::Kind`, or `unreadable`), `target.state` = `empty`, `holds`, `unknown`,
//! `newer` (than what would be pushed, or of another lineage), `target.backend`, `target.run` = `here`, `remote`, `unknown` (who asks for approval),
//! `target.workspace` = `current`, `default`, `absent` (why `workspace delete` is refused).

mod address;
mod connection;
mod hcl;
mod local;
mod outcome;
mod place;
mod plan;
mod recorded;
mod state;
#[cfg(test)]
mod tests;
mod wire;
mod workspace;
mod zip;

use super::fact::{Datum, Value};
use super::{Fact, Resolution, Targets};
use crate::reading::Command;
use place::Place;
use plan::Plan;
use recorded::Backend;
use std::path::Path;
use workspace::Workspace;

/// Everything about where one command goes.
pub fn resolve(command: &Command) -> Resolution {
    let mut targets = Targets::new("terraform");
    match Place::of(command) {
        Ok(place) => Look { command, place, targets: &mut targets }.resolve(),
        Err(why) => {
            for key in ["dir", "backend", "workspace", "state", "address"] {
                targets.facts.push(Fact::unknown(key, why.clone(), "-chdir"));
            }
        }
    }
    if let Some(profile) = command.invocation.var_filled("AWS_PROFILE") {
        targets.facts.push(Fact::text("aws_profile", profile, "$AWS_PROFILE"));
    }
    Resolution::Hits(targets)
}

/// One command being looked at; its facts grow from the directory to the state.
struct Look<'a> {
    command: &'a Command,
    place: Place,
    targets: &'a mut Targets,
}

impl Look<'_> {
    fn resolve(mut self) {
        let plan = self.has_form("plan").then(|| self.plan());
        let backend = match &plan {
            Some(Ok(plan)) => {
                plan.backend.clone().ok_or("the plan names no backend that guard knows".to_owned())
            }
            Some(Err(why)) => Err(format!("the plan cannot be read: {why}")),
            None => recorded::backend(&self.command.invocation, &self.place.directory, &self.place.data),
        };
        let shown = self.place.shown(&self.place.directory);
        self.targets.facts.push(Fact::text("dir", shown, self.place.source));
        if !self.place.in_checkout {
            // Without a checkout the short form leaves out the parents, which may say where this belongs.
            let whole = Fact::path("directory", &self.place.directory, self.place.source);
            self.targets.facts.push(whole);
        }
        let workspace = workspace::of(self.command, &self.place.data);
        match backend {
            Ok(backend) => self.known(&backend, &workspace),
            Err(why) => self.unknown(&why, &workspace),
        }
        match &plan {
            Some(Ok(plan)) => self.judge_plan(plan, &workspace.name),
            Some(Err(why)) => self.refuse_plan(why),
            None => self.headline(),
        }
    }

    fn has_form(&self, form: &str) -> bool {
        self.command.traits.has("form", form)
    }

    fn plan(&self) -> Result<Plan, String> {
        let path = self.command.operands.first().map_or("", String::as_str);
        let file = self.command.invocation.read(self.place.path(path)).map_err(|error| error.to_string())?;
        plan::read(&file)
    }

    fn known(&mut self, backend: &Backend, workspace: &Workspace) {
        let run = match backend.kind.as_str() {
            "cloud" | "remote" => "remote",
            _ => "here",
        };
        self.targets.traits.add("target.run", run);
        self.targets.traits.add("target.backend", backend.kind.clone());
        self.targets.facts.push(Fact::text("backend", backend.kind.clone(), backend.source.clone()));
        if backend.kind == "local" {
            self.local(backend, workspace);
            return;
        }
        let found = address::of(backend, &workspace.name, &self.command.invocation);
        let decided = found.workspace.filter(|w| *w != workspace.name);
        self.push_workspace(workspace, decided.map(|name| (name, backend.source.clone())));
        let source = found.source;
        self.state_or(Fact::of("state", found.state, source.clone()));
        self.targets.facts.push(Fact::of("address", found.address, source));
        self.refusals(workspace, None);
        self.type_this(workspace, found.last);
    }

    fn unknown(&mut self, why: &str, workspace: &Workspace) {
        self.targets.traits.add("target.run", "unknown");
        self.targets.facts.push(Fact::unknown("backend", why, "the plan or init's record"));
        self.push_workspace(workspace, None);
        self.state_or(Fact::unknown("state", why, "backend"));
        self.targets.facts.push(Fact::unknown("address", why, "backend"));
        self.refusals(workspace, None);
        let name = self.directory_name();
        self.type_this(workspace, name);
    }

    fn push_workspace(&mut self, workspace: &Workspace, decided: Option<(String, String)>) {
        let (name, source) = decided.unwrap_or((workspace.name.clone(), workspace.source.clone()));
        self.targets.facts.push(match &workspace.problem {
            Some(why) => Fact::unknown("workspace", why.clone(), source),
            None => Fact::text("workspace", name, source),
        });
    }

    fn push_state(&mut self, path: &Path, source: &str) {
        let shown = self.place.shown(path);
        self.targets.facts.push(Fact::text("state", shown, source));
    }

    /// `terraform state …` works on a file given with -state, whatever the backend.
    fn state_or(&mut self, fact: Fact) {
        let surgery = self.command.verb.starts_with("state ");
        match self.command.option("--state").filter(|path| surgery && !path.is_empty()) {
            Some(path) => self.push_state(&self.place.path(path), "-state"),
            None => self.targets.facts.push(fact),
        }
    }

    /// Why `workspace delete` would be refused; `directory` is what a local workspace consists of.
    fn refusals(&mut self, workspace: &Workspace, directory: Option<&Path>) {
        if self.command.verb != "workspace delete" {
            return;
        }
        let selected = workspace::selected(&self.command.invocation, &self.place.data);
        if selected.problem.is_none() && selected.name == workspace.name {
            self.targets.traits.add("target.workspace", "current");
        }
        if workspace.name == "default" {
            self.targets.traits.add("target.workspace", "default");
        }
        if directory.is_some_and(|d| matches!(d.try_exists(), Ok(false))) {
            self.targets.traits.add("target.workspace", "absent");
        }
    }

    fn directory_name(&self) -> String {
        self.place.directory.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned())
    }
}
