//! Script text to a syntax tree, by a parser made elsewhere. Must never let a hostile text take the process down:
//! the parser runs on a thread of its own, with a large stack and a time limit.

use super::{cases, parens};
use brush_parser::ParserOptions;
use brush_parser::ast::Program;
use std::sync::mpsc;
use std::time::Duration;

const LONGEST: usize = 512 << 10;
/// How many openers of nested constructs a script may have: each costs the parser some 10 KiB of stack.
const MOST_OPENERS: usize = 2_000;
const STACK: usize = 256 << 20;
const PATIENCE: Duration = Duration::from_secs(2);

/// Parses a script as bash does.
pub fn parse(text: &str) -> Result<Program, String> {
    if text.len() > LONGEST {
        return Err("a script that is too long to be read".into());
    }
    if openers(text) > MOST_OPENERS
        || text.matches('`').count() > MOST_OPENERS
        || long_number(text)
        || text.contains('\0')
    {
        return Err("a script that the parser cannot take".into());
    }
    let text = text.to_owned();
    let (send, receive) = mpsc::channel();
    let work = move || {
        let options = ParserOptions { enable_extended_globbing: false, ..ParserOptions::default() };
        let parsed = parens::parse(&text, &options);
        let parsed = parsed.or_else(|error| {
            // Within `[[ ]]` bash takes `@(a|b)` and the like whatever is set.
            let patterns = ParserOptions { enable_extended_globbing: true, ..options.clone() };
            let tests = patterns_in_tests_only(&text);
            let options = if tests { &patterns } else { &options };
            let again = |text: String| parens::parse(&text, options).ok();
            let selected = without_select(&text);
            let found = selected.clone().or_else(|| tests.then(|| text.clone())).and_then(again);
            let filled = || with_conditions(selected.as_deref().unwrap_or(&text)).and_then(again);
            let paired = || cases::with_parens(selected.as_deref().unwrap_or(&text)).and_then(again);
            found.or_else(filled).or_else(paired).ok_or(error)
        });
        let _ = send.send(parsed.map_err(|e| format!("it cannot be parsed: {e}")));
    };
    let started = std::thread::Builder::new().stack_size(STACK).spawn(work);
    started.map_err(|_| "no thread to parse it on".to_owned())?;
    match receive.recv_timeout(PATIENCE) {
        Ok(parsed) => parsed,
        Err(mpsc::RecvTimeoutError::Timeout) => Err("it takes too long to parse".into()),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err("the parser gave up".into()),
    }
}

/// A line that ends within quotes or a substitution, with what closes it: a shell at a terminal waits for the rest, any
/// other runs none of it. `None` for one that parses, or is wrong in another way.
pub fn completed(text: &str) -> Option<String> {
    const DEEPEST: usize = 3;
    let mut text = text.to_owned();
    for round in 0..=DEEPEST {
        let Err(why) = parse(&text) else { return (round > 0).then_some(text) };
        let closer = [
            ("single quote", '\''),
            ("double quote", '"'),
            ("expansion", ')'),
            ("command substitution", ')'),
        ];
        let (_, closer) = closer.iter().find(|(what, _)| why.contains(&format!("unterminated {what}")))?;
        text.push(*closer);
    }
    None
}

/// Whether `@(a|b)` and the like stand within `[[ ]]` and nowhere else: in a command's words they are patterns for
/// paths where extglob is set, and errors where it is not.
fn patterns_in_tests_only(text: &str) -> bool {
    const OPENERS: &[&str] = &["?(", "*(", "+(", "@(", "!("];
    let holds = |part: &str| OPENERS.iter().any(|opener| part.contains(opener));
    let (mut rest, mut within) = (text, false);
    while let Some(at) = rest.find("[[") {
        let end = rest[at..].find("]]").map_or(rest.len(), |end| at + end);
        if holds(&rest[..at]) {
            return false;
        }
        within |= holds(&rest[at..end]);
        rest = &rest[end..];
    }
    within && !holds(rest)
}

/// The script with `for` in the place of each `select`, which the parser does not take: its body runs with one
/// of the words, chosen by a person. `None` without any.
fn without_select(text: &str) -> Option<String> {
    const BEFORE: &[&str] = &["do", "then", "else", "{", "(", "!"];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("select") {
        let (before, after) = (&rest[..at], &rest[at + "select".len()..]);
        out.push_str(before);
        rest = after;
        let line = out.trim_end_matches([' ', '\t']);
        let begins = line.is_empty()
            || line.ends_with([';', '\n', '&', '|'])
            || BEFORE.iter().any(|word| line.ends_with(word)) && line.len() < out.len();
        let mut words = after.split_ascii_whitespace();
        let first = words.next().unwrap_or("");
        let name = first.strip_suffix(';').unwrap_or(first);
        let next = words.next().unwrap_or("");
        let named = after.starts_with([' ', '\t'])
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && (next == "in" && name == first || next == "do" || next == "in;");
        out.push_str(if begins && named { "for" } else { "select" });
    }
    out.push_str(rest);
    (out != text).then_some(out)
}

/// The script with `1` for each part of `for ((;;))` that is left out, which the parser does not take; `None`
/// without such a loop.
fn with_conditions(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len() + 8);
    let (mut rest, mut filled) = (text, false);
    while let Some(at) = rest.find("((") {
        let (before, after) = rest.split_at(at + 2);
        out.push_str(before);
        rest = after;
        let Some(end) = after.find("))").filter(|_| before[..at].trim_end().ends_with("for")) else {
            continue;
        };
        let parts: Vec<&str> = after[..end].split(';').collect();
        if parts.len() == 3 && parts.iter().any(|part| part.trim().is_empty()) {
            let part = |part: &&str| if part.trim().is_empty() { "1".to_owned() } else { (*part).to_owned() };
            out.push_str(&parts.iter().map(part).collect::<Vec<_>>().join(";"));
            rest = &after[end..];
            filled = true;
        }
    }
    out.push_str(rest);
    filled.then_some(out)
}

/// Whether a word nests, or repeats, more than any reader of words should follow: each level is a call deeper.
pub fn is_tangled(word: &str) -> bool {
    const MOST: usize = 300;
    word.len() > MOST
        && (word.matches("${").count() > MOST
            || word.matches('{').count() > MOST
            || word.matches("$(").count() > MOST
            || word.matches('`').count() > MOST)
}

fn openers(text: &str) -> usize {
    const WORDS: &[&str] =
        &["{", "if", "while", "until", "for", "case", "coproc", "function", "!", "do", "elif"];
    let words = text.split(|c: char| c.is_whitespace() || ";&|()".contains(c));
    text.matches('(').count() + words.filter(|w| WORDS.contains(w)).count()
}

/// A number before a redirection that no descriptor has.
fn long_number(text: &str) -> bool {
    let mut digits = 0;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'<' | b'>' if digits > 8 => return true,
            b'\\' | b'\n' => {}
            _ => digits = 0,
        }
    }
    false
}
