//! Who waits for what. A waiter registers before it looks into the database, so nothing falls between; the hub
//! holds no statements and must never be asked what is true.

use super::store::Appended;
use prometheus_client::metrics::counter::Counter;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, watch};

const SHARDS: usize = 16;

type Threads = HashMap<[u8; 32], (Arc<Notify>, usize)>;

/// The waiters of one instance.
pub struct Hub {
    threads: [Mutex<Threads>; SHARDS],
    teams: Mutex<HashMap<String, watch::Sender<i64>>>,
    /// How many rosters came; what was read under another number may be old.
    rosters: AtomicU64,
    work: Notify,
    closing: AtomicBool,
    closed: Notify,
    waiting: AtomicUsize,
    /// Commits that kept statements; how many share one shows whether they wait for the disk together.
    pub commits: Counter,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere leaves maps whole: every change is one call.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for Hub {
    fn default() -> Hub {
        Hub {
            threads: std::array::from_fn(|_| Mutex::default()),
            teams: Mutex::default(),
            rosters: AtomicU64::new(0),
            work: Notify::new(),
            closing: AtomicBool::new(false),
            closed: Notify::new(),
            waiting: AtomicUsize::new(0),
            commits: Counter::default(),
        }
    }
}

impl Hub {
    fn shard(&self, rd: &[u8; 32]) -> &Mutex<Threads> {
        &self.threads[usize::from(rd[0]) % SHARDS]
    }

    /// Tells everybody who waits for these rows.
    pub fn tell(&self, rows: &[Appended]) {
        for row in rows {
            if let Some((notify, _)) = held(self.shard(&row.rd)).get(&row.rd) {
                notify.notify_waiters();
            }
            if row.kind == "roster" {
                self.rosters.fetch_add(1, Ordering::SeqCst);
            }
            if let Some(team) = held(&self.teams).get(&row.team) {
                team.send_if_modified(|seq| {
                    let newer = row.seq > *seq;
                    *seq = row.seq.max(*seq);
                    newer
                });
            }
        }
        if !rows.is_empty() {
            self.work.notify_waiters();
        }
    }

    /// Changes with every roster that comes, of any team.
    pub fn rosters(&self) -> u64 {
        self.rosters.load(Ordering::SeqCst)
    }

    /// Registers for one request.
    pub fn wait_for(self: &Arc<Hub>, rd: [u8; 32]) -> Waiting {
        let mut threads = held(self.shard(&rd));
        let slot = threads.entry(rd).or_insert_with(|| (Arc::new(Notify::new()), 0));
        slot.1 += 1;
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting { notify: Arc::clone(&slot.0), rd, hub: Arc::clone(self) }
    }

    /// Follows a team's newest sequence number.
    pub fn follow(&self, team: &str) -> watch::Receiver<i64> {
        let mut teams = held(&self.teams);
        teams.entry(team.to_owned()).or_insert_with(|| watch::channel(0).0).subscribe()
    }

    /// Returns when there may be something to send.
    pub async fn work(&self) {
        self.work.notified().await;
    }

    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Lets every waiter go: the instance ends.
    pub fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
        self.closed.notify_waiters();
    }

    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    /// Returns when the instance ends.
    pub async fn closed(&self) {
        let closed = self.closed.notified();
        if !self.is_closing() {
            closed.await;
        }
    }
}

/// A registration; ends when dropped.
pub struct Waiting {
    pub notify: Arc<Notify>,
    rd: [u8; 32],
    hub: Arc<Hub>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.hub.waiting.fetch_sub(1, Ordering::Relaxed);
        let mut threads = held(self.hub.shard(&self.rd));
        if let Some(slot) = threads.get_mut(&self.rd) {
            slot.1 -= 1;
            if slot.1 == 0 {
                threads.remove(&self.rd);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(rd: [u8; 32]) -> Appended {
        Appended { seq: 7, team: "t".into(), rd, kind: "approval".into() }
    }

    #[tokio::test]
    async fn a_waiter_hears_of_its_own_request_only_and_leaves_nothing_behind() {
        let hub = Arc::new(Hub::default());
        let (mine, other) = (hub.wait_for([1; 32]), hub.wait_for([2; 32]));
        {
            let (heard, silent) = (mine.notify.notified(), other.notify.notified());
            tokio::pin!(heard, silent);
            hub.tell(&[row([1; 32])]);
            assert!(futures_are_ready(heard.as_mut()));
            assert!(!futures_are_ready(silent.as_mut()));
        }
        assert_eq!(hub.waiting(), 2);
        drop((mine, other));
        assert_eq!(hub.waiting(), 0);
        assert!(hub.threads.iter().all(|shard| held(shard).is_empty()));
    }

    #[tokio::test]
    async fn a_follower_sees_the_newest_number() {
        let hub = Hub::default();
        let mut team = hub.follow("t");
        hub.tell(&[row([1; 32])]);
        assert!(team.has_changed().expect("open"));
        assert_eq!(*team.borrow_and_update(), 7);
    }

    fn futures_are_ready(future: std::pin::Pin<&mut impl Future>) -> bool {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        future.poll(&mut context).is_ready()
    }
}
