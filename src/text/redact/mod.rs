//! Finds secrets in command lines and text, and says which bytes they are. Pure; replaces nothing itself.
//! Better a harmless value hidden than a password in a log, but digests, paths and names stay readable.

mod assign;
mod commands;
mod names;
mod pairs;
mod patch;
mod places;
mod shapes;
mod sql;
mod tools;
mod uri;

/// The bytes `start..end` of a word are a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    /// `uri-password`, `option`, `assignment`, `header`, `sql-password`, `token`, `private-key`, `random`.
    pub kind: &'static str,
}

/// How a redacted secret begins: redacting twice changes nothing.
pub const DONE: &str = "‹redacted:";

/// Secrets in each word of a command line, word 0 included. Spans are sorted and do not overlap.
pub fn secrets_in_command(tool: &str, words: &[&[u8]]) -> Vec<Vec<Span>> {
    // File names look like anything, random text included, and are what the record of `rm` is about.
    let names_files = tool == "rm";
    let mut found = Vec::with_capacity(words.len());
    for (i, word) in words.iter().enumerate() {
        let script = i > 0 && is_script_option(words[i - 1]);
        found.push(in_word(word, script, !names_files));
    }
    tools::in_words(tool, words, &mut found);
    commands::in_words(words, &mut found);
    patch::in_words(words, &mut found);
    for (word, spans) in words.iter().zip(&mut found) {
        tools::in_nested(tool, word, spans);
        merge(word, spans);
    }
    found
}

/// Secrets in running text: a fact, a headline, a reason.
pub fn secrets_in_text(text: &[u8]) -> Vec<Span> {
    let mut spans = in_word(text, true, false);
    merge(text, &mut spans);
    spans
}

/// A command line for people, quoted, with `‹hidden›` in the place of every secret.
pub fn command_for_people<W: AsRef<std::ffi::OsStr>>(tool: &str, argv: &[W]) -> String {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let words: Vec<&[u8]> = argv.iter().map(|w| w.as_ref().as_bytes()).collect();
    let shown: Vec<std::ffi::OsString> = words
        .iter()
        .zip(secrets_in_command(tool, &words))
        .map(|(word, spans)| std::ffi::OsString::from_vec(hide(word, &spans)))
        .collect();
    super::quote_line(&shown)
}

/// Text for people with `‹hidden›` in the place of every secret.
pub fn text_for_people(text: &str) -> String {
    String::from_utf8_lossy(&hide(text.as_bytes(), &secrets_in_text(text.as_bytes()))).into_owned()
}

fn hide(bytes: &[u8], spans: &[Span]) -> Vec<u8> {
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    for span in spans {
        out.extend_from_slice(&bytes[at..span.start]);
        out.extend_from_slice("‹hidden›".as_bytes());
        at = span.end;
    }
    out.extend_from_slice(&bytes[at..]);
    out
}

/// The secrets of a command line, each for itself; random-looking words are not counted: they may be names.
pub fn told_in_command(tool: &str, words: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut told = Vec::new();
    for (word, spans) in words.iter().zip(secrets_in_command(tool, words)) {
        told.extend(spans.iter().filter(|s| s.kind != "random").map(|s| word[s.start..s.end].to_vec()));
    }
    told
}

/// Text with `‹hidden›` in the place of the secrets that were told elsewhere; a short one only as a whole word.
pub fn without(text: &str, told: &[Vec<u8>]) -> String {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    for secret in told.iter().filter(|s| !s.is_empty()) {
        let mut from = 0;
        while let Some(start) = bytes.get(from..).and_then(|t| uri::find(t, secret)).map(|i| from + i) {
            let end = start + secret.len();
            let inside = |at: Option<&u8>| at.is_some_and(|b| b.is_ascii_alphanumeric() || b"_-".contains(b));
            let before = start.checked_sub(1).and_then(|i| bytes.get(i));
            if secret.len() >= 8 || !(inside(before) || inside(bytes.get(end))) {
                spans.push(Span { start, end, kind: "option" });
            }
            from = end;
        }
    }
    merge(bytes, &mut spans);
    String::from_utf8_lossy(&hide(bytes, &spans)).into_owned()
}

/// Adds every other place where a secret that is already known stands.
pub fn add_known(text: &[u8], secret: &[u8], kind: &'static str, spans: &mut Vec<Span>) {
    let mut from = 0;
    while let Some(at) = text.get(from..).filter(|_| !secret.is_empty()).and_then(|t| uri::find(t, secret)) {
        spans.push(Span { start: from + at, end: from + at + secret.len(), kind });
        from += at + secret.len();
    }
    merge(text, spans);
}

/// `-c`, `-lc`, `--command`: the next word is a script, in which white space ends a value.
fn is_script_option(word: &[u8]) -> bool {
    let short = word.len() <= 4 && word.starts_with(b"-") && word.ends_with(b"c");
    short || word == b"--command" || word == b"--execute" || word == b"-e"
}

fn in_word(word: &[u8], script: bool, random: bool) -> Vec<Span> {
    let mut spans = Vec::new();
    // Most words have neither sign, and there can be tens of thousands of them.
    let has = |signs: &[u8]| word.iter().any(|b| signs.contains(b));
    let (assigned, literal) = (has(b":="), has(b"'\"$"));
    if assigned {
        uri::passwords(word, &mut spans);
        places::drivers(word, &mut spans);
    }
    places::webhooks(word, &mut spans);
    places::netrc(word, &mut spans);
    shapes::tokens(word, &mut spans);
    if assigned {
        assign::values(word, script, &mut spans);
        pairs::values(word, &mut spans);
    }
    if literal {
        sql::passwords(word, &mut spans);
    }
    if random {
        shapes::random_runs(word, &mut spans);
    }
    spans
}

/// Overlapping spans become one, under the name of the widest.
fn merge(word: &[u8], spans: &mut Vec<Span>) {
    spans.retain(|s| s.start < s.end && !word[s.start..s.end].starts_with(DONE.as_bytes()));
    spans.sort_by_key(|s| (s.start, std::cmp::Reverse(s.end)));
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans.drain(..) {
        match merged.last_mut() {
            Some(last) if span.start < last.end => {
                if span.end - span.start > last.end - last.start {
                    last.kind = span.kind;
                }
                last.end = last.end.max(span.end);
            }
            _ => merged.push(span),
        }
    }
    *spans = merged;
}

#[cfg(test)]
mod tests;
