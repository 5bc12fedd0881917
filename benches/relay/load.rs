//! Statements a second, from many connections at once.

use crate::client::Relay;
use crate::requester;
use crate::team::Team;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const CONNECTIONS: usize = 128;
const READY: usize = 40_000;

/// What a run showed.
pub struct Rate {
    pub each_second: f64,
    /// Of the relay alone, for each statement.
    pub processor_millis: f64,
    /// Statements that shared a commit, on average.
    pub together: f64,
    /// From the first byte of a POST to the last of its answer.
    pub p50: Duration,
    pub p99: Duration,
}

pub async fn rate(relay: &Relay, team: &Team) -> Rate {
    let token = relay.sign_in(team, "alice").await;
    let path = Arc::new(format!("/v1/t/{}/requests", team.name));
    let signed: Vec<Vec<u8>> = (0..READY)
        .map(|n| team.request(&requester(n), &["kubectl", "delete", "ns", &n.to_string()]).to_bytes())
        .collect();
    let (ready, counting, over) = (Arc::new(Mutex::new(signed)), flag(), flag());
    let kept = Arc::new(Mutex::new(Vec::with_capacity(READY)));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let mut connection = relay.connect().await;
        let (path, token, ready) = (Arc::clone(&path), token.clone(), Arc::clone(&ready));
        let (counting, over, kept) = (Arc::clone(&counting), Arc::clone(&over), Arc::clone(&kept));
        tasks.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                let Some(body) = ready.lock().expect("lock").pop() else { return };
                let begun = Instant::now();
                let (status, _) = connection.call("POST", &path, &token, &body).await;
                assert_eq!(status, 201);
                if counting.load(Ordering::Relaxed) {
                    kept.lock().expect("lock").push(begun.elapsed());
                }
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let commits = relay.metric("guard_relay_commits_total").await;
    let (begun, spent) = (Instant::now(), relay.processor());
    counting.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (mut times, time) = (std::mem::take(&mut *kept.lock().expect("lock")), begun.elapsed());
    let spent = relay.processor() - spent;
    let commits = relay.metric("guard_relay_commits_total").await - commits;
    over.store(true, Ordering::Relaxed);
    while tasks.join_next().await.is_some() {}
    assert!(!ready.lock().expect("lock").is_empty(), "too few requests were signed ahead");
    times.sort_unstable();
    Rate {
        each_second: times.len() as f64 / time.as_secs_f64(),
        processor_millis: spent.as_secs_f64() * 1000.0 / times.len() as f64,
        together: times.len() as f64 / commits,
        p50: crate::at(&times, 0.5),
        p99: crate::at(&times, 0.99),
    }
}

fn flag() -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(false))
}
