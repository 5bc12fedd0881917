//! The requirement that asks nobody: a database session in which the server refuses writes. Must never be taken for
//! passed where it would not hold.

use super::Stopped;
use crate::rules::pack::Gate;
use crate::rules::{Judged, Verdict};
use crate::targets::postgres::{self, Opening};

/// How the command must be opened; `None` where nothing asks for that.
pub fn opening(verdict: &Verdict) -> Result<Option<Opening>, Stopped> {
    let asks = |j: &&Judged| j.contributions.iter().any(|c| c.adds.contains(&Gate::ReadOnly));
    let mut asking = verdict.commands.iter().filter(asks).peekable();
    if asking.peek().is_none() {
        return Ok(None);
    }
    if !asking.all(|j| j.command.tool == "psql") {
        return Err(cannot(
            "only a psql session can be opened read-only",
            "limit the policy to rule = \"psql.interactive-session\"",
        ));
    }
    // Only the program that guard becomes gets its environment from guard.
    match verdict.commands.as_slice() {
        [judged] if judged.command.invocation.place().is_none() => postgres::opening(&judged.command)
            .map(Some)
            .map_err(|postgres::NotHeld { why, hint }| cannot(why, hint)),
        _ => Err(cannot("another program starts this psql", "run psql by itself")),
    }
}

fn cannot(why: &str, hint: &str) -> Stopped {
    Stopped::NotAskable { gate: Gate::ReadOnly, why: why.to_owned(), hint: hint.to_owned() }
}

/// What the person at the session should know.
pub fn words(opening: &Opening) -> String {
    let pooler = if opening.direct {
        ""
    } else {
        "; a pooler on the way may drop it, SHOW transaction_read_only tells"
    };
    format!(
        "this session is read-only: `SET default_transaction_read_only = off` lifts it, \\c keeps it{pooler}"
    )
}
