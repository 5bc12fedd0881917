//! A copy of the whole database as JSON lines, taken from one moment while the relay runs; the same for SQLite and
//! PostgreSQL, so it also moves from one to the other. A file that was cut or changed is refused when it is read.

use super::schema::{LAYOUT, SAME_ROWS, TABLES};
use super::{StoreError, postgres, sqlite};
use crate::keys::{Sha256, decode_bytes, encode};
use crate::relay::settings::Where;
use serde_json::{Value as Json, json};
use std::io::{BufRead, Write};

/// Sequence numbers that a restored database leaves out: whoever saw numbers that came after the copy was taken
/// must not take new statements for ones already seen.
pub const GAP: i64 = 1_000_000;

/// Whether `TABLES` says what a database of this layout holds.
pub fn readable(found: i64) -> Result<(), StoreError> {
    let wrong = StoreError::Layout { found, expected: LAYOUT };
    if (SAME_ROWS..=LAYOUT).contains(&found) { Ok(()) } else { Err(wrong) }
}

/// One column of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// Takes rows of the tables in order.
pub type Sink<'a> = &'a mut (dyn FnMut(&'static str, Vec<Value>) -> Result<(), StoreError> + Send);
/// Gives rows of the tables in order.
pub type Source<'a> = &'a mut (dyn FnMut() -> Result<Option<(&'static str, Vec<Value>)>, StoreError> + Send);

struct Out<'a, W> {
    to: &'a mut W,
    hash: Sha256,
    rows: u64,
}

impl<W: Write> Out<'_, W> {
    fn line(&mut self, value: &Json) -> Result<(), StoreError> {
        let text = format!("{value}\n");
        self.hash.update(text.as_bytes());
        self.to.write_all(text.as_bytes()).map_err(file)
    }
}

fn file(error: std::io::Error) -> StoreError {
    StoreError::File(format!("the file cannot be written or read: {error}"))
}

/// Writes every row; returns how many.
pub async fn write(place: &Where, to: &mut (impl Write + Send)) -> Result<u64, StoreError> {
    let mut out = Out { to, hash: Sha256::default(), rows: 0 };
    out.line(&json!({ "guard_relay_backup": 1, "layout": LAYOUT, "at": crate::relay::now() }))?;
    let mut sink = |table: &'static str, row: Vec<Value>| {
        out.rows += 1;
        let row: Vec<Json> = row.into_iter().map(spell).collect();
        out.line(&json!([table, row]))
    };
    match place {
        Where::Sqlite(path) => sqlite::dump(path, &mut sink)?,
        Where::Postgres(url) => postgres::dump(url, &mut sink).await?,
    }
    let rows = out.rows;
    let digest = std::mem::take(&mut out.hash).finish();
    let end = format!("{}\n", json!({ "rows": rows, "sha256": encode(&digest) }));
    out.to.write_all(end.as_bytes()).and_then(|()| out.to.flush()).map_err(file)?;
    Ok(rows)
}

/// Fills an empty database; returns how many rows. Nothing is kept of a file that is not whole.
pub async fn read(place: &Where, from: impl BufRead + Send) -> Result<u64, StoreError> {
    let mut lines = Lines { from, hash: Sha256::default(), rows: 0, begun: false };
    let mut source = || lines.next();
    match place {
        Where::Sqlite(path) => sqlite::load(path, &mut source)?,
        Where::Postgres(url) => postgres::load(url, &mut source).await?,
    }
    Ok(lines.rows)
}

struct Lines<R> {
    from: R,
    hash: Sha256,
    rows: u64,
    begun: bool,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<(&'static str, Vec<Value>)>, StoreError> {
        let broken = |what: &str| {
            StoreError::File(format!("the file is no whole backup: {what}; nothing was kept of it"))
        };
        loop {
            let mut text = String::new();
            self.from.read_line(&mut text).map_err(file)?;
            let line: Json = serde_json::from_str(&text).map_err(|_| broken("it was cut"))?;
            if !self.begun {
                let layout = line.get("layout").and_then(Json::as_i64);
                let known = layout.is_some_and(|layout| readable(layout).is_ok());
                if line.get("guard_relay_backup") != Some(&json!(1)) || !known {
                    return Err(broken("its first line is of another kind or layout"));
                }
                self.begun = true;
                self.hash.update(text.as_bytes());
                continue;
            }
            if let Some(digest) = line.get("sha256") {
                let same = digest.as_str() == Some(&encode(&std::mem::take(&mut self.hash).finish()));
                let all = line.get("rows").and_then(Json::as_u64) == Some(self.rows);
                return if same && all { Ok(None) } else { Err(broken("it was changed")) };
            }
            self.hash.update(text.as_bytes());
            self.rows += 1;
            return row(&line).map(Some).ok_or_else(|| broken("a row is of another shape"));
        }
    }
}

fn row(line: &Json) -> Option<(&'static str, Vec<Value>)> {
    let [name, values] = line.as_array()?.as_slice() else { return None };
    let (table, columns) = TABLES.iter().find(|(table, _)| Some(*table) == name.as_str())?;
    let values: Vec<Value> = values.as_array()?.iter().map(value).collect::<Option<_>>()?;
    (values.len() == columns.len()).then_some((*table, values))
}

fn spell(value: Value) -> Json {
    match value {
        Value::Integer(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Bytes(bytes) => json!({ "b64": encode(&bytes) }),
    }
}

fn value(json: &Json) -> Option<Value> {
    match json {
        Json::Number(number) => number.as_i64().map(Value::Integer),
        Json::String(text) => Some(Value::Text(text.clone())),
        Json::Object(object) => decode_bytes(object.get("b64")?.as_str()?).map(Value::Bytes),
        Json::Null | Json::Bool(_) | Json::Array(_) => None,
    }
}

/// `INSERT INTO table(columns) VALUES (…)` with the database's own marks.
pub fn insertion(table: &str, mark: impl Fn(usize) -> String) -> String {
    let columns = TABLES.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, columns)| columns);
    let marks: Vec<String> = (1..=columns.len()).map(mark).collect();
    format!("INSERT INTO {table}({}) VALUES ({})", columns.join(", "), marks.join(", "))
}
