//! Where programs of the kubernetes family let a person override the kubeconfig: the same things under other
//! option names, some also by a variable. Must never let a variable win over an option that was given.

use crate::reading::Command;
use crate::reading::kubectl::global;

/// One thing a person may say: an option, and the variable that is its default; empty for none.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    option: &'static str,
    variable: &'static str,
}

/// How one program calls its overrides.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    kubeconfig: Source,
    context: Source,
    cluster: Source,
    server: Source,
    user: Source,
    token: Source,
    tls_server_name: Source,
    acting: &'static [Source],
    /// What the program does without a namespace.
    pub namespace: Namespace,
}

/// How a program finds its namespace.
#[derive(Clone, Copy, Debug)]
pub enum Namespace {
    /// The option, its variable, the context's, the pod's, `default`.
    Context(Source),
    /// The option, else as flux does: the context's only when asked for, else a variable, else its own.
    Flux,
    /// The option, else a namespace of its own, never the context's.
    Own(Source, &'static str),
}

const NONE: Source = by("", "");

const fn by(option: &'static str, variable: &'static str) -> Source {
    Source { option, variable }
}

pub const KUBECTL: Dialect = Dialect {
    kubeconfig: by("--kubeconfig", ""),
    context: by("--context", ""),
    cluster: by("--cluster", ""),
    server: by("--server", ""),
    user: by("--user", ""),
    token: by("--token", ""),
    tls_server_name: by("--tls-server-name", ""),
    acting: &[by("--as", ""), by("--as-group", ""), by("--as-uid", "")],
    namespace: Namespace::Context(by("--namespace", "")),
};

/// pkg/cli/environment.go: every variable is the default of its option.
const HELM: Dialect = Dialect {
    kubeconfig: by("--kubeconfig", ""),
    context: by("--kube-context", "HELM_KUBECONTEXT"),
    cluster: NONE,
    server: by("--kube-apiserver", "HELM_KUBEAPISERVER"),
    user: NONE,
    token: by("--kube-token", "HELM_KUBETOKEN"),
    tls_server_name: by("--kube-tls-server-name", "HELM_KUBETLS_SERVER_NAME"),
    acting: &[by("--kube-as-user", "HELM_KUBEASUSER"), by("--kube-as-group", "HELM_KUBEASGROUPS")],
    namespace: Namespace::Context(by("--namespace", "HELM_NAMESPACE")),
};

const FLUX: Dialect = Dialect { namespace: Namespace::Flux, ..KUBECTL };

const VELERO: Dialect = Dialect {
    kubeconfig: by("--kubeconfig", ""),
    context: by("--kubecontext", ""),
    cluster: NONE,
    server: NONE,
    user: NONE,
    token: NONE,
    tls_server_name: NONE,
    acting: &[],
    namespace: Namespace::Own(by("--namespace", "VELERO_NAMESPACE"), "velero"),
};

const ISTIOCTL: Dialect = Dialect {
    context: by("--context", ""),
    acting: &[by("--as", ""), by("--as-group", "")],
    namespace: Namespace::Context(by("--namespace", "")),
    ..VELERO
};

const ARGOCD: Dialect = Dialect {
    context: by("--kube-context", ""),
    namespace: Namespace::Context(by("--namespace", "")),
    ..VELERO
};

/// The dialect of a program, by its pack's name.
pub fn dialect(tool: &str) -> &'static Dialect {
    match tool {
        "helm" => &HELM,
        "flux" => &FLUX,
        "velero" => &VELERO,
        "istioctl" => &ISTIOCTL,
        "argocd" => &ARGOCD,
        _ => &KUBECTL,
    }
}

/// A value with what said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub value: String,
    pub source: String,
}

/// Everything that was overridden.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub kubeconfig: Option<Given>,
    pub context: Option<Given>,
    pub cluster: Option<Given>,
    pub server: Option<Given>,
    pub user: Option<Given>,
    pub token: Option<Given>,
    pub username: Option<Given>,
    pub certificate: Option<Given>,
    pub tls_server_name: Option<Given>,
    /// As whom: user, groups.
    pub acting: Vec<String>,
    /// Credentials or TLS settings on the line: the configuration is then no longer the bare default, and the
    /// pod's service account is not used.
    pub own_access: bool,
}

impl Overrides {
    pub fn of(command: &Command, dialect: &Dialect) -> Overrides {
        let given = |source: Source| source.given(command);
        let option = |name: &'static str| by(name, "").given(command);
        let acting: Vec<String> = dialect.acting.iter().flat_map(|s| s.all(command)).collect();
        let mut all = Overrides {
            kubeconfig: given(dialect.kubeconfig),
            context: given(dialect.context),
            cluster: given(dialect.cluster),
            server: given(dialect.server),
            user: given(dialect.user),
            token: given(dialect.token),
            username: option("--username"),
            certificate: option("--client-certificate"),
            tls_server_name: given(dialect.tls_server_name),
            acting,
            own_access: false,
        };
        let named = [&all.server, &all.token, &all.username, &all.certificate, &all.tls_server_name];
        all.own_access = named.iter().any(|g| g.is_some())
            || !all.acting.is_empty()
            || option("--password").is_some()
            || option("--client-key").is_some()
            || option("--certificate-authority").is_some()
            || option("--kube-ca-file").is_some()
            || command.option("--insecure-skip-tls-verify").is_some()
            || command.option("--kube-insecure-skip-tls-verify").is_some();
        all
    }
}

impl Source {
    /// The last option counts, else the variable; an empty value is none, and hides the variable.
    pub fn given(self, command: &Command) -> Option<Given> {
        if !self.option.is_empty() && command.option(self.option).is_some() && !hidden(command, self.option) {
            let value = command.option(self.option).filter(|v| !v.is_empty())?;
            return Some(Given { value: value.to_owned(), source: self.option.to_owned() });
        }
        let variable = Some(self.variable).filter(|v| !v.is_empty())?;
        let value = command.invocation.var_filled(variable)?;
        Some(Given { value, source: format!("${variable}") })
    }

    fn all(self, command: &Command) -> Vec<String> {
        let options: Vec<String> = command.option_values(self.option).map(str::to_owned).collect();
        if options.is_empty() { self.given(command).map(|g| g.value).into_iter().collect() } else { options }
    }
}

/// Whether kubectl means something else by the option here: `create rolebinding --user`.
fn hidden(command: &Command, option: &str) -> bool {
    let filled = command.option(option).is_some_and(|v| !v.is_empty());
    command.tool == "kubectl" && filled && global(command, option).is_none()
}
