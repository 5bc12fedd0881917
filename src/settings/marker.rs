//! The marker file of a shim directory. It says "everything in here is a shim", where the full guard is, and
//! which directories its owner configured: a changed `HOME` or `XDG_CONFIG_HOME` does not make a shim forget
//! its policy.

use super::Dirs;
use crate::sys::file;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// File name of the marker inside a shim directory.
pub const MARKER: &str = ".guard-shims";
const FIRST_LINE: &[u8] = b"guard-shims 1";

/// A parsed marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The full guard executable.
    pub guard: PathBuf,
    pub dirs: Dirs,
}

/// Why a marker that exists does not say what it must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    Damaged,
    /// Opening or reading it failed, in the system's words.
    Failed(String),
}

impl Unreadable {
    /// What is wrong, and what to do about it.
    pub fn words(&self) -> (String, String) {
        let file = "the shim directory's marker file";
        match self {
            Unreadable::Damaged => (format!("{file} is damaged"), "`guard shim add` writes it again".into()),
            Unreadable::Failed(why) => (
                format!("{file} cannot be read: {why}"),
                "`guard doctor` looks at everything that commands depend on".into(),
            ),
        }
    }
}

impl Marker {
    /// The marker of a directory; `None` when there is none.
    pub fn of(directory: &Path) -> Result<Option<Marker>, Unreadable> {
        match file::read_bounded(&directory.join(MARKER), 64 << 10) {
            Ok(bytes) => Marker::parse(&bytes).map(Some).ok_or(Unreadable::Damaged),
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
            Err(e) => Err(Unreadable::Failed(e.to_string())),
        }
    }

    /// The markers of the shim directories on PATH, the first that counts first: what shims go by, whatever the
    /// environment says now.
    pub fn on_path() -> Vec<Marker> {
        let path = crate::sys::entry::variable("PATH").unwrap_or_default();
        std::env::split_paths(path).filter_map(|directory| Marker::of(&directory).ok().flatten()).collect()
    }

    fn parse(bytes: &[u8]) -> Option<Marker> {
        let mut lines = bytes.split(|b| *b == b'\n');
        if lines.next() != Some(FIRST_LINE) {
            return None;
        }
        let mut found = [const { None }; 4];
        for line in lines {
            for (slot, name) in found.iter_mut().zip(NAMES) {
                if let Some(value) = line.strip_prefix(name.as_bytes()) {
                    *slot = Some(PathBuf::from(OsStr::from_bytes(value))).filter(|p| p.is_absolute());
                }
            }
        }
        let [guard, config, state, cache] = found;
        Some(Marker { guard: guard?, dirs: Dirs { config: config?, state: state?, cache: cache? } })
    }

    /// The file's bytes; `None` when a path holds a line break or is relative and could not be read back.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = FIRST_LINE.to_vec();
        for (name, path) in
            NAMES.iter().zip([&self.guard, &self.dirs.config, &self.dirs.state, &self.dirs.cache])
        {
            if !path.is_absolute() || path.as_os_str().as_bytes().contains(&b'\n') {
                return None;
            }
            bytes.extend_from_slice(b"\n");
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(path.as_os_str().as_bytes());
        }
        bytes.push(b'\n');
        Some(bytes)
    }
}

const NAMES: [&str; 4] = ["guard=", "config=", "state=", "cache="];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_damaged_is_called_so() {
        let failed = Unreadable::Failed("Too many open files (os error 24)".into());
        assert!(failed.words().0.contains("oo many open files") && !failed.words().0.contains("damaged"));
        assert!(Unreadable::Damaged.words().0.contains("damaged"));
    }

    #[test]
    fn a_marker_reads_back_what_was_written() {
        let dirs = Dirs { config: "/h/.config/guard".into(), state: "/h/s p".into(), cache: "/c".into() };
        let marker = Marker { guard: "/opt/guard".into(), dirs };
        assert_eq!(Marker::parse(&marker.to_bytes().expect("absolute paths")), Some(marker));
        assert_eq!(Marker::parse(b"guard-shims 1\nguard=/g\n"), None);
        assert_eq!(Marker::parse(b"guard-shims 1\nguard=g\nconfig=/a\nstate=/b\ncache=/c\n"), None);
        assert_eq!(Marker::parse(b""), None);
    }
}
