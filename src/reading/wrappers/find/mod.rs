//! find: which paths its tests choose, and what it does to them (findutils 4.9): `-exec` starts programs,
//! `-print` feeds others. Must never choose by a test that is not modelled: the paths are then not known.

use super::super::through::{Doubt, Start, Through};
use crate::invocation::Invocation;
use crate::reading::{Command, Does, Reading, redirection};
use parse::{Call, Exec, collect, parse};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use walk::Walk;

mod parse;
mod tests;
mod walk;

const MOST_STARTS: usize = 500;

/// What a find command deletes, and what it starts.
pub fn read(invocation: &Invocation) -> Reading {
    examine(invocation, false)
}

/// The same where the words from `doubt` on are not known: those before the first test are paths, whatever they
/// are; in a test or an action they could be anything.
pub fn doubtful(invocation: &Invocation, doubt: &Doubt) -> Through {
    let tests = |w: &OsString| w.as_bytes().starts_with(b"-") || w == "(" || w == "!";
    let expression = invocation.args().iter().position(tests).map_or(usize::MAX, |at| at + 1);
    let words = invocation.argv().get(doubt.first..).unwrap_or(&[]);
    let shown = |w: &OsString| w.to_string_lossy().contains("$(") || w.to_string_lossy().contains("${");
    let behind = invocation.argv().iter().skip(expression).any(shown);
    if (behind && !doubt.single) || words.is_empty() {
        return Through::unsure(invocation, doubt.why.clone());
    }
    let Reading { mut commands, starts } = examine(invocation, true);
    let mut command = commands.remove(0);
    if command.verb == "delete" && command.does == Does::Acts {
        command.does = Does::Unsure(doubt.why.clone());
    }
    Through { command, starts }
}

fn examine(invocation: &Invocation, unknown: bool) -> Reading {
    let mut command = Command::new(invocation, "find");
    let call = match parse(invocation.args()) {
        Ok(call) => call,
        Err(why) => {
            command.does = Does::Unsure(why);
            return Reading::of(command);
        }
    };
    let mut execs = Vec::new();
    collect(&call.expression, &mut execs);
    command.verb = if call.deletes { "delete" } else { "search" }.to_owned();
    let overwrites = call
        .writes
        .iter()
        .map(|file| Start { invocation: redirection::invocation(invocation, ">", file, true), doubt: None });
    let mut starts: Vec<Start> = overwrites.collect();
    if execs.is_empty() && !call.deletes {
        return Reading { commands: vec![command], starts };
    }
    let mut walk = Walk::new(&call, invocation.cwd());
    // Another machine's tree cannot be walked, nor can one whose name is not known.
    walk.cut |= invocation.place().is_some() || unknown;
    walk.run();
    starts.extend(started(invocation, &execs, &walk));
    if call.deletes {
        deletes(&mut command, &call, &walk);
    }
    Reading { commands: vec![command], starts }
}

/// The paths it deletes: exactly, or the most that can be, or everything below where it starts.
fn deletes(command: &mut Command, call: &Call, walk: &Walk) {
    let text = |path: &std::ffi::OsStr| path.to_str().map(str::to_owned);
    let gone: Option<Vec<String>> = match walk.cut {
        true => call.paths.iter().map(|p| text(p)).collect(),
        false => walk.gone.iter().map(|p| text(p.as_os_str())).collect(),
    };
    let from = call.paths.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>().join(" ");
    command.headline = format!("delete what find chooses below {from}");
    command.traits.add("form", if walk.is_known() { "known" } else { "unknown" });
    match gone {
        Some(gone) => command.operands = gone,
        None => command.does = Does::Unsure("it deletes paths that are not UTF-8 text".into()),
    }
    if walk.cut && command.invocation.place().is_none() {
        command.does = Does::Unsure("it deletes more than can be looked at beforehand".into());
    }
}

/// The same for a find without rules.
pub fn through(invocation: &Invocation) -> Through {
    let Reading { mut commands, starts } = read(invocation);
    let command = commands.remove(0);
    Through { command, starts }
}

/// The programs of every `-exec`.
fn started(invocation: &Invocation, execs: &[Exec], walk: &Walk) -> Vec<Start> {
    let mut starts = Vec::new();
    if walk.is_known() && walk.runs.len() <= MOST_STARTS {
        for exec in execs.iter().filter(|e| e.all && !e.asks) {
            let paths: Vec<PathBuf> =
                walk.runs.iter().filter(|(e, _)| same(e, exec)).map(|(_, p)| p.clone()).collect();
            if !paths.is_empty() {
                starts.push(start(invocation, exec, &paths));
            }
        }
        for (exec, path) in walk.runs.iter().filter(|(e, _)| !e.all && !e.asks) {
            starts.push(start(invocation, exec, std::slice::from_ref(path)));
        }
    } else {
        for exec in execs.iter().filter(|e| !e.asks) {
            let holds = |w: &OsString| w.as_bytes().windows(2).any(|p| p == b"{}");
            let first = exec.words.iter().position(holds).unwrap_or(usize::MAX);
            let doubt = Doubt::from_word(first, "the paths that find chooses are not known");
            starts.push(Start { invocation: invocation.nested(exec.words.clone()), doubt: Some(doubt) });
        }
    }
    starts
}

fn same(a: &Exec, b: &Exec) -> bool {
    a.words == b.words && a.directory == b.directory && a.all == b.all
}

fn start(invocation: &Invocation, exec: &Exec, paths: &[PathBuf]) -> Start {
    let shown = |path: &PathBuf| -> OsString {
        match (exec.directory, path.file_name()) {
            (true, Some(name)) => [OsStr::new("./"), name].concat_os(),
            _ => path.clone().into_os_string(),
        }
    };
    let mut argv = Vec::new();
    for word in &exec.words {
        if exec.all && word == "{}" {
            argv.extend(paths.iter().map(shown));
        } else {
            argv.push(paths.first().map_or_else(|| word.clone(), |path| replace(word, &shown(path))));
        }
    }
    let parent = paths.first().and_then(|p| p.parent()).filter(|_| exec.directory);
    let cwd = parent.map_or_else(|| invocation.cwd().to_owned(), |p| invocation.path(p));
    Start { invocation: invocation.nested(argv).with_cwd(cwd), doubt: None }
}

trait ConcatOs {
    fn concat_os(&self) -> OsString;
}

impl ConcatOs for [&OsStr; 2] {
    fn concat_os(&self) -> OsString {
        let mut out = self[0].to_owned();
        out.push(self[1]);
        out
    }
}

fn replace(word: &OsStr, path: &OsStr) -> OsString {
    let bytes = word.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"{}") {
            out.extend_from_slice(path.as_bytes());
            at += 2;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    OsString::from_vec(out)
}

/// What a find prints, for the pipe behind it; `None` when that is not known.
#[cfg(feature = "full")]
pub fn printed(args: &[Vec<u8>], cwd: &std::path::Path) -> Option<Vec<u8>> {
    let args: Vec<OsString> = args.iter().map(|a| OsString::from_vec(a.clone())).collect();
    let call = parse(&args).ok()?;
    let mut walk = Walk::new(&call, cwd);
    walk.run();
    (walk.is_known() && !walk.shows).then_some(walk.printed)
}
