//! Where statements are kept: append-only rows with a sequence number, and what is derived from them for listing.
//! A row that was acknowledged is on disk; nothing here must ever change or reorder a statement.

pub mod dump;
pub mod postgres;
pub mod schema;
pub mod sqlite;
mod types;

pub use types::{
    Appended, Claimant, Effect, Entry, Event, EventKind, Frozen, Head, Header, Kept, Lease, Posted, Refused,
    Row, State, StoreError, Thread,
};

use super::hub::Hub;
use super::settings::Where;
use std::sync::Arc;

/// One database, whichever kind.
#[derive(Clone)]
pub enum Store {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(Arc<postgres::Postgres>),
}

/// Calls the method of the database at hand.
macro_rules! either {
    ($self:ident, $store:ident => $call:expr) => {
        match $self {
            Store::Sqlite($store) => $call,
            Store::Postgres($store) => $call,
        }
    };
}

impl Store {
    /// Whether no other instance can serve the same database.
    pub fn is_one_instance_s(&self) -> bool {
        match self {
            Store::Sqlite(_) => true,
            Store::Postgres(_) => false,
        }
    }

    /// Opens a migrated database and starts what writes to it and listens for others' writes.
    pub async fn open(place: &Where, hub: Arc<Hub>, options: Options) -> Result<Store, StoreError> {
        match place {
            Where::Sqlite(path) => Ok(Store::Sqlite(Arc::new(sqlite::Sqlite::open(path, hub, options)?))),
            Where::Postgres(url) => {
                Ok(Store::Postgres(Arc::new(postgres::Postgres::open(url, hub, options).await?)))
            }
        }
    }

    /// Brings a database to this guard's layout; returns the steps taken.
    pub async fn migrate(place: &Where) -> Result<i64, StoreError> {
        match place {
            Where::Sqlite(path) => sqlite::migrate_beside(path),
            Where::Postgres(url) => postgres::migrate(url).await,
        }
    }

    /// Keeps a statement; when this returns `Kept::New`, it is on disk.
    pub async fn append(&self, posted: Posted) -> Result<Kept, StoreError> {
        either!(self, s => s.append(posted).await)
    }

    /// A request and its statements after `after`; `None` when there is no such request.
    pub async fn thread(&self, team: &str, rd: [u8; 32], after: i64) -> Result<Option<Thread>, StoreError> {
        either!(self, s => s.thread(team.to_owned(), rd, after).await)
    }

    /// Requests, worst and oldest first; one row for identical ones.
    pub async fn inbox(&self, team: &str, state: Option<State>, now: i64) -> Result<Vec<Row>, StoreError> {
        either!(self, s => s.inbox(team.to_owned(), state, now).await)
    }

    /// What came after `after` in a team, at most 256 entries.
    pub async fn since(&self, team: &str, after: i64) -> Result<Vec<Entry>, StoreError> {
        either!(self, s => s.since(team.to_owned(), after).await)
    }

    /// As `since`, with the statements themselves.
    pub async fn page(&self, team: &str, after: i64) -> Result<Vec<Entry>, StoreError> {
        either!(self, s => s.page(team.to_owned(), after).await)
    }

    /// Statements of one kind, newest first.
    pub async fn of_kind(&self, team: &str, kind: &'static str) -> Result<Vec<Entry>, StoreError> {
        either!(self, s => s.of_kind(team.to_owned(), kind).await)
    }

    /// The roster file of a version, or the newest.
    pub async fn roster(&self, team: &str, version: Option<i64>) -> Result<Option<String>, StoreError> {
        either!(self, s => s.roster(team.to_owned(), version).await)
    }

    /// How many teams can come in.
    pub async fn teams(&self) -> Result<i64, StoreError> {
        either!(self, s => s.teams().await)
    }

    /// Whose submissions are held back after a report.
    pub async fn frozen(&self, team: &str) -> Result<Vec<Frozen>, StoreError> {
        either!(self, s => s.frozen(team.to_owned()).await)
    }

    /// Lets a person submit again; false when the person was not held back.
    pub async fn thaw(&self, team: &str, person: &str) -> Result<bool, StoreError> {
        either!(self, s => s.thaw(team.to_owned(), person.to_owned()).await)
    }

    /// A small secret or fact of this database, made with `fresh` the first time.
    pub async fn meta(&self, name: &'static str, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        either!(self, s => s.meta(name, fresh).await)
    }

    /// Whether it answers, and takes writes.
    pub async fn ready(&self) -> Result<(), StoreError> {
        either!(self, s => s.ready().await)
    }

    /// Marks requests whose time is over, and queues what should be said about it.
    pub async fn expire(&self, now: i64) -> Result<u64, StoreError> {
        either!(self, s => s.expire(now).await)
    }

    /// Removes what ended before `before` (seconds); returns how many statements went.
    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        either!(self, s => s.prune(before).await)
    }

    /// Takes up to `count` due notifications for `seconds`, so that no other instance sends them meanwhile.
    pub async fn lease(&self, claimant: Claimant, now: i64) -> Result<Vec<Lease>, StoreError> {
        either!(self, s => s.lease(claimant, now).await)
    }

    /// Notes what became of a leased notification.
    pub async fn settle(&self, lease: Lease, how: Settled) -> Result<(), StoreError> {
        either!(self, s => s.settle(lease, how).await)
    }

    /// Ends the writer after what is queued.
    pub async fn close(&self) {
        either!(self, s => s.close().await);
    }
}

/// What became of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Sent; the channel's own name for the message, by which it can be updated.
    Sent(Option<String>),
    /// Not now; again at this time (seconds).
    Again(i64),
    /// Never.
    Dropped,
}

/// What a store needs to know beside the statements.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Names of the channels that each event is queued for.
    pub channels: Vec<String>,
    /// Connections to PostgreSQL.
    pub pool: usize,
    /// A relay may be serving this database: neither hold it nor listen to it.
    pub beside: bool,
}
