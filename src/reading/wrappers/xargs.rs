//! xargs: command lines made of words from its standard input (findutils 4.9).
//! Must never show a command line without the words that are added to it.

use super::super::through::{Doubt, Start, Through};
use super::Call;
use crate::invocation::Stdin;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// Command lines that are looked at one by one.
const MOST: usize = 1_000;

pub fn read(call: &Call) -> Through {
    let options = &call.parsed;
    if options.has("--interactive") {
        return Through::nothing(call.invocation, "xargs asks before each command");
    }
    let command: Vec<OsString> = match call.command.is_empty() {
        true => vec!["echo".into()],
        false => call.command.to_vec(),
    };
    let input = match options.last("--arg-file") {
        Some(file) => call.invocation.read(file).ok(),
        None => match call.invocation.stdin() {
            Stdin::Content(text) => Some(text.to_vec()),
            Stdin::Terminal | Stdin::Unread | Stdin::TooMuch => None,
        },
    };
    let lines = input.ok_or_else(|| "the words that xargs adds are not known".to_owned());
    match lines.and_then(|text| command_lines(call, &command, &text)) {
        Ok(lines) => {
            // The command's own input is not what xargs read.
            let stdin = if options.has("--arg-file") {
                call.invocation.stdin().clone()
            } else {
                Stdin::Content([].into())
            };
            let start = |argv| Start {
                invocation: call.invocation.nested(argv).with_stdin(stdin.clone()),
                doubt: None,
            };
            Through::new(call.invocation, lines.into_iter().map(start).collect())
        }
        Err(why) => {
            let first = replaced(call).map_or(command.len(), |mark| {
                let holds = |w: &OsString| find(w.as_bytes(), mark.as_bytes()).is_some();
                command.iter().position(holds).unwrap_or(command.len())
            });
            // One word takes the place of one.
            let single = replaced(call).is_some_and(|mark| {
                let holds = |w: &&OsString| find(w.as_bytes(), mark.as_bytes()).is_some();
                command.iter().filter(holds).count() == 1
            });
            let doubt = Doubt { single, mark: replaced(call), ..Doubt::from_word(first, why) };
            let nested = call.invocation.nested(command).with_stdin(Stdin::TooMuch);
            let mut through =
                Through::new(call.invocation, vec![Start { invocation: nested, doubt: Some(doubt) }]);
            if matches!(call.invocation.stdin(), Stdin::Unread) {
                through.command.traits.add("input", "stdin-unread");
            }
            through
        }
    }
}

/// The text that is replaced, with `-I` or `-i`.
fn replaced(call: &Call) -> Option<String> {
    let last = call.parsed.options.iter().rev().find(|o| o.name == "-I" || o.name == "--replace")?;
    Some(last.value.clone().filter(|v| !v.is_empty()).unwrap_or_else(|| "{}".to_owned()))
}

fn command_lines(call: &Call, command: &[OsString], text: &[u8]) -> Result<Vec<Vec<OsString>>, String> {
    let options = &call.parsed;
    let number = |name: &str| match options.last(name) {
        None => Ok(None),
        Some(word) => word.parse::<usize>().map(Some).map_err(|_| format!("the number after {name}")),
    };
    let mark = replaced(call);
    let delimiter = match options.last("--delimiter") {
        Some(word) => Some(delimiter(word).ok_or("the delimiter of xargs")?),
        None => options.has("--null").then_some(0),
    };
    let end = options.last("-E").or_else(|| options.last("--eof")).filter(|e| !e.is_empty());
    let items = items(text, delimiter, mark.is_some(), end)?;
    if items.is_empty() && (options.has("--no-run-if-empty") || mark.is_some()) {
        return Ok(Vec::new());
    }
    let lines: Vec<Vec<OsString>> = if let Some(mark) = mark {
        let swap = |item: &Vec<u8>| command.iter().map(|w| swap(w, mark.as_bytes(), item)).collect();
        items.iter().map(swap).collect()
    } else {
        let lines =
            number("-L")?.or(number("--max-lines").unwrap_or(Some(1)).filter(|_| options.has("--max-lines")));
        let each = number("--max-args")?.or(lines).unwrap_or(usize::MAX).max(1);
        if lines.is_some() && text.split(|b| *b == b'\n').any(|l| l.iter().any(|b| b" \t".contains(b))) {
            return Err("lines of several words".into());
        }
        let with = |chunk: &[Vec<u8>]| {
            command.iter().cloned().chain(chunk.iter().cloned().map(OsString::from_vec)).collect()
        };
        if items.is_empty() { vec![command.to_vec()] } else { items.chunks(each).map(with).collect() }
    };
    if lines.len() > MOST { Err("too many command lines".into()) } else { Ok(lines) }
}

/// `-d ,`, `-d '\n'`, `-d '\0'`.
fn delimiter(word: &str) -> Option<u8> {
    match word.as_bytes() {
        [one] => Some(*one),
        b"\\n" => Some(b'\n'),
        b"\\t" => Some(b'\t'),
        b"\\0" => Some(0),
        b"\\\\" => Some(b'\\'),
        _ => None,
    }
}

/// The words of the input: cut at a delimiter, or at blanks with quotes and backslashes as xargs reads them.
pub fn items(
    text: &[u8],
    delimiter: Option<u8>,
    by_line: bool,
    end: Option<&str>,
) -> Result<Vec<Vec<u8>>, String> {
    if let Some(delimiter) = delimiter {
        let text = text.strip_suffix(&[delimiter]).unwrap_or(text);
        return Ok(if text.is_empty() {
            Vec::new()
        } else {
            text.split(|b| *b == delimiter).map(<[u8]>::to_vec).collect()
        });
    }
    let mut items: Vec<Vec<u8>> = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\n' => items.extend(word.take()),
            b' ' | b'\t' if !by_line => items.extend(word.take()),
            b' ' | b'\t' if word.is_none() => {}
            b'\'' | b'"' => {
                let word = word.get_or_insert_default();
                loop {
                    match bytes.next() {
                        Some(b) if b == byte => break,
                        Some(b'\n') | None => return Err("xargs stops at a quote that is not closed".into()),
                        Some(b) => word.push(b),
                    }
                }
            }
            b'\\' => word.get_or_insert_default().extend(bytes.next()),
            _ => word.get_or_insert_default().push(byte),
        }
    }
    items.extend(word);
    if let Some(at) = end.and_then(|end| items.iter().position(|i| i == end.as_bytes())) {
        items.truncate(at);
    }
    Ok(items)
}

fn swap(word: &OsString, mark: &[u8], item: &[u8]) -> OsString {
    let mut rest = word.as_bytes();
    let mut out = Vec::new();
    while let Some(at) = find(rest, mark) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(item);
        rest = &rest[at + mark.len()..];
    }
    out.extend_from_slice(rest);
    OsString::from_vec(out)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|w| w == part)
}
