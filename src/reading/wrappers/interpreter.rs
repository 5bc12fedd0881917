//! Code on the command line of an interpreter: `python3 -c`, `perl -e` … Only calls that start a program by a
//! literal text or list are followed. Must never pass code over that starts a program in another way.

use super::super::through::{Start, Through};
use crate::invocation::{Invocation, Stdin};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

/// An interpreter: its names, the words before its code, and what code must hold to start a program or run more code.
struct Language {
    names: &'static [&'static str],
    flags: &'static [&'static str],
    hints: &'static [&'static str],
    /// What looks like a hint and is none.
    innocent: &'static [&'static str],
}

const LANGUAGES: &[Language] = &[
    Language {
        names: &["python", "pypy"],
        flags: &["-c"],
        hints: &[
            "system",
            "popen",
            "Popen",
            "subprocess",
            "spawn",
            "eval(",
            "exec(",
            "exec ",
            "execfile",
            "__import__",
            "importlib",
            "import_module",
            "runpy",
            "pty",
            "ctypes",
            "cffi",
            "getoutput",
            "getstatusoutput",
            "os.exec",
            "execv",
            "execl",
            "fork",
            "getattr(os",
            "getattr(__",
            "__builtins__",
            "globals()",
            "compile(",
            "rmtree",
            "os.remove",
            "os.unlink",
            "os.rmdir",
            "removedirs",
            ".unlink(",
            ".rmdir(",
        ],
        innocent: &[
            "platform.system()",
            "re.compile(",
            "ast.literal_eval(",
            "empty",
            "property",
            "pretty",
            "type",
        ],
    },
    Language {
        names: &["perl"],
        flags: &["-e", "-E"],
        hints: &[
            "system",
            "exec",
            "`",
            "qx",
            "fork",
            "popen",
            "IPC::",
            "eval",
            "syscall",
            "|\"",
            "\"|",
            "-|",
            "|-",
            "unlink",
            "rmtree",
            "remove_tree",
            "rmdir",
        ],
        innocent: &["eval {", "eval{", "rmdir $!"],
    },
    Language {
        names: &["ruby", "irb"],
        flags: &["-e"],
        hints: &[
            "system",
            "exec",
            "`",
            "%x",
            "spawn",
            "popen",
            "Open3",
            "fork",
            "eval",
            "PTY",
            "open(\"|",
            "open('|",
            "syscall",
            "__send__",
            "FileUtils.rm",
            "rm_rf",
            "rm_r",
            "File.delete",
            "File.unlink",
            "Dir.rmdir",
            "remove_dir",
        ],
        innocent: &[],
    },
    Language {
        names: &["node", "nodejs", "bun", "deno"],
        flags: &["-e", "--eval", "-p", "--print", "eval"],
        hints: &[
            "child_process",
            "eval(",
            "Function(",
            "binding(",
            "require('vm",
            "require(\"vm",
            "worker_threads",
            "import(",
            "execSync",
            "spawnSync",
            "Bun.spawn",
            "Deno.Command",
            "rmSync",
            "unlinkSync",
            "rmdirSync",
            "rm(",
            "unlink(",
        ],
        innocent: &[],
    },
    Language {
        names: &["php"],
        flags: &["-r"],
        hints: &[
            "system",
            "exec",
            "passthru",
            "popen",
            "proc_open",
            "`",
            "eval",
            "pcntl",
            "assert",
            "create_function",
            "unlink",
            "rmdir",
            "base64_decode",
        ],
        innocent: &["curl_exec"],
    },
    Language {
        names: &["lua", "luajit"],
        flags: &["-e"],
        hints: &["execute", "popen", "load", "dofile", "os.remove"],
        innocent: &[],
    },
    Language {
        names: &["Rscript", "R"],
        flags: &["-e"],
        hints: &["system", "shell(", "pipe(", "eval(", "unlink", "file.remove"],
        innocent: &["system.time(", "Sys.time"],
    },
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

/// Calls that remove what their first argument names, and how rm would be called for the same.
const REMOVERS: &[(&str, &[&str])] = &[
    ("shutil.rmtree", &["rm", "-rf", "--"]),
    ("rmtree", &["rm", "-rf", "--"]),
    ("remove_tree", &["rm", "-rf", "--"]),
    ("os.remove", &["rm", "-f", "--"]),
    ("os.unlink", &["rm", "-f", "--"]),
    ("os.rmdir", &["rm", "-d", "--"]),
    ("unlink", &["rm", "-f", "--"]),
    ("rmdir", &["rm", "-d", "--"]),
    ("FileUtils.rm_rf", &["rm", "-rf", "--"]),
    ("FileUtils.rm_r", &["rm", "-r", "--"]),
    ("FileUtils.rm", &["rm", "--"]),
    ("File.delete", &["rm", "--"]),
    ("File.unlink", &["rm", "--"]),
    ("unlinkSync", &["rm", "--"]),
    ("file.remove", &["rm", "--"]),
];

fn language(program: &[u8]) -> Option<&'static Language> {
    let name = std::str::from_utf8(program).ok()?;
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    LANGUAGES.iter().find(|language| language.names.iter().any(|n| *n == name || *n == plain))
}

/// Whether a program of this name takes code on its command line.
pub fn knows(program: &[u8]) -> bool {
    language(program).is_some()
}

/// Reads the code on the command line.
pub fn read(invocation: &Invocation) -> Through {
    let Some(language) = language(invocation.program().as_bytes()) else {
        return Through::new(invocation, Vec::new());
    };
    let flags = language.flags;
    let args = invocation.args();
    if reads_stdin(args, flags) {
        return from_stdin(invocation, language);
    }
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
            Some(code) => match started(&code, language) {
                Ok(found) => starts.extend(found),
                Err(why) => return Through::unsure(invocation, why),
            },
            None if word == "-m" => {
                starts.extend(args.get(at + 1..).and_then(|rest| known_program(rest, MODULES)));
            }
            None if word.starts_with('-') => continue,
            None => starts.extend(known_program(&args[at..], SCRIPTS)),
        }
        break;
    }
    let start = |argv| Start { invocation: invocation.nested(argv), doubt: None };
    Through::new(invocation, starts.into_iter().map(start).collect())
}

/// Scripts of frameworks whose commands are known by the script's name.
const SCRIPTS: &[&str] = &["manage.py", "artisan", "django-admin"];
/// Modules of Python that are programs by themselves.
const MODULES: &[&str] = &["pip", "pipx", "alembic", "celery", "airflow", "ansible", "awscli"];

/// The command, where the first word is a program that is known by its name.
fn known_program(words: &[OsString], known: &[&str]) -> Option<Vec<OsString>> {
    let (first, rest) = words.split_first()?;
    let name = std::path::Path::new(first).file_name()?.to_str().filter(|name| known.contains(name))?;
    Some(std::iter::once(OsString::from(name)).chain(rest.iter().cloned()).collect())
}

/// No code and no file is named: it runs what comes on its standard input.
fn reads_stdin(args: &[OsString], flags: &[&str]) -> bool {
    const ELSEWHERE: &[&str] = &["-m", "-V", "-v", "-h", "--version", "--help", "-i", "--eval", "--print"];
    let begins = |word: &OsString, start: &str| word.as_bytes().starts_with(start.as_bytes());
    args.iter().all(|word| {
        word == "-"
            || begins(word, "-")
                && !flags.iter().any(|flag| begins(word, flag))
                && !ELSEWHERE.iter().any(|other| word == other)
    }) && args.iter().all(|word| !(word.len() > 1 && !begins(word, "--") && word.as_bytes().ends_with(b"e")))
}

fn from_stdin(invocation: &Invocation, language: &Language) -> Through {
    let code = match invocation.stdin() {
        Stdin::Content(code) => String::from_utf8_lossy(code).into_owned(),
        Stdin::Terminal => return Through::new(invocation, Vec::new()),
        Stdin::Unread | Stdin::TooMuch => {
            let mut through =
                Through::unsure(invocation, "it runs the code that comes on its standard input");
            if matches!(invocation.stdin(), Stdin::Unread) {
                through.command.traits.add("input", "stdin-unread");
            }
            return through;
        }
    };
    match started(&code, language) {
        Ok(found) => {
            let start = |argv| Start { invocation: invocation.nested(argv), doubt: None };
            Through::new(invocation, found.into_iter().map(start).collect())
        }
        Err(why) => Through::unsure(invocation, why),
    }
}

/// The programs that code starts.
fn started(code: &str, language: &Language) -> Result<Vec<Vec<OsString>>, String> {
    let mut rest = language.innocent.iter().fold(code.to_owned(), |code, word| code.replace(word, ""));
    let hints = |code: &str| language.hints.iter().any(|hint| code.contains(hint));
    if !hints(&rest) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for (name, command) in REMOVERS {
        while let Some(at) = call_of(&rest, name) {
            let (path, end) =
                argument(&rest[at + name.len()..]).ok_or("code that removes what cannot be told")?;
            let mut argv: Vec<OsString> = command.iter().map(OsString::from).collect();
            match path.as_slice() {
                [sh, c, path] if sh == "sh" && c == "-c" => argv.push(path.clone()),
                _ => return Err("code that removes what cannot be told".into()),
            }
            found.push(argv);
            rest.replace_range(at..at + name.len() + end, "");
        }
    }
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
    if found.is_empty() || hints(&rest) {
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
        let mut words = vec![OsString::from(line.clone())];
        // `system("rm", "-rf", "x")`: a list of words.
        while let Some(next) = text[at..].trim_start().strip_prefix(',').filter(|_| parenthesis) {
            let Some((word, end)) = literal(next.trim_start()) else { break };
            at = text.len() - next.trim_start().len() + end;
            words.push(word.into());
        }
        if words.len() > 1 { words } else { vec!["sh".into(), "-c".into(), line.into()] }
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
