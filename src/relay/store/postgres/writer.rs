//! The one task of this instance that appends. What is queued while a commit is under way goes into the next one
//! together. It must never answer before the commit, and never let one bad row fail another's.

use super::super::{Appended, Kept, Posted, StoreError};
use super::{append, place, trouble};
use crate::relay::hub::Hub;
use deadpool_postgres::Pool;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

const QUEUE: usize = 1024;
const GROUP: usize = 256;
/// After so many statements, and ten times as many, and so on, the server looks at its tables: the plans were made when
/// they were empty, which is when it finds every index alike, and its own look comes a minute later or never.
const LOOK: usize = 200;
/// The channel of NOTIFY.
pub const CHANNEL: &str = "guard_relay";

struct Work {
    posted: Posted,
    tell: oneshot::Sender<Result<Kept, StoreError>>,
}

pub struct Writer {
    queue: Mutex<Option<mpsc::Sender<Work>>>,
    task: tokio::sync::Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Writer {
    pub fn start(pool: Pool, hub: Arc<Hub>, channels: Arc<Vec<String>>, failing: Arc<AtomicBool>) -> Writer {
        let (queue, works) = mpsc::channel(QUEUE);
        let task = tokio::spawn(write_all(pool, works, hub, channels, failing));
        Writer { queue: Mutex::new(Some(queue)), task: tokio::sync::Mutex::new(Some(task)) }
    }

    pub async fn append(&self, posted: Posted) -> Result<Kept, StoreError> {
        let (tell, told) = oneshot::channel();
        let closed = || StoreError::Gone("the relay is ending".to_owned());
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        queue.ok_or_else(closed)?.send(Work { posted, tell }).await.map_err(|_| closed())?;
        told.await.map_err(|_| closed())?
    }

    /// Takes no more, and returns when what was queued is committed.
    pub async fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(task) = self.task.lock().await.take() {
            let _ = task.await;
        }
    }
}

async fn write_all(
    pool: Pool,
    mut works: mpsc::Receiver<Work>,
    hub: Arc<Hub>,
    channels: Arc<Vec<String>>,
    failing: Arc<AtomicBool>,
) {
    let mut group = Vec::with_capacity(GROUP);
    let (mut count, mut look) = (0, LOOK);
    while works.recv_many(&mut group, GROUP).await > 0 {
        count += group.len();
        let posted: Vec<&Posted> = group.iter().map(|work| &work.posted).collect();
        let result = commit(&pool, &posted, &channels).await;
        match result {
            Ok(kept) => {
                failing.store(false, Ordering::SeqCst);
                tell_all(&hub, group.drain(..), kept);
            }
            Err(StoreError::Broken(_)) if group.len() > 1 => {
                // One of them is at fault: each for itself.
                for work in group.drain(..) {
                    match commit(&pool, &[&work.posted], &channels).await {
                        Ok(kept) => tell_all(&hub, std::iter::once(work), kept),
                        Err(error) => drop(work.tell.send(Err(error))),
                    }
                }
            }
            Err(error) => {
                failing.store(true, Ordering::SeqCst);
                for work in group.drain(..) {
                    let _ = work.tell.send(Err(again(&error)));
                }
            }
        }
        if count >= look {
            look = look.saturating_mul(10);
            tokio::spawn(analyze(pool.clone()));
        }
    }
}

/// New statistics make the server plan anew.
async fn analyze(pool: Pool) {
    let looked = match place(&pool).await {
        Ok(client) => {
            client.batch_execute("ANALYZE statements, requests, outbox").await.map_err(|e| trouble(&e))
        }
        Err(error) => Err(error),
    };
    if let Err(error) = looked {
        tracing::warn!(%error, "the database was not asked to look at its tables");
    }
}

/// The hub first: whoever has an answer and asks again finds what was kept, a roster too.
fn tell_all(hub: &Hub, works: impl Iterator<Item = Work>, kept: Vec<Kept>) {
    let done: Vec<(Work, Kept)> = works.zip(kept).collect();
    let new = |(work, kept): &(Work, Kept)| match kept {
        Kept::New { seq } => {
            let posted = &work.posted;
            let (team, kind) = (posted.team.clone(), posted.kind.to_owned());
            Some(Appended { seq: *seq, team, rd: posted.rd, kind })
        }
        Kept::Known { .. } | Kept::Refused(_) => None,
    };
    let rows: Vec<Appended> = done.iter().filter_map(new).collect();
    if !rows.is_empty() {
        hub.commits.inc();
    }
    hub.tell(&rows);
    for (work, kept) in done {
        let _ = work.tell.send(Ok(kept));
    }
}

async fn commit(pool: &Pool, group: &[&Posted], channels: &[String]) -> Result<Vec<Kept>, StoreError> {
    let mut client = place(pool).await?;
    let all = client.transaction().await.map_err(|e| trouble(&e))?;
    let kept = append::all(&all, group, channels).await.map_err(|e| trouble(&e))?;
    all.commit().await.map_err(|e| trouble(&e))?;
    Ok(kept)
}

fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Full => StoreError::Full,
        StoreError::Held => StoreError::Held,
        StoreError::Layout { found, expected } => StoreError::Layout { found: *found, expected: *expected },
        StoreError::Gone(why) => StoreError::Gone(why.clone()),
        StoreError::Broken(why) => StoreError::Broken(why.clone()),
        StoreError::File(why) => StoreError::File(why.clone()),
    }
}
