//! The short sentences around a question. Lower case, no full stop, no blame.

use super::question::Declined;
use std::time::Duration;

/// The line that closes the record in the scrollback once every step was passed.
pub const CONFIRMED: &str = "guard: confirmed";

/// The line that closes the record of a command that does not run.
pub fn not_run(declined: Declined, over: Option<&str>, limit: Duration) -> String {
    format!("guard: not run: {}", reason(declined, over, limit))
}

fn reason(declined: Declined, over: Option<&str>, limit: Duration) -> String {
    match declined {
        Declined::Escape => "Esc was pressed".to_owned(),
        Declined::EndOfInput => "Ctrl-D was pressed".to_owned(),
        Declined::WrongAnswers => "three answers were something else".to_owned(),
        Declined::Over => over.unwrap_or("what was entered cannot be taken").to_owned(),
        Declined::TimedOut => format!("no answer within {}", time(limit)),
        Declined::HungUp => "the terminal went away".to_owned(),
        Declined::Interrupted(2) => "interrupted".to_owned(),
        Declined::Interrupted(number) => format!("ended by signal {number}"),
    }
}

/// Said after a wrong answer that was not the last one, before the expected one.
pub fn wrong(left: u32) -> String {
    format!("that is something else ({}); type:", tries(left))
}

/// How often it can still be tried.
pub fn tries(left: u32) -> String {
    format!("{left} {} left", if left == 1 { "try" } else { "tries" })
}

/// Said above a countdown.
pub fn at_zero(what: &str) -> String {
    format!("at zero it runs: {what}")
}

/// The row of a countdown.
pub fn seconds_left(left: u64) -> String {
    format!("{left} s   Esc or Ctrl-C: nothing runs")
}

/// Said after a paste that is longer than anything that is asked for.
pub const TOO_LONG: &str = "that is too long";

/// The ways out.
pub fn leave(limit: Duration) -> String {
    format!("Esc or Ctrl-C: nothing runs; nor after {} without an answer", time(limit))
}

/// The way out of what guard's own commands ask for.
pub const LEAVE_ALONE: &str = "Esc or Ctrl-C leaves";

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
