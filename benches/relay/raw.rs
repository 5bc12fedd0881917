//! What the database does at most when each row has its own commit and sync.

use std::path::Path;
use std::time::{Duration, Instant};

const ROW: usize = 2048;
const TIME: Duration = Duration::from_secs(5);

pub fn sqlite(directory: &Path) -> f64 {
    let connection = rusqlite::Connection::open(directory.join("raw.db")).expect("opens");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t(id INTEGER PRIMARY KEY, x BLOB)",
        )
        .expect("a table");
    let row = vec![7_u8; ROW];
    let (begun, mut count) = (Instant::now(), 0_u32);
    while begun.elapsed() < TIME {
        connection
            .prepare_cached("INSERT INTO t(x) VALUES (?1)")
            .and_then(|mut s| s.execute([&row]))
            .expect("an insert");
        count += 1;
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

pub async fn postgres(server: &crate::postgres::Server) -> f64 {
    let config = format!("host=127.0.0.1 port={} user=app dbname=postgres", server.port);
    let (client, connection) =
        tokio_postgres::connect(&config, tokio_postgres::NoTls).await.expect("connects");
    tokio::spawn(connection);
    client.batch_execute("CREATE TABLE raw(id BIGSERIAL PRIMARY KEY, x BYTEA)").await.expect("a table");
    let insert = client.prepare("INSERT INTO raw(x) VALUES ($1)").await.expect("a statement");
    let row = vec![7_u8; ROW];
    let (begun, mut count) = (Instant::now(), 0_u32);
    while begun.elapsed() < TIME {
        client.execute(&insert, &[&row]).await.expect("an insert");
        count += 1;
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}
