//! gsutil: its own options end at the command, and the same letters mean something else behind it.
//! Must never take a header's value for the command.

use super::{Command, Does, Reading, Tool, generic};
use crate::invocation::Invocation;

/// Reads by the pack's tables behind gsutil's own options.
pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let args = invocation.args();
    let mut at = 0;
    while let Some(options) = args.get(at).and_then(|w| w.to_str()?.strip_prefix('-').map(str::to_owned)) {
        if options.starts_with('-') {
            // `--version`, `--help`: gsutil has no other long option here.
            break;
        }
        let takes = options.find(|c| "hiou".contains(c));
        at += if takes.is_some_and(|i| i + 1 == options.len()) { 2 } else { 1 };
    }
    let Some(rest) = args.get(at..).filter(|rest| !rest.is_empty()) else {
        let mut command = Command::new(invocation, &tool.program);
        command.does = Does::Nothing("prints help only: no command".into());
        return Reading::of(command);
    };
    let argv = invocation.argv().first().cloned().into_iter().chain(rest.iter().cloned()).collect();
    let mut command = generic::command(&invocation.nested(argv), tool);
    command.invocation = invocation.clone();
    command.operand_at.iter_mut().for_each(|place| *place += at);
    Reading::of(command)
}
