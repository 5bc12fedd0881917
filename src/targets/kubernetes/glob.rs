//! Go's filepath.Glob: kubectl expands a quoted pattern itself when no file of that very name exists.

use std::path::{Path, PathBuf};

/// The paths that match, sorted within each directory; relative ones stay relative.
pub fn expand(cwd: &Path, pattern: &str) -> Vec<PathBuf> {
    let (mut found, rest) = match pattern.strip_prefix('/') {
        Some(rest) => (vec![PathBuf::from("/")], rest),
        None => (vec![PathBuf::new()], pattern),
    };
    for part in rest.split('/').filter(|p| !p.is_empty()) {
        found = found.iter().flat_map(|above| step(cwd, above, part)).collect();
    }
    found
}

fn step(cwd: &Path, above: &Path, part: &str) -> Vec<PathBuf> {
    if !part.contains(['*', '?', '[', '\\']) {
        let path = above.join(part);
        return if std::fs::symlink_metadata(cwd.join(&path)).is_ok() { vec![path] } else { Vec::new() };
    }
    let Ok(entries) = std::fs::read_dir(cwd.join(above)) else { return Vec::new() };
    let pattern: Vec<char> = part.chars().collect();
    let mut names: Vec<_> = entries.flatten().map(|e| e.file_name()).collect();
    names.retain(|name| name.to_str().is_some_and(|n| matches(&pattern, &n.chars().collect::<Vec<_>>())));
    names.sort();
    names.into_iter().map(|name| above.join(name)).collect()
}

/// Go's path.Match within one component: `*`, `?`, `[a-z]`, `[^a-z]`, `\x`. Hidden files match too.
fn matches(pattern: &[char], name: &[char]) -> bool {
    match (pattern.first(), name.first()) {
        (None, None) => true,
        (Some('*'), _) => matches(&pattern[1..], name) || (!name.is_empty() && matches(pattern, &name[1..])),
        (Some('?'), Some(_)) => matches(&pattern[1..], &name[1..]),
        (Some('['), Some(c)) => class(&pattern[1..], *c)
            .is_some_and(|(holds, used)| holds && matches(&pattern[1 + used..], &name[1..])),
        (Some('\\'), Some(c)) => pattern.get(1) == Some(c) && matches(&pattern[2..], &name[1..]),
        (Some(p), Some(c)) => p == c && matches(&pattern[1..], &name[1..]),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Whether a class holds, and how many characters it took with its closing bracket.
fn class(pattern: &[char], c: char) -> Option<(bool, usize)> {
    let negated = pattern.first() == Some(&'^');
    let mut at = usize::from(negated);
    let mut holds = false;
    let start = at;
    while *pattern.get(at)? != ']' || at == start {
        let low = *pattern.get(at)?;
        let (high, used) = match (pattern.get(at + 1), pattern.get(at + 2)) {
            (Some('-'), Some(high)) if *high != ']' => (*high, 3),
            _ => (low, 1),
        };
        holds |= low <= c && c <= high;
        at += used;
    }
    Some((holds != negated, at + 1))
}

#[cfg(test)]
mod tests {
    use super::matches;

    fn holds(pattern: &str, name: &str) -> bool {
        matches(&pattern.chars().collect::<Vec<_>>(), &name.chars().collect::<Vec<_>>())
    }

    #[test]
    fn patterns_of_go() {
        assert!(
            holds("*.yaml", "a.yaml") && holds("a?c", "abc") && holds("[a-c]x", "bx") && holds("[^a]x", "bx")
        );
        assert!(holds("\\*", "*") && holds("*", ".hidden"));
        assert!(!holds("*.yaml", "a.yml") && !holds("[a-c]x", "dx") && !holds("[a", "a"));
    }
}
