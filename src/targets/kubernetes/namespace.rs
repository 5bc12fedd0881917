//! The namespace a command acts in, where neither its kind nor its files decide.

use super::connection::Connection;
use crate::invocation::ReadError;
use crate::reading::Command;
use crate::targets::Fact;

const MOUNTED: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// `-n`, else the context's, else the pod's (even for a kubeconfig's cluster), else `default`.
pub fn resolve(command: &Command, connection: &Connection) -> Fact {
    if let Some(given) = given(command) {
        return Fact::text("namespace", given, "--namespace");
    }
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
