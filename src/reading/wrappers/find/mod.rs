//! find: which paths its tests choose, and what it does to them (findutils 4.9): `-exec` starts programs,
//! `-print` feeds others. Must never choose by a test that is not modelled: the paths are then not known.

mod expression;
mod parse;
mod test;
#[cfg(test)]
mod tests;
mod walk;

use super::super::through::{Doubt, Start, Through};
use crate::invocation::{Invocation, Stdin};
use crate::reading::{Command, Does, Reading};
use expression::{Exec, Expression};
use parse::{Stop, parse};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
pub use walk::Gone;
use walk::Walk;

const MOST_STARTS: usize = 500;

/// What a find command does by itself.
#[derive(Debug, Default)]
pub struct Deeds {
    /// What it removes; `None` where that cannot be told.
    pub gone: Option<Vec<Gone>>,
    /// Where it begins.
    pub from: Vec<OsString>,
    /// Files that are emptied before it begins.
    pub written: Vec<OsString>,
    /// It starts programs.
    pub starts: bool,
}

/// Reads a find command: its own deeds, and what it starts.
pub fn read(invocation: &Invocation) -> Reading {
    let found = through(invocation);
    Reading { commands: vec![found.command], starts: found.starts }
}

/// As a wrapper: what it starts, with the paths it would be given.
pub fn through(invocation: &Invocation) -> Through {
    examine(invocation, false)
}

/// The same where the words from `doubt` on are not known: those before the first test are paths, whatever they
/// are; in a test or an action they could be anything.
pub fn doubtful(invocation: &Invocation, doubt: &Doubt) -> Through {
    let tests = |w: &OsString| w.as_bytes().starts_with(b"-") || w == "(" || w == "!";
    let expression = invocation.args().iter().position(tests).map_or(usize::MAX, |at| at + 1);
    let unknown = |w: &OsString| w.to_string_lossy().contains("$(") || w.to_string_lossy().contains("${");
    let behind = invocation.argv().iter().skip(expression).any(unknown);
    if (behind && !doubt.single && !doubt.named) || doubt.first >= invocation.argv().len() {
        return Through::unsure(invocation, doubt.why.clone());
    }
    let mut found = examine(invocation, true);
    if found.command.traits.has("form", "delete") && found.command.does == Does::Acts {
        found.command.does = Does::Unsure(doubt.why.clone());
    }
    found
}

fn examine(invocation: &Invocation, unknown: bool) -> Through {
    let call = match parse(invocation.args(), Some(invocation)) {
        Ok(call) => call,
        Err(Stop::Refused(why)) => return with_words(Through::nothing(invocation, why)),
        Err(Stop::Unread(why)) => return with_words(unread(invocation, why)),
    };
    let execs = execs(&call.expression);
    let mut found = Through::new(invocation, Vec::new());
    if !execs.is_empty() {
        // Another machine's tree cannot be walked.
        let unknown = unknown || invocation.place().is_some();
        let mut walk = if unknown { Walk::unknown } else { Walk::over }(&call, invocation.cwd());
        // There where the line is meant to run, it finds something.
        let begins = |path: &Path| path == Path::new(".") || call.paths.iter().any(|p| Path::new(p) == path);
        if invocation.is_supposed() && walk.runs.iter().all(|(_, path)| begins(path)) {
            walk = Walk::unknown(&call, invocation.cwd());
            if let Some(paths) = imagined(&call) {
                walk.known = true;
                walk.runs = execs.iter().flat_map(|e| paths.iter().map(|p| (*e, p.clone()))).collect();
            }
        }
        found.starts = starts(invocation, &execs, &walk);
    }
    if call.deletes {
        found.command.traits.add("form", "delete");
    }
    if !call.writes.is_empty() {
        found.command.traits.add("form", "write");
    }
    found.command.operands = call.paths.iter().map(|p| p.to_string_lossy().into_owned()).collect();
    with_words(found)
}

fn with_words(mut found: Through) -> Through {
    found.command.tool = "find".to_owned();
    let words: Vec<_> = found.command.invocation.args().iter().collect();
    found.command.headline = format!("find {}", crate::text::quote_line(&words));
    found
}

/// Without a word that acts, an expression that is not read only looks.
fn unread(invocation: &Invocation, why: String) -> Through {
    const ACTS: [&[u8]; 11] = [
        b"-delete",
        b"-exec",
        b"-execdir",
        b"-ok",
        b"-okdir",
        b"-fprint",
        b"-fprint0",
        b"-fprintf",
        b"-fls",
        b"-files0-from",
        b"-context",
    ];
    match invocation.args().iter().any(|w| ACTS.contains(&w.as_bytes())) {
        true => Through::unsure(invocation, why),
        false => Through::new(invocation, Vec::new()),
    }
}

/// What it removes and empties itself, for the target. Walks the tree again: the answer is as of now.
pub fn deeds(command: &Command) -> Deeds {
    let invocation = &command.invocation;
    let Ok(call) = parse(invocation.args(), Some(invocation)) else { return Deeds::default() };
    let gone = if call.deletes {
        let walk = Walk::over(&call, invocation.cwd());
        walk.known.then_some(walk.gone)
    } else {
        Some(Vec::new())
    };
    Deeds { gone, starts: !execs(&call.expression).is_empty(), from: call.paths, written: call.writes }
}

fn execs(expression: &Expression) -> Vec<&Exec> {
    let mut found = Vec::new();
    expression.each(&mut |e| {
        if let Expression::Exec(exec) = e {
            found.push(exec);
        }
    });
    found
}

/// What it finds there where the line is meant to run, by name: one path in each place for each name that is asked
/// for. `None` where other names may be found, or so high up that anything may be.
fn imagined(call: &parse::Call) -> Option<Vec<PathBuf>> {
    let Expression::And(all) = &call.expression else { return None };
    let names = all.iter().find_map(|e| match e {
        Expression::Test(_) => Some(vec![name(e)?]),
        Expression::Or(either) => either.iter().map(name).collect(),
        _ => None,
    })?;
    let acts = |e: &Expression| {
        matches!(e, Expression::Exec(_) | Expression::Print { .. } | Expression::Prune | Expression::Test(_))
    };
    let plain = all.iter().all(|e| acts(e) || matches!(e, Expression::Or(either) if either.iter().all(acts)));
    let names_first = all.iter().position(|e| matches!(e, Expression::Test(_) | Expression::Or(_)));
    let acts_first = all.iter().position(|e| matches!(e, Expression::Exec(_) | Expression::Print { .. }));
    let deep = |path: &OsString| {
        let path = Path::new(path);
        let up = path.components().any(|c| c == std::path::Component::ParentDir);
        !up && (!path.is_absolute() || path.starts_with("/tmp") || path.components().count() > 2)
    };
    let sure = plain && names_first < acts_first.or(Some(all.len())) && call.paths.iter().all(deep);
    let in_each = |path: &OsString| names.iter().map(|name| Path::new(path).join(name)).collect::<Vec<_>>();
    sure.then(|| call.paths.iter().flat_map(in_each).collect())
}

/// The pattern of a test for a name, if it says something about the name.
fn name(test: &Expression) -> Option<&OsStr> {
    let Expression::Test(expression::Test::Name { pattern, whole: false, .. }) = test else { return None };
    let letters = pattern.iter().filter(|b| b.is_ascii_alphanumeric()).count();
    (letters > 1 && !pattern.contains(&b'[')).then(|| OsStr::from_bytes(pattern))
}

/// What it prints there where the line is meant to run, as far as names tell.
#[cfg(feature = "full")]
pub fn supposedly_printed(args: &[Vec<u8>]) -> Option<Vec<u8>> {
    let args: Vec<OsString> = args.iter().map(|a| OsString::from_vec(a.clone())).collect();
    let call = parse(&args, None).ok()?;
    if !execs(&call.expression).is_empty() || call.deletes {
        return None;
    }
    let mut end = b'\n';
    call.expression.each(&mut |e| {
        if let Expression::Print { nul: true } = e {
            end = 0;
        }
    });
    let lines =
        imagined(&call)?.into_iter().map(|path| [path.into_os_string().into_vec(), vec![end]].concat());
    Some(lines.collect::<Vec<_>>().concat())
}

/// The programs of every `-exec`.
fn starts(invocation: &Invocation, execs: &[&Exec], walk: &Walk<'_>) -> Vec<Start> {
    let mut starts = Vec::new();
    let answers = Answers::of(invocation.stdin());
    if walk.known && walk.runs.len() <= MOST_STARTS {
        for exec in execs.iter().filter(|e| e.all) {
            let paths: Vec<PathBuf> =
                walk.runs.iter().filter(|(e, _)| e.same(exec)).map(|(_, p)| p.clone()).collect();
            if !paths.is_empty() {
                starts.push(start(invocation, exec, &paths));
            }
        }
        for (exec, path) in walk.runs.iter().filter(|(e, _)| !e.all) {
            if !exec.asks || answers.may_be_yes() {
                starts.push(start(invocation, exec, std::slice::from_ref(path)));
            }
        }
    } else {
        for exec in execs.iter().filter(|e| !e.asks || answers.may_be_yes()) {
            let holds = |w: &OsString| w.as_bytes().windows(2).any(|p| p == b"{}");
            let first = exec.words.iter().position(holds).unwrap_or(usize::MAX);
            let doubt = Doubt::from_word(first, "the paths that find chooses are not known");
            starts.push(Start { invocation: invocation.nested(exec.words.clone()), doubt: Some(doubt) });
        }
    }
    starts
}

/// What `-ok` is told.
enum Answers {
    /// A person is asked for each path, by name; or there is nothing but no.
    No,
    Open,
}

impl Answers {
    fn of(stdin: &Stdin) -> Answers {
        match stdin {
            Stdin::Terminal => Answers::No,
            Stdin::Content(bytes) => {
                let no = |line: &[u8]| matches!(line.first(), None | Some(b'n' | b'N'));
                if bytes.split(|b| *b == b'\n').all(no) { Answers::No } else { Answers::Open }
            }
            Stdin::Unread | Stdin::TooMuch => Answers::Open,
        }
    }

    fn may_be_yes(&self) -> bool {
        match self {
            Answers::No => false,
            Answers::Open => true,
        }
    }
}

fn start(invocation: &Invocation, exec: &Exec, paths: &[PathBuf]) -> Start {
    let shown = |path: &PathBuf| -> OsString {
        match (exec.directory, path.file_name()) {
            (true, Some(name)) => {
                let mut shown = OsString::from("./");
                shown.push(name);
                shown
            }
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
    let call = parse(&args, None).ok()?;
    let walk = Walk::over(&call, cwd);
    (walk.known && walk.printed_known).then_some(walk.printed)
}
