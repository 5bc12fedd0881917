//! Statements in one SQLite file (WAL, full sync): one writer thread, a few reading threads. An append is
//! acknowledged only after the commit that holds it was synced.

mod append;
mod copy;
mod outbox;
mod read;
mod threads;
mod upkeep;
mod writer;

pub use copy::{dump, load};

use super::schema::{LAYOUT, LAYOUT_ROW, SQLITE};
use super::{
    Appended, Claimant, Entry, Frozen, Kept, Lease, Options, Posted, Row, Settled, State, StoreError, Thread,
};
use crate::relay::hub::Hub;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const READERS: usize = 2;
/// How long another process (prune, backup) may hold the file.
const PATIENCE: Duration = Duration::from_secs(5);

pub struct Sqlite {
    writer: writer::Writer,
    readers: threads::Readers,
    channels: Arc<Vec<String>>,
    /// The last write failed: readiness tries one before it says yes.
    failing: Arc<AtomicBool>,
    /// While serving; upkeep runs beside.
    _held: Option<File>,
}

/// Opens the file with the settings that durability rests on.
pub fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path).map_err(trouble)?;
    connection.busy_timeout(PATIENCE).map_err(trouble)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -8192; PRAGMA journal_size_limit = 67108864;",
        )
        .map_err(trouble)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Otherwise a query whose LIMIT is bound is parsed and planned anew each time it runs.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(trouble)?;
    Ok(connection)
}

/// Brings the file to this guard's layout; returns the steps taken. A newer layout is refused.
pub fn migrate(path: &Path) -> Result<i64, StoreError> {
    make_private(path)?;
    let mut connection = connect(path)?;
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(trouble)?;
    transaction
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
        )
        .map_err(trouble)?;
    let found = layout(&transaction)?.unwrap_or(0);
    if found > LAYOUT {
        return Err(StoreError::Layout { found, expected: LAYOUT });
    }
    for step in SQLITE.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step).map_err(trouble)?;
    }
    transaction
        .execute("INSERT OR REPLACE INTO meta(name, value) VALUES (?1, ?2)", (LAYOUT_ROW, LAYOUT))
        .map_err(trouble)?;
    transaction.commit().map_err(trouble)?;
    Ok(LAYOUT - found)
}

/// As `migrate`, beside a relay that may be serving: of another version, it would lose its tables under its hands.
pub fn migrate_beside(path: &Path) -> Result<i64, StoreError> {
    if path.exists() && layout(&connect(path)?).ok().flatten() == Some(LAYOUT) {
        return Ok(0);
    }
    let _held = hold(path)?;
    migrate(path)
}

fn layout(connection: &Connection) -> Result<Option<i64>, StoreError> {
    let asked = "SELECT value FROM meta WHERE name = ?1";
    connection.query_row(asked, [LAYOUT_ROW], |row| row.get(0)).optional().map_err(trouble)
}

/// SQLite gives its side files the mode of the database: nobody else reads requests.
fn make_private(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    options.read(true).append(true).create(true).mode(0o600);
    options.open(path).map(drop).map_err(|e| StoreError::Gone(format!("{}: {e}", path.display())))
}

/// Holds the file for one relay; two would not hear of each other's statements.
pub fn hold(path: &Path) -> Result<File, StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let mut options = File::options();
    options.read(true).append(true).create(true).mode(0o600);
    let file =
        options.open(&name).map_err(|e| StoreError::Gone(format!("{}: {e}", Path::new(&name).display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::Held),
        Err(std::fs::TryLockError::Error(error)) => Err(StoreError::Gone(error.to_string())),
    }
}

impl Sqlite {
    pub fn open(path: &Path, hub: Arc<Hub>, options: Options) -> Result<Sqlite, StoreError> {
        let held = if options.beside { None } else { Some(hold(path)?) };
        if options.beside && !path.exists() {
            return Err(StoreError::Gone(format!("{} does not exist", path.display())));
        }
        if options.beside {
            migrate_beside(path)?
        } else {
            migrate(path)?
        };
        let failing = Arc::new(AtomicBool::new(false));
        Ok(Sqlite {
            writer: writer::Writer::start(connect(path)?, hub, Arc::clone(&failing))?,
            readers: threads::Readers::start(path, READERS)?,
            channels: Arc::new(options.channels),
            failing,
            _held: held,
        })
    }

    pub async fn append(&self, posted: Posted) -> Result<Kept, StoreError> {
        let channels = Arc::clone(&self.channels);
        let write = move |c: &Connection| append::append(c, &posted, &channels);
        self.writer.write(write).await
    }

    pub async fn thread(&self, team: String, rd: [u8; 32], after: i64) -> Result<Option<Thread>, StoreError> {
        self.readers.read(move |c| read::thread(c, &team, rd, after)).await
    }

    pub async fn inbox(&self, team: String, state: Option<State>, now: i64) -> Result<Vec<Row>, StoreError> {
        self.readers.read(move |c| read::inbox(c, &team, state, now)).await
    }

    pub async fn since(&self, team: String, after: i64) -> Result<Vec<Entry>, StoreError> {
        self.readers.read(move |c| read::since(c, &team, after)).await
    }

    pub async fn page(&self, team: String, after: i64) -> Result<Vec<Entry>, StoreError> {
        self.readers.read(move |c| read::page(c, &team, after)).await
    }

    pub async fn of_kind(&self, team: String, kind: &'static str) -> Result<Vec<Entry>, StoreError> {
        self.readers.read(move |c| read::of_kind(c, &team, kind)).await
    }

    pub async fn roster(&self, team: String, version: Option<i64>) -> Result<Option<String>, StoreError> {
        self.readers.read(move |c| read::roster(c, &team, version)).await
    }

    pub async fn teams(&self) -> Result<i64, StoreError> {
        let asked = "SELECT count(DISTINCT team) FROM rosters";
        self.readers.read(move |c| c.query_row(asked, [], |row| row.get(0))).await
    }

    pub async fn frozen(&self, team: String) -> Result<Vec<Frozen>, StoreError> {
        self.readers.read(move |c| read::frozen(c, &team)).await
    }

    pub async fn thaw(&self, team: String, person: String) -> Result<bool, StoreError> {
        self.quietly(move |c| {
            let gone = c.execute("DELETE FROM frozen WHERE team = ?1 AND person = ?2", (&team, &person))?;
            Ok(gone > 0)
        })
        .await
    }

    pub async fn meta(&self, name: &'static str, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        self.quietly(move |c| {
            c.execute("INSERT OR IGNORE INTO meta(name, value) VALUES (?1, ?2)", (name, fresh))?;
            c.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
        })
        .await
    }

    /// Reading answers; and when the last write failed, one of a statement's size is tried.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.readers.read(|c| c.query_row("SELECT 1 FROM meta", [], |_| Ok(()))).await?;
        if !self.failing.load(Ordering::SeqCst) {
            return Ok(());
        }
        self.quietly(|c| {
            c.execute("INSERT OR REPLACE INTO meta(name, value) VALUES ('probe', randomblob(65536))", [])
        })
        .await
        .map(|_| ())
    }

    pub async fn expire(&self, now: i64) -> Result<u64, StoreError> {
        let channels = Arc::clone(&self.channels);
        self.quietly(move |c| upkeep::expire(c, now, &channels)).await
    }

    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            // In steps, so that people do not wait behind it.
            let step = self.quietly(move |c| upkeep::prune(c, before)).await?;
            all += step;
            if step == 0 {
                return Ok(all);
            }
        }
    }

    pub async fn lease(&self, claimant: Claimant, now: i64) -> Result<Vec<Lease>, StoreError> {
        self.quietly(move |c| outbox::lease(c, &claimant, now)).await
    }

    pub async fn settle(&self, lease: Lease, how: Settled) -> Result<(), StoreError> {
        self.quietly(move |c| outbox::settle(c, &lease, &how)).await
    }

    pub async fn close(&self) {
        self.writer.close().await;
    }

    /// A write that no waiter has to hear of.
    async fn quietly<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.write(move |c| Ok((write(c)?, None::<Appended>))).await
    }
}

/// SQLite's words for what went wrong, in ours.
pub fn trouble(error: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, ReadOnly, SystemIoFailure,
    };
    match error.sqlite_error_code() {
        Some(DiskFull) => StoreError::Full,
        Some(CannotOpen | DatabaseBusy | DatabaseLocked | ReadOnly | SystemIoFailure) => {
            StoreError::Gone(error.to_string())
        }
        _ => StoreError::Broken(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database as the guard before made it, with two requests of which one joined the other.
    fn older(path: &Path) {
        make_private(path).expect("a file");
        let c = connect(path).expect("opens");
        SQLITE[..2].iter().for_each(|step| c.execute_batch(step).expect("a step"));
        c.execute_batch(
            "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
             INSERT INTO meta VALUES ('layout', 2);
             INSERT INTO requests VALUES
             ('t', zeroblob(32), 1, 'request', 'a', 1, 0, 100, 1, zeroblob(32), zeroblob(32), '{}'),
             ('t', CAST(printf('%032d', 2) AS BLOB), 2, 'request', 'a', 1, 0, 100, 1, zeroblob(32), zeroblob(32), '{}')",
        )
        .expect("rows");
    }

    #[test]
    fn a_query_with_a_bound_limit_is_planned_once() {
        let path = std::env::temp_dir().join(format!("guard-planned-{}.db", std::process::id()));
        migrate(&path).expect("made");
        let c = connect(&path).expect("opens");
        let mut query = c.prepare("SELECT seq FROM requests WHERE exp >= ?1 LIMIT ?2").expect("a query");
        for limit in 1..9 {
            assert!(!query.exists((limit, limit)).expect("it runs"));
        }
        assert_eq!(query.get_status(rusqlite::StatementStatus::RePrepare), 0);
        let _ = std::fs::remove_file(&path);
    }

    #[test]
    fn an_older_database_is_brought_here_but_not_under_a_relay_that_serves_it() {
        let directory = std::env::temp_dir().join(format!("guard-older-{}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("directory");
        let path = directory.join("relay.db");
        older(&path);
        let serving = hold(&path).expect("free");
        assert!(matches!(migrate_beside(&path), Err(StoreError::Held)));
        drop(serving);
        assert_eq!(migrate_beside(&path).expect("one step"), LAYOUT - 2);
        let _serving = hold(&path).expect("free");
        assert_eq!(migrate_beside(&path).expect("nothing to do"), 0);
        let rows = read::inbox(&connect(&path).expect("opens"), "t", None, 50).expect("rows");
        assert_eq!(rows.iter().map(|row| (row.seq, row.repeats)).collect::<Vec<_>>(), [(1, 1), (2, 1)]);
        let _ = std::fs::remove_dir_all(&directory);
    }
}
