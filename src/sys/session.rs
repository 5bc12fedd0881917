//! What tells one terminal session from every other one, also from those that get its numbers later. What the system
//! does not say leaves nothing to compare: then there is no session.

use super::{actor, clock, file, who};
use serde::{Deserialize, Serialize};
use std::os::unix::fs::MetadataExt;

/// This terminal session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// getsid(2).
    pub id: i32,
    /// When the session's leader was started, in clock ticks since boot: process numbers come again.
    pub leader: u64,
    /// The controlling terminal: `pts/3`.
    pub terminal: String,
    pub device: u64,
    pub inode: u64,
    /// Nanoseconds since the epoch: `pts/3` comes again, made anew.
    pub changed: i64,
    pub user: u32,
    /// The kernel's random name for this boot.
    pub boot: String,
}

impl Session {
    /// The session this process is in. `None` without a controlling terminal, or when the leader is gone.
    pub fn here() -> Option<Session> {
        let id = actor::session()?;
        let terminal = actor::terminal()?;
        let meta = std::fs::symlink_metadata(format!("/dev/{terminal}")).ok()?;
        let changed = meta.ctime().checked_mul(1_000_000_000)?.checked_add(meta.ctime_nsec())?;
        Some(Session {
            id,
            leader: started(id)?,
            terminal,
            device: meta.rdev(),
            inode: meta.ino(),
            changed,
            user: who::uid(),
            boot: clock::boot_id()?,
        })
    }
}

/// When a process was started: field 22 of proc_pid_stat(5), the 20th behind the name.
fn started(pid: i32) -> Option<u64> {
    let bytes = file::read_bounded(format!("/proc/{pid}/stat").as_ref(), 4096).ok()?;
    let close = bytes.iter().rposition(|b| *b == b')')?;
    std::str::from_utf8(bytes.get(close + 1..)?).ok()?.split_ascii_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::started;

    #[test]
    fn a_process_was_started_after_its_parent() {
        let own = started(std::process::id().cast_signed()).expect("our own");
        assert!(started(1).expect("the first process") <= own && own > 0);
        assert_eq!(started(0), None);
    }
}
