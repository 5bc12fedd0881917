//! Keeping one statement, and what follows from it, inside the writer's transaction. The same steps as for SQLite;
//! tests run both through the same cases.

use super::super::{Effect, EventKind, Header, Kept, Posted, Refused, State};
use super::outbox;
use super::outbox::Queued;
use deadpool_postgres::Transaction;
use tokio_postgres::Error;
use tokio_postgres::types::ToSql;

/// Identical requests within this many seconds are shown as one.
const SAME: i64 = 600;

type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

pub async fn append(t: &Transaction<'_>, posted: &Posted, channels: &[String]) -> Result<Kept, Error> {
    let digest = &posted.digest[..];
    let asked = "SELECT seq FROM statements WHERE team = $1 AND digest = $2 AND kid = $3";
    if let Some(row) = one(t, asked, &[&posted.team, &digest, &posted.kid]).await? {
        return Ok(Kept::Known { seq: row.get(0) });
    }
    if let Some(refused) = refusal(t, posted).await? {
        return Ok(Kept::Refused(refused));
    }
    let sql = "INSERT INTO statements(team, rd, kind, kid, person, digest, envelope, received_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING seq";
    let rd = &posted.rd[..];
    let insert = t.prepare_cached(sql).await?;
    let values: Values = &[
        &posted.team,
        &rd,
        &posted.kind,
        &posted.kid,
        &posted.person,
        &digest,
        &posted.envelope,
        &posted.at,
    ];
    let seq: i64 = t.query_one(&insert, values).await?.get(0);
    follow(t, posted, seq, channels).await?;
    Ok(Kept::New { seq })
}

async fn one(
    t: &Transaction<'_>,
    sql: &str,
    values: Values<'_>,
) -> Result<Option<tokio_postgres::Row>, Error> {
    let asked = t.prepare_cached(sql).await?;
    t.query_opt(&asked, values).await
}

async fn run(t: &Transaction<'_>, sql: &str, values: Values<'_>) -> Result<u64, Error> {
    let asked = t.prepare_cached(sql).await?;
    t.execute(&asked, values).await
}

/// Kind and person of the request or ticket that a statement is about.
async fn opener(t: &Transaction<'_>, posted: &Posted) -> Result<Option<(String, String)>, Error> {
    let rd = &posted.rd[..];
    let row =
        one(t, "SELECT kind, person FROM requests WHERE team = $1 AND rd = $2", &[&posted.team, &rd]).await?;
    Ok(row.map(|row| (row.get(0), row.get(1))))
}

/// Whether the mailbox does not take it.
async fn refusal(t: &Transaction<'_>, posted: &Posted) -> Result<Option<Refused>, Error> {
    let team = &posted.team;
    match &posted.effect {
        Effect::Nothing | Effect::Alarm { .. } => Ok(None),
        Effect::Remark | Effect::Heard { .. } | Effect::End { .. } => {
            Ok(opener(t, posted).await?.is_none().then_some(Refused::NoSuchRequest))
        }
        Effect::EndOwn { .. } => Ok(match opener(t, posted).await? {
            None => Some(Refused::NoSuchRequest),
            Some((_, person)) => (person != posted.person).then_some(Refused::NotTheRequester),
        }),
        Effect::Review { about } => {
            let asked = "SELECT 1 FROM statements WHERE team = $1 AND digest = $2 AND rd = $3 AND kind = 'breakglass'";
            let there = one(t, &format!("{asked} LIMIT 1"), &[team, &&about[..], &&posted.rd[..]]).await?;
            Ok(there.is_none().then_some(Refused::NoSuchRequest))
        }
        Effect::Open { header, pending_limit, .. } => open_refusal(t, posted, header, *pending_limit).await,
        Effect::Claim { nonce } => {
            match opener(t, posted).await? {
                None => return Ok(Some(Refused::NoSuchRequest)),
                // A ticket is used by a workload, a request by whoever asked.
                Some((kind, person)) if kind == "request" && person != posted.person => {
                    return Ok(Some(Refused::NotTheRequester));
                }
                Some(_) => {}
            }
            let taken = one(t, "SELECT 1 FROM claims WHERE team = $1 AND nonce = $2", &[team, nonce]).await?;
            Ok(taken.map(|_| Refused::Spent))
        }
        Effect::Roster { version } => {
            let asked = "SELECT 1 FROM rosters WHERE team = $1 AND version >= $2 LIMIT 1";
            Ok(one(t, asked, &[team, version]).await?.map(|_| Refused::RosterVersionTaken))
        }
        Effect::Checkpoint { origin, size, root } => {
            let asked = "SELECT size, root FROM checkpoints WHERE team = $1 AND origin = $2";
            let head = one(t, asked, &[team, origin]).await?;
            let head = head.map(|row| (row.get::<_, i64>(0), row.get::<_, Vec<u8>>(1)));
            let back =
                |(old, old_root): &(i64, Vec<u8>)| old > size || (old == size && old_root[..] != root[..]);
            Ok(head.filter(back).map(|(size, _)| Refused::WentBack { size }))
        }
    }
}

async fn open_refusal(
    t: &Transaction<'_>,
    posted: &Posted,
    header: &Header,
    pending_limit: u32,
) -> Result<Option<Refused>, Error> {
    let (team, person) = (&posted.team, &posted.person);
    if one(t, "SELECT 1 FROM frozen WHERE team = $1 AND person = $2", &[team, person]).await?.is_some() {
        return Ok(Some(Refused::Frozen));
    }
    let asked = "SELECT count(*) FROM (SELECT 1 FROM requests
                 WHERE team = $1 AND state = 0 AND person = $2 AND exp >= $3 AND kind = $4 LIMIT $5) q";
    let limit = i64::from(pending_limit);
    let row = one(t, asked, &[team, person, &posted.at, &header.kind, &limit]).await?;
    let pending: i64 = row.map_or(0, |row| row.get(0));
    Ok((pending >= limit).then_some(Refused::TooManyPending))
}

/// The rows that follow from a statement that was just kept.
async fn follow(t: &Transaction<'_>, posted: &Posted, seq: i64, channels: &[String]) -> Result<(), Error> {
    let (team, rd, at) = (&posted.team, &posted.rd[..], posted.at);
    match &posted.effect {
        Effect::Nothing | Effect::Remark | Effect::Review { .. } => Ok(()),
        Effect::Heard { event } => {
            let asked = "SELECT 1 FROM requests WHERE team = $1 AND rd = $2 AND state = 0";
            if one(t, asked, &[team, &rd]).await?.is_none() {
                return Ok(());
            }
            outbox::queue_about(t, team, posted.rd, *event, &posted.person, at, channels).await
        }
        Effect::Open { header, shape, .. } => open(t, posted, seq, header, shape, channels).await,
        Effect::End { state, report } => end(t, posted, *state, *report, channels).await,
        Effect::EndOwn { state } => end(t, posted, *state, false, channels).await,
        Effect::Alarm { header } => {
            let event = EventKind::Breakglass;
            let queued = Queued { team, rd: posted.rd, thread: posted.rd, event, at };
            outbox::queue(t, &queued, &posted.person, &outbox::text(header), 0, channels).await
        }
        Effect::Claim { nonce } => {
            let sql = "INSERT INTO claims(team, nonce, rd, seq, at) VALUES ($1, $2, $3, $4, $5)";
            run(t, sql, &[team, nonce, &rd, &seq, &at]).await.map(drop)
        }
        Effect::Roster { version } => {
            let sql = "INSERT INTO rosters(team, version, envelope, at) VALUES ($1, $2, $3, $4)";
            run(t, sql, &[team, version, &posted.envelope, &at]).await.map(drop)
        }
        Effect::Checkpoint { origin, size, root } => {
            let sql = "INSERT INTO checkpoints(team, origin, size, root, at) VALUES ($1, $2, $3, $4, $5)
                       ON CONFLICT (team, origin) DO UPDATE
                       SET size = excluded.size, root = excluded.root, at = excluded.at";
            run(t, sql, &[team, origin, size, &&root[..], &at]).await.map(drop)
        }
    }
}

async fn open(
    t: &Transaction<'_>,
    posted: &Posted,
    seq: i64,
    header: &Header,
    shape: &[u8; 32],
    channels: &[String],
) -> Result<(), Error> {
    let (team, rd, at) = (&posted.team, &posted.rd[..], posted.at);
    let (shape, since) = (&shape[..], at - SAME);
    let asked = "SELECT thread FROM requests
                 WHERE team = $1 AND person = $2 AND shape = $3 AND state = 0 AND exp >= $4 AND at >= $5
                 ORDER BY seq DESC LIMIT 1";
    let same = one(t, asked, &[team, &posted.person, &shape, &at, &since]).await?;
    let thread = same.as_ref().map_or(posted.rd.to_vec(), |row| row.get(0));
    let text = outbox::text(header);
    let sql =
        "INSERT INTO requests(team, rd, seq, kind, person, severity, state, exp, at, shape, thread, header)
               VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10, $11)";
    let values: Values = &[
        team,
        &rd,
        &seq,
        &header.kind,
        &posted.person,
        &header.rank(),
        &header.exp,
        &at,
        &shape,
        &thread,
        &text,
    ];
    run(t, sql, values).await?;
    if same.is_some() {
        // People were told about this thread already.
        return Ok(());
    }
    let queued = Queued { team, rd: posted.rd, thread: posted.rd, event: EventKind::Opened, at };
    outbox::queue(t, &queued, &posted.person, &text, 0, channels).await
}

async fn end(
    t: &Transaction<'_>,
    posted: &Posted,
    state: State,
    report: bool,
    channels: &[String],
) -> Result<(), Error> {
    let (team, rd) = (&posted.team, &posted.rd[..]);
    // A receipt says more than any end before it; every other end is final.
    let sql = "UPDATE requests SET state = $3 WHERE team = $1 AND rd = $2 AND (state = 0 OR $3 = 4)";
    let changed = run(t, sql, &[team, &rd, &state.number()]).await?;
    if report {
        let sql = "INSERT INTO frozen(team, person, reporter, rd, at)
                   SELECT team, person, $3, rd, $4 FROM requests WHERE team = $1 AND rd = $2
                   ON CONFLICT DO NOTHING";
        run(t, sql, &[team, &rd, &posted.person, &posted.at]).await?;
    }
    match EventKind::of_end(state, report).filter(|_| changed > 0) {
        Some(event) => {
            outbox::queue_about(t, team, posted.rd, event, &posted.person, posted.at, channels).await
        }
        None => Ok(()),
    }
}
