//! `guard breakglass`: run a command without the approval that policy asks for, and see what that leaves to do.

use super::executables;
use crate::flow::{Run, Way, full};
use crate::gates::Mode;
use crate::gates::breakglass::{Ledger, LedgerError, Now, Use};
use crate::invocation::Handover;
use crate::rules::sources;
use crate::settings::Dirs;
use crate::text::{show, show_line};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use std::ffi::OsString;

/// Run a command without the approval that policy asks for
///
/// Only at a terminal. It asks for a reason, the target's name and a code of the second factor, then counts down.
/// Each use is alerted about, counts against a budget ([break-glass] in policy.toml), and another person has to sign a
/// review of it. What policy denies stays denied.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The command
    #[arg(last = true, value_name = "CMD")]
    words: Vec<OsString>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Status(Status),
}

/// Say how many uses are left, and which reviews are due
#[derive(Debug, clap::Args)]
struct Status {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args, dirs: &Dirs) -> i32 {
    if let Some(Command::Status(status)) = args.command {
        return show_status(&status, dirs);
    }
    let Some(tool) = args.words.first().filter(|word| !word.is_empty()).cloned() else {
        crate::say!("the command has no name");
        return 64;
    };
    let finder = executables().finder();
    let handover = Handover { tool, shim: None, argv: args.words };
    full(&Run { handover: &handover, mode: Mode::Interactive, way: Way::BreakGlass, dirs, finder: &finder })
}

fn show_status(args: &Status, dirs: &Dirs) -> i32 {
    let settings = match sources::looked_up(dirs).decide_by() {
        Ok(around) => around.break_glass,
        Err(message) => {
            crate::say!("rules do not load: {message}");
            return 78;
        }
    };
    let ledger = match Ledger::read(dirs).and_then(|ledger| ledger.complete(dirs)) {
        Ok(ledger) => ledger,
        Err(error) => return complain(&error),
    };
    let budget = ledger.budget(settings, &Now::read());
    if args.json {
        let uses: Vec<_> = ledger.uses().iter().map(row).collect();
        crate::outln!(
            "{}",
            json!({ "v": 1, "uses": budget.uses, "left": budget.left, "per_s": budget.per_s,
                "next_s": budget.next_s, "due": ledger.owed().count(), "list": uses })
        );
        return 0;
    }
    crate::outln!("{} of {} uses left in {} days", budget.left, budget.uses, budget.per_s / 86_400);
    for used in ledger.uses() {
        let review = match &used.review {
            None => "review due".to_owned(),
            Some(review) => format!("{}, {}", show(&review.verdict), show(&review.by)),
        };
        let reason = show_line(&used.reason, 60);
        crate::outln!(
            "{}  {}  {}  {reason}  {review}",
            time(used),
            show(&used.id),
            show_line(&used.what, 60)
        );
    }
    0
}

fn row(used: &Use) -> serde_json::Value {
    json!({ "id": used.id, "time": used.real, "what": used.what, "reason": used.reason, "review": used.review })
}

fn time(used: &Use) -> String {
    let time = i64::try_from(used.real).ok().and_then(|t| Timestamp::from_microsecond(t).ok());
    time.map_or_else(
        || "-".to_owned(),
        |t| t.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

fn complain(error: &LedgerError) -> i32 {
    crate::say!("{error}");
    crate::say!("hint: {}", error.hint());
    78
}
