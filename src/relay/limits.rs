//! Token buckets: how much one key may do. Kept by each instance for itself and only for keys that proved to be
//! in a roster, so strangers cannot fill the memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Buckets kept before full ones are forgotten.
const SWEEP: usize = 4096;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    Requests,
    HostRequests,
    Decisions,
    Reads,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Millionths of a token.
    level: u64,
    at: u64,
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
    /// Takes one token; without one, the seconds until there is.
    pub fn take(&self, what: Counted, team: &str, who: &str, rate: Rate, now: u64) -> Result<(), u64> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= SWEEP {
            // Whoever was silent for an hour has a full bucket whatever the rate.
            kept.retain(|_, bucket| now.saturating_sub(bucket.at) < 3_600_000);
        }
        let key = (what, team.to_owned(), who.to_owned());
        let bucket = kept.entry(key).or_insert(Bucket { level: rate.full(), at: now });
        let gained = now.saturating_sub(bucket.at).saturating_mul(rate.full()) / rate.millis.max(1);
        bucket.level = bucket.level.saturating_add(gained).min(rate.full());
        bucket.at = now;
        if bucket.level >= 1_000_000 {
            bucket.level -= 1_000_000;
            return Ok(());
        }
        let missing = 1_000_000 - bucket.level;
        Err((missing.saturating_mul(rate.millis) / rate.full().max(1)).div_ceil(1000).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_a_minute_then_one_every_ten_seconds() {
        let buckets = Buckets::default();
        let rate = Rate::per_minute(6);
        let take = |who: &str, now| buckets.take(Counted::Requests, "t", who, rate, now);
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
    fn a_rate_of_nothing_never_divides_by_zero() {
        let rate = Rate::per_minute(0);
        assert!(Buckets::default().take(Counted::Reads, "t", "a", rate, 5).is_err());
    }
}
