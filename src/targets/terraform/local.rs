//! The local backend: which file holds the state, and whether there is anything in it to delete.
//! Must never call a state empty that was not read, or read another file than terraform would.

use super::recorded::{self, Backend};
use super::state::{self, Held, State};
use super::workspace::Workspace;
use super::{Fact, Look, address};
use std::path::PathBuf;

/// Subcommands whose -state chooses the file.
const STATE_OPTION: &[&str] = &[
    "apply",
    "destroy",
    "import",
    "plan",
    "refresh",
    "state list",
    "state mv",
    "state replace-provider",
    "state rm",
    "state show",
    "taint",
    "untaint",
];

/// Subcommands that create no state where there is none; the empty one is help.
const READS: &[&str] = &[
    "",
    "console",
    "graph",
    "output",
    "plan",
    "providers",
    "show",
    "state list",
    "state pull",
    "state show",
    "validate",
    "workspace list",
    "workspace select",
    "workspace show",
];

impl Look<'_> {
    pub(super) fn local(&mut self, backend: &Backend, workspace: &Workspace) {
        self.push_workspace(workspace, None);
        let (read, source) = self.state_file(backend, &workspace.name);
        let verb = self.command.verb.as_str();
        match self.option("--state-out").filter(|_| STATE_OPTION.contains(&verb) && verb != "plan") {
            Some(written) => self.push_state(&self.place.path(&written), "-state-out"),
            None if READS.contains(&verb) && workspace.name != "default" && !exists(&read) => {
                self.targets.facts.push(Fact::none("state", "the workspace has no state yet"));
            }
            None => self.push_state(&read, &source),
        }
        self.targets.facts.push(Fact::none("address", "a local backend has none"));
        if ["apply", "destroy", "workspace delete"].contains(&verb) && !self.has_form("plan") {
            let state = state::read(&self.command.invocation, &read);
            self.judge_state(&state);
        }
        let source = self.command.operands.first().filter(|path| verb == "state push" && *path != "-");
        if source.is_some_and(|path| state::refuses(&self.command.invocation, &self.place.path(path), &read))
        {
            self.targets.traits.add("target.state", "newer");
        }
        self.refusals(workspace, read.parent());
        let custom = backend.text("path").filter(|_| workspace.name == "default").map(address::last_part);
        let fallback = custom.unwrap_or_else(|| self.directory_name());
        self.type_this(workspace, fallback);
    }

    /// The file that is read: `-state` > `path` > `terraform.tfstate`; other workspaces below `workspace_dir`.
    fn state_file(&self, backend: &Backend, workspace: &str) -> (PathBuf, String) {
        let counts = STATE_OPTION.contains(&self.command.verb.as_str());
        if let Some(path) = self.option("--state").filter(|_| counts) {
            return (self.place.path(&path), "-state".into());
        }
        if workspace != "default" {
            let parent = backend.text("workspace_dir").unwrap_or("terraform.tfstate.d");
            let path = self.place.path(parent).join(workspace).join("terraform.tfstate");
            return (path, format!("workspace {}, {}", crate::text::show(workspace), backend.source));
        }
        match backend.text("path") {
            Some(path) => (self.place.path(path), backend.source.clone()),
            None => (self.place.path("terraform.tfstate"), "the local backend's default".into()),
        }
    }

    /// Whether anything can be deleted. An import block can bring an object into the plan that no state holds.
    fn judge_state(&mut self, state: &State) {
        let no_imports = || {
            recorded::configuration(&self.command.invocation, &self.place.directory).is_ok_and(|c| !c.imports)
        };
        let word = match state {
            State::Empty if self.has_form("apply") && !no_imports() => "unknown",
            State::Empty | State::Holds(_) | State::Unknown => state.word(),
        };
        self.targets.traits.add("target.state", word);
        if let State::Holds(all) = state {
            let addresses = || all.iter().map(|held| held.address.clone()).collect();
            if self.has_form("destroy") {
                self.targets.deletes = addresses();
            } else if self.has_form("destroy-targeted") {
                self.targets.deletes = self.targeted(all);
            } else {
                self.targets.objects = addresses();
            }
        }
    }

    /// What -target and -exclude leave to be destroyed, as far as the state tells; all of it where a file has them.
    fn targeted(&self, all: &[Held]) -> Vec<String> {
        let values = |name: &str| -> Vec<String> {
            let values = self.command.option_values(name);
            values.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).collect()
        };
        let (targets, excluded) = (values("--target"), values("--exclude"));
        if targets.is_empty() || self.option("--target-file").is_some() {
            let stays = |held: &&Held| !excluded.iter().any(|e| state::is_within(&held.address, e));
            return all.iter().filter(stays).map(|held| held.address.clone()).collect();
        }
        let going = state::going(all, &targets);
        // An address may be spelled otherwise in the state.
        let missed = |t: &&String| !all.iter().any(|held| state::is_within(&held.address, t));
        let missed: Vec<String> = targets.iter().filter(missed).cloned().collect();
        [going, missed].concat()
    }

    fn option(&self, name: &str) -> Option<String> {
        self.command.option(name).filter(|v| !v.is_empty()).map(str::to_owned)
    }
}

fn exists(path: &std::path::Path) -> bool {
    path.symlink_metadata().is_ok()
}
