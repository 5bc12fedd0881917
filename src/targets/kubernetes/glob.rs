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
/// Goes back to the last star only, so its time is the product of both lengths at worst.
fn matches(pattern: &[char], name: &[char]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match one(&pattern[p..], name[n]) {
            Some(Step::Star) => {
                star = Some((p + 1, n));
                p += 1;
                continue;
            }
            Some(Step::Takes(used)) => {
                p += used;
                n += 1;
                continue;
            }
            None => {}
        }
        let Some((after, from)) = star else { return false };
        star = Some((after, from + 1));
        p = after;
        n = from + 1;
    }
    pattern[p..].iter().all(|c| *c == '*')
}

enum Step {
    Star,
    /// It matches the character, with so many characters of the pattern.
    Takes(usize),
}

fn one(pattern: &[char], c: char) -> Option<Step> {
    match pattern {
        ['*', ..] => Some(Step::Star),
        ['?', ..] => Some(Step::Takes(1)),
        ['[', rest @ ..] => class(rest, c).filter(|(holds, _)| *holds).map(|(_, used)| Step::Takes(1 + used)),
        ['\\', escaped, ..] => (*escaped == c).then_some(Step::Takes(2)),
        [plain, ..] => (*plain == c).then_some(Step::Takes(1)),
        [] => None,
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
        assert!(holds("*a*b", "xaxb") && holds("a*", "a") && !holds("*a*b", "xbxa") && !holds("", "a"));
        assert!(!holds(&"*a".repeat(100), &"a".repeat(60)));
    }
}
