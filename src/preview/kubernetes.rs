//! Objects that a kubectl command hits: listed by the same kubectl, with context, namespace and kubeconfig named
//! explicitly. Must never carry a credential in a word, and never read what an object holds: tables, not objects.

use super::reads::{Reads, complaint};
use super::{Ask, Plan, Seen, words};
use crate::reading::Command;
use crate::reading::kubectl::global;
use crate::rules::Count;
use crate::sys::helper::Output;
use crate::targets::{Datum, Targets, Value};
use std::collections::BTreeMap;

/// What counts as the content of a namespace. Secrets are left alone: listing them looks like theft in a cluster's log.
const CONTENTS: &str = "pods,services,deployments.apps,statefulsets.apps,daemonsets.apps,jobs.batch,cronjobs.batch,\
                        ingresses.networking.k8s.io,persistentvolumeclaims,configmaps";

/// Options that say where and as whom; forwarded as given.
const CONNECTION: &[&str] = &[
    "--cluster",
    "--user",
    "--server",
    "--as",
    "--as-uid",
    "--certificate-authority",
    "--client-certificate",
    "--client-key",
    "--tls-server-name",
];

/// How a list of objects is read.
#[derive(Clone, Debug)]
pub struct List {
    /// `in payments`.
    place: String,
    /// A column with the namespace comes first.
    everywhere: bool,
    /// Left out, in words; empty where everything is listed.
    without: &'static str,
}

enum What<'a> {
    /// Everything in a namespace.
    Contents(&'a str),
    /// What a type word and selectors name, in the command's own namespace.
    Selection(&'a str),
    /// All objects of a kind, in all namespaces.
    Kind(&'a str),
    PodsOn(&'a str),
}

pub fn plan(command: &Command, targets: &Targets, limit_ms: u32) -> Plan {
    if targets.traits.has("target.form", "unread") {
        return Plan::Unable("some of the files could not be read".into());
    }
    let named = |kind: &str| -> Vec<&str> {
        targets.objects.iter().filter_map(|o| o.strip_prefix(kind)?.strip_prefix('/')).collect()
    };
    let objects = targets.objects.len() as u64;
    let deletes = command.verb == "delete";
    let (namespaces, kinds, nodes) = (named("namespace"), named("customresourcedefinition"), named("node"));
    let selects = command.traits.has("selection", "all") || command.traits.has("selection", "selector");
    let what = match (namespaces.as_slice(), kinds.as_slice(), nodes.as_slice()) {
        ([one], _, _) if deletes && objects == 1 => What::Contents(one),
        (_, [one], _) if deletes && objects == 1 => What::Kind(one),
        (_, _, [one]) if objects == 1 && (deletes || command.verb == "drain") => What::PodsOn(one),
        _ if selects => match command.operands.first().filter(|word| !word.contains('/')) {
            Some(types) => What::Selection(types),
            None => return Plan::Unable("it selects by more than a type".into()),
        },
        _ if deletes && !(namespaces.is_empty() && kinds.is_empty()) => {
            return Plan::Unable("several namespaces or kinds go with all that is in them".into());
        }
        _ if acts_on_each(&command.verb) && objects > 0 => {
            let what = words::count(objects, "object");
            return Plan::Known(Seen::new(Count::Exactly(objects), format!("{what}, named one by one")));
        }
        _ => return Plan::Nothing,
    };
    ask(command, targets, &what, limit_ms).map_or_else(Plan::Unable, Ask::plan)
}

/// Each named object is what the command acts on, and nothing beyond it.
fn acts_on_each(verb: &str) -> bool {
    matches!(verb, "delete" | "label" | "annotate" | "patch" | "edit" | "replace" | "apply" | "cordon")
}

fn ask(command: &Command, targets: &Targets, what: &What, limit_ms: u32) -> Result<Ask, String> {
    for own in ["--token", "--username", "--password"] {
        if global(command, own).is_some() {
            return Err(format!("the command carries its own credentials ({own})"));
        }
    }
    let context = targets.text("context").ok_or("no context names the cluster")?;
    let namespace = match targets.fact("namespace").map(|f| &f.value) {
        Some(Value::Known(Datum::Text(namespace))) => Some(namespace.as_str()),
        Some(Value::Known(Datum::Null)) | None => None,
        Some(Value::Known(Datum::Number(_) | Datum::List(_)) | Value::Unknown(_)) => {
            return Err("it acts in several namespaces".into());
        }
    };
    let (types, scope, subject, place) = match what {
        What::Contents(name) => (CONTENTS, Some(*name), format!("what is in {name}"), format!("in {name}")),
        What::Selection(types) => {
            let place = match namespace {
                Some("*") => "in all namespaces".to_owned(),
                Some(name) => format!("in {name}"),
                None => format!("on {context}"),
            };
            (*types, namespace, format!("what is selected {place}"), place)
        }
        What::Kind(name) => (*name, Some("*"), format!("{name}"), "in all namespaces".into()),
        What::PodsOn(node) => ("pods", Some("*"), format!("pods on {node}"), format!("on {node}")),
    };
    let without = if matches!(what, What::Contents(_)) { "secrets and custom resources" } else { "" };
    let list = List { place, everywhere: scope == Some("*"), without };
    let mut ask = Ask::like(&command.invocation, subject, Reads::Kubernetes(list));
    connect(&mut ask, command, context);
    match scope {
        Some("*") => ask.arg("--all-namespaces"),
        Some(name) => ask.option("--namespace", name),
        None => {}
    }
    ask.option("--request-timeout", &format!("{limit_ms}ms"));
    for word in ["get", "--show-kind", "--no-headers", "--ignore-not-found", "--chunk-size=500"] {
        ask.arg(word);
    }
    match what {
        What::Selection(_) => {
            for name in ["--selector", "--field-selector"] {
                if let Some(value) = command.option(name).filter(|v| !v.is_empty()) {
                    ask.option(name, value);
                }
            }
        }
        What::PodsOn(node) => ask.option("--field-selector", &format!("spec.nodeName={node}")),
        What::Contents(_) | What::Kind(_) => {}
    }
    ask.arg("--");
    ask.arg(types);
    Ok(ask)
}

/// The cluster by the name of its context and by every option that was given.
fn connect(ask: &mut Ask, command: &Command, context: &str) {
    if let Some(file) = global(command, "--kubeconfig") {
        ask.option("--kubeconfig", file);
    }
    ask.option("--context", context);
    for name in CONNECTION {
        if let Some(value) = global(command, name) {
            ask.option(name, value);
        }
    }
    for group in command.option_values("--as-group").filter(|g| !g.is_empty()) {
        ask.option("--as-group", group);
    }
    if let Some(value) = command.option("--insecure-skip-tls-verify") {
        ask.option("--insecure-skip-tls-verify", if value.is_empty() { "true" } else { value });
    }
}

impl List {
    /// One object a line: its namespace where all are listed, then `kind/name`.
    pub fn read(&self, output: &Output) -> Result<Seen, String> {
        let text = String::from_utf8_lossy(&output.out);
        let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let column = line.split_whitespace().nth(usize::from(self.everywhere));
            let kind = column.and_then(|c| c.split_once('/')).map(|(kind, _)| kind);
            let Some(kind) = kind else {
                let why = "kubectl's answer is not a list of objects".to_owned();
                return Err(if output.succeeded { why } else { complaint(output) });
            };
            *kinds.entry(kind.split('.').next().unwrap_or(kind).to_owned()).or_default() += 1;
        }
        let total: u64 = kinds.values().sum();
        let whole = output.succeeded && !output.cut;
        if !whole && total == 0 {
            return Err(complaint(output));
        }
        let mut what = format!("{} {}", words::count(total, "object"), self.place);
        if total > 0 {
            what.push_str(&format!(": {}", words::kinds(&kinds)));
        }
        if !self.without.is_empty() {
            what.push_str(&format!("; {} not counted", self.without));
        }
        if whole {
            return Ok(Seen::new(Count::Exactly(total), what));
        }
        let why = if output.cut { "there are more".to_owned() } else { complaint(output) };
        Ok(Seen::new(Count::AtLeast(total), format!("at least {what}; {why}")))
    }
}

#[cfg(test)]
mod tests {
    use super::List;
    use crate::rules::Count;
    use crate::sys::helper::Output;

    fn output(out: &str, errors: &str) -> Output {
        let succeeded = errors.is_empty();
        Output { out: out.into(), errors: errors.into(), succeeded, cut: false }
    }

    fn list(everywhere: bool) -> List {
        List { place: "in payments".into(), everywhere, without: "" }
    }

    #[test]
    fn lines_are_objects() {
        let out = "pod/web-1   1/1   Running   0   3d\npod/web-2   1/1   Running   0   3d\n\
                   deployment.apps/web   2/2   2   2   3d\n\n";
        let seen = list(false).read(&output(out, "")).expect("a list");
        assert_eq!(seen.words, "3 objects in payments: 2 pods, 1 deployment");
        assert_eq!(seen.count, Count::Exactly(3));
        let seen = list(true).read(&output("payments   pod/web-1   1/1\n", "")).expect("a list");
        assert_eq!(seen.words, "1 object in payments: 1 pod");
        assert_eq!(list(false).read(&output("", "")).map(|s| s.count), Ok(Count::Exactly(0)));
    }

    #[test]
    fn what_failed_in_part_is_a_lower_bound_and_what_failed_is_no_count() {
        let seen = list(false).read(&output("pod/web-1  1/1\n", "Error: jobs is forbidden\n")).expect("a part");
        assert_eq!(seen.count, Count::AtLeast(1));
        assert!(seen.words.contains("forbidden"), "{seen:?}");
        let failed = list(false).read(&output("", "E1\nUnable to connect to the server\n\n"));
        assert_eq!(failed, Err("Unable to connect to the server".into()));
        assert!(list(false).read(&output("something else\n", "")).is_err());
    }
}
