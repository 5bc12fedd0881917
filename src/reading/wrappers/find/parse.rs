//! find's expression: options, tests and actions with their values (findutils 4.9, find(1)).
//! Must never take a test's value for an action.

use super::tests::{self, Test};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

#[derive(Clone, Debug)]
pub(super) enum Expression {
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
    /// Prints in a way that is not followed: `-ls`, `-printf`.
    Shows,
    Test(Test),
    /// A test that is not modelled.
    Unknown,
}

#[derive(Clone, Debug)]
pub(super) struct Exec {
    pub words: Vec<OsString>,
    /// `{} +`: all paths on one line.
    pub all: bool,
    /// `-execdir`: in the directory of each path.
    pub directory: bool,
    /// `-ok`: find asks each time.
    pub asks: bool,
}

pub(super) struct Call {
    pub paths: Vec<OsString>,
    pub expression: Expression,
    pub follow: bool,
    pub depth: (usize, usize),
    pub deletes: bool,
    /// Files it writes its findings to.
    pub writes: Vec<OsString>,
    /// `-xdev`: other file systems are left alone.
    pub one_file_system: bool,
    /// Where it starts is not on the command line.
    pub elsewhere: bool,
}

pub(super) fn collect(expression: &Expression, out: &mut Vec<Exec>) {
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
        | Expression::Shows
        | Expression::Test(_)
        | Expression::Unknown => {}
    }
}

/// Whether an action is named: without one, find prints.
fn acts(expression: &Expression) -> bool {
    match expression {
        Expression::And(all) | Expression::Or(all) => all.iter().any(acts),
        Expression::Not(inner) => acts(inner),
        Expression::Print { .. }
        | Expression::Exec(_)
        | Expression::Delete
        | Expression::Shows
        | Expression::Writes => true,
        Expression::Name { .. }
        | Expression::Type(_)
        | Expression::True
        | Expression::False
        | Expression::Prune
        | Expression::Test(_)
        | Expression::Unknown => false,
    }
}

pub(super) fn parse(args: &[OsString]) -> Result<Call, String> {
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
        one_file_system: false,
        elsewhere: false,
        day_start: false,
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
        one_file_system: parser.one_file_system,
        elsewhere: parser.elsewhere,
    })
}

struct Parser<'a> {
    words: &'a [OsString],
    at: usize,
    pub depth: (usize, usize),
    pub follow: bool,
    nested: usize,
    pub deletes: bool,
    pub writes: Vec<OsString>,
    one_file_system: bool,
    elsewhere: bool,
    day_start: bool,
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
    "-regex",
    "-regextype",
    "-samefile",
    "-size",
    "-uid",
    "-used",
    "-user",
    "-xtype",
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
            | "-noignore_readdir_race" => Expression::True,
            "-daystart" => {
                self.day_start = true;
                Expression::True
            }
            "-mount" | "-xdev" => {
                self.one_file_system = true;
                Expression::True
            }
            "-files0-from" => {
                self.value()?;
                self.elsewhere = true;
                Expression::True
            }
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
            "-ls" => Expression::Shows,
            "-printf" => {
                self.value()?;
                Expression::Shows
            }
            "-empty" => Expression::Test(Test::Empty),
            "-quit" | "-executable" | "-readable" | "-writable" | "-nouser" | "-nogroup" => {
                Expression::Unknown
            }
            w if tests::knows(w) => {
                let value = self.value()?;
                match tests::read(w, &value, self.day_start) {
                    Some(test) => Expression::Test(test),
                    None => Expression::Unknown,
                }
            }
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
