//! `help.autocorrect`: git runs the command that a word comes closest to. Must never call a word harmless that git
//! would run as another.

use super::Config;
use super::option_table::own;

/// What git makes of a word that is no command.
#[derive(Debug, PartialEq, Eq)]
pub enum Corrected {
    /// It is not told to correct anything, or nothing comes close.
    No,
    To(String),
    /// It depends on which commands and aliases this git has.
    Open(Vec<String>),
}

/// The distance from which git no longer suggests (help.c, SIMILARITY_FLOOR).
const FLOOR: usize = 7;

/// Commands that a prefix of them is enough for (command-list.txt).
const COMMON: &[&str] = &[
    "add",
    "am",
    "archive",
    "bisect",
    "branch",
    "bundle",
    "checkout",
    "cherry-pick",
    "clean",
    "clone",
    "commit",
    "describe",
    "diff",
    "fetch",
    "format-patch",
    "gc",
    "grep",
    "init",
    "log",
    "maintenance",
    "merge",
    "mv",
    "notes",
    "pull",
    "push",
    "range-diff",
    "rebase",
    "reset",
    "restore",
    "revert",
    "rm",
    "shortlog",
    "show",
    "sparse-checkout",
    "stash",
    "status",
    "submodule",
    "switch",
    "tag",
    "worktree",
    "backfill",
    "citool",
    "gui",
];

/// Reads the setting, and finds what `word` becomes.
pub fn corrected(word: &str, config: &Config) -> Corrected {
    let Some(value) = config.get("help.autocorrect") else { return Corrected::No };
    let off = ["never", "show", "false", "off", "no", "0"].iter().any(|w| value.eq_ignore_ascii_case(w));
    // `true` and a bare name count since 2.49; before, git takes them for 0.
    if off || value.is_empty() {
        return Corrected::No;
    }
    let aliases = config.iter().filter_map(|s| s.key.strip_prefix("alias."));
    let mut names: Vec<&str> = own().collect();
    names.extend(aliases);
    names.sort_unstable();
    names.dedup();
    let near: Vec<(usize, &str)> = names.into_iter().map(|name| (score(word, name), name)).collect();
    let best = near.iter().map(|(score, _)| *score).filter(|s| *s > 0).min().unwrap_or(FLOOR);
    let prefixes: Vec<&str> = near.iter().filter(|(s, _)| *s == 0).map(|(_, name)| *name).collect();
    // git takes prefixes and the closest of the rest together, and acts on one alone.
    let mut found = prefixes;
    if best < FLOOR {
        found.extend(near.iter().filter(|(s, _)| *s == best).map(|(_, name)| *name));
    }
    match found.as_slice() {
        [] => Corrected::No,
        [one] => Corrected::To((*one).to_owned()),
        _ => Corrected::Open(found.into_iter().map(str::to_owned).collect()),
    }
}

fn score(word: &str, name: &str) -> usize {
    if COMMON.contains(&name) && name.starts_with(word) {
        return 0;
    }
    distance(word.as_bytes(), name.as_bytes()) + 1
}

/// Damerau and Levenshtein's distance with git's weights: swapping is free, replacing costs 2, adding 1, leaving out 3.
fn distance(from: &[u8], to: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for i in 0..from.len() {
        let mut row = vec![(i + 1) * 3; to.len() + 1];
        for j in 0..to.len() {
            let mut cost = last[j] + 2 * usize::from(from[i] != to[j]);
            if i > 0 && j > 0 && from[i - 1] == to[j] && from[i] == to[j - 1] {
                cost = cost.min(before[j - 1]);
            }
            row[j + 1] = cost.min(last[j + 1] + 3).min(row[j] + 1);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, score};

    #[test]
    fn the_distances_of_git() {
        assert_eq!(distance(b"psuh", b"push"), 0);
        assert_eq!(distance(b"pusj", b"push"), 2);
        assert_eq!(distance(b"pus", b"push"), 1);
        assert_eq!(distance(b"pushh", b"push"), 3);
        assert_eq!((score("pus", "push"), score("psuh", "push")), (0, 1));
    }
}
