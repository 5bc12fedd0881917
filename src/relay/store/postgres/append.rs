//! Keeping statements, and what follows from them, inside the writer's transaction. The same steps as for SQLite;
//! tests run both through the same cases.

use super::super::{Effect, EventKind, Kept, Posted, Refused};
use super::outbox::Queued;
use super::{ahead, outbox};
use deadpool_postgres::Transaction;
use tokio_postgres::Error;
use tokio_postgres::types::ToSql;

/// Identical requests within this many seconds are shown as one.
pub const SAME: i64 = 600;

pub type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A statement's row: team, request, kind, key, person, digest, envelope, when it came.
pub fn row_of<'a>(posted: &'a Posted, rd: &'a &'a [u8], digest: &'a &'a [u8]) -> [&'a (dyn ToSql + Sync); 8] {
    [&posted.team, rd, &posted.kind, &posted.kid, &posted.person, digest, &posted.envelope, &posted.at]
}

/// Keeps a group: what is common first, all of it in one round trip; then what is rare, one after the other.
pub async fn all(t: &Transaction<'_>, group: &[&Posted], channels: &[String]) -> Result<Vec<Kept>, Error> {
    let mut kept = Vec::with_capacity(group.len());
    for (posted, done) in group.iter().zip(ahead::all(t, group, channels).await?) {
        kept.push(match done {
            Some(done) => done,
            None => append(t, posted, channels).await?,
        });
    }
    Ok(kept)
}

async fn append(t: &Transaction<'_>, posted: &Posted, channels: &[String]) -> Result<Kept, Error> {
    let digest = &posted.digest[..];
    let asked = "SELECT seq FROM statements WHERE team = $1 AND digest = $2 AND kid = $3";
    // Sent together: on a real network the round trips are what costs.
    let values: Values = &[&posted.team, &digest, &posted.kid];
    let (known, refused) = tokio::try_join!(one(t, asked, values), refusal(t, posted))?;
    if let Some(row) = known {
        return Ok(Kept::Known { seq: row.get(0) });
    }
    if let Some(refused) = refused {
        return Ok(Kept::Refused(refused));
    }
    let seq = insert(t, posted).await?;
    follow(t, posted, seq, channels).await?;
    Ok(Kept::New { seq })
}

async fn insert(t: &Transaction<'_>, posted: &Posted) -> Result<i64, Error> {
    let sql = "INSERT INTO statements(team, rd, kind, kid, person, digest, envelope, received_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING seq";
    let (rd, digest) = (&posted.rd[..], &posted.digest[..]);
    let insert = t.prepare_cached(sql).await?;
    Ok(t.query_one(&insert, &row_of(posted, &rd, &digest)).await?.get(0))
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
        // The latter were kept in one query each (`ahead`).
        Effect::Nothing
        | Effect::Alarm { .. }
        | Effect::Open { .. }
        | Effect::Remark
        | Effect::Heard { .. }
        | Effect::End { .. }
        | Effect::EndOwn { .. } => Ok(None),
        Effect::Review { about } => {
            let asked = "SELECT 1 FROM statements WHERE team = $1 AND digest = $2 AND rd = $3 AND kind = 'breakglass'";
            let there = one(t, &format!("{asked} LIMIT 1"), &[team, &&about[..], &&posted.rd[..]]).await?;
            Ok(there.is_none().then_some(Refused::NoSuchRequest))
        }
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

/// The rows that follow from a statement that was just kept.
async fn follow(t: &Transaction<'_>, posted: &Posted, seq: i64, channels: &[String]) -> Result<(), Error> {
    let (team, rd, at) = (&posted.team, &posted.rd[..], posted.at);
    match &posted.effect {
        Effect::Nothing
        | Effect::Review { .. }
        | Effect::Open { .. }
        | Effect::Remark
        | Effect::Heard { .. }
        | Effect::End { .. }
        | Effect::EndOwn { .. } => Ok(()),
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
