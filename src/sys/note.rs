//! How guard's executables recognise each other: an ELF note. A copy of a shim, of any version, anywhere on
//! PATH, is known by its own bytes and never taken for the real program.

use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// ELF note (gABI 5): name size, descriptor size, type, name, descriptor.
#[repr(C, align(4))]
pub struct Note {
    name_size: u32,
    descriptor_size: u32,
    kind: u32,
    name: [u8; 8],
    descriptor: [u8; 8],
}

const NAME: [u8; 8] = *b"guard\0\0\0";
const DESCRIPTOR: [u8; 8] = *b"shim\0\0\0\x01";

/// In every executable that links `exec`.
#[used]
#[unsafe(link_section = ".note.guard")]
pub static NOTE: Note =
    Note { name_size: 6, descriptor_size: 8, kind: 1, name: NAME, descriptor: DESCRIPTOR };

/// What the first bytes of a file say it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// One of guard's own executables.
    Guard,
    /// A script that mentions guard: it may call guard again, so a loop is possible.
    ScriptNamingGuard,
    /// Execute-only: it cannot be known.
    Unreadable,
    Other,
}

/// Reads the beginning of a file.
pub fn file_kind(path: &Path) -> FileKind {
    let Ok(mut file) = std::fs::OpenOptions::new().read(true).custom_flags(super::file::NONBLOCK).open(path)
    else {
        return FileKind::Unreadable;
    };
    let mut bytes = [0_u8; 4096];
    let Ok(length) = file.read(&mut bytes) else { return FileKind::Unreadable };
    let bytes = &bytes[..length];
    if bytes.starts_with(b"\x7fELF") {
        if has_note(bytes) { FileKind::Guard } else { FileKind::Other }
    } else if bytes.starts_with(b"#!") && contains(bytes, b"guard") {
        FileKind::ScriptNamingGuard
    } else {
        FileKind::Other
    }
}

/// Looks through the PT_NOTE segments of a 64-bit little-endian ELF file, as far as they lie in `bytes`.
fn has_note(bytes: &[u8]) -> bool {
    let u16_at = |at: usize| bytes.get(at..at + 2).map(|b| u16::from_le_bytes([b[0], b[1]]));
    let u64_at = |at: usize| {
        bytes
            .get(at..at + 8)
            .and_then(|b| b.try_into().ok())
            .map(u64::from_le_bytes)
            .and_then(|n| usize::try_from(n).ok())
    };
    if bytes.get(4..6) != Some(&[2, 1]) {
        return false;
    }
    let (Some(headers), Some(size), Some(count)) = (u64_at(32), u16_at(54), u16_at(56)) else { return false };
    (0..usize::from(count)).any(|i| {
        let header = headers.saturating_add(i * usize::from(size));
        let is_note = bytes.get(header..header.saturating_add(4)) == Some(&[4, 0, 0, 0]);
        let (Some(offset), Some(length)) =
            (u64_at(header.saturating_add(8)), u64_at(header.saturating_add(32)))
        else {
            return false;
        };
        let end = offset.saturating_add(length).min(bytes.len());
        is_note && offset < end && contains_note(&bytes[offset..end])
    })
}

fn contains_note(segment: &[u8]) -> bool {
    let mut wanted = [0_u8; 16];
    wanted[..8].copy_from_slice(&NAME);
    wanted[8..].copy_from_slice(&DESCRIPTOR);
    // The descriptor's last byte is a version: any version of guard is guard.
    segment.windows(15).step_by(4).any(|w| *w == wanted[..15])
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|w| w == needle)
}
