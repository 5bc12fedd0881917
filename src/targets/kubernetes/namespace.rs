//! The namespace a command acts in, where neither its kind nor its files decide.

use super::access::{Dialect, Namespace};
use super::connection::Connection;
use crate::invocation::ReadError;
use crate::reading::Command;
use crate::targets::Fact;

const MOUNTED: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// By the program's own order; where the context decides: its namespace, else the pod's (even for a kubeconfig's
/// cluster), else `default`.
pub fn resolve(command: &Command, connection: &Connection, dialect: &Dialect) -> Fact {
    match dialect.namespace {
        Namespace::Context(source) => match source.given(command) {
            Some(given) => Fact::text("namespace", given.value, given.source),
            None => of_context(command, connection),
        },
        Namespace::Own(source, own) => match source.given(command) {
            Some(given) => Fact::text("namespace", given.value, given.source),
            None => Fact::text("namespace", own, "default"),
        },
        Namespace::Flux => of_flux(command, connection),
    }
}

/// cmd/flux/main.go: the namespace of the context counts only when it is asked for.
fn of_flux(command: &Command, connection: &Connection) -> Fact {
    const FOLLOWS: &str = "FLUX_NS_FOLLOWS_KUBE_CONTEXT";
    if let Some(given) = given(command) {
        return Fact::text("namespace", given, "--namespace");
    }
    let follows = command.option("--ns-follows-kube-context").is_some();
    if follows || command.invocation.var_filled(FOLLOWS).is_some() {
        if let Some(why) = &connection.unknown {
            return Fact::unknown("namespace", why.clone(), "kubeconfig");
        }
        if let Some(context) = connection.context.as_ref().filter(|c| !c.what.namespace.is_empty()) {
            let source = format!("context {:?} in {}", context.what.name, context.file);
            return Fact::text("namespace", &context.what.namespace, source);
        }
    }
    match command.invocation.var_filled("FLUX_SYSTEM_NAMESPACE").filter(|n| is_label(n)) {
        Some(namespace) => Fact::text("namespace", namespace, "$FLUX_SYSTEM_NAMESPACE"),
        None => Fact::text("namespace", "flux-system", "default"),
    }
}

/// A DNS label (RFC 1123): flux ignores a variable that is none.
fn is_label(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    name.len() <= 63 && name.bytes().all(inner) && !name.starts_with('-') && !name.ends_with('-')
}

fn of_context(command: &Command, connection: &Connection) -> Fact {
    if let Some(why) = &connection.unknown {
        return Fact::unknown("namespace", why.clone(), "kubeconfig");
    }
    if let Some(context) = connection.context.as_ref().filter(|c| !c.what.namespace.is_empty()) {
        let source = format!("context {:?} in {}", context.what.name, context.file);
        return Fact::text("namespace", &context.what.namespace, source);
    }
    if connection.in_pod {
        return of_pod(command);
    }
    Fact::text("namespace", "default", "default")
}

/// The last `-n`; an empty one counts as absent.
pub fn given(command: &Command) -> Option<&str> {
    crate::reading::kubectl::global(command, "--namespace")
}

fn of_pod(command: &Command) -> Fact {
    if let Some(namespace) = command.invocation.var_filled("POD_NAMESPACE") {
        return Fact::text("namespace", namespace, "$POD_NAMESPACE");
    }
    match command.invocation.read(MOUNTED) {
        Ok(bytes) => match String::from_utf8_lossy(&bytes).trim() {
            "" => Fact::text("namespace", "default", "default"),
            namespace => Fact::text("namespace", namespace, MOUNTED),
        },
        Err(ReadError::Missing) => Fact::text("namespace", "default", "default"),
        Err(error) => Fact::unknown("namespace", error.to_string(), MOUNTED),
    }
}
