//! `guard ticket list|export`: the tickets at the relay, and one of them as text for `$GUARD_TICKET`.

use crate::cli::team::ask::read_text;
use crate::cli::team::{Trouble, identity, now, team, time};
use crate::settings::Dirs;
use crate::statement::ticket::Word;
use crate::statement::{Envelope, Needs, Question, Surface, Verdict, verify};
use crate::team::ticket::{Found, all, with_statements};
use crate::team::{Courier, Team};
use crate::text::{quote, show, show_line};
use serde_json::json;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// List the tickets at the relay that are not over
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Print a ticket with its approvals as text, for $GUARD_TICKET
#[derive(Debug, clap::Args)]
pub struct Export {
    /// The beginning of its digest, as `list` shows it
    ticket: String,
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

pub fn join(args: &Join) -> Result<(), Trouble> {
    let no_ticket = || Trouble::new(64, "this is no ticket", "`guard ticket issue --print` prints one");
    let mut found = Found::read(&read_text(&args.ticket)?).ok_or_else(no_ticket)?;
    for answer in &args.answer {
        let bytes = read_text(answer)?;
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let no_answer = |_| Trouble::new(64, "this is no answer", "`guard approve` prints one");
        found.statements.push(Envelope::from_bytes(bytes).map_err(no_answer)?.to_bytes());
    }
    crate::outln!("{}", found.to_text());
    Ok(())
}

pub fn run(args: &Args, dirs: &Dirs) -> Result<(), Trouble> {
    let team = team(dirs)?;
    let found = at_relay(&team, dirs, |found| found.ticket.not_after > now())?;
    let rows: Vec<_> = found.iter().map(|found| (found, standing(found, &team))).collect();
    if args.json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(found, state)| json!({ "digest": found.envelope.digest(), "ticket": found.ticket, "state": state.0, "by": state.1 }))
            .collect();
        crate::outln!("{}", json!({ "v": 1, "team": team.name(), "tickets": rows }));
        return Ok(());
    }
    for (found, (state, by)) in rows {
        let ticket = &found.ticket;
        crate::outln!(
            "{}  {state:<9} until {}  {} times  {}  {}",
            &found.envelope.digest().hex()[..12],
            time(ticket.not_after),
            ticket.max,
            show_line(&ticket.workload.sub, 60),
            show_line(command(found), 100),
        );
        if !by.is_empty() {
            crate::outln!("              approved by {}", by.join(", "));
        }
    }
    Ok(())
}

pub fn export(args: &Export, dirs: &Dirs) -> Result<(), Trouble> {
    let team = team(dirs)?;
    let begins = |found: &Found| found.envelope.digest().hex().starts_with(&args.ticket);
    let found = at_relay(&team, dirs, begins)?;
    let [one] = &found[..] else {
        let what = format!("{} tickets begin with {}", found.len(), show(&args.ticket));
        return Err(Trouble::new(64, what, "`guard ticket list` shows them"));
    };
    crate::outln!("{}", one.to_text());
    Ok(())
}

fn at_relay(team: &Team, dirs: &Dirs, wanted: impl Fn(&Found) -> bool) -> Result<Vec<Found>, Trouble> {
    let signer = identity(dirs)?.signer()?;
    let courier = Courier::to(team, &signer)?.ok_or_else(|| {
        Trouble::new(78, "the team has no relay on this machine", "`guard team way URL` names one")
    })?;
    let mut found = Vec::new();
    for one in all(&courier)?.into_iter().filter(|found| wanted(found)) {
        found.push(with_statements(&courier, one)?);
    }
    Ok(found)
}

/// How it stands by what it asks for itself; what counts is the policy where it is used.
fn standing(found: &Found, team: &Team) -> (&'static str, Vec<String>) {
    let policy = &found.ticket.policy;
    let needs = Needs {
        seats: policy.needs.clone(),
        severity: policy.severity,
        surfaces: Surface::ALL.to_vec(),
        number: false,
        end_of_text: false,
        deny_quorum: 1,
    };
    let question = Question {
        subject: &found.envelope,
        statements: &found.statements,
        roster: team.roster(),
        needs: &needs,
        match_key: None,
        now: now(),
    };
    let verdict = verify(&question).verdict;
    let by = match &verdict {
        Verdict::Approved { seats: filled, .. } | Verdict::Pending { filled, .. } => {
            filled.iter().map(|seat| show(&seat.person)).collect()
        }
        Verdict::Denied { .. }
        | Verdict::Mismatch { .. }
        | Verdict::Cancelled { .. }
        | Verdict::Revoked { .. }
        | Verdict::Expired
        | Verdict::Lapsed { .. }
        | Verdict::Void(_) => Vec::new(),
    };
    (verdict.word(), by)
}

fn command(found: &Found) -> String {
    let word = |word: &Word| match word {
        Word::Exact(exact) => quote(OsStr::from_bytes(&exact.0)),
        Word::Hole(hole) => {
            let text = |t: &Option<String>| t.clone().unwrap_or_default();
            format!("{}{{{}}}{}", text(&hole.prefix), hole.hole, text(&hole.suffix))
        }
    };
    found.ticket.argv.iter().map(word).collect::<Vec<_>>().join(" ")
}
