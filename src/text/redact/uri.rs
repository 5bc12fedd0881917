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
            continue;
        };
        if let Some(colon) = text[authority..user_end].iter().position(|b| *b == b':') {
            spans.push(Span { start: authority + colon + 1, end: user_end, kind: "uri-password" });
        }
    }
}

pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|w| w == needle)
}
