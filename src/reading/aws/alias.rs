//! `~/.aws/cli/alias`: other names for commands, and shell commands behind a name.
//! Must never leave out a word that the alias adds.

use super::super::ini::Ini;
use crate::invocation::{Invocation, ReadError};

/// What an alias stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Alias {
    /// The words it is replaced by.
    Words(Vec<String>),
    /// A shell command, which gets the other words behind it.
    Shell(String),
}

/// The alias of a name in a section: `toplevel`, or `command ec2` (version 2).
pub(super) fn find(invocation: &Invocation, section: &str, name: &str) -> Result<Option<Alias>, String> {
    let Some(home) = invocation.home() else { return Ok(None) };
    let bytes = match invocation.read(home.join(".aws/cli/alias")) {
        Ok(bytes) => bytes,
        Err(ReadError::Missing) => return Ok(None),
        Err(error) => return Err(format!("~/.aws/cli/alias: {error}")),
    };
    let ini = Ini::parse(&bytes).map_err(|why| format!("~/.aws/cli/alias: {why}"))?;
    let Some(value) = ini.get(section, name).map(str::trim) else { return Ok(None) };
    match value.strip_prefix('!') {
        Some(shell) => Ok(Some(Alias::Shell(shell.to_owned()))),
        None => split(value).map(|words| Some(Alias::Words(words))),
    }
}

/// Python's `shlex.split`: quotes and backslashes, nothing else means anything.
pub(crate) fn split(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = text.chars();
    while let Some(c) = letters.next() {
        match (quote, c) {
            (None, c) if c.is_ascii_whitespace() => words.extend(word.take()),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(open), c) if open == c => quote = None,
            (None | Some('"'), '\\') => {
                let next = letters.next().ok_or("it ends in a backslash")?;
                let word = word.get_or_insert_default();
                if quote.is_some() && next != '"' && next != '\\' {
                    word.push('\\');
                }
                word.push(next);
            }
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed".into());
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_python_does() {
        assert_eq!(split(r#"ec2  a\ b 'c "d' "e\"f\g" ''"#).expect("splits"), ["ec2", "a b", "c \"d", "e\"f\\g", ""]);
        assert!(split("'a").is_err());
    }
}
