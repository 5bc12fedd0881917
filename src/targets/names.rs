//! The names of things that a command's own words say: a namespace, a container, a table, a bucket. An environment
//! looks at them besides the facts. Must never take a file's path, a setting or the words of another command for one.

use super::Targets;
use crate::reading::{Command, kubectl};

/// The fact that says in what another command runs: a pod, a container.
pub const WITHIN: &str = "within";

/// The names, as `guard explain` shows objects: `namespace/prod`, `table prod.orders`, `prod-web`.
pub fn of(command: &Command, targets: &Targets) -> Vec<String> {
    let mut names = match command.tool.as_str() {
        "kubectl" => kubernetes(command, targets),
        "argocd" | "flux" | "helm" | "istioctl" | "kubectl-argo-rollouts" | "kubectl-cnpg" | "velero" => {
            if targets.family == "local" {
                return Vec::new();
            }
            said(command, &targets.objects)
        }
        "docker" => docker(command),
        "bq" | "clickhouse-client" | "dropdb" | "dropuser" | "mysql" | "mysqladmin" | "psql"
        | "redis-cli" => command.traits.values("object").map(str::to_owned).collect(),
        "mongosh" => command.traits.values("object").map(|call| without_arguments(call).to_owned()).collect(),
        "aws" => aws(command),
        "az" | "gcloud" => [words(command), options(command)].concat(),
        "flyctl" | "gh" | "glab" | "heroku" => words(command),
        "terraform" => {
            let named = ["--target", "--replace"].into_iter().flat_map(|o| command.option_values(o));
            let moved = words_of(command, &["state rm", "state mv", "taint"]);
            [targets.deletes.clone(), moved, named.map(str::to_owned).collect()].concat()
        }
        tool if targets.family == tool => [words(command), options(command)].concat(),
        _ => Vec::new(),
    };
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| is_known(name) && seen.insert(name.clone()));
    names
}

/// What another command runs in, as the command that leads there names it: a pod, a container.
pub fn within(command: &Command) -> Option<String> {
    let name = match (command.tool.as_str(), command.verb.as_str()) {
        ("kubectl", "exec" | "debug" | "rsh" | "attach") => {
            kubectl::of_command(command).objects.into_iter().next()
        }
        ("docker", "container exec" | "compose exec") => command.operands.first().cloned(),
        _ => None,
    };
    name.filter(|name| is_known(name))
}

fn kubernetes(command: &Command, targets: &Targets) -> Vec<String> {
    let mut names = targets.objects.clone();
    if names.is_empty() {
        names = kubectl::of_command(command).objects;
    }
    names.extend(selectors(command, &["--selector"]));
    names
}

/// Selectors that name something; `env!=prod` takes it back.
fn selectors(command: &Command, options: &[&str]) -> Vec<String> {
    let values = options.iter().flat_map(|option| command.option_values(option));
    let parts = values.flat_map(|value| value.split(','));
    parts.filter(|part| !part.contains('!') && !part.contains(" notin")).map(str::to_owned).collect()
}

/// Of images, only what is pushed: an image here that is called prod is no production.
fn docker(command: &Command) -> Vec<String> {
    let (group, verb) = command.verb.rsplit_once(' ').unwrap_or(("", command.verb.as_str()));
    match (group, verb) {
        (_, "run" | "create" | "build" | "bake") => {
            command.option_values("--name").map(str::to_owned).collect()
        }
        ("image", "push") => said(command, &command.operands),
        ("image" | "builder" | "buildx" | "manifest" | "trust" | "plugin", _) => Vec::new(),
        (_, "exec") => command.operands.iter().take(1).cloned().collect(),
        (_, "cp") => {
            let containers = command.operands.iter().filter_map(|o| o.split_once(':'));
            containers.map(|(name, _)| name.to_owned()).collect()
        }
        _ => [said(command, &command.operands), selectors(command, &["--filter"])].concat(),
    }
}

fn aws(command: &Command) -> Vec<String> {
    if command.verb.starts_with("s3 ") {
        let mut urls = words(command);
        urls.retain(|word| word.starts_with("s3:"));
        return urls;
    }
    [words(command), options(command)].concat()
}

/// Verbs whose last operand is where something goes; the others only say where it comes from.
const COPIES: &[&str] = &["clone", "copy", "copyto", "cp", "mirror", "restore", "rsync", "sync"];

/// Verbs behind whose first operands stand the words of another command, or none that name anything.
const CARRIES: &[&str] =
    &["api", "console", "exec", "graphql", "psql", "rest", "run", "run:detached", "ssh", "ps:exec"];

fn words(command: &Command) -> Vec<String> {
    said(command, &command.operands)
}

fn words_of(command: &Command, verbs: &[&str]) -> Vec<String> {
    if verbs.contains(&command.verb.as_str()) { words(command) } else { Vec::new() }
}

fn said(command: &Command, operands: &[String]) -> Vec<String> {
    let last = command.verb.rsplit(' ').next().unwrap_or("");
    if CARRIES.contains(&last) {
        return Vec::new();
    }
    let from = if COPIES.contains(&last) { operands.len().saturating_sub(1) } else { 0 };
    // Keys of such a store begin like paths.
    let keys = matches!(command.tool.as_str(), "etcdctl" | "consul" | "vault");
    let named = |word: &&String| keys || !is_file(word);
    operands.iter().skip(from).filter(|word| !word.contains('=')).filter(named).cloned().collect()
}

/// Options that name a thing, by the last word of the option: `--db-instance-identifier`.
const NAMING: &[&str] = &[
    "app",
    "application",
    "arn",
    "arns",
    "bucket",
    "cluster",
    "clusters",
    "database",
    "domain",
    "env",
    "environment",
    "group",
    "identifier",
    "identifiers",
    "instance",
    "instances",
    "name",
    "names",
    "namespace",
    "project",
    "queue",
    "repository",
    "server",
    "service",
    "services",
    "stack",
    "stage",
    "table",
    "topic",
    "vault",
    "vm",
];

/// First words of options that name something else: a copy that is made, what it is made from.
const OF_ANOTHER: &[&str] = &["final", "file", "from", "image", "new", "source", "target", "template"];

fn options(command: &Command) -> Vec<String> {
    let names = |option: &str| {
        let parts: Vec<&str> = option.trim_start_matches('-').split('-').collect();
        parts.last().is_some_and(|last| NAMING.contains(last))
            && parts.first().is_some_and(|first| !OF_ANOTHER.contains(first))
    };
    let values = command.options.iter().filter(|o| names(&o.name)).filter_map(|o| o.value.clone());
    values.filter(|value| !is_file(value)).collect()
}

/// A path, or what looks like a file.
fn is_file(word: &str) -> bool {
    const ENDS: &[&str] = &[
        "conf", "crt", "csv", "dump", "env", "gz", "json", "key", "pem", "sh", "sql", "tar", "tf", "tgz",
        "toml", "txt", "yaml", "yml", "zip",
    ];
    let begins = ["/", "./", "../", "~", "file:", "fileb:", "@"].iter().any(|b| word.starts_with(b));
    let end = word.rsplit_once('.').is_some_and(|(_, end)| ENDS.contains(&end));
    begins || end && !word.contains("://") || word == "." || word == ".."
}

/// `db.getSiblingDB("prod").users.deleteMany` of a call: what follows is data.
fn without_arguments(call: &str) -> &str {
    const NAMES: &[&str] = &["getCollection", "getDB", "getSiblingDB", "getMongo"];
    let mut from = 0;
    while let Some(open) = call.get(from..).and_then(|rest| rest.find('(')).map(|at| from + at) {
        let callee = call[..open].rsplit('.').next().unwrap_or("");
        if !NAMES.contains(&callee) {
            return &call[..open];
        }
        match call[open..].find(')') {
            Some(close) => from = open + close + 1,
            None => return call,
        }
    }
    call
}

/// Every part of it stands on the line; a name that is made while the line runs says nothing.
fn is_known(name: &str) -> bool {
    !name.contains("$(") && !name.contains("${") && !name.contains('`')
}

#[cfg(test)]
mod tests {
    use super::{is_file, without_arguments};

    #[test]
    fn data_of_a_call_names_nothing() {
        assert_eq!(without_arguments("db.users.deleteMany({env: 'prod'})"), "db.users.deleteMany");
        let sibling = r#"db.getSiblingDB("prod").dropDatabase"#;
        assert_eq!(without_arguments(&format!("{sibling}()")), sibling);
    }

    #[test]
    fn a_file_is_no_name() {
        for file in ["./prod", "../prod", "/srv/prod", "~/prod", "prod.yaml", "file://prod", "dir/prod.sql"] {
            assert!(is_file(file), "{file}");
        }
        for name in ["prod", "s3://acme-prod/dump.gz", "prod.example.com", "shop/prod"] {
            assert!(!is_file(name), "{name}");
        }
    }
}
