//! Statements a second, from many connections at once.

use crate::client::Relay;
use crate::requester;
use crate::team::Team;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const CONNECTIONS: usize = 128;
const READY: usize = 40_000;

pub async fn rate(relay: &Relay, team: &Team) -> f64 {
    let token = relay.sign_in(team, "alice").await;
    let path = Arc::new(format!("/v1/t/{}/requests", team.name));
    let signed: Vec<Vec<u8>> = (0..READY)
        .map(|n| team.request(&requester(n), &["kubectl", "delete", "ns", &n.to_string()]).to_bytes())
        .collect();
    let (ready, counting, over) = (Arc::new(Mutex::new(signed)), flag(), flag());
    let kept = Arc::new(AtomicU64::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let mut connection = relay.connect().await;
        let (path, token, ready) = (Arc::clone(&path), token.clone(), Arc::clone(&ready));
        let (counting, over, kept) = (Arc::clone(&counting), Arc::clone(&over), Arc::clone(&kept));
        tasks.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                let Some(body) = ready.lock().expect("lock").pop() else { return };
                let (status, _) = connection.call("POST", &path, &token, &body).await;
                assert_eq!(status, 201);
                if counting.load(Ordering::Relaxed) {
                    kept.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let begun = Instant::now();
    counting.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (count, time) = (kept.load(Ordering::Relaxed), begun.elapsed());
    over.store(true, Ordering::Relaxed);
    while tasks.join_next().await.is_some() {}
    assert!(!ready.lock().expect("lock").is_empty(), "too few requests were signed ahead");
    count as f64 / time.as_secs_f64()
}

fn flag() -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(false))
}
