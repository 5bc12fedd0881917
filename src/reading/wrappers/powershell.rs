//! pwsh and powershell.exe: the text of `-Command` (PowerShell 7.4, about_Pwsh). Programs started by plain words are
//! followed. Must never pass over a command of PowerShell's own that could change something.

use super::super::through::{Start, Through};
use crate::invocation::{Invocation, Stdin};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

const NAMES: &[&[u8]] = &[b"pwsh", b"pwsh-preview", b"pwsh.exe", b"powershell", b"powershell.exe"];

/// Parameters with a value; any beginning of one stands for it, as of all others.
const VALUES: &[&str] = &[
    "executionpolicy",
    "ep",
    "workingdirectory",
    "wd",
    "configurationname",
    "configurationfile",
    "custompipename",
    "inputformat",
    "if",
    "outputformat",
    "of",
    "settingsfile",
    "windowstyle",
];
const FLAGS: &[&str] = &[
    "noprofile",
    "nologo",
    "noexit",
    "noninteractive",
    "interactive",
    "login",
    "mta",
    "sta",
    "noprofileloadtime",
];

/// Verbs of commands that look or print; `import` loads what is installed.
const LOOKS: &[&str] = &[
    "compare",
    "convertfrom",
    "convertto",
    "find",
    "format",
    "get",
    "group",
    "import",
    "join",
    "measure",
    "resolve",
    "select",
    "show",
    "sort",
    "split",
    "test",
    "wait",
    "write",
];
const LOOKS_TOO: &[&str] =
    &["out-default", "out-host", "out-null", "out-string", "start-sleep", "set-location"];
/// Other verbs of PowerShell's own commands (Get-Verb): what they do is not read.
const ACTS: &[&str] = &[
    "add",
    "approve",
    "backup",
    "block",
    "checkpoint",
    "clear",
    "close",
    "complete",
    "confirm",
    "connect",
    "copy",
    "debug",
    "deny",
    "disable",
    "disconnect",
    "dismount",
    "edit",
    "enable",
    "enter",
    "exit",
    "expand",
    "export",
    "foreach",
    "grant",
    "hide",
    "initialize",
    "install",
    "invoke",
    "limit",
    "lock",
    "merge",
    "mount",
    "move",
    "new",
    "open",
    "optimize",
    "out",
    "ping",
    "pop",
    "protect",
    "publish",
    "push",
    "read",
    "receive",
    "redo",
    "register",
    "remove",
    "rename",
    "repair",
    "request",
    "reset",
    "resize",
    "restart",
    "restore",
    "resume",
    "revoke",
    "save",
    "search",
    "send",
    "set",
    "skip",
    "start",
    "step",
    "stop",
    "submit",
    "suspend",
    "switch",
    "sync",
    "tee",
    "trace",
    "unblock",
    "undo",
    "uninstall",
    "unlock",
    "unprotect",
    "unpublish",
    "unregister",
    "update",
    "use",
    "watch",
    "where",
];
/// Short names of such commands that no program of a Unix has.
const ALIASES: &[&str] = &[
    "ac", "ci", "clc", "cli", "clp", "copy", "cpi", "cpp", "del", "erase", "foreach", "icm", "iex", "ii",
    "ipal", "iwmi", "mi", "move", "mp", "ni", "rd", "ren", "ri", "rni", "rnp", "rp", "rwmi", "sajb", "saps",
    "si", "sp", "spps", "spsv", "start", "swmi",
];

/// Whether a program of this name is one.
pub fn knows(program: &[u8]) -> bool {
    NAMES.contains(&program)
}

/// What the words of the command line make it do.
enum Task {
    Text(String),
    /// A script of its own language, a program like any other.
    File,
    Stdin,
    Shows,
    Unsure(&'static str),
}

/// Reads the words.
pub fn read(invocation: &Invocation) -> Through {
    let text = match task(invocation) {
        Task::Text(text) => text,
        Task::File => return Through::new(invocation, Vec::new()),
        Task::Shows => return Through::nothing(invocation, "it shows help or its version"),
        Task::Unsure(why) => return Through::unsure(invocation, why),
        Task::Stdin => match invocation.stdin() {
            Stdin::Terminal => return Through::new(invocation, Vec::new()),
            Stdin::Content(text) => String::from_utf8_lossy(text).into_owned(),
            Stdin::Unread | Stdin::TooMuch => {
                let mut through =
                    Through::unsure(invocation, "it runs the code that comes on its standard input");
                if matches!(invocation.stdin(), Stdin::Unread) {
                    through.command.traits.add("input", "stdin-unread");
                }
                return through;
            }
        },
    };
    let started = commands(&text).and_then(|all| {
        let started = all.into_iter().map(started).collect::<Result<Vec<_>, _>>()?;
        Ok(started.into_iter().flatten().collect::<Vec<Vec<OsString>>>())
    });
    match started {
        Ok(all) => {
            let start = |argv| Start { invocation: invocation.nested(argv), doubt: None };
            Through::new(invocation, all.into_iter().map(start).collect())
        }
        Err(why) => Through::unsure(invocation, why),
    }
}

fn task(invocation: &Invocation) -> Task {
    let words: Vec<String> = invocation.args().iter().map(|w| w.to_string_lossy().into_owned()).collect();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let Some(name) = word.strip_prefix("--").or(word.strip_prefix(['-', '/'])).filter(|n| !n.is_empty())
        else {
            // pwsh takes it for a file, the older one for a command.
            let older = invocation.program().as_bytes().starts_with(b"powershell");
            return match word.as_str() {
                "-" => Task::Stdin,
                _ if older => Task::Text(words[at - 1..].join(" ")),
                _ => Task::File,
            };
        };
        let name = name.to_ascii_lowercase();
        let begins = |whole: &str| whole.starts_with(&name);
        if begins("command") || name == "commandwithargs" || name == "cwa" {
            return match words.get(at).map(String::as_str) {
                Some("-") => Task::Stdin,
                Some(first) if name == "commandwithargs" || name == "cwa" => Task::Text(first.to_owned()),
                Some(_) => Task::Text(words[at..].join(" ")),
                None => Task::Shows,
            };
        } else if begins("encodedcommand") || name == "ec" {
            return Task::Unsure("its command is encoded");
        } else if begins("file") {
            return if words.get(at).is_some_and(|file| file == "-") { Task::Stdin } else { Task::File };
        } else if begins("help") || name == "?" || begins("version") && words.len() == at {
            return Task::Shows;
        } else if name != "i" && VALUES.iter().any(|whole| begins(whole)) {
            at += 1;
        } else if !FLAGS.iter().any(|whole| begins(whole)) {
            return Task::Unsure("one of its parameters is not known");
        }
    }
    Task::Stdin
}

/// The program that a command of plain words starts; none for one that only looks.
fn started(words: Vec<String>) -> Result<Option<Vec<OsString>>, String> {
    let Some(first) = words.first() else { return Ok(None) };
    let name = first.to_ascii_lowercase();
    if LOOKS_TOO.contains(&name.as_str()) {
        return Ok(None);
    }
    if let Some((verb, noun)) = name.split_once('-').filter(|(_, noun)| !noun.is_empty()) {
        let own = noun.chars().all(|c| c.is_ascii_alphanumeric());
        if own && LOOKS.contains(&verb) {
            return Ok(None);
        }
        if own && ACTS.contains(&verb) {
            return Err(format!("what {first} does is not read"));
        }
    }
    if ALIASES.contains(&name.as_str()) || name == "." {
        return Err(format!("what {first} does is not read"));
    }
    Ok(Some(words.into_iter().map(OsString::from).collect()))
}

/// The commands of a text, cut into words; anything but plain and quoted words is not read.
fn commands(text: &str) -> Result<Vec<Vec<String>>, String> {
    let unread = || "it is more than plain words of PowerShell".to_owned();
    let mut all: Vec<Vec<String>> = vec![Vec::new()];
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r']);
        let ends = ["&&", "||", "|", ";", "\n"].iter().find_map(|sign| rest.strip_prefix(sign));
        if let Some(after) = ends {
            all.push(Vec::new());
            rest = after;
            continue;
        }
        if rest.is_empty() {
            return Ok(all);
        }
        let length = rest.find(|c: char| c.is_whitespace() || ";|&'\"".contains(c)).unwrap_or(rest.len());
        let quote = rest.chars().next().filter(|c| "'\"".contains(*c));
        let (word, after) = match quote {
            Some(quote) => {
                let (inside, after) = rest[1..].split_once(quote).ok_or_else(unread)?;
                if quote == '"' && inside.contains(['$', '`']) {
                    return Err(unread());
                }
                (inside, after)
            }
            None => rest.split_at(length),
        };
        // Quotes beside other text join it; that is left to PowerShell.
        if !(after.is_empty() || after.starts_with(|c: char| c.is_whitespace() || ";|".contains(c))) {
            return Err(unread());
        }
        let here = all.last_mut().ok_or_else(unread)?;
        match quote {
            // A text by itself is printed, not run.
            Some(_) if here.is_empty() => return Err(unread()),
            Some(_) => here.push(word.to_owned()),
            None if shows_variable(word) && here.is_empty() => here.push("Write-Output".to_owned()),
            None if !is_plain(word) => return Err(unread()),
            None => here.push(word.to_owned()),
        }
        rest = after;
    }
}

/// `$PSVersionTable.PSVersion`: no call, no index.
fn shows_variable(word: &str) -> bool {
    let name = word.strip_prefix('$').unwrap_or("");
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "._:".contains(c))
}

fn is_plain(word: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=+%^~*?\\".contains(c);
    word != "--%" && word.chars().all(|c| plain(c) || c == '@') && !word.starts_with(['@', '%', '?'])
}
