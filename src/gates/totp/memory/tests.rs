//! Properties over thousands of random histories of codes, clocks and restarts, from seeds that never change.

use super::{Found, Judgement, LONGEST_LOCKOUT, Memory, Now};
use std::collections::HashSet;

/// splitmix64: the same numbers everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

const SECOND: u64 = 1_000_000;

/// The world: true time, and clocks that need not show it.
struct World {
    truth: u64,
    /// Added to the truth by whoever sets the wall clock.
    shift: i64,
    booted: u64,
    boots: u64,
}

impl World {
    fn new(dice: &mut Dice) -> World {
        let truth = 1_800_000_000 * SECOND + dice.below(1 << 40);
        World { truth, shift: 0, booted: truth - dice.below(1 << 36), boots: 0 }
    }

    fn now(&self) -> Now {
        Now {
            real: self.truth.saturating_add_signed(self.shift),
            boot: self.truth - self.booted,
            boot_id: format!("boot-{}", self.boots),
        }
    }

    fn something_happens(&mut self, dice: &mut Dice) {
        self.truth += dice.below(40) * SECOND;
        match dice.below(12) {
            0 => self.shift -= dice.below(100_000 * SECOND) as i64,
            1 => self.shift += dice.below(100_000 * SECOND) as i64,
            2 => self.shift = 0,
            3 => {
                self.truth += dice.below(300) * SECOND;
                self.booted = self.truth;
                self.boots += 1;
            }
            _ => {}
        }
    }
}

#[test]
fn no_history_of_clocks_accepts_a_step_twice_or_an_earlier_one() {
    for seed in 0..2000 {
        let mut dice = Dice(seed);
        let mut world = World::new(&mut dice);
        let (mut memory, mut accepted) = (Memory::default(), HashSet::new());
        for _ in 0..60 {
            world.something_happens(&mut dice);
            let now = world.now();
            let step = (now.seconds() / 30 + 1).saturating_sub(dice.below(3));
            if memory.locked_for(&now) > 0 {
                continue;
            }
            let found = if dice.below(4) == 0 { Found::Nothing } else { Found::Step(step) };
            let before = memory.last_step;
            if memory.judge(found, &now) == Judgement::Accepted {
                assert!(step > before && accepted.insert(step), "seed {seed}: {step} after {before}");
            } else {
                assert_eq!(memory.last_step, before);
            }
        }
    }
}

#[test]
fn no_clock_and_no_restart_shortens_a_lockout() {
    for seed in 0..4000 {
        let mut dice = Dice(seed);
        let mut world = World::new(&mut dice);
        let mut memory = Memory::default();
        let mut until = 0;
        for _ in 0..60 {
            world.something_happens(&mut dice);
            let now = world.now();
            let locked = memory.locked_for(&now);
            assert!(
                world.truth + locked * SECOND >= until,
                "seed {seed}: {locked} s instead of {} s",
                (until - world.truth) / SECOND
            );
            if locked == 0 {
                let judgement = memory.judge(Found::Nothing, &now);
                let Judgement::Wrong { lockout } = judgement else { panic!("{judgement:?}") };
                until = world.truth + lockout * SECOND;
            }
        }
    }
}

#[test]
fn a_shifted_boot_clock_alone_does_not_end_a_lockout() {
    let then = Now { real: 5_000 * SECOND, boot: 100 * SECOND, boot_id: "a".into() };
    let memory = Memory { lockout: 600, seen: then, failures: 9, ..Memory::default() };
    let shifted = Now { real: 5_010 * SECOND, boot: 90_000 * SECOND, boot_id: "a".into() };
    assert_eq!(memory.locked_for(&shifted), 590);
    let set = Now { real: 90_000 * SECOND, boot: 110 * SECOND, boot_id: "a".into() };
    assert_eq!(memory.locked_for(&set), 590);
    let restarted = Now { real: 90_000 * SECOND, boot: 20 * SECOND, boot_id: "b".into() };
    assert_eq!(memory.locked_for(&restarted), 580);
    let back = Now { real: 0, boot: 710 * SECOND, boot_id: "a".into() };
    assert_eq!(memory.locked_for(&back), 0, "the clock of the boot goes on");
}

#[test]
fn lockouts_grow_and_a_right_code_ends_them() {
    let mut memory = Memory::default();
    let mut now = Now { real: 60 * SECOND * 1_000_000, boot: SECOND, boot_id: "a".into() };
    let mut seen = Vec::new();
    for _ in 0..12 {
        let Judgement::Wrong { lockout } = memory.judge(Found::Nothing, &now) else { panic!("wrong") };
        assert_eq!(memory.locked_for(&now), lockout);
        seen.push(lockout);
        now.real += lockout * SECOND;
        now.boot += lockout * SECOND;
        assert_eq!(memory.locked_for(&now), 0);
    }
    assert_eq!(seen[..8], [0, 0, 30, 60, 120, 240, 480, 960]);
    assert_eq!(seen[11], LONGEST_LOCKOUT);
    assert_eq!(memory.judge(Found::Step(now.seconds() / 30), &now), Judgement::Accepted);
    assert_eq!(memory.judge(Found::Nothing, &now), Judgement::Wrong { lockout: 0 });
    assert_eq!(memory.judge(Found::Step(now.seconds() / 30), &now), Judgement::Used);
}

#[test]
fn a_clock_that_went_back_is_noticed() {
    let then = Now { real: 500_000 * SECOND, boot: 100 * SECOND, boot_id: "a".into() };
    let at = |real: u64, boot: u64, id: &str| {
        Now { real: real * SECOND, boot: boot * SECOND, boot_id: id.into() }.went_back(&then) / SECOND
    };
    assert_eq!(at(500_100, 200, "a"), 0);
    assert_eq!(at(500_050, 200, "a"), 0, "a correction");
    assert_eq!(at(500_000, 3_700, "a"), 3_600, "an hour passed that the clock does not show");
    assert_eq!(at(496_400, 5, "b"), 3_600, "after a restart");
    assert_eq!(at(600_000, 200, "a"), 0, "forward is not back");
}
