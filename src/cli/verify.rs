//! `guard verify`: whether a bundle proves that a command was approved, by whom, and that it ran as approved. Offline.
//! Must never call anything proven on the bundle's own word.

use super::team::Trouble;
use super::team::ask::read_text;
use crate::settings::Dirs;
use crate::statement::bundle::{LeftOut, NotProven, Place, Report};
use crate::statement::roster::{fingerprint_words, same_words};
use crate::statement::{Bundle, Hash, Outcome, Receipt};
use crate::team::Team;
use crate::text::{quote_line, show, show_line};
use serde_json::json;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// Check the proof that a command was approved, by whom, and ran as approved
///
/// Needs no network. Exit status 0: proven, and nothing in it was changed; 1: not proven, or it was approved and did not run as
/// approved; 2: proven by a part of it, and something else in it is nobody's; 64: the bundle cannot be read; 78: the team
/// on this machine is broken.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A file, pasted text (guard-bundle1:…), or - for standard input
    bundle: PathBuf,
    /// The six words of the team [default: the team of this machine]
    #[arg(long, value_name = "WORDS")]
    root: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Exit status: something in the bundle is nobody's, as a damaged log has it.
const BROKEN: i32 = 2;

/// What became of the check.
enum Checked {
    Proven(Box<Report>, Trust),
    Not(String, Vec<LeftOut>),
}

/// What the team's root was held against.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    Words,
    Team,
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    match check(args, dirs) {
        Ok(Checked::Proven(report, trust)) => {
            if args.json {
                crate::outln!("{}", crate::text::json(as_json(&report, trust)));
            } else {
                tell(&report, trust);
            }
            match (report.ran(), report.is_intact()) {
                (false, _) => 1,
                (true, false) => BROKEN,
                (true, true) => 0,
            }
        }
        Ok(Checked::Not(why, left_out)) => {
            if args.json {
                let left_out = list(&left_out);
                crate::outln!(
                    "{}",
                    crate::text::json(json!({ "v": 1, "proven": false, "why": why, "left_out": left_out }))
                );
            }
            crate::say!("not proven: {why}");
            left_out.iter().for_each(|left| crate::say!("{left}"));
            1
        }
        Err(trouble) => trouble.complain(),
    }
}

fn check(args: &Args, dirs: &Dirs) -> Result<Checked, Trouble> {
    let bytes = read_text(&args.bundle)?;
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let bundle = match Bundle::from_bytes(bytes) {
        Ok(bundle) => bundle,
        Err(why) => {
            return Err(Trouble::new(
                64,
                why.to_string(),
                "`guard requests` and tickets leave bundles in team/bundles",
            ));
        }
    };
    let first = bundle.rosters.first().map_or(Hash([0; 32]), |roster| roster.digest());
    let (root, trust) = match &args.root {
        Some(words) if same_words(&first, words) => (first, Trust::Words),
        Some(_) => {
            let why = NotProven::Roster(crate::statement::roster::NotARoster::OtherRoot);
            return Ok(Checked::Not(why.to_string(), Vec::new()));
        }
        None => {
            let team = Team::existing(&dirs.state)?.ok_or_else(|| {
                let what =
                    "whose team it must be is not known: whoever made the bundle could have made one up";
                let words = fingerprint_words(&first);
                Trouble::new(
                    64,
                    what,
                    format!("--root WORDS, the team's six words; the bundle says: {words}"),
                )
            })?;
            (team.root(), Trust::Team)
        }
    };
    Ok(match bundle.verify(Some(root)) {
        Ok(report) => Checked::Proven(Box::new(report), trust),
        Err(why) => Checked::Not(why.to_string(), bundle.unproved(Some(root))),
    })
}

fn command(report: &Report) -> String {
    let words: Vec<&OsStr> = report.request.exec.argv.iter().map(|word| OsStr::from_bytes(&word.0)).collect();
    quote_line(&words)
}

fn by(report: &Report) -> Vec<String> {
    report.seats.iter().map(|seat| format!("{} ({})", show(&seat.person), show(&seat.group))).collect()
}

fn tell(report: &Report, trust: Trust) {
    let (request, receipt) = (&report.request, &report.receipt);
    crate::outln!("command   {}", command(report));
    crate::outln!("by        {} on {}", show(&request.requester.person), show(&request.requester.host));
    crate::outln!("target    {} {}", show(&request.target.kind), show(&request.target.class));
    for (fact, value) in &request.target.ident {
        crate::outln!("          {} {}", show(fact), show_line(&value.0, 160));
    }
    if let Some(reason) = &request.reason {
        crate::outln!("reason    {}", show(reason));
    }
    crate::outln!("approved  {}", by(report).join(", "));
    if let Some((ticket, number)) = &report.ticket {
        let used = match number {
            Some(n) => format!("use {n} of {}", ticket.max),
            None if report.ran() => format!("a use of {}", ticket.max),
            None => "not used".to_owned(),
        };
        crate::outln!("ticket    asked for by {}, {used}", show(&ticket.person));
    }
    crate::outln!("outcome   {}", outcome(receipt));
    crate::outln!("team      {}, roster {}", show(&request.team), report.roster_version);
    crate::outln!(
        "words     {}{}",
        fingerprint_words(&report.root),
        match trust {
            Trust::Words => ", as you gave them",
            Trust::Team => ", your team's",
        }
    );
    crate::outln!("proven    {}", sentence(report));
    report.left_out.iter().for_each(|left| crate::say!("{left}"));
    if let Some(verdict) = &report.contested {
        crate::say!(
            "with all that was said about it, it is {}: somebody objected, maybe after the start",
            verdict.word()
        );
    }
    if !report.ran() {
        crate::say!("approved, and not run as approved");
    }
    if !report.is_intact() {
        let unproved = report.left_out.iter().filter(|left| left.unproved).count();
        let parts =
            if unproved == 1 { "1 part of it is".to_owned() } else { format!("{unproved} parts of it are") };
        crate::say!(
            "the bundle is not whole: {parts} nobody's; what was said there may have been something else"
        );
    }
}

fn outcome(receipt: &Receipt) -> String {
    let started = receipt.started.map_or_else(String::new, |at| format!(" at {}", super::team::time(at)));
    match receipt.outcome {
        Outcome::Started => format!("started{started}; how it ended is not known"),
        Outcome::Ended => {
            format!("ran{started}, exit status {}", receipt.exit.map_or("-".into(), |e| e.to_string()))
        }
        Outcome::Drift => {
            format!("did not run: {}", receipt.drift.iter().map(show).collect::<Vec<_>>().join("; "))
        }
        Outcome::NotStarted => "did not run".to_owned(),
    }
}

/// What is proven, and by whose word the rest is.
fn sentence(report: &Report) -> String {
    let by: Vec<String> = report.seats.iter().map(|seat| show(&seat.person)).collect();
    let what = if report.ticket.is_some() { "its ticket was approved" } else { "it was approved" };
    let whose = show(&report.receipt.person);
    let then = match report.receipt.outcome {
        Outcome::Ended => format!("it ran as approved, by {whose}'s signed word"),
        Outcome::Started => format!("it was started as approved, by {whose}'s signed word"),
        Outcome::Drift => format!("it did not run as approved, by {whose}'s signed word: something differed"),
        Outcome::NotStarted => format!("it did not run, by {whose}'s signed word"),
    };
    let unclear = match &report.ticket {
        Some((_, None)) if report.ran() => "; which use of the ticket it was is not proven",
        Some(_) | None => "",
    };
    format!("{what} by {}; {then}{unclear}", by.join(", "))
}

fn list(left_out: &[LeftOut]) -> Vec<serde_json::Value> {
    let each = |left: &LeftOut| {
        let (word, number) = match left.place {
            Place::Statement(number) => ("statement", number),
            Place::Roster(version) => ("roster", version),
        };
        json!({
            word: number,
            "kind": left.kind.map(crate::statement::Kind::word),
            "person": left.person,
            "why": left.why,
            "unproved": left.unproved,
        })
    };
    left_out.iter().map(each).collect()
}

fn as_json(report: &Report, trust: Trust) -> serde_json::Value {
    json!({
        "v": 1,
        "proven": true,
        "proves": report.proves(),
        "ran": report.ran(),
        "intact": report.is_intact(),
        "left_out": list(&report.left_out),
        "request": report.request,
        "receipt": report.receipt,
        "approved": report.seats.iter().map(|s| json!({ "person": s.person, "group": s.group })).collect::<Vec<_>>(),
        "ticket": report.ticket.as_ref().map(|(ticket, number)| json!({ "ticket": ticket, "use": number })),
        "contested": report.contested.as_ref().map(|verdict| verdict.word()),
        "roster_version": report.roster_version,
        "words": fingerprint_words(&report.root),
        "root_by": match trust { Trust::Words => "words", Trust::Team => "team" },
    })
}
