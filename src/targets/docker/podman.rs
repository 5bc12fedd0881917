//! Which engine podman and nerdctl reach: this machine's unless a connection or an address says otherwise.
//! Must never call a named connection this machine's.

use super::super::Fact;
use super::endpoint::json;
use crate::invocation::{Invocation, ReadError};
use crate::reading::docker::Line;

/// The facts `context` (connection) and `host` of podman.
pub fn podman(invocation: &Invocation, line: &Line) -> Vec<Fact> {
    let option = |name: &str| line.parsed.last(name).or(line.globals.last(name)).filter(|v| !v.is_empty());
    if let Some(url) = option("--url") {
        return vec![Fact::none("context", "--url wins"), Fact::text("host", url, "--url")];
    }
    if let Some(name) = option("--connection") {
        return connection(invocation, name, "--connection");
    }
    if let Some(url) = invocation.var_filled("CONTAINER_HOST") {
        return vec![
            Fact::none("context", "$CONTAINER_HOST wins"),
            Fact::text("host", url, "$CONTAINER_HOST"),
        ];
    }
    if let Some(name) = invocation.var_filled("CONTAINER_CONNECTION") {
        return connection(invocation, &name, "$CONTAINER_CONNECTION");
    }
    let remote = option("--remote").is_some()
        || line.globals.has("--remote")
        || line.parsed.has("--remote")
        || invocation.program() == "podman-remote";
    if remote {
        let why = "which connection is the default one";
        return vec![Fact::unknown("context", why, "podman"), Fact::unknown("host", why, "podman")];
    }
    vec![
        Fact::none("context", "no connection is named"),
        Fact::text("host", "local", "default"),
        super::super::declared::machine(),
    ]
}

/// A named connection; its address stands in podman-connections.json, or in a file of another format.
fn connection(invocation: &Invocation, name: &str, source: &str) -> Vec<Fact> {
    let directory = match invocation.var_filled("XDG_CONFIG_HOME") {
        Some(directory) => Some(directory.into()),
        None => invocation.home().map(|home| home.join(".config")),
    };
    let file = directory.unwrap_or_default().join("containers/podman-connections.json");
    let address = match invocation.read(&file) {
        Ok(bytes) => json(&bytes).map(|node| {
            node.at(&["Connection", "Connections", name, "URI"]).and_then(|u| u.text()).map(str::to_owned)
        }),
        Err(ReadError::Missing) => Ok(None),
        Err(error) => Err(error.to_string()),
    };
    let shown = file.display().to_string();
    let host = match address {
        Ok(Some(address)) => Fact::text("host", address, shown),
        Ok(None) => Fact::unknown("host", format!("where the connection {name} leads"), shown),
        Err(why) => Fact::unknown("host", why, shown),
    };
    vec![Fact::text("context", name, source), host]
}

/// The facts of nerdctl: the namespace is what keeps containers apart.
pub fn nerdctl(invocation: &Invocation, line: &Line) -> Vec<Fact> {
    let option = |name: &str| line.parsed.last(name).or(line.globals.last(name)).filter(|v| !v.is_empty());
    let of = |key: &'static str, options: &[&str], variable: &str, default: &str| {
        if let Some((name, value)) = options.iter().find_map(|name| option(name).map(|v| (*name, v))) {
            return Fact::text(key, value, name);
        }
        match invocation.var_filled(variable) {
            Some(value) => Fact::text(key, value, format!("${variable}")),
            None => Fact::text(key, default, "default"),
        }
    };
    vec![
        of("context", &["--namespace"], "CONTAINERD_NAMESPACE", "default"),
        of("host", &["--address", "--host"], "CONTAINERD_ADDRESS", "/run/containerd/containerd.sock"),
    ]
}
