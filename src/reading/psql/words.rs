//! The arguments of psql's backslash commands: quotes, variables, backticks, and where they end.
//! Must never take what a backtick or a run-time variable would give for known text.

use super::variables::{Variable, Variables, is_name_byte};

/// One argument. `text` is `None` when it is known only at run time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arg {
    pub text: Option<String>,
    /// Part of it stood in quotes: then `-` and the empty word are meant as they stand.
    pub quoted: bool,
}

/// The arguments up to the end of the line or to the next backslash.
#[derive(Clone, Debug, Default)]
pub struct Args {
    pub all: Vec<Arg>,
    /// Bytes of the line that were taken.
    pub length: usize,
    /// A backtick ran a program of this machine.
    pub runs_program: bool,
}

/// Whether double quotes are taken off (names of \connect) or kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Quotes {
    Off,
    Kept,
}

/// Reads the arguments in `line`, which holds no line break.
pub fn arguments(line: &str, variables: &Variables, quotes: Quotes) -> Args {
    let mut args = Args::default();
    let bytes = line.as_bytes();
    let mut at = 0;
    loop {
        at += bytes[at..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        if at >= bytes.len() || bytes[at] == b'\\' {
            break;
        }
        let mut word = Word { text: Some(String::new()), quoted: false };
        while at < bytes.len() && !bytes[at].is_ascii_whitespace() && bytes[at] != b'\\' {
            at = word.part(line, at, variables, quotes, &mut args.runs_program);
        }
        // To psql a text ends at a NUL.
        let text = word.text.map(|t| t.split('\0').next().unwrap_or("").to_owned());
        args.all.push(Arg { text, quoted: word.quoted });
    }
    args.length = at;
    args
}

struct Word {
    text: Option<String>,
    quoted: bool,
}

impl Word {
    /// Takes one part of a word; returns where the next begins.
    fn part(
        &mut self,
        line: &str,
        at: usize,
        variables: &Variables,
        quotes: Quotes,
        program: &mut bool,
    ) -> usize {
        let rest = &line[at..];
        match rest.as_bytes()[0] {
            b'\'' => {
                self.quoted = true;
                let (text, length) = single_quoted(rest);
                self.push(&text);
                at + length
            }
            b'"' => {
                self.quoted = true;
                let length = closing(rest, b'"');
                let inside = rest[1..length].trim_end_matches('"').replace("\"\"", "\"");
                self.push(if quotes == Quotes::Off { &inside } else { &rest[..length] });
                at + length
            }
            b'`' => {
                *program = true;
                self.text = None;
                at + closing(rest, b'`')
            }
            b':' => at + self.variable(rest, variables),
            _ => {
                let length = rest.chars().next().map_or(1, char::len_utf8);
                self.push(&rest[..length]);
                at + length
            }
        }
    }

    fn push(&mut self, more: &str) {
        if let Some(text) = &mut self.text {
            text.push_str(more);
        }
    }

    fn variable(&mut self, rest: &str, variables: &Variables) -> usize {
        let Some(reference) = reference(rest) else {
            self.push(":");
            return 1;
        };
        let value = variables.get(reference.name);
        match (value, reference.form) {
            (Variable::Dynamic, _) => self.text = None,
            (Variable::Known(_), Form::Test) => self.push("TRUE"),
            (Variable::Unset, Form::Test) => self.push("FALSE"),
            (Variable::Known(value), Form::Plain) => self.push(&value),
            (Variable::Known(value), Form::Literal) => self.push(&format!("'{}'", value.replace('\'', "''"))),
            (Variable::Known(value), Form::Identifier) => self.push(&format!("\"{value}\"")),
            (Variable::Unset, _) => self.push(&rest[..reference.length]),
        }
        reference.length
    }
}

/// How a variable is referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `:name`
    Plain,
    /// `:'name'`
    Literal,
    /// `:"name"`
    Identifier,
    /// `:{?name}`
    Test,
}

/// A reference to a variable at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'t> {
    pub name: &'t str,
    pub form: Form,
    pub length: usize,
}

/// The reference that `text` begins with, if it does.
pub fn reference(text: &str) -> Option<Reference<'_>> {
    let after = text.strip_prefix(':')?;
    let (form, open, close) = match after.as_bytes().first()? {
        b'\'' => (Form::Literal, 1, "'"),
        b'"' => (Form::Identifier, 1, "\""),
        b'{' if after.starts_with("{?") => (Form::Test, 2, "}"),
        _ => (Form::Plain, 0, ""),
    };
    let length = after[open..].bytes().take_while(|b| is_name_byte(*b)).count();
    let name = &after[open..open + length];
    let whole = length > 0 && after[open + length..].starts_with(close);
    whole.then_some(Reference { name, form, length: 1 + open + length + close.len() })
}

/// Length of a quoted part, both quotes included; to the end of the line when it stays open.
fn closing(rest: &str, quote: u8) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        if bytes[at] == quote {
            if quote == b'"' && bytes.get(at + 1) == Some(&quote) {
                at += 2;
                continue;
            }
            return at + 1;
        }
        at += 1;
    }
    bytes.len()
}

/// A part in single quotes: `''` is a quote, backslash escapes as in C.
fn single_quoted(rest: &str) -> (String, usize) {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' if chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                chars.next();
                text.push('\'');
            }
            '\'' => return (text, at + 1),
            '\\' => {
                let Some((_, escaped)) = chars.next() else { break };
                text.push(match escaped {
                    'n' => '\n',
                    't' => '\t',
                    'b' => '\u{8}',
                    'r' => '\r',
                    'f' => '\u{c}',
                    '0'..='7' => numbered(escaped.to_digit(8).unwrap_or(0), 8, 2, || {
                        chars.next_if(|(_, c)| c.is_digit(8))
                    }),
                    'x' if chars.peek().is_some_and(|(_, c)| c.is_ascii_hexdigit()) => {
                        numbered(0, 16, 2, || chars.next_if(|(_, c)| c.is_ascii_hexdigit()))
                    }
                    other => other,
                });
            }
            other => text.push(other),
        }
    }
    (text, rest.len())
}

/// The character of a byte's number: `first`, then at most `most` more digits.
fn numbered(first: u32, radix: u32, most: usize, mut digit: impl FnMut() -> Option<(usize, char)>) -> char {
    let mut number = first;
    for _ in 0..most {
        let Some((_, c)) = digit() else { break };
        number = number * radix + c.to_digit(radix).unwrap_or(0);
    }
    // What is no ASCII is a part of a letter at most.
    u8::try_from(number & 0xff).ok().filter(u8::is_ascii).map_or(char::REPLACEMENT_CHARACTER, char::from)
}

#[cfg(test)]
mod tests {
    use super::{Form, Quotes, Variables, arguments, reference};

    fn words(line: &str) -> Vec<Option<String>> {
        let mut variables = Variables::default();
        variables.put("db", Some("prod".into()));
        variables.put("q", None);
        arguments(line, &variables, Quotes::Off).all.into_iter().map(|a| a.text).collect()
    }

    #[test]
    fn words_are_cut_as_psql_cuts_them() {
        let some = |s: &str| Some(s.to_owned());
        assert_eq!(words(" a 'b c' \"d e\" x'y'z"), [some("a"), some("b c"), some("d e"), some("xyz")]);
        assert_eq!(
            words(" :db :'db' :{?db} :none a:b"),
            [some("prod"), some("'prod'"), some("TRUE"), some(":none"), some("a:b")]
        );
        assert_eq!(words(" :q `date`"), [None, None]);
        assert_eq!(words(" a \\echo b"), [some("a")]);
        assert_eq!(words(r"'a\073b\x3bc\x3Bd\0604\xg'"), [some("a;b;c;d04xg")]);
        assert_eq!(words(r"'a\0b' c"), [some("a"), some("c")]);
        assert_eq!(words(" 'it''s' ''"), [some("it's"), some("")]);
    }

    #[test]
    fn references_have_four_forms() {
        assert_eq!(
            reference(":\"a\"b").map(|r| (r.name, r.form, r.length)),
            Some(("a", Form::Identifier, 4))
        );
        assert_eq!(reference("::x"), None);
        assert_eq!(reference(":'a b'"), None);
    }
}
