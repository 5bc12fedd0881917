//! awk and sed: programs on their command line that can start others (POSIX awk, gawk(1), GNU sed 4.9).
//! Must never take a program for harmless that calls `system`, opens a pipe, or has sed's `e`.

use super::super::through::{Start, Through};
use crate::invocation::Invocation;
use crate::reading::redirection;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

const AWKS: &[&[u8]] = &[b"awk", b"gawk", b"mawk", b"nawk", b"original-awk"];
const SEDS: &[&[u8]] = &[b"sed", b"gsed", b"ssed"];

/// Whether a program of this name is one.
pub fn knows(program: &[u8]) -> bool {
    AWKS.contains(&program) || SEDS.contains(&program)
}

/// Reads the program text on the command line.
pub fn read(invocation: &Invocation) -> Through {
    let texts = match scripts(invocation) {
        Ok(texts) => texts,
        Err(why) => return Through::unsure(invocation, why),
    };
    let mut starts = Vec::new();
    let awk = AWKS.contains(&invocation.program().as_bytes());
    for text in texts {
        let found = if awk { awk_starts(&text) } else { sed_starts(&text) };
        match found {
            Ok(found) => starts.extend(found.into_iter().map(|does| start(invocation, does))),
            Err(why) => return Through::unsure(invocation, why),
        }
    }
    Through::new(invocation, starts)
}

/// What a program text does besides reading and printing.
enum Found {
    Line(String),
    Write(String),
}

fn start(invocation: &Invocation, found: Found) -> Start {
    let nested = match found {
        Found::Line(line) => invocation.nested(vec!["sh".into(), "-c".into(), line.into()]),
        Found::Write(file) => redirection::invocation(invocation, ">", OsStr::new(&file), true),
    };
    Start { invocation: nested, doubt: None }
}

/// The program texts: of `-e` and `-f`, else the first operand. A file that is not there stops the program.
fn scripts(invocation: &Invocation) -> Result<Vec<String>, String> {
    let awk = AWKS.contains(&invocation.program().as_bytes());
    let (text_options, with_value) = if awk { ("e", "FvfeiloDE") } else { ("e", "efl") };
    let args = invocation.args();
    let mut found = Vec::new();
    let mut first = None;
    let mut at = 0;
    while let Some(word) = args.get(at) {
        at += 1;
        let bytes = word.as_bytes();
        let text = |value: Option<&OsString>| value.map(|v| v.to_string_lossy().into_owned());
        if bytes == b"--" {
            first = first.or(text(args.get(at)));
            break;
        }
        if let Some(long) = bytes.strip_prefix(b"--") {
            let long = String::from_utf8_lossy(long).into_owned();
            let (name, glued) =
                long.split_once('=').map_or((long.as_str(), None), |(n, v)| (n, Some(v.to_owned())));
            if ["expression", "source"].contains(&name) {
                found.extend(glued.or_else(|| text(args.get(at))));
                at += usize::from(!long.contains('='));
            } else if name == "file" {
                let file = glued.or_else(|| text(args.get(at))).unwrap_or_default();
                at += usize::from(!long.contains('='));
                found.extend(script_file(invocation, &file)?);
            }
            continue;
        }
        let Some(letters) = bytes.strip_prefix(b"-").filter(|l| !l.is_empty()) else {
            if first.is_none() {
                first = text(Some(word));
            }
            // awk's operands end its options; sed's may stand between.
            if awk {
                break;
            }
            continue;
        };
        let Some(i) = letters.iter().position(|b| with_value.as_bytes().contains(b)) else { continue };
        // `-i.bak` and `-E` of sed take no further word.
        if !awk && letters[..i].contains(&b'i') {
            continue;
        }
        let glued = OsStr::from_bytes(&letters[i + 1..]).to_owned();
        let value = if glued.is_empty() { args.get(at).cloned().unwrap_or_default() } else { glued.clone() };
        at += usize::from(glued.is_empty());
        match letters[i] {
            b'f' | b'E' if awk || letters[i] == b'f' => {
                found.extend(script_file(invocation, &value.to_string_lossy())?);
            }
            letter if text_options.as_bytes().contains(&letter) => {
                found.push(value.to_string_lossy().into_owned())
            }
            _ => {}
        }
    }
    Ok(if found.is_empty() { first.into_iter().collect() } else { found })
}

fn script_file(invocation: &Invocation, file: &str) -> Result<Option<String>, String> {
    match invocation.read(file) {
        Ok(text) => Ok(Some(String::from_utf8_lossy(&text).into_owned())),
        Err(crate::invocation::ReadError::Missing) => Ok(None),
        Err(_) if invocation.place().is_some() => Ok(None),
        Err(error) => Err(format!("its program {file} cannot be read: {error}")),
    }
}

/// awk: `system("…")`, `"…" | getline`, `print | "…"`, `print > "…"`, each with a text known beforehand.
fn awk_starts(text: &str) -> Result<Vec<Found>, String> {
    let tokens = awk_tokens(text);
    let mut found = Vec::new();
    let literal = |at: usize| match tokens.get(at) {
        Some(Token::Text(text)) => Some(text.clone()),
        Some(Token::Name(_) | Token::Sign(_)) | None => None,
    };
    let ends = |at: usize| matches!(tokens.get(at), None | Some(Token::Sign(';' | '}' | ')' | '\n')));
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Name(name) if name == "system" => match (literal(at + 2), tokens.get(at + 3)) {
                (Some(line), Some(Token::Sign(')'))) => found.push(Found::Line(line)),
                _ => return Err("awk starts a program that cannot be told".into()),
            },
            Token::Name(name)
                if name == "getline" && matches!(tokens.get(at.wrapping_sub(1)), Some(Token::Sign('|'))) =>
            {
                match at.checked_sub(2).and_then(literal) {
                    Some(line)
                        if !matches!(
                            tokens.get(at.wrapping_sub(3)),
                            Some(Token::Text(_) | Token::Name(_))
                        ) =>
                    {
                        found.push(Found::Line(line));
                    }
                    _ => return Err("awk reads from a program that cannot be told".into()),
                }
            }
            Token::Sign('|')
                if tokens.get(at + 1) == Some(&Token::Sign('|'))
                    || tokens.get(at.wrapping_sub(1)) == Some(&Token::Sign('|')) => {}
            Token::Sign('|') if matches!(tokens.get(at + 1), Some(Token::Name(n)) if n == "getline") => {}
            Token::Sign('|') => {
                match literal(at + 1 + usize::from(tokens.get(at + 1) == Some(&Token::Sign('&')))) {
                    Some(line)
                        if ["sort", "uniq", "wc", "cat", "column", "head", "tail"]
                            .iter()
                            .any(|p| line.split(' ').next() == Some(p)) =>
                    {
                        found.push(Found::Line(line));
                    }
                    _ => return Err("awk feeds a program that cannot be told".into()),
                }
            }
            Token::Sign('>') if ends(at + 2) => {
                if let Some(file) = literal(at + 1).filter(|f| !f.starts_with("/dev/std")) {
                    found.push(Found::Write(file));
                }
            }
            Token::Name(_) | Token::Text(_) | Token::Sign(_) => {}
        }
    }
    Ok(found)
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Name(String),
    /// A text without escapes that matter.
    Text(String),
    Sign(char),
}

/// Names, texts and signs; comments and regular expressions are passed over.
fn awk_tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        match c {
            '#' => at += chars[at..].iter().take_while(|c| **c != '\n').count(),
            '"' => {
                let mut word = String::new();
                while let Some(c) = chars.get(at).copied().filter(|c| *c != '"') {
                    at += 1;
                    if c == '\\' {
                        word.extend(chars.get(at).map(|c| if *c == 'n' { '\n' } else { *c }));
                        at += 1;
                    } else {
                        word.push(c);
                    }
                }
                at += 1;
                tokens.push(Token::Text(word));
            }
            '/' if !matches!(
                tokens.last(),
                Some(Token::Name(_) | Token::Text(_) | Token::Sign(')' | ']' | '$'))
            ) =>
            {
                while let Some(c) = chars.get(at).copied().filter(|c| *c != '/' && *c != '\n') {
                    at += 1 + usize::from(c == '\\');
                }
                at += 1;
                tokens.push(Token::Name("/".into()));
            }
            c if c.is_alphanumeric() || c == '_' => {
                let mut word = String::from(c);
                while let Some(c) = chars.get(at).copied().filter(|c| c.is_alphanumeric() || *c == '_') {
                    word.push(c);
                    at += 1;
                }
                tokens.push(Token::Name(word));
            }
            '\n' => tokens.push(Token::Sign('\n')),
            c if c.is_whitespace() => {}
            c => tokens.push(Token::Sign(c)),
        }
    }
    tokens
}

/// sed: the `e` command, the `e` flag of `s`, and files that `w` writes.
fn sed_starts(text: &str) -> Result<Vec<Found>, String> {
    let mut reader = Sed { chars: text.chars().collect(), at: 0, found: Vec::new() };
    reader.script()?;
    Ok(reader.found)
}

struct Sed {
    chars: Vec<char>,
    at: usize,
    found: Vec<Found>,
}

impl Sed {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn skip(&mut self, these: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&these) {
            self.at += 1;
        }
    }

    /// To the end of the line.
    fn line(&mut self) -> String {
        let from = self.at;
        self.skip(|c| c != '\n');
        self.chars[from..self.at].iter().collect::<String>().trim().to_owned()
    }

    /// Past a part that `delimiter` ends.
    fn part(&mut self, delimiter: char) -> Result<(), String> {
        let mut class = false;
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '\\' => self.at += 1,
                '[' if delimiter == '/' && !class => class = true,
                ']' => class = false,
                c if c == delimiter && !class => return Ok(()),
                _ => {}
            }
        }
        Err("a sed script that is not ended".into())
    }

    fn address(&mut self) -> Result<(), String> {
        loop {
            match self.peek() {
                Some('/') => {
                    self.at += 1;
                    self.part('/')?;
                    self.skip(|c| c == 'I' || c == 'M');
                }
                Some('\\') => {
                    let delimiter = self.chars.get(self.at + 1).copied().ok_or("a sed address")?;
                    self.at += 2;
                    self.part(delimiter)?;
                }
                Some(c) if c.is_ascii_digit() || "$,~+! \t".contains(c) => self.at += 1,
                Some(_) | None => return Ok(()),
            }
        }
    }

    fn script(&mut self) -> Result<(), String> {
        loop {
            self.skip(|c| c.is_whitespace() || c == ';' || c == '}');
            self.address()?;
            let Some(command) = self.peek() else { return Ok(()) };
            self.at += 1;
            match command {
                '{' => {}
                '#' | ':' | 'a' | 'i' | 'c' | 'r' | 'R' => {
                    // Text that goes on behind a backslash.
                    while self.line().ends_with('\\') && self.at < self.chars.len() {
                        self.at += 1;
                    }
                }
                'e' => {
                    let line = self.line();
                    if line.is_empty() {
                        return Err("sed runs its input as commands".into());
                    }
                    self.found.push(Found::Line(line));
                }
                'w' | 'W' => self.write(),
                's' | 'y' => self.substitute(command)?,
                _ => self.skip(|c| c != ';' && c != '\n' && c != '}'),
            }
        }
    }

    fn write(&mut self) {
        let file = self.line();
        if !file.is_empty() && !file.starts_with("/dev/std") {
            self.found.push(Found::Write(file));
        }
    }

    fn substitute(&mut self, command: char) -> Result<(), String> {
        let delimiter = self.peek().ok_or("a sed script that is not ended")?;
        self.at += 1;
        self.part(delimiter)?;
        self.part(delimiter)?;
        if command == 'y' {
            return Ok(());
        }
        while let Some(flag) = self.peek().filter(|c| !c.is_whitespace() && !";}#".contains(*c)) {
            self.at += 1;
            match flag {
                'e' => return Err("sed runs what it replaced as a command".into()),
                'w' => {
                    self.write();
                    return Ok(());
                }
                _ => {}
            }
        }
        Ok(())
    }
}
