//! Secrets known by their shape: tokens with a fixed beginning, private key blocks, and long random text.

use super::Span;
use super::uri::find;

/// A token's beginning, and how many of its characters follow at least.
const TOKENS: &[(&str, usize)] = &[
    ("AKIA", 16),
    ("ASIA", 16),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghu_", 30),
    ("ghs_", 30),
    ("ghr_", 30),
    ("github_pat_", 30),
    ("glpat-", 16),
    ("gldt-", 16),
    ("glrt-", 16),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xoxr-", 10),
    ("xoxs-", 10),
    ("xapp-", 10),
    ("sk-", 20),
    ("sk-proj-", 16),
    ("sk-ant-", 16),
    ("sk-svcacct-", 16),
    ("sk-or-v1-", 16),
    ("sk_live_", 16),
    ("sk_test_", 16),
    ("rk_live_", 16),
    ("rk_test_", 16),
    ("whsec_", 16),
    ("hvs.", 20),
    ("s.", 24),
    ("hvb.", 20),
    ("hvr.", 20),
    ("AIza", 35),
    ("ya29.", 20),
    ("npm_", 30),
    ("pypi-", 40),
    ("dckr_pat_", 20),
    ("dop_v1_", 40),
    ("doo_v1_", 40),
    ("dor_v1_", 40),
    ("rubygems_", 40),
    ("lin_api_", 30),
    ("hf_", 30),
    ("gsk_", 30),
    ("sntrys_", 30),
    ("sntryu_", 30),
    ("GOCSPX-", 20),
    ("PMAK-", 30),
    ("glptt-", 16),
    ("glcbt-", 16),
    ("xoxc-", 10),
    ("xoxd-", 10),
    ("xoxe-", 10),
    ("xoxe.xox", 10),
    ("SG.", 40),
    ("AGE-SECRET-KEY-1", 40),
    ("atlasv1.", 40),
    ("dapi", 32),
    ("shpat_", 30),
    ("tskey-", 16),
    ("eyJ", 30),
];
const PEM: (&[u8], &[u8]) = (b"-----BEGIN ", b"PRIVATE KEY");

/// Bytes that a token or key begins with: most of a text is passed over by them.
const BEGINS: [bool; 256] = {
    let mut begins = [false; 256];
    begins[PEM.0[0] as usize] = true;
    let mut at = 0;
    while at < TOKENS.len() {
        begins[TOKENS[at].0.as_bytes()[0] as usize] = true;
        at += 1;
    }
    begins
};

pub fn tokens(text: &[u8], spans: &mut Vec<Span>) {
    for at in 0..text.len() {
        if at > 0 && text[at - 1].is_ascii_alphanumeric() {
            continue;
        }
        if !BEGINS[usize::from(text[at])] {
            continue;
        }
        for (prefix, least) in TOKENS {
            if !text[at..].starts_with(prefix.as_bytes()) {
                continue;
            }
            let body = at + prefix.len();
            let length =
                text[body..].iter().take_while(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b)).count();
            if length >= *least && fits(prefix, &text[body..body + length]) {
                spans.push(Span { start: at, end: body + length, kind: "token" });
            }
        }
        if text[at..].starts_with(PEM.0) {
            private_key(text, at, spans);
        }
    }
}

/// Beginnings that words of everyday names share need a second look.
fn fits(prefix: &str, body: &[u8]) -> bool {
    match prefix {
        // A JSON web token has three parts.
        "eyJ" => body.iter().filter(|b| **b == b'.').count() >= 2,
        "AKIA" | "ASIA" => body.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
        "dapi" => body.iter().all(u8::is_ascii_hexdigit),
        // A name in a domain called s has dots or hyphens.
        "s." => {
            body.iter().all(u8::is_ascii_alphanumeric)
                && body.iter().any(u8::is_ascii_digit)
                && body.iter().any(u8::is_ascii_uppercase)
        }
        "sk-proj-" | "sk-ant-" | "sk-svcacct-" | "sk-or-v1-" => body.iter().any(u8::is_ascii_digit),
        "sk-" | "npm_" | "hf_" | "gsk_" => {
            body.iter().any(u8::is_ascii_digit) && body.iter().any(u8::is_ascii_uppercase)
        }
        _ => true,
    }
}

/// From the first base64 line to the END line; without one, to the end of the text.
fn private_key(text: &[u8], at: usize, spans: &mut Vec<Span>) {
    let line = text[at..].iter().position(|b| *b == b'\n').map_or(text.len(), |i| at + i);
    let Some(label) = find(&text[at..line], PEM.1) else { return };
    let start = at + label + PEM.1.len();
    let start = start + text[start..].iter().take_while(|b| **b == b'-').count();
    let end = find(&text[start..], b"-----END").map_or(text.len(), |i| start + i);
    spans.push(Span { start, end, kind: "private-key" });
}

const LONG: usize = 28;

/// Long runs that change between lower case, upper case and digits as only random text does. Digests, UUIDs
/// and pod names have one case; names in camel case change rarely.
pub fn random_runs(text: &[u8], spans: &mut Vec<Span>) {
    let in_run = |b: u8| b.is_ascii_alphanumeric() || b"+=_-".contains(&b);
    let mut at = 0;
    while at < text.len() {
        let length = text[at..].iter().take_while(|b| in_run(**b)).count();
        if length >= LONG && is_random(&text[at..at + length]) {
            spans.push(Span { start: at, end: at + length, kind: "random" });
        }
        at += length.max(1);
    }
    whole_with_slashes(text, spans);
}

/// Base64 with slashes in it: only a whole word or value of exactly an AWS secret's length, which no path has
/// by accident and at random.
fn whole_with_slashes(text: &[u8], spans: &mut Vec<Span>) {
    let start = text.iter().position(|b| matches!(b, b'=' | b':')).map_or(0, |i| i + 1);
    let value = &text[start..];
    let base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+');
    if value.len() == 40 && value.iter().all(base64) && !value.starts_with(b"/") && is_random(value) {
        spans.push(Span { start, end: text.len(), kind: "random" });
    }
}

fn is_random(run: &[u8]) -> bool {
    let class = |b: u8| match b {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let count = |wanted| run.iter().filter(|b| class(**b) == wanted).count();
    let changes = run.windows(2).filter(|w| class(w[0]) != class(w[1])).count();
    count(0) >= 3 && count(1) >= 3 && count(2) >= 2 && changes * 100 >= run.len() * 42
}
