//! Tickets from the relay, each with what was said about it and how it stands here. Must never call one approved on the relay's
//! word: the roster of this machine is brought up to date first, and every signature is checked against it.

use crate::cli::team::{Trouble, identity, now, team};
use crate::gates::approval::{Drifted, drifted};
use crate::settings::Dirs;
use crate::statement::Hash;
use crate::team::ticket::{Found, Standing, Used, all, uses, with_statements};
use crate::team::{Courier, Team, sync};
use crate::text::show;
use serde_json::{Value, json};

/// Fewer characters of an id are a slip.
const SHORTEST: usize = 4;

/// A ticket with how it stands.
pub struct Row {
    pub found: Found,
    pub standing: Standing,
    /// What differed where it was to be used on this machine; nothing ran then.
    pub drifts: Vec<Drifted>,
}

impl Row {
    pub fn of(found: Found, team: &Team, dirs: &Dirs) -> Result<Row, Trouble> {
        let used = uses::gone(&dirs.state, &found, team.roster())?;
        let standing = Standing::of(&found, used, team.roster(), now());
        let mut drifts = drifted(dirs, team.roster(), found.ticket.iat);
        drifts.retain(|drift| drift.ticket == found.envelope.digest());
        Ok(Row { found, standing, drifts })
    }

    pub fn short(&self) -> String {
        self.found.envelope.digest().hex()[..12].to_owned()
    }

    pub fn as_json(&self) -> Value {
        let used = |used: &Used| json!({ "number": used.number, "person": used.person, "at": used.at });
        let drift = |drift: &Drifted| json!({ "at": drift.at, "what": drift.what });
        let standing = &self.standing;
        json!({
            "digest": self.found.envelope.digest(),
            "ticket": self.found.ticket,
            "state": standing.word(),
            "words": standing.words(),
            "by": standing.by,
            "max": standing.max,
            "left": standing.left(),
            "uses": standing.uses.iter().map(used).collect::<Vec<_>>(),
            "drift": self.drifts.iter().map(drift).collect::<Vec<_>>(),
        })
    }
}

/// The team of this machine at its newest, and the tickets at its relay that are wanted.
pub fn fetch(dirs: &Dirs, wanted: impl Fn(&Found) -> bool) -> Result<(Team, Vec<Row>), Trouble> {
    let mut team = team(dirs)?;
    let signer = identity(dirs)?.signer()?;
    let courier = Courier::to(&team, &signer)?.ok_or_else(|| {
        Trouble::new(78, "the team has no relay on this machine", "`guard team way URL` names one")
    })?;
    // Somebody may have approved it under a newer roster.
    sync(&mut team, &courier)?;
    let mut rows = Vec::new();
    for one in all(&courier)?.into_iter().filter(|found| wanted(found)) {
        rows.push(Row::of(with_statements(&courier, one)?, &team, dirs)?);
    }
    Ok((team, rows))
}

/// A ticket whose text is at hand, with what was said about it at the relay, where the team has one; it comes up to date
/// first.
pub fn newest(team: &mut Team, found: &Found, dirs: &Dirs) -> Result<Found, Trouble> {
    if team.way().relay.is_none() {
        return Ok(found.clone());
    }
    let signer = identity(dirs)?.signer()?;
    let Some(courier) = Courier::to(team, &signer)? else { return Ok(found.clone()) };
    sync(team, &courier)?;
    Ok(with_statements(&courier, found.clone())?)
}

/// The one ticket that an id means.
pub fn one(dirs: &Dirs, id: &str) -> Result<(Team, Row), Trouble> {
    let (team, mut rows) = fetch(dirs, |found| begins(&found.envelope.digest(), id))?;
    match (rows.pop(), rows.len()) {
        (Some(row), 0) => Ok((team, row)),
        (row, more) => {
            let count = more + usize::from(row.is_some());
            let what = format!("{count} tickets begin with {}", show(id));
            Err(Trouble::new(64, what, "`guard ticket list` shows them"))
        }
    }
}

/// Whether the argument can only be meant as an id: some digits of a digest.
pub fn is_id(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    (SHORTEST..=64).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

fn begins(digest: &Hash, id: &str) -> bool {
    let digits = id.strip_prefix("sha256:").unwrap_or(id).to_ascii_lowercase();
    digest.hex().starts_with(&digits)
}
