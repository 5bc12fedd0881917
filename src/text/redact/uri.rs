//! Passwords in URIs: the part after the first colon of the user information (RFC 3986, 3.2.1).

use super::Span;

pub fn passwords(text: &[u8], spans: &mut Vec<Span>) {
    let mut from = 0;
    while let Some(at) = find(&text[from..], b"://").map(|i| from + i) {
        let authority = at + 3;
        from = authority;
        if at == 0 || !text[at - 1].is_ascii_alphanumeric() {
            continue;
        }
        let ends = |b: &u8| matches!(b, b'/' | b'?' | b'#' | b'"' | b'\'') || b.is_ascii_whitespace();
        let end = text[authority..].iter().position(ends).map_or(text.len(), |i| authority + i);
        let Some(user_end) = text[authority..end].iter().rposition(|b| *b == b'@').map(|i| authority + i)
        else {
            unescaped(text, authority, end, spans);
            continue;
        };
        if let Some(colon) = text[authority..user_end].iter().position(|b| *b == b':') {
            spans.push(Span { start: authority + colon + 1, end: user_end, kind: "uri-password" });
        } else if is_key(&text[authority..user_end]) {
            spans.push(Span { start: authority, end: user_end, kind: "uri-password" });
        }
    }
}

/// Sentry's `https://KEY@host/1`: no person is called so.
fn is_key(user: &[u8]) -> bool {
    user.len() == 32 && user.iter().all(u8::is_ascii_hexdigit)
}

/// A password with a `/`, `?` or `#` that should have been escaped; a port is none.
fn unescaped(text: &[u8], authority: usize, end: usize, spans: &mut Vec<Span>) {
    let Some(colon) = text[authority..end].iter().position(|b| *b == b':').map(|i| authority + i) else {
        return;
    };
    let ends = |b: &u8| matches!(b, b'"' | b'\'') || b.is_ascii_whitespace();
    let stop = text[end..].iter().position(ends).map_or(text.len(), |i| end + i);
    let is_port = text[colon + 1..end].iter().all(u8::is_ascii_digit) || text.get(authority) == Some(&b'[');
    if !is_port && let Some(at) = text[end..stop].iter().position(|b| *b == b'@') {
        spans.push(Span { start: colon + 1, end: end + at, kind: "uri-password" });
    }
}

pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|w| w == needle)
}
