//! Notifications to send: queued in the transaction of the statement they are about, taken with a lease.

use super::super::{Claimant, Event, EventKind, Header, Lease, Settled};
use rusqlite::{Connection, params};

/// Which thing to tell.
pub struct Queued<'a> {
    pub team: &'a str,
    pub rd: [u8; 32],
    pub thread: [u8; 32],
    pub event: EventKind,
    pub at: i64,
}

pub fn text(header: &Header) -> String {
    // Strings, integers and lists: cannot fail.
    serde_json::to_string(header).unwrap_or_default()
}

pub fn queue(
    c: &Connection,
    what: &Queued,
    person: &str,
    header: &str,
    repeats: i64,
    channels: &[String],
) -> rusqlite::Result<()> {
    for channel in channels {
        c.prepare_cached(
            "INSERT INTO outbox(team, rd, thread, event, channel, person, header, repeats, next_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            what.team,
            what.rd,
            what.thread,
            what.event.word(),
            channel,
            person,
            header,
            repeats,
            what.at
        ])?;
    }
    Ok(())
}

/// Queues what was said about a request: under the thread whose message people saw.
pub fn queue_about(
    c: &Connection,
    team: &str,
    rd: [u8; 32],
    event: EventKind,
    person: &str,
    at: i64,
    channels: &[String],
) -> rusqlite::Result<()> {
    if channels.is_empty() {
        return Ok(());
    }
    let (thread, header): ([u8; 32], String) = c
        .prepare_cached("SELECT thread, header FROM requests WHERE team = ?1 AND rd = ?2")?
        .query_row(params![team, rd], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let repeats: i64 = c
        .prepare_cached("SELECT count(*) FROM requests INDEXED BY requests_joined WHERE team = ?1 AND thread = ?2 AND thread <> rd")?
        .query_row(params![team, thread], |row| row.get(0))?;
    queue(c, &Queued { team, rd, thread, event, at }, person, &header, repeats, channels)
}

pub fn lease(c: &Connection, claimant: &Claimant, now: i64) -> rusqlite::Result<Vec<Lease>> {
    // A thread's messages in one channel go out in order: only the oldest that is not done. An alarm waits for none.
    let due: Vec<Lease> = c
        .prepare_cached(
            "SELECT o.id, o.team, o.rd, o.event, o.channel, o.person, o.header, o.repeats, o.attempts, m.reference
             FROM outbox o LEFT JOIN messages m ON m.team = o.team AND m.rd = o.thread AND m.channel = o.channel
             WHERE o.done = 0 AND o.next_at <= ?1 AND o.held_until < ?1 AND o.channel = ?3
             AND (o.event = 'breakglass') = ?4 AND (?4 OR NOT EXISTS (
                 SELECT 1 FROM outbox e INDEXED BY outbox_thread WHERE e.done = 0 AND e.id < o.id AND e.team = o.team
                 AND e.thread = o.thread AND e.channel = o.channel AND e.event <> 'breakglass'))
             ORDER BY o.id LIMIT ?2",
        )?
        .query_map(params![now, claimant.count, claimant.channel, claimant.alarms], |row| {
            let (event, header): (String, String) = (row.get(3)?, row.get(6)?);
            Ok(Lease {
                id: row.get(0)?,
                holder: claimant.holder,
                channel: row.get(4)?,
                attempts: row.get(8)?,
                message: row.get(9)?,
                event: Event {
                    team: row.get(1)?,
                    rd: row.get(2)?,
                    kind: EventKind::from_word(&event).unwrap_or(EventKind::Opened),
                    header: serde_json::from_str(&header).unwrap_or_default(),
                    repeats: row.get(7)?,
                    by: row.get(5)?,
                },
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    for lease in &due {
        c.prepare_cached(
            "UPDATE outbox SET held_until = ?2, holder = ?3, attempts = attempts + 1 WHERE id = ?1",
        )?
        .execute(params![lease.id, now + claimant.seconds, claimant.holder])?;
    }
    Ok(due)
}

pub fn settle(c: &Connection, lease: &Lease, how: &Settled) -> rusqlite::Result<()> {
    // A lease that ran out and was taken by another is no longer ours to settle.
    let mine = "WHERE id = ?1 AND holder = ?2 AND done = 0";
    match how {
        Settled::Sent(reference) => {
            let changed = c
                .prepare_cached(&format!("UPDATE outbox SET done = 1 {mine}"))?
                .execute(params![lease.id, lease.holder])?;
            if let (1, Some(reference)) = (changed, reference) {
                c.prepare_cached(
                    "INSERT OR REPLACE INTO messages(team, rd, channel, reference)
                     SELECT team, thread, channel, ?2 FROM outbox WHERE id = ?1",
                )?
                .execute(params![lease.id, reference])?;
            }
            Ok(())
        }
        Settled::Again(at) => c
            .prepare_cached(&format!("UPDATE outbox SET next_at = ?3, held_until = 0 {mine}"))?
            .execute(params![lease.id, lease.holder, at])
            .map(drop),
        Settled::Dropped => c
            .prepare_cached(&format!("UPDATE outbox SET done = 2 {mine}"))?
            .execute(params![lease.id, lease.holder])
            .map(drop),
    }
}
