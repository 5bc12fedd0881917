//! One statement as tokens, with the small questions the classifier asks of them.
//! Must never compare a quoted identifier with a keyword: `"drop"` is a name.

use super::lex::{self, Shape};

/// A token of a statement; slices of its text, nothing unescaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'t> {
    Word(&'t str),
    /// A quoted identifier without its quotes.
    Name(&'t str),
    /// A string constant, as written.
    Text(&'t str),
    Number(&'t str),
    Param,
    Sign(u8),
}

/// The statements of a text as the server would cut them.
#[derive(Clone, Debug, Default)]
pub struct Cut<'t> {
    pub statements: Vec<Vec<Token<'t>>>,
    /// A quote or comment stays open at the end.
    pub unclosed: bool,
    /// A plain string holds a backslash: its end depends on `standard_conforming_strings`.
    pub backslash: bool,
}

/// Cuts a text at its semicolons outside parentheses and outside the body of an SQL-standard function.
pub fn cut(text: &str) -> Cut<'_> {
    let mut result = Cut::default();
    let mut current: Vec<Token> = Vec::new();
    let mut ends = Ends::default();
    let mut at = 0;
    while let Some(lexeme) = lex::next(text, at) {
        at = lexeme.end;
        let slice = &text[lexeme.start..lexeme.end];
        result.backslash |= lexeme.backslash;
        let token = match lexeme.shape {
            Shape::Space | Shape::Comment => continue,
            Shape::Unclosed => {
                result.unclosed = true;
                continue;
            }
            Shape::Word => Token::Word(slice),
            Shape::Name => Token::Name(unquoted(slice)),
            Shape::Text => Token::Text(slice),
            Shape::Number => Token::Number(slice),
            Shape::Param => Token::Param,
            Shape::Sign(sign) => Token::Sign(sign),
        };
        if ends.at(lexeme.shape, slice) {
            push(&mut result.statements, &mut current);
            ends = Ends::default();
        } else {
            current.push(token);
        }
    }
    push(&mut result.statements, &mut current);
    result
}

fn push<'t>(all: &mut Vec<Vec<Token<'t>>>, current: &mut Vec<Token<'t>>) {
    if !current.is_empty() {
        all.push(std::mem::take(current));
    }
}

fn unquoted(slice: &str) -> &str {
    let open = slice.find('"').map_or(0, |i| i + 1);
    slice.get(open..slice.len().saturating_sub(1)).unwrap_or("")
}

/// Knows which semicolon ends a statement: not one in parentheses (CREATE RULE … DO (a; b)), nor one in
/// CREATE FUNCTION … BEGIN ATOMIC … END.
#[derive(Clone, Debug, Default)]
pub struct Ends {
    parens: usize,
    words: usize,
    /// First letters of the leading CREATE, OR, REPLACE, FUNCTION, PROCEDURE.
    head: Vec<u8>,
    begins: usize,
}

impl Ends {
    /// Takes the next lexeme; true when it is the semicolon that ends the statement.
    pub fn at(&mut self, shape: Shape, slice: &str) -> bool {
        match shape {
            Shape::Sign(b'(') => self.parens += 1,
            Shape::Sign(b')') => self.parens = self.parens.saturating_sub(1),
            Shape::Sign(b';') => return self.parens == 0 && self.begins == 0,
            Shape::Word => self.word(slice),
            Shape::Name | Shape::Text | Shape::Number | Shape::Param | Shape::Sign(_) => {}
            Shape::Space | Shape::Comment | Shape::Unclosed => {}
        }
        false
    }

    /// Whether a line break would end the statement in single-line mode.
    pub fn outside_parens(&self) -> bool {
        self.parens == 0
    }

    fn word(&mut self, slice: &str) {
        let is = |word: &str| slice.eq_ignore_ascii_case(word);
        if self.words < 4 && ["create", "or", "replace", "function", "procedure"].into_iter().any(is) {
            self.head.push(slice.as_bytes()[0].to_ascii_lowercase());
        }
        self.words += 1;
        let defines =
            matches!(self.head.as_slice(), [b'c', b'f' | b'p', ..] | [b'c', b'o', b'r', b'f' | b'p', ..]);
        if !defines || self.parens > 0 {
            return;
        }
        if is("begin") || (is("case") && self.begins > 0) {
            self.begins += 1;
        } else if is("end") {
            self.begins = self.begins.saturating_sub(1);
        }
    }
}

/// A slice of tokens with questions.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'a, 't>(pub &'a [Token<'t>]);

impl<'a, 't> Tokens<'a, 't> {
    pub fn len(self) -> usize {
        self.0.len()
    }

    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub fn from(self, at: usize) -> Tokens<'a, 't> {
        Tokens(self.0.get(at..).unwrap_or(&[]))
    }

    /// Whether the unquoted word at `at` is `word`.
    pub fn is(self, at: usize, word: &str) -> bool {
        matches!(self.0.get(at), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word))
    }

    pub fn any(self, at: usize, words: &[&str]) -> bool {
        words.iter().any(|w| self.is(at, w))
    }

    /// Whether these words follow each other from `at`.
    pub fn run(self, at: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(i, w)| self.is(at + i, w))
    }

    pub fn sign(self, at: usize, sign: u8) -> bool {
        self.0.get(at) == Some(&Token::Sign(sign))
    }

    /// The unquoted word at `at` in lower case; empty when there is none.
    pub fn lower(self, at: usize) -> String {
        match self.0.get(at) {
            Some(Token::Word(word)) => word.to_ascii_lowercase(),
            _ => String::new(),
        }
    }

    /// `at` after an optional run of words.
    pub fn skip(self, at: usize, words: &[&str]) -> usize {
        if self.run(at, words) { at + words.len() } else { at }
    }

    /// Indexes outside every parenthesis and bracket, in order.
    pub fn top(self) -> impl Iterator<Item = usize> + 'a
    where
        't: 'a,
    {
        let mut depth = 0_usize;
        let tokens = self.0;
        (0..tokens.len()).filter(move |i| {
            match tokens[*i] {
                Token::Sign(b'(' | b'[') => depth += 1,
                Token::Sign(b')' | b']') => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        })
    }

    /// The first place outside parentheses where these words follow each other.
    pub fn find(self, words: &[&str]) -> Option<usize> {
        self.top().find(|i| self.run(*i, words))
    }

    /// Whether the words follow each other anywhere.
    pub fn has(self, words: &[&str]) -> bool {
        (0..self.len()).any(|i| self.run(i, words))
    }

    /// Index of the parenthesis that closes the one at `open`, or the end.
    pub fn closing(self, open: usize) -> usize {
        let mut depth = 0_usize;
        for (i, token) in self.0.iter().enumerate().skip(open) {
            match token {
                Token::Sign(b'(') => depth += 1,
                Token::Sign(b')') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return i;
                    }
                }
                _ => {}
            }
        }
        self.len()
    }

    /// A possibly qualified name at `at` as the server folds it, and the index after it.
    pub fn name(self, at: usize) -> Option<(String, usize)> {
        let part = |i: usize| match self.0.get(i)? {
            Token::Word(word) => Some(word.to_lowercase()),
            Token::Name(name) => Some(name.replace("\"\"", "\"")),
            Token::Text(_) | Token::Number(_) | Token::Param | Token::Sign(_) => None,
        };
        let mut full = part(at)?;
        let mut next = at + 1;
        while self.sign(next, b'.') {
            let Some(more) = part(next + 1) else { break };
            full = format!("{full}.{more}");
            next += 2;
        }
        Some((full, next))
    }

    /// Names separated by commas; `ONLY`, `*` and argument lists between them are passed over.
    pub fn names(self, at: usize) -> Vec<String> {
        let mut all = Vec::new();
        let mut at = self.skip(at, &["only"]);
        while let Some((name, mut next)) = self.name(at) {
            all.push(name);
            if self.sign(next, b'(') {
                next = self.closing(next) + 1;
            }
            next += usize::from(self.sign(next, b'*'));
            if !self.sign(next, b',') {
                break;
            }
            at = self.skip(next + 1, &["only"]);
        }
        all
    }
}
