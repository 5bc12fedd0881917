//! Which cluster a command talks to, and as whom: client-go's DirectClientConfig with the overrides of kubectl and its relatives
//! (tools/clientcmd/client_config.go, merged_client_builder.go).

use super::access::{Dialect, Given, Overrides};
use super::kubeconfig::{Cluster, Context, From, Kubeconfig, Problem};
use crate::invocation::{Invocation, ReadError};
use crate::reading::Command;
use crate::targets::Fact;

/// Facts about the connection, and what the namespace needs of it.
#[derive(Debug)]
pub struct Connection {
    /// `context`, `cluster`, `server`, `user`, in this order.
    pub facts: Vec<Fact>,
    /// `proxy-url` and `tls-server-name`, only where they are set.
    pub more: Vec<Fact>,
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

/// Resolves; the error is the program's own refusal.
pub fn resolve(command: &Command, dialect: &Dialect) -> Result<Connection, String> {
    let given = Overrides::of(command, dialect);
    match Kubeconfig::load(&command.invocation, given.kubeconfig.as_ref()) {
        Ok(config) => known(command, &config, &given),
        Err(Problem::Refused(why)) => Err(why),
        Err(Problem::Unknown(why)) => Ok(unknown(&given, why)),
    }
}

/// Without a configuration only what the line itself says is known.
fn unknown(given: &Overrides, why: String) -> Connection {
    let fact = |key: &'static str, given: &Option<Given>| match given {
        Some(given) => Fact::text(key, &given.value, &given.source),
        None => Fact::unknown(key, why.clone(), "kubeconfig"),
    };
    let facts = vec![
        fact("context", &given.context),
        fact("cluster", &given.cluster),
        fact("server", &given.server),
        fact("user", &given.user),
    ];
    Connection { facts, more: Vec::new(), context: None, in_pod: false, elsewhere: true, unknown: Some(why) }
}

fn known(command: &Command, config: &Kubeconfig, given: &Overrides) -> Result<Connection, String> {
    let context = context(config, given)?;
    let of_context = |field: fn(&Context) -> &String| {
        let found = context.as_ref().map(|c| (field(&c.what).clone(), shown_context(c)));
        found.filter(|(value, _)| !value.is_empty())
    };
    let cluster = chosen(&given.cluster).or_else(|| of_context(|c| &c.cluster));
    let entry = cluster.as_ref().and_then(|(name, _)| config.cluster(name));
    if let (None, Some(name)) = (entry, &given.cluster) {
        return Err(format!("no server found for cluster {:?}", name.value));
    }
    let user = chosen(&given.user).or_else(|| of_context(|c| &c.user));
    let user_known = user.as_ref().is_some_and(|(name, _)| config.user(name).is_some());
    if let (false, Some(name)) = (user_known, &given.user) {
        return Err(format!("auth info {:?} does not exist", name.value));
    }
    let of_file = entry.filter(|e| !e.what.server.is_empty());
    let bare = of_file.is_none() && !user_known && !given.own_access;
    let in_pod = in_pod(&command.invocation);
    let pod_server = if bare && in_pod { service(&command.invocation) } else { None };
    let in_cluster = pod_server.is_some();
    let server = match (&given.server, of_file, pod_server) {
        (Some(url), _, _) => Fact::text("server", &url.value, &url.source),
        (None, Some(e), _) => {
            Fact::text("server", &e.what.server, format!("cluster {:?} in {}", e.what.name, e.file))
        }
        (None, None, Some(fact)) => fact,
        (None, None, None) => default_server(&command.invocation),
    };
    let facts = vec![
        context_fact(config, given, context.as_ref()),
        named("cluster", cluster, config),
        server,
        user_fact(config, given, user, in_cluster),
    ];
    let elsewhere = given.server.is_some() || given.cluster.is_some();
    Ok(Connection { facts, more: way_there(given, entry), context, in_pod, elsewhere, unknown: None })
}

/// What lies between here and the server, where something does: a proxy, another name in the certificate.
fn way_there(given: &Overrides, entry: Option<&From<Cluster>>) -> Vec<Fact> {
    let of_file = |field: fn(&Cluster) -> &String| {
        let found = entry.map(|e| (field(&e.what).clone(), format!("cluster {:?} in {}", e.what.name, e.file)));
        found.filter(|(value, _)| !value.is_empty())
    };
    let name = chosen(&given.tls_server_name).or_else(|| of_file(|c| &c.tls_server_name));
    let proxy = of_file(|c| &c.proxy_url);
    let fact = |key: &'static str, found: Option<(String, String)>| {
        found.map(|(value, source)| Fact::text(key, value, source))
    };
    fact("proxy-url", proxy).into_iter().chain(fact("tls-server-name", name)).collect()
}

fn chosen(given: &Option<Given>) -> Option<(String, String)> {
    given.as_ref().map(|g| (g.value.clone(), g.source.clone()))
}

fn shown_context(context: &From<Context>) -> String {
    format!("context {:?} in {}", context.what.name, context.file)
}

/// The one that was asked for, else current-context; one that does not exist stops the program.
fn context(config: &Kubeconfig, given: &Overrides) -> Result<Option<From<Context>>, String> {
    if let Some(name) = &given.context {
        let found = config.context(&name.value).cloned();
        return found.map(Some).ok_or(format!("context {:?} does not exist", name.value));
    }
    match &config.current {
        Some(current) => match config.context(&current.what) {
            Some(found) => Ok(Some(found.clone())),
            None => Err(format!("current-context {:?} of {} does not exist", current.what, current.file)),
        },
        None => Ok(None),
    }
}

fn context_fact(config: &Kubeconfig, given: &Overrides, context: Option<&From<Context>>) -> Fact {
    let Some(context) = context else {
        return Fact::none("context", format!("no current-context in {}", config.looked_at.join(", ")));
    };
    let source = match (&given.context, &config.current) {
        (Some(name), _) => name.source.clone(),
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

fn user_fact(
    config: &Kubeconfig,
    given: &Overrides,
    user: Option<(String, String)>,
    in_cluster: bool,
) -> Fact {
    let mut fact = if let Some(name) = &given.username {
        Fact::text("user", &name.value, &name.source)
    } else if let Some(token) = &given.token {
        Fact::text("user", "(token)", &token.source)
    } else if let Some(certificate) = &given.certificate {
        Fact::text("user", "(client certificate)", &certificate.source)
    } else if in_cluster {
        Fact::text("user", "(service account)", TOKEN)
    } else {
        named("user", user, config)
    };
    if !given.acting.is_empty() {
        fact.source = format!("{}, acting as {} (--as)", fact.source, given.acting.join(", "));
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
