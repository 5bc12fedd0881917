//! Clocks. Must never be used to measure what a person could set back: durations come from `boot_micros`.

/// Microseconds since the epoch, UTC (CLOCK_REALTIME).
pub fn real_micros() -> u64 {
    micros(libc::CLOCK_REALTIME)
}

/// Microseconds since boot, sleep included (CLOCK_BOOTTIME).
pub fn boot_micros() -> u64 {
    micros(libc::CLOCK_BOOTTIME)
}

fn micros(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid timespec for the kernel to fill; both clocks exist since Linux 2.6.39.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds * 1_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0) / 1_000
}

/// The kernel's random name for this boot; `None` where `/proc` is missing.
pub fn boot_id() -> Option<String> {
    let bytes = super::file::read_bounded("/proc/sys/kernel/random/boot_id".as_ref(), 64).ok()?;
    String::from_utf8(bytes).ok().map(|id| id.trim().to_owned())
}
