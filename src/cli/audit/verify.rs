//! `guard audit verify`: does the log hold, where not, and what verification cannot see.
//! Exit: 0 it holds, 1 tampered, 2 damaged and accounted for, 4 it cannot be told.

use crate::audit::{self, Problem, Report, Standing};
use crate::settings::Dirs;
use crate::text::show;
use serde_json::json;
use std::fmt::Write;

/// Check every byte, signature and link of the log
///
/// Exit status: 0 it holds, 1 tampered with, 2 damaged by a crash and accounted for, 4 it cannot be told.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the result as one JSON object
    #[arg(long)]
    json: bool,
}

/// Problems listed for people; `--json` has them all.
const LISTED: usize = 10;
const LEVEL: &str = "L0";
const LEVEL_MEANS: &str =
    "intact and signed, by a key that this user can read; nothing outside this machine holds a copy";

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    let report = match audit::verify(dirs) {
        Ok(report) => report,
        Err(error) => {
            if args.json {
                super::print(&format!(
                    "{}\n",
                    crate::text::json(json!({ "v": 1, "standing": "unknown", "error": error.to_string() }))
                ));
            }
            super::complain(&error);
            return Standing::Unknown.status();
        }
    };
    super::print(&if args.json {
        format!("{}\n", crate::text::json(as_json(&report)))
    } else {
        text(&report)
    });
    report.standing().status()
}

fn as_json(report: &Report) -> serde_json::Value {
    let mut value = json!(report);
    value["v"] = 1.into();
    value["standing"] = json!(report.standing());
    value["first_bad"] = json!(report.first_bad());
    // No level when the log does not even hold by itself.
    value["level"] = if report.standing() == Standing::Ok { LEVEL.into() } else { serde_json::Value::Null };
    value["unanchored"] = json!([{
        "from": report.first_seq, "to": report.last_seq, "micros": span(report),
    }]);
    value
}

fn text(report: &Report) -> String {
    let mut out = String::new();
    let verdict = match report.standing() {
        Standing::Ok => "the audit log holds",
        Standing::Damaged if report.is_accounted_for() => {
            "the audit log is damaged, and every byte is accounted for"
        }
        Standing::Damaged => "the audit log is damaged",
        Standing::Unknown => "parts of the audit log cannot be judged",
        Standing::Tampered => "the audit log was tampered with",
    };
    let _ = writeln!(out, "{verdict}: {}", counted(report));
    if let Some(first) = report.first_bad() {
        let _ = writeln!(out, "first: {}", problem(first));
        for other in report.problems.iter().filter(|p| !std::ptr::eq(*p, first)).take(LISTED) {
            let _ = writeln!(out, "also:  {}", problem(other));
        }
        let more = report.problems.len().saturating_sub(LISTED + 1);
        if more > 0 {
            let _ = writeln!(out, "and {more} more; `--json` lists them all");
        }
    }
    if let (Some(identity), Some(custody)) = (&report.identity, &report.custody) {
        let _ = writeln!(out, "identity: {} ({})", show(identity), place(custody));
    }
    if let Some(now) = &report.identity_now {
        let place = place(&now.custody);
        let _ = writeln!(out, "identity since entry {}: {} ({place})", now.seq, now.fingerprint);
    }
    if let Some(genesis) = &report.genesis {
        let _ = writeln!(out, "first entry: {genesis} (compare it with a copy kept elsewhere)");
    }
    for note in &report.notes {
        let _ = writeln!(out, "note: {}", show(note));
    }
    if report.undecided > 0 {
        let commands = if report.undecided == 1 { "command has" } else { "commands have" };
        let _ = writeln!(
            out,
            "note: {} {commands} no decision: the question was cut short, or still stands",
            report.undecided
        );
    }
    limits(&mut out, report);
    out
}

/// Where an identity key was, in words.
fn place(custody: &str) -> String {
    match custody {
        "keyring" => "kept in the keyring".to_owned(),
        "file" => "kept in a file".to_owned(),
        "agent" => "in an ssh-agent".to_owned(),
        "once" => "made for the first entry alone".to_owned(),
        other => show(other),
    }
}

/// What no verification on this machine can see.
fn limits(out: &mut String, report: &Report) {
    let _ = match report.standing() {
        Standing::Ok => writeln!(out, "level: {LEVEL}, {LEVEL_MEANS}"),
        Standing::Damaged | Standing::Unknown | Standing::Tampered => {
            writeln!(out, "level: none, for a log that does not hold")
        }
    };
    if let (Some(first), Some(last)) = (report.first_seq, report.last_seq) {
        let entries = if first == last {
            format!("entry {first} is")
        } else {
            format!("entries {first}–{last} ({}) are", duration(span(report)))
        };
        let it = if first == last { "it" } else { "they" };
        let _ = writeln!(out, "{entries} not anchored: {it} could be removed without trace");
    }
}

fn counted(report: &Report) -> String {
    match (report.entries, report.first_seq, report.last_seq) {
        (0, ..) | (_, None, _) | (_, _, None) => "no entries".to_owned(),
        (1, Some(seq), _) => format!("1 entry, {seq}"),
        (n, Some(first), Some(last)) => format!("{n} entries, {first}–{last}"),
    }
}

fn problem(problem: &Problem) -> String {
    let mut out = String::new();
    if !problem.file.is_empty() {
        out.push_str(&show(&problem.file));
        if problem.line > 0 {
            let _ = write!(out, " line {} (byte {})", problem.line, problem.offset);
        }
        out.push_str(": ");
    }
    if let Some(seq) = problem.seq {
        let _ = write!(out, "entry {seq}: ");
    }
    out + &show(&problem.what)
}

fn span(report: &Report) -> u64 {
    report.last_time.unwrap_or(0).saturating_sub(report.first_time.unwrap_or(0))
}

/// `3 m 40 s`: the two largest units.
fn duration(micros: u64) -> String {
    let seconds = micros / 1_000_000;
    let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let Some(largest) = units.iter().position(|(size, _)| seconds >= *size) else {
        return "under 1 s".to_owned();
    };
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (size, unit) in &units[largest..(largest + 2).min(units.len())] {
        parts.push(format!("{} {unit}", rest / size));
        rest %= size;
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_have_two_units() {
        assert_eq!(duration(220_000_000), "3 m 40 s");
        assert_eq!(duration(7_000_000), "7 s");
        assert_eq!(duration(90_061_000_000), "1 d 1 h");
        assert_eq!(duration(10), "under 1 s");
    }
}
