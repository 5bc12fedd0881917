//! A value whose name stands beside it: `{"name":"DB_PASSWORD","value":"…"}`, the same in YAML or `--set`, and a JSON
//! patch of `/env/0/value`.

use super::{Span, names};

pub fn values(text: &[u8], spans: &mut Vec<Span>) {
    let fields = fields(text);
    for (i, field) in fields.iter().enumerate().filter(|(_, f)| f.key == b"value") {
        // The name is nearer than any other value, before or behind.
        let before = fields[..i].iter().rev().take_while(|f| f.key != b"value");
        let behind = fields[i + 1..].iter().take_while(|f| f.key != b"value");
        let within = |other: &&Field| !leaves(text, field, other);
        let announced = before.chain(behind).filter(within).any(|other| {
            let named = &text[other.start..other.end];
            match other.key {
                b"name" => names::is_secret(named),
                b"path" => is_secret_path(named),
                _ => false,
            }
        });
        if announced && field.start < field.end {
            spans.push(Span { start: field.start, end: field.end, kind: "option" });
        }
    }
}

/// `/spec/template/spec/containers/0/env/1/value`, `/data/password`.
fn is_secret_path(path: &[u8]) -> bool {
    super::uri::find(path, b"/env/").is_some()
        || path.rsplit(|b| *b == b'/').next().is_some_and(names::is_secret)
}

/// `name: x`, `"value":"x"`, `env[0].name=x`: the last part of the key, and where its value stands.
struct Field<'t> {
    key: &'t [u8],
    start: usize,
    end: usize,
}

fn fields(text: &[u8]) -> Vec<Field<'_>> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(sign) = text[at..].iter().position(|b| matches!(b, b':' | b'=')).map(|i| at + i) {
        at = sign + 1;
        let head = text[..sign].trim_ascii_end();
        let head = head.strip_suffix(b"\"").or(head.strip_suffix(b"'")).unwrap_or(head);
        let from = head.iter().rposition(|b| !b.is_ascii_alphanumeric()).map_or(0, |i| i + 1);
        let key = &head[from..];
        if !matches!(key, b"name" | b"value" | b"path") {
            continue;
        }
        let start = at + text[at..].iter().take_while(|b| **b == b' ').count();
        let (start, end) = match text.get(start) {
            Some(quote @ (b'"' | b'\'')) => (start + 1, closing(text, start + 1, *quote)),
            Some(_) | None => {
                let ends = |b: &u8| matches!(b, b',' | b'}' | b']' | b'\n');
                (start, text[start..].iter().position(ends).map_or(text.len(), |i| start + i))
            }
        };
        all.push(Field { key, start, end });
        at = at.max(end);
    }
    all
}

/// Whether an object ends between the two.
fn leaves(text: &[u8], a: &Field, b: &Field) -> bool {
    let (from, to) = if a.start < b.start { (a.end, b.start) } else { (b.end, a.start) };
    text.get(from..to).is_some_and(|between| between.contains(&b'}'))
}

fn closing(text: &[u8], mut at: usize, quote: u8) -> usize {
    while at < text.len() && text[at] != quote {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    at.min(text.len())
}
