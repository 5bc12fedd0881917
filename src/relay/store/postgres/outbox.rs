//! Notifications to send: queued in the transaction of the statement they are about, taken with a lease that other
//! instances step over.

use super::super::{Claimant, Event, EventKind, Header, Lease, Settled, StoreError};
use super::{read, trouble};
use deadpool_postgres::{Object, Transaction};
use tokio_postgres::Error;

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

pub async fn queue(
    t: &Transaction<'_>,
    what: &Queued<'_>,
    person: &str,
    header: &str,
    repeats: i64,
    channels: &[String],
) -> Result<(), Error> {
    for channel in channels {
        let sql = "INSERT INTO outbox(team, rd, thread, event, channel, person, header, repeats, next_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let insert = t.prepare_cached(sql).await?;
        let (rd, thread, event) = (&what.rd[..], &what.thread[..], what.event.word());
        t.execute(
            &insert,
            &[&what.team, &rd, &thread, &event, channel, &person, &header, &repeats, &what.at],
        )
        .await?;
    }
    Ok(())
}

/// Queues what was said about a request: under the thread whose message people saw.
pub async fn queue_about(
    t: &Transaction<'_>,
    team: &str,
    rd: [u8; 32],
    event: EventKind,
    person: &str,
    at: i64,
    channels: &[String],
) -> Result<(), Error> {
    if channels.is_empty() {
        return Ok(());
    }
    let sql = "SELECT r.thread, r.header,
                   (SELECT count(*) - 1 FROM requests s WHERE s.team = r.team AND s.thread = r.thread)
               FROM requests r WHERE r.team = $1 AND r.rd = $2";
    let asked = t.prepare_cached(sql).await?;
    let row = t.query_one(&asked, &[&team, &&rd[..]]).await?;
    let thread: [u8; 32] = row.get::<_, Vec<u8>>(0).try_into().unwrap_or(rd);
    let header: String = row.get(1);
    queue(t, &Queued { team, rd, thread, event, at }, person, &header, row.get(2), channels).await
}

pub async fn lease(client: &Object, claimant: &Claimant, now: i64) -> Result<Vec<Lease>, StoreError> {
    // A thread's messages in one channel go out in order: only the oldest that is not done. An alarm waits for none.
    let sql = "
        WITH due AS (
            SELECT o.id FROM outbox o
            WHERE o.done = 0 AND o.next_at <= $1 AND o.held_until < $1 AND o.channel = $5
            AND (o.event = 'breakglass') = $6 AND ($6 OR NOT EXISTS (
                SELECT 1 FROM outbox e WHERE e.done = 0 AND e.id < o.id AND e.team = o.team
                AND e.thread = o.thread AND e.channel = o.channel AND e.event <> 'breakglass'))
            ORDER BY o.id LIMIT $2 FOR UPDATE OF o SKIP LOCKED),
        taken AS (
            UPDATE outbox o SET held_until = $3, holder = $4, attempts = attempts + 1
            FROM due WHERE o.id = due.id RETURNING o.*)
        SELECT t.id, t.team, t.rd, t.event, t.channel, t.person, t.header, t.repeats, t.attempts - 1, m.reference
        FROM taken t LEFT JOIN messages m ON m.team = t.team AND m.rd = t.thread AND m.channel = t.channel
        ORDER BY t.id";
    let (count, until) = (i64::from(claimant.count), now + claimant.seconds);
    let asked = client.prepare_cached(sql).await.map_err(|e| trouble(&e))?;
    let rows = client
        .query(&asked, &[&now, &count, &until, &&claimant.holder[..], &claimant.channel, &claimant.alarms])
        .await;
    rows.map_err(|e| trouble(&e))?.iter().map(|row| read_lease(row, claimant)).collect()
}

fn read_lease(row: &tokio_postgres::Row, claimant: &Claimant) -> Result<Lease, StoreError> {
    let (event, header): (String, String) = (row.get(3), row.get(6));
    Ok(Lease {
        id: row.get(0),
        holder: claimant.holder,
        channel: row.get(4),
        attempts: row.get(8),
        message: row.get(9),
        event: Event {
            team: row.get(1),
            rd: read::digest(row, 2)?,
            kind: EventKind::from_word(&event).unwrap_or(EventKind::Opened),
            header: serde_json::from_str(&header).unwrap_or_default(),
            repeats: row.get(7),
            by: row.get(5),
        },
    })
}

pub async fn settle(client: &mut Object, lease: &Lease, how: &Settled) -> Result<(), StoreError> {
    settled(client, lease, how).await.map_err(|e| trouble(&e))
}

async fn settled(client: &mut Object, lease: &Lease, how: &Settled) -> Result<(), Error> {
    let t = client.transaction().await?;
    // A lease that ran out and was taken by another is no longer ours to settle.
    let mine = "WHERE id = $1 AND holder = $2 AND done = 0";
    let holder = &lease.holder[..];
    match how {
        Settled::Sent(reference) => {
            let sql = format!("UPDATE outbox SET done = 1 {mine}");
            let changed = t.execute(&sql, &[&lease.id, &holder]).await?;
            if let (1, Some(reference)) = (changed, reference) {
                let sql = "INSERT INTO messages(team, rd, channel, reference)
                           SELECT team, thread, channel, $2 FROM outbox WHERE id = $1
                           ON CONFLICT (team, rd, channel) DO UPDATE SET reference = excluded.reference";
                t.execute(sql, &[&lease.id, reference]).await?;
            }
        }
        Settled::Again(at) => {
            let sql = format!("UPDATE outbox SET next_at = $3, held_until = 0 {mine}");
            t.execute(&sql, &[&lease.id, &holder, at]).await?;
        }
        Settled::Dropped => {
            let sql = format!("UPDATE outbox SET done = 2 {mine}");
            t.execute(&sql, &[&lease.id, &holder]).await?;
        }
    }
    t.commit().await
}
