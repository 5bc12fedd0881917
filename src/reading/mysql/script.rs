//! A script as the mysql client cuts it: lines, delimiters, client commands, comments. Source: client/mysql.cc,
//! read_and_execute and add_line. Must never lose a statement: what cannot be followed makes the reading unsure.

use super::session::Session;

/// Client commands that take the rest of their line.
const WITH_WORDS: &[&str] =
    &["connect", "delimiter", "pager", "prompt", "source", "tee", "use", "charset", "system", "help"];

/// Commands by name, and their letters.
const COMMANDS: &[(&str, char)] = &[
    ("?", '?'),
    ("charset", 'C'),
    ("clear", 'c'),
    ("connect", 'r'),
    ("delimiter", 'd'),
    ("edit", 'e'),
    ("ego", 'G'),
    ("exit", 'q'),
    ("go", 'g'),
    ("help", 'h'),
    ("nopager", 'n'),
    ("notee", 't'),
    ("nowarning", 'w'),
    ("pager", 'P'),
    ("print", 'p'),
    ("prompt", 'R'),
    ("query_attributes", '\0'),
    ("quit", 'q'),
    ("rehash", '#'),
    ("resetconnection", 'x'),
    ("sandbox", '-'),
    ("source", '.'),
    ("ssl_session_data_print", '\0'),
    ("status", 's'),
    ("system", '!'),
    ("tee", 'T'),
    ("use", 'u'),
    ("warnings", 'W'),
];

/// How the script goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Then {
    GoOn,
    Quit,
}

#[derive(Default)]
struct Reader {
    /// The statement so far.
    buffer: String,
    quote: Option<char>,
    comment: bool,
    /// Inside `/*! … */`, which stays in the statement.
    conditional: bool,
}

/// Reads a whole script.
pub fn run(session: &mut Session, text: &str) -> Then {
    let mut reader = Reader::default();
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let begins = session.named_commands || reader.buffer.is_empty();
        let then = match command(line, &session.delimiter) {
            Some((name, words)) if begins && !reader.comment && reader.quote.is_none() => {
                reader.execute(session, name, words)
            }
            Some(_) | None => reader.add(session, line),
        };
        if then == Then::Quit {
            return Then::Quit;
        }
    }
    // In batch mode the last statement needs no delimiter.
    reader.send(session);
    Then::GoOn
}

/// A client command that a line or statement consists of.
fn command<'l>(line: &'l str, delimiter: &str) -> Option<(&'static str, &'l str)> {
    let line = line.trim_start();
    let sets_delimiter = line.get(..9).is_some_and(|w| w.eq_ignore_ascii_case("delimiter"));
    if line.contains("\\g") || (line.contains(delimiter) && !sets_delimiter) {
        return None;
    }
    let end = line.find([' ', '\t']).unwrap_or(line.len());
    let (word, rest) = (line[..end].trim_end_matches('\n'), line[end..].trim());
    let (name, _) = COMMANDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word))?;
    (rest.is_empty() || WITH_WORDS.contains(name)).then_some((name, rest))
}

impl Reader {
    fn send(&mut self, session: &mut Session) {
        self.conditional = false;
        let statement = std::mem::take(&mut self.buffer);
        if !statement.trim().is_empty() {
            session.send(&statement);
        }
    }

    /// A statement that ended: a client command, or SQL.
    fn finish(&mut self, session: &mut Session) -> Then {
        let statement = std::mem::take(&mut self.buffer);
        match command(&statement, "\0") {
            Some((name, words)) => self.execute(session, name, words),
            None => {
                self.buffer = statement;
                self.send(session);
                Then::GoOn
            }
        }
    }

    /// One line that is no client command as a whole.
    fn add(&mut self, session: &mut Session, line: &str) -> Then {
        let mut at = 0;
        while let Some(c) = line[at..].chars().next() {
            let rest = &line[at..];
            let width = c.len_utf8();
            if self.comment {
                if rest.starts_with("*/") {
                    self.comment = false;
                    at += 2;
                    // A comment stands for a blank.
                    self.buffer.push(' ');
                } else {
                    at += width;
                }
                continue;
            }
            if c == '\\' && self.quote != Some('`') {
                match self.backslash(session, &rest[1..]) {
                    (Then::Quit, _) => return Then::Quit,
                    (Then::GoOn, length) => at += 1 + length,
                }
                continue;
            }
            if self.quote.is_none() {
                if rest.starts_with(session.delimiter.as_str()) {
                    at += session.delimiter.len();
                    if self.finish(session) == Then::Quit {
                        return Then::Quit;
                    }
                    continue;
                }
                if self.line_comment(rest) {
                    break;
                }
                if rest.starts_with("/*")
                    && !rest.starts_with("/*!")
                    && !rest.starts_with("/*M!")
                    && !self.conditional
                {
                    self.comment = true;
                    at += 2;
                    continue;
                }
            }
            self.plain(c, rest);
            at += width;
        }
        if !self.buffer.is_empty() {
            self.buffer.push('\n');
        }
        Then::GoOn
    }

    fn line_comment(&self, rest: &str) -> bool {
        let bytes = rest.as_bytes();
        let dashes = bytes.starts_with(b"--")
            && (bytes.get(2).is_none_or(u8::is_ascii_whitespace) || self.buffer.trim().is_empty());
        bytes[0] == b'#' || dashes
    }

    fn plain(&mut self, c: char, rest: &str) {
        if self.quote.is_none() {
            if rest.starts_with("/*") {
                self.conditional = true;
            } else if self.conditional && rest.starts_with("*/") {
                self.conditional = false;
            }
        }
        match self.quote {
            Some(quote) if quote == c => self.quote = None,
            None if matches!(c, '\'' | '"' | '`') => self.quote = Some(c),
            Some(_) | None => {}
        }
        if !(self.buffer.is_empty() && c.is_ascii_whitespace()) {
            self.buffer.push(c);
        }
    }

    /// A backslash: an escape in a string, or a one-letter command. Returns how many bytes after it were taken.
    fn backslash(&mut self, session: &mut Session, rest: &str) -> (Then, usize) {
        let Some(letter) = rest.chars().next() else { return (Then::GoOn, 0) };
        let width = letter.len_utf8();
        let found = COMMANDS.iter().find(|(_, l)| *l == letter && *l != '\0');
        let (Some((name, _)), None, true) = (found, self.quote, letter != 'N') else {
            self.buffer.push('\\');
            self.buffer.push(letter);
            return (Then::GoOn, width);
        };
        let words = rest[width..].trim();
        let then = self.execute(session, name, words);
        if !WITH_WORDS.contains(name) {
            return (then, width);
        }
        // The words of the command are taken off up to the delimiter.
        let length =
            rest.find(session.delimiter.as_str()).map_or(rest.len(), |at| at + session.delimiter.len());
        (then, length.max(width))
    }

    fn execute(&mut self, session: &mut Session, name: &str, words: &str) -> Then {
        match name {
            "go" | "ego" => self.send(session),
            "clear" => self.buffer.clear(),
            "exit" | "quit" => return Then::Quit,
            "use" => session.use_database(argument(words).trim_end_matches(';')),
            "connect" => session.connect(words),
            "delimiter" => session.set_delimiter(argument(words)),
            "source" => return session.source(words),
            "system" => session.shell(words),
            "edit" => session.not_sure("an editor decides what runs"),
            _ => {}
        }
        Then::GoOn
    }
}

/// The first argument, without quotes round it.
fn argument(words: &str) -> &str {
    let words = words.trim();
    match words.chars().next() {
        Some(quote @ ('\'' | '"' | '`')) => words[1..].split(quote).next().unwrap_or(""),
        _ => words.split([' ', '\t']).next().unwrap_or(""),
    }
}
