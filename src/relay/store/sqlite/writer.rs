//! The one thread that writes. What is queued while a commit is being synced goes into the next one together, so
//! many statements share one sync. It must never answer before that sync.

use super::super::{Appended, StoreError};
use super::trouble;
use crate::relay::hub::Hub;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{mpsc, oneshot};

/// Writes that may wait in line; beyond it callers wait for a place.
const QUEUE: usize = 1024;
/// Writes in one commit.
const GROUP: usize = 256;

/// Called once, with what became of the commit.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// `Err` when the write failed; the caller was told already.
type Work = Box<dyn FnOnce(&Connection) -> Result<(Answer, Option<Appended>), ()> + Send>;

pub struct Writer {
    queue: Mutex<Option<mpsc::Sender<Work>>>,
    ended: tokio::sync::Mutex<Option<oneshot::Receiver<()>>>,
}

impl Writer {
    pub fn start(
        connection: Connection,
        hub: Arc<Hub>,
        failing: Arc<AtomicBool>,
    ) -> Result<Writer, StoreError> {
        let (queue, works) = mpsc::channel(QUEUE);
        let (end, ended) = oneshot::channel();
        let run = move || {
            crate::sys::process::block_signals_in_thread();
            write_all(connection, works, &hub, &failing);
            let _ = end.send(());
        };
        let started = std::thread::Builder::new().name("relay-writer".to_owned()).spawn(run);
        started.map_err(|e| StoreError::Gone(e.to_string()))?;
        Ok(Writer { queue: Mutex::new(Some(queue)), ended: tokio::sync::Mutex::new(Some(ended)) })
    }

    /// Runs `write` in the next commit and returns after it is synced. What it appended is told to the hub even
    /// if the caller has gone meanwhile.
    pub async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Connection) -> rusqlite::Result<(T, Option<Appended>)> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (tell, told) = oneshot::channel();
        let work: Work = Box::new(move |connection| match write(connection) {
            Ok((value, row)) => {
                let answer: Answer = Box::new(move |committed| {
                    let _ = tell.send(committed.map(|()| value));
                });
                Ok((answer, row))
            }
            Err(error) => {
                let _ = tell.send(Err(trouble(error)));
                Err(())
            }
        });
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let closed = || StoreError::Gone("the relay is ending".to_owned());
        queue.ok_or_else(closed)?.send(work).await.map_err(|_| closed())?;
        told.await.map_err(|_| closed())?
    }

    /// Takes no more, and returns when what was queued is on disk.
    pub async fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(ended) = self.ended.lock().await.take() {
            let _ = ended.await;
        }
    }
}

fn write_all(connection: Connection, mut works: mpsc::Receiver<Work>, hub: &Hub, failing: &AtomicBool) {
    let mut group = Vec::with_capacity(GROUP);
    while let Some(first) = works.blocking_recv() {
        group.push(first);
        while group.len() < GROUP
            && let Ok(next) = works.try_recv()
        {
            group.push(next);
        }
        let (answers, result) = commit(&connection, &mut group);
        failing.store(result.is_err(), Ordering::SeqCst);
        match result {
            Ok(rows) => {
                // Whoever has an answer and asks again finds what was kept, a roster too.
                if !rows.is_empty() {
                    hub.commits.inc();
                }
                hub.tell(&rows);
                answers.into_iter().for_each(|answer| answer(Ok(())));
            }
            Err(why) => answers.into_iter().for_each(|answer| answer(Err(trouble_again(&why)))),
        }
    }
    // The next opening then has no log to replay.
    let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
}

/// One transaction around all; each write in a savepoint, so that one that fails leaves nothing behind.
fn commit(
    connection: &Connection,
    group: &mut Vec<Work>,
) -> (Vec<Answer>, Result<Vec<Appended>, StoreError>) {
    let mut answers = Vec::with_capacity(group.len());
    let mut rows = Vec::new();
    let result = (|| {
        run(connection, "BEGIN IMMEDIATE")?;
        let mut failed = 0;
        for work in group.drain(..) {
            run(connection, "SAVEPOINT one")?;
            match work(connection) {
                Ok((answer, row)) => {
                    answers.push(answer);
                    rows.extend(row);
                }
                Err(()) => {
                    failed += 1;
                    // SQLite gives up the whole transaction when the disk is full.
                    run(connection, "ROLLBACK TO one")?;
                }
            }
            run(connection, "RELEASE one")?;
        }
        run(connection, "COMMIT")?;
        if failed > 0 && answers.is_empty() {
            Err(StoreError::Gone("the write failed".to_owned()))
        } else {
            Ok(())
        }
    })();
    if result.is_err() && !connection.is_autocommit() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    // Work that was not reached drops its answer, which its caller hears as an error.
    group.clear();
    (answers, result.map(|()| rows))
}

fn run(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql).and_then(|mut s| s.execute([])).map(drop).map_err(trouble)
}

fn trouble_again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Full => StoreError::Full,
        StoreError::Held => StoreError::Held,
        StoreError::Layout { found, expected } => StoreError::Layout { found: *found, expected: *expected },
        StoreError::Gone(why) => StoreError::Gone(why.clone()),
        StoreError::Broken(why) => StoreError::Broken(why.clone()),
        StoreError::File(why) => StoreError::File(why.clone()),
    }
}
