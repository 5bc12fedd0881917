//! Which cluster a command talks to, and as whom: client-go's DirectClientConfig with kubectl's overrides
//! (tools/clientcmd/client_config.go, merged_client_builder.go).

use super::kubeconfig::{Context, From, Kubeconfig, Problem};
use crate::invocation::{Invocation, ReadError};
use crate::reading::Command;
use crate::reading::kubectl::global;
use crate::targets::Fact;

/// Facts about the connection, and what the namespace needs of it.
#[derive(Debug)]
pub struct Connection {
    /// `context`, `cluster`, `server`, `user`, in this order.
    pub facts: Vec<Fact>,
    /// The context that counts, where there is one.
    pub context: Option<From<Context>>,
    /// kubectl could use, or uses, the service account of the pod it runs in.
    pub in_pod: bool,
    /// The server is not the one that the context names.
    pub elsewhere: bool,
    /// Why nothing is known of the configuration.
    pub unknown: Option<String>,
}

const TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// Resolves; the error is kubectl's own refusal.
pub fn resolve(command: &Command) -> Result<Connection, String> {
    match Kubeconfig::load(&command.invocation, global(command, "--kubeconfig")) {
        Ok(config) => known(command, &config),
        Err(Problem::Refused(why)) => Err(why),
        Err(Problem::Unknown(why)) => Ok(unknown(command, why)),
    }
}

/// Without a configuration only what the line itself says is known.
fn unknown(command: &Command, why: String) -> Connection {
    let fact = |key: &'static str, option: &'static str| match global(command, option) {
        Some(value) => Fact::text(key, value, option),
        None => Fact::unknown(key, why.clone(), "kubeconfig"),
    };
    let facts = vec![
        fact("context", "--context"),
        fact("cluster", "--cluster"),
        fact("server", "--server"),
        fact("user", "--user"),
    ];
    Connection { facts, context: None, in_pod: false, elsewhere: true, unknown: Some(why) }
}

fn known(command: &Command, config: &Kubeconfig) -> Result<Connection, String> {
    let context = context(command, config)?;
    let of_context = |field: fn(&Context) -> &String| {
        let found = context.as_ref().map(|c| (field(&c.what).clone(), shown_context(c)));
        found.filter(|(value, _)| !value.is_empty())
    };
    let cluster = chosen(command, "--cluster").or_else(|| of_context(|c| &c.cluster));
    let entry = cluster.as_ref().and_then(|(name, _)| config.cluster(name));
    if entry.is_none()
        && let Some(name) = global(command, "--cluster")
    {
        return Err(format!("no server found for cluster {name:?}"));
    }
    let user = chosen(command, "--user").or_else(|| of_context(|c| &c.user));
    let user_known = user.as_ref().is_some_and(|(name, _)| config.user(name).is_some());
    if !user_known && let Some(name) = global(command, "--user") {
        return Err(format!("auth info {name:?} does not exist"));
    }
    let of_file = entry.filter(|e| !e.what.server.is_empty());
    let bare = of_file.is_none() && !user_known && !carries_own_access(command);
    let in_pod = in_pod(&command.invocation);
    let pod_server = if bare && in_pod { service(&command.invocation) } else { None };
    let in_cluster = pod_server.is_some();
    let server = match (global(command, "--server"), of_file, pod_server) {
        (Some(url), _, _) => Fact::text("server", url, "--server"),
        (None, Some(e), _) => {
            Fact::text("server", &e.what.server, format!("cluster {:?} in {}", e.what.name, e.file))
        }
        (None, None, Some(fact)) => fact,
        (None, None, None) => default_server(&command.invocation),
    };
    let elsewhere = global(command, "--server").is_some() || global(command, "--cluster").is_some();
    let facts = vec![
        context_fact(command, config, context.as_ref()),
        named("cluster", cluster, config),
        server,
        user_fact(command, config, user, in_cluster),
    ];
    Ok(Connection { facts, context, in_pod, elsewhere, unknown: None })
}

fn chosen(command: &Command, option: &'static str) -> Option<(String, String)> {
    global(command, option).map(|value| (value.to_owned(), option.to_owned()))
}

fn shown_context(context: &From<Context>) -> String {
    format!("context {:?} in {}", context.what.name, context.file)
}

/// `--context`, else current-context; one that does not exist stops kubectl.
fn context(command: &Command, config: &Kubeconfig) -> Result<Option<From<Context>>, String> {
    if let Some(name) = global(command, "--context") {
        let found = config.context(name).cloned();
        return found.map(Some).ok_or(format!("context {name:?} does not exist"));
    }
    match &config.current {
        Some(current) => match config.context(&current.what) {
            Some(found) => Ok(Some(found.clone())),
            None => Err(format!("current-context {:?} of {} does not exist", current.what, current.file)),
        },
        None => Ok(None),
    }
}

fn context_fact(command: &Command, config: &Kubeconfig, context: Option<&From<Context>>) -> Fact {
    let Some(context) = context else {
        return Fact::none("context", format!("no current-context in {}", config.looked_at.join(", ")));
    };
    let source = match (global(command, "--context"), &config.current) {
        (Some(_), _) => "--context".to_owned(),
        (None, Some(current)) => format!("current-context in {}", current.file),
        (None, None) => shown_context(context),
    };
    Fact::text("context", &context.what.name, source)
}

fn named(key: &'static str, found: Option<(String, String)>, config: &Kubeconfig) -> Fact {
    match found {
        Some((value, source)) => Fact::text(key, value, source),
        None => Fact::none(key, format!("none in {}", config.looked_at.join(", "))),
    }
}

/// Credentials or TLS settings on the line: the configuration is then no longer kubectl's bare default, and the
/// pod's service account is not used.
fn carries_own_access(command: &Command) -> bool {
    const OWN: &[&str] = &[
        "--server",
        "--token",
        "--username",
        "--password",
        "--client-certificate",
        "--client-key",
        "--as",
        "--as-group",
        "--as-uid",
        "--certificate-authority",
        "--insecure-skip-tls-verify",
        "--tls-server-name",
    ];
    OWN.iter().any(|name| {
        global(command, name).is_some()
            || (*name == "--insecure-skip-tls-verify" && command.option(name).is_some())
    })
}

fn user_fact(
    command: &Command,
    config: &Kubeconfig,
    user: Option<(String, String)>,
    in_cluster: bool,
) -> Fact {
    let mut fact = if let Some(name) = global(command, "--username") {
        Fact::text("user", name, "--username")
    } else if global(command, "--token").is_some() {
        Fact::text("user", "(token)", "--token")
    } else if global(command, "--client-certificate").is_some() {
        Fact::text("user", "(client certificate)", "--client-certificate")
    } else if in_cluster {
        Fact::text("user", "(service account)", TOKEN)
    } else {
        named("user", user, config)
    };
    let acting: Vec<&str> =
        ["--as", "--as-group", "--as-uid"].iter().flat_map(|o| command.option_values(o)).collect();
    if !acting.is_empty() {
        fact.source = format!("{}, acting as {} (--as)", fact.source, acting.join(", "));
    }
    fact
}

fn default_server(invocation: &Invocation) -> Fact {
    match invocation.var_filled("KUBERNETES_MASTER") {
        Some(url) => Fact::text("server", url, "$KUBERNETES_MASTER"),
        None => Fact::text("server", "http://localhost:8080", "default"),
    }
}

/// client-go's inClusterClientConfig.Possible.
fn in_pod(invocation: &Invocation) -> bool {
    let set = |name| invocation.var_filled(name).is_some();
    set("KUBERNETES_SERVICE_HOST")
        && set("KUBERNETES_SERVICE_PORT")
        && !matches!(invocation.read(TOKEN), Err(ReadError::Missing))
}

fn service(invocation: &Invocation) -> Option<Fact> {
    let host = invocation.var_filled("KUBERNETES_SERVICE_HOST")?;
    let port = invocation.var_filled("KUBERNETES_SERVICE_PORT")?;
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    Some(Fact::text("server", format!("https://{host}:{port}"), "$KUBERNETES_SERVICE_HOST, inside a pod"))
}
