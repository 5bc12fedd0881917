//! What an earlier command of a line changes that a later one's target comes from: the context, the branch, the
//! project. Must never take the state of now for the state of then.

use crate::reading::{Command, Does};

/// A command that changes where later ones go.
struct Switch {
    program: &'static str,
    /// Verbs, with operands where those count.
    verbs: &'static [&'static str],
    /// Programs that look there.
    later: &'static [&'static str],
    /// Options of a later command that name the target whatever was chosen before.
    named_by: &'static [&'static str],
}

/// Programs that follow the kubeconfig.
const CLUSTER: &[&str] = &[
    "flux",
    "helm",
    "istioctl",
    "k9s",
    "kubectl",
    "kubectl-argo-rollouts",
    "kubectl-cnpg",
    "kustomize",
    "velero",
];
const CONTEXT: &[&str] = &["--context", "--kube-context"];

const fn row(
    program: &'static str,
    verbs: &'static [&'static str],
    later: &'static [&'static str],
    named_by: &'static [&'static str],
) -> Switch {
    Switch { program, verbs, later, named_by }
}

const SWITCHES: &[Switch] = &[
    row("argocd", &["context", "login", "logout"], &["argocd"], &["--argocd-context", "--server"]),
    row("aws", &["configure", "login"], &["aws", "cdk", "eksctl", "sam"], &[]),
    row("aws", &["eks update-kubeconfig"], CLUSTER, CONTEXT),
    row(
        "az",
        &["account set", "account clear", "login", "cloud set", "configure", "config set"],
        &["az"],
        &["--subscription"],
    ),
    row("az", &["aks get-credentials"], CLUSTER, CONTEXT),
    row("cf", &["target", "login", "api"], &["cf"], &[]),
    row(
        "docker",
        &["context use", "context update", "context import"],
        &["docker"],
        &["--context", "--host"],
    ),
    row("doctl", &["auth switch", "auth init"], &["doctl"], &["--context", "--access-token"]),
    row("doctl", &["kubernetes cluster kubeconfig save"], CLUSTER, CONTEXT),
    row("firebase", &["use", "login"], &["firebase"], &["--project"]),
    row(
        "gcloud",
        &["config set", "config unset", "config configurations activate", "init", "auth login"],
        &["gcloud", "gsutil", "bq"],
        &["--project", "--configuration"],
    ),
    row("gcloud", &["container clusters get-credentials"], CLUSTER, CONTEXT),
    row("gh", &["repo set-default", "auth switch", "auth login"], &["gh"], &["--repo"]),
    row("git", &["checkout", "switch", "remote", "config"], &["git"], &[]),
    row("kind", &["create cluster", "export kubeconfig"], CLUSTER, CONTEXT),
    row(
        "kubectl",
        &[
            "config use-context",
            "config use",
            "config set",
            "config set-context",
            "config set-cluster",
            "config set-credentials",
            "config unset",
            "config rename-context",
            "config delete-context",
            "project",
            "login",
        ],
        CLUSTER,
        CONTEXT,
    ),
    row("kubectx", &["switch", "rename"], CLUSTER, CONTEXT),
    row("kubens", &["switch"], CLUSTER, &["--namespace"]),
    row("minikube", &["profile", "start", "update-context"], CLUSTER, CONTEXT),
    row("pulumi", &["stack select", "stack init", "login"], &["pulumi"], &["--stack"]),
    row("terraform", &["workspace select", "workspace new", "init"], &["terraform"], &[]),
];

/// A command that ran before, and what it changed.
pub struct Switched {
    place: Option<String>,
    by: &'static Switch,
    forced_only: bool,
    words: String,
}

/// What a command changes for those after it.
pub fn switched(command: &Command) -> impl Iterator<Item = Switched> {
    let phrase = phrase(command);
    let acts = !matches!(command.does, Does::Nothing(_)) && counts(command);
    let begins =
        |verb: &str| phrase.strip_prefix(verb).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let by =
        SWITCHES.iter().filter(|s| acts && s.program == command.tool && s.verbs.iter().any(|v| begins(v)));
    let found: Vec<Switched> = by
        .map(|by| Switched {
            place: command.invocation.place().map(str::to_owned),
            by,
            forced_only: command.tool == "git" && !makes_pushes_overwrite(command),
            words: shown(command),
        })
        .collect();
    found.into_iter()
}

impl Switched {
    /// Why the target of a later command is not what it seems; `None` where this changes nothing for it.
    pub fn changes(&self, later: &Command) -> Option<String> {
        let named = self.by.named_by.iter().any(|o| later.option(o).is_some());
        let here = later.invocation.place() == self.place.as_deref();
        let looks = here && !named && self.by.later.contains(&later.tool.as_str());
        let pushes = later.tool != "git" || later.verb == "push" && (!self.forced_only || is_forced(later));
        (looks && pushes).then(|| format!("changed earlier on this line by `{}`", self.words))
    }
}

fn phrase(command: &Command) -> String {
    let operands = command.operands.iter().map(String::as_str);
    std::iter::once(command.verb.as_str()).chain(operands).collect::<Vec<_>>().join(" ")
}

/// A checkout of files leaves the branch as it is, some settings have nothing to do with where a push goes, and
/// an `init` that is told nothing finds the state where it was.
fn counts(command: &Command) -> bool {
    let words = command.invocation.args();
    let any = |test: &dyn Fn(&str) -> bool| words.iter().any(|w| w.to_str().is_some_and(test));
    match (command.tool.as_str(), command.verb.split(' ').next().unwrap_or("")) {
        ("git", "checkout") => !any(&|w| w == "--"),
        ("git", "config") => any(&decides_pushes),
        ("git", "remote") => !["remote", "remote show", "remote get-url"].contains(&command.verb.as_str()),
        ("terraform", "init") => any(&|w| w.contains("backend-config") || w.contains("-reconfigure")),
        _ => true,
    }
}

fn decides_pushes(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    ["remote.", "branch.", "push.", "url."].iter().any(|section| word.starts_with(section))
}

/// `remote.NAME.mirror`, `remote.NAME.push`: a push without any option overwrites then.
fn makes_pushes_overwrite(command: &Command) -> bool {
    let ends = |w: &str| {
        w.ends_with(".mirror") || w.ends_with(".push") || w == "--mirror" || w.starts_with("--mirror=")
    };
    command.invocation.args().iter().any(|w| ends(&w.to_string_lossy().to_ascii_lowercase()))
}

fn is_forced(push: &Command) -> bool {
    push.invocation.args().iter().map(|w| w.to_string_lossy()).any(|w| {
        let letters = w.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
        w.starts_with("--f")
            || w.starts_with("--de")
            || w.starts_with("--m")
            || w.starts_with("--pru")
            || w.starts_with('+')
            || w.starts_with(':')
            || letters.is_some_and(|l| l.contains(['f', 'd']))
    })
}

/// The program, its verb and the name behind it: what else stands there may be secret.
fn shown(command: &Command) -> String {
    let name = command.operands.first().filter(|name| !name.contains("://"));
    let words = [command.tool.as_str(), command.verb.as_str()].into_iter().chain(name.map(String::as_str));
    let words: Vec<&str> =
        words.filter(|w| !w.is_empty() && *w != "switch" || command.tool == "git").collect();
    crate::text::show_line(words.join(" "), 80)
}
