//! Which commands the programs around kubernetes have. Must never list an option in `never` that a version takes.

/// One program.
#[derive(Debug)]
pub struct Program {
    pub name: &'static str,
    /// The first words of its commands, with their other spellings.
    pub verbs: &'static str,
    /// It runs `NAME-WORD` from PATH, or a plugin of its own, for a word that is none of its commands.
    pub plugins: bool,
    /// Options that people know from kubectl and that it refuses.
    pub never: &'static [&'static str],
    /// Words that it only suggests another command for.
    pub suggested: &'static [&'static str],
}

pub const PROGRAMS: &[Program] = &[
    Program {
        name: "helm",
        verbs: "__complete __completeNoDesc completion create dep dependencies dependency delete del diff env fetch \
                get hist history inspect install lint list ls package plugin pull push registry repo rollback \
                search secrets show status template test un uninstall upgrade verify version",
        plugins: true,
        never: &["--context", "--cluster", "--user", "--server", "--as", "--token"],
        suggested: &["remove", "rm"],
    },
    Program {
        name: "flux",
        verbs: "__complete __completeNoDesc bootstrap build check completion create debug delete diff envsubst events \
                export get install list logs migrate operator pull push reconcile resume stats suspend tag trace \
                tree trigger uninstall version",
        plugins: true,
        never: &["--kube-context"],
        suggested: &["remove", "rm"],
    },
    Program {
        name: "argocd",
        verbs: "__complete __completeNoDesc account admin app apps appset appsets cert cluster completion configure \
                context ctx gpg login logout proj project projects relogin repo repocreds version",
        plugins: true,
        never: &[],
        suggested: &["delete", "remove", "rm", "sync"],
    },
    Program {
        name: "velero",
        verbs: "__complete __completeNoDesc backup backup-location backups bug client completion create debug delete \
                describe get install plugin plugins repo restore restores schedule schedules snapshot-location \
                uninstall version",
        plugins: true,
        never: &["--context", "--kube-context"],
        suggested: &["remove", "rm"],
    },
    Program {
        name: "istioctl",
        verbs: "__complete __completeNoDesc admin istiod analyze authn authz bug-report completion create-remote-secret \
                dashboard dash d experimental x exp install apply kube-inject manifest operator options pc \
                profile proxy-config proxy-status ps remote-clusters tag uninstall upgrade validate v \
                verify-install version waypoint workload ztunnel-config zc",
        plugins: false,
        never: &["--kube-context"],
        suggested: &["delete", "remove", "rm"],
    },
    Program {
        name: "eksctl",
        verbs: "__complete __completeNoDesc anywhere associate completion create delete deregister disassociate drain \
                enable disable get info register scale set unset update upgrade utils version",
        plugins: false,
        never: &["--context"],
        suggested: &["remove", "rm", "destroy"],
    },
    Program {
        name: "kind",
        verbs: "__complete __completeNoDesc build completion create delete export get load version",
        plugins: false,
        never: &["--context"],
        suggested: &["remove", "rm", "destroy"],
    },
    Program {
        name: "minikube",
        verbs: "__complete __completeNoDesc addons cache completion config cp dashboard delete docker-env image ip \
                kubectl license logs mount node options pause podman-env profile service ssh ssh-host ssh-key \
                start status stop tunnel unpause update-check update-context version",
        plugins: false,
        never: &[],
        suggested: &["remove", "rm", "destroy"],
    },
    Program {
        name: "k3d",
        verbs: "__complete __completeNoDesc cluster clusters completion config image images kubeconfig node nodes \
                plugin registry registries reg runtime-info version",
        plugins: true,
        never: &["--context"],
        suggested: &["remove", "rm", "destroy"],
    },
    Program {
        name: "kustomize",
        verbs: "__complete __completeNoDesc build cfg completion create edit fn localize version",
        plugins: false,
        never: &["--context"],
        suggested: &["delete", "remove", "rm"],
    },
    Program { name: "k9s", verbs: "", plugins: false, never: &["--kube-context"], suggested: &[] },
    Program { name: "kubectx", verbs: "", plugins: false, never: &[], suggested: &[] },
    Program { name: "kubens", verbs: "", plugins: false, never: &[], suggested: &[] },
];
