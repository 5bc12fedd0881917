//! Aliases of gh (`config.yml`) and glab (`aliases.yml`): words with `$1`, or a shell line behind `!`.
//! Must never shadow a command that the program has itself.

use super::directory;
use crate::invocation::{Invocation, ReadError};
use crate::reading::Tool;
use crate::reading::kubectl::yaml::{self, Node};
use std::ffi::OsString;

/// What the first words amount to.
pub enum Alias {
    None,
    Words(Vec<OsString>),
    Shell(Vec<OsString>),
    Unreadable(String),
}

/// Replaces an alias by its words.
pub fn expand(invocation: &Invocation, tool: &Tool) -> Alias {
    let words: Vec<String> = invocation.args().iter().map(|w| w.to_string_lossy().into_owned()).collect();
    let Some(first) = words.first().filter(|w| !w.starts_with('-')) else { return Alias::None };
    if OWN.contains(&first.as_str()) || tool.groups.contains(first) {
        return Alias::None;
    }
    let aliases = match aliases(invocation, &tool.program) {
        Ok(aliases) => aliases,
        Err(why) => return Alias::Unreadable(why),
    };
    // Names may have several words; the longest counts.
    for length in (1..=words.len().min(4)).rev() {
        if let Some(text) = aliases.get(&words[..length].join(" ")).and_then(Node::text) {
            return expanded(text, &words[length..]);
        }
    }
    Alias::None
}

/// Commands that are no groups; aliases cannot take their names.
const OWN: &[&str] = &[
    "api",
    "browse",
    "status",
    "help",
    "version",
    "completion",
    "co",
    "check-update",
    "duo",
    "changelog",
    "search",
];

fn aliases(invocation: &Invocation, program: &str) -> Result<Node, String> {
    let file = if program == "glab" { "aliases.yml" } else { "config.yml" };
    let Some(path) = directory(invocation, program).map(|d| d.join(file)) else { return Ok(Node::Null) };
    if invocation.place().is_some() {
        return Ok(Node::Null);
    }
    let text = match invocation.read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(ReadError::Missing) => return Ok(Node::Null),
        Err(error) => {
            return Err(format!("{}: {error}", crate::text::show(path.as_os_str().as_encoded_bytes())));
        }
    };
    let node = yaml::first_document(&text)?;
    Ok(if program == "glab" { node } else { node.get("aliases").cloned().unwrap_or(Node::Null) })
}

fn expanded(text: &str, rest: &[String]) -> Alias {
    if let Some(script) = text.strip_prefix('!') {
        let mut words: Vec<OsString> = vec!["sh".into(), "-c".into(), script.into(), "--".into()];
        words.extend(rest.iter().map(OsString::from));
        return Alias::Shell(words);
    }
    let mut text = text.to_owned();
    let mut extra = Vec::new();
    for (at, word) in rest.iter().enumerate() {
        let place = format!("${}", at + 1);
        if text.contains(&place) {
            text = text.replace(&place, word);
        } else {
            extra.push(word.clone());
        }
    }
    let Some(mut words) = split(&text) else {
        return Alias::Unreadable("the alias cannot be taken apart".to_owned());
    };
    words.extend(extra);
    Alias::Words(words.into_iter().map(OsString::from).collect())
}

/// Words with quotes and backslashes; `None` for an open quote.
fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut letters = text.chars();
    while let Some(c) = letters.next() {
        match (quote, c) {
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') => word.get_or_insert_default().push(letters.next()?),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}
