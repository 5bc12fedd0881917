//! The journey of a command, top to bottom, with every way out. The fail-closed table:
//!
//! | when | then |
//! |---|---|
//! | the command line cannot be read with certainty | judged as the most severe rule of that tool (`rules::judge`) |
//! | a target cannot be determined | environment `unknown`: gated like production (`rules::judge`) |
//! | a rule file does not load | the tools it covers are refused, 78 |
//! | a gate cannot be asked (no terminal) | it is not passed: refused, 77 |
//! | the audit entry cannot be written | a gated command is refused, 77; an ungated one runs |
//! | what was approved differs from what would run | drift: refused, 65 |

use crate::invocation::{Handover, Invocation, Stdin};
use crate::reading;
use crate::rules::pack::{Pack, Surroundings};
use crate::rules::{Coverage, Depth, RuleSet, Verdict, judge};
use std::os::unix::ffi::OsStrExt;

#[cfg(feature = "full")]
mod full;
#[cfg(feature = "full")]
mod record;
#[cfg(feature = "full")]
pub use full::{Run, full};

/// What the shim does next.
#[must_use]
pub enum Light {
    /// Replace the process by the real program.
    Run(crate::rules::Harmless),
    /// The full guard decides: something matches, or the rules must be loaded first.
    HandOver,
}

/// The hot path: proves a command harmless. `rules` is `None` when the user's files must be loaded first.
pub fn light(handover: &Handover, rules: Option<RuleSet>) -> Light {
    let Some(rules) = rules else { return Light::HandOver };
    let pack = match rules.coverage(handover.program_name()) {
        Coverage::Uncovered(proof) => return Light::Run(proof),
        Coverage::Broken(_) => return Light::HandOver,
        Coverage::Covered(pack) => pack,
    };
    let invocation = Invocation::here(handover.argv.clone(), Stdin::of_process());
    let (Ok(around), Ok(invocation)) = (rules.decide_by(), invocation) else { return Light::HandOver };
    match verdict(&invocation, &pack, &rules, &around, Depth::Enough).map(|v| v.harmless()) {
        Ok(Some(proof)) => Light::Run(proof),
        Ok(None) | Err(Broken(_)) => Light::HandOver,
    }
}

/// A rule file that covers one of the programs does not load; file, line, column and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken(pub String);

/// Reads and judges a command and everything it would start. `pack` is the outermost program's.
pub fn verdict(
    invocation: &Invocation,
    pack: &Pack,
    rules: &RuleSet,
    around: &Surroundings,
    depth: Depth,
) -> Result<Verdict, Broken> {
    let mut commands = Vec::new();
    for (i, command) in reading::read(invocation, &pack.tool).commands.into_iter().enumerate() {
        let own = if i == 0 { Some(pack.clone()) } else { nested_pack(rules, &command.tool)? };
        commands.push((command, own));
    }
    Ok(judge(commands, around, depth))
}

fn nested_pack(rules: &RuleSet, tool: &str) -> Result<Option<Pack>, Broken> {
    match rules.coverage(tool.as_bytes()) {
        Coverage::Covered(pack) => Ok(Some(*pack)),
        Coverage::Uncovered(_) => Ok(None),
        Coverage::Broken(message) => Err(Broken(message)),
    }
}

impl Handover {
    /// The name rules are looked up by.
    pub fn program_name(&self) -> &[u8] {
        std::path::Path::new(&self.tool).file_name().unwrap_or(&self.tool).as_bytes()
    }
}
