//! `kubectl patch`: whether the patch takes capacity away or lets a stuck deletion go through.
//! Must never call a patch mild that it could not read.

use super::line::Line;
use super::yaml::{self, Node};
use crate::reading::{Command, Does};

/// Adds `replicas-zero` and `finalizers-removed`; the error is kubectl's own refusal.
pub fn examine(line: &Line, command: &mut Command) -> Result<(), String> {
    let text = match (line.filled("--patch"), line.filled("--patch-file")) {
        (Some(_), Some(_)) => return Err("cannot specify --patch and --patch-file together".into()),
        (None, None) => return Err("patch needs --patch or --patch-file".into()),
        (Some(text), None) => Ok(text.to_owned()),
        (None, Some(path)) => match command.invocation.read(path) {
            Ok(bytes) => String::from_utf8(bytes).map_err(|e| e.to_string()),
            Err(error) => Err(format!("{}: {error}", crate::text::show(path))),
        },
    };
    match text.and_then(|t| yaml::first_document(&t)) {
        Ok(patch) if line.filled("--type").is_some_and(|t| t.eq_ignore_ascii_case("json")) => {
            operations(&patch, command)
        }
        Ok(patch) => merged(&patch, command),
        Err(why) => command.does = Does::Unsure(format!("the patch cannot be read: {why}")),
    }
    Ok(())
}

/// A strategic or JSON merge patch.
fn merged(patch: &Node, command: &mut Command) {
    if patch.at(&["spec", "replicas"]).is_some_and(|r| r.is_zero() || *r == Node::Null) {
        command.traits.add("form", "replicas-zero");
    }
    for holder in ["metadata", "spec"] {
        let Some(inside) = patch.get(holder) else { continue };
        let emptied = inside.get("finalizers").is_some_and(|f| f.items().is_empty() || has_directive(f));
        if emptied || inside.get("$deleteFromPrimitiveList/finalizers").is_some() {
            command.traits.add("form", "finalizers-removed");
        }
    }
}

/// A strategic merge directive in a list: `{"$patch": "delete"}` or `"replace"`.
fn has_directive(list: &Node) -> bool {
    list.items().iter().any(|item| item.get("$patch").is_some())
}

/// RFC 6902.
fn operations(patch: &Node, command: &mut Command) {
    for operation in patch.items() {
        let text = |key| operation.get(key).and_then(Node::text).unwrap_or("");
        let value = operation.get("value");
        let empties = match text("op") {
            "remove" => true,
            "add" | "replace" => {
                value.is_some_and(|v| *v == Node::Null || matches!(v, Node::List(l) if l.is_empty()))
            }
            "move" | "copy" => true,
            _ => false,
        };
        match text("path").trim_end_matches('/') {
            "/spec/replicas" if value.is_some_and(Node::is_zero) || text("op") == "copy" => {
                command.traits.add("form", "replicas-zero");
            }
            "/spec" if value.and_then(|v| v.get("replicas")).is_some_and(Node::is_zero) => {
                command.traits.add("form", "replicas-zero");
            }
            "/metadata" | "" => {
                if let Some(whole) = value {
                    merged_whole(whole, command);
                }
            }
            path if empties
                && (path.starts_with("/metadata/finalizers") || path.starts_with("/spec/finalizers")) =>
            {
                command.traits.add("form", "finalizers-removed");
            }
            _ => {}
        }
    }
}

/// The whole object or its metadata replaced: finalizers that are not in it are gone.
fn merged_whole(value: &Node, command: &mut Command) {
    let metadata = value.get("metadata").unwrap_or(value);
    if metadata.get("finalizers").is_none_or(|f| f.items().is_empty()) {
        command.traits.add("form", "finalizers-removed");
    }
    if value.at(&["spec", "replicas"]).is_some_and(Node::is_zero) {
        command.traits.add("form", "replicas-zero");
    }
}
