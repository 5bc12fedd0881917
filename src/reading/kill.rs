//! kill: which signal to which processes (procps, util-linux, and the shells' own). `-1` may be a signal or every
//! process there is, by where it stands.

use super::{Command, Does, Opt, Reading};
use crate::invocation::Invocation;

/// Signals that end a process, or stop it so that it answers nobody; the rest reads settings again or counts
/// as a message.
const ENDS: &[&str] = &[
    "KILL", "TERM", "INT", "QUIT", "ABRT", "SEGV", "STOP", "TSTP", "PIPE", "ALRM", "BUS", "FPE", "ILL",
    "TRAP", "SYS", "XCPU", "XFSZ", "POLL", "VTALRM", "PROF", "PWR", "9", "15", "2", "3", "6", "19", "11",
    "13", "14",
];

/// Reads one kill command; the operands are the processes.
pub fn read(invocation: &Invocation) -> Reading {
    let mut command = Command::new(invocation, "kill");
    command.verb = "kill".to_owned();
    let words: Vec<String> = invocation.args().iter().map(|w| w.to_string_lossy().into_owned()).collect();
    let mut signal = "TERM".to_owned();
    let (mut at, mut given, mut ended) = (0, false, false);
    while let Some(word) = words.get(at) {
        match word.as_str() {
            "--" if !ended => ended = true,
            "-l" | "-L" | "--list" | "--table" | "--help" | "-h" | "-V" | "--version" | "-p" | "--pid"
                if !ended =>
            {
                command.does = Does::Nothing("it only lists".into());
            }
            "-s" | "-n" | "--signal" if !ended => {
                signal = words.get(at + 1).cloned().unwrap_or_default();
                given = true;
                at += 1;
            }
            "-q" | "--queue" | "--timeout" if !ended => at += 1,
            "-a" | "--all" | "-r" | "--require-handler" | "--verbose" if !ended => {}
            _ if !ended && word.starts_with("--signal=") => {
                signal = word["--signal=".len()..].to_owned();
                given = true;
            }
            _ if !ended
                && !given
                && command.operands.is_empty()
                && word.len() > 1
                && word.starts_with('-') =>
            {
                // The first word with a dash is the signal, also a number.
                signal = word[1..].to_owned();
                given = true;
            }
            _ => {
                command.operands.push(word.clone());
                command.operand_at.push(at);
            }
        }
        at += 1;
    }
    let signal = signal.to_ascii_uppercase();
    let signal = signal.strip_prefix("SIG").unwrap_or(&signal).to_owned();
    if command.operands.is_empty() && command.does == Does::Acts {
        command.does = Does::Nothing("no process is named".into());
    }
    if ENDS.contains(&signal.as_str()) {
        command.traits.add("flag", "ends");
    }
    command.options.push(Opt { name: "--signal".to_owned(), value: Some(signal.clone()), at: usize::MAX });
    let whom: Vec<_> = command.operands.iter().map(crate::text::quote).collect();
    command.headline = format!("send {} to {}", crate::text::show(&signal), whom.join(", "));
    Reading::of(command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Stdin;
    use std::ffi::OsString;

    #[test]
    fn a_number_is_a_signal_only_in_the_first_place() {
        let told = |line: &str| {
            let argv: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let command = read(&Invocation::here(argv, Stdin::Unread).expect("cwd")).commands.remove(0);
            let ends = if command.traits.has("flag", "ends") { "!" } else { "" };
            match command.does {
                Does::Acts => {
                    format!(
                        "{}{ends} {}",
                        command.option("--signal").unwrap_or(""),
                        command.operands.join(" ")
                    )
                }
                Does::Nothing(_) | Does::Unsure(_) => "nothing".to_owned(),
            }
        };
        for (line, expected) in [
            ("kill 12", "TERM! 12"),
            ("kill -9 1", "9! 1"),
            ("kill -9 -1", "9! -1"),
            ("kill -1 12", "1 12"),
            ("kill -- -1", "TERM! -1"),
            ("kill -s KILL 1 2", "KILL! 1 2"),
            ("kill -sigkill -12", "KILL! -12"),
            ("kill --signal=HUP 1", "HUP 1"),
            ("kill -0 12", "0 12"),
            ("kill -l", "nothing"),
            ("kill -1", "nothing"),
            ("kill", "nothing"),
        ] {
            assert_eq!(told(line), expected, "{line}");
        }
    }
}
