//! `guard audit show`: one line per gated command, oldest first, or the entries themselves as JSON lines.

use crate::audit::{self, Record};
use crate::keys::SshPublicKey;
use crate::settings::Dirs;
use crate::text::{show, show_line};
use jiff::{Span, Timestamp, Zoned, civil, tz::TimeZone};
use std::collections::HashMap;

/// Show recorded commands and what was decided
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only since then: 2h, 3d, 2026-11-22, 2026-11-22T09:30
    #[arg(long, value_name = "WHEN", value_parser = since)]
    since: Option<Timestamp>,
    /// Only this tool
    #[arg(long, value_name = "NAME")]
    tool: Option<String>,
    /// Only this environment
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Only commands that ended so
    #[arg(long, value_name = "OUTCOME", value_parser = OUTCOMES)]
    decision: Option<String>,
    /// Only the last N
    #[arg(short = 'n', value_name = "N")]
    last: Option<usize>,
    /// Print the entries, one JSON object a line
    #[arg(long)]
    json: bool,
}

const OUTCOMES: [&str; 9] =
    ["ran", "break-glass", "noticed", "refused", "cancelled", "timed-out", "drift", "not-started", "open"];
const OPEN: &str = "open";
const TARGET_WIDTH: usize = 44;

/// An intent with its decisions, or another entry by itself.
struct Case<'a> {
    first: &'a Record,
    decisions: Vec<&'a Record>,
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    let all = match audit::records(dirs) {
        Ok(all) => all,
        Err(audit::AuditError::NoLog { .. }) => {
            crate::say!("nothing is recorded yet");
            return 0;
        }
        Err(error) => {
            super::complain(&error);
            return 70;
        }
    };
    let mut cases = cases(&all.records);
    cases.retain(|case| case.fits(args));
    if let Some(last) = args.last {
        cases.drain(..cases.len().saturating_sub(last));
    }
    super::print(&if args.json { json(&cases) } else { table(&cases) });
    if all.unreadable > 0 {
        let lines = match all.unreadable {
            1 => "1 line of the log is no entry".to_owned(),
            all => format!("{all} lines of the log are no entries"),
        };
        crate::say!("{lines}; `guard audit verify` says more");
    }
    0
}

fn cases(records: &[Record]) -> Vec<Case<'_>> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    let mut by_id: HashMap<&str, usize> = HashMap::new();
    for record in records {
        let intent = record.text("/ref").and_then(|id| by_id.get(id)).copied();
        match (record.text("/event"), intent) {
            (Some("decision"), Some(intent)) => cases[intent].decisions.push(record),
            (event, _) => {
                if let (Some("intent"), Some(id)) = (event, record.text("/id")) {
                    by_id.insert(id, cases.len());
                }
                cases.push(Case { first: record, decisions: Vec::new() });
            }
        }
    }
    cases
}

impl Case<'_> {
    fn is_command(&self) -> bool {
        self.first.text("/event") == Some("intent")
    }

    /// The last decision counts: a program that could not be started was let run before.
    fn outcome(&self) -> &str {
        self.decisions.last().and_then(|d| d.text("/decision/outcome")).unwrap_or(OPEN)
    }

    fn fits(&self, args: &Args) -> bool {
        let asked = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| self.is_command() && found == Some(wanted))
        };
        asked(&args.tool, self.first.text("/cmd/tool"))
            && asked(&args.environment, self.first.text("/verdict/environment"))
            && asked(&args.decision, Some(self.outcome()))
            && args.since.is_none_or(|since| time(self.first).is_some_and(|time| time >= since))
    }

    fn row(&self) -> [String; 6] {
        let word = |pointer| show(self.first.text(pointer).unwrap_or("-"));
        let when = time(self.first).map_or_else(|| "-".to_owned(), local);
        match self.first.text("/event") {
            Some("intent") => [
                when,
                show(self.outcome()),
                word("/cmd/tool"),
                show_line(self.first.text("/target/summary").unwrap_or("-"), TARGET_WIDTH),
                word("/verdict/environment"),
                self.how(),
            ],
            event => {
                let what = match event {
                    Some("genesis") => "the log begins".to_owned(),
                    Some("identity") => identity(self.first),
                    Some("factor") => factor(self.first),
                    Some("recover") => format!(
                        "{} damaged bytes set aside ({})",
                        self.first.number("/recover/length").unwrap_or(0),
                        word("/recover/class")
                    ),
                    other => show(other.unwrap_or("-")),
                };
                [when, "-".into(), "guard".into(), what, "-".into(), String::new()]
            }
        }
    }

    /// `typed, 2nd attempt, 4.2 s`.
    fn how(&self) -> String {
        let Some(decision) = self.decisions.first() else { return String::new() };
        let mut parts: Vec<String> = decision.text("/decision/method").map(show).into_iter().collect();
        match decision.number("/decision/attempts") {
            Some(n) if n > 1 => parts.push(format!("{n} attempts")),
            _ => {}
        }
        if let Some(wait) = decision.number("/decision/wait_ms").filter(|wait| *wait > 0) {
            parts.push(format!("{}.{} s", wait / 1000, wait % 1000 / 100));
        }
        let opened = decision.text("/decision/opened").filter(|_| parts[..] != ["read-only"]);
        parts.extend(opened.map(|how| format!("opened {}", show(how))));
        parts.extend(self.decisions.iter().find_map(|d| approval(d)));
        let detail = self.decisions.last().and_then(|d| d.text("/decision/detail"));
        parts.extend(detail.map(|d| show_line(d, 60)));
        parts.join(", ")
    }
}

/// `request 3fa9c1d2 approved by bob, carol`, or the ticket and which use of it. The names are of signatures that were checked
/// before it was written, and the log's own signature covers them.
fn approval(decision: &Record) -> Option<String> {
    let short = |pointer, length: usize| {
        let digest = decision.text(pointer)?;
        Some(show(digest.strip_prefix("sha256:").unwrap_or(digest).chars().take(length).collect::<String>()))
    };
    let request = short("/decision/approval/request", 8)?;
    let by = show_line(decision.texts("/decision/approval/by").join(", "), 80);
    let number = |pointer| decision.number(pointer);
    let what = match short("/decision/approval/ticket", 12) {
        None => format!("request {request}"),
        Some(ticket) => match (number("/decision/approval/use"), number("/decision/approval/max")) {
            (Some(n), Some(max)) => format!("request {request}, ticket {ticket}, use {n} of {max},"),
            _ => format!("request {request}, ticket {ticket}, not used,"),
        },
    };
    Some(format!("{what} approved by {by}"))
}

/// Which key became the person's.
fn identity(record: &Record) -> String {
    let key = record.text("/identity/key").and_then(|line| SshPublicKey::from_line(line).ok());
    let key = key.map_or_else(|| "a key that guard does not know".to_owned(), |key| key.fingerprint());
    let word = if record.text("/identity/sig").is_some() { "" } else { ", the one before is lost" };
    format!("identity is {key}{word}")
}

/// What became of a second factor.
fn factor(record: &Record) -> String {
    let word = |pointer| record.text(pointer).map(show);
    let whose = word("/factor/whose").map(|name| format!(" of {name}")).unwrap_or_default();
    let place = match record.text("/factor/custody") {
        Some("keyring") => ", in the keyring",
        Some("passphrase") => ", under a passphrase",
        Some("managed") => ", with the verifier",
        Some(_) | None => "",
    };
    let proof = match record.text("/factor/proof") {
        Some("recovery-code") => ", by a recovery code",
        Some("totp") => ", by a code",
        Some(_) | None => "",
    };
    match record.text("/factor/act") {
        Some("unchanged") => "second factor: that change was not made".to_owned(),
        Some("removed") => format!("second factor{whose} removed{proof}"),
        act => format!("second factor{whose} {}{place}{proof}", show(act.unwrap_or("-"))),
    }
}

fn time(record: &Record) -> Option<Timestamp> {
    Timestamp::from_microsecond(i64::try_from(record.number("/time")?).ok()?).ok()
}

fn local(time: Timestamp) -> String {
    time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn table(cases: &[Case<'_>]) -> String {
    if cases.is_empty() {
        return String::new();
    }
    let mut rows =
        vec![["WHEN", "DECISION", "TOOL", "TARGET", "ENVIRONMENT", "CONFIRMED"].map(str::to_owned)];
    rows.extend(cases.iter().map(Case::row));
    let widths: [usize; 6] =
        std::array::from_fn(|i| rows.iter().map(|row| row[i].chars().count()).max().unwrap_or(0));
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}

fn json(cases: &[Case<'_>]) -> String {
    let mut records: Vec<&Record> =
        cases.iter().flat_map(|c| std::iter::once(c.first).chain(c.decisions.iter().copied())).collect();
    records.sort_by_key(|record| record.number("/seq"));
    records.iter().map(|record| crate::text::json(&record.json) + "\n").collect()
}

/// A time span back from now, a day, or a time of day, local unless it names its zone.
fn since(text: &str) -> Result<Timestamp, String> {
    let zone = TimeZone::system();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let civil =
        text.parse::<civil::DateTime>().or_else(|_| text.parse::<civil::Date>().map(civil::DateTime::from));
    if let Ok(time) = civil {
        return time.to_zoned(zone).map(|z| z.timestamp()).map_err(|e| e.to_string());
    }
    let span: Span = text.parse().map_err(|_| "say 2h, 3d, 2026-11-22 or 2026-11-22T09:30".to_owned())?;
    let then = Zoned::now().checked_sub(span.abs()).map_err(|e| e.to_string())?;
    Ok(then.timestamp())
}

#[cfg(test)]
mod tests {
    use super::since;
    use jiff::Timestamp;

    #[test]
    fn a_moment_is_understood_in_the_ways_people_write_it() {
        let hour_ago = since("1h").expect("a span");
        let age = Timestamp::now().duration_since(hour_ago).as_secs();
        assert!((3590..=3610).contains(&age), "{age}");
        assert!(since("3d").expect("days") < hour_ago);
        assert!(since("2020-02-29").expect("a day") < since("2020-02-29T12:00").expect("a time"));
        assert_eq!(since("2020-01-01T00:00:00Z").expect("UTC").as_second(), 1_577_836_800);
        assert!(since("yesterday-ish").is_err());
    }
}
