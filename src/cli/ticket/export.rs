//! `guard ticket export|join`: a ticket with what was said about it as text for `$GUARD_TICKET`. Must never hand one out
//! without a word on how it stands: the text alone looks the same approved or not.

use super::relayed::{Row, one};
use crate::cli::team::Trouble;
use crate::cli::team::ask::read_text;
use crate::settings::Dirs;
use crate::statement::Envelope;
use crate::team::Team;
use crate::team::ticket::{Found, State};
use serde_json::json;
use std::path::PathBuf;

/// Print a ticket with its approvals as text, for $GUARD_TICKET
///
/// How it stands is said on standard error.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The beginning of its digest, as `list` shows it
    ticket: String,
    /// Print one JSON object: the text, and how it stands
    #[arg(long)]
    json: bool,
}

/// Join a ticket and answers to it into one text, where there is no relay
#[derive(Debug, clap::Args)]
pub struct Join {
    /// The ticket: a file, its text, or - for standard input
    ticket: PathBuf,
    /// Approvals: files or their texts (guard-ok1:…)
    #[arg(required = true)]
    answer: Vec<PathBuf>,
}

pub fn run(args: &Args, dirs: &Dirs) -> Result<(), Trouble> {
    let (_, row) = one(dirs, &args.ticket)?;
    if args.json {
        let mut value = row.as_json();
        (value["v"], value["text"]) = (json!(1), json!(row.found.to_text()));
        crate::outln!("{}", crate::text::json(value));
        return Ok(());
    }
    crate::outln!("{}", row.found.to_text());
    tell(&row);
    Ok(())
}

pub fn join(args: &Join, dirs: &Dirs) -> Result<(), Trouble> {
    let no_ticket = || Trouble::new(64, "this is no ticket", "`guard ticket issue --print` prints one");
    let mut found = Found::read(&read_text(&args.ticket)?).ok_or_else(no_ticket)?;
    for answer in &args.answer {
        let bytes = read_text(answer)?;
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let no_answer = |_| Trouble::new(64, "this is no answer", "`guard approve` prints one");
        found.statements.push(Envelope::from_bytes(bytes).map_err(no_answer)?.to_bytes());
    }
    crate::outln!("{}", found.to_text());
    // Whoever joins them need not be in the team; then nobody can say here how it stands.
    if let Ok(Some(team)) = Team::existing(&dirs.state) {
        tell(&Row::of(found, &team, dirs)?);
    }
    Ok(())
}

/// How it stands, beside the text.
fn tell(row: &Row) {
    let by = match row.standing.by.join(", ") {
        nobody if nobody.is_empty() => String::new(),
        by => format!(", approved by {}", crate::text::show_line(by, 120)),
    };
    crate::say!("ticket {}: {}{by}", row.short(), row.standing.words());
    match &row.standing.state {
        State::Approved { .. } => {}
        State::Waiting { .. } => crate::say!(
            "hint: it lets nothing run before it is approved; where the team has a relay this text stays good, else export it again"
        ),
        State::UsedUp
        | State::Expired
        | State::Lapsed { .. }
        | State::Revoked(_)
        | State::Denied(_)
        | State::Cancelled(_)
        | State::Void(_) => crate::say!("hint: it lets nothing run; `guard ticket issue` asks for another"),
    }
}
