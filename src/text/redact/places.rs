//! Secrets that stand at a known place of a known form: the path of an incoming webhook, a Go driver's
//! `user:password@tcp(host)/db`, and the text of a netrc file. Must never hide which host it is.

use super::Span;
use super::uri::find;

/// Whoever knows the rest of the address may post.
const HOOKS: &[&str] = &[
    "hooks.slack.com/services/",
    "hooks.slack.com/workflows/",
    "hooks.slack.com/triggers/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    ".webhook.office.com/webhookb2/",
    "outlook.office.com/webhook/",
];

pub fn webhooks(text: &[u8], spans: &mut Vec<Span>) {
    if find(text, b"hook").is_none() {
        return;
    }
    for hook in HOOKS {
        let mut from = 0;
        while let Some(at) = find(&text[from..], hook.as_bytes()).map(|i| from + i + hook.len()) {
            let ends = |b: &u8| matches!(b, b'"' | b'\'' | b',' | b')' | b'}') || b.is_ascii_whitespace();
            from = text[at..].iter().position(ends).map_or(text.len(), |i| at + i);
            spans.push(Span { start: at, end: from, kind: "token" });
        }
    }
}

pub fn drivers(text: &[u8], spans: &mut Vec<Span>) {
    for network in [&b"@tcp("[..], b"@tcp6(", b"@unix("] {
        let mut from = 0;
        while let Some(at) = find(&text[from..], network).map(|i| from + i) {
            let begins = |b: &u8| matches!(b, b'"' | b'\'') || b.is_ascii_whitespace();
            let start = text[from..at].iter().rposition(begins).map_or(from, |i| from + i + 1);
            // A scheme's colon is none of the two.
            let start = find(&text[start..at], b"://").map_or(start, |i| start + i + 3);
            if let Some(colon) = text[start..at].iter().position(|b| *b == b':') {
                spans.push(Span { start: start + colon + 1, end: at, kind: "uri-password" });
            }
            from = at + network.len();
        }
    }
}

/// `machine h login u password X`, on one line or many.
pub fn netrc(text: &[u8], spans: &mut Vec<Span>) {
    if !text.iter().any(u8::is_ascii_whitespace) || find(text, b"login").is_none() {
        return;
    }
    let (mut entry, mut login, mut announced, mut at) = (false, false, false, 0);
    for piece in text.split(u8::is_ascii_whitespace) {
        let end = at + piece.len();
        let bare = piece.rsplit(|b| matches!(b, b'=' | b'"' | b'\'')).next().unwrap_or(piece);
        if announced && !piece.is_empty() {
            let tail = piece.iter().rev().take_while(|b| matches!(b, b'"' | b'\'')).count();
            spans.push(Span { start: at, end: end - tail, kind: "option" });
            announced = false;
        } else if matches!(bare, b"machine" | b"default") {
            (entry, login) = (true, false);
        } else if entry && bare == b"login" {
            login = true;
        } else if login {
            announced = bare == b"password";
        }
        at = end + 1;
    }
}
