//! Passwords in SQL: the literal after PASSWORD or IDENTIFIED … BY, in every way PostgreSQL and MySQL
//! write one (PostgreSQL 17, 4.1.2: '…', E'…', U&'…', $tag$…$tag$; MySQL "…").

use super::Span;

pub fn passwords(text: &[u8], spans: &mut Vec<Span>) {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let mut at = 0;
    // Words since IDENTIFIED: `IDENTIFIED BY`, `IDENTIFIED WITH plugin BY`.
    let mut since = usize::MAX;
    let mut set_password = false;
    while at < text.len() {
        let length = text[at..].iter().take_while(|b| is_word(**b)).count();
        if length == 0 {
            at += 1;
            continue;
        }
        let word = &text[at..at + length];
        at += length;
        since = if word.eq_ignore_ascii_case(b"identified") { 0 } else { since.saturating_add(1) };
        let announces =
            word.eq_ignore_ascii_case(b"password") || (word.eq_ignore_ascii_case(b"by") && since <= 3);
        if SECRET_ARGUMENTS.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes())) {
            at = arguments(text, at, spans);
            continue;
        }
        // MySQL: SET PASSWORD FOR 'app'@'%' = '…'
        if word.eq_ignore_ascii_case(b"for") && set_password {
            if let Some((from, to)) = after_equals(text, at) {
                spans.push(Span { start: from, end: to, kind: "sql-password" });
                at = at.max(to);
            }
            continue;
        }
        set_password = word.eq_ignore_ascii_case(b"password");
        if !announces {
            continue;
        }
        let start = at
            + text[at..].iter().take_while(|b| b.is_ascii_whitespace() || matches!(b, b'=' | b'(')).count();
        if (start > at || text[at - 1] == b'=')
            && let Some((from, to)) = literal(text, start)
        {
            spans.push(Span { start: from, end: to, kind: "sql-password" });
            at = at.max(to);
        }
    }
}

/// Functions that passwords and keys are given to.
const SECRET_ARGUMENTS: &[&str] = &[
    "crypt",
    "encrypt",
    "decrypt",
    "encrypt_iv",
    "decrypt_iv",
    "old_password",
    "md5",
    "sha",
    "sha1",
    "sha2",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "digest",
    "hmac",
    "pgp_sym_encrypt",
    "pgp_sym_decrypt",
    "pgp_sym_encrypt_bytea",
    "pgp_sym_decrypt_bytea",
    "aes_encrypt",
    "aes_decrypt",
];

/// The literals between the parentheses that open at `at`, also of calls within; returns where it ends.
fn arguments(text: &[u8], at: usize, spans: &mut Vec<Span>) -> usize {
    let open = at + text[at..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    if text.get(open) != Some(&b'(') {
        return at;
    }
    let (mut at, mut depth) = (open, 0_usize);
    while at < text.len() {
        match text[at] {
            b'(' => depth += 1,
            b')' if depth <= 1 => return at,
            b')' => depth -= 1,
            b'\'' | b'"' | b'$' => {
                if let Some((from, to)) = literal(text, at) {
                    spans.push(Span { start: from, end: to, kind: "sql-password" });
                    at = to.max(at);
                    // A dollar quote's closing tag begins with a sign that would open the next.
                    at += if text.get(at) == Some(&b'$') {
                        text[at + 1..].iter().take_while(|b| **b != b'$').count() + 1
                    } else {
                        0
                    };
                }
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// The literal behind the next `=`, before the statement ends.
fn after_equals(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let sign =
        at + text[at..].iter().position(|b| matches!(b, b'=' | b';')).filter(|i| text[at + i] == b'=')?;
    let start = sign + 1 + text[sign + 1..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    literal(text, start)
}

/// The inside of a literal that begins at `at`.
fn literal(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let rest = &text[at..];
    let prefix = if rest.starts_with(b"U&") || rest.starts_with(b"u&") {
        2
    } else {
        usize::from(matches!(rest.first(), Some(b'E' | b'e' | b'N' | b'n')) && rest.get(1) == Some(&b'\''))
    };
    match rest.get(prefix)? {
        b'$' => dollars(text, at),
        quote @ (b'\'' | b'"') => {
            let start = at + prefix + 1;
            Some((start, closing(text, start, *quote)))
        }
        _ => None,
    }
}

/// Doubled quotes and backslashes stay inside: where a backslash means nothing, this hides a little more.
fn closing(text: &[u8], mut at: usize, quote: u8) -> usize {
    while at < text.len() {
        if text[at] == b'\\' || (text[at] == quote && text.get(at + 1) == Some(&quote)) {
            at += 2;
        } else if text[at] == quote {
            return at;
        } else {
            at += 1;
        }
    }
    text.len()
}

fn dollars(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let length = text[at + 1..].iter().position(|b| *b == b'$')?;
    let tag = &text[at..at + length + 2];
    if !tag[1..=length].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_') {
        return None;
    }
    let start = at + tag.len();
    let end = super::uri::find(&text[start..], tag).map_or(text.len(), |i| start + i);
    Some((start, end))
}
