//! What readers ask. Every answer is bounded; a listing never has to hold the whole database.

use super::super::types::shown_as;
use super::super::{Appended, Entry, Frozen, Header, Row, State, StoreError, Thread};
use super::trouble;
use deadpool_postgres::Object;
use tokio_postgres::types::ToSql;

/// Statements in one answer; the rest follows by asking again.
const PAGE: i64 = 256;

const ENTRY: &str = "SELECT seq, rd, kind, kid, person, received_at, envelope FROM statements";

async fn rows(
    client: &Object,
    sql: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Vec<tokio_postgres::Row>, StoreError> {
    let asked = client.prepare_cached(sql).await.map_err(|e| trouble(&e))?;
    client.query(&asked, values).await.map_err(|e| trouble(&e))
}

/// 32 bytes of a column.
pub fn digest(row: &tokio_postgres::Row, column: usize) -> Result<[u8; 32], StoreError> {
    let bytes: Vec<u8> = row.get(column);
    bytes.try_into().map_err(|_| StoreError::Broken("a digest of another length".to_owned()))
}

async fn entries(
    client: &Object,
    sql: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Entry>, StoreError> {
    let read = |row: &tokio_postgres::Row| {
        Ok(Entry {
            seq: row.get(0),
            rd: digest(row, 1)?,
            kind: row.get(2),
            kid: row.get(3),
            person: row.get(4),
            at: row.get(5),
            envelope: row.get(6),
        })
    };
    rows(client, sql, values).await?.iter().map(read).collect()
}

pub async fn thread(
    client: &Object,
    team: &str,
    rd: [u8; 32],
    after: i64,
) -> Result<Option<Thread>, StoreError> {
    let asked = "SELECT state, exp FROM requests WHERE team = $1 AND rd = $2";
    let found = rows(client, asked, &[&team, &&rd[..]]).await?;
    let Some(head) = found.first() else { return Ok(None) };
    let (state, exp): (i32, i64) = (head.get(0), head.get(1));
    let sql = format!("{ENTRY} WHERE team = $1 AND rd = $2 AND seq > $3 ORDER BY seq LIMIT {PAGE}");
    let entries = entries(client, &sql, &[&team, &&rd[..], &after]).await?;
    Ok(Some(Thread { state: State::from_number(state), exp, entries }))
}

pub async fn since(client: &Object, team: &str, after: i64) -> Result<Vec<Entry>, StoreError> {
    // The envelope is fetched by whoever wants it; an event is small.
    let sql = "SELECT seq, rd, kind, kid, person, received_at, '' FROM statements
               WHERE team = $1 AND seq > $2 ORDER BY seq LIMIT 256";
    entries(client, sql, &[&team, &after]).await
}

pub async fn page(client: &Object, team: &str, after: i64) -> Result<Vec<Entry>, StoreError> {
    let sql = format!("{ENTRY} WHERE team = $1 AND seq > $2 ORDER BY seq LIMIT {PAGE}");
    entries(client, &sql, &[&team, &after]).await
}

pub async fn of_kind(client: &Object, team: &str, kind: &str) -> Result<Vec<Entry>, StoreError> {
    let sql = format!("{ENTRY} WHERE team = $1 AND kind = $2 ORDER BY seq DESC LIMIT {PAGE}");
    entries(client, &sql, &[&team, &kind]).await
}

pub async fn inbox(
    client: &Object,
    team: &str,
    state: Option<State>,
    now: i64,
) -> Result<Vec<Row>, StoreError> {
    // Of identical requests each that somebody may wait for is there, and of those that ended the newest.
    let sql = format!(
        "SELECT seq, rd, shown, header,
             (SELECT count(*) - 1 FROM requests t WHERE t.team = $1 AND t.thread = q.thread)
         FROM (
             SELECT r.seq, r.rd, r.header, r.severity, r.thread,
                 CASE WHEN r.state = 0 AND r.exp < $2 THEN 3 ELSE r.state END AS shown
             FROM requests r
             WHERE r.team = $1 AND {} AND (r.state = 0 AND r.exp >= $2 OR NOT EXISTS (
                 SELECT 1 FROM requests n WHERE n.team = r.team AND n.thread = r.thread AND n.seq > r.seq))
             ORDER BY CASE WHEN r.state = 0 AND r.exp >= $2 THEN 0 ELSE 1 END, r.severity DESC,
                 CASE WHEN r.state = 0 AND r.exp >= $2 THEN r.seq ELSE -r.seq END
             LIMIT 256) q
         ORDER BY CASE WHEN shown = 0 THEN 0 ELSE 1 END, severity DESC, CASE WHEN shown = 0 THEN seq ELSE -seq END",
        shown_as(state, "$2")
    );
    let read = |row: &tokio_postgres::Row| {
        let header: String = row.get(3);
        Ok(Row {
            seq: row.get(0),
            rd: digest(row, 1)?,
            state: State::from_number(row.get(2)),
            header: serde_json::from_str::<Header>(&header).unwrap_or_default(),
            repeats: row.get(4),
        })
    };
    rows(client, &sql, &[&team, &now]).await?.iter().map(read).collect()
}

pub async fn roster(client: &Object, team: &str, version: Option<i64>) -> Result<Option<String>, StoreError> {
    let sql = "SELECT envelope FROM rosters WHERE team = $1 AND ($2::bigint IS NULL OR version = $2)
               ORDER BY version DESC LIMIT 1";
    Ok(rows(client, sql, &[&team, &version]).await?.first().map(|row| row.get(0)))
}

pub async fn frozen(client: &Object, team: &str) -> Result<Vec<Frozen>, StoreError> {
    let sql = "SELECT person, reporter, at FROM frozen WHERE team = $1 ORDER BY person";
    let read = |row: &tokio_postgres::Row| Frozen { person: row.get(0), by: row.get(1), at: row.get(2) };
    Ok(rows(client, sql, &[&team]).await?.iter().map(read).collect())
}

/// The newest sequence number of all teams.
pub async fn newest(client: &Object) -> Result<i64, StoreError> {
    let found = rows(client, "SELECT coalesce(max(seq), 0) FROM statements", &[]).await?;
    Ok(found.first().map_or(0, |row| row.get(0)))
}

/// What came after `last`, of all teams.
pub async fn after(client: &Object, last: i64) -> Result<Vec<Appended>, StoreError> {
    let sql = "SELECT seq, team, rd, kind FROM statements WHERE seq > $1 ORDER BY seq LIMIT 1000";
    let read = |row: &tokio_postgres::Row| {
        Ok(Appended { seq: row.get(0), team: row.get(1), rd: digest(row, 2)?, kind: row.get(3) })
    };
    rows(client, sql, &[&last]).await?.iter().map(read).collect()
}
