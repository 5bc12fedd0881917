//! Doubts that change nothing: a process number in the name of a file to remove or of a process to end.
//! Must never drop a doubt about a word that may be an option.

use super::super::through::Doubt;
use super::output::TEMPORARY;
use super::simple::Words;

const REMOVERS: &[&str] = &["rm", "rmdir", "unlink"];

/// What is not known of a command and matters.
pub fn doubt(words: &Words) -> Option<Doubt> {
    let doubt = words.doubt.clone()?;
    let name = words.name();
    let name = name.rsplit('/').next().unwrap_or("");
    let drops = match name {
        // No file has the name that stands for it.
        _ if REMOVERS.contains(&name) => words.only_numbers(),
        // Which process is told by the resolver, as far as anybody knows.
        "kill" => doubt.first > 0 && doubt.first != usize::MAX && are_processes(&words.words, doubt.first),
        _ => false,
    };
    (!drops).then_some(doubt)
}

/// Whether no word in doubt is, or is the value of, an option.
fn are_processes(words: &[Vec<u8>], first: usize) -> bool {
    let open = |word: &[u8]| word.contains(&b'$') || word.contains(&b'`');
    let signal = |word: &[u8]| [&b"-s"[..], b"-n", b"--signal", b"-q", b"--queue"].contains(&word);
    let fits = |at: usize| !words[at].starts_with(b"-") && !signal(&words[at - 1]);
    (first..words.len()).all(|at| !open(&words[at]) || fits(at))
}

/// Whether a command removes what `mktemp` made a moment before.
pub fn removes_own(words: &Words, word: &[u8]) -> bool {
    let name = words.name();
    REMOVERS.contains(&name.rsplit('/').next().unwrap_or("")) && is_temporary(word)
}

/// Whether a word names a file that mktemp made, or something in it.
pub fn is_temporary(word: &[u8]) -> bool {
    let word = word.strip_prefix(b"/tmp/").unwrap_or(b"");
    word.starts_with(TEMPORARY) && !word.windows(2).any(|pair| pair == b"..")
}
