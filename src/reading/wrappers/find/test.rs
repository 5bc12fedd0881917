//! find's tests of one path (findutils 4.9, pred.c). Must never answer a test that it does not model.

use super::expression::{Compare, Owner, Test, Time, Which};
use crate::reading::pattern::Pattern;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;
use std::time::SystemTime;

/// A path that find looks at.
pub struct Seen<'a> {
    /// As find writes it.
    pub shown: &'a Path,
    /// As it is opened.
    pub place: &'a Path,
    pub metadata: &'a Metadata,
    pub cwd: &'a Path,
    /// Links are followed.
    pub follows: bool,
}

/// `None`: not known.
pub fn holds(test: &Test, seen: &Seen<'_>) -> Option<bool> {
    let metadata = seen.metadata;
    Some(match test {
        Test::Always(answer) => *answer,
        Test::Name { pattern, whole, fold } => {
            let shown = seen.shown.as_os_str();
            matches(pattern, if *whole { shown } else { base_name(shown) }, *fold)?
        }
        Test::LinkText { pattern, fold } => match std::fs::read_link(seen.place) {
            Ok(_) if seen.follows => return None,
            Ok(target) => matches(pattern, target.as_os_str(), *fold)?,
            Err(_) => false,
        },
        Test::Type { letters, followed: false } => is_type(metadata, letters)?,
        Test::Type { letters, followed: true } if seen.follows => {
            is_type(&seen.place.symlink_metadata().ok()?, letters)?
        }
        Test::Type { letters, followed: true } => match seen.place.metadata() {
            Ok(metadata) => is_type(&metadata, letters)?,
            Err(_) => is_type(metadata, letters)?,
        },
        Test::Empty if metadata.is_dir() => std::fs::read_dir(seen.place).ok()?.next().is_none(),
        Test::Empty => metadata.is_file() && metadata.len() == 0,
        Test::Size { compare, unit } => compare.holds(metadata.len().div_ceil(*unit)),
        Test::Age { of, compare, unit } => old(age(metadata, *of)?, *compare, *unit),
        Test::Newer { of, than, reference } => {
            let reference = seen.cwd.join(reference);
            let reference = if seen.follows { reference.metadata() } else { reference.symlink_metadata() };
            stamp(metadata, *of) > stamp(&reference.ok()?, *than)
        }
        Test::Permissions { which, mode } => {
            let own = metadata.mode() & 0o7777;
            let wanted = mode.adjust(0, metadata.is_dir(), 0);
            match which {
                Which::Exactly => own == wanted,
                Which::All => own & wanted == wanted,
                Which::Any => wanted == 0 || own & wanted != 0,
            }
        }
        Test::Owner { of, compare } => compare.holds(match of {
            Owner::User => u64::from(metadata.uid()),
            Owner::Group => u64::from(metadata.gid()),
            Owner::Links => metadata.nlink(),
            Owner::Inode => metadata.ino(),
        }),
        Test::SameFile(reference) => {
            let other = seen.cwd.join(reference);
            let other = if seen.follows { other.metadata() } else { other.symlink_metadata() }.ok()?;
            (other.dev(), other.ino()) == (metadata.dev(), metadata.ino())
        }
        Test::Unknown => return None,
    })
}

/// The last component, `..` and `.` too, without slashes behind it.
fn base_name(path: &OsStr) -> &OsStr {
    let bytes = path.as_bytes();
    let Some(end) = bytes.iter().rposition(|b| *b != b'/') else { return OsStr::new("/") };
    let from = bytes[..end].iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
    OsStr::from_bytes(&bytes[from..=end])
}

fn matches(pattern: &[u8], text: &OsStr, fold: bool) -> Option<bool> {
    let case = |b: &[u8]| if fold { b.to_ascii_lowercase() } else { b.to_vec() };
    if fold && !(pattern.is_ascii() && text.as_bytes().is_ascii()) {
        return None;
    }
    let letters: Vec<(u8, bool)> = case(pattern).into_iter().map(|b| (b, false)).collect();
    Some(Pattern::new(&letters).ok()?.matches(&case(text.as_bytes())))
}

fn is_type(metadata: &Metadata, letters: &[u8]) -> Option<bool> {
    let kind = metadata.file_type();
    let mut found = false;
    for letter in letters.split(|b| *b == b',') {
        found |= match letter {
            b"f" => kind.is_file(),
            b"d" => kind.is_dir(),
            b"l" => kind.is_symlink(),
            b"b" => kind.is_block_device(),
            b"c" => kind.is_char_device(),
            b"p" => kind.is_fifo(),
            b"s" => kind.is_socket(),
            b"D" => false,
            _ => return None,
        };
    }
    Some(found)
}

fn stamp(metadata: &Metadata, of: Time) -> (i64, i64) {
    match of {
        Time::Accessed => (metadata.atime(), metadata.atime_nsec()),
        Time::Changed => (metadata.ctime(), metadata.ctime_nsec()),
        Time::Modified => (metadata.mtime(), metadata.mtime_nsec()),
    }
}

/// Seconds since then.
fn age(metadata: &Metadata, of: Time) -> Option<f64> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let (seconds, nanoseconds) = stamp(metadata, of);
    Some(now.as_secs_f64() - seconds as f64 - nanoseconds as f64 / 1e9)
}

/// Days count only when they are full; minutes are compared as they are.
fn old(age: f64, compare: Compare<f64>, unit: f64) -> bool {
    let units = age / unit;
    let full = unit > 60.0;
    match compare {
        Compare::More(n) => units >= if full { n + 1.0 } else { n },
        Compare::Less(n) => units < n,
        Compare::Exactly(n) if full => units >= n && units < n + 1.0,
        Compare::Exactly(n) => units > n - 1.0 && units <= n,
    }
}
