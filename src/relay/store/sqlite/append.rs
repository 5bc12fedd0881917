//! Keeping one statement, and what follows from it, inside the writer's transaction.

use super::super::{Appended, Effect, EventKind, Header, Kept, Posted, Refused, State};
use super::outbox;
use rusqlite::{Connection, OptionalExtension, params};

// Without INDEXED BY, SQLite goes through every request that waits: it knows nothing of how many there are.

/// Identical requests within this many seconds are shown as one.
pub const SAME: i64 = 600;

pub fn append(
    c: &Connection,
    posted: &Posted,
    channels: &[String],
) -> rusqlite::Result<(Kept, Option<Appended>)> {
    if let Some(seq) = known(c, posted)? {
        return Ok((Kept::Known { seq }, None));
    }
    if let Some(refused) = refusal(c, posted)? {
        return Ok((Kept::Refused(refused), None));
    }
    c.prepare_cached(
        "INSERT INTO statements(team, rd, kind, kid, person, digest, envelope, received_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        posted.team,
        posted.rd,
        posted.kind,
        posted.kid,
        posted.person,
        posted.digest,
        posted.envelope,
        posted.at
    ])?;
    let seq = c.last_insert_rowid();
    follow(c, posted, seq, channels)?;
    let row = Appended { seq, team: posted.team.clone(), rd: posted.rd, kind: posted.kind.to_owned() };
    Ok((Kept::New { seq }, Some(row)))
}

fn known(c: &Connection, posted: &Posted) -> rusqlite::Result<Option<i64>> {
    c.prepare_cached("SELECT seq FROM statements WHERE team = ?1 AND digest = ?2 AND kid = ?3")?
        .query_row(params![posted.team, posted.digest, posted.kid], |row| row.get(0))
        .optional()
}

/// Whether the mailbox does not take it.
fn refusal(c: &Connection, posted: &Posted) -> rusqlite::Result<Option<Refused>> {
    let team = &posted.team;
    match &posted.effect {
        Effect::Nothing | Effect::Alarm { .. } => Ok(None),
        Effect::Remark | Effect::Heard { .. } | Effect::End { .. } => {
            Ok(opener(c, posted)?.is_none().then_some(Refused::NoSuchRequest))
        }
        Effect::EndOwn { .. } => Ok(match opener(c, posted)? {
            None => Some(Refused::NoSuchRequest),
            Some((_, person)) => (person != posted.person).then_some(Refused::NotTheRequester),
        }),
        Effect::Review { about } => {
            let asked = "SELECT 1 FROM statements WHERE team = ?1 AND digest = ?2 AND rd = ?3 AND kind = 'breakglass'";
            let there = exists(c, asked, params![team, about, posted.rd])?;
            Ok((!there).then_some(Refused::NoSuchRequest))
        }
        Effect::Open { header, pending_limit, .. } => {
            let asked = "SELECT 1 FROM frozen WHERE team = ?1 AND person = ?2";
            if exists(c, asked, params![team, posted.person])? {
                return Ok(Some(Refused::Frozen));
            }
            let pending: i64 = c
                .prepare_cached(
                    "SELECT count(*) FROM (SELECT 1 FROM requests INDEXED BY requests_open
                     WHERE team = ?1 AND state = 0 AND person = ?2 AND exp >= ?3 AND kind = ?4 LIMIT ?5)",
                )?
                .query_row(params![team, posted.person, posted.at, header.kind, pending_limit], |row| {
                    row.get(0)
                })?;
            Ok((pending >= i64::from(*pending_limit)).then_some(Refused::TooManyPending))
        }
        Effect::Claim { nonce } => {
            match opener(c, posted)? {
                None => return Ok(Some(Refused::NoSuchRequest)),
                // A ticket is used by a workload, a request by whoever asked.
                Some((kind, person)) if kind == "request" && person != posted.person => {
                    return Ok(Some(Refused::NotTheRequester));
                }
                Some(_) => {}
            }
            let asked = "SELECT 1 FROM claims WHERE team = ?1 AND nonce = ?2";
            Ok(exists(c, asked, params![team, nonce])?.then_some(Refused::Spent))
        }
        Effect::Roster { version } => {
            let asked = "SELECT 1 FROM rosters WHERE team = ?1 AND version >= ?2";
            Ok(exists(c, asked, params![team, version])?.then_some(Refused::RosterVersionTaken))
        }
        Effect::Checkpoint { origin, size, root } => {
            let asked = "SELECT size, root FROM checkpoints WHERE team = ?1 AND origin = ?2";
            let head: Option<(i64, [u8; 32])> = c
                .prepare_cached(asked)?
                .query_row(params![team, origin], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let back = |(old, old_root): &(i64, [u8; 32])| *old > *size || (old == size && old_root != root);
            Ok(head.filter(back).map(|(size, _)| Refused::WentBack { size }))
        }
    }
}

/// Kind and person of the request or ticket that a statement is about.
fn opener(c: &Connection, posted: &Posted) -> rusqlite::Result<Option<(String, String)>> {
    c.prepare_cached("SELECT kind, person FROM requests WHERE team = ?1 AND rd = ?2")?
        .query_row(params![posted.team, posted.rd], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

fn exists(c: &Connection, sql: &str, values: impl rusqlite::Params) -> rusqlite::Result<bool> {
    c.prepare_cached(sql)?.exists(values)
}

/// The rows that follow from a statement that was just kept.
fn follow(c: &Connection, posted: &Posted, seq: i64, channels: &[String]) -> rusqlite::Result<()> {
    let (team, rd, at) = (&posted.team, posted.rd, posted.at);
    match &posted.effect {
        Effect::Nothing | Effect::Remark | Effect::Review { .. } => Ok(()),
        Effect::Heard { event } => {
            let asked = "SELECT 1 FROM requests WHERE team = ?1 AND rd = ?2 AND state = 0";
            if !exists(c, asked, params![team, rd])? {
                return Ok(());
            }
            outbox::queue_about(c, team, rd, *event, &posted.person, at, channels)
        }
        Effect::Open { header, shape, .. } => open(c, posted, seq, header, shape, channels),
        Effect::End { state, report } => end(c, posted, *state, *report, channels),
        Effect::EndOwn { state } => end(c, posted, *state, false, channels),
        Effect::Alarm { header } => {
            let queued = outbox::Queued { team, rd, thread: rd, event: EventKind::Breakglass, at };
            outbox::queue(c, &queued, &posted.person, &outbox::text(header), 0, channels)
        }
        Effect::Claim { nonce } => c
            .prepare_cached("INSERT INTO claims(team, nonce, rd, seq, at) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![team, nonce, rd, seq, at])
            .map(drop),
        Effect::Roster { version } => c
            .prepare_cached("INSERT INTO rosters(team, version, envelope, at) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![team, version, posted.envelope, at])
            .map(drop),
        Effect::Checkpoint { origin, size, root } => c
            .prepare_cached(
                "INSERT OR REPLACE INTO checkpoints(team, origin, size, root, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![team, origin, size, root, at])
            .map(drop),
    }
}

fn open(
    c: &Connection,
    posted: &Posted,
    seq: i64,
    header: &Header,
    shape: &[u8; 32],
    channels: &[String],
) -> rusqlite::Result<()> {
    let (team, rd, at) = (&posted.team, posted.rd, posted.at);
    let same: Option<[u8; 32]> = c
        .prepare_cached(
            "SELECT thread FROM requests INDEXED BY requests_same
             WHERE team = ?1 AND person = ?2 AND shape = ?3 AND state = 0 AND exp >= ?4 AND at >= ?5
             ORDER BY seq DESC LIMIT 1",
        )?
        .query_row(params![team, posted.person, shape, at, at - SAME], |row| row.get(0))
        .optional()?;
    let text = outbox::text(header);
    c.prepare_cached(
        "INSERT INTO requests(team, rd, seq, kind, person, severity, state, exp, at, shape, thread, header)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        team,
        rd,
        seq,
        header.kind,
        posted.person,
        header.rank(),
        header.exp,
        at,
        shape,
        same.unwrap_or(rd),
        text
    ])?;
    if same.is_some() {
        // People were told about this thread already.
        return Ok(());
    }
    let queued = outbox::Queued { team, rd, thread: rd, event: EventKind::Opened, at };
    outbox::queue(c, &queued, &posted.person, &text, 0, channels)
}

fn end(
    c: &Connection,
    posted: &Posted,
    state: State,
    report: bool,
    channels: &[String],
) -> rusqlite::Result<()> {
    let (team, rd) = (&posted.team, posted.rd);
    // A receipt says more than any end before it; every other end is final.
    let changed = c
        .prepare_cached(
            "UPDATE requests SET state = ?3 WHERE team = ?1 AND rd = ?2 AND (state = 0 OR ?3 = 4)",
        )?
        .execute(params![team, rd, state.number()])?;
    if report {
        c.prepare_cached(
            "INSERT OR IGNORE INTO frozen(team, person, reporter, rd, at)
             SELECT team, person, ?3, rd, ?4 FROM requests WHERE team = ?1 AND rd = ?2",
        )?
        .execute(params![team, rd, posted.person, posted.at])?;
    }
    match EventKind::of_end(state, report).filter(|_| changed > 0) {
        Some(event) => outbox::queue_about(c, team, rd, event, &posted.person, posted.at, channels),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::schema::SQLITE;

    #[test]
    fn appending_looks_at_few_rows_however_many_wait() {
        let c = rusqlite::Connection::open_in_memory().expect("memory");
        SQLITE.iter().for_each(|step| c.execute_batch(step).expect("a step"));
        let source = include_str!("append.rs").split("#[cfg(test)]").next().expect("code");
        let queries = source.split('"').filter(|text| text.trim_start().starts_with("SELECT "));
        let mut seen = 0;
        for query in queries.filter(|q| q.contains("FROM requests")) {
            let mut explained = c.prepare(&format!("EXPLAIN QUERY PLAN {query}")).expect("a query");
            let values = vec![1; explained.parameter_count()];
            let rows = explained.query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3));
            for plan in rows.expect("a plan").flatten().filter(|plan| plan.contains("requests")) {
                let narrow = [
                    "PRIMARY KEY (team=? AND rd=?)",
                    "COVERING INDEX requests_open (team=? AND state=? AND person=? AND kind=? AND exp>?)",
                    "requests_same",
                ];
                assert!(narrow.iter().any(|n| plan.contains(n)), "{query}: {plan}");
                seen += 1;
            }
        }
        assert!(seen >= 3, "{seen}");
    }
}
