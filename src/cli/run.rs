//! `guard run`, and the road of a shim: gate, then exec.

use super::executables;
use crate::flow::{Run, Way, full};
use crate::gates::Mode;
use crate::gates::approval::How;
use crate::invocation::Handover;
use crate::settings::Dirs;
use std::ffi::OsString;
use std::time::Duration;

/// Ask what policy asks for, then become the command
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Whether questions may be asked; enforce refuses what would need one
    #[arg(long, value_enum, default_value = "interactive")]
    mode: ModeWord,
    /// Without a terminal: send a request for the approval and wait so long, as 90s, 10m or 2h; 75 when nobody approves
    #[arg(long, value_name = "TIME", value_parser = duration)]
    wait: Option<Duration>,
    /// Why it has to be done, where nobody can be asked
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: Option<String>,
    /// The command
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ModeWord {
    Interactive,
    Enforce,
}

/// Longest time for anything: a request is open for a day at most.
const LONGEST: u64 = 24 * 3600;

/// A reason as the gate would take it.
pub fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say why, in a few words".to_owned()),
        said if said.chars().count() > 500 => Err("a reason has at most 500 characters".to_owned()),
        said => Ok(said.to_owned()),
    }
}

/// `90s`, `10m`, `2h`: at most 24 hours.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "a time is a number with s, m or h: 90s, 10m, 2h; at most 24h".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: u64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    let each = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return Err(wrong()),
    };
    let seconds = number.checked_mul(each).filter(|s| (1..=LONGEST).contains(s));
    seconds.map(Duration::from_secs).ok_or_else(wrong)
}

pub fn run(args: Args, dirs: &Dirs) -> i32 {
    let Some(tool) = args.command.first().filter(|word| !word.is_empty()).cloned() else {
        crate::say!("the command has no name");
        return 64;
    };
    let mode = match args.mode {
        ModeWord::Interactive => Mode::Interactive,
        ModeWord::Enforce => Mode::Enforce,
    };
    let how = How { wait: args.wait, reason: args.reason.as_deref(), ..How::default() };
    go(&Handover { tool, shim: None, argv: args.command }, mode, how, dirs)
}

/// A shim asks where there is a terminal, and refuses where there is none.
pub fn shimmed(handover: &Handover, dirs: &Dirs) -> i32 {
    go(handover, Mode::Interactive, How::default(), dirs)
}

/// The whole road for one command.
pub fn go(handover: &Handover, mode: Mode, how: How<'_>, dirs: &Dirs) -> i32 {
    let finder = executables().finder();
    full(&Run { handover, mode, way: Way::Gates, how, dirs, finder: &finder })
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn times_have_a_unit_and_an_end() {
        assert_eq!(duration("90s").map(|d| d.as_secs()), Ok(90));
        assert_eq!(duration("2h").map(|d| d.as_secs()), Ok(7200));
        for bad in ["", "10", "m", "0s", "25h", "-1m", "1€", "99999999999999999999h", "5307999999999999999h"]
        {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
