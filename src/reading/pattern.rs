//! Patterns as shells and fnmatch(3) read them, without extended globs.
//! Must never match by a class that is not known here: that is an error.

/// A letter of expanded text, and whether it was quoted.
pub type Letter = (u8, bool);

enum Token {
    Byte(u8),
    One,
    Many,
    Set { not: bool, ranges: Vec<(char, char)> },
}

/// A compiled pattern.
pub struct Pattern(Vec<Token>);

impl Pattern {
    /// `Err` for a bracket expression with a class that is not known here.
    pub fn new(letters: &[Letter]) -> Result<Pattern, String> {
        let mut tokens = Vec::new();
        let mut at = 0;
        // After a bracket that is not closed none is: each is looked for once only.
        let mut closes = true;
        while at < letters.len() {
            let (byte, quoted) = letters[at];
            at += 1;
            tokens.push(match byte {
                b'*' if !quoted => Token::Many,
                b'?' if !quoted => Token::One,
                b'[' if !quoted && closes => match set(&letters[at..])? {
                    Some((token, used)) => {
                        at += used;
                        token
                    }
                    None => {
                        closes = false;
                        Token::Byte(b'[')
                    }
                },
                b'\\' if !quoted && at < letters.len() => {
                    at += 1;
                    Token::Byte(letters[at - 1].0)
                }
                _ => Token::Byte(byte),
            });
        }
        Ok(Pattern(tokens))
    }

    /// How many tokens it has.
    #[cfg(feature = "full")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The text it stands for, when it matches only that.
    #[cfg(feature = "full")]
    pub fn literal(&self) -> Option<Vec<u8>> {
        self.0.iter().map(|token| if let Token::Byte(byte) = token { Some(*byte) } else { None }).collect()
    }

    /// The whole text, by backtracking to the last star only.
    pub fn matches(&self, text: &[u8]) -> bool {
        let (mut t, mut p) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while t < text.len() {
            let used = match self.0.get(p) {
                Some(Token::Many) => {
                    star = Some((p, t));
                    p += 1;
                    continue;
                }
                Some(Token::Byte(b)) => usize::from(text[t] == *b),
                Some(Token::One) => letter(&text[t..]).1,
                Some(Token::Set { not, ranges }) => {
                    let (c, n) = letter(&text[t..]);
                    let inside = ranges.iter().any(|(a, b)| (*a..=*b).contains(&c));
                    if inside != *not { n } else { 0 }
                }
                None => 0,
            };
            if used > 0 {
                t += used;
                p += 1;
            } else if let Some((sp, st)) = star {
                star = Some((sp, st + 1));
                (t, p) = (st + 1, sp + 1);
            } else {
                return false;
            }
        }
        self.0[p..].iter().all(|token| matches!(token, Token::Many))
    }
}

/// The first letter and its length; a byte that is no UTF-8 is a letter of its own.
fn letter(text: &[u8]) -> (char, usize) {
    (1..=text.len().min(4))
        .find_map(|n| std::str::from_utf8(&text[..n]).ok())
        .and_then(|s| s.chars().next())
        .map_or(('\u{fffd}', 1), |c| (c, c.len_utf8()))
}

/// A bracket expression after its `[`, and how many letters it takes; `None` when it is not closed.
fn set(letters: &[Letter]) -> Result<Option<(Token, usize)>, String> {
    let not = matches!(letters.first(), Some((b'!' | b'^', false)));
    let from = usize::from(not);
    let close = letters.iter().enumerate().skip(from + 1).find(|(_, l)| **l == (b']', false)).map(|(i, _)| i);
    let Some(close) = close else { return Ok(None) };
    let inside: Vec<u8> = letters[from..close].iter().map(|l| l.0).collect();
    if inside.windows(2).any(|w| matches!(w, [b'[', b':' | b'=' | b'.'])) {
        return Err("a character class in a pattern".into());
    }
    let text: Vec<char> =
        String::from_utf8(inside).map_err(|_| "a pattern that is not UTF-8")?.chars().collect();
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if at + 2 < text.len() && text[at + 1] == '-' {
            ranges.push((text[at], text[at + 2]));
            at += 3;
        } else {
            ranges.push((text[at], text[at]));
            at += 1;
        }
    }
    Ok(Some((Token::Set { not, ranges }, close + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        let letters: Vec<Letter> = text.bytes().map(|b| (b, false)).collect();
        Pattern::new(&letters).unwrap_or_else(|why| panic!("{text}: {why}"))
    }

    #[test]
    fn a_bracket_that_is_not_closed_is_a_letter() {
        assert!(pattern("[a]x[b").matches(b"ax[b"));
        assert!(pattern("[[]x").matches(b"[x"));
        assert!(pattern("[!]").matches(b"[!]") && pattern("[]").matches(b"[]"));
        assert!(pattern("[[[[").matches(b"[[[[") && !pattern("[[[[").matches(b"[[["));
        // Of 200 KiB none is looked for twice.
        assert!(pattern(&"[".repeat(200_000)).matches("[".repeat(200_000).as_bytes()));
    }
}
