//! find: which paths its tests choose, and what it does to them (findutils 4.9): `-exec` starts programs,
//! `-print` feeds others. Must never choose by a test that is not modelled: the paths are then not known.

use super::super::through::{Doubt, Start, Through};
use crate::invocation::Invocation;
use crate::reading::Does;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Paths that are looked at before giving up.
const MOST: usize = 20_000;
const MOST_STARTS: usize = 500;

#[derive(Clone, Debug)]
enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Name {
        pattern: Vec<u8>,
        whole: bool,
        fold: bool,
    },
    Type(Vec<u8>),
    True,
    False,
    Prune,
    Print {
        nul: bool,
    },
    Exec(Exec),
    Delete,
    /// Writes a file of its own.
    Writes,
    /// A test that is not modelled.
    Unknown,
}

#[derive(Clone, Debug)]
struct Exec {
    words: Vec<OsString>,
    /// `{} +`: all paths on one line.
    all: bool,
    /// `-execdir`: in the directory of each path.
    directory: bool,
    /// `-ok`: find asks each time.
    asks: bool,
}

struct Call {
    paths: Vec<OsString>,
    expression: Expression,
    follow: bool,
    depth: (usize, usize),
    deletes: bool,
    /// Files it writes its findings to.
    writes: Vec<OsString>,
}

/// Reads a find command: what it starts, with the paths it would be given.
pub fn read(invocation: &Invocation) -> Through {
    let call = match parse(invocation.args()) {
        Ok(call) => call,
        Err(why) => return Through::unsure(invocation, why),
    };
    let mut execs = Vec::new();
    collect(&call.expression, &mut execs);
    if execs.is_empty() && !call.deletes && call.writes.is_empty() {
        return Through::new(invocation, Vec::new());
    }
    let mut walk = Walk::new(&call, invocation.cwd());
    walk.run();
    let mut through = Through::new(invocation, starts(invocation, &call, &execs, &walk));
    let overwritten = call.writes.iter().find(|f| invocation.path(f).metadata().is_ok_and(|m| m.len() > 0));
    if call.deletes && !(walk.known && walk.gone == 0) {
        through.command.does = Does::Unsure("it deletes what it finds".into());
    } else if let Some(file) = overwritten {
        through.command.does = Does::Unsure(format!("it overwrites {}", crate::text::quote(file)));
    }
    through
}

/// The programs of every `-exec`.
fn starts(invocation: &Invocation, call: &Call, execs: &[Exec], walk: &Walk) -> Vec<Start> {
    let mut starts = Vec::new();
    if walk.known && !call.deletes && walk.runs.len() <= MOST_STARTS {
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
pub fn printed(args: &[Vec<u8>], cwd: &Path) -> Option<Vec<u8>> {
    let args: Vec<OsString> = args.iter().map(|a| OsString::from_vec(a.clone())).collect();
    let call = parse(&args).ok()?;
    let mut walk = Walk::new(&call, cwd);
    walk.run();
    walk.known.then_some(walk.printed)
}

fn collect(expression: &Expression, out: &mut Vec<Exec>) {
    match expression {
        Expression::And(all) | Expression::Or(all) => all.iter().for_each(|e| collect(e, out)),
        Expression::Not(inner) => collect(inner, out),
        Expression::Exec(exec) => out.push(exec.clone()),
        Expression::Name { .. }
        | Expression::Type(_)
        | Expression::True
        | Expression::False
        | Expression::Prune
        | Expression::Print { .. }
        | Expression::Delete
        | Expression::Writes
        | Expression::Unknown => {}
    }
}

/// Whether an action is named: without one, find prints.
fn acts(expression: &Expression) -> bool {
    match expression {
        Expression::And(all) | Expression::Or(all) => all.iter().any(acts),
        Expression::Not(inner) => acts(inner),
        Expression::Print { .. } | Expression::Exec(_) | Expression::Delete | Expression::Writes => true,
        Expression::Name { .. }
        | Expression::Type(_)
        | Expression::True
        | Expression::False
        | Expression::Prune
        | Expression::Unknown => false,
    }
}

fn parse(args: &[OsString]) -> Result<Call, String> {
    let mut at = 0;
    let mut follow = false;
    while let Some(word) = args.get(at).map(|w| w.as_bytes()) {
        match word {
            b"-L" => follow = true,
            b"-H" | b"-P" => follow = false,
            b"-D" => at += 1,
            _ if word.starts_with(b"-O") => {}
            _ => break,
        }
        at += 1;
    }
    let begins =
        |w: &OsString| w.as_bytes().starts_with(b"-") || w == "(" || w == "!" || w == ")" || w == ",";
    let paths: Vec<OsString> = args[at..].iter().take_while(|w| !begins(w)).cloned().collect();
    let mut parser = Parser {
        words: &args[at + paths.len()..],
        at: 0,
        depth: (0, usize::MAX),
        follow,
        nested: 0,
        deletes: false,
        writes: Vec::new(),
    };
    let mut expression = if parser.words.is_empty() { Expression::True } else { parser.or()? };
    if parser.at < parser.words.len() {
        return Err("a find expression that guard does not read".into());
    }
    if !acts(&expression) {
        expression = Expression::And(vec![expression, Expression::Print { nul: false }]);
    }
    let paths = if paths.is_empty() { vec![".".into()] } else { paths };
    Ok(Call {
        paths,
        expression,
        follow: parser.follow,
        depth: parser.depth,
        deletes: parser.deletes,
        writes: parser.writes,
    })
}

struct Parser<'a> {
    words: &'a [OsString],
    at: usize,
    depth: (usize, usize),
    follow: bool,
    nested: usize,
    deletes: bool,
    writes: Vec<OsString>,
}

/// Tests and options with one value that are not modelled.
const WITH_VALUE: &[&str] = &[
    "-amin",
    "-anewer",
    "-atime",
    "-cmin",
    "-cnewer",
    "-context",
    "-ctime",
    "-fstype",
    "-gid",
    "-group",
    "-ilname",
    "-inum",
    "-iregex",
    "-links",
    "-lname",
    "-mmin",
    "-mtime",
    "-newer",
    "-perm",
    "-printf",
    "-regex",
    "-regextype",
    "-samefile",
    "-size",
    "-uid",
    "-used",
    "-user",
    "-xtype",
    "-files0-from",
];

impl Parser<'_> {
    fn peek(&self) -> Option<&[u8]> {
        self.words.get(self.at).map(|w| w.as_bytes())
    }

    fn or(&mut self) -> Result<Expression, String> {
        let mut all = vec![self.and()?];
        while matches!(self.peek(), Some(b"-o" | b"-or")) {
            self.at += 1;
            all.push(self.and()?);
        }
        if self.peek() == Some(b",") {
            return Err("a find expression with a comma".into());
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expression::Or(all) })
    }

    fn and(&mut self) -> Result<Expression, String> {
        let mut all = vec![self.not()?];
        loop {
            match self.peek() {
                None | Some(b"-o" | b"-or" | b")" | b",") => break,
                Some(b"-a" | b"-and") => self.at += 1,
                Some(_) => {}
            }
            all.push(self.not()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expression::And(all) })
    }

    fn not(&mut self) -> Result<Expression, String> {
        self.nested += 1;
        if self.nested > 300 {
            return Err("a find expression that is too long".into());
        }
        match self.peek() {
            Some(b"!" | b"-not") => {
                self.at += 1;
                Ok(Expression::Not(Box::new(self.not()?)))
            }
            Some(b"(") => {
                self.at += 1;
                let inner = self.or()?;
                if self.peek() != Some(b")") {
                    return Err("a find expression that is not closed".into());
                }
                self.at += 1;
                Ok(inner)
            }
            _ => self.primary(),
        }
    }

    fn value(&mut self) -> Result<OsString, String> {
        let value = self.words.get(self.at).cloned().ok_or("a find test without its value")?;
        self.at += 1;
        Ok(value)
    }

    fn primary(&mut self) -> Result<Expression, String> {
        let word = self.value()?.to_string_lossy().into_owned();
        Ok(match word.as_str() {
            "-name" | "-iname" | "-path" | "-wholename" | "-ipath" | "-iwholename" => Expression::Name {
                pattern: self.value()?.into_vec(),
                whole: word.contains("path") || word.contains("whole"),
                fold: word.starts_with("-i"),
            },
            "-type" => Expression::Type(self.value()?.into_vec()),
            "-maxdepth" => {
                self.depth.1 = number(&self.value()?)?;
                Expression::True
            }
            "-mindepth" => {
                self.depth.0 = number(&self.value()?)?;
                Expression::True
            }
            "-true"
            | "-depth"
            | "-d"
            | "-noleaf"
            | "-nowarn"
            | "-warn"
            | "-ignore_readdir_race"
            | "-daystart" => Expression::True,
            "-follow" => {
                self.follow = true;
                Expression::True
            }
            "-false" => Expression::False,
            "-prune" => Expression::Prune,
            "-print" => Expression::Print { nul: false },
            "-print0" => Expression::Print { nul: true },
            "-delete" => {
                self.deletes = true;
                Expression::Delete
            }
            "-exec" | "-execdir" | "-ok" | "-okdir" => self.exec(&word)?,
            "-fprint" | "-fprint0" | "-fls" => {
                let file = self.value()?;
                self.writes.push(file);
                Expression::Writes
            }
            "-fprintf" => {
                let file = self.value()?;
                self.writes.push(file);
                self.value()?;
                Expression::Writes
            }
            "-ls" | "-quit" | "-empty" | "-executable" | "-readable" | "-writable" | "-nouser"
            | "-nogroup" | "-mount" | "-xdev" => Expression::Unknown,
            "-help" | "--help" | "-version" | "--version" => Expression::False,
            w if WITH_VALUE.contains(&w) || w.starts_with("-newer") => {
                self.value()?;
                Expression::Unknown
            }
            _ => return Err(format!("the find test {word}")),
        })
    }

    fn exec(&mut self, word: &str) -> Result<Expression, String> {
        let mut words = Vec::new();
        let all = loop {
            let next = self.value().map_err(|_| "an -exec that is not ended")?;
            if next == ";" {
                break false;
            }
            if next == "+" && words.last().is_some_and(|w| w == "{}") {
                break true;
            }
            words.push(next);
        };
        if words.is_empty() {
            return Err("an -exec without a command".into());
        }
        Ok(Expression::Exec(Exec {
            words,
            all,
            directory: word.ends_with("dir"),
            asks: word.starts_with("-ok"),
        }))
    }
}

fn number(word: &OsStr) -> Result<usize, String> {
    word.to_str().and_then(|w| w.parse().ok()).ok_or_else(|| "a depth that is no number".into())
}

/// One walk over the tree, without doing anything.
struct Walk<'a> {
    call: &'a Call,
    cwd: &'a Path,
    known: bool,
    seen: usize,
    printed: Vec<u8>,
    runs: Vec<(Exec, PathBuf)>,
    pruned: bool,
    /// The path being looked at is deleted; how many are in all.
    chosen: bool,
    gone: usize,
}

impl<'a> Walk<'a> {
    fn new(call: &'a Call, cwd: &'a Path) -> Walk<'a> {
        Walk {
            call,
            cwd,
            known: true,
            seen: 0,
            printed: Vec::new(),
            runs: Vec::new(),
            pruned: false,
            chosen: false,
            gone: 0,
        }
    }

    fn run(&mut self) {
        for path in &self.call.paths {
            self.visit(Path::new(path), 0);
        }
    }

    /// Whether the path would be gone afterwards: a directory only goes when all in it does.
    fn visit(&mut self, path: &Path, depth: usize) -> bool {
        self.seen += 1;
        if self.seen > MOST || depth > 100 {
            self.known = false;
        }
        if !self.known {
            return false;
        }
        let place = self.cwd.join(path);
        // A trailing slash is followed by the system itself.
        let own = place.symlink_metadata();
        let metadata = if self.call.follow { place.metadata().or(own) } else { own };
        let Ok(metadata) = metadata else { return false };
        (self.pruned, self.chosen) = (false, false);
        if depth >= self.call.depth.0 {
            let expression = &self.call.expression;
            self.holds(expression, path, &metadata);
        }
        let chosen = self.chosen;
        // -delete implies -depth, under which nothing is pruned.
        let pruned = self.pruned && !self.call.deletes;
        let all = !metadata.is_dir() || self.enter(path, &place, depth, pruned);
        self.gone += usize::from(chosen && all);
        chosen && all
    }

    /// Visits what is in a directory; whether all of it would be gone.
    fn enter(&mut self, path: &Path, place: &Path, depth: usize, pruned: bool) -> bool {
        let Ok(entries) = std::fs::read_dir(place) else {
            self.known = false;
            return false;
        };
        if pruned || depth >= self.call.depth.1 {
            return entries.count() == 0;
        }
        let mut all = true;
        for entry in entries.flatten() {
            all &= self.visit(&path.join(entry.file_name()), depth + 1);
        }
        all
    }

    fn holds(&mut self, expression: &Expression, path: &Path, metadata: &std::fs::Metadata) -> bool {
        match expression {
            Expression::And(all) => all.iter().all(|e| self.holds(e, path, metadata)),
            Expression::Or(all) => all.iter().any(|e| self.holds(e, path, metadata)),
            Expression::Not(inner) => !self.holds(inner, path, metadata),
            Expression::Name { pattern, whole, fold } => self.named(path, pattern, *whole, *fold),
            Expression::Type(types) => is_type(metadata, types).unwrap_or_else(|| {
                self.known = false;
                false
            }),
            Expression::True => true,
            Expression::False => false,
            Expression::Prune => {
                self.pruned = true;
                true
            }
            Expression::Print { nul } => {
                self.printed.extend_from_slice(path.as_os_str().as_bytes());
                self.printed.push(if *nul { 0 } else { b'\n' });
                true
            }
            Expression::Exec(exec) => {
                self.runs.push((exec.clone(), path.to_owned()));
                // What follows depends on how the program ends.
                exec.all || {
                    self.known &= !matches!(&self.call.expression, Expression::Or(_));
                    true
                }
            }
            Expression::Delete => {
                self.chosen = true;
                true
            }
            Expression::Writes => true,
            Expression::Unknown => {
                self.known = false;
                false
            }
        }
    }

    fn named(&mut self, path: &Path, pattern: &[u8], whole: bool, fold: bool) -> bool {
        let text = if whole { path.as_os_str() } else { path.file_name().unwrap_or(path.as_os_str()) };
        let case = |b: &[u8]| if fold { b.to_ascii_lowercase() } else { b.to_vec() };
        let letters: Vec<(u8, bool)> = case(pattern).into_iter().map(|b| (b, false)).collect();
        match super::super::pattern::Pattern::new(&letters) {
            Ok(pattern) => pattern.matches(&case(text.as_bytes())),
            Err(_) => {
                self.known = false;
                false
            }
        }
    }
}

fn is_type(metadata: &std::fs::Metadata, types: &[u8]) -> Option<bool> {
    let kind = metadata.file_type();
    let mut found = false;
    for letter in types.split(|b| *b == b',') {
        found |= match letter {
            b"f" => kind.is_file(),
            b"d" => kind.is_dir(),
            b"l" => kind.is_symlink(),
            _ => return None,
        };
    }
    Some(found)
}
