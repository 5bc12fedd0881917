//! `guard breakglass`: run a command without the approval that policy asks for, and see what that leaves to do.

use super::executables;
use crate::flow::{Run, Way, full};
use crate::gates::Mode;
use crate::gates::approval::How;
use crate::gates::breakglass::reviewed::{self, NotReviewed};
use crate::gates::breakglass::{Ledger, LedgerError, Now, Use, days, uses};
use crate::intercept::doctor::{Finding, Level};
use crate::invocation::Handover;
use crate::keys::{Identity, Signer};
use crate::rules::sources;
use crate::settings::{Dirs, Marker};
use crate::statement::breakglass::Judgement;
use crate::statement::render;
use crate::team::{Courier, Team};
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
    Review(Review),
}

/// Sign the review of a teammate's break-glass, or fetch the reviews of your own
///
/// Without an id the reviews that others signed are fetched and enter the ledger.
#[derive(Debug, clap::Args)]
struct Review {
    /// The beginning of the request's id, as the alarm and `guard inbox --json` name it
    #[arg(requires = "judgement")]
    id: Option<String>,
    /// What you think of it
    #[arg(long, value_enum)]
    judgement: Option<Word>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Word {
    Justified,
    ShouldHaveWaited,
    PolicyBug,
}

/// Say how many uses are left, and which reviews are due
#[derive(Debug, clap::Args)]
struct Status {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args, dirs: &Dirs) -> i32 {
    // What a shim refused is decided by the shim's policy and counted in its ledger: another directory in the environment
    // has another budget.
    let shims = Marker::on_path().into_iter().next().map(|marker| marker.dirs);
    let dirs = shims.as_ref().unwrap_or(dirs);
    match args.command {
        Some(Command::Status(status)) => return show_status(&status, dirs),
        Some(Command::Review(args)) => return review(&args, dirs),
        None => {}
    }
    let Some(tool) = args.words.first().filter(|word| !word.is_empty()).cloned() else {
        crate::say!("the command has no name");
        return 64;
    };
    let finder = executables().finder();
    let handover = Handover { tool, shim: None, argv: args.words };
    full(&Run {
        handover: &handover,
        mode: Mode::Interactive,
        way: Way::BreakGlass,
        how: How::default(),
        dirs,
        finder: &finder,
    })
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
            crate::text::json(
                json!({ "v": 1, "uses": budget.uses, "left": budget.left, "per_s": budget.per_s,
                "next_s": budget.next_s, "due": ledger.owed().count(), "gone": ledger.gone(), "list": uses })
            )
        );
        return 0;
    }
    crate::outln!("{} of {} left in {}", budget.left, uses(budget.uses as usize), days(budget.per_s));
    for gone in ledger.gone() {
        crate::outln!("note: {gone}");
    }
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

/// What `guard doctor` says: reviews that are due, and traces of uses that are gone.
pub fn findings(dirs: &Dirs) -> Vec<Finding> {
    let found = |level, text, hint: String| Finding { level, text, hint: Some(hint) };
    let ledger = match Ledger::read(dirs).and_then(|ledger| ledger.complete(dirs)) {
        Ok(ledger) => ledger,
        // A log that cannot be read is a finding of its own.
        Err(LedgerError::Audit(_)) => return Vec::new(),
        Err(error) => return vec![found(Level::Broken, error.to_string(), error.hint())],
    };
    let mut findings = Vec::new();
    match ledger.owed().count() {
        0 => {}
        due => {
            let reviews = if due == 1 { "1 review is".to_owned() } else { format!("{due} reviews are") };
            let hint =
                "`guard breakglass status` lists them; a teammate signs, `guard breakglass review` fetches"
                    .to_owned();
            findings.push(found(Level::Warning, format!("break-glass: {reviews} due"), hint));
        }
    }
    let hint =
        || "was it removed, or brought back from a backup? See break-glass in docs/rules.md".to_owned();
    findings.extend(
        ledger.gone().iter().map(|gone| found(Level::Warning, format!("break-glass: {gone}"), hint())),
    );
    findings
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

/// Says why and what to do; returns the status.
fn fail(status: i32, what: &str, hint: &str) -> i32 {
    crate::say!("{what}");
    crate::say!("hint: {hint}");
    status
}

fn review(args: &Review, dirs: &Dirs) -> i32 {
    let team = match Team::existing(&dirs.state) {
        Ok(Some(team)) => team,
        Ok(None) => return fail(78, "this machine is in no team", "`guard team join URL`"),
        Err(error) => return fail(78, &error.to_string(), &error.hint()),
    };
    let signer = match Identity::existing(&dirs.state).and_then(|i| i.map(|i| i.signer()).transpose()) {
        Ok(Some(signer)) => signer,
        Ok(None) => return fail(78, "you have no key yet", "`guard key show` makes one"),
        Err(error) => return fail(69, &error.to_string(), "`guard key show` says where your key is"),
    };
    let courier = match Courier::to(&team, &signer) {
        Ok(Some(courier)) => courier,
        Ok(None) => return fail(69, "the team has no relay on this machine", "`guard team way URL`"),
        Err(error) => return fail(error.status(), &error.to_string(), &error.hint()),
    };
    let done = match &args.id {
        None => reviewed::fetch(dirs, &team, &courier).map(|settled| {
            crate::outln!("{settled} of your uses {} reviewed now", if settled == 1 { "is" } else { "are" });
            0
        }),
        Some(id) => sign_review(id, args, &team, &signer, &courier),
    };
    done.unwrap_or_else(|error| match error {
        NotReviewed::Relay(error) => fail(error.status(), &error.to_string(), &error.hint()),
        NotReviewed::Ledger(error) => complain(&error),
        NotReviewed::Other(why) => fail(77, &why, "`guard team show` says who is in the team"),
    })
}

fn sign_review(
    id: &str,
    args: &Review,
    team: &Team,
    signer: &Signer,
    courier: &Courier<'_>,
) -> Result<i32, NotReviewed> {
    let rows = courier.inbox("all")?;
    let found: Vec<_> =
        rows.iter().filter(|row| !id.is_empty() && row.request.hex().starts_with(id)).collect();
    let [row] = found.as_slice() else {
        return Ok(fail(75, "no request of the team begins so, or several do", "give more of the id"));
    };
    let Some(case) = reviewed::find(team, courier, &row.request)? else {
        return Ok(fail(75, "nobody broke the glass for this request", "check the id in the alarm"));
    };
    for line in &render::request(&case.request).lines {
        crate::outln!("{}", line.text);
    }
    crate::outln!("break-glass by {}: {}", show(&case.said.person), show_line(&case.said.reason, 400));
    let judgement = match args.judgement {
        Some(Word::Justified) => Judgement::Justified,
        Some(Word::ShouldHaveWaited) => Judgement::ShouldHaveWaited,
        Some(Word::PolicyBug) => Judgement::PolicyBug,
        None => return Ok(64),
    };
    reviewed::sign(&case, judgement, args.note.clone(), team, signer, courier)?;
    crate::outln!("signed: {}", judgement.word());
    Ok(0)
}
