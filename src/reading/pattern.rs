//! Shell patterns and pathname expansion (bash manual, 3.5.8), without extended globs.
//! Must never leave the directory listing to chance: what cannot be listed is an error.

use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

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
        while at < letters.len() {
            let (byte, quoted) = letters[at];
            at += 1;
            tokens.push(match byte {
                b'*' if !quoted => Token::Many,
                b'?' if !quoted => Token::One,
                b'[' if !quoted => match set(&letters[at..])? {
                    Some((token, used)) => {
                        at += used;
                        token
                    }
                    None => Token::Byte(b'['),
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

/// Whether pathname expansion applies.
pub fn is_pattern(letters: &[Letter]) -> bool {
    letters.iter().any(|(b, quoted)| !quoted && matches!(b, b'*' | b'?' | b'['))
}

const MOST: usize = 20_000;

/// Every path that matches, sorted; empty when none does. `cwd` is where relative patterns start.
pub fn paths(letters: &[Letter], cwd: Option<&Path>, dots: bool) -> Result<Vec<Vec<u8>>, String> {
    let mut found: Vec<Vec<u8>> = vec![Vec::new()];
    let components: Vec<&[Letter]> = letters.split(|l| l.0 == b'/').collect();
    for (i, component) in components.iter().enumerate() {
        let last = i + 1 == components.len();
        let mut next = Vec::new();
        for prefix in &found {
            extend(prefix, component, cwd, dots, &mut next)?;
            if next.len() > MOST {
                return Err("a pattern that matches too many paths".into());
            }
        }
        if !last {
            next.iter_mut().for_each(|path| path.push(b'/'));
        }
        found = next;
    }
    let there = |path: &Vec<u8>| place(path, cwd).is_some_and(|p| p.symlink_metadata().is_ok());
    found.retain(there);
    found.sort();
    Ok(found)
}

fn place(path: &[u8], cwd: Option<&Path>) -> Option<std::path::PathBuf> {
    let path = Path::new(OsStr::from_bytes(path));
    if path.is_absolute() { Some(path.to_owned()) } else { cwd.map(|cwd| cwd.join(path)) }
}

/// Adds every way the component can follow the prefix.
fn extend(
    prefix: &[u8],
    component: &[Letter],
    cwd: Option<&Path>,
    dots: bool,
    next: &mut Vec<Vec<u8>>,
) -> Result<(), String> {
    if !is_pattern(component) {
        let mut path = prefix.to_vec();
        path.extend(component.iter().map(|l| l.0));
        next.push(path);
        return Ok(());
    }
    let directory = place(prefix, cwd).ok_or("a pattern in a directory that is not known")?;
    let pattern = Pattern::new(component)?;
    let hidden = dots || component.first().is_some_and(|l| l.0 == b'.');
    let entries = match std::fs::read_dir(&directory) {
        Ok(entries) => entries,
        Err(error) => match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => return Ok(()),
            _ => return Err(format!("{} cannot be listed", directory.display())),
        },
    };
    for entry in entries {
        let name =
            entry.map_err(|_| format!("{} cannot be listed", directory.display()))?.file_name().into_vec();
        if (name[0] != b'.' || hidden) && pattern.matches(&name) {
            next.push([prefix, &name].concat());
        }
    }
    Ok(())
}
