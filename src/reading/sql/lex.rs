//! PostgreSQL's lexical rules, one lexeme at a time: quotes, dollar quotes, nested comments, numbers, signs.
//! Source: PostgreSQL manual, "Lexical Structure"; psql cuts its input by the same rules.
//! Must never run past a quote that the server would still have open, nor stop before its end.

/// What a lexeme is. Its text is `start..end` of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An unquoted identifier or keyword.
    Word,
    /// `"quoted identifier"`, quotes included.
    Name,
    /// A string constant of any spelling, quotes and prefix included.
    Text,
    Number,
    /// `$1`.
    Param,
    /// One other character.
    Sign(u8),
    Space,
    Comment,
    /// A quote or comment that is still open at the end of the input.
    Unclosed,
}

/// A lexeme and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lexeme {
    pub shape: Shape,
    pub start: usize,
    pub end: usize,
    /// A plain string with a backslash: where it ends depends on `standard_conforming_strings`.
    pub backslash: bool,
}

/// The lexeme that begins at byte `at`; `None` at the end.
pub fn next(text: &str, at: usize) -> Option<Lexeme> {
    let bytes = text.as_bytes();
    let first = *bytes.get(at)?;
    let rest = &bytes[at..];
    let two = rest.get(1).copied().unwrap_or(0);
    let mut backslash = false;
    let (shape, length) = match first {
        b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => {
            (Shape::Space, rest.iter().take_while(|b| is_space(**b)).count())
        }
        b'-' if two == b'-' => {
            (Shape::Comment, rest.iter().take_while(|b| **b != b'\n' && **b != b'\r').count())
        }
        b'/' if two == b'*' => comment(rest),
        b'\'' => string(rest, 0, false, &mut backslash),
        b'"' => quoted(rest, 0),
        b'e' | b'E' if two == b'\'' => string(rest, 1, true, &mut backslash),
        b'b' | b'B' | b'x' | b'X' | b'n' | b'N' if two == b'\'' => string(rest, 1, false, &mut backslash),
        b'u' | b'U' if two == b'&' && rest.get(2) == Some(&b'\'') => string(rest, 2, false, &mut backslash),
        b'u' | b'U' if two == b'&' && rest.get(2) == Some(&b'"') => quoted(rest, 2),
        b'$' => dollar(rest),
        b'0'..=b'9' => (Shape::Number, number(rest)),
        b'.' if two.is_ascii_digit() => (Shape::Number, number(rest)),
        b if is_word_start(b) => (Shape::Word, rest.iter().take_while(|b| is_word(**b)).count()),
        sign => (Shape::Sign(sign), 1),
    };
    Some(Lexeme { shape, start: at, end: at + length, backslash })
}

/// Whitespace as the server has it.
pub fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn is_word_start(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'_' || b >= 0x80
}

fn is_word(b: u8) -> bool {
    is_word_start(b) || b.is_ascii_digit() || b == b'$'
}

/// Comments nest.
fn comment(rest: &[u8]) -> (Shape, usize) {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        match (rest[at], rest.get(at + 1)) {
            (b'/', Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (b'*', Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return (Shape::Comment, at);
                }
            }
            _ => at += 1,
        }
    }
    (Shape::Unclosed, rest.len())
}

/// A string whose quote stands at `open`. `''` is a quote inside; with `escapes` a backslash hides the next byte.
/// A following string on another line continues it by the same rules.
fn string(rest: &[u8], open: usize, escapes: bool, backslash: &mut bool) -> (Shape, usize) {
    let mut at = open + 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' if escapes => at += 2,
            b'\\' => {
                *backslash = true;
                at += 1;
            }
            b'\'' if rest.get(at + 1) == Some(&b'\'') => at += 2,
            b'\'' => match continued(rest, at + 1) {
                Some(next) => at = next + 1,
                None => return (Shape::Text, at + 1),
            },
            _ => at += 1,
        }
    }
    (Shape::Unclosed, rest.len())
}

/// Where the next part of a string begins: after whitespace with a line break in it (and `--` comments).
fn continued(rest: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    let mut line_break = false;
    loop {
        match *rest.get(at)? {
            b'\'' if line_break => return Some(at),
            b'-' if rest.get(at + 1) == Some(&b'-') => {
                at += rest[at..].iter().take_while(|b| **b != b'\n' && **b != b'\r').count();
            }
            b if is_space(b) => {
                line_break |= b == b'\n' || b == b'\r';
                at += 1;
            }
            _ => return None,
        }
    }
}

fn quoted(rest: &[u8], open: usize) -> (Shape, usize) {
    let mut at = open + 1;
    while at < rest.len() {
        match (rest[at], rest.get(at + 1)) {
            (b'"', Some(b'"')) => at += 2,
            (b'"', _) => return (Shape::Name, at + 1),
            _ => at += 1,
        }
    }
    (Shape::Unclosed, rest.len())
}

/// `$1`, `$$…$$`, `$tag$…$tag$`, or a stray `$`.
fn dollar(rest: &[u8]) -> (Shape, usize) {
    let digits = rest[1..].iter().take_while(|b| b.is_ascii_digit()).count();
    if digits > 0 {
        return (Shape::Param, digits + 1);
    }
    let tag = rest[1..].iter().take_while(|b| is_word_start(**b) || b.is_ascii_digit()).count();
    if rest.get(tag + 1) != Some(&b'$') {
        return (Shape::Sign(b'$'), 1);
    }
    let quote = &rest[..tag + 2];
    let mut at = quote.len();
    while at + quote.len() <= rest.len() {
        match rest[at..].iter().position(|b| *b == b'$') {
            Some(offset) => at += offset,
            None => break,
        }
        if rest[at..].starts_with(quote) {
            return (Shape::Text, at + quote.len());
        }
        at += 1;
    }
    (Shape::Unclosed, rest.len())
}

fn number(rest: &[u8]) -> usize {
    let digits = |from: usize| from + rest[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = digits(0);
    if rest.get(end) == Some(&b'.') && rest.get(end + 1) != Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(rest.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(rest.get(end + 1), Some(b'+' | b'-')));
        if rest.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1 + sign);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::{Shape, next};

    fn shapes(text: &str) -> Vec<(Shape, &str)> {
        let mut at = 0;
        let mut all = Vec::new();
        while let Some(lexeme) = next(text, at) {
            if !matches!(lexeme.shape, Shape::Space | Shape::Comment) {
                all.push((lexeme.shape, &text[lexeme.start..lexeme.end]));
            }
            at = lexeme.end;
        }
        all
    }

    #[test]
    fn quotes_end_where_the_server_ends_them() {
        assert_eq!(shapes(r"'\' ;")[0], (Shape::Text, r"'\'"));
        assert_eq!(shapes(r"E'\'; --' ;")[0], (Shape::Text, r"E'\'; --'"));
        assert_eq!(shapes("'it''s'")[0].1, "'it''s'");
        assert_eq!(shapes("E'a'\n 'b\\'c' x")[0].1, "E'a'\n 'b\\'c'");
        assert_eq!(shapes("'a' 'b'").len(), 2);
        assert_eq!(shapes("$a$ $b$ $a ; $a$ x")[0].1, "$a$ $b$ $a ; $a$");
        assert_eq!(shapes("foo$bar$ x").len(), 2);
        assert_eq!(shapes("\"a\"\"b\" c")[0], (Shape::Name, "\"a\"\"b\""));
    }

    #[test]
    fn comments_nest_and_hide_everything() {
        assert_eq!(shapes("/* a /* b */ c */ x"), [(Shape::Word, "x")]);
        assert_eq!(shapes("a+--b\nc").len(), 3);
        assert_eq!(shapes("/* a /* b */ x")[0].0, Shape::Unclosed);
        assert_eq!(shapes("'open")[0].0, Shape::Unclosed);
    }

    #[test]
    fn numbers_do_not_swallow_words() {
        assert_eq!(
            shapes("1OR 1.5e3 1..2").iter().map(|s| s.1).collect::<Vec<_>>(),
            ["1", "OR", "1.5e3", "1", ".", ".2"]
        );
    }
}
