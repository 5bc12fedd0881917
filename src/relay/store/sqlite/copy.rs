//! Reading every row for a backup, and filling an empty file from one.

use super::super::StoreError;
use super::super::dump::{GAP, Sink, Source, Value, insertion, readable};
use super::super::schema::TABLES;
use super::{connect, hold, layout, migrate, trouble};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};
use std::path::Path;

pub fn dump(path: &Path, sink: Sink) -> Result<(), StoreError> {
    if !path.exists() {
        return Err(StoreError::Gone(format!("{} does not exist", path.display())));
    }
    let mut connection = connect(path)?;
    // One transaction sees one moment, however long it takes.
    let moment = connection.transaction().map_err(trouble)?;
    readable(layout(&moment)?.unwrap_or(0))?;
    for (table, columns) in TABLES {
        let sql = format!("SELECT {} FROM {table} ORDER BY 1, 2", columns.join(", "));
        let mut rows = moment.prepare(&sql).map_err(trouble)?;
        let mut rows = rows.query([]).map_err(trouble)?;
        while let Some(row) = rows.next().map_err(trouble)? {
            let mut values = Vec::with_capacity(columns.len());
            for column in 0..columns.len() {
                values.push(value(row.get_ref(column).map_err(trouble)?)?);
            }
            sink(table, values)?;
        }
    }
    Ok(())
}

fn value(value: ValueRef) -> Result<Value, StoreError> {
    match value {
        ValueRef::Integer(number) => Ok(Value::Integer(number)),
        ValueRef::Text(text) => Ok(Value::Text(String::from_utf8_lossy(text).into_owned())),
        ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.to_vec())),
        ValueRef::Null | ValueRef::Real(_) => Err(StoreError::Broken("a column of another type".to_owned())),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

pub fn load(path: &Path, source: Source) -> Result<(), StoreError> {
    let _held = hold(path)?;
    migrate(path)?;
    let mut connection = connect(path)?;
    let all = connection.transaction().map_err(trouble)?;
    for (table, _) in TABLES {
        if all.prepare(&format!("SELECT 1 FROM {table}")).and_then(|mut s| s.exists([])).map_err(trouble)? {
            return Err(StoreError::Broken("it is not empty; restore into a new one".to_owned()));
        }
    }
    while let Some((table, row)) = source()? {
        let sql = insertion(table, |n| format!("?{n}"));
        let mut insert = all.prepare_cached(&sql).map_err(trouble)?;
        insert.execute(params_from_iter(row)).map_err(trouble)?;
    }
    leave_gap(&all).map_err(trouble)?;
    all.commit().map_err(trouble)
}

fn leave_gap(c: &Connection) -> rusqlite::Result<()> {
    c.execute("DELETE FROM sqlite_sequence WHERE name = 'statements'", [])?;
    c.execute(
        "INSERT INTO sqlite_sequence(name, seq) SELECT 'statements', coalesce(max(seq), 0) + ?1 FROM statements",
        [GAP],
    )?;
    Ok(())
}
