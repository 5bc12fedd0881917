//! A script as psql reads it: statements up to `;` or \g, backslash commands, variables, data of COPY.
//! Must never lose a statement: what cannot be followed makes the reading unsure.

use super::branch::{Branches, Live};
use super::meta::{self, Then};
use super::session::Session;
use super::variables::Variable;
use super::words::{self, Form};
use crate::reading::sql::{self, Ends, Lexeme, Prepared, Shape, Statement, Weight};
use std::path::Path;

/// How deep variables may hold variables, and scripts include scripts.
const DEEP: usize = 64;

/// A script being read.
pub struct Reader {
    pub input: String,
    pub at: usize,
    /// The statement so far.
    pub buffer: String,
    pub branches: Branches,
    ends: Ends,
    /// Lexing stops at the first and goes on at the second: COPY data lies between.
    data: Option<(usize, usize)>,
    expansions: usize,
    /// psql's previous statement, which an empty \g repeats.
    pub previous: String,
    /// Where the current line ends, for an input of this length that is read up to here; kept between commands of one line.
    line_end: ((usize, usize), usize),
    /// Where the script lies, for \ir.
    pub directory: std::path::PathBuf,
}

/// Whether the script is read from a person's keyboard at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// What is left without a semicolon runs.
    Runs,
    /// One backslash command of -c: nothing is left.
    Drops,
}

/// Reads a whole script.
pub fn run(session: &mut Session, text: String, directory: &Path, at_end: AtEnd) {
    if session.include_depth > DEEP {
        session.not_sure("scripts include each other without end");
        return;
    }
    session.include_depth += 1;
    let mut reader = Reader {
        input: text,
        at: 0,
        buffer: String::new(),
        branches: Branches::default(),
        ends: Ends::default(),
        data: None,
        expansions: 0,
        previous: String::new(),
        line_end: ((0, 0), 0),
        directory: directory.to_owned(),
    };
    reader.lines(session, at_end);
    session.include_depth -= 1;
}

impl Reader {
    fn lines(&mut self, session: &mut Session, at_end: AtEnd) {
        loop {
            let end = self.data.map_or(self.input.len(), |(stop, _)| stop);
            let Some(lexeme) = sql::next(&self.input[..end], self.at) else {
                match self.data.take() {
                    Some((_, resume)) => self.at = resume,
                    None => break,
                }
                continue;
            };
            match lexeme.shape {
                Shape::Sign(b'\\') => {
                    // What was gathered before \q still runs.
                    if self.backslash(session) == Then::Stop || at_end == AtEnd::Drops {
                        break;
                    }
                }
                Shape::Sign(b':') => self.colon(session),
                Shape::Space => self.space(session, lexeme),
                _ => self.take(session, lexeme),
            }
        }
        if at_end == AtEnd::Runs {
            self.send(session);
        }
        session.check_encoding(&self.input);
    }

    /// An ordinary lexeme; a semicolon sends the statement.
    fn take(&mut self, session: &mut Session, lexeme: Lexeme) {
        let slice = &self.input[lexeme.start..lexeme.end];
        self.at = lexeme.end;
        if self.branches.live() == Live::No {
            return;
        }
        if self.ends.at(lexeme.shape, slice) {
            self.send(session);
        } else {
            let slice = &self.input[lexeme.start..lexeme.end];
            self.buffer.push_str(slice);
        }
    }

    fn space(&mut self, session: &mut Session, lexeme: Lexeme) {
        let breaks = self.input[lexeme.start..lexeme.end].contains('\n');
        self.at = lexeme.end;
        self.buffer.push(if breaks { '\n' } else { ' ' });
        if breaks && self.ends.outside_parens() && !self.buffer.trim().is_empty() {
            match session.variables.switch("SINGLELINE", false) {
                Some(false) => {}
                Some(true) => self.send(session),
                None => session.not_sure("whether a line break ends a statement is not known"),
            }
        }
    }

    /// Executes what was gathered.
    pub fn send(&mut self, session: &mut Session) {
        self.ends = Ends::default();
        let statement = std::mem::take(&mut self.buffer);
        if statement.trim().is_empty() || self.branches.live() == Live::No {
            return;
        }
        if session.send(&statement, self.branches.live() == Live::Yes) {
            self.skip_data(session);
        }
        self.previous = statement;
    }

    /// Drops what was gathered.
    pub fn clear(&mut self) {
        self.buffer.clear();
        self.ends = Ends::default();
    }

    /// COPY … FROM STDIN: the lines after this one up to `\.` are data. If the COPY fails psql runs them as SQL.
    pub fn skip_data(&mut self, session: &mut Session) {
        let from = match self.data {
            Some((_, resume)) => resume,
            None => match self.input[self.at..].find('\n') {
                Some(offset) => self.at + offset + 1,
                None => return,
            },
        };
        let mut at = from;
        for line in self.input[from..].split_inclusive('\n') {
            at += line.len();
            if line.trim_end_matches(['\n', '\r']) == "\\." {
                break;
            }
            if runs_if_copy_fails(line) {
                session
                    .not_sure("data of a COPY are dangerous statements, which psql runs if the COPY fails");
            }
        }
        self.data = Some((self.data.map_or(from, |(stop, _)| stop), at));
    }

    /// `:name` and its forms, `::`, `:=`, or a plain colon.
    fn colon(&mut self, session: &mut Session) {
        let rest = &self.input[self.at..];
        let Some(reference) = words::reference(rest).filter(|_| self.branches.live() != Live::No) else {
            let length = if rest.starts_with("::") || rest.starts_with(":=") { 2 } else { 1 };
            self.buffer.push_str(&rest[..length]);
            self.at += length;
            return;
        };
        let (form, length) = (reference.form, reference.length);
        let whole = rest[..length].to_owned();
        match (session.variables.get(reference.name), form) {
            (Variable::Unset, Form::Test) => self.buffer.push_str("FALSE"),
            (Variable::Known(_), Form::Test) => self.buffer.push_str("TRUE"),
            (Variable::Unset, _) => self.buffer.push_str(&whole),
            (Variable::Known(value), Form::Plain) => return self.splice(session, length, &value),
            (Variable::Known(value), Form::Literal) => self.buffer.push_str(&literal(&value)),
            (Variable::Known(value), Form::Identifier) => {
                self.buffer.push_str(&format!("\"{}\"", value.replace('"', "\"\"")));
            }
            (Variable::Dynamic, Form::Literal) => self.buffer.push_str("''"),
            (Variable::Dynamic, Form::Identifier) => self.buffer.push_str("\"?\""),
            (Variable::Dynamic, Form::Plain | Form::Test) => {
                session.not_sure(format!(
                    "SQL is put together at run time from {}",
                    crate::text::show_line(&whole, 40)
                ));
            }
        }
        self.at += length;
    }

    /// Puts a variable's text in the place of its reference; it is read on as input, semicolons included.
    fn splice(&mut self, session: &mut Session, length: usize, value: &str) {
        self.expansions += 1;
        let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b' ' || b == b'.');
        if self.expansions > 100_000 || (!plain && self.expansions > 1_000) {
            session.not_sure("variables are used without end");
        } else if !plain {
            if grows_together(value, self.input.as_bytes().get(self.at + length).copied()) {
                session.not_sure("the text of a variable grows together with what follows it");
            }
            let (start, end) = (self.at, self.at + length);
            self.input.replace_range(start..end, value);
            self.line_end = ((0, 0), 0);
            if let Some((stop, resume)) = &mut self.data {
                *stop = *stop + value.len() - length;
                *resume = *resume + value.len() - length;
            }
            return;
        } else {
            self.buffer.push_str(value);
        }
        self.at += length;
    }

    /// A backslash and what follows it.
    fn backslash(&mut self, session: &mut Session) -> Then {
        let rest = &self.input[self.at + 1..];
        if let Some(sign @ (b';' | b':')) = rest.bytes().next() {
            self.buffer.push(char::from(sign));
            self.at += 2;
            return Then::GoOn;
        }
        let length = rest.bytes().take_while(|b| !sql::is_space(*b) && *b != b'\\').count();
        let name = rest[..length].to_owned();
        self.at += 1 + length;
        let then = meta::run(self, session, &name);
        // A double backslash ends the command and is no command itself: what follows is SQL.
        if !name.is_empty() && self.line().starts_with("\\\\") {
            self.at += 2;
        }
        then
    }

    /// The rest of the current line, without its break.
    pub fn line(&mut self) -> &str {
        let stop = self.data.map_or(self.input.len(), |(stop, _)| stop);
        // A line of a thousand commands is searched once; text spliced in forgets it.
        if self.line_end.0 != (self.input.len(), stop) || self.line_end.1 < self.at {
            let end = self.input[self.at..stop].find('\n').map_or(stop, |length| self.at + length);
            self.line_end = ((self.input.len(), stop), end);
        }
        self.input[self.at..self.line_end.1].trim_end_matches('\r')
    }
}

/// Whether psql, which reads a variable's text by itself, could see other words than those of the line as a whole: its
/// comment ends with the text, and a sign or name that is made of both sides is none.
fn grows_together(value: &str, next: Option<u8>) -> bool {
    let comment = value.rsplit('\n').next().is_some_and(|line| line.contains("--"));
    let (Some(last), Some(next)) = (value.bytes().last(), next) else { return comment };
    let word = last.is_ascii_alphanumeric() || last == b'_' || last >= 0x80;
    let sign =
        matches!((last, next), (b'-', b'-') | (b'/', b'*') | (b'*', b'/') | (b'\'', b'\'') | (b'"', b'"'));
    comment
        || sign
        || matches!(last, b'\\' | b':' | b'$')
        || (word && matches!(next, b'\'' | b'"' | b'&' | b'$'))
}

/// Whether a line of data is a dangerous statement, too. Data that only look odd are data.
fn runs_if_copy_fails(line: &str) -> bool {
    if line.starts_with("\\!") {
        return true;
    }
    let dangerous =
        |statement: &Vec<sql::Token>| match sql::classify(sql::Tokens(statement), &mut Prepared::new()) {
            Statement::Known(known) => known.deeds.iter().any(|deed| deed.kind.weight() >= Weight::Bounded),
            Statement::Unknown(_) => false,
        };
    line.contains(';') && sql::cut(line).statements.iter().any(dangerous)
}

fn literal(value: &str) -> String {
    let escaped = value.replace('\'', "''");
    if value.contains('\\') {
        format!(" E'{}'", escaped.replace('\\', "\\\\"))
    } else {
        format!("'{escaped}'")
    }
}
