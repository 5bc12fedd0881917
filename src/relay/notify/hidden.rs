//! Secrets of the operator's file: tokens, passwords, addresses that let their holder write. Must never reach a log,
//! an error or Debug.

use serde::Deserialize;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// Text that is wiped when dropped and not shown.
#[derive(Clone)]
pub struct Hidden(Zeroizing<String>);

impl Hidden {
    pub fn new(text: String) -> Hidden {
        Hidden(Zeroizing::new(text))
    }

    /// For the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(not shown)")
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Hidden, D::Error> {
        String::deserialize(deserializer).map(Hidden::new)
    }
}

/// Reads a file that holds secrets: a regular one of this user or root, readable by nobody else.
pub fn private(path: &Path, limit: u64) -> Result<Zeroizing<String>, String> {
    // A pipe in the place of the file must not hang the start.
    let opened = std::fs::OpenOptions::new().read(true).custom_flags(crate::sys::file::NONBLOCK).open(path);
    let file = opened.map_err(|e| format!("cannot be opened: {e}"))?;
    let about = file.metadata().map_err(|e| format!("cannot be read: {e}"))?;
    if !about.is_file() {
        return Err("is not a regular file".to_owned());
    }
    // Root may lend it by a group or an access list, which shows as one: so systemd hands out credentials.
    let (owner, me) = (about.uid(), crate::sys::who::uid());
    let others = if owner == me { 0o077 } else { 0o037 };
    if owner != me && owner != 0 || about.mode() & others != 0 {
        return Err("must belong to this user or root and be readable by nobody else (chmod 600)".to_owned());
    }
    let mut text = Zeroizing::new(String::new());
    let read = file.take(limit + 1).read_to_string(&mut text);
    read.map_err(|_| "cannot be read as UTF-8".to_owned())?;
    if text.len() as u64 > limit {
        return Err(format!("is larger than {limit} bytes"));
    }
    Ok(text)
}
