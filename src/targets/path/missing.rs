//! Operands that lead to nothing here. Must never name one that is only out of sight.

use super::lexical::normal;
use super::touched;
use crate::reading::Command;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// An operand as written, and the path that it would be.
pub struct Missing {
    pub word: String,
    pub path: String,
}

/// What a command names that is not here, temporary files aside: nobody misses one that is gone already. For find,
/// where it begins, when it finds `nothing`.
pub fn missing(command: &Command, nothing: bool) -> Vec<Missing> {
    let args = command.invocation.args();
    let by_position = || command.operand_at.iter().filter_map(|at| args.get(*at).cloned()).collect();
    let words: Vec<OsString> = match command.tool.as_str() {
        "find" if !nothing => Vec::new(),
        "find" if command.operands.is_empty() => vec![OsString::from(".")],
        "find" => command.operands.iter().map(OsString::from).collect(),
        _ => by_position(),
    };
    let absent = |word: &OsString| {
        command.tool == "find" || is_absent(command, word) || is_root_elsewhere(command, word)
    };
    let named = words.iter().filter(|word| !word.is_empty() && absent(word));
    let around = [Some(command.invocation.cwd().to_owned()), command.invocation.home()];
    let near = |path: &Path| around.iter().flatten().any(|directory| path.starts_with(directory));
    named
        .map(|word| operand(command, word))
        .filter(|m| {
            !(m.word.starts_with('/') && is_temporary(Path::new(&m.path))) || near(Path::new(&m.path))
        })
        .collect()
}

/// GNU's rm keeps the root unless it is told otherwise; that of a busybox, on the next machine, does not.
fn is_root_elsewhere(command: &Command, word: &OsStr) -> bool {
    command.tool == "rm"
        && command.option("--recursive").is_some()
        && normal(&command.invocation.path(word).to_string_lossy()) == Path::new("/")
}

fn is_absent(command: &Command, word: &OsStr) -> bool {
    // `rm -f FILE`: gone afterwards, whether it was there or not. Who writes that expects it to be missing.
    let single = command.tool == "rm" && command.option("--recursive").is_none();
    if single && command.option("--force").is_some() && !is_pattern(word) {
        return false;
    }
    let path = command.invocation.path(word);
    let gone = |path: &Path| {
        std::fs::symlink_metadata(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
    };
    gone(&path) || touched::entry(&command.invocation, word).is_some_and(|path| gone(&path))
}

fn is_pattern(word: &OsStr) -> bool {
    word.as_encoded_bytes().iter().any(|b| matches!(b, b'*' | b'?' | b'['))
}

fn operand(command: &Command, word: &OsStr) -> Missing {
    let path = normal(&command.invocation.path(word).to_string_lossy());
    let all = word.to_string_lossy().ends_with('*');
    let path = path.to_string_lossy().into_owned();
    // `normal` keeps a star as a name; it stays what everything in the directory is called.
    let path = if all && !path.ends_with('*') { format!("{path}/*") } else { path };
    Missing { word: word.to_string_lossy().into_owned(), path }
}

/// As it is written: a line meant for another place may be looked at in a temporary directory.
fn is_temporary(path: &Path) -> bool {
    let below = |directory: &str| path.starts_with(directory) && path != Path::new(directory);
    below("/tmp") || below("/var/tmp") || below("/dev/shm")
}
