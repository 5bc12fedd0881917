//! What time does to the tables: requests end, and what ended long ago is removed. Instances step over each other's
//! rows, so each end is told once.

use super::super::{EventKind, StoreError};
use super::outbox;
use super::trouble;
use deadpool_postgres::Object;
use tokio_postgres::Error;

/// Requests removed in one transaction.
const STEP: i64 = 500;

pub async fn expire(client: &mut Object, now: i64, channels: &[String]) -> Result<u64, StoreError> {
    expired(client, now, channels).await.map_err(|e| trouble(&e))
}

async fn expired(client: &mut Object, now: i64, channels: &[String]) -> Result<u64, Error> {
    let t = client.transaction().await?;
    let sql = "
        WITH over AS (
            SELECT team, rd FROM requests WHERE state = 0 AND exp < $1 ORDER BY exp LIMIT 500 FOR UPDATE SKIP LOCKED)
        UPDATE requests r SET state = 3 FROM over o WHERE r.team = o.team AND r.rd = o.rd
        RETURNING r.team, r.rd";
    let rows = t.query(sql, &[&now]).await?;
    for row in &rows {
        let team: String = row.get(0);
        let Ok(rd) = <[u8; 32]>::try_from(row.get::<_, Vec<u8>>(1)) else { continue };
        outbox::queue_about(&t, &team, rd, EventKind::Expired, "", now, channels).await?;
    }
    t.commit().await?;
    Ok(rows.len() as u64)
}

/// Removes threads that ended before `before`; rosters, claims and heads stay.
pub async fn prune(client: &mut Object, before: i64) -> Result<u64, StoreError> {
    pruned(client, before).await.map_err(|e| trouble(&e))
}

async fn pruned(client: &mut Object, before: i64) -> Result<u64, Error> {
    let t = client.transaction().await?;
    let sql = "
        WITH old AS (
            DELETE FROM requests WHERE (team, rd) IN (
                SELECT team, rd FROM requests WHERE state > 0 AND exp < $1 AND at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
            RETURNING team, rd),
        m AS (DELETE FROM messages d USING old o WHERE d.team = o.team AND d.rd = o.rd),
        b AS (DELETE FROM outbox d USING old o WHERE d.team = o.team AND d.rd = o.rd)
        DELETE FROM statements s USING old o WHERE s.team = o.team AND s.rd = o.rd";
    let mut gone = t.execute(sql, &[&before, &STEP]).await?;
    // What is about no request lives a year, which outlasts every ticket.
    let sql = "
        DELETE FROM statements WHERE seq IN (
            SELECT s.seq FROM statements s WHERE s.kind IN ('checkpoint', 'breakglass', 'review')
            AND s.received_at < $1::bigint - 31536000
            AND NOT EXISTS (SELECT 1 FROM requests r WHERE r.team = s.team AND r.rd = s.rd) LIMIT $2)";
    gone += t.execute(sql, &[&before, &STEP]).await?;
    t.execute("DELETE FROM outbox WHERE done > 0 AND next_at < $1", &[&before]).await?;
    t.commit().await?;
    Ok(gone)
}
