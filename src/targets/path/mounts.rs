//! What is mounted where: `/proc/self/mountinfo` (proc_pid_mountinfo(5)). Must never touch a mount point: the
//! file system behind it may hang.

use crate::sys::file;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// Larger than any machine's list; beyond it the list counts as unreadable.
const LIMIT: usize = 8 << 20;

/// The mounts that this process sees.
#[derive(Debug, Default)]
pub(super) struct Mounts {
    list: Vec<Mount>,
}

#[derive(Debug, PartialEq, Eq)]
struct Mount {
    point: PathBuf,
    /// `254:0`: bind mounts of one file system share it.
    device: String,
}

impl Mounts {
    /// `None`: the kernel does not say.
    pub(super) fn of_process() -> Option<Mounts> {
        let bytes = file::read_bounded(Path::new("/proc/self/mountinfo"), LIMIT).ok()?;
        let mounts = Mounts::parse(&bytes);
        (!mounts.list.is_empty()).then_some(mounts)
    }

    fn parse(bytes: &[u8]) -> Mounts {
        let list = bytes.split(|b| *b == b'\n').filter_map(|line| {
            let mut fields = line.split(|b| *b == b' ').skip(2);
            let (device, _root, point) = (fields.next()?, fields.next()?, fields.next()?);
            let device = String::from_utf8_lossy(device).into_owned();
            Some(Mount { point: PathBuf::from(OsString::from_vec(unescape(point))), device })
        });
        Mounts { list: list.collect() }
    }

    pub(super) fn is_mount(&self, path: &Path) -> bool {
        self.list.iter().any(|m| m.point == path)
    }

    /// Whether rm goes on into a file system that is mounted below a directory.
    pub(super) fn reaches_into(&self, directory: &Path, one_file_system: bool) -> bool {
        let own = one_file_system.then(|| self.device(directory)).flatten();
        self.below(directory).any(|m| own.is_none_or(|own| own == m.device))
    }

    /// Whether everything below a directory is mounted from elsewhere, or only leads there: with
    /// `--one-file-system` rm keeps all of it.
    pub(super) fn only_elsewhere(&self, directory: &Path) -> bool {
        let own = self.device(directory);
        self.below(directory).next().is_some()
            && std::fs::read_dir(directory).is_ok_and(|mut entries| {
                entries.all(|entry| {
                    entry.is_ok_and(|e| {
                        let path = e.path();
                        let foreign = |m: &Mount| m.point == path && Some(m.device.as_str()) != own;
                        self.list.iter().any(foreign) || self.only_elsewhere(&path)
                    })
                })
            })
    }

    fn below<'a>(&'a self, directory: &'a Path) -> impl Iterator<Item = &'a Mount> {
        self.list.iter().filter(move |m| m.point != directory && m.point.starts_with(directory))
    }

    /// The device of the innermost mount that holds a path; of mounts on one point the last one counts.
    fn device(&self, path: &Path) -> Option<&str> {
        let holding = self.list.iter().filter(|m| path.starts_with(&m.point));
        holding.max_by_key(|m| m.point.as_os_str().len()).map(|m| m.device.as_str())
    }
}

/// `\040` for a space, `\011`, `\012`, `\134`.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut at = 0;
    while at < field.len() {
        match field.get(at..at + 4) {
            Some([b'\\', digits @ ..]) if digits.iter().all(|d| matches!(d, b'0'..=b'7')) => {
                out.push(digits.iter().fold(0, |n: u8, d| n.wrapping_mul(8).wrapping_add(d - b'0')));
                at += 4;
            }
            _ => {
                out.push(field[at]);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &[u8] = b"27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n\
        28 27 0:25 / /mnt/my\\040vol ro shared:1 - tmpfs x ro\n\
        29 27 254:0 /data /srv/bind rw - ext4 /dev/vda rw\n";

    #[test]
    fn mounts_are_found_by_path_at_and_below() {
        let mounts = Mounts::parse(LIST);
        assert!(mounts.is_mount(Path::new("/mnt/my vol")) && mounts.is_mount(Path::new("/")));
        assert!(!mounts.is_mount(Path::new("/mnt")));
        assert!(
            mounts.reaches_into(Path::new("/mnt"), false)
                && !mounts.reaches_into(Path::new("/mnt/my vol"), false)
        );
        assert!(!mounts.reaches_into(Path::new("/mn"), false));
    }

    #[test]
    fn one_file_system_still_reaches_into_bind_mounts_of_it() {
        let mounts = Mounts::parse(LIST);
        assert!(!mounts.reaches_into(Path::new("/mnt"), true));
        assert!(mounts.reaches_into(Path::new("/srv"), true));
    }
}
