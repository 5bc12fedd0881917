//! What is remembered between two codes, and what that decides: which step was the last, how long nothing is accepted. Pure.
//! Must never accept a step that is not after the last one, and must never let any clock shorten a lockout.

use super::otp::STEP;
use crate::sys::clock;

/// So many wrong codes in a row bring the first lockout.
const FREE: u32 = 3;
const FIRST_LOCKOUT: u64 = 30;
const LONGEST_LOCKOUT: u64 = 3600;
/// Less than this is how clocks are corrected all the time.
const WENT_BACK: u64 = 60_000_000;

/// All clocks, read together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Microseconds since the epoch; can be set by root.
    pub real: u64,
    /// Microseconds since boot, sleep included.
    pub boot: u64,
    /// Which boot that is; empty where the kernel does not say.
    pub boot_id: String,
}

/// What the record keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// The step of the last accepted code; 0 before the first.
    pub last_step: u64,
    /// Wrong codes since then.
    pub failures: u32,
    /// Seconds that began at `seen`; 0 for none.
    pub lockout: u64,
    /// When this was last written.
    pub seen: Now,
}

/// What was found out about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The code of this step.
    Step(u64),
    /// A recovery code that is not used yet.
    Recovery,
    Nothing,
}

/// What follows. Everything but `Used` has to be written before it may be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Judgement {
    Accepted,
    /// The code is right, but it or a later one was accepted before.
    Used,
    /// Seconds for which nothing is accepted from now on.
    Wrong {
        lockout: u64,
    },
}

impl Now {
    pub fn read() -> Now {
        Now {
            real: clock::real_micros(),
            boot: clock::boot_micros(),
            boot_id: clock::boot_id().unwrap_or_default(),
        }
    }

    pub fn seconds(&self) -> u64 {
        self.real / 1_000_000
    }

    /// Seconds until the next code.
    pub fn to_next_step(&self) -> u64 {
        STEP - self.seconds() % STEP
    }

    /// How long ago `then` was at least. Every clock that can tell has to agree, so the least counts: a namespace of one's
    /// own can shift the clock of the boot, root can set the other. A clock that went back tells nothing.
    fn certainly_since(&self, then: &Now) -> u64 {
        let same_boot = self.boot_id == then.boot_id && self.boot >= then.boot;
        // After a restart at least the time since then has passed.
        let by_boot = if same_boot { self.boot - then.boot } else { self.boot };
        self.real.checked_sub(then.real).map_or(by_boot, |by_real| by_real.min(by_boot))
    }

    /// Microseconds that the wall clock went back since `then`; 0 for what is usual.
    pub fn went_back(&self, then: &Now) -> u64 {
        let same_boot = self.boot_id == then.boot_id && self.boot >= then.boot;
        let passed = if same_boot { self.boot - then.boot } else { 0 };
        let by = then.real.saturating_add(passed).saturating_sub(self.real);
        if by > WENT_BACK { by } else { 0 }
    }
}

impl Memory {
    /// Seconds for which nothing is looked at.
    pub fn locked_for(&self, now: &Now) -> u64 {
        let passed = now.certainly_since(&self.seen);
        self.lockout.saturating_mul(1_000_000).saturating_sub(passed).div_ceil(1_000_000)
    }

    /// Judges what was found. The caller has seen that `locked_for` is 0.
    pub fn judge(&mut self, found: Found, now: &Now) -> Judgement {
        let judgement = match found {
            Found::Step(step) if step <= self.last_step => return Judgement::Used,
            Found::Step(step) => {
                self.last_step = step;
                Judgement::Accepted
            }
            Found::Recovery => Judgement::Accepted,
            Found::Nothing => {
                self.failures = self.failures.saturating_add(1);
                Judgement::Wrong { lockout: lockout(self.failures) }
            }
        };
        self.lockout = match judgement {
            Judgement::Accepted => {
                self.failures = 0;
                0
            }
            Judgement::Wrong { lockout } => lockout,
            Judgement::Used => self.lockout,
        };
        self.seen = now.clone();
        judgement
    }
}

/// Doubles with each wrong code.
fn lockout(failures: u32) -> u64 {
    match failures.checked_sub(FREE) {
        None => 0,
        Some(over) => (FIRST_LOCKOUT << over.min(20)).min(LONGEST_LOCKOUT),
    }
}

#[cfg(test)]
mod tests;
