//! Reading every row for a backup, and filling an empty database from one.

use super::super::StoreError;
use super::super::dump::{GAP, Sink, Source, Value, insertion, readable};
use super::super::schema::TABLES;
use super::{LOCK, layout, migrate_in, place, pool, trouble};
use deadpool_postgres::Transaction;
use tokio_postgres::IsolationLevel;
use tokio_postgres::types::{ToSql, Type};

/// Rows fetched at once.
const STEP: i32 = 500;

pub async fn dump(url: &str, sink: Sink<'_>) -> Result<(), StoreError> {
    let pool = pool(url, 2)?;
    let mut client = place(&pool).await?;
    // One transaction sees one moment, however long it takes.
    let building = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    let moment = building.start().await.map_err(|e| trouble(&e))?;
    readable(layout(&moment).await?)?;
    for (table, columns) in TABLES {
        let sql = format!("SELECT {} FROM {table} ORDER BY 1, 2", columns.join(", "));
        let asked = moment.prepare(&sql).await.map_err(|e| trouble(&e))?;
        let portal = moment.bind(&asked, &[]).await.map_err(|e| trouble(&e))?;
        loop {
            let rows = moment.query_portal(&portal, STEP).await.map_err(|e| trouble(&e))?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let values = (0..columns.len()).map(|column| value(&row, column));
                sink(table, values.collect::<Result<_, _>>()?)?;
            }
        }
    }
    Ok(())
}

fn value(row: &tokio_postgres::Row, column: usize) -> Result<Value, StoreError> {
    match *row.columns()[column].type_() {
        Type::INT8 => Ok(Value::Integer(row.get(column))),
        Type::INT4 => Ok(Value::Integer(i64::from(row.get::<_, i32>(column)))),
        Type::TEXT => Ok(Value::Text(row.get(column))),
        Type::BYTEA => Ok(Value::Bytes(row.get(column))),
        _ => Err(StoreError::Broken("a column of another type".to_owned())),
    }
}

pub async fn load(url: &str, source: Source<'_>) -> Result<(), StoreError> {
    let pool = pool(url, 2)?;
    migrate_in(&pool).await?;
    let mut client = place(&pool).await?;
    let all = client.transaction().await.map_err(|e| trouble(&e))?;
    all.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await.map_err(|e| trouble(&e))?;
    for (table, _) in TABLES {
        let row =
            all.query_opt(&format!("SELECT 1 FROM {table} LIMIT 1"), &[]).await.map_err(|e| trouble(&e))?;
        if row.is_some() {
            return Err(StoreError::Broken("it is not empty; restore into a new one".to_owned()));
        }
    }
    while let Some((table, row)) = source()? {
        insert(&all, table, row).await?;
    }
    let sql = "SELECT setval(pg_get_serial_sequence('statements', 'seq'), coalesce(max(seq), 0) + $1) FROM statements";
    all.execute(sql, &[&GAP]).await.map_err(|e| trouble(&e))?;
    all.commit().await.map_err(|e| trouble(&e))
}

async fn insert(all: &Transaction<'_>, table: &str, row: Vec<Value>) -> Result<(), StoreError> {
    let sql = insertion(table, |n| format!("${n}"));
    let asked = all.prepare_cached(&sql).await.map_err(|e| trouble(&e))?;
    let mut values: Vec<Box<dyn ToSql + Sync + Send>> = Vec::with_capacity(row.len());
    for (value, kind) in row.into_iter().zip(asked.params()) {
        values.push(match (value, kind) {
            (Value::Integer(number), &Type::INT4) => Box::new(i32::try_from(number).unwrap_or(i32::MAX)),
            (Value::Integer(number), _) => Box::new(number),
            (Value::Text(text), _) => Box::new(text),
            (Value::Bytes(bytes), _) => Box::new(bytes),
        });
    }
    let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v.as_ref() as &(dyn ToSql + Sync)).collect();
    all.execute(&asked, &values).await.map(drop).map_err(|e| trouble(&e))
}
