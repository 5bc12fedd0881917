//! Programs that find their cluster as kubectl does: helm, flux, velero, istioctl, k9s, and argocd without a
//! server. Must never take the context's namespace for a program that has one of its own.

use super::access::{self, Dialect};
use super::connection::{self, Connection};
use super::{facts, namespace, typed};
use crate::reading::Command;
use crate::targets::{Fact, Resolution, Targets};

/// Resolves a command's target.
pub fn resolve(command: &Command) -> Resolution {
    if contacts_nothing(command) {
        return on_this_machine(command);
    }
    let dialect = access::dialect(&command.tool);
    let connection = match connection::resolve(command, dialect) {
        Ok(connection) => connection,
        Err(why) => return Resolution::Nothing(why),
    };
    Resolution::Hits(hits(command, connection, dialect))
}

/// Commands on files and registries alone.
pub fn on_this_machine(command: &Command) -> Resolution {
    let mut targets = Targets::new("local");
    targets.facts.push(Fact::path("cwd", command.invocation.cwd(), "working directory"));
    targets.facts.push(crate::targets::declared::machine());
    targets.objects = command.operands.clone();
    targets.typed = command.operands.first().cloned().unwrap_or_else(|| command.tool.clone());
    Resolution::Hits(targets)
}

fn hits(command: &Command, connection: Connection, dialect: &Dialect) -> Targets {
    let all = command.option("--all-namespaces").is_some()
        || command.tool == "k9s" && command.option("--namespace") == Some("all");
    let namespace = if all {
        Fact::text("namespace", "*", "--all-namespaces")
    } else {
        namespace::resolve(command, &connection, dialect)
    };
    let mut targets = Targets::new("kubernetes");
    let kind = kind(command);
    let names = names(command);
    targets.objects = names.iter().map(|name| format!("{kind}{name}")).collect();
    let place = typed::of(&connection, &namespace, &[]);
    targets.typed = match names {
        [] => place,
        [name] => format!("{place}/{name}"),
        [first, rest @ ..] => format!("{place}/{first}+{}", rest.len()),
    };
    targets.facts = facts(connection, namespace);
    targets
}

/// The operands that name what is acted on: of helm's, all but a chart, a revision, a test's filter.
fn names(command: &Command) -> &[String] {
    match (command.tool.as_str(), command.verb.as_str()) {
        ("helm", "uninstall" | "list") => &command.operands,
        ("helm", _) => command.operands.get(..1).unwrap_or_default(),
        _ => &command.operands,
    }
}

/// What the operands name, where they all name one kind of thing.
fn kind(command: &Command) -> String {
    match (command.tool.as_str(), command.verb.as_str()) {
        ("helm", "uninstall") => "release/".into(),
        ("flux" | "velero", verb) => match verb.split_once(' ') {
            Some(("delete" | "suspend" | "resume" | "reconcile", kind)) => format!("{kind}/"),
            Some((kind, "delete")) => format!("{kind}/"),
            Some(_) | None => String::new(),
        },
        _ => String::new(),
    }
}

fn contacts_nothing(command: &Command) -> bool {
    let first = command.verb.split(' ').next().unwrap_or("");
    match command.tool.as_str() {
        "helm" => matches!(
            first,
            "create" | "dependency" | "env" | "lint" | "package" | "plugin" | "pull" | "push" | "registry"
                | "repo" | "search" | "show" | "verify"
        ),
        "flux" => matches!(first, "envsubst" | "push" | "pull" | "tag" | "list"),
        "velero" => first == "client" || command.verb == "completion",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::resolve;
    use crate::invocation::{Environment, Invocation, Stdin};
    use crate::reading::tool::{OptionSpec, Style, Takes, Tool};
    use crate::reading::{self};
    use crate::targets::{Resolution, Targets};
    use std::fs;

    const CONFIG: &str = "current-context: staging\ncontexts:\n- name: prod\n  context: {cluster: prod-c, user: u, \
        namespace: payments}\n- name: staging\n  context: {cluster: staging-c, user: u}\nclusters:\n- name: prod-c\n  \
        cluster: {server: 'https://prod', proxy-url: 'http://proxy:1'}\n- name: staging-c\n  cluster: {server: \
        'https://staging'}\nusers:\n- name: u\n";

    fn tool(program: &str) -> Tool {
        let value = |long: &str| OptionSpec { long: long.into(), short: None, takes: Takes::Value };
        let options = ["kube-context", "context", "kube-apiserver", "kube-token"].map(value);
        let n = OptionSpec { long: "namespace".into(), short: Some('n'), takes: Takes::Value };
        let options = options.into_iter().chain([n]).collect();
        Tool { style: Style::Pflag, options, ..Tool::named(program) }
    }

    fn target(line: &str, variables: &[(&str, &str)]) -> Targets {
        let home = std::env::temp_dir().join(format!("guard-relatives-{}", std::process::id()));
        fs::create_dir_all(home.join(".kube")).expect("scratch");
        fs::write(home.join(".kube/config"), CONFIG).expect("scratch");
        let home = home.to_string_lossy().into_owned();
        let pairs = variables.iter().copied().chain([("HOME", home.as_str())]);
        let argv = line.split(' ').map(Into::into).collect();
        let invocation = Invocation::here(argv, Stdin::Terminal)
            .expect("cwd")
            .with_environment(Environment::from_pairs(pairs));
        let program = line.split(' ').next().expect("a word");
        let reading = reading::read(&invocation, &tool(program));
        match resolve(&reading.commands[0]) {
            Resolution::Hits(targets) => targets,
            Resolution::Nothing(why) => panic!("{why}"),
        }
    }

    fn at(line: &str, variables: &[(&str, &str)]) -> (String, String, String) {
        let targets = target(line, variables);
        let text = |key| targets.text(key).unwrap_or("-").to_owned();
        (text("context"), text("server"), text("namespace"))
    }

    fn is(at: (String, String, String), expected: (&str, &str, &str)) {
        assert_eq!((at.0.as_str(), at.1.as_str(), at.2.as_str()), expected);
    }

    #[test]
    fn helm_takes_variables_as_the_options_defaults() {
        is(at("helm uninstall api", &[]), ("staging", "https://staging", "default"));
        is(
            at("helm uninstall api", &[("HELM_KUBECONTEXT", "prod")]),
            ("prod", "https://prod", "payments"),
        );
        let both = [("HELM_KUBECONTEXT", "prod"), ("HELM_NAMESPACE", "n")];
        is(at("helm uninstall api --kube-context staging", &both), ("staging", "https://staging", "n"));
        is(at("helm uninstall api -n=", &both), ("prod", "https://prod", "payments"));
        is(
            at("helm uninstall api", &[("HELM_KUBEAPISERVER", "https://other")]),
            ("staging", "https://other", "default"),
        );
    }

    #[test]
    fn flux_follows_the_context_only_when_told() {
        is(at("flux delete ks apps --context prod", &[]), ("prod", "https://prod", "flux-system"));
        let follows = ("FLUX_NS_FOLLOWS_KUBE_CONTEXT", "1");
        is(at("flux delete ks apps --context prod", &[follows]), ("prod", "https://prod", "payments"));
        let own = ("FLUX_SYSTEM_NAMESPACE", "gitops");
        is(at("flux delete ks apps", &[own, follows]), ("staging", "https://staging", "gitops"));
        is(
            at("flux delete ks apps", &[("FLUX_SYSTEM_NAMESPACE", "No!")]),
            ("staging", "https://staging", "flux-system"),
        );
        is(at("flux delete ks apps -n a", &[own]), ("staging", "https://staging", "a"));
    }

    #[test]
    fn a_proxy_is_shown_where_there_is_one() {
        assert_eq!(target("helm uninstall a --kube-context prod", &[]).text("proxy-url"), Some("http://proxy:1"));
        assert!(target("helm uninstall a", &[]).fact("proxy-url").is_none());
    }
}
