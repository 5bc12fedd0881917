//! The short sentences around a question. Lower case, no full stop, no blame.

use super::question::{Answer, Declined};
use std::time::Duration;

/// The line that closes the record in the scrollback.
pub fn closing(answer: &Answer, limit: Duration) -> String {
    match answer {
        Answer::Confirmed { .. } => "guard: confirmed".to_owned(),
        Answer::Declined(declined) => format!("guard: not run: {}", reason(*declined, limit)),
    }
}

fn reason(declined: Declined, limit: Duration) -> String {
    match declined {
        Declined::Escape => "Esc was pressed".to_owned(),
        Declined::EndOfInput => "Ctrl-D was pressed".to_owned(),
        Declined::WrongAnswers => "three answers were something else".to_owned(),
        Declined::TimedOut => format!("no answer within {}", time(limit)),
        Declined::HungUp => "the terminal went away".to_owned(),
        Declined::Interrupted(2) => "interrupted".to_owned(),
        Declined::Interrupted(number) => format!("ended by signal {number}"),
    }
}

/// Said after a wrong answer that was not the last one, before the expected one.
pub fn wrong(left: u32) -> String {
    let tries = if left == 1 { "1 try" } else { "2 tries" };
    format!("that is something else ({tries} left); type:")
}

/// The ways out.
pub fn leave(limit: Duration) -> String {
    format!("Esc or Ctrl-C: nothing runs; nor after {} without an answer", time(limit))
}

/// Said after a paste that the terminal marked as one.
pub const PASTED: &str = "a paste is not an answer: please type it";

/// Said after keys that came faster than hands.
pub const BURST: &str = "several keys came at once, as in a paste: please type it; on a slow line in two parts, with a pause between";

/// `90 seconds`, `2 minutes`.
pub fn time(span: Duration) -> String {
    let seconds = span.as_secs();
    let (count, unit) = match seconds {
        s if s >= 120 && s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::time;
    use std::time::Duration;

    #[test]
    fn times() {
        assert_eq!(time(Duration::from_secs(1)), "1 second");
        assert_eq!(time(Duration::from_secs(90)), "90 seconds");
        assert_eq!(time(Duration::from_secs(120)), "2 minutes");
    }
}
