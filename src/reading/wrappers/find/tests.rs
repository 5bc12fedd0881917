//! Tests on a file's own record: times, size, permissions, owner (find(1), TESTS).
//! Must never answer for a value it does not understand.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

/// A test with its value.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Empty,
    /// Age by one of the three times, in periods of so many seconds.
    Age {
        time: Time,
        period: i64,
        number: Number,
    },
    Newer(std::ffi::OsString),
    /// Size in units of so many bytes, rounded up.
    Size {
        unit: u64,
        number: Number,
    },
    Mode {
        how: char,
        bits: u32,
    },
    User(Number),
    Group(Number),
    Links(Number),
    Inode(Number),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Time {
    Access,
    Change,
    Modification,
}

/// `+n`, `-n` or `n`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    order: Ordering,
    value: i64,
}

impl Number {
    fn read(text: &str) -> Option<Number> {
        let (order, digits) = match text.as_bytes().first()? {
            b'+' => (Ordering::Greater, &text[1..]),
            b'-' => (Ordering::Less, &text[1..]),
            _ => (Ordering::Equal, text),
        };
        digits.parse::<i64>().ok().filter(|n| *n >= 0).map(|value| Number { order, value })
    }

    fn fits(self, other: i64) -> bool {
        other.cmp(&self.value) == self.order
    }
}

const NAMES: &[&str] = &[
    "-amin", "-cmin", "-mmin", "-atime", "-ctime", "-mtime", "-newer", "-size", "-perm", "-uid", "-gid",
    "-user", "-group", "-links", "-inum",
];

/// Whether a test of this name may be understood.
pub(super) fn knows(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Reads a test; `None` for a value that is not understood.
pub(super) fn read(name: &str, value: &OsStr, day_start: bool) -> Option<Test> {
    let text = value.to_str()?;
    let age = |time, period| {
        let number = Number::read(text).filter(|_| !day_start)?;
        Some(Test::Age { time, period, number })
    };
    match name {
        "-amin" => age(Time::Access, 60),
        "-cmin" => age(Time::Change, 60),
        "-mmin" => age(Time::Modification, 60),
        "-atime" => age(Time::Access, 86_400),
        "-ctime" => age(Time::Change, 86_400),
        "-mtime" => age(Time::Modification, 86_400),
        "-newer" => Some(Test::Newer(value.to_owned())),
        "-size" => size(text),
        "-perm" => mode(text),
        "-uid" => Number::read(text).map(Test::User),
        "-gid" => Number::read(text).map(Test::Group),
        "-user" if text == "root" => Number::read("0").map(Test::User),
        "-group" if text == "root" => Number::read("0").map(Test::Group),
        "-links" => Number::read(text).map(Test::Links),
        "-inum" => Number::read(text).map(Test::Inode),
        _ => None,
    }
}

fn size(text: &str) -> Option<Test> {
    let (number, unit) = match text.char_indices().last()? {
        (at, 'c') => (&text[..at], 1),
        (at, 'w') => (&text[..at], 2),
        (at, 'b') => (&text[..at], 512),
        (at, 'k') => (&text[..at], 1 << 10),
        (at, 'M') => (&text[..at], 1 << 20),
        (at, 'G') => (&text[..at], 1 << 30),
        (_, _) => (text, 512),
    };
    Number::read(number).map(|number| Test::Size { unit, number })
}

/// Octal only.
fn mode(text: &str) -> Option<Test> {
    let (how, digits) = match text.chars().next()? {
        how @ ('-' | '/') => (how, &text[1..]),
        _ => ('=', text),
    };
    u32::from_str_radix(digits, 8).ok().map(|bits| Test::Mode { how, bits })
}

impl Test {
    /// Whether it holds; `None`: it cannot be looked up.
    pub(super) fn holds(&self, cwd: &Path, place: &Path, metadata: &Metadata) -> Option<bool> {
        Some(match self {
            Test::Empty if metadata.is_dir() => std::fs::read_dir(place).ok()?.next().is_none(),
            Test::Empty => metadata.is_file() && metadata.len() == 0,
            Test::Age { time, period, number } => old(metadata, *time, *period, *number)?,
            Test::Newer(other) => {
                let other = cwd.join(other).metadata().ok()?;
                (metadata.mtime(), metadata.mtime_nsec()) > (other.mtime(), other.mtime_nsec())
            }
            Test::Size { unit, number } => number.fits(i64::try_from(metadata.len().div_ceil(*unit)).ok()?),
            Test::Mode { how, bits } => {
                let mode = metadata.mode() & 0o7777;
                match how {
                    '-' => mode & bits == *bits,
                    '/' => *bits == 0 || mode & bits != 0,
                    _ => mode == *bits,
                }
            }
            Test::User(number) => number.fits(i64::from(metadata.uid())),
            Test::Group(number) => number.fits(i64::from(metadata.gid())),
            Test::Links(number) => number.fits(i64::try_from(metadata.nlink()).ok()?),
            Test::Inode(number) => number.fits(i64::try_from(metadata.ino()).ok()?),
        })
    }
}

/// Days are whole ones, what is over does not count; minutes are compared to the second.
fn old(metadata: &Metadata, time: Time, period: i64, number: Number) -> Option<bool> {
    let stamp = match time {
        Time::Access => metadata.atime(),
        Time::Change => metadata.ctime(),
        Time::Modification => metadata.mtime(),
    };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    let age = i64::try_from(now).ok()?.checked_sub(stamp)?;
    let limit = number.value.checked_mul(period)?;
    Some(match (number.order, period) {
        (_, 86_400) => number.fits(age.div_euclid(period)),
        (Ordering::Greater, _) => age > limit,
        (Ordering::Less, _) => age < limit,
        (Ordering::Equal, _) => age <= limit && age > limit - period,
    })
}
