//! Programs that start other programs: wrappers and shells. They do nothing themselves; what they start is
//! handed back to be read with its own grammar. Must never drop a program that would run: what cannot be
//! told is `Does::Unsure`.

use super::{Command, Does, sent_files, sockets, wrappers, written_files};
use crate::invocation::Invocation;

/// A program that another one would start.
#[derive(Clone, Debug)]
pub struct Start {
    pub invocation: Invocation,
    /// What is not known of it; its own rules decide how much that matters.
    pub doubt: Option<Doubt>,
}

/// Why a command is not known in full, and from which word on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    pub why: String,
    /// Index of the first doubtful word of argv; `usize::MAX` when only the surroundings are in doubt.
    pub first: usize,
    /// Only while no rule file covers the program: who wrote one has vouched for it.
    pub unless_covered: bool,
    /// Every doubtful word is exactly one word, whatever is in it: it was quoted.
    pub single: bool,
    /// No doubtful word can be an option, or hold anything but names and numbers.
    pub plain: bool,
    /// Every doubtful word holds a variable of a line that is only looked at, and stands for one name or value as its
    /// writer means it: the other words and the place say what it does.
    pub named: bool,
    /// What it acts on is known only where its own words say so.
    pub target: bool,
    /// The text that stands for what is not known, where that is no variable: `{}`.
    pub mark: Option<String>,
}

/// A wrapper or shell, and what it starts.
#[derive(Clone, Debug)]
pub struct Through {
    pub command: Command,
    pub starts: Vec<Start>,
}

impl Through {
    pub(super) fn new(invocation: &Invocation, starts: Vec<Start>) -> Through {
        let name = invocation.program().to_string_lossy().into_owned();
        Through { command: Command::new(invocation, &name), starts }
    }

    pub(super) fn unsure(invocation: &Invocation, why: impl Into<String>) -> Through {
        let mut through = Through::new(invocation, Vec::new());
        through.command.does = Does::Unsure(why.into());
        through
    }

    pub(super) fn nothing(invocation: &Invocation, why: impl Into<String>) -> Through {
        let mut through = Through::new(invocation, Vec::new());
        through.command.does = Does::Nothing(why.into());
        through
    }
}

impl Doubt {
    pub fn from_word(first: usize, why: impl Into<String>) -> Doubt {
        Doubt {
            why: why.into(),
            first,
            unless_covered: false,
            single: false,
            plain: false,
            named: false,
            target: false,
            mark: None,
        }
    }

    /// About a program that nobody has said anything about: a plugin.
    pub fn unless_covered(why: impl Into<String>) -> Doubt {
        Doubt { unless_covered: true, ..Doubt::from_word(0, why) }
    }

    /// About the surroundings: directory, environment.
    pub fn around(why: impl Into<String>) -> Doubt {
        Doubt::from_word(usize::MAX, why)
    }

    /// About surroundings that decide where it goes: the variables it gets, a context chosen before.
    pub fn of_target(why: impl Into<String>) -> Doubt {
        Doubt { target: true, ..Doubt::around(why) }
    }
}

/// A line that a program hands to the system's shell, as from a prompt of its own; `None` for an empty one.
pub(super) fn shell_line(invocation: &Invocation, line: &str) -> Option<Start> {
    let words = ["sh", "-c", line].map(std::ffi::OsString::from).to_vec();
    let invocation = invocation.nested(words).with_stdin(crate::invocation::Stdin::TooMuch);
    (!line.trim().is_empty()).then_some(Start { invocation, doubt: None })
}

/// Whether a program starts others by its nature.
pub fn goes_through(program: &[u8]) -> bool {
    wrappers::knows(program) || is_shell(program)
}

/// Whether a program of this name is a shell; a login shell's has a dash in front.
pub(super) fn is_shell(program: &[u8]) -> bool {
    SHELLS.contains(&program.strip_prefix(b"-").unwrap_or(program))
}

const SHELLS: &[&[u8]] = &[
    b"bash", b"sh", b"dash", b"ash", b"ksh", b"ksh93", b"mksh", b"rbash", b"zsh", b"fish", b"csh", b"tcsh",
    b"nu",
];

/// Reads a wrapper or shell; `None` for a program that stands for itself. A doubt about a word that decides what
/// is started makes the whole unsure; a later one goes on to what is started.
pub fn through(invocation: &Invocation, doubt: Option<&Doubt>) -> Option<Through> {
    use std::os::unix::ffi::OsStrExt;
    let program = invocation.program().as_bytes();
    if is_shell(program) {
        if let Some(doubt) = doubt.filter(|d| d.first != usize::MAX) {
            return Some(Through::unsure(invocation, doubt.why.clone()));
        }
        let mut found = shell(invocation);
        for start in &mut found.starts {
            start.doubt = start.doubt.take().or_else(|| doubt.cloned());
        }
        return Some(found);
    }
    let written = match doubt {
        Some(doubt) if !doubt.named => Vec::new(),
        Some(_) | None => {
            [written_files::of(invocation), sent_files::of(invocation), sockets::of(invocation)].concat()
        }
    };
    if !wrappers::knows(program) {
        let found = Some(Through::new(invocation, written)).filter(|through| !through.starts.is_empty());
        return found.or_else(|| script(invocation, doubt));
    }
    if let (b"find", Some(doubt)) = (program, doubt.filter(|d| d.first != usize::MAX && d.first > 0)) {
        return Some(wrappers::find::doubtful(invocation, doubt));
    }
    let mut found = wrappers::read(invocation);
    found.starts.extend(written);
    let Some(doubt) = doubt else { return Some(found) };
    if doubt.named && doubt.first != usize::MAX && doubt.first > 0 {
        return Some(with_names(found, doubt));
    }
    for start in &mut found.starts {
        let own = start.invocation.argv();
        let at = invocation.argv().len().saturating_sub(own.len());
        let plain = invocation.argv().ends_with(own);
        match doubt.first {
            usize::MAX => start.doubt = start.doubt.take().or_else(|| Some(doubt.clone())),
            first if plain && first > at => {
                let inner = Doubt { first: first - at, ..doubt.clone() };
                start.doubt = start.doubt.take().or(Some(inner));
            }
            _ => return Some(Through::unsure(invocation, doubt.why.clone())),
        }
    }
    if found.starts.is_empty() && doubt.first != usize::MAX && !is_settled(invocation, doubt.first) {
        return Some(Through::unsure(invocation, doubt.why.clone()));
    }
    Some(found)
}

/// A wrapper some of whose words are variables that hold names: each command that it starts has those of its own.
fn with_names(mut found: Through, doubt: &Doubt) -> Through {
    use std::os::unix::ffi::OsStrExt;
    let open = |word: &std::ffi::OsString| word.as_bytes().windows(2).any(|pair| pair == b"${");
    let invocation = found.command.invocation.clone();
    let first = invocation.args().iter().find(|word| !word.as_bytes().starts_with(b"-"));
    // `-c"$X"` is one word.
    let joined = invocation.args().iter().any(|word| word.as_bytes().starts_with(b"-") && open(word));
    if found.starts.is_empty() && (joined || runs_a_variable(&invocation) || first.is_some_and(open)) {
        found.command.does = Does::Unsure(doubt.why.clone());
    }
    for start in &mut found.starts {
        let named = start.invocation.argv().iter().position(open);
        let inner = named.map(|first| Doubt { first, ..doubt.clone() });
        start.doubt = start.doubt.take().or(inner);
    }
    found
}

/// Whether the whole text or file that a program is to run stands in a variable.
pub fn runs_a_variable(invocation: &Invocation) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let variable = |text: &[u8]| text.starts_with(b"${") && !text.contains(&b' ');
    let program = invocation.program();
    let client = CLIENTS.iter().find(|(names, _)| names.iter().any(|name| program == *name));
    let code = client.map_or(CODE, |(_, code)| code);
    let apart =
        |pair: &[std::ffi::OsString]| code.contains(&pair[0].as_bytes()) && variable(pair[1].as_bytes());
    let joined = |word: &std::ffi::OsString| {
        let rest = code.iter().filter_map(|option| word.as_bytes().strip_prefix(*option));
        rest.map(|text| text.strip_prefix(b"=").unwrap_or(text)).any(variable)
    };
    invocation.args().windows(2).any(apart) || invocation.args().iter().any(joined)
}

/// Options that are followed by text or a file which an interpreter runs.
const CODE: &[&[u8]] = &[
    b"-c",
    b"-e",
    b"-E",
    b"-r",
    b"-p",
    b"-pe",
    b"-ne",
    b"-Command",
    b"--eval",
    b"--command",
    b"--execute",
    b"-f",
    b"--file",
];

/// Programs to whom some of those letters are a port, a password or a format, and the ones that are code to them.
const CLIENTS: &[(&[&str], &[&[u8]])] = &[
    (&["mysql", "mariadb"], &[b"-e", b"--execute", b"--init-command"]),
    (&["mysqladmin", "mariadb-admin", "mysqldump", "mariadb-dump"], &[b"--init-command"]),
    (&["psql"], &[b"-c", b"--command", b"-f", b"--file"]),
    (&["redis-cli", "valkey-cli", "keydb-cli"], &[b"--eval"]),
];

/// Words from `first` on are no part of what decides what is started: a package of npm, a file for sed to read.
fn is_settled(invocation: &Invocation, first: usize) -> bool {
    let words: Vec<&str> = invocation.args().iter().filter_map(|word| word.to_str()).collect();
    let Some(before) = first.checked_sub(1).and_then(|end| words.get(..end)) else { return false };
    match invocation.program().to_str() {
        Some("npm" | "pnpm" | "yarn") => before.first().is_some_and(|verb| READING_VERBS.contains(verb)),
        // Behind the script; what sed and awk may start stands in it.
        Some("sed" | "awk" | "gawk" | "mawk") => {
            before.iter().any(|w| !w.starts_with('-')) && before.iter().all(|w| !w.contains("-f"))
        }
        Some(_) | None => false,
    }
}

/// What looks up packages and runs none of their scripts.
const READING_VERBS: &[&str] = &[
    "why", "explain", "ls", "list", "view", "info", "show", "outdated", "docs", "repo", "bugs", "audit",
    "query",
];

/// A file that is run by its path and names a shell in its first line. What is unclear in it counts no more than
/// what is unclear in any other program; what it is seen to start counts.
#[cfg(feature = "full")]
fn script(invocation: &Invocation, doubt: Option<&Doubt>) -> Option<Through> {
    use std::os::unix::ffi::OsStrExt;
    let word = invocation.argv().first()?;
    if !word.as_bytes().contains(&b'/') || doubt.is_some_and(|d| d.first == 0) || invocation.place().is_some()
    {
        return None;
    }
    let size = invocation.path(word).metadata().ok().filter(std::fs::Metadata::is_file)?.len();
    if size > LARGEST_SCRIPT {
        return None;
    }
    let text = invocation.read(word).ok()?;
    let first = text.strip_prefix(b"#!")?.split(|b| *b == b'\n').next()?;
    let mut words = first.split(|b| b.is_ascii_whitespace()).filter(|w| !w.is_empty());
    let name = |path: &[u8]| path.rsplit(|b| *b == b'/').next().unwrap_or(path).to_vec();
    let mut interpreter = name(words.next()?);
    if interpreter == b"env" {
        interpreter = name(words.find(|w| !w.starts_with(b"-"))?);
    }
    if !is_shell(&interpreter) {
        return None;
    }
    let program = std::ffi::OsStr::from_bytes(&interpreter).to_owned();
    let argv = std::iter::once(program).chain(invocation.argv().iter().cloned()).collect();
    let inner = super::shell::read(&invocation.nested(argv));
    let starts = inner.starts.into_iter().map(|start| Start {
        doubt: start.doubt.or_else(|| doubt.filter(|d| d.first == usize::MAX).cloned()),
        ..start
    });
    Some(Through::new(invocation, starts.collect()))
}

/// Larger ones are programs that happen to be written for a shell.
#[cfg(feature = "full")]
const LARGEST_SCRIPT: u64 = 64 << 10;

#[cfg(not(feature = "full"))]
fn script(_: &Invocation, _: Option<&Doubt>) -> Option<Through> {
    None
}

#[cfg(feature = "full")]
fn shell(invocation: &Invocation) -> Through {
    super::shell::read(invocation)
}

/// The shim has no shell grammar: it knows a line of plain words, and the full guard reads the rest.
#[cfg(not(feature = "full"))]
fn shell(invocation: &Invocation) -> Through {
    super::plain_line::shell(invocation)
}
