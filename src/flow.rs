//! The journey of a command, top to bottom, with every way out. The fail-closed table:
//!
//! | when | then |
//! |---|---|
//! | the command line cannot be read with certainty | judged as the most severe rule of that tool (`rules::judge`) |
//! | a target cannot be determined | environment `unknown`: gated like production (`rules::judge`) |
//! | a rule file does not load | the tools it covers are refused, 78 (`Coverage::Broken`) |
//! | the gate cannot be asked | it is not passed: refused, 77 (`gates`) |
//! | the audit entry cannot be written | a gated command is refused; an ungated one runs |
//! | what was approved differs from what would run | drift: refused, 65 |

use crate::invocation::{Handover, Invocation, Stdin};
use crate::reading;
use crate::rules::pack::Pack;
use crate::rules::{Coverage, Depth, RuleSet, Verdict, judge};
use crate::rules::pack::Surroundings;

/// Reads and judges a command and everything it would start. `pack` is the outermost program's.
pub fn verdict(invocation: &Invocation, pack: &Pack, rules: &RuleSet, around: &Surroundings, depth: Depth) -> Verdict {
    let reading = reading::read(invocation, &pack.tool);
    let commands = reading
        .commands
        .into_iter()
        .enumerate()
        .map(|(i, command)| {
            let own = if i == 0 { Some(pack.clone()) } else { nested_pack(rules, &command.tool) };
            (command, own)
        })
        .collect();
    judge(commands, around, depth)
}

fn nested_pack(rules: &RuleSet, tool: &str) -> Option<Pack> {
    match rules.coverage(tool.as_bytes()) {
        Coverage::Covered(pack) => Some(*pack),
        Coverage::Uncovered(_) | Coverage::Broken(_) => None,
    }
}

/// What the shim does: proves a command harmless, or says that the full guard must decide.
pub enum Light {
    /// Replace the process by the real program.
    Run(crate::rules::Harmless),
    /// The full guard decides: something matches, or the rules must be loaded first.
    HandOver,
}

/// The hot path. `rules` is `None` when the user's files have to be loaded first.
pub fn light(handover: &Handover, rules: Option<RuleSet>) -> Light {
    let Some(rules) = rules else { return Light::HandOver };
    let name = std::os::unix::ffi::OsStrExt::as_bytes(handover.tool.as_os_str());
    let pack = match rules.coverage(name) {
        Coverage::Uncovered(proof) => return Light::Run(proof),
        Coverage::Broken(_) => return Light::HandOver,
        Coverage::Covered(pack) => pack,
    };
    let (Ok(around), Ok(invocation)) = (rules.decide_by(), Invocation::here(handover.argv.clone(), Stdin::Unread)) else {
        return Light::HandOver;
    };
    match verdict(&invocation, &pack, &rules, &around, Depth::Enough).harmless() {
        Some(proof) => Light::Run(proof),
        None => Light::HandOver,
    }
}
