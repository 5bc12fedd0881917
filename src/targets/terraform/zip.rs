//! Finds one member of a ZIP archive (APPNOTE.TXT 6.3) and inflates it. Only what Go's archive/zip writes for a
//! plan: no ZIP64, no encryption, no several disks. Must never allocate more than the limit it is given.

const END: u32 = 0x0605_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const LOCAL: u32 = 0x0403_4b50;

/// The content of the only member with that name, at most `limit` bytes.
pub(super) fn member(archive: &[u8], name: &[u8], limit: usize) -> Result<Vec<u8>, &'static str> {
    let end = end_record(archive).ok_or("it is no ZIP archive")?;
    let count = u16_at(archive, end + 10).ok_or("its directory is damaged")?;
    let mut at = u32_at(archive, end + 16).ok_or("its directory is damaged")? as usize;
    let mut found = None;
    for _ in 0..count {
        let entry = Entry::read(archive, at).ok_or("its directory is damaged")?;
        if entry.name == name
            && found.replace((entry.method, entry.packed, entry.size, entry.local)).is_some()
        {
            return Err("it has two plans");
        }
        at = entry.next;
    }
    let (method, packed, size, local) = found.ok_or("it holds no plan")?;
    let data = body(archive, local, packed).ok_or("its plan is damaged")?;
    if size > limit {
        return Err("its plan is too large");
    }
    let plain = match method {
        0 => data.to_vec(),
        8 => miniz_oxide::inflate::decompress_to_vec_with_limit(data, limit)
            .map_err(|_| "its plan is damaged")?,
        _ => return Err("its plan is packed in an unknown way"),
    };
    if plain.len() == size { Ok(plain) } else { Err("its plan is damaged") }
}

struct Entry<'a> {
    name: &'a [u8],
    method: u16,
    packed: usize,
    size: usize,
    local: usize,
    next: usize,
}

impl Entry<'_> {
    fn read(archive: &[u8], at: usize) -> Option<Entry<'_>> {
        if u32_at(archive, at)? != CENTRAL {
            return None;
        }
        let name_length = usize::from(u16_at(archive, at + 28)?);
        let further = usize::from(u16_at(archive, at + 30)?) + usize::from(u16_at(archive, at + 32)?);
        Some(Entry {
            name: archive.get(at + 46..at + 46 + name_length)?,
            method: u16_at(archive, at + 10)?,
            packed: u32_at(archive, at + 20)? as usize,
            size: u32_at(archive, at + 24)? as usize,
            local: u32_at(archive, at + 42)? as usize,
            next: at + 46 + name_length + further,
        })
    }
}

/// The packed bytes behind a local header; its own sizes may be zero (streamed), so the directory's count.
fn body(archive: &[u8], at: usize, packed: usize) -> Option<&[u8]> {
    if u32_at(archive, at)? != LOCAL {
        return None;
    }
    let start = at + 30 + usize::from(u16_at(archive, at + 26)?) + usize::from(u16_at(archive, at + 28)?);
    archive.get(start..start.checked_add(packed)?)
}

/// The end record stands within the last 22 + 65535 bytes, before a comment of exactly the stated length.
fn end_record(archive: &[u8]) -> Option<usize> {
    let last = archive.len().checked_sub(22)?;
    (last.saturating_sub(0xffff)..=last).rev().find(|at| {
        u32_at(archive, *at) == Some(END)
            && u16_at(archive, at + 20).is_some_and(|comment| at + 22 + usize::from(comment) == archive.len())
    })
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// A stored archive of one member, for tests.
#[cfg(test)]
pub(super) fn archive(name: &[u8], content: &[u8]) -> Vec<u8> {
    let (name_length, size) = ((name.len() as u16).to_le_bytes(), (content.len() as u32).to_le_bytes());
    let mut out = Vec::new();
    out.extend(LOCAL.to_le_bytes());
    out.extend([0; 14]);
    out.extend([size, size].concat());
    out.extend([name_length, [0; 2]].concat());
    out.extend([name, content].concat());
    let directory = out.len() as u32;
    out.extend(CENTRAL.to_le_bytes());
    out.extend([0; 16]);
    out.extend([size, size].concat());
    out.extend(name_length);
    out.extend([0; 16]);
    out.extend(name);
    let length = out.len() as u32 - directory;
    out.extend(END.to_le_bytes());
    out.extend([0, 0, 0, 0, 1, 0, 1, 0]);
    out.extend([length.to_le_bytes(), directory.to_le_bytes()].concat());
    out.extend([0; 2]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_found_by_name() {
        let zip = archive(b"tfplan", b"content");
        assert_eq!(member(&zip, b"tfplan", 100).as_deref(), Ok(&b"content"[..]));
        assert_eq!(member(&zip, b"other", 100), Err("it holds no plan"));
        assert_eq!(member(&zip, b"tfplan", 6), Err("its plan is too large"));
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        let zip = archive(b"tfplan", b"content");
        assert!(member(b"", b"tfplan", 100).is_err() && member(b"plan text", b"tfplan", 100).is_err());
        for length in 0..zip.len() {
            assert!(member(&zip[..length], b"tfplan", 100).is_err(), "{length}");
        }
        for at in 0..zip.len() {
            let mut broken = zip.clone();
            broken[at] ^= 0xff;
            let _ = member(&broken, b"tfplan", 100);
        }
    }
}
