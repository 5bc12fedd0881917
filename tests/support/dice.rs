//! Random choices from a fixed seed, for the tests that compare guard with the real programs.
#![allow(dead_code)]

/// xorshift64*: small, and the same everywhere.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % n
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    pub fn word<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

/// How many cases: those asked for, else the usual number.
pub fn cases(usual: usize) -> usize {
    std::env::var("GUARD_DIFFERENTIAL_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}
