//! One word of shell text taken apart: quoting, parameters, substitutions (bash manual, 3.1.2 and 3.5).
//! Must never guess: a form it does not know is an error.

/// How text is quoted around the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// Bare.
    Word,
    /// The value of an assignment: tildes also after `:`.
    Assignment,
    /// Inside double quotes.
    Quoted,
    /// A here-document: as double quotes, but a quote is a letter.
    Heredoc,
}

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Text { text: Vec<u8>, quoted: bool },
    Parameter { parameter: Parameter, quoted: bool },
    Command { script: String, quoted: bool },
    Arithmetic { text: String, quoted: bool },
    Tilde(String),
}

/// `${name[index]op}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    pub index: Option<String>,
    pub indirect: bool,
    pub op: Op,
}

/// What is done with a parameter's value. The words are not yet expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    Plain,
    Length,
    /// `-`, `=`, `?`, `+`; with a colon an empty value counts as unset.
    Default {
        colon: bool,
        kind: char,
        word: String,
    },
    Trim {
        prefix: bool,
        longest: bool,
        pattern: String,
    },
    Replace {
        all: bool,
        anchor: Option<char>,
        pattern: String,
        with: String,
    },
    Slice(String),
    Case {
        upper: bool,
        all: bool,
    },
}

/// Takes a word apart.
pub fn parts(word: &str, context: Context) -> Result<Vec<Part>, String> {
    let mut reader = Reader { text: word, at: 0, parts: Vec::new() };
    match context {
        Context::Word | Context::Assignment => reader.bare(context == Context::Assignment)?,
        Context::Quoted => reader.double(Some('"'), false)?,
        Context::Heredoc => reader.double(None, false)?,
    }
    Ok(reader.parts)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    parts: Vec<Part>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn push(&mut self, c: char, quoted: bool) {
        let mut buffer = [0; 4];
        self.push_bytes(c.encode_utf8(&mut buffer).as_bytes(), quoted);
    }

    fn push_bytes(&mut self, bytes: &[u8], quoted: bool) {
        match self.parts.last_mut() {
            Some(Part::Text { text, quoted: q }) if *q == quoted => text.extend_from_slice(bytes),
            _ => self.parts.push(Part::Text { text: bytes.to_vec(), quoted }),
        }
    }

    fn bare(&mut self, assignment: bool) -> Result<(), String> {
        let mut tilde = true;
        while let Some(c) = self.peek() {
            let may_be_tilde = std::mem::replace(&mut tilde, assignment && c == ':');
            match c {
                '~' if may_be_tilde => self.tilde(assignment),
                '\'' => {
                    self.at += 1;
                    let end = self.text[self.at..].find('\'').ok_or("a quote is not closed")?;
                    let inner = self.text.as_bytes()[self.at..self.at + end].to_vec();
                    self.push_bytes(&inner, true);
                    self.at += end + 1;
                }
                '"' => {
                    self.at += 1;
                    self.push_bytes(b"", true);
                    self.double(Some('"'), true)?;
                }
                '\\' => {
                    self.at += 1;
                    match self.next() {
                        Some('\n') => {}
                        Some(c) => self.push(c, true),
                        None => self.push('\\', true),
                    }
                }
                '$' => self.dollar(false)?,
                '`' => self.backquote(false)?,
                '<' | '>' => return Err("a process substitution inside a word".into()),
                _ => {
                    self.at += c.len_utf8();
                    self.push(c, false);
                }
            }
        }
        Ok(())
    }

    fn tilde(&mut self, assignment: bool) {
        let rest = &self.text[self.at + 1..];
        let end = rest.find(|c| c == '/' || (assignment && c == ':')).unwrap_or(rest.len());
        let name = &rest[..end];
        if name.chars().all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c)) {
            self.parts.push(Part::Tilde(name.to_owned()));
            self.at += 1 + end;
        } else {
            self.at += 1;
            self.push('~', false);
        }
    }

    /// Text in double quotes. `quote`: the letter that ends (with `closed`) or is dropped (without).
    fn double(&mut self, quote: Option<char>, closed: bool) -> Result<(), String> {
        while let Some(c) = self.peek() {
            match c {
                _ if Some(c) == quote => {
                    self.at += 1;
                    if closed {
                        return Ok(());
                    }
                }
                '\\' => {
                    self.at += 1;
                    match self.next() {
                        Some('\n') => {}
                        Some(c) if "$`\\".contains(c) || Some(c) == quote => self.push(c, true),
                        Some(c) => {
                            self.push('\\', true);
                            self.push(c, true);
                        }
                        None => self.push('\\', true),
                    }
                }
                '$' => self.dollar(true)?,
                '`' => self.backquote(true)?,
                _ => {
                    self.at += c.len_utf8();
                    self.push(c, true);
                }
            }
        }
        if closed { Err("a quote is not closed".into()) } else { Ok(()) }
    }

    fn backquote(&mut self, quoted: bool) -> Result<(), String> {
        self.at += 1;
        let mut script = String::new();
        loop {
            match self.next().ok_or("a backquote is not closed")? {
                '`' => break,
                '\\' => match self.next().ok_or("a backquote is not closed")? {
                    c if "$`\\".contains(c) || (quoted && c == '"') => script.push(c),
                    c => script.extend(['\\', c]),
                },
                c => script.push(c),
            }
        }
        self.parts.push(Part::Command { script, quoted });
        Ok(())
    }

    fn dollar(&mut self, quoted: bool) -> Result<(), String> {
        let from = self.at + 1;
        let rest = &self.text[from..];
        match rest.chars().next() {
            Some('(') => {
                let end = closing(self.text, from, '(', ')')?;
                let inner = &self.text[from + 1..end];
                let sum = inner.strip_prefix('(').filter(|_| super::parens::is_sum(inner));
                let part = match sum.and_then(|i| i.strip_suffix(')')) {
                    Some(text) => Part::Arithmetic { text: text.to_owned(), quoted },
                    None => Part::Command { script: inner.to_owned(), quoted },
                };
                self.parts.push(part);
                self.at = end + 1;
            }
            Some('{') => {
                let end = closing(self.text, from, '{', '}')?;
                let parameter = parameter(&self.text[from + 1..end])?;
                self.parts.push(Part::Parameter { parameter, quoted });
                self.at = end + 1;
            }
            Some('[') => {
                let end = closing(self.text, from, '[', ']')?;
                let text = self.text[from + 1..end].to_owned();
                self.parts.push(Part::Arithmetic { text, quoted });
                self.at = end + 1;
            }
            Some('\'') if !quoted => {
                self.at = from + 1;
                self.ansi_c()?;
            }
            Some('"') if !quoted => {
                self.at = from + 1;
                self.push_bytes(b"", true);
                self.double(Some('"'), true)?;
            }
            _ => match name_length(rest) {
                0 => {
                    self.at = from;
                    self.push('$', quoted);
                }
                // `$12` is `$1` and a 2.
                n => {
                    let n = if rest.starts_with(|c: char| c.is_ascii_digit()) { 1 } else { n };
                    let name = rest[..n].to_owned();
                    let parameter = Parameter { name, index: None, indirect: false, op: Op::Plain };
                    self.parts.push(Part::Parameter { parameter, quoted });
                    self.at = from + n;
                }
            },
        }
        Ok(())
    }

    /// `$'…'`, after the opening quote.
    fn ansi_c(&mut self) -> Result<(), String> {
        let mut raw = String::new();
        loop {
            match self.next().ok_or("a quote is not closed")? {
                '\'' => break,
                '\\' => {
                    raw.push('\\');
                    raw.push(self.next().ok_or("a quote is not closed")?);
                }
                c => raw.push(c),
            }
        }
        let bytes = super::escapes::ansi_c(&raw)?;
        self.push_bytes(&bytes, true);
        Ok(())
    }
}

/// How long the parameter's name at the start is: a variable, a number, or one of `@*#?-$!`.
fn name_length(text: &str) -> usize {
    let first = text.chars().next().unwrap_or(' ');
    if first.is_ascii_digit() {
        text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())
    } else if first.is_ascii_alphabetic() || first == '_' {
        text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
    } else {
        usize::from("@*#?-$!".contains(first))
    }
}

/// The index of the letter that closes the one at `from`, past quotes and nested substitutions.
pub fn closing(text: &str, from: usize, open: char, close: char) -> Result<usize, String> {
    let mut depth = 0usize;
    let mut at = from;
    while let Some(c) = text[at..].chars().next() {
        if c == open && (open != '{' || at == from) {
            depth += 1;
            at += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Ok(at);
            }
            at += 1;
        } else {
            at = skip(text, at)?;
        }
    }
    Err("a substitution is not closed".into())
}

/// The index after the letter, quoted text or substitution at `at`.
pub fn skip(text: &str, at: usize) -> Result<usize, String> {
    let rest = &text[at..];
    let Some(c) = rest.chars().next() else { return Ok(at) };
    match c {
        '\\' => Ok(at + 1 + rest[1..].chars().next().map_or(0, char::len_utf8)),
        '\'' => rest[1..].find('\'').map(|n| at + n + 2).ok_or_else(|| "a quote is not closed".into()),
        '"' => {
            let mut i = at + 1;
            loop {
                match text[i..].chars().next().ok_or("a quote is not closed")? {
                    '"' => return Ok(i + 1),
                    '\'' => i += 1,
                    _ => i = skip(text, i)?,
                }
            }
        }
        '`' => {
            let mut i = at + 1;
            loop {
                match text[i..].chars().next().ok_or("a backquote is not closed")? {
                    '`' => return Ok(i + 1),
                    '\\' => i = skip(text, i)?,
                    c => i += c.len_utf8(),
                }
            }
        }
        '$' => match rest[1..].chars().next() {
            Some('(') => closing(text, at + 1, '(', ')').map(|i| i + 1),
            Some('{') => closing(text, at + 1, '{', '}').map(|i| i + 1),
            Some('\'') => {
                let mut i = at + 2;
                loop {
                    match text[i..].chars().next().ok_or("a quote is not closed")? {
                        '\'' => return Ok(i + 1),
                        '\\' => i = skip(text, i)?,
                        c => i += c.len_utf8(),
                    }
                }
            }
            _ => Ok(at + 1),
        },
        c => Ok(at + c.len_utf8()),
    }
}

/// The inside of `${…}`.
fn parameter(body: &str) -> Result<Parameter, String> {
    let unknown = || format!("the expansion ${{{body}}}");
    if let Some(name) = body.strip_prefix('#').filter(|n| !n.is_empty() && name_length(n) > 0) {
        let (name, index, rest) = subscript(name)?;
        if rest.is_empty() {
            return Ok(Parameter { name, index, indirect: false, op: Op::Length });
        }
    }
    let (indirect, body_rest) = match body.strip_prefix('!') {
        Some(rest) if name_length(rest) > 0 => (true, rest),
        _ => (false, body),
    };
    if name_length(body_rest) == 0 {
        return Err(unknown());
    }
    let (name, index, rest) = subscript(body_rest)?;
    let op = operation(rest).ok_or_else(unknown)?;
    if indirect && (op != Op::Plain || index.is_some()) {
        return Err(unknown());
    }
    Ok(Parameter { name, index, indirect, op })
}

/// Name, index and what follows.
fn subscript(text: &str) -> Result<(String, Option<String>, &str), String> {
    let n = name_length(text);
    let (name, rest) = text.split_at(n);
    if !rest.starts_with('[') {
        return Ok((name.to_owned(), None, rest));
    }
    let end = closing(rest, 0, '[', ']')?;
    Ok((name.to_owned(), Some(rest[1..end].to_owned()), &rest[end + 1..]))
}

fn operation(rest: &str) -> Option<Op> {
    let own = |s: &str| s.to_owned();
    let mut letters = rest.chars();
    Some(match letters.next() {
        None => Op::Plain,
        Some(':') => match letters.next() {
            Some(kind @ ('-' | '=' | '?' | '+')) => Op::Default { colon: true, kind, word: own(&rest[2..]) },
            _ => Op::Slice(own(&rest[1..])),
        },
        Some(kind @ ('-' | '=' | '?' | '+')) => Op::Default { colon: false, kind, word: own(&rest[1..]) },
        Some(sign @ ('#' | '%')) => {
            let longest = rest[1..].starts_with(sign);
            let pattern = own(&rest[if longest { 2 } else { 1 }..]);
            Op::Trim { prefix: sign == '#', longest, pattern }
        }
        Some('/') => {
            let (all, anchor, from) = match letters.next() {
                Some('/') => (true, None, 2),
                Some(c @ ('#' | '%')) => (false, Some(c), 2),
                _ => (false, None, 1),
            };
            let mut at = from;
            while at < rest.len() && !rest[at..].starts_with('/') {
                at = skip(rest, at).ok()?;
            }
            let with = rest.get(at + 1..).unwrap_or("");
            Op::Replace { all, anchor, pattern: own(&rest[from..at]), with: own(with) }
        }
        Some(sign @ ('^' | ',')) => match &rest[1..] {
            "" => Op::Case { upper: sign == '^', all: false },
            "^" if sign == '^' => Op::Case { upper: true, all: true },
            "," if sign == ',' => Op::Case { upper: false, all: true },
            _ => return None,
        },
        Some(_) => return None,
    })
}
