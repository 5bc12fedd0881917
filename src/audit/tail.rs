//! The end of the log is its state: the last line that can be read, and any bytes after it that cannot.
//! Must never take a damaged line for the head, nor lose sight of a byte.

use super::error::{AuditError, Doing};
use super::line::{Class, Line, is_known};
use crate::keys::Digest;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Enough for the last entry nearly always.
const WINDOW: u64 = 4096;

/// What an append continues from.
#[derive(Debug)]
pub struct Tail {
    pub seq: u64,
    pub leaf: Digest,
    /// The file does not end in a line break.
    pub open_ended: bool,
    pub damage: Option<Damage>,
}

/// Bytes after the last readable line.
#[derive(Debug)]
pub struct Damage {
    pub offset: u64,
    pub bytes: Vec<u8>,
    pub class: Class,
}

impl Tail {
    pub fn read(file: &File, path: &Path) -> Result<Tail, AuditError> {
        let failed = |error| AuditError::system(path, Doing::Read, error);
        let size = file.metadata().map_err(failed)?.len();
        let mut window = WINDOW;
        loop {
            let start = size.saturating_sub(window);
            let mut bytes = vec![0; usize::try_from(size - start).unwrap_or(usize::MAX)];
            file.read_exact_at(&mut bytes, start).map_err(failed)?;
            if let Some(tail) = find(&bytes, start, path)? {
                return Ok(tail);
            }
            if start == 0 {
                return Err(AuditError::NothingReadable { path: path.to_owned() });
            }
            window = window.saturating_mul(8);
        }
    }
}

/// Looks for the last readable line in the end of a file; `start` is where these bytes begin in it.
fn find(bytes: &[u8], start: u64, path: &Path) -> Result<Option<Tail>, AuditError> {
    let mut end = bytes.len();
    while end > 0 {
        let line_end = if bytes[end - 1] == b'\n' { end - 1 } else { end };
        let line_start = match bytes[..line_end].iter().rposition(|b| *b == b'\n') {
            Some(at) => at + 1,
            None if start == 0 => 0,
            None => return Ok(None),
        };
        let line = Line::split(&bytes[line_start..line_end]);
        if let Some((line, head)) = line.and_then(|l| l.head().map(|h| (l, h))) {
            if !is_known(&head) {
                return Err(AuditError::Newer { path: path.to_owned() });
            }
            let damage = (end < bytes.len()).then(|| Damage {
                offset: start + end as u64,
                bytes: bytes[end..].to_vec(),
                class: Class::of(&bytes[end..]),
            });
            let open_ended = bytes.last() != Some(&b'\n');
            return Ok(Some(Tail { seq: head.seq, leaf: line.leaf(), open_ended, damage }));
        }
        end = line_start;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::super::line::seal;
    use super::*;
    use crate::keys::{Secret, SigningKey};
    use std::io::Write;

    fn line(seq: u64, filler: usize) -> Vec<u8> {
        let key = SigningKey::new(&Secret::from_bytes([5; 32]));
        seal(
            format!(r#"{{"epoch":0,"event":"x","f":"{}","seq":{seq},"v":1}}"#, "f".repeat(filler)).as_bytes(),
            &key,
        )
    }

    fn tail(bytes: &[u8]) -> Result<Tail, AuditError> {
        let mut file = temporary();
        file.write_all(bytes).expect("temporary file");
        Tail::read(&file, Path::new("log"))
    }

    fn temporary() -> File {
        let path = std::env::temp_dir().join(format!("guard-tail-{:?}", std::thread::current().id()));
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .expect("temporary");
        std::fs::remove_file(&path).expect("own file");
        file
    }

    #[test]
    fn every_cut_of_the_last_line_is_told_apart() {
        let (first, last) = (line(7, 10), line(8, 10));
        for cut in 0..=last.len() {
            let bytes = [first.as_slice(), &last[..cut]].concat();
            let tail = tail(&bytes).expect("the first line is whole");
            let whole = cut + 1 >= last.len();
            assert_eq!(tail.seq, if whole { 8 } else { 7 }, "cut at {cut}");
            assert_eq!(tail.open_ended, cut != 0 && cut != last.len());
            match tail.damage {
                Some(damage) => {
                    assert_eq!((damage.offset, damage.class), (first.len() as u64, Class::Torn));
                    assert_eq!(damage.bytes, &last[..cut]);
                }
                None => assert!(whole || cut == 0, "cut at {cut}"),
            }
        }
    }

    #[test]
    fn a_long_line_and_long_damage_are_found_beyond_the_window() {
        let bytes = [line(1, 100_000), b"{\"entry\":".repeat(9_000)].concat();
        let tail = tail(&bytes).expect("one whole line");
        assert_eq!((tail.seq, tail.damage.expect("damage").bytes.len()), (1, 81_000));
    }

    #[test]
    fn nothing_readable_is_an_error_and_a_newer_line_too() {
        assert!(matches!(tail(b""), Err(AuditError::NothingReadable { .. })));
        assert!(matches!(tail(b"junk\n"), Err(AuditError::NothingReadable { .. })));
        let newer = String::from_utf8(line(1, 0)).expect("ascii").replace("\"v\":1", "\"v\":2");
        assert!(matches!(tail(newer.as_bytes()), Err(AuditError::Newer { .. })));
    }
}
