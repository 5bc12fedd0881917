//! Takes notifications from the outbox with a lease and hands them to their channels. A lease that is not settled
//! (this instance died) runs out, and another instance sends: at least once, and once while nobody dies.

use super::channel::{Channel, Delivered, Notice};
use super::http::Http;
use super::message::message;
use crate::keys::random;
use crate::relay::http::app::App;
use crate::relay::now;
use crate::relay::store::{Claimant, EventKind, Lease, Settled};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Notifications taken at once.
const BATCH: u32 = 16;
/// How long a lease holds; longer than any delivery may take.
const LEASE: i64 = 60;
const DELIVERY: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_secs(2);
/// After this many tries a message is given up: about half a day.
const TRIES: i64 = 16;
/// An alarm is tried at least every five minutes, for about half a day.
const ALARM_TRIES: i64 = 150;
const ALARM_PAUSE: i64 = 300;

/// Runs until dropped. Each channel has two lanes, so that a slow one holds up no other and no alarm.
pub async fn work(app: Arc<App>) {
    if app.settings.channels.is_empty() {
        return;
    }
    let (Ok(holder), Some(http)) = (random::<16>(), Http::new()) else {
        tracing::error!("no notifications: random bytes or TLS cannot be had");
        return;
    };
    let http = Arc::new(http);
    let mut lanes = JoinSet::new();
    for channel in &app.settings.channels {
        for alarms in [true, false] {
            let claimant =
                Claimant { holder, channel: channel.name.clone(), alarms, count: BATCH, seconds: LEASE };
            lanes.spawn(lane(Arc::clone(&app), Arc::clone(&http), channel.clone(), claimant));
        }
    }
    while lanes.join_next().await.is_some() {}
}

async fn lane(app: Arc<App>, http: Arc<Http>, channel: Channel, claimant: Claimant) {
    loop {
        let leases = match app.store.lease(claimant.clone(), now()).await {
            Ok(leases) => leases,
            Err(error) => {
                tracing::warn!(%error, "the outbox cannot be read");
                Vec::new()
            }
        };
        let full = leases.len() >= BATCH as usize;
        let mut sending = JoinSet::new();
        for lease in leases {
            sending.spawn(send(Arc::clone(&app), Arc::clone(&http), channel.clone(), lease));
        }
        while sending.join_next().await.is_some() {}
        if !full {
            let _ = tokio::time::timeout(PAUSE, app.hub.work()).await;
        }
    }
}

async fn send(app: Arc<App>, http: Arc<Http>, channel: Channel, lease: Lease) {
    let alarm = lease.event.kind == EventKind::Breakglass;
    let delivered = if channel.wants(&lease.event, lease.message.is_some()) {
        deliver(&http, &channel, &app.settings.url, &lease).await
    } else {
        app.measures.told("skipped");
        settle(&app, lease, Settled::Sent(None)).await;
        return;
    };
    let tries = if alarm { ALARM_TRIES } else { TRIES };
    let settled = match delivered {
        Delivered::Sent { reference } => {
            app.measures.told("sent");
            // What follows about the request updates the request's message, never the alarm.
            Settled::Sent(reference.filter(|_| !alarm))
        }
        Delivered::Later { why, after } if lease.attempts + 1 < tries => {
            tracing::warn!(channel = lease.channel, why, attempt = lease.attempts + 1, "notification waits");
            app.measures.told("later");
            Settled::Again(now() + pause(lease.attempts, after, alarm))
        }
        Delivered::Later { why, .. } | Delivered::Never { why } => {
            tracing::error!(channel = lease.channel, why, "notification given up");
            app.measures.told("never");
            Settled::Dropped
        }
    };
    settle(&app, lease, settled).await;
}

async fn settle(app: &App, lease: Lease, settled: Settled) {
    if let Err(error) = app.store.settle(lease, settled).await {
        // It is sent again when the lease has run out.
        tracing::warn!(%error, "a notification could not be settled");
    }
}

async fn deliver(http: &Http, channel: &Channel, url: &str, lease: &Lease) -> Delivered {
    let message = message(&lease.event, url);
    // An alarm is a message of its own: a change of an old one is easily overlooked.
    let before = lease.message.as_deref().filter(|_| lease.event.kind != EventKind::Breakglass);
    let notice = Notice { event: &lease.event, message: &message, before, id: lease.id.to_string(), http };
    let late = Delivered::Later { why: "no answer in time", after: None };
    tokio::time::timeout(DELIVERY, channel.deliver(&notice)).await.unwrap_or(late)
}

/// 2, 4, 8 … seconds up to an hour, or as the medium asked.
fn pause(attempts: i64, after: Option<u64>, alarm: bool) -> i64 {
    let doubled = 2_i64 << attempts.clamp(0, 11);
    let asked = after.and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(0);
    doubled.max(asked).min(if alarm { ALARM_PAUSE } else { 3600 })
}

#[cfg(test)]
mod tests {
    use super::pause;

    #[test]
    fn pauses_double_up_to_an_hour() {
        assert_eq!((pause(0, None, false), pause(1, None, false), pause(40, None, false)), (2, 4, 3600));
        assert_eq!(pause(0, Some(30), false), 30);
        assert_eq!(pause(0, Some(u64::MAX), false), 2, "a medium that asks for ages is not believed");
        assert_eq!(pause(40, Some(9000), true), 300, "an alarm goes on trying");
    }
}
