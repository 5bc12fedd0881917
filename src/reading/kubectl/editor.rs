//! The editor that `kubectl edit` starts (kubectl/pkg/cmd/util/editor): a command of the surroundings, which may be
//! any. Must never take it for harmless because kubectl's own words are.

use crate::reading::through::Start;
use crate::reading::{Command, Does};
use std::ffi::OsString;

/// `KUBE_EDITOR`, else `EDITOR`, as kubectl takes it apart: at spaces, or by a shell where it holds quotes.
pub fn start(command: &Command) -> Option<Start> {
    let edits = matches!(command.verb.as_str(), "edit" | "apply edit-last-applied")
        || command.option("--edit").is_some_and(|v| v.is_empty() || v == "true");
    if !edits || matches!(command.does, Does::Nothing(_)) || command.invocation.place().is_some() {
        return None;
    }
    let variable = |name: &str| command.invocation.var_filled(name);
    let editor = variable("KUBE_EDITOR").or_else(|| variable("EDITOR"))?;
    let argv: Vec<OsString> = if editor.contains(' ') && editor.contains(['"', '\'', '\\']) {
        vec!["sh".into(), "-c".into(), editor.into()]
    } else {
        editor.split(' ').map(OsString::from).collect()
    };
    Some(Start { invocation: command.invocation.nested(argv), doubt: None })
}
