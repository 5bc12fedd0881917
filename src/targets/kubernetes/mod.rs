//! kubernetes: which cluster, namespace and objects a kubectl command hits, and as whom.
//! Must never contact a server, and never name a cluster that kubectl would not talk to.

mod access;
mod connection;
mod glob;
mod kubeconfig;
mod kustomize;
mod manifests;
mod namespace;
mod quick;
pub(super) mod relatives;
mod typed;

use self::access::KUBECTL;
use self::connection::Connection;
use self::manifests::Manifests;
use super::{Datum, Fact, Resolution, Targets};
use crate::reading::Command;
use crate::reading::kubectl::{self, RawPath, Resources};

/// Resolves a kubectl command's target. Traits for rules: `target.kind` (kinds found in files) and
/// `target.form` = `unread` (files that could not be read).
pub fn resolve(command: &Command) -> Resolution {
    if !kubectl::is_command(&command.verb) {
        return Resolution::Hits(foreign());
    }
    let here = ["config ", "kuberc "].iter().any(|group| command.verb.starts_with(group));
    if here || matches!(command.verb.as_str(), "project" | "login" | "logout") {
        return Resolution::Hits(on_this_machine(command));
    }
    match hits(command) {
        Ok(targets) => Resolution::Hits(targets),
        Err(why) => Resolution::Nothing(why),
    }
}

fn hits(command: &Command) -> Result<Targets, String> {
    let connection = connection::resolve(command, &KUBECTL)?;
    let resources = kubectl::of_command(command);
    let manifests = manifests::of(command).transpose()?;
    let namespace = namespace_fact(command, &connection, &resources, manifests.as_ref());
    let mut targets = Targets::new("kubernetes");
    targets.objects = resources.objects.clone();
    if let Some(manifests) = &manifests {
        add_manifests(command, manifests, &mut targets);
    }
    targets.objects.sort_by_key(|object| kubectl::rank(object.split('/').next().unwrap_or("")));
    if targets.objects.len() > 1 && (manifests.is_some() || command.verb == "delete") {
        targets.headline = Some(format!("{} {}", command.verb, some_of(&targets.objects)));
    }
    targets.typed = typed::of(&connection, &namespace, &targets.objects);
    targets.facts = facts(connection, namespace);
    for setting in command.traits.values("kuberc") {
        let why = format!(
            "{setting}: kubectl 1.34 and later apply it; set KUBECTL_KUBERC to true or false to be certain"
        );
        targets.facts.push(Fact::unknown("kuberc", why, "preferences"));
    }
    Ok(targets)
}

/// The facts in the order people read them: where, then as whom.
fn facts(connection: Connection, namespace: Fact) -> Vec<Fact> {
    let mut facts = connection.facts;
    facts.insert(facts.len() - 1, namespace);
    facts.extend(connection.more);
    facts
}

/// A plugin, or a command that could not be found out: it connects where it likes.
fn foreign() -> Targets {
    let mut targets = Targets::new("kubernetes");
    for key in ["context", "cluster", "server", "namespace", "user"] {
        targets.facts.push(Fact::unknown(key, "a plugin or an unknown command decides by itself", "plugin"));
    }
    targets.typed = "kubectl".into();
    targets
}

/// `kubectl config` and `kubectl kuberc` change files here and contact nothing.
fn on_this_machine(command: &Command) -> Targets {
    let mut targets = Targets::new("kubernetes");
    targets.objects = command.operands.iter().take(1).cloned().collect();
    targets.typed = "kubeconfig".into();
    targets
}

fn add_manifests(command: &Command, manifests: &Manifests, targets: &mut Targets) {
    for object in &manifests.objects {
        targets.traits.add("target.kind", object.kind.clone());
        if acts_on(command, object) {
            targets.objects.push(format!("{}/{}", object.kind, object.name));
        }
    }
    if !targets.objects.is_empty() {
        targets.headline = Some(format!("{} {}", command.verb, some_of(&targets.objects)));
    }
    if !manifests.unread.is_empty() {
        targets.traits.add("target.form", "unread");
    }
}

/// The first few, and how many more there are.
fn some_of(objects: &[String]) -> String {
    const SHOWN: usize = 6;
    let first: Vec<String> = objects.iter().take(SHOWN).map(crate::text::show).collect();
    match objects.len().saturating_sub(SHOWN) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// With an explicit `-n`, an object of another namespace is an error, for that object only.
fn acts_on(command: &Command, object: &manifests::Object) -> bool {
    match (namespace::given(command), &object.namespace) {
        (Some(given), Some(own)) => !object.namespaced || given == own,
        (None, _) | (_, None) => true,
    }
}

/// The namespace that counts for this command: `*` for all, none for what lives in no namespace.
fn namespace_fact(
    command: &Command,
    connection: &Connection,
    resources: &Resources,
    manifests: Option<&Manifests>,
) -> Fact {
    if let Some(path) = command.option("--raw").filter(|r| !r.is_empty()) {
        return match RawPath::of(path).namespace {
            Some(namespace) => Fact::text("namespace", namespace, "--raw"),
            None => Fact::none("namespace", "--raw"),
        };
    }
    if let Some(manifests) = manifests {
        return of_manifests(command, connection, manifests);
    }
    if matches!(command.verb.as_str(), "drain" | "adm drain") {
        return Fact::text("namespace", "*", "drain evicts pods of every namespace");
    }
    let oc = command.invocation.program() == "oc";
    let global = |t: &kubectl::Type| !t.namespaced() || (oc && t.name == "project");
    if !resources.types.is_empty() && resources.types.iter().all(global) {
        return Fact::none("namespace", "the kind, which lives in no namespace");
    }
    if command.traits.has("scope", "all-namespaces") || command.option("--all-namespaces").is_some() {
        return Fact::text("namespace", "*", "--all-namespaces");
    }
    match kubectl::namespace_of_paths(&command.operands).filter(|_| command.verb == "cp") {
        Some(namespace) => Fact::text("namespace", namespace, "the pod's path"),
        None => namespace::resolve(command, connection, &KUBECTL),
    }
}

fn of_manifests(command: &Command, connection: &Connection, manifests: &Manifests) -> Fact {
    let otherwise = namespace::resolve(command, connection, &KUBECTL);
    let mut named: Vec<String> = Vec::new();
    let mut elsewhere = false;
    for object in manifests.objects.iter().filter(|o| o.namespaced && acts_on(command, o)) {
        match &object.namespace {
            Some(namespace) if !named.contains(namespace) => named.push(namespace.clone()),
            Some(_) => {}
            None => elsewhere = true,
        }
    }
    if !manifests.unread.is_empty() && namespace::given(command).is_none() {
        return Fact::unknown("namespace", manifests.unread.join("; "), "--filename");
    }
    match (named.as_slice(), elsewhere) {
        ([], true) => otherwise,
        ([], false) if manifests.objects.is_empty() => otherwise,
        ([], false) => Fact::none("namespace", "the files hold nothing that lives in a namespace"),
        ([one], false) => Fact::text("namespace", one, "the files"),
        (_, false) => Fact::known("namespace", Datum::texts(named), "the files"),
        (_, true) => match otherwise.value {
            super::Value::Known(Datum::Text(own)) => {
                if !named.contains(&own) {
                    named.push(own);
                }
                Fact::known("namespace", Datum::texts(named), format!("the files, and {}", otherwise.source))
            }
            super::Value::Known(_) | super::Value::Unknown(_) => otherwise,
        },
    }
}

#[cfg(test)]
mod tests;
