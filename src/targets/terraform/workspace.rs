//! Which workspace a command acts on. Must never be cached: another terminal may select another one.

use crate::invocation::{Invocation, ReadError};
use crate::reading::Command;
use std::path::Path;

/// A workspace's name and where it comes from.
pub(super) struct Workspace {
    pub(super) name: String,
    pub(super) source: String,
    /// Why the name is not certain.
    pub(super) problem: Option<String>,
}

/// `workspace delete` and `workspace new` act on their argument, everything else on the selected one.
pub(super) fn of(command: &Command, data: &Path) -> Workspace {
    let named = matches!(command.verb.as_str(), "workspace delete" | "workspace new");
    match command.operands.first().filter(|_| named) {
        Some(name) => Workspace { name: name.clone(), source: "argument".into(), problem: None },
        None => selected(&command.invocation, data),
    }
}

/// `$TF_WORKSPACE` unless empty, then the data directory's `environment`, then `default`.
pub(super) fn selected(invocation: &Invocation, data: &Path) -> Workspace {
    if let Some(name) = invocation.var_filled("TF_WORKSPACE") {
        return Workspace { name, source: "$TF_WORKSPACE".into(), problem: None };
    }
    let path = data.join("environment");
    let shown = path.display().to_string();
    let (name, problem) = match invocation.read(&path) {
        Ok(bytes) => (String::from_utf8_lossy(&bytes).trim().to_owned(), None),
        Err(ReadError::Missing) => (String::new(), None),
        Err(error) => (String::new(), Some(format!("{}: {error}", crate::text::show(&shown)))),
    };
    match name.is_empty() {
        true => Workspace { name: "default".into(), source: "terraform's default".into(), problem },
        false => Workspace { name, source: crate::text::show(&shown), problem },
    }
}
