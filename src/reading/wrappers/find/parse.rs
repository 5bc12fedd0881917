//! The words of a find command (findutils 4.9). Must never take a value for a test, nor the other way round.

use super::expression::{Compare, Exec, Expression, Owner, Test, Time, Which};
use crate::invocation::Invocation;
use crate::reading::mode::Mode;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// A find command, taken apart.
#[derive(Debug)]
pub struct Call {
    pub paths: Vec<OsString>,
    pub expression: Expression,
    pub links: Links,
    pub depth: (usize, usize),
    pub deletes: bool,
    /// `-depth`, or what implies it.
    pub depth_first: bool,
    pub one_file_system: bool,
    /// Files it writes its findings to.
    pub writes: Vec<OsString>,
}

/// Which symbolic links are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    Never,
    /// `-H`: those on the command line.
    Operands,
    Always,
}

/// Why there is nothing to walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// find stops before it looks at anything.
    Refused(String),
    /// Guard does not read it.
    Unread(String),
}

fn refused<T>(why: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Refused(why.into()))
}

/// Takes the words apart; users and times of reference are looked up as find would.
pub fn parse(args: &[OsString], invocation: Option<&Invocation>) -> Result<Call, Stop> {
    let mut at = 0;
    let mut links = Links::Never;
    while let Some(word) = args.get(at).map(|w| w.as_bytes()) {
        match word {
            b"-L" => links = Links::Always,
            b"-H" => links = Links::Operands,
            b"-P" => links = Links::Never,
            b"-D" => at += 1,
            b"--" => {}
            _ if word.starts_with(b"-O") => {}
            _ => break,
        }
        at += 1;
        if word == b"--" {
            break;
        }
    }
    let rest = args.get(at..).unwrap_or(&[]);
    let paths: Vec<OsString> = rest.iter().take_while(|w| !begins(w)).cloned().collect();
    let mut parser = Parser {
        words: &rest[paths.len()..],
        at: 0,
        nested: 0,
        invocation,
        day_start: false,
        explicit_depth: false,
        prunes: false,
        call: Call {
            paths,
            expression: Expression::Test(Test::Always(true)),
            links,
            depth: (0, usize::MAX),
            deletes: false,
            depth_first: false,
            one_file_system: false,
            writes: Vec::new(),
        },
    };
    if !parser.words.is_empty() {
        parser.call.expression = parser.list()?;
    }
    parser.finish()
}

/// Where the expression begins; `-`, `!x` and `(x` are paths, and so are `,` and `)` as long as none has begun.
fn begins(word: &OsString) -> bool {
    matches!(word.as_bytes(), [b'-', _, ..] | [b'(' | b'!'])
}

struct Parser<'a> {
    words: &'a [OsString],
    at: usize,
    nested: usize,
    invocation: Option<&'a Invocation>,
    day_start: bool,
    explicit_depth: bool,
    prunes: bool,
    call: Call,
}

/// Tests with one value that are not modelled.
const UNKNOWN_WITH_VALUE: &[&str] = &["-context", "-fstype", "-iregex", "-regex", "-used"];
const UNKNOWN: &[&str] = &["-executable", "-readable", "-writable"];

impl Parser<'_> {
    fn finish(mut self) -> Result<Call, Stop> {
        if self.at < self.words.len() {
            return refused("a parenthesis or an operator of find stands alone");
        }
        if self.call.deletes && self.prunes && !self.explicit_depth {
            return refused("find refuses -prune together with -delete unless -depth is given");
        }
        if !self.call.expression.acts() {
            let tests = std::mem::replace(&mut self.call.expression, Expression::Prune);
            self.call.expression = Expression::And(vec![tests, Expression::Print { nul: false }]);
        }
        if self.call.paths.is_empty() {
            self.call.paths.push(".".into());
        }
        Ok(self.call)
    }

    fn peek(&self) -> Option<&[u8]> {
        self.words.get(self.at).map(|w| w.as_bytes())
    }

    fn list(&mut self) -> Result<Expression, Stop> {
        let mut all = vec![self.or()?];
        while self.peek() == Some(b",") {
            self.at += 1;
            all.push(self.or()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expression::List(all) })
    }

    fn or(&mut self) -> Result<Expression, Stop> {
        let mut all = vec![self.and()?];
        while matches!(self.peek(), Some(b"-o" | b"-or")) {
            self.at += 1;
            all.push(self.and()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expression::Or(all) })
    }

    fn and(&mut self) -> Result<Expression, Stop> {
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

    fn not(&mut self) -> Result<Expression, Stop> {
        self.nested += 1;
        if self.nested > 300 {
            return Err(Stop::Unread("a find expression that is too long".into()));
        }
        match self.peek() {
            Some(b"!" | b"-not") => {
                self.at += 1;
                Ok(Expression::Not(Box::new(self.not()?)))
            }
            Some(b"(") => {
                self.at += 1;
                let inner = self.list()?;
                if self.peek() != Some(b")") {
                    return refused("a parenthesis of find is not closed");
                }
                self.at += 1;
                Ok(inner)
            }
            _ => self.primary(),
        }
    }

    fn value(&mut self, of: &str) -> Result<OsString, Stop> {
        let value = self.words.get(self.at).cloned();
        self.at += 1;
        value.ok_or_else(|| Stop::Refused(format!("find's {of} has no value")))
    }

    fn primary(&mut self) -> Result<Expression, Stop> {
        let word = match self.words.get(self.at) {
            Some(word) => word.to_string_lossy().into_owned(),
            None => return refused("find's expression ends in the middle"),
        };
        self.at += 1;
        // Two dashes are as good as one.
        let word = if word.starts_with("--") { word[1..].to_owned() } else { word };
        if !word.starts_with('-') {
            return refused("find wants its paths before the expression");
        }
        match self.option(&word)? {
            true => Ok(Expression::Test(Test::Always(true))),
            false => self.action(&word),
        }
    }

    /// An option that counts for the whole walk, wherever it stands.
    fn option(&mut self, word: &str) -> Result<bool, Stop> {
        match word {
            "-maxdepth" => self.call.depth.1 = number(&self.value(word)?)?,
            "-mindepth" => self.call.depth.0 = number(&self.value(word)?)?,
            "-depth" | "-d" => (self.call.depth_first, self.explicit_depth) = (true, true),
            "-mount" | "-xdev" => self.call.one_file_system = true,
            "-follow" => self.call.links = Links::Always,
            "-daystart" => self.day_start = true,
            "-noleaf" | "-nowarn" | "-warn" | "-ignore_readdir_race" | "-noignore_readdir_race" => {}
            "-regextype" => drop(self.value(word)?),
            "-files0-from" => {
                self.value(word)?;
                return Err(Stop::Unread("where find begins is in a file".into()));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn action(&mut self, word: &str) -> Result<Expression, Stop> {
        Ok(match word {
            "-prune" => {
                self.prunes = true;
                Expression::Prune
            }
            "-quit" => Expression::Quit,
            "-print" => Expression::Print { nul: false },
            "-print0" => Expression::Print { nul: true },
            "-ls" => Expression::PrintOther,
            "-printf" => {
                self.value(word)?;
                Expression::PrintOther
            }
            "-delete" => {
                (self.call.deletes, self.call.depth_first) = (true, true);
                Expression::Delete
            }
            "-exec" | "-execdir" | "-ok" | "-okdir" => self.exec(word)?,
            "-fprint" | "-fprint0" | "-fls" | "-fprintf" => {
                let file = self.value(word)?;
                self.call.writes.push(file);
                if word == "-fprintf" {
                    self.value(word)?;
                }
                Expression::Writes
            }
            "-help" | "-version" => return refused("help or version only"),
            _ => Expression::Test(self.test(word)?),
        })
    }

    fn exec(&mut self, word: &str) -> Result<Expression, Stop> {
        let mut words = Vec::new();
        let all = loop {
            let Some(next) = self.words.get(self.at).cloned() else {
                return refused(format!("find's {word} is not ended"));
            };
            self.at += 1;
            if next == ";" {
                break false;
            }
            if next == "+" && words.last().is_some_and(|w| w == "{}") && !word.starts_with("-ok") {
                break true;
            }
            words.push(next);
        };
        if words.is_empty() {
            return refused(format!("find's {word} has no command"));
        }
        Ok(Expression::Exec(Exec {
            words,
            all,
            directory: word.ends_with("dir"),
            asks: word.starts_with("-ok"),
        }))
    }

    fn test(&mut self, word: &str) -> Result<Test, Stop> {
        Ok(match word {
            "-true" => Test::Always(true),
            "-false" => Test::Always(false),
            "-empty" => Test::Empty,
            "-nouser" | "-nogroup" => Test::Unknown,
            "-name" | "-iname" | "-path" | "-wholename" | "-ipath" | "-iwholename" => Test::Name {
                pattern: self.value(word)?.into_vec(),
                whole: word.contains("path") || word.contains("whole"),
                fold: word.starts_with("-i"),
            },
            "-lname" | "-ilname" => {
                Test::LinkText { pattern: self.value(word)?.into_vec(), fold: word == "-ilname" }
            }
            "-type" | "-xtype" => {
                let letters = self.value(word)?.into_vec();
                let fine = letters.split(|b| *b == b',').all(|l| matches!(l, [l] if b"bcdpflsD".contains(l)));
                if !fine {
                    return refused(format!("find does not know this {word}"));
                }
                Test::Type { letters, followed: word == "-xtype" }
            }
            "-size" => self.size(word)?,
            "-amin" | "-cmin" | "-mmin" | "-atime" | "-ctime" | "-mtime" => self.age(word)?,
            "-anewer" => self.newer(word, Time::Accessed, Time::Modified)?,
            "-cnewer" => self.newer(word, Time::Changed, Time::Modified)?,
            "-newer" => self.newer(word, Time::Modified, Time::Modified)?,
            "-samefile" => Test::SameFile(self.value(word)?),
            "-perm" => self.permissions(word)?,
            "-uid" => self.owner(word, Owner::User)?,
            "-gid" => self.owner(word, Owner::Group)?,
            "-links" => self.owner(word, Owner::Links)?,
            "-inum" => self.owner(word, Owner::Inode)?,
            "-user" => self.named_owner(word, Owner::User, "/etc/passwd")?,
            "-group" => self.named_owner(word, Owner::Group, "/etc/group")?,
            w if UNKNOWN.contains(&w) => Test::Unknown,
            w if UNKNOWN_WITH_VALUE.contains(&w) => {
                self.value(word)?;
                Test::Unknown
            }
            w if w.starts_with("-newer") && w.len() == 8 => match (time(w, 6), time(w, 7)) {
                (Some(of), Some(than)) => self.newer(word, of, than)?,
                _ => {
                    self.value(word)?;
                    Test::Unknown
                }
            },
            _ => return Err(Stop::Unread(format!("the find test {word}"))),
        })
    }

    fn size(&mut self, word: &str) -> Result<Test, Stop> {
        let text = self.value(word)?.to_string_lossy().into_owned();
        let (number, unit) = match text.char_indices().next_back() {
            Some((at, letter)) if letter.is_ascii_alphabetic() => (
                &text[..at],
                match letter {
                    'b' => 512,
                    'c' => 1,
                    'w' => 2,
                    'k' => 1 << 10,
                    'M' => 1 << 20,
                    'G' => 1 << 30,
                    _ => return refused(format!("find does not know the size {text}")),
                },
            ),
            _ => (text.as_str(), 512),
        };
        Ok(Test::Size { compare: compare(number)?, unit })
    }

    fn age(&mut self, word: &str) -> Result<Test, Stop> {
        let value = self.value(word)?;
        let compare = compare(&value.to_string_lossy())?;
        if self.day_start {
            // It depends on the time zone.
            return Ok(Test::Unknown);
        }
        let of = match &word[1..2] {
            "a" => Time::Accessed,
            "c" => Time::Changed,
            _ => Time::Modified,
        };
        Ok(Test::Age { of, compare, unit: if word.ends_with("min") { 60.0 } else { 86_400.0 } })
    }

    fn newer(&mut self, word: &str, of: Time, than: Time) -> Result<Test, Stop> {
        Ok(Test::Newer { of, than, reference: self.value(word)? })
    }

    fn permissions(&mut self, word: &str) -> Result<Test, Stop> {
        let text = self.value(word)?.to_string_lossy().into_owned();
        let (which, mode) = match text.as_bytes() {
            [b'-', ..] => (Which::All, &text[1..]),
            [b'/', ..] => (Which::Any, &text[1..]),
            _ => (Which::Exactly, text.as_str()),
        };
        match Mode::parse(mode) {
            Some(mode) => Ok(Test::Permissions { which, mode }),
            None => refused(format!("find does not know the mode {text}")),
        }
    }

    fn owner(&mut self, word: &str, of: Owner) -> Result<Test, Stop> {
        let value = self.value(word)?;
        Ok(Test::Owner { of, compare: compare(&value.to_string_lossy())? })
    }

    fn named_owner(&mut self, word: &str, of: Owner, list: &str) -> Result<Test, Stop> {
        let name = self.value(word)?.to_string_lossy().into_owned();
        let listed = self.invocation.and_then(|i| i.read(list).ok()).and_then(|list| id(&list, &name));
        match listed.or_else(|| name.parse().ok()) {
            Some(id) => Ok(Test::Owner { of, compare: Compare::Exactly(id) }),
            // Another directory of users may know it.
            None => Ok(Test::Unknown),
        }
    }
}

/// The third field of a line of passwd(5) or group(5).
fn id(list: &[u8], name: &str) -> Option<u64> {
    let lines = std::str::from_utf8(list).ok()?.lines();
    lines
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.split(':').nth(1)?.parse().ok())
        .next()
}

fn time(word: &str, at: usize) -> Option<Time> {
    match word.as_bytes().get(at) {
        Some(b'a') => Some(Time::Accessed),
        Some(b'c') => Some(Time::Changed),
        Some(b'm') => Some(Time::Modified),
        Some(_) | None => None,
    }
}

fn number(word: &OsStr) -> Result<usize, Stop> {
    word.to_str()
        .and_then(|w| w.parse().ok())
        .ok_or_else(|| Stop::Refused("find wants a number as a depth".into()))
}

/// `+n`, `-n`, `n`.
fn compare<N: std::str::FromStr>(text: &str) -> Result<Compare<N>, Stop> {
    let parse = |n: &str| {
        let plain = n.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        n.parse()
            .ok()
            .filter(|_| plain)
            .ok_or_else(|| Stop::Refused(format!("find wants a number, not {text}")))
    };
    Ok(match text.as_bytes().first() {
        Some(b'+') => Compare::More(parse(&text[1..])?),
        Some(b'-') => Compare::Less(parse(&text[1..])?),
        Some(_) | None => Compare::Exactly(parse(text)?),
    })
}
