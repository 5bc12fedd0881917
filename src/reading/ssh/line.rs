//! ssh's command line: getopt as BSD has it, twice, because options may follow the host until the first word of the
//! remote command. Must never take an option of the remote command for one of ssh.

use crate::invocation::Invocation;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// Letters without a value (OpenSSH 9.2 to 10).
const FLAGS: &[u8] = b"1246ACGKMNTVXYZafgknqstvxy";
/// Letters with one.
const VALUES: &[u8] = b"BDEFIJLOPQRSWbceilmopw";

/// One option or the host, in the order in which ssh takes them in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    Flag(char),
    Value(char, String),
    Host(String),
}

/// The words taken apart.
#[derive(Clone, Debug, Default)]
pub struct Line {
    pub words: Vec<Word>,
    /// Where the remote command begins in `invocation.args()`.
    pub command: Vec<OsString>,
    pub host: Option<String>,
    /// Where the host stands in `invocation.args()`.
    pub host_at: Option<usize>,
}

impl Line {
    pub fn has(&self, letter: char) -> bool {
        self.words.iter().any(|w| match w {
            Word::Flag(l) | Word::Value(l, _) => *l == letter,
            Word::Host(_) => false,
        })
    }

    /// The remote command as ssh sends it: its words joined by single spaces.
    pub fn joined(&self) -> OsString {
        let words: Vec<&[u8]> = self.command.iter().map(|w| w.as_bytes()).collect();
        OsString::from_vec(words.join(&b' '))
    }
}

/// Takes the command line apart; `Err` is a usage error.
pub fn parse(invocation: &Invocation) -> Result<Line, String> {
    let args = invocation.args();
    let mut line = Line::default();
    let mut at = options(args, 0, &mut line.words)?;
    // As ssh asks it: the word before the host, also where it is an option's value.
    let ended = at > 0 && args[at - 1] == "--";
    if let Some(host) = args.get(at) {
        let host = host.to_string_lossy().into_owned();
        line.words.push(Word::Host(host.clone()));
        line.host = Some(host);
        line.host_at = Some(at);
        at += 1;
        if !ended && at < args.len() {
            at = options(args, at, &mut line.words)?;
        }
        line.command = args[at..].to_vec();
    }
    Ok(line)
}

/// Options from `at` on; where the first word stands that is none.
fn options(args: &[OsString], mut at: usize, words: &mut Vec<Word>) -> Result<usize, String> {
    while let Some(word) = args.get(at) {
        let bytes = word.as_bytes();
        let Some(letters) = bytes.strip_prefix(b"-").filter(|l| !l.is_empty()) else { break };
        at += 1;
        if letters == b"-" {
            break;
        }
        for (i, letter) in letters.iter().enumerate() {
            if FLAGS.contains(letter) {
                words.push(Word::Flag(char::from(*letter)));
                continue;
            }
            if !VALUES.contains(letter) {
                return Err(format!("ssh does not know the option -{}", char::from(*letter)));
            }
            let glued = &letters[i + 1..];
            let value = if glued.is_empty() {
                at += 1;
                let next =
                    args.get(at - 1).ok_or_else(|| format!("-{} needs a value", char::from(*letter)))?;
                next.to_string_lossy().into_owned()
            } else {
                String::from_utf8_lossy(glued).into_owned()
            };
            words.push(Word::Value(char::from(*letter), value));
            break;
        }
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Stdin;

    fn words(line: &str) -> Result<String, String> {
        let argv = line.split(' ').map(OsString::from).collect();
        let line = parse(&Invocation::here(argv, Stdin::Terminal).expect("cwd"))?;
        let word = |w: &Word| match w {
            Word::Flag(l) => format!("-{l}"),
            Word::Value(l, v) => format!("-{l}={v}"),
            Word::Host(h) => h.clone(),
        };
        let words: Vec<String> = line.words.iter().map(word).collect();
        Ok(format!("{} | {}", words.join(" "), line.joined().to_string_lossy()))
    }

    #[test]
    fn options_follow_the_host_until_the_command_begins() {
        for (line, found) in [
            ("ssh -tp33 h -lbob rm -rf /", "-t -p=33 h -l=bob | rm -rf /"),
            ("ssh h -- rm -v", "h | rm -v"),
            ("ssh -- h -v", "h | -v"),
            ("ssh -o User=a h", "-o=User=a h | "),
            ("ssh -l -- h -v", "-l=-- h | -v"),
            ("ssh -vN", "-v -N | "),
            ("ssh h - x", "h | - x"),
        ] {
            assert_eq!(words(line).as_deref(), Ok(found), "{line}");
        }
        for line in ["ssh -d h", "ssh h -p", "ssh --help", "ssh -h"] {
            assert!(words(line).is_err(), "{line}");
        }
    }
}
