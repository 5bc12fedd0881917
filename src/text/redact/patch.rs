//! `kubectl patch secret … -p '{"data":{…}}'`: every value of the patch is a secret, whatever its key.

use super::Span;

const OPTIONS: &[&[u8]] = &[b"-p", b"--patch"];
/// Keys of a JSON patch (RFC 6902) that say where, not what.
const WHERE: &[&[u8]] = &[b"op", b"path", b"from"];

pub fn in_words(words: &[&[u8]], spans: &mut [Vec<Span>]) {
    let names_secret = |w: &&[u8]| {
        matches!(*w, b"secret" | b"secrets") || w.starts_with(b"secret/") || w.starts_with(b"secrets/")
    };
    if !words.iter().any(|w| *w == b"patch") || !words.iter().any(names_secret) {
        return;
    }
    for i in 0..words.len() {
        if OPTIONS.contains(&words[i]) && i + 1 < words.len() {
            values(words[i + 1], 0, &mut spans[i + 1]);
        } else if words[i].starts_with(b"--patch=") {
            values(words[i], b"--patch=".len(), &mut spans[i]);
        }
    }
}

/// Strings after a colon, in JSON or YAML.
fn values(text: &[u8], from: usize, spans: &mut Vec<Span>) {
    let mut at = from;
    while let Some(colon) = text[at..].iter().position(|b| *b == b':').map(|i| at + i) {
        let start = colon + 1 + text[colon + 1..].iter().take_while(|b| **b == b' ').count();
        at = start.max(colon + 1);
        if WHERE.contains(&key_before(&text[from..colon])) {
            continue;
        }
        let (start, end) = match text.get(start) {
            Some(b'"' | b'\'') => (start + 1, closing(text, start)),
            Some(b'{' | b'[' | b'\n') | None => continue,
            Some(_) => {
                let ends = |b: &u8| matches!(b, b',' | b'}' | b']' | b'\n');
                (start, text[start..].iter().position(ends).map_or(text.len(), |i| start + i))
            }
        };
        if !text[start..end].iter().all(u8::is_ascii_digit) {
            spans.push(Span { start, end, kind: "option" });
        }
        at = end;
    }
}

fn key_before(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_end();
    let text = text.strip_suffix(b"\"").unwrap_or(text);
    let start = text.iter().rposition(|b| !b.is_ascii_alphanumeric()).map_or(0, |i| i + 1);
    &text[start..]
}

/// Where the string that opens at `open` ends.
fn closing(text: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while at < text.len() && text[at] != text[open] {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    at.min(text.len())
}
