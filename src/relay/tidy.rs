//! What happens by itself: requests end when their time is over, and what ended long ago is removed.

use super::now;
use super::store::Store;
use std::time::Duration;

const EXPIRE: Duration = Duration::from_secs(5);
/// Rounds of `EXPIRE` between two removals: an hour.
const ROUNDS: u32 = 720;

/// Runs until dropped. An error is logged by the store's callers and tried again next time.
pub async fn tidy(store: Store, keep_days: u32) {
    let mut round = 0_u32;
    loop {
        tokio::time::sleep(EXPIRE).await;
        if let Err(error) = store.expire(now()).await {
            tracing::warn!(%error, "requests could not be marked as expired");
        }
        round = (round + 1) % ROUNDS;
        if round == 1 {
            match store.prune(before(keep_days)).await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "old statements were removed"),
                Err(error) => tracing::warn!(%error, "old statements could not be removed"),
            }
        }
    }
}

/// The moment before which everything that ended is old.
pub fn before(keep_days: u32) -> i64 {
    now() - i64::from(keep_days) * 86_400
}
