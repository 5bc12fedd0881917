//! Tells a paste into a terminal without bracketed paste (or one a program feeds) from typing: all of the answer
//! comes at once. A heuristic: a slow feeder passes for a person, and a stalled connection that delivers a whole
//! answer passes for a paste. Must never cost the person an attempt, nor leave them without a way to type it.

use super::keys::Key;
use std::collections::VecDeque;
use std::time::Duration;

/// As many characters as the answer has, but no fewer, and before the first refusal no more than this …
const FEWEST: usize = 4;
const MOST: usize = 16;
/// … at this pace are not typed by hand: at 200 words a minute keys are 60 ms apart, and even four keys rolled off
/// with one hand take longer.
const PACE: Duration = Duration::from_millis(2);

/// The last few different characters with their times.
pub struct Burst {
    answer: usize,
    count: usize,
    last: VecDeque<(Duration, Key)>,
}

impl Burst {
    /// For this answer. A stalled connection delivers a few keys or a word at once; a paste, all.
    pub fn of(answer: &str) -> Burst {
        let mut different: Vec<char> = answer.chars().collect();
        different.dedup();
        let answer = different.len().max(FEWEST);
        Burst { answer, count: answer.min(MOST), last: VecDeque::new() }
    }

    /// One was refused: from now on it takes the whole answer, so that typing it in two parts is a way in.
    pub fn refused(&mut self) {
        self.count = self.answer;
        self.forget();
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
            found |= self.is_burst(at);
        }
        found
    }

    /// Forgets: what comes next is judged by itself.
    pub fn forget(&mut self) {
        self.last.clear();
    }

    fn is_burst(&self, now: Duration) -> bool {
        let span = |keys: usize| PACE * u32::try_from(keys).unwrap_or(u32::MAX);
        let fast = |keys: usize| {
            let from = self.last.len().checked_sub(keys).and_then(|first| self.last.get(first));
            from.is_some_and(|(at, _)| now.saturating_sub(*at) <= span(keys))
        };
        // Nobody goes on typing right behind Return: that is the next line of a paste.
        let lines = self.last.iter().rev().take(FEWEST).skip(1).any(|(_, key)| *key == Key::Return);
        fast(self.count) || lines && fast(FEWEST)
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
        assert!(at(&mut Burst::of("prod"), 1, "prod"));
        assert!(at(&mut Burst::of("abc"), 1, "abc\r"));
        let mut split = Burst::of("prod");
        assert!(!at(&mut split, 100, "pr") && at(&mut split, 103, "od"));
        assert!(at(&mut Burst::of("aabbccdd"), 1, "aabbccdd"), "repeated keys count once on both sides");
        assert!(at(&mut Burst::of("prod-eu/payments"), 1, "x\rabcdefg"), "two lines");
    }

    #[test]
    fn a_slow_line_may_deliver_words_at_once() {
        let name = "prod-eu/payments";
        let mut slow = Burst::of(name);
        assert!(
            !at(&mut slow, 0, "prod-eu/") && !at(&mut slow, 150, "payment") && !at(&mut slow, 400, "s\r")
        );
        assert!(at(&mut Burst::of(name), 1, name));
        let path = "/srv/data/customers/2024";
        assert!(at(&mut Burst::of(path), 0, &path[..20]));
        assert!(!at(&mut Burst::of(path), 0, &path[..15]));
    }

    #[test]
    fn after_a_refusal_it_can_be_typed_in_two_parts() {
        let path = "/srv/data/customers/2024";
        let mut second = Burst::of(path);
        assert!(at(&mut second, 0, path));
        second.refused();
        assert!(!at(&mut second, 1000, &path[..20]) && !at(&mut second, 1200, &path[20..]));
        second.refused();
        assert!(at(&mut second, 3000, path), "all of it at once stays a paste");
        let mut short = Burst::of("prod");
        assert!(at(&mut short, 0, "prod"));
        short.refused();
        assert!(!at(&mut short, 1000, "pr") && !at(&mut short, 1200, "od\r"));
    }

    #[test]
    fn hands_are_not() {
        let mut typing = Burst::of("prod");
        assert!(
            (0..40).all(|i| !at(&mut typing, i * 4, if i % 2 == 0 { "a" } else { "b" })),
            "250 keys a second"
        );
        let mut rolled = Burst::of("prod");
        assert!(!at(&mut rolled, 0, "the") && !at(&mut rolled, 90, "se"));
        assert!(!at(&mut Burst::of("prod"), 1, "aaaaaaaa"), "auto-repeat after a stall");
        assert!(!at(&mut Burst::of("prod"), 1, "aaaaaaaap"), "and the key after it");
    }
}
