//! JavaScript as far as it must be taken apart: words, strings and signs, comments and regular expressions left out.
//! Must never take code for a string: what stays open is an error.

/// A piece of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Word(String),
    Text(String),
    Sign(char),
}

/// Takes a script apart; `None`: a string or comment stays open.
pub fn pieces(text: &str) -> Option<Vec<Piece>> {
    let chars: Vec<char> = text.chars().collect();
    let mut all = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        at = one(&chars, at, &mut all)?;
    }
    Some(all)
}

fn one(chars: &[char], at: usize, all: &mut Vec<Piece>) -> Option<usize> {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        c if c.is_whitespace() => Some(at + 1),
        '/' if next == Some('/') => Some(end_of_line(chars, at)),
        '/' if next == Some('*') => {
            let mut end = at + 2;
            while end + 1 < chars.len() {
                if chars[end] == '*' && chars[end + 1] == '/' {
                    return Some(end + 2);
                }
                end += 1;
            }
            None
        }
        '/' if begins_regex(all.last()) => regex(chars, at),
        quote @ ('\'' | '"') => string(chars, at, quote, all),
        '`' => template(chars, at, all),
        c if is_word(c) => {
            let end = (at..chars.len()).find(|i| !is_word(chars[*i])).unwrap_or(chars.len());
            all.push(Piece::Word(chars[at..end].iter().collect()));
            Some(end)
        }
        // An escape in a name would hide it.
        '\\' => None,
        c => {
            all.push(Piece::Sign(c));
            Some(at + 1)
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn end_of_line(chars: &[char], at: usize) -> usize {
    (at..chars.len()).find(|i| chars[*i] == '\n').unwrap_or(chars.len())
}

/// After a value a slash divides; elsewhere it begins a regular expression.
fn begins_regex(before: Option<&Piece>) -> bool {
    match before {
        None => true,
        Some(Piece::Sign(c)) => !matches!(c, ')' | ']' | '}'),
        Some(Piece::Word(word)) => {
            matches!(word.as_str(), "return" | "typeof" | "case" | "in" | "of" | "void")
        }
        Some(Piece::Text(_)) => false,
    }
}

fn regex(chars: &[char], at: usize) -> Option<usize> {
    let mut class = false;
    let mut i = at + 1;
    loop {
        match chars.get(i)? {
            '\n' => return None,
            '\\' => i += 1,
            '[' => class = true,
            ']' => class = false,
            '/' if !class => return Some(i + 1),
            _ => {}
        }
        i += 1;
    }
}

fn string(chars: &[char], at: usize, quote: char, all: &mut Vec<Piece>) -> Option<usize> {
    let mut text = String::new();
    let mut i = at + 1;
    loop {
        match *chars.get(i)? {
            '\n' => return None,
            '\\' => {
                i += 1;
                text.push(*chars.get(i)?);
            }
            c if c == quote => {
                all.push(Piece::Text(text));
                return Some(i + 1);
            }
            c => text.push(c),
        }
        i += 1;
    }
}

/// A template; the code in `${…}` is taken apart too.
fn template(chars: &[char], at: usize, all: &mut Vec<Piece>) -> Option<usize> {
    let mut text = String::new();
    let mut i = at + 1;
    loop {
        match *chars.get(i)? {
            '\\' => {
                i += 1;
                text.push(*chars.get(i)?);
            }
            '`' => {
                all.push(Piece::Text(text));
                return Some(i + 1);
            }
            '$' if chars.get(i + 1) == Some(&'{') => {
                i += 2;
                let mut depth = 1;
                while depth > 0 {
                    match chars.get(i)? {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                    i = one(chars, i, all)?;
                }
            }
            c => text.push(c),
        }
        i += 1;
    }
}
