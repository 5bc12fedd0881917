//! What a git command changes: refs of a remote for a push, the repository and its refs otherwise.
//! Must never contact a remote; one that is a directory here is read like any other file.

mod push;
mod refspec;
mod remote;
#[cfg(test)]
mod tests;

use super::{Datum, Fact, Resolution, Targets};
use crate::reading::git::{Call, Outcome, Repository};
use crate::reading::{Command, Does};

/// Commands that do not act in a repository.
const ANYWHERE: &[&str] = &[
    "clone", "init", "init-db", "config", "config set", "config unset", "config get", "config list", "config edit",
    "config rename-section", "config remove-section", "ls-remote", "send-email", "daemon", "archive", "for-each-repo",
    "credential fill", "credential approve", "credential reject", "credential-store", "credential-cache", "alias",
    "maintenance run", "maintenance start", "maintenance stop", "lfs install", "lfs uninstall", "var", "",
];

/// Resolves a git command.
pub fn resolve(command: &Command) -> Resolution {
    if let Does::Nothing(why) = &command.does {
        return Resolution::Nothing(why.clone());
    }
    let call = Call::of(&command.invocation);
    let (repository, config) = call.settled();
    let Some(repository) = repository else {
        let anywhere = ANYWHERE.contains(&command.verb.as_str()) || !matches!(call.outcome, Outcome::Verb(_));
        if anywhere || matches!(command.does, Does::Unsure(_)) {
            return Resolution::Hits(nowhere(command));
        }
        return Resolution::Nothing("there is no git repository here".to_owned());
    };
    if command.verb == "push" {
        if let Some(trouble) = &config.trouble {
            return Resolution::Nothing(format!("git stops at its configuration: {trouble}"));
        }
        return push::resolve(command, &call, repository, config);
    }
    Resolution::Hits(local(command, &call, repository))
}

/// The facts of the repository itself.
fn about(targets: &mut Targets, call: &Call, repository: &Repository) {
    let top = crate::text::show(repository.top().as_os_str().as_encoded_bytes());
    targets.facts.push(Fact::text("repo", repository.name(), top));
    if repository.is_opaque(&call.invocation) {
        targets.facts.push(Fact::unknown("branch", "its refs are kept in a reftable", "HEAD"));
    }
}

fn local(command: &Command, call: &Call, repository: &Repository) -> Targets {
    let mut targets = Targets::new("git");
    about(&mut targets, call, repository);
    let refs = refs(command);
    if !refs.is_empty() {
        targets.facts.push(Fact::known("refs", Datum::texts(refs.clone()), "the words of the command"));
    }
    let branch = repository.branch(&call.invocation);
    if targets.fact("branch").is_none() {
        targets.facts.push(match &branch {
            Some(branch) => Fact::text("branch", branch.clone(), "HEAD"),
            None => Fact::none("branch", "HEAD is detached"),
        });
    }
    targets.typed = match refs.as_slice() {
        [one] => short(one).to_owned(),
        _ => repository.name(),
    };
    targets.objects = refs;
    targets
}

/// The refs that the words name.
fn refs(command: &Command) -> Vec<String> {
    let below = |prefix: &str| command.operands.iter().map(|o| full(prefix, o)).collect();
    let form = |form: &str| command.traits.has("form", form);
    match command.verb.as_str() {
        "branch" if form("delete-tracking") => below("refs/remotes/"),
        "branch" if form("delete") || form("delete-unmerged") => below("refs/heads/"),
        "branch" if form("moves") && !command.options.iter().any(|o| ["-M", "-C"].contains(&o.name.as_str())) => {
            command.operands.first().map(|o| full("refs/heads/", o)).into_iter().collect()
        }
        "branch" if form("moves") => {
            command.operands.last().map(|o| full("refs/heads/", o)).into_iter().collect()
        }
        "tag" if form("delete") => below("refs/tags/"),
        "tag" if form("moves") => command.operands.first().map(|o| full("refs/tags/", o)).into_iter().collect(),
        "update-ref" | "symbolic-ref" => command.operands.first().cloned().into_iter().collect(),
        "stash drop" | "stash clear" => vec!["refs/stash".to_owned()],
        _ => Vec::new(),
    }
}

fn full(prefix: &str, name: &str) -> String {
    format!("{prefix}{name}")
}

/// A ref as people say it.
fn short(name: &str) -> &str {
    ["refs/heads/", "refs/tags/", "refs/remotes/"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name)
}

/// A command that no repository is needed for.
fn nowhere(command: &Command) -> Targets {
    let mut targets = Targets::new("git");
    targets.facts.push(Fact::none("repo", "it acts in no repository"));
    targets.typed = command.verb.split(' ').next().filter(|v| !v.is_empty()).unwrap_or("git").to_owned();
    targets
}
