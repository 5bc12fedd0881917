//! Objects that a helm uninstall takes: the kinds in the release's own manifest, from the same helm, context and
//! namespace. Must never show what an object holds, nor carry a credential in a word.

use super::reads::Reads;
use super::{Ask, Plan, Seen, words};
use crate::reading::Command;
use crate::rules::Count;
use crate::targets::Targets;
use std::collections::BTreeMap;

/// Options that say where or as whom and are not among the facts that are named.
const UNNAMED: &[&str] = &[
    "--kube-apiserver",
    "--kube-as-group",
    "--kube-as-user",
    "--kube-ca-file",
    "--kube-insecure-skip-tls-verify",
    "--kube-tls-server-name",
    "--kube-token",
];

pub fn plan(command: &Command, targets: &Targets) -> Plan {
    let [release] = command.operands.as_slice() else { return Plan::Nothing };
    if command.verb != "uninstall" {
        return Plan::Nothing;
    }
    if let Some(own) = UNNAMED.iter().find(|name| command.option(name).is_some()) {
        return Plan::Unable(format!("the command says by {own} where it goes"));
    }
    let (Some(context), Some(namespace)) = (targets.text("context"), targets.text("namespace")) else {
        return Plan::Unable("the context or the namespace is not known".into());
    };
    let subject = format!("what belongs to {release}");
    let mut ask = Ask::like(&command.invocation, subject, Reads::Manifest(release.clone()));
    if let Some(file) = command.option("--kubeconfig").filter(|file| !file.is_empty()) {
        ask.option("--kubeconfig", file);
    }
    ask.option("--kube-context", context);
    ask.option("--namespace", namespace);
    ["get", "manifest", "--", release].into_iter().for_each(|word| ask.arg(word));
    ask.plan()
}

/// Counts the objects of a manifest by the kinds that stand at the beginning of a line.
pub fn read(release: &str, manifest: &str) -> Result<Seen, String> {
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for kind in manifest.lines().filter_map(|line| line.strip_prefix("kind:")) {
        *kinds.entry(kind.trim().trim_matches(['"', '\''])).or_default() += 1;
    }
    let n = kinds.values().sum();
    if n == 0 && !manifest.trim().is_empty() {
        return Err("the release's manifest cannot be read".into());
    }
    let each: Vec<String> = kinds.iter().map(|(kind, n)| words::count(*n, kind)).collect();
    Ok(Seen::new(
        Count::Exactly(n),
        format!("{} in {release}: {}", words::count(n, "object"), each.join(", ")),
    ))
}

#[cfg(test)]
mod tests {
    use super::{plan, read};
    use crate::invocation::{Invocation, Stdin};
    use crate::preview::Plan;
    use crate::reading::{Command, Opt};
    use crate::rules::Count;
    use crate::targets::{Fact, Targets};

    #[test]
    fn the_release_s_own_manifest_is_counted() {
        let invocation = Invocation::here(vec!["helm".into()], Stdin::Unread).expect("a directory");
        let mut command = Command::new(&invocation, "helm");
        command.verb = "uninstall".into();
        command.operands = vec!["web".into()];
        let mut targets = Targets::new("kubernetes");
        assert!(matches!(plan(&command, &targets), Plan::Unable(_)));
        targets.facts.push(Fact::text("context", "prod", "--kube-context"));
        targets.facts.push(Fact::text("namespace", "shop", "-n"));
        let Plan::Ask(ask) = plan(&command, &targets) else { panic!("no look") };
        assert_eq!(
            ask.arguments,
            ["--kube-context=prod", "--namespace=shop", "get", "manifest", "--", "web"]
        );
        command.options = vec![Opt { name: "--kube-token".into(), value: Some("t".into()), at: 0 }];
        assert!(matches!(plan(&command, &targets), Plan::Unable(_)));
        let seen =
            read("web", "---\nkind: Service\nspec:\n  kind: x\n---\nkind: \"Secret\"\n").expect("read");
        assert_eq!(seen.count, Count::Exactly(2));
        assert_eq!(seen.words, "2 objects in web: 1 Secret, 1 Service");
        assert!(read("web", "Error: nonsense").is_err());
    }
}
