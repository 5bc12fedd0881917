//! What a shell itself writes to: `> file`, `>> file`, `<> file`, as a command of its own, so that rules and
//! targets can judge it. Must never stand for a program: no program is called by this name.

use super::{Command, Does, Reading};
use crate::invocation::Invocation;
use std::ffi::{OsStr, OsString};

/// What stands in the place of a program's name.
pub const PROGRAM: &str = "redirection";

/// The operator of a program that changes a file in place: `sed -i`. Only some of it goes.
pub const EDIT: &str = "edit";

/// Marks a path that is not known in full.
const UNKNOWN: &str = "--unknown";

/// A redirection that `outer` makes: `>`, `>>`, `<>` or [`EDIT`], and the path as it is written.
pub fn invocation(outer: &Invocation, operator: &str, path: &OsStr, known: bool) -> Invocation {
    let mut argv: Vec<OsString> = vec![PROGRAM.into()];
    argv.extend((!known).then(|| UNKNOWN.into()));
    argv.extend([operator.into(), path.to_owned()]);
    outer.nested(argv)
}

/// `redirection [--unknown] OPERATOR PATH`.
pub fn read(invocation: &Invocation) -> Reading {
    let mut command = Command::new(invocation, PROGRAM);
    let words = invocation.args();
    let unknown = words.first().is_some_and(|w| w == UNKNOWN);
    let at = usize::from(unknown);
    let (Some(operator), Some(path)) = (words.get(at), words.get(at + 1)) else {
        command.does = Does::Nothing("no operator and path".into());
        return Reading::of(command);
    };
    let (verb, does) = match operator.to_str() {
        Some(">") => ("overwrite", "overwrite"),
        Some(">>") => ("append", "append to"),
        Some(EDIT) => ("edit", "edit"),
        Some(super::sent_files::OPERATOR) => ("send", "send to another host:"),
        _ => ("open", "open for writing"),
    };
    command.verb = verb.to_owned();
    command.traits.add("form", if unknown { "unknown" } else { "known" });
    command.operands = vec![path.to_string_lossy().into_owned()];
    command.operand_at = vec![at + 1];
    command.headline = format!("{does} {}", path.to_string_lossy());
    Reading::of(command)
}

/// The files that a line of words, read by `of`, sends or writes.
#[cfg(test)]
pub fn files(of: fn(&Invocation) -> Vec<super::through::Start>, line: &str) -> Vec<String> {
    let argv = line.split(' ').map(Into::into).collect();
    let starts = of(&Invocation::here(argv, crate::invocation::Stdin::Terminal).expect("cwd"));
    let last =
        |s: &super::through::Start| s.invocation.argv().last().map(|w| w.to_string_lossy().into_owned());
    starts.iter().filter_map(last).collect()
}
