//! Tells a paste into a terminal without bracketed paste (or one a program feeds) from typing, by speed.
//! A heuristic: a slow feeder passes for a person, and a stalled connection that delivers several keys at once
//! passes for a paste. Must never cost the person an attempt.

use super::keys::Key;
use std::collections::VecDeque;
use std::time::Duration;

/// As many characters as the answer has, but no fewer and no more than this …
const FEWEST: usize = 4;
const MOST: usize = 8;
/// … within this time are not typed by hand: at 200 words a minute keys are 60 ms apart, and even four keys
/// rolled off with one hand take longer.
const SPAN: Duration = Duration::from_millis(8);

/// The last few different characters with their times.
pub struct Burst {
    count: usize,
    last: VecDeque<(Duration, Key)>,
}

impl Burst {
    /// For an answer of so many characters. A stalled connection delivers a few keys at once; a paste, all.
    pub fn of(answer: usize) -> Burst {
        Burst { count: answer.clamp(FEWEST, MOST), last: VecDeque::new() }
    }

    /// Adds keys that arrived together. True: this is faster than hands.
    ///
    /// The same key over and over is auto-repeat, however fast it is set or late it is delivered: it counts once.
    pub fn add(&mut self, at: Duration, keys: &[Key]) -> bool {
        let mut found = false;
        for key in keys.iter().filter(|k| matches!(k, Key::Text(_) | Key::Return)) {
            if self.last.back().is_some_and(|(_, last)| last == key) {
                continue;
            }
            self.last.push_back((at, *key));
            if self.last.len() > self.count {
                self.last.pop_front();
            }
            found |= self.is_burst();
        }
        found
    }

    /// Forgets: what comes next is judged by itself.
    pub fn forget(&mut self) {
        self.last.clear();
    }

    fn is_burst(&self) -> bool {
        let (Some((first, _)), Some((last, _))) = (self.last.front(), self.last.back()) else { return false };
        self.last.len() == self.count && last.saturating_sub(*first) <= SPAN
    }
}

#[cfg(test)]
mod tests {
    use super::Burst;
    use crate::tty::keys::Key;
    use std::time::Duration;

    fn at(burst: &mut Burst, ms: u64, text: &str) -> bool {
        let keys: Vec<Key> =
            text.chars().map(|c| if c == '\r' { Key::Return } else { Key::Text(c) }).collect();
        burst.add(Duration::from_millis(ms), &keys)
    }

    #[test]
    fn four_at_once_are_a_paste() {
        assert!(at(&mut Burst::of(4), 1, "prod"));
        assert!(at(&mut Burst::of(4), 1, "abc\r"));
        let mut split = Burst::of(4);
        assert!(!at(&mut split, 100, "pr") && at(&mut split, 103, "od"));
    }

    #[test]
    fn a_longer_answer_lets_a_slow_line_deliver_more_at_once() {
        let mut slow = Burst::of(16);
        assert!(!at(&mut slow, 0, "prod") && !at(&mut slow, 400, "-eu/pay") && !at(&mut slow, 900, "ment"));
        assert!(at(&mut Burst::of(16), 1, "prod-eu/payments"));
    }

    #[test]
    fn hands_are_not() {
        let mut typing = Burst::of(4);
        assert!(
            (0..40).all(|i| !at(&mut typing, i * 4, if i % 2 == 0 { "a" } else { "b" })),
            "250 keys a second"
        );
        let mut rolled = Burst::of(4);
        assert!(!at(&mut rolled, 0, "the") && !at(&mut rolled, 90, "se"));
        assert!(!at(&mut Burst::of(4), 1, "aaaaaaaa"), "auto-repeat after a stall");
        assert!(!at(&mut Burst::of(4), 1, "aaaaaaaap"), "and the key after it");
    }
}
