//! Takes notifications from the outbox with a lease and hands them to their channels. A lease that is not settled
//! (this instance died) runs out, and another instance sends: at least once, and once while nobody dies.

use super::channel::{Channel, Delivered};
use super::message::message;
use crate::keys::random;
use crate::relay::http::app::App;
use crate::relay::now;
use crate::relay::store::{Claimant, Lease, Settled};
use std::sync::Arc;
use std::time::Duration;

/// Notifications taken at once.
const BATCH: u32 = 16;
/// How long a lease holds; longer than any delivery may take.
const LEASE: i64 = 60;
const DELIVERY: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_secs(2);
/// After this many tries a message is given up: about half a day.
const TRIES: i64 = 16;

/// Runs until dropped.
pub async fn work(app: Arc<App>) {
    if app.settings.channels.is_empty() {
        return;
    }
    let Ok(holder) = random::<16>() else { return };
    loop {
        let claimant = Claimant { holder, count: BATCH, seconds: LEASE };
        let leases = match app.store.lease(claimant, now()).await {
            Ok(leases) => leases,
            Err(error) => {
                tracing::warn!(%error, "the outbox cannot be read");
                Vec::new()
            }
        };
        let full = leases.len() >= BATCH as usize;
        let mut sending = tokio::task::JoinSet::new();
        for lease in leases {
            sending.spawn(send(Arc::clone(&app), lease));
        }
        while sending.join_next().await.is_some() {}
        if !full {
            let _ = tokio::time::timeout(PAUSE, app.hub.work()).await;
        }
    }
}

async fn send(app: Arc<App>, lease: Lease) {
    let channel = app.settings.channels.iter().find(|c| c.name() == lease.channel);
    let delivered = match channel {
        Some(channel) => deliver(channel, &app.settings.url, &lease).await,
        // Another instance may still have it.
        None => Delivered::Later { why: "the channel is not configured here", after: Some(60) },
    };
    let settled = match delivered {
        Delivered::Sent { reference } => {
            app.measures.told("sent");
            Settled::Sent(reference)
        }
        Delivered::Later { why, after } if lease.attempts + 1 < TRIES => {
            tracing::warn!(channel = lease.channel, why, attempt = lease.attempts + 1, "notification waits");
            app.measures.told("later");
            Settled::Again(now() + pause(lease.attempts, after))
        }
        Delivered::Later { why, .. } | Delivered::Never { why } => {
            tracing::error!(channel = lease.channel, why, "notification given up");
            app.measures.told("never");
            Settled::Dropped
        }
    };
    if let Err(error) = app.store.settle(lease, settled).await {
        // It is sent again when the lease has run out.
        tracing::warn!(%error, "a notification could not be settled");
    }
}

async fn deliver(channel: &Channel, url: &str, lease: &Lease) -> Delivered {
    let message = message(&lease.event, url);
    let sending = channel.deliver(&lease.event, &message, lease.message.as_deref());
    let late = Delivered::Later { why: "no answer in time", after: None };
    tokio::time::timeout(DELIVERY, sending).await.unwrap_or(late)
}

/// 2, 4, 8 … seconds up to an hour, or as the medium asked.
fn pause(attempts: i64, after: Option<u64>) -> i64 {
    let doubled = 2_i64 << attempts.clamp(0, 11);
    let asked = after.and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(0);
    doubled.max(asked).min(3600)
}

#[cfg(test)]
mod tests {
    use super::pause;

    #[test]
    fn pauses_double_up_to_an_hour() {
        assert_eq!((pause(0, None), pause(1, None), pause(40, None)), (2, 4, 3600));
        assert_eq!(pause(0, Some(30)), 30);
        assert_eq!(pause(0, Some(u64::MAX)), 2, "a medium that asks for ages is not believed");
    }
}
