//! Token buckets: how much one key may do. Kept by each instance for itself and only for keys that proved to be
//! in a roster, so strangers cannot fill the memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Buckets kept before full ones are forgotten.
const SWEEP: usize = 4096;
/// Milliseconds in which one bucket is told about once.
const NEWS: u64 = 60_000;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    Requests,
    HostRequests,
    Decisions,
    Reads,
}

impl Counted {
    /// Its name in metrics and log.
    pub fn word(self) -> &'static str {
        match self {
            Counted::Requests => "requests",
            Counted::HostRequests => "host",
            Counted::Decisions => "decisions",
            Counted::Reads => "reads",
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Millionths of a token.
    level: u64,
    at: u64,
    /// When somebody was last turned away, and the operator was told.
    told: Option<u64>,
}

/// Somebody had no token left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// Until there is one.
    pub seconds: u64,
    /// The first time in a minute: a flood must not fill the log, too.
    pub news: bool,
}

/// All buckets of an instance.
#[derive(Default)]
pub struct Buckets {
    kept: Mutex<HashMap<(Counted, String, String), Bucket>>,
}

/// `amount` in `millis`: also how many may come at once.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    pub amount: u32,
    pub millis: u64,
}

impl Rate {
    pub fn per_minute(amount: u32) -> Rate {
        Rate { amount, millis: 60_000 }
    }

    pub fn per_hour(amount: u32) -> Rate {
        Rate { amount, millis: 3_600_000 }
    }

    fn full(self) -> u64 {
        u64::from(self.amount) * 1_000_000
    }
}

impl Buckets {
    /// Takes one token.
    pub fn take(&self, what: Counted, team: &str, who: &str, rate: Rate, now: u64) -> Result<(), Limited> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= SWEEP {
            // Whoever was silent for an hour has a full bucket whatever the rate.
            kept.retain(|_, bucket| now.saturating_sub(bucket.at) < 3_600_000);
        }
        let key = (what, team.to_owned(), who.to_owned());
        let bucket = kept.entry(key).or_insert(Bucket { level: rate.full(), at: now, told: None });
        let gained = now.saturating_sub(bucket.at).saturating_mul(rate.full()) / rate.millis.max(1);
        bucket.level = bucket.level.saturating_add(gained).min(rate.full());
        bucket.at = now;
        if bucket.level >= 1_000_000 {
            bucket.level -= 1_000_000;
            return Ok(());
        }
        let missing = 1_000_000 - bucket.level;
        let news = bucket.told.is_none_or(|told| now.saturating_sub(told) >= NEWS);
        if news {
            bucket.told = Some(now);
        }
        let seconds = (missing.saturating_mul(rate.millis) / rate.full().max(1)).div_ceil(1000).max(1);
        Err(Limited { seconds, news })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_a_minute_then_one_every_ten_seconds() {
        let buckets = Buckets::default();
        let rate = Rate::per_minute(6);
        let take =
            |who: &str, now| buckets.take(Counted::Requests, "t", who, rate, now).map_err(|l| l.seconds);
        for _ in 0..6 {
            assert_eq!(take("a", 1_000), Ok(()));
        }
        assert_eq!(take("a", 1_000), Err(10));
        assert_eq!(take("b", 1_000), Ok(()), "another key has its own bucket");
        assert_eq!(take("a", 10_999), Err(1));
        assert_eq!(take("a", 11_000), Ok(()));
        assert_eq!(take("a", 11_000), Err(10));
    }

    #[test]
    fn a_flood_is_news_once_a_minute() {
        let buckets = Buckets::default();
        let news = |who: &str, now| {
            let taken = buckets.take(Counted::Reads, "t", who, Rate::per_minute(0), now);
            taken.expect_err("nothing is free").news
        };
        assert_eq!(
            [0, 1, 59_999, 60_000, 60_001].map(|now| news("a", now)),
            [true, false, false, true, false]
        );
        assert!(news("b", 60_001), "another key is other news");
    }

    #[test]
    fn a_rate_of_nothing_never_divides_by_zero() {
        let rate = Rate::per_minute(0);
        assert!(Buckets::default().take(Counted::Reads, "t", "a", rate, 5).is_err());
    }
}
