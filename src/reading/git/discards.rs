//! Whether checkout, switch and restore throw away changes that are in no commit. A word that is not a branch or
//! commit names files. Must never call a word a branch without having seen its ref.

use super::call::Call;
use super::options::Parsed;
use super::repository::{Repository, is_object_name};

/// What becomes of changes: `discards`, `moves` a branch, `unstages`; nothing for a plain change of branch.
pub fn form(call: &Call, verb: &str, parsed: &Parsed) -> Option<&'static str> {
    if parsed.has("--patch") {
        return None;
    }
    match verb {
        "switch" if parsed.has_any(&["--force", "--discard-changes"]) => Some("discards"),
        "switch" if parsed.has("--force-create") => Some("moves"),
        "restore" => restore(parsed),
        "checkout" => checkout(call, parsed),
        _ => None,
    }
}

fn restore(parsed: &Parsed) -> Option<&'static str> {
    if parsed.operands.is_empty() && !parsed.has("--pathspec-from-file") {
        return None;
    }
    let files = parsed.has("--worktree") || !parsed.has("--staged");
    Some(if files { "discards" } else { "unstages" })
}

fn checkout(call: &Call, parsed: &Parsed) -> Option<&'static str> {
    if parsed.has_any(&["--force", "--pathspec-from-file"]) {
        return Some("discards");
    }
    if parsed.has("-B") {
        return Some("moves");
    }
    if parsed.has_any(&["-b", "--orphan"]) {
        return None;
    }
    let files = match (parsed.before_dashes, parsed.operands.as_slice()) {
        (Some(before), operands) => operands.len() > before,
        (None, []) => false,
        (None, [word]) => !is_revision(call, word),
        (None, [_, ..]) => true,
    };
    files.then_some("discards")
}

/// A branch, a commit, or a branch of a remote that git would follow.
fn is_revision(call: &Call, word: &str) -> bool {
    let base = word.split(['~', '^']).next().unwrap_or(word);
    let base = base.split("@{").next().unwrap_or(base);
    let spelled = word == "-" || word == "@" || base.is_empty() || is_object_name(base);
    let (repository, config) = call.settled();
    let Some(repository) = repository else {
        return spelled || !looks_like_files(word);
    };
    if spelled || repository.is_opaque(&call.invocation) && !looks_like_files(word) {
        return true;
    }
    let remotes = || config.below("remote", "fetch").map(|(name, _)| format!("refs/remotes/{name}/{word}"));
    NAMES.iter().any(|(before, after)| repository.has(&call.invocation, &format!("{before}{base}{after}")))
        || remotes().any(|name| repository.has(&call.invocation, &name))
        || is_abbreviated(base) && !is_file(call, repository, word)
}

/// Where git looks for a short name.
const NAMES: &[(&str, &str)] = &[
    ("", ""),
    ("refs/", ""),
    ("refs/tags/", ""),
    ("refs/heads/", ""),
    ("refs/remotes/", ""),
    ("refs/remotes/", "/HEAD"),
];

fn is_abbreviated(word: &str) -> bool {
    word.len() >= 4 && word.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_file(call: &Call, repository: &Repository, word: &str) -> bool {
    use crate::invocation::ReadError;
    let there = |path| !matches!(call.invocation.read(path), Err(ReadError::Missing));
    there(call.invocation.path(word)) || there(repository.top().join(word))
}

fn looks_like_files(word: &str) -> bool {
    word.starts_with(['.', ':', '/']) || word.ends_with('/') || word.contains(['*', '?', '['])
}
