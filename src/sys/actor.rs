//! Who stands behind this process: terminal, session, the programs that started it. Read from `/proc`;
//! what `/proc` does not say is left out, never guessed.

use std::os::unix::fs::MetadataExt;

/// Names of the programs above this one, nearest first, at most `limit`; names are bytes the programs chose.
pub fn parents(limit: usize) -> Vec<Vec<u8>> {
    let mut names = Vec::new();
    let mut pid = nix::unistd::getppid().as_raw();
    while pid > 0 && names.len() < limit {
        let Some(status) = Status::of(&pid.to_string()) else { break };
        names.push(status.name);
        pid = status.parent;
    }
    names
}

/// The session id, getsid(2).
pub fn session() -> Option<i32> {
    nix::unistd::getsid(None).ok().map(nix::unistd::Pid::as_raw)
}

/// The controlling terminal, `pts/3`; `None` without one. Redirections do not matter.
pub fn terminal() -> Option<String> {
    let device = u64::try_from(Status::of("self")?.terminal).ok().filter(|d| *d != 0)?;
    let (major, minor) = (libc::major(device), libc::minor(device));
    match major {
        136..=143 => Some(format!("pts/{}", (major - 136) * 256 + minor)),
        4 if minor < 64 => Some(format!("tty{minor}")),
        _ => std::fs::read_dir("/dev").ok()?.flatten().find_map(|entry| {
            let same = entry.metadata().is_ok_and(|m| m.rdev() == device);
            same.then(|| entry.file_name().to_string_lossy().into_owned())
        }),
    }
}

/// What identifies this machine's installation; `None` where there is no machine-id(5).
pub fn machine_id() -> Option<String> {
    let bytes = super::file::read_bounded("/etc/machine-id".as_ref(), 64).ok()?;
    String::from_utf8(bytes).ok().map(|id| id.trim().to_owned()).filter(|id| !id.is_empty())
}

/// The fields of `/proc/PID/stat` that are needed (proc_pid_stat(5)).
struct Status {
    name: Vec<u8>,
    parent: i32,
    terminal: i64,
}

impl Status {
    fn of(pid: &str) -> Option<Status> {
        let bytes = super::file::read_bounded(format!("/proc/{pid}/stat").as_ref(), 4096).ok()?;
        Status::parse(&bytes)
    }

    /// The name stands in parentheses and may hold any byte, `)` included: it ends at the last one.
    fn parse(bytes: &[u8]) -> Option<Status> {
        let open = bytes.iter().position(|b| *b == b'(')?;
        let close = bytes.iter().rposition(|b| *b == b')')?;
        let rest = std::str::from_utf8(bytes.get(close + 1..)?).ok()?;
        let mut fields = rest.split_ascii_whitespace();
        let parent = fields.nth(1)?.parse().ok()?;
        let terminal = fields.nth(2)?.parse().ok()?;
        Some(Status { name: bytes.get(open + 1..close)?.to_vec(), parent, terminal })
    }
}

#[cfg(test)]
mod tests {
    use super::Status;

    #[test]
    fn a_program_name_may_hold_parentheses_and_spaces() {
        let status = Status::parse(b"71 (a) R 1 (x) S 70 71 71 34819 71 4194304").expect("well formed");
        assert_eq!((status.name.as_slice(), status.parent, status.terminal), (&b"a) R 1 (x"[..], 70, 34819));
        assert!(Status::parse(b"71 (a) S x").is_none());
    }
}
