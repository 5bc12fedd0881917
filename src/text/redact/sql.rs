//! Passwords in SQL: the literal after PASSWORD or IDENTIFIED … BY, in every way PostgreSQL and MySQL
//! write one (PostgreSQL 17, 4.1.2: '…', E'…', U&'…', $tag$…$tag$; MySQL "…").

use super::Span;

pub fn passwords(text: &[u8], spans: &mut Vec<Span>) {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let mut at = 0;
    // Words since IDENTIFIED: `IDENTIFIED BY`, `IDENTIFIED WITH plugin BY`.
    let mut since = usize::MAX;
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
        if !announces {
            continue;
        }
        let at_value = after_for(text, at).unwrap_or(at);
        at = at.max(at_value);
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

/// `SET PASSWORD FOR 'user'@'host' =`: behind the sign.
fn after_for(text: &[u8], at: usize) -> Option<usize> {
    let blank = text[at..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    let rest = &text[at + blank..];
    let user = rest.get(..3).is_some_and(|w| w.eq_ignore_ascii_case(b"for"))
        && rest.get(3).is_some_and(u8::is_ascii_whitespace);
    let sign = rest.iter().position(|b| matches!(b, b'=' | b';')).filter(|_| user)?;
    (rest[sign] == b'=').then_some(at + blank + sign + 1)
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
