//! Which `((` begin arithmetic and which are subshells within subshells, as bash tells them apart: the parser goes by
//! the letters alone. Must never leave a subshell for a sum, which starts nothing.

use brush_parser::ast::Program;
use brush_parser::{ParseError, Parser, ParserOptions, SourceSpan, Token};

/// Parses a text, with its nested subshells as such.
pub fn parse(text: &str, options: &ParserOptions) -> Result<Program, ParseError> {
    if !may_nest(text) {
        return Parser::new(text.as_bytes(), options).parse_program();
    }
    match brush_parser::uncached_tokenize_str(text, &options.tokenizer_options()) {
        Ok(tokens) if tokens.windows(2).any(|pair| opens(&pair[0]) && opens(&pair[1])) => {
            let nested = brush_parser::parse_tokens(&apart(&tokens, false), options);
            // A test's own parentheses take no newline.
            nested.or_else(|_| brush_parser::parse_tokens(&apart(&tokens, true), options))
        }
        Ok(_) | Err(_) => Parser::new(text.as_bytes(), options).parse_program(),
    }
}

/// Whether two parentheses open with nothing but blanks and joined lines between them: only then the tokens are worth
/// their time.
fn may_nest(text: &str) -> bool {
    let mut open = false;
    text.bytes().any(|byte| {
        let second = open && byte == b'(';
        open = byte == b'(' || open && matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\\');
        second
    })
}

fn operator(token: &Token, which: &str) -> bool {
    matches!(token, Token::Operator(text, _) if text == which)
}

fn opens(token: &Token) -> bool {
    operator(token, "(")
}

fn closes(token: &Token) -> bool {
    operator(token, ")")
}

/// Whether nothing stands between two tokens.
fn touch(one: &Token, next: &Token) -> bool {
    one.location().end.index == next.location().start.index
}

/// The tokens, with a newline between two parentheses that open subshells.
fn apart(tokens: &[Token], skip_tests: bool) -> Vec<Token> {
    let closers = closers(tokens);
    let mut out = Vec::with_capacity(tokens.len() + 8);
    let mut in_test = false;
    for (at, token) in tokens.iter().enumerate() {
        if let Token::Word(word, _) = token {
            in_test = word != "]]" && (in_test || word == "[[" && begins(tokens, at));
        }
        out.push(token.clone());
        let Some(next) = tokens.get(at + 1).filter(|next| opens(token) && opens(next)) else { continue };
        let sum = touch(token, next)
            && match (closers[at], closers[at + 1]) {
                (Some(outer), Some(inner)) => outer == inner + 1 && touch(&tokens[inner], &tokens[outer]),
                _ => true,
            };
        if !(sum || skip_tests && in_test) {
            let here = next.location();
            let span = SourceSpan { start: here.start.clone(), end: here.start.clone() };
            out.push(Token::Operator("\n".into(), span));
        }
    }
    out
}

/// Whether the word at an index is where a command begins.
fn begins(tokens: &[Token], at: usize) -> bool {
    const BEFORE: &[&str] = &["if", "while", "until", "then", "elif", "else", "do", "!", "{", "time"];
    match at.checked_sub(1).map(|before| &tokens[before]) {
        None | Some(Token::Operator(..)) => true,
        Some(Token::Word(word, _)) => BEFORE.contains(&word.as_str()),
    }
}

/// For each token that opens a parenthesis, the one that closes it.
fn closers(tokens: &[Token]) -> Vec<Option<usize>> {
    let mut found = vec![None; tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if opens(token) {
            open.push(at);
        } else if closes(token)
            && let Some(from) = open.pop()
        {
            found[from] = Some(at);
        }
    }
    found
}

/// Whether `$((…))` is arithmetic, given what is within the outer parentheses: `$((a) || (b))` is not.
pub fn is_sum(inner: &str) -> bool {
    super::word::closing(inner, 0, '(', ')').is_ok_and(|end| end + 1 == inner.len())
}

/// Whether the text of `((…))` holds two words side by side, as no arithmetic does and a command does.
pub fn holds_command(text: &str) -> bool {
    let operand = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (mut at, mut after_word, mut blank) = (0, false, false);
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            blank = true;
        } else {
            let word = operand(c) || "$'\"`".contains(c);
            if word && after_word && blank {
                return true;
            }
            (after_word, blank) = (word, false);
        }
        let Ok(next) = super::word::skip(text, at) else { return true };
        at = next;
    }
    false
}
