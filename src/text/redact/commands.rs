//! Secrets among a tool's own commands, where no option announces them: `CONFIG SET requirepass …`,
//! `ACL SETUSER … >…`, `vault login …`, and what is piped into `sudo -S`.

use super::Span;

/// Adds the spans of a command line, or of the words of a script.
pub fn in_words(words: &[&[u8]], spans: &mut [Vec<Span>]) {
    redis(words, spans);
    if let Some(at) = named(words, &["vault", "bao"]) {
        vault(&words[at + 1..], &mut spans[at + 1..]);
    }
}

/// Where a program of one of these names stands, with or without its directory.
fn named(words: &[&[u8]], names: &[&str]) -> Option<usize> {
    words.iter().position(|word| {
        let name = word.rsplit(|b| *b == b'/').next().unwrap_or(word);
        names.iter().any(|n| n.as_bytes() == name)
    })
}

fn whole(word: &[u8], spans: &mut Vec<Span>) {
    spans.push(Span { start: 0, end: word.len(), kind: "option" });
}

/// Settings of a Redis server that hold a password.
const SETTINGS: &[&str] = &[
    "requirepass",
    "masterauth",
    "tls-key-file-pass",
    "tls-client-key-file-pass",
    "sentinel-pass",
    "auth-pass",
];

/// AUTH, CONFIG SET, ACL SETUSER, HELLO and MIGRATE. AUTH counts in capitals, or in the words of redis-cli.
fn redis(words: &[&[u8]], spans: &mut [Vec<Span>]) {
    let own = named(words, &["redis-cli", "valkey-cli", "keydb-cli"]).is_some();
    let is = |i: usize, text: &str| words.get(i).is_some_and(|w| w.eq_ignore_ascii_case(text.as_bytes()));
    let mut user = usize::MAX;
    for i in 0..words.len() {
        if SETTINGS.iter().any(|s| is(i, s))
            && let Some(next) = words.get(i + 1)
        {
            whole(next, &mut spans[i + 1]);
        }
        if is(i, "setuser") && i > 0 && is(i - 1, "acl") {
            user = i + 1;
        }
        // `>password`, `<password`, `#hash`, `!hash`
        if i > user && words[i].len() > 1 && b"><#!".contains(&words[i][0]) {
            spans[i].push(Span { start: 1, end: words[i].len(), kind: "option" });
        }
        let auth = (own && is(i, "auth")) || matches!(words[i], b"AUTH" | b"AUTH2");
        if auth {
            // One word is a password; of two the second is, and the first may be one.
            for at in i + 1..(i + 3).min(words.len()) {
                if words[at].starts_with(b"-") || (at > i + 1 && is(at, "setname")) {
                    break;
                }
                whole(words[at], &mut spans[at]);
            }
        }
    }
}

/// Commands of vault whose operand is a token or a key.
const TAKES_TOKEN: &[&[&str]] = &[
    &["token", "revoke"],
    &["token", "lookup"],
    &["token", "renew"],
    &["token", "capabilities"],
    &["login"],
    &["unwrap"],
    &["operator", "unseal"],
    &["operator", "rekey"],
    &["operator", "generate-root"],
];

/// Commands whose `NAME=value` operands are what is kept.
const KEEPS: &[&[&str]] = &[&["kv", "put"], &["kv", "patch"], &["write"]];

fn vault(words: &[&[u8]], spans: &mut [Vec<Span>]) {
    let operands: Vec<usize> = (0..words.len()).filter(|i| !words[*i].starts_with(b"-")).collect();
    let begins = |verbs: &&&[&str]| {
        let word = |i: usize| operands.get(i).map(|at| words[*at]);
        verbs.iter().enumerate().all(|(i, verb)| word(i) == Some(verb.as_bytes()))
    };
    let accessor = words.iter().any(|w| w.starts_with(b"-accessor") || w.starts_with(b"--accessor"));
    if let Some(verbs) = TAKES_TOKEN.iter().find(begins).filter(|_| !accessor) {
        for at in operands.iter().skip(verbs.len()) {
            let start = words[*at].iter().position(|b| *b == b'=').map_or(0, |cut| cut + 1);
            spans[*at].push(Span { start, end: words[*at].len(), kind: "option" });
        }
    }
    if let Some(verbs) = KEEPS.iter().find(begins) {
        for at in operands.iter().skip(verbs.len()) {
            let file = |cut: &usize| matches!(words[*at].get(cut + 1), Some(b'@' | b'-') | None);
            let cut = words[*at].iter().position(|b| *b == b'=').filter(|cut| !file(cut));
            spans[*at].extend(cut.map(|cut| Span { start: cut + 1, end: words[*at].len(), kind: "option" }));
        }
    }
}

/// `echo PASSWORD | sudo -S …` and `sudo -S … <<< PASSWORD` in a script: all that is written there.
pub fn for_sudo(script: &[u8], spans: &mut Vec<Span>) {
    let mut begins = 0;
    // Each part is looked through once, however often sudo stands in it.
    for part in script.split_inclusive(|b| b"|;&\n".contains(b)) {
        let end = begins + part.len() - usize::from(part.last().is_some_and(|b| b"|;&\n".contains(b)));
        let mut from = begins;
        let mut reads = None;
        while let Some(at) = super::uri::find(&script[from..end], b"sudo").map(|i| from + i) {
            from = at + 4;
            if reads_password(&script[from..]) {
                reads = Some((at, from));
                break;
            }
        }
        if let Some((at, behind)) = reads {
            piped_in(script, at, spans);
            given_here(script, behind, end, spans);
        }
        begins += part.len();
    }
}

/// What `echo` or `printf` in front of the pipe says.
fn piped_in(script: &[u8], at: usize, spans: &mut Vec<Span>) {
    let before = script[..at].trim_ascii_end();
    let Some(before) = before.strip_suffix(b"|") else { return };
    let begins = before.iter().rposition(|b| b"|;&(\n".contains(b)).map_or(0, |i| i + 1);
    let says = [&b"echo "[..], b"printf "].iter().find_map(|word| {
        let skipped = before[begins..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        before[begins + skipped..].starts_with(word).then(|| begins + skipped + word.len())
    });
    spans.extend(says.map(|start| Span { start, end: before.trim_ascii_end().len(), kind: "option" }));
}

/// The words behind `<<<`.
fn given_here(script: &[u8], mut from: usize, end: usize, spans: &mut Vec<Span>) {
    while let Some(here) = script.get(from..end).and_then(|rest| super::uri::find(rest, b"<<<")) {
        let here = from + here + 3;
        let here = here + script[here..end].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let quote = script.get(here).copied().filter(|b| matches!(b, b'"' | b'\''));
        let closes = |b: &u8| quote.map_or(b.is_ascii_whitespace(), |q| *b == q);
        let start = (here + usize::from(quote.is_some())).min(end);
        let stop = script[start..end].iter().position(closes).map_or(end, |i| start + i);
        spans.push(Span { start, end: stop, kind: "option" });
        from = stop;
    }
}

/// Whether the options right behind `sudo` have `-S` among them.
fn reads_password(rest: &[u8]) -> bool {
    if !rest.first().is_some_and(u8::is_ascii_whitespace) {
        return false;
    }
    let words = rest.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
    let mut options = words.take(6).filter(|w| w.starts_with(b"-"));
    options.any(|w| w == b"--stdin" || (!w.starts_with(b"--") && w.contains(&b'S')))
}
