//! cdk: its options may stand anywhere, and `--app` is a program that every command starts.
//! Must never leave that program out: it runs before anything is asked.

use super::{Reading, Start, Tool, generic};
use crate::invocation::Invocation;
use std::ffi::OsString;

/// Reads by the pack's tables, and adds the app.
pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let command = generic::command(invocation, tool);
    let app = command.option("--app").filter(|app| !app.is_empty()).map(str::to_owned);
    // A directory is an assembly that was made before.
    let app = app.filter(|app| command.does == super::Does::Acts && !invocation.path(app).is_dir());
    let start = |script: String| {
        let argv = ["sh", "-c", &script].map(OsString::from).to_vec();
        Start { invocation: invocation.nested(argv), doubt: None }
    };
    Reading { starts: app.map(start).into_iter().collect(), commands: vec![command] }
}
