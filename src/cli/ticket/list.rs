//! `guard ticket list|show`: the tickets at the relay with how they stand, and one of them with everything in it.

use super::relayed::{Row, fetch, one};
use crate::cli::team::{Trouble, now, time};
use crate::settings::Dirs;
use crate::statement::render;
use crate::statement::ticket::Word;
use crate::team::ticket::{Found, State, each_group};
use crate::text::{quote, show, show_line};
use serde_json::json;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// How long a ticket is listed after its end, in seconds.
const AFTER: u64 = 24 * 3600;

/// Columns of the state, at most.
const WIDTH: usize = 28;

/// List the tickets at the relay and how they stand
///
/// waiting (1 of 2), approved (2 of 3 uses left), used up, expired, lapsed, revoked, denied, withdrawn, void. What counts where
/// a ticket is used is the policy there.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Also those that ended more than a day ago
    #[arg(long)]
    all: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Show one ticket: what it allows, who approved it, its uses
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The beginning of its digest, as `list` shows it
    ticket: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, dirs: &Dirs) -> Result<(), Trouble> {
    let from = now().saturating_sub(AFTER);
    let (team, rows) = fetch(dirs, |found| args.all || found.ticket.not_after > from)?;
    if args.json {
        let rows: Vec<_> = rows.iter().map(Row::as_json).collect();
        crate::outln!("{}", crate::text::json(json!({ "v": 1, "team": team.name(), "tickets": rows })));
        return Ok(());
    }
    // Reasons of a revocation may be long; they push the rest aside instead of widening every row.
    let width = rows.iter().map(|row| row.standing.words().chars().count()).max().unwrap_or(0).min(WIDTH);
    for row in &rows {
        let ticket = &row.found.ticket;
        crate::outln!(
            "{}  {:width$}  until {}  {}  {}",
            row.short(),
            row.standing.words(),
            time(ticket.not_after),
            show_line(&ticket.workload.sub, 60),
            show_line(command(&row.found), 100),
        );
        details(row).iter().for_each(|line| crate::outln!("              {line}"));
    }
    if rows.is_empty() {
        crate::say!("no tickets; `guard ticket issue` asks for one");
    }
    Ok(())
}

pub fn show_one(args: &Show, dirs: &Dirs) -> Result<(), Trouble> {
    let (_, row) = one(dirs, &args.ticket)?;
    if args.json {
        let mut value = row.as_json();
        value["v"] = json!(1);
        crate::outln!("{}", crate::text::json(value));
        return Ok(());
    }
    crate::outln!("ticket {}: {}", row.short(), row.standing.words());
    details(&row).iter().for_each(|line| crate::outln!("{line}"));
    for used in &row.standing.uses {
        let by = used
            .person
            .as_deref()
            .map_or_else(|| "on this machine".to_owned(), |p| format!("by {}", show(p)));
        let at = used.at.map(|at| format!(", {}", time(at))).unwrap_or_default();
        crate::outln!("use {} is gone: {by}{at}", used.number);
    }
    render::ticket(&row.found.ticket).lines.iter().for_each(|line| crate::outln!("{}", line.text));
    Ok(())
}

/// What the state's few words leave open.
fn details(row: &Row) -> Vec<String> {
    let mut lines = Vec::new();
    if !row.standing.by.is_empty() {
        lines.push(format!("approved by {}", show_line(row.standing.by.join(", "), 120)));
    }
    match &row.standing.state {
        State::Waiting { missing, .. } => {
            let more = |(group, n): (&str, usize)| format!("{n} more of {}", show_line(group, 60));
            let more: Vec<String> = each_group(missing).into_iter().map(more).collect();
            lines.push(format!("needs {}", more.join(" and ")));
        }
        State::Approved { from: Some(from) } => lines.push(format!("counts from {}", time(*from))),
        State::Lapsed { at } => lines.push(format!("an approval counted only until {}", time(*at))),
        State::Approved { from: None }
        | State::UsedUp
        | State::Expired
        | State::Revoked(_)
        | State::Denied(_)
        | State::Cancelled(_)
        | State::Void(_) => {}
    }
    for drift in &row.drifts {
        let what = show_line(drift.what.join("; "), 160);
        lines.push(format!("drift here at {}: {what}; nothing ran", time(drift.at)));
    }
    lines
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
