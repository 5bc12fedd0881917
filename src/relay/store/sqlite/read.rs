//! What readers ask. Every answer is bounded; a listing never has to hold the whole database.

use super::super::types::shown_as;
use super::super::{Entry, Frozen, Header, Row, State, Thread};
use rusqlite::{Connection, OptionalExtension, params};

/// Statements in one answer; the rest follows by asking again.
pub const PAGE: i64 = 256;

const ENTRY: &str = "SELECT seq, rd, kind, kid, person, received_at, envelope FROM statements";

fn entries(c: &Connection, sql: &str, values: impl rusqlite::Params) -> rusqlite::Result<Vec<Entry>> {
    c.prepare_cached(sql)?
        .query_map(values, |row| {
            Ok(Entry {
                seq: row.get(0)?,
                rd: row.get(1)?,
                kind: row.get(2)?,
                kid: row.get(3)?,
                person: row.get(4)?,
                at: row.get(5)?,
                envelope: row.get(6)?,
            })
        })?
        .collect()
}

pub fn thread(c: &Connection, team: &str, rd: [u8; 32], after: i64) -> rusqlite::Result<Option<Thread>> {
    let head: Option<(i32, i64)> = c
        .prepare_cached("SELECT state, exp FROM requests WHERE team = ?1 AND rd = ?2")?
        .query_row(params![team, rd], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((state, exp)) = head else { return Ok(None) };
    let sql = format!("{ENTRY} WHERE team = ?1 AND rd = ?2 AND seq > ?3 ORDER BY seq LIMIT {PAGE}");
    let entries = entries(c, &sql, params![team, rd, after])?;
    Ok(Some(Thread { state: State::from_number(state), exp, entries }))
}

pub fn since(c: &Connection, team: &str, after: i64) -> rusqlite::Result<Vec<Entry>> {
    // The envelope is fetched by whoever wants it; an event is small.
    let sql = "SELECT seq, rd, kind, kid, person, received_at, '' FROM statements
               WHERE team = ?1 AND seq > ?2 ORDER BY seq LIMIT 256";
    entries(c, sql, params![team, after])
}

pub fn page(c: &Connection, team: &str, after: i64) -> rusqlite::Result<Vec<Entry>> {
    let sql = format!("{ENTRY} WHERE team = ?1 AND seq > ?2 ORDER BY seq LIMIT {PAGE}");
    entries(c, &sql, params![team, after])
}

pub fn of_kind(c: &Connection, team: &str, kind: &str) -> rusqlite::Result<Vec<Entry>> {
    let sql = format!("{ENTRY} WHERE team = ?1 AND kind = ?2 ORDER BY seq DESC LIMIT {PAGE}");
    entries(c, &sql, params![team, kind])
}

/// The query of the inbox. Without INDEXED BY, SQLite compares every request with every other of the team: it knows
/// nothing of how many there are.
fn inbox_query(state: Option<State>) -> String {
    // Of identical requests each that somebody may wait for is there, and of those that ended the newest. A thread has
    // the name of its first request, so every newer one joined it.
    format!(
        "SELECT seq, rd, shown, header,
             (SELECT count(*) FROM requests t INDEXED BY requests_joined
                 WHERE t.team = ?1 AND t.thread = q.thread AND t.thread <> t.rd)
         FROM (
             SELECT r.seq, r.rd, CASE WHEN r.state = 0 AND r.exp < ?2 THEN 3 ELSE r.state END AS shown, r.header,
                 r.severity, r.thread
             FROM requests r {}
             WHERE r.team = ?1 AND {} AND (r.state = 0 AND r.exp >= ?2 OR NOT EXISTS (
                 SELECT 1 FROM requests n INDEXED BY requests_joined
                 WHERE n.team = r.team AND n.thread = r.thread AND n.thread <> n.rd AND n.seq > r.seq))
             ORDER BY CASE WHEN shown = 0 THEN 0 ELSE 1 END, r.severity DESC,
                 CASE WHEN shown = 0 THEN r.seq ELSE -r.seq END LIMIT 256) q
         ORDER BY CASE WHEN shown = 0 THEN 0 ELSE 1 END, severity DESC, CASE WHEN shown = 0 THEN seq ELSE -seq END",
        // Few wait of all that are kept.
        if state == Some(State::Pending) { "INDEXED BY requests_open" } else { "" },
        shown_as(state, "?2")
    )
}

pub fn inbox(c: &Connection, team: &str, state: Option<State>, now: i64) -> rusqlite::Result<Vec<Row>> {
    c.prepare_cached(&inbox_query(state))?
        .query_map(params![team, now], |row| {
            let header: String = row.get(3)?;
            Ok(Row {
                seq: row.get(0)?,
                rd: row.get(1)?,
                state: State::from_number(row.get(2)?),
                header: serde_json::from_str::<Header>(&header).unwrap_or_default(),
                repeats: row.get(4)?,
            })
        })?
        .collect()
}

pub fn roster(c: &Connection, team: &str, version: Option<i64>) -> rusqlite::Result<Option<String>> {
    c.prepare_cached(
        "SELECT envelope FROM rosters WHERE team = ?1 AND (?2 IS NULL OR version = ?2) ORDER BY version DESC LIMIT 1",
    )?
    .query_row(params![team, version], |row| row.get(0))
    .optional()
}

pub fn frozen(c: &Connection, team: &str) -> rusqlite::Result<Vec<Frozen>> {
    c.prepare_cached("SELECT person, reporter, at FROM frozen WHERE team = ?1 ORDER BY person")?
        .query_map([team], |row| Ok(Frozen { person: row.get(0)?, by: row.get(1)?, at: row.get(2)? }))?
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::schema::SQLITE;
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn the_inbox_is_quick_however_many_wait() {
        let c = Connection::open_in_memory().expect("memory");
        SQLITE.iter().for_each(|step| c.execute_batch(step).expect("a step"));
        // Comparing each with each other takes minutes.
        c.execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
             INSERT INTO requests(team, rd, seq, kind, person, severity, state, exp, at, shape, thread, header)
             SELECT 't', CAST(printf('%032d', i) AS BLOB), i, 'request', 'p' || (i % 250), i % 4, 0, 100, 1,
                 CAST(i AS BLOB), CAST(printf('%032d', i - i % 2) AS BLOB), '{}' FROM n",
        )
        .expect("rows");
        for state in [Some(State::Pending), None] {
            let begun = Instant::now();
            let rows = inbox(&c, "t", state, 50).expect("rows");
            assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
            assert_eq!(
                (rows.len(), rows[0].repeats),
                (256, 1),
                "each that waits, and how often it was asked"
            );
            assert!(rows.windows(2).all(|two| two[0].seq < two[1].seq), "the worst ones, the oldest first");
        }
    }
}
