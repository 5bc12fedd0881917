//! What time does to the tables: requests end, and what ended long ago is removed.

use super::super::EventKind;
use super::outbox;
use rusqlite::{Connection, params};

/// Requests removed in one transaction.
const STEP: i64 = 500;

pub fn expire(c: &Connection, now: i64, channels: &[String]) -> rusqlite::Result<u64> {
    let over: Vec<(String, [u8; 32])> = c
        .prepare_cached("SELECT team, rd FROM requests WHERE state = 0 AND exp < ?1 ORDER BY exp LIMIT 500")?
        .query_map([now], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (team, rd) in &over {
        c.prepare_cached("UPDATE requests SET state = 3 WHERE team = ?1 AND rd = ?2")?
            .execute(params![team, rd])?;
        outbox::queue_about(c, team, *rd, EventKind::Expired, "", now, channels)?;
    }
    Ok(over.len() as u64)
}

/// Removes threads that ended before `before`; the newest roster, claims and heads stay.
pub fn prune(c: &Connection, before: i64) -> rusqlite::Result<u64> {
    let old: Vec<(String, [u8; 32])> = c
        .prepare_cached("SELECT team, rd FROM requests WHERE state > 0 AND exp < ?1 AND at < ?1 LIMIT ?2")?
        .query_map(params![before, STEP], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut gone = 0;
    for (team, rd) in &old {
        gone += c
            .prepare_cached("DELETE FROM statements WHERE team = ?1 AND rd = ?2")?
            .execute(params![team, rd])? as u64;
        for table in ["requests", "messages", "outbox INDEXED BY outbox_request"] {
            c.prepare_cached(&format!("DELETE FROM {table} WHERE team = ?1 AND rd = ?2"))?
                .execute(params![team, rd])?;
        }
    }
    // What is about no request lives a year, which outlasts every ticket.
    gone += c.execute(
        "DELETE FROM statements WHERE seq IN (
            SELECT s.seq FROM statements s WHERE s.kind IN ('checkpoint', 'breakglass', 'review')
            AND s.received_at < ?1 - 31536000
            AND NOT EXISTS (SELECT 1 FROM requests r WHERE r.team = s.team AND r.rd = s.rd) LIMIT ?2)",
        params![before, STEP],
    )? as u64;
    c.execute("DELETE FROM outbox WHERE done > 0 AND next_at < ?1", [before])?;
    Ok(gone)
}
