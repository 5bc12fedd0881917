//! How ssh_config(5) cuts a line into words, and which files an Include names.
//! Must never list a directory for a command that runs in another place.

use super::super::pattern::Pattern;
use crate::invocation::Invocation;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// The keyword in lower case, and what follows it after blanks and at most one `=`; `None` for an empty line or a
/// comment.
pub fn keyword(line: &str) -> Option<(String, &str)> {
    let line = line.trim_end_matches([' ', '\t', '\r', '\n', '\x0c']).trim_start_matches(BLANKS);
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    if let Some(quoted) = line.strip_prefix('"') {
        let (word, rest) = quoted.split_once('"').unwrap_or((quoted, ""));
        return Some((word.to_ascii_lowercase(), rest.trim_start_matches(BLANKS)));
    }
    let end = line.find(['=', '"', ' ', '\t', '\r', '\n']).unwrap_or(line.len());
    let rest = line[end..].trim_start_matches(BLANKS);
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start_matches(BLANKS);
    Some((line[..end].to_ascii_lowercase(), rest))
}

/// Words with quotes and backslashes (argv_split in misc.c); a `#` at the start of a word ends the line. `None`: a
/// quote is not closed.
pub fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut letters = text.chars().peekable();
    loop {
        while letters.next_if(|c| *c == ' ' || *c == '\t').is_some() {}
        match letters.peek() {
            None | Some('#') => return Some(words),
            Some(_) => {}
        }
        let mut word = String::new();
        let mut quote: Option<char> = None;
        while let Some(c) = letters.next_if(|c| quote.is_some() || (*c != ' ' && *c != '\t')) {
            match (c, quote) {
                ('\\', _) => {
                    let escaped = |c: &char| matches!(c, '\'' | '"' | '\\') || (quote.is_none() && *c == ' ');
                    word.push(letters.next_if(escaped).unwrap_or('\\'));
                }
                ('"' | '\'', None) => quote = Some(c),
                (c, Some(open)) if c == open => quote = None,
                (c, _) => word.push(c),
            }
        }
        if quote.is_some() {
            return None;
        }
        words.push(word);
    }
}

/// The words of a Match line: an `=` also ends one (strdelim in misc.c).
pub struct Criteria<'a>(&'a str);

impl<'a> Criteria<'a> {
    pub fn new(text: &'a str) -> Criteria<'a> {
        Criteria(text)
    }

    pub fn next(&mut self) -> Result<Option<String>, String> {
        let text = self.0.trim_start_matches(BLANKS);
        if text.is_empty() {
            return Ok(None);
        }
        let (word, rest) = match text.strip_prefix('"') {
            Some(quoted) => {
                let (word, rest) = quoted.split_once('"').ok_or("a quote is not closed")?;
                (word, rest)
            }
            None => text.split_at(text.find(['=', '"', ' ', '\t', '\r', '\n']).unwrap_or(text.len())),
        };
        let rest = rest.trim_start_matches(BLANKS);
        self.0 = rest.strip_prefix('=').unwrap_or(rest);
        Ok(Some(word.to_owned()))
    }
}

/// The files that a path with patterns names, sorted; one without patterns names itself.
pub fn listed(path: &Path, invocation: &Invocation) -> Result<Vec<PathBuf>, String> {
    let mut found = vec![PathBuf::new()];
    for component in path.components() {
        let bytes = component.as_os_str().as_bytes();
        let is_pattern = bytes.iter().any(|b| b"*?[".contains(b));
        let (Component::Normal(_), true) = (component, is_pattern) else {
            found.iter_mut().for_each(|p| p.push(component));
            continue;
        };
        if let Some(place) = invocation.place() {
            return Err(format!("what {} names is on {place}", path.display()));
        }
        let letters: Vec<(u8, bool)> = bytes.iter().map(|b| (*b, false)).collect();
        let pattern = Pattern::new(&letters)?;
        let mut next = Vec::new();
        for directory in &found {
            let Ok(entries) = std::fs::read_dir(directory) else { continue };
            for entry in entries.flatten() {
                let name = entry.file_name();
                let hidden = name.as_bytes().first() == Some(&b'.') && bytes.first() != Some(&b'.');
                if !hidden && pattern.matches(name.as_bytes()) {
                    next.push(directory.join(name));
                }
            }
        }
        found = next;
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_as_ssh_does() {
        assert_eq!(keyword("  Port = 22 "), Some(("port".into(), "22")));
        assert_eq!(keyword("Port=22"), Some(("port".into(), "22")));
        assert_eq!(keyword("\"User\" bob"), Some(("user".into(), "bob")));
        assert_eq!((keyword("  # x"), keyword("")), (None, None));
        assert_eq!(
            split(r#"a "b c" d\ e 'f"g' h#i # j"#),
            Some(vec!["a", "b c", "d e", "f\"g", "h#i"].into_iter().map(String::from).collect())
        );
        assert_eq!(split("a 'b"), None);
        assert_eq!(split(r"a\b"), Some(vec![r"a\b".to_owned()]));
        let mut criteria = Criteria::new("host=a,b user \"x y\"");
        let mut next = || criteria.next().expect("closed quotes").unwrap_or_default();
        assert_eq!([next(), next(), next(), next(), next()], ["host", "a,b", "user", "x y", ""]);
    }
}
