//! Code on the command line of an interpreter: `python3 -c`, `perl -e` … Only calls that start a program by a
//! literal text or list are followed. Must never pass code over that starts a program in another way.

use super::super::through::{Start, Through};
use crate::invocation::Invocation;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

/// Interpreters, and the letters or words before their code.
const INTERPRETERS: &[(&str, &[&str])] = &[
    ("python", &["-c"]),
    ("python2", &["-c"]),
    ("python3", &["-c"]),
    ("perl", &["-e", "-E"]),
    ("ruby", &["-e"]),
    ("node", &["-e", "--eval", "-p", "--print"]),
    ("php", &["-r"]),
    ("lua", &["-e"]),
];

/// Calls whose first argument is a line for `sh -c`, or a list of words.
const CALLS: &[&str] = &[
    "system",
    "popen",
    "getoutput",
    "getstatusoutput",
    "execSync",
    "exec",
    "shell_exec",
    "passthru",
    "run",
    "call",
    "check_call",
    "check_output",
    "Popen",
    "spawnSync",
    "spawn",
    "execute",
];

/// Words without which no program can be started from code.
const HINTS: &[&str] = &[
    "system",
    "popen",
    "Popen",
    "exec",
    "spawn",
    "subprocess",
    "child_process",
    "`",
    "qx",
    "%x",
    "fork",
    "eval",
    "__import__",
    "importlib",
    "import_module",
    "getattr",
    "pty",
    "backtick",
    "IO.",
    "Open3",
    "ctypes",
    "syscall",
    "getoutput",
    "getstatusoutput",
    "compile",
    "b64",
    "decode",
    "fromhex",
    "require(",
    "pack",
    "passthru",
    "proc_open",
];

fn codes(program: &[u8]) -> Option<&'static [&'static str]> {
    let name = std::str::from_utf8(program).ok()?;
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    INTERPRETERS.iter().find(|(n, _)| *n == name || *n == plain).map(|(_, flags)| *flags)
}

/// Whether a program of this name takes code on its command line.
pub fn knows(program: &[u8]) -> bool {
    codes(program).is_some()
}

/// Reads the code on the command line.
pub fn read(invocation: &Invocation) -> Through {
    let flags = codes(invocation.program().as_bytes()).unwrap_or(&[]);
    let args = invocation.args();
    let mut starts = Vec::new();
    for (at, word) in args.iter().enumerate() {
        let word = word.to_string_lossy();
        let glued = flags.iter().find_map(|f| word.strip_prefix(f)).filter(|rest| !rest.is_empty());
        let bundled = word.starts_with('-')
            && !word.starts_with("--")
            && flags.iter().any(|f| f.len() == 2 && word.ends_with(&f[1..]) && word.len() < 6);
        let code = if flags.contains(&word.as_ref()) || bundled {
            args.get(at + 1).map(|c| c.to_string_lossy().into_owned())
        } else {
            glued.map(str::to_owned)
        };
        match code {
            Some(code) => match started(&code) {
                Ok(found) => starts.extend(found),
                Err(why) => return Through::unsure(invocation, why),
            },
            None if word.starts_with('-') => continue,
            None => break,
        }
        break;
    }
    let start = |argv| Start { invocation: invocation.nested(argv), doubt: None };
    Through::new(invocation, starts.into_iter().map(start).collect())
}

/// The programs that code starts.
fn started(code: &str) -> Result<Vec<Vec<OsString>>, String> {
    if !HINTS.iter().any(|hint| code.contains(hint)) {
        return Ok(Vec::new());
    }
    let mut rest = code.to_owned();
    let mut found = Vec::new();
    for name in CALLS {
        while let Some(at) = call_of(&rest, name) {
            let open = at + name.len();
            let (argv, end) =
                argument(&rest[open..]).ok_or("code that starts a program that cannot be told")?;
            found.push(argv);
            rest.replace_range(at..open + end, "");
        }
    }
    // The modules by their own names start nothing.
    for module in ["subprocess", "child_process", "require("] {
        rest = rest.replace(module, "");
    }
    if found.is_empty() || HINTS.iter().any(|hint| rest.contains(hint)) {
        return Err("code that may start a program that cannot be told".into());
    }
    Ok(found)
}

/// Where a name stands as a call: not the end of a longer word, and an argument follows.
fn call_of(code: &str, name: &str) -> Option<usize> {
    code.match_indices(name).map(|(at, _)| at).find(|at| {
        let before = code[..*at].chars().next_back();
        let after = code[at + name.len()..].trim_start();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_') && after.starts_with(['(', '"', '\''])
    })
}

/// One literal argument: the command line, and where the call ends.
fn argument(text: &str) -> Option<(Vec<OsString>, usize)> {
    let mut at = text.len() - text.trim_start().len();
    let parenthesis = text[at..].starts_with('(');
    at += usize::from(parenthesis);
    at += text[at..].len() - text[at..].trim_start().len();
    let argv = if text[at..].starts_with('[') {
        at += 1;
        let mut words = Vec::new();
        loop {
            at += text[at..].len() - text[at..].trim_start_matches([' ', ',', '\n']).len();
            if text[at..].starts_with(']') {
                at += 1;
                break;
            }
            let (word, end) = literal(&text[at..])?;
            words.push(OsString::from(word));
            at += end;
        }
        words
    } else {
        let (line, end) = literal(&text[at..])?;
        at += end;
        vec!["sh".into(), "-c".into(), line.into()]
    };
    let rest = text[at..].trim_start();
    // Further arguments may be options of the call; words of their own would change the command.
    let alone = !parenthesis && (rest.is_empty() || rest.starts_with([';', '}'])) || rest.starts_with(')');
    let options = [", shell=True)", ", check=True)", ",shell=True)", ",check=True)"];
    let option = options.iter().find(|o| rest.starts_with(**o));
    match (alone, option) {
        (true, _) => Some((argv, text.len() - rest.len() + usize::from(parenthesis))),
        (false, Some(option)) => Some((argv, text.len() - rest.len() + option.len())),
        (false, None) => None,
    }
}

/// A quoted text without escapes or interpolation, and its length.
fn literal(text: &str) -> Option<(String, usize)> {
    let quote = text.chars().next().filter(|c| "'\"".contains(*c))?;
    let end = text[1..].find(quote)? + 1;
    let inside = &text[1..end];
    let escapes = inside.contains(['\\', '\n']);
    let interpolates = quote == '"' && inside.contains(['$', '@', '#']);
    if inside.is_empty() || escapes || interpolates { None } else { Some((inside.to_owned(), end + 1)) }
}
