//! Statements in PostgreSQL, for several instances behind one address. Sequence numbers become visible in their
//! order, because appends take one lock: whoever asks for `seq > last` never misses one.

mod ahead;
mod append;
mod copy;
mod listen;
mod outbox;
mod read;
mod upkeep;
mod writer;

pub use copy::{dump, load};

use super::schema::{LAYOUT, LAYOUT_ROW, POSTGRES};
use super::{Claimant, Entry, Frozen, Kept, Lease, Options, Posted, Row, Settled, State, StoreError, Thread};
use crate::relay::hub::Hub;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Held while sequence numbers are given out, and while the layout changes ("guardrel").
const LOCK: i64 = 0x6775_6172_6472_656c;
/// How long a connection, or a place in the pool, may take.
const PATIENCE: Duration = Duration::from_secs(3);

pub struct Postgres {
    pool: Pool,
    writer: writer::Writer,
    channels: Arc<Vec<String>>,
    listener: Option<tokio::task::JoinHandle<()>>,
    failing: Arc<AtomicBool>,
}

/// For the connection that appends: every look is for few rows by an index, whatever the statistics say, so one plan
/// serves all and is made once.
const APPENDING: &str = " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off";

/// Reads the connection string and adds what durability and patience need, and these options.
fn config(url: &str, more: &str) -> Result<Config, StoreError> {
    // The parser's words could repeat the password.
    let mut config = Config::from_str(url)
        .map_err(|_| StoreError::Gone("the connection string is not valid".to_owned()))?;
    config.application_name("guard-relay").connect_timeout(PATIENCE).keepalives_idle(Duration::from_secs(15));
    config.tcp_user_timeout(Duration::from_secs(10));
    let own = "-c synchronous_commit=on -c statement_timeout=15000 -c lock_timeout=10000";
    let given = config.get_options().map_or(String::new(), |given| format!(" {given}"));
    let options = format!("{own}{more}{given}");
    config.options(options);
    Ok(config)
}

/// rustls with the system's certificates; `None` where there are none, which only matters to a server with TLS.
fn tls() -> Option<MakeRustlsConnect> {
    MakeRustlsConnect::with_native_certs().ok().map(|(connect, _)| connect)
}

fn pool(url: &str, size: usize) -> Result<Pool, StoreError> {
    pool_with(url, size, "")
}

fn pool_with(url: &str, size: usize, options: &str) -> Result<Pool, StoreError> {
    let config = config(url, options)?;
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = match tls() {
        Some(tls) => Manager::from_config(config, tls, recycling),
        None => Manager::from_config(config, NoTls, recycling),
    };
    Pool::builder(manager)
        .max_size(size.max(2))
        .wait_timeout(Some(PATIENCE))
        .create_timeout(Some(PATIENCE))
        .recycle_timeout(Some(PATIENCE))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|e| StoreError::Gone(e.to_string()))
}

async fn place(pool: &Pool) -> Result<Object, StoreError> {
    pool.get().await.map_err(|e| match e {
        deadpool_postgres::PoolError::Backend(error) => trouble(&error),
        _ => StoreError::Gone("no connection within 3 s".to_owned()),
    })
}

/// Brings the database to this guard's layout; returns the steps taken. A newer layout is refused.
pub async fn migrate(url: &str) -> Result<i64, StoreError> {
    migrate_in(&pool(url, 2)?).await
}

async fn migrate_in(pool: &Pool) -> Result<i64, StoreError> {
    let mut client = place(pool).await?;
    let all = client.transaction().await.map_err(|e| trouble(&e))?;
    // Two instances that start together take turns.
    all.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await.map_err(|e| trouble(&e))?;
    all.batch_execute("CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BYTEA NOT NULL)")
        .await
        .map_err(|e| trouble(&e))?;
    let found = layout(&all).await?;
    if found > LAYOUT {
        return Err(StoreError::Layout { found, expected: LAYOUT });
    }
    for step in POSTGRES.iter().skip(usize::try_from(found).unwrap_or(0)) {
        all.batch_execute(step).await.map_err(|e| trouble(&e))?;
    }
    let sql = "INSERT INTO meta(name, value) VALUES ($1, $2)
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    all.execute(sql, &[&LAYOUT_ROW, &&LAYOUT.to_be_bytes()[..]]).await.map_err(|e| trouble(&e))?;
    all.commit().await.map_err(|e| trouble(&e))?;
    Ok(LAYOUT - found)
}

/// The layout that the database has; 0 before the first step.
async fn layout(t: &deadpool_postgres::Transaction<'_>) -> Result<i64, StoreError> {
    let row = t.query_opt("SELECT value FROM meta WHERE name = $1", &[&LAYOUT_ROW]).await;
    let kept: Option<Vec<u8>> = row.map_err(|e| trouble(&e))?.map(|r| r.get(0));
    Ok(kept.and_then(|b| b.try_into().ok()).map_or(0, i64::from_be_bytes))
}

impl Postgres {
    pub async fn open(url: &str, hub: Arc<Hub>, options: Options) -> Result<Postgres, StoreError> {
        let pool = pool(url, options.pool)?;
        migrate_in(&pool).await?;
        let channels = Arc::new(options.channels);
        let failing = Arc::new(AtomicBool::new(false));
        // Connections of its own: many who read must not keep it from writing.
        let own = pool_with(url, 2, APPENDING)?;
        let writer =
            writer::Writer::start(own, Arc::clone(&hub), Arc::clone(&channels), Arc::clone(&failing));
        let listener = if options.beside {
            None
        } else {
            let last = read::newest(&place(&pool).await?).await?;
            Some(tokio::spawn(listen::listen(config(url, "")?, pool.clone(), hub, last)))
        };
        Ok(Postgres { pool, writer, channels, listener, failing })
    }

    pub async fn append(&self, posted: Posted) -> Result<Kept, StoreError> {
        self.writer.append(posted).await
    }

    pub async fn thread(&self, team: String, rd: [u8; 32], after: i64) -> Result<Option<Thread>, StoreError> {
        read::thread(&self.place().await?, &team, rd, after).await
    }

    pub async fn inbox(&self, team: String, state: Option<State>, now: i64) -> Result<Vec<Row>, StoreError> {
        read::inbox(&self.place().await?, &team, state, now).await
    }

    pub async fn since(&self, team: String, after: i64) -> Result<Vec<Entry>, StoreError> {
        read::since(&self.place().await?, &team, after).await
    }

    pub async fn page(&self, team: String, after: i64) -> Result<Vec<Entry>, StoreError> {
        read::page(&self.place().await?, &team, after).await
    }

    pub async fn of_kind(&self, team: String, kind: &'static str) -> Result<Vec<Entry>, StoreError> {
        read::of_kind(&self.place().await?, &team, kind).await
    }

    pub async fn roster(&self, team: String, version: Option<i64>) -> Result<Option<String>, StoreError> {
        read::roster(&self.place().await?, &team, version).await
    }

    pub async fn teams(&self) -> Result<i64, StoreError> {
        let asked = "SELECT count(DISTINCT team) FROM rosters";
        let row = self.place().await?.query_one(asked, &[]).await;
        row.map(|row| row.get(0)).map_err(|e| trouble(&e))
    }

    pub async fn frozen(&self, team: String) -> Result<Vec<Frozen>, StoreError> {
        read::frozen(&self.place().await?, &team).await
    }

    pub async fn thaw(&self, team: String, person: String) -> Result<bool, StoreError> {
        let sql = "DELETE FROM frozen WHERE team = $1 AND person = $2";
        let gone = self.place().await?.execute(sql, &[&team, &person]).await;
        gone.map(|n| n > 0).map_err(|e| trouble(&e))
    }

    pub async fn meta(&self, name: &'static str, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        let client = self.place().await?;
        let sql = "INSERT INTO meta(name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        client.execute(sql, &[&name, &&fresh[..]]).await.map_err(|e| trouble(&e))?;
        let row = client.query_one("SELECT value FROM meta WHERE name = $1", &[&name]).await;
        read::digest(&row.map_err(|e| trouble(&e))?, 0)
    }

    /// It answers; and when the last append failed, one of a statement's size is tried.
    pub async fn ready(&self) -> Result<(), StoreError> {
        let client = self.place().await?;
        client.query_one("SELECT count(*) FROM meta", &[]).await.map_err(|e| trouble(&e))?;
        if self.failing.load(Ordering::SeqCst) {
            // 64 KiB that do not compress: a small row would find room in a page that is there.
            let sql = "INSERT INTO meta(name, value)
                       SELECT 'probe', decode(string_agg(md5(random()::text), ''), 'hex') FROM generate_series(1, 4096)
                       ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            client.execute(sql, &[]).await.map_err(|e| trouble(&e))?;
            self.failing.store(false, Ordering::SeqCst);
        }
        Ok(())
    }

    pub async fn expire(&self, now: i64) -> Result<u64, StoreError> {
        upkeep::expire(&mut self.place().await?, now, &self.channels).await
    }

    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            // In steps, so that people do not wait behind it.
            let step = upkeep::prune(&mut self.place().await?, before).await?;
            all += step;
            if step == 0 {
                return Ok(all);
            }
        }
    }

    pub async fn lease(&self, claimant: Claimant, now: i64) -> Result<Vec<Lease>, StoreError> {
        outbox::lease(&self.place().await?, &claimant, now).await
    }

    pub async fn settle(&self, lease: Lease, how: Settled) -> Result<(), StoreError> {
        outbox::settle(&mut self.place().await?, &lease, &how).await
    }

    pub async fn close(&self) {
        self.writer.close().await;
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }

    async fn place(&self) -> Result<Object, StoreError> {
        place(&self.pool).await
    }
}

/// PostgreSQL's words for what went wrong, in ours.
fn trouble(error: &tokio_postgres::Error) -> StoreError {
    let Some(said) = error.as_db_error() else { return StoreError::Gone(error.to_string()) };
    let code = said.code();
    let full = [SqlState::DISK_FULL, SqlState::OUT_OF_MEMORY, SqlState::PROGRAM_LIMIT_EXCEEDED];
    // Classes: 08 connection, 53 resources, 57 operator, 25006 read only, 55P03 lock not available.
    let away = ["08", "53", "57"].iter().any(|class| code.code().starts_with(class));
    match code {
        code if full.contains(code) => StoreError::Full,
        code if away
            || [SqlState::READ_ONLY_SQL_TRANSACTION, SqlState::LOCK_NOT_AVAILABLE].contains(code) =>
        {
            StoreError::Gone(said.message().to_owned())
        }
        _ => StoreError::Broken(said.message().to_owned()),
    }
}
