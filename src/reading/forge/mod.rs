//! gh and glab: aliases, then the grammar of the rule file, then what `api` would do. Must never take an alias or
//! a request for harmless whose text is not known.

mod alias;
mod api;

use super::through::Start;
use super::{Command, Does, Reading, Tool, generic};
use crate::invocation::Invocation;
use alias::Alias;
use std::ffi::OsString;
use std::path::PathBuf;

/// Reads one command of gh or glab.
pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    match alias::expand(invocation, tool) {
        Alias::None => Reading::of(command(invocation, invocation, tool)),
        Alias::Words(words) => {
            let mut argv = vec![invocation.argv().first().cloned().unwrap_or_default()];
            argv.extend(words);
            Reading::of(command(invocation, &invocation.nested(argv), tool))
        }
        Alias::Shell(words) => {
            let mut command = Command::new(invocation, &tool.program);
            command.verb = "alias".to_owned();
            let start = Start { invocation: invocation.nested(words), doubt: None };
            Reading { commands: vec![command], starts: vec![start] }
        }
        Alias::Unreadable(why) => {
            let mut command = command(invocation, invocation, tool);
            command.does = Does::Unsure(why);
            Reading::of(command)
        }
    }
}

/// Where the program keeps its settings.
pub fn directory(invocation: &Invocation, program: &str) -> Option<PathBuf> {
    let (variable, name) =
        if program == "glab" { ("GLAB_CONFIG_DIR", "glab-cli") } else { ("GH_CONFIG_DIR", "gh") };
    let own = invocation.var_filled(variable).map(PathBuf::from);
    let xdg = || invocation.var_filled("XDG_CONFIG_HOME").map(|x| PathBuf::from(x).join(name));
    let home = || invocation.home().map(|h| h.join(".config").join(name));
    own.or_else(xdg).or_else(home)
}

fn command(typed: &Invocation, expanded: &Invocation, tool: &Tool) -> Command {
    let mut command = generic::command(expanded, tool);
    command.invocation = typed.clone();
    let asks = |w: &OsString| w == "--help";
    // `-h` names a host below `auth`.
    let short = !command.verb.starts_with("auth") && expanded.args().iter().any(|w| w == "-h");
    if short || expanded.args().iter().take_while(|w| *w != "--").any(asks) {
        command.does = Does::Nothing("help only".into());
    }
    if command.verb == "api" && command.does == Does::Acts {
        api::read(typed, &mut command);
    }
    command
}
