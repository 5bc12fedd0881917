//! `NAME=value`, `--name=value`, `name = 'value'`, `"name": "value"`, `Name: value`, where the name stands for
//! a secret.

use super::{Span, names};

/// `script`: white space ends a value, as in a shell's command line or SQL.
pub fn values(text: &[u8], script: bool, spans: &mut Vec<Span>) {
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|b| matches!(b, b'=' | b':')).map(|i| from + i) {
        from = at + 1;
        let Some((start, end)) = name_before(text, at) else { continue };
        if !names::is_secret(&text[start..end]) {
            continue;
        }
        let value = if text[at] == b'=' {
            after_equals(text, start, at, script)
        } else {
            after_colon(text, start..end, at)
        };
        if let Some(span) = value.filter(|s| !says_nothing(&text[s.start..s.end])) {
            from = from.max(span.end);
            spans.push(span);
        }
    }
}

/// The name that ends at `at`, spaces and a closing quote skipped.
fn name_before(text: &[u8], at: usize) -> Option<(usize, usize)> {
    if text.get(at + 1) == Some(&b'=') || at.checked_sub(1).is_some_and(|i| b"=!<>:".contains(&text[i])) {
        return None;
    }
    let mut end = at;
    while end > 0 && text[end - 1] == b' ' {
        end -= 1;
    }
    if end > 0 && matches!(text[end - 1], b'"' | b'\'') {
        end -= 1;
    }
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"_-.[]".contains(b);
    let start = text[..end].iter().rposition(|b| !is_name(b)).map_or(0, |i| i + 1);
    (start < end).then_some((start, end))
}

fn after_equals(text: &[u8], name: usize, at: usize, script: bool) -> Option<Span> {
    let start = skip_spaces(text, at + 1);
    let kind = "assignment";
    if let Some(span) = quoted(text, start, kind) {
        return Some(span);
    }
    // At the head of a word, and after `--option=`, the value is all that follows, spaces included,
    // unless another assignment begins.
    let heads = !script && (text[..name].iter().all(|b| *b == b'-') || text[name - 1] == b'=');
    let end = (start..text.len()).find(|&i| match text[i] {
        b',' | b'&' | b';' => assignment_follows(&text[i + 1..]) || (!heads && text[i] != b','),
        b if b.is_ascii_whitespace() => !heads || assignment_follows(&text[i + 1..]),
        b'"' | b'\'' | b')' | b'}' => !heads,
        _ => false,
    });
    Some(Span { start, end: end.unwrap_or(text.len()), kind })
}

/// JSON, YAML and headers; `a:b` without a space is an image, a volume, a host and port.
fn after_colon(text: &[u8], name: std::ops::Range<usize>, at: usize) -> Option<Span> {
    let mut start = skip_spaces(text, at + 1);
    let kind = "header";
    if let Some(span) = quoted(text, start, kind) {
        return Some(span);
    }
    let was_quoted = text.get(name.end).is_some_and(|b| matches!(b, b'"' | b'\''));
    if !was_quoted && (start == at + 1 || names::is_word(&text[name.clone()])) {
        return None;
    }
    let ends = |b: &u8| *b == b'\n' || (was_quoted && matches!(b, b',' | b'}')) || matches!(b, b'"' | b'\'');
    let end = text[start..].iter().position(ends).map_or(text.len(), |i| start + i);
    if text[name].eq_ignore_ascii_case(b"authorization") {
        start += text[start..end].iter().position(|b| *b == b' ').map_or(0, |i| i + 1);
    }
    Some(Span { start, end, kind })
}

/// The inside of a quoted value; an open quote reaches to the end.
fn quoted(text: &[u8], start: usize, kind: &'static str) -> Option<Span> {
    let quote = *text.get(start).filter(|b| matches!(b, b'"' | b'\''))?;
    let mut end = start + 1;
    while end < text.len() && text[end] != quote {
        end += if text[end] == b'\\' { 2 } else { 1 };
    }
    Some(Span { start: start + 1, end: end.min(text.len()), kind })
}

fn assignment_follows(text: &[u8]) -> bool {
    let name = text.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b)).count();
    name > 0 && text.get(name) == Some(&b'=')
}

fn skip_spaces(text: &[u8], mut at: usize) -> usize {
    while text.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

/// Words that are settings, not secrets.
fn says_nothing(value: &[u8]) -> bool {
    ["true", "false", "null", "none", "nil", "yes", "no"]
        .iter()
        .any(|w| value.eq_ignore_ascii_case(w.as_bytes()))
}
