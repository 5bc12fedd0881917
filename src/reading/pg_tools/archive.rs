//! The header of a pg_dump archive (custom, directory or tar format): which database it was made of.
//! Source: pg_backup_archiver.c, ReadHead. Must never read more than the header: archives are large.

use crate::invocation::{Invocation, Stdin};

/// Enough for the header, whose strings are short.
const HEADER: usize = 64 << 10;

/// The name of the database that the archive names; `Err`: why it is not known.
pub fn database(invocation: &Invocation, file: Option<&str>) -> Result<String, String> {
    let bytes = match file {
        Some(file) => {
            let toc = std::path::Path::new(file).join("toc.dat");
            let directory = std::fs::metadata(invocation.path(file)).is_ok_and(|m| m.is_dir());
            let path = if directory { toc.as_path() } else { std::path::Path::new(file) };
            invocation.read_start(path, HEADER).map_err(|why| format!("the archive: {why}"))?
        }
        None => match invocation.stdin() {
            Stdin::Content(bytes) => bytes.to_vec(),
            Stdin::Terminal | Stdin::Unread | Stdin::TooMuch => {
                return Err("the archive comes from standard input".into());
            }
        },
    };
    let tar = bytes.get(257..262) == Some(b"ustar");
    let toc = if tar && bytes.starts_with(b"toc.dat\0") { bytes.get(512..) } else { Some(&bytes[..]) };
    toc.and_then(header).ok_or_else(|| "the file is no archive that guard can read".into())
}

fn header(bytes: &[u8]) -> Option<String> {
    let mut rest = bytes.strip_prefix(b"PGDMP")?;
    let mut byte = || {
        let (first, after) = rest.split_first()?;
        rest = after;
        Some(*first)
    };
    let (major, minor) = (byte()?, byte()?);
    let version = (u32::from(major) << 8) | u32::from(minor);
    if version < 0x0104 {
        return None;
    }
    byte()?; // revision
    let int_size = usize::from(byte()?);
    if version >= 0x0107 {
        byte()?; // size of an offset
    }
    byte()?; // format
    let mut fields = Fields { rest, int_size };
    if version >= 0x010f {
        fields.take(1)?;
    } else {
        fields.int()?;
    }
    for _ in 0..7 {
        fields.int()?; // when it was made
    }
    let length = usize::try_from(fields.int()?).ok()?;
    let name = fields.take(length)?;
    String::from_utf8(name.to_vec()).ok().filter(|n| !n.is_empty())
}

struct Fields<'b> {
    rest: &'b [u8],
    int_size: usize,
}

impl<'b> Fields<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let taken = self.rest.get(..length)?;
        self.rest = &self.rest[length..];
        Some(taken)
    }

    /// A sign byte, then the number, least byte first.
    fn int(&mut self) -> Option<i64> {
        let negative = *self.take(1)?.first()? != 0;
        let bytes = self.take(self.int_size)?;
        if self.int_size > 7 {
            return None;
        }
        let number = bytes.iter().rev().fold(0_i64, |n, b| (n << 8) | i64::from(*b));
        Some(if negative { -number } else { number })
    }
}
