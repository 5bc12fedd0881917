//! One simple command line to words, as a POSIX shell would: quotes, backslashes, assignments in front.
//! Must never guess: a line with an operator, expansion or glob is `Unsure`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// `A=b word …`.
    Simple { variables: Vec<(String, OsString)>, words: Vec<OsString> },
    /// Blank, or a comment.
    Empty,
    /// It has more than plain words.
    Unsure(String),
}

/// Splits a line (POSIX.1-2024, 2.2 Quoting and 2.3 Token Recognition).
pub fn split(line: &OsStr) -> Line {
    let mut words: Vec<(Vec<u8>, bool)> = Vec::new();
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b' ' | b'\t' | b'\n' => at += 1,
            b'#' => break,
            _ => match word(bytes, at) {
                Ok((found, quoted, next)) => {
                    words.push((found, quoted));
                    at = next;
                }
                Err(why) => return Line::Unsure(why),
            },
        }
    }
    let mut variables = Vec::new();
    let mut rest = words.into_iter().peekable();
    while let Some((name, value)) =
        rest.peek().and_then(|(w, quoted)| if *quoted { None } else { assignment(w) })
    {
        variables.push((name, value));
        rest.next();
    }
    let words: Vec<OsString> = rest.map(|(w, _)| OsString::from_vec(w)).collect();
    if words.is_empty() { Line::Empty } else { Line::Simple { variables, words } }
}

/// One word from `at`: its bytes, whether quotes begin before any `=`, and where the next begins.
fn word(bytes: &[u8], mut at: usize) -> Result<(Vec<u8>, bool, usize), String> {
    let mut out = Vec::new();
    let mut quoted_name = false;
    while at < bytes.len() {
        let byte = bytes[at];
        match byte {
            b' ' | b'\t' | b'\n' => break,
            b'\\' => {
                let next = bytes.get(at + 1).ok_or("it ends in a backslash")?;
                quoted_name |= !out.contains(&b'=');
                out.push(*next);
                at += 2;
            }
            b'\'' => {
                quoted_name |= !out.contains(&b'=');
                let end = bytes[at + 1..].iter().position(|b| *b == b'\'').ok_or("a quote is not closed")?;
                out.extend_from_slice(&bytes[at + 1..at + 1 + end]);
                at += end + 2;
            }
            b'"' => {
                quoted_name |= !out.contains(&b'=');
                at = double_quoted(bytes, at + 1, &mut out)?;
            }
            b'~' if !out.is_empty() => {
                out.push(byte);
                at += 1;
            }
            b';' | b'|' | b'&' | b'<' | b'>' | b'(' | b')' | b'$' | b'`' | b'*' | b'?' | b'[' | b'{'
            | b'~' | b'!' => {
                return Err(format!("it has an unquoted {}", byte as char));
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    Ok((out, quoted_name, at))
}

fn double_quoted(bytes: &[u8], mut at: usize, out: &mut Vec<u8>) -> Result<usize, String> {
    loop {
        match bytes.get(at).ok_or("a quote is not closed")? {
            b'"' => return Ok(at + 1),
            b'$' | b'`' => return Err("it has an expansion".into()),
            b'\\' => {
                let next = *bytes.get(at + 1).ok_or("a quote is not closed")?;
                if !b"$`\"\\\n".contains(&next) {
                    out.push(b'\\');
                }
                out.push(next);
                at += 2;
            }
            byte => {
                out.push(*byte);
                at += 1;
            }
        }
    }
}

fn assignment(word: &[u8]) -> Option<(String, OsString)> {
    let equals = word.iter().position(|b| *b == b'=')?;
    let name = std::str::from_utf8(&word[..equals]).ok()?;
    let mut letters = name.chars();
    let valid = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_');
    valid.then(|| (name.to_owned(), OsString::from_vec(word[equals + 1..].to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Option<Vec<String>> {
        match split(OsStr::new(line)) {
            Line::Simple { words, .. } => {
                Some(words.iter().map(|w| w.to_string_lossy().into_owned()).collect())
            }
            Line::Empty | Line::Unsure(_) => None,
        }
    }

    #[test]
    fn quotes_are_removed_as_the_shell_does() {
        let expected = Some(vec!["kubectl".to_owned(), "delete".into(), "ns".into(), "a b".into()]);
        assert_eq!(words(r#"k\ubectl de"le"te n's' 'a b'"#), expected);
        assert_eq!(words(r#"rm "a\"b\c" ''"#), Some(vec!["rm".into(), "a\"b\\c".into(), String::new()]));
    }

    #[test]
    fn assignments_stand_in_front() {
        let Line::Simple { variables, words } = split(OsStr::new("PGHOST='prod db' A=1 psql B=2")) else {
            panic!()
        };
        assert_eq!(variables, [("PGHOST".into(), "prod db".into()), ("A".into(), "1".into())]);
        assert_eq!(words, ["psql", "B=2"]);
    }

    #[test]
    fn more_than_plain_words_is_unsure() {
        for line in ["a; b", "a $x", "rm *", "a `b`", "a > f", "rm ~/x", "a 'b", "(a)", "a \"$x\""] {
            assert!(matches!(split(OsStr::new(line)), Line::Unsure(_)), "{line}");
        }
        assert_eq!(split(OsStr::new("  # nothing")), Line::Empty);
    }
}
