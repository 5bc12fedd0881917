//! Questions of the set-up commands, and what they read: a yes, a moment, a file or pasted text. Must never take silence
//! for a yes.

use super::Trouble;
use crate::statement::LARGEST;
use std::io::{IsTerminal, Read};
use std::path::Path;

/// Largest file that is read: a long chain of versions.
const LARGE: usize = 64 << 20;

/// Asks on the terminal; anything but a yes is an error.
pub fn agree(yes: bool, question: &str) -> Result<(), Trouble> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Trouble::new(64, "this asks, and there is no terminal", "--yes answers in advance"));
    }
    match dialoguer::Confirm::new().with_prompt(question).default(false).interact_opt() {
        Ok(Some(true)) => Ok(()),
        Ok(Some(false) | None) => Err(Trouble::new(77, "nothing was changed", "the same command asks again")),
        Err(error) => Err(Trouble::new(70, error.to_string(), "--yes answers in advance")),
    }
}

/// A moment as people write it: `2026-11-23 08:00` (here), with a zone (RFC 3339), or seconds since 1970.
pub fn moment(text: &str) -> Result<u64, String> {
    let seconds = || -> Option<i64> {
        if let Ok(seconds) = text.parse::<i64>() {
            return Some(seconds);
        }
        if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
            return Some(stamp.as_second());
        }
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        Some(civil.to_zoned(jiff::tz::TimeZone::system()).ok()?.timestamp().as_second())
    };
    let wrong = || "a moment is 2026-11-23, 2026-11-23T08:00, or 2026-11-23T08:00+01:00".to_owned();
    seconds().and_then(|s| u64::try_from(s).ok()).ok_or_else(wrong)
}

/// A file's bytes; `-` is standard input.
pub fn read(path: &Path) -> Result<Vec<u8>, Trouble> {
    let hint = "name a file, or - for standard input";
    let unread = |e: std::io::Error| {
        Trouble::new(64, format!("{} cannot be read: {e}", crate::text::quote(path)), hint)
    };
    if path != Path::new("-") {
        return crate::sys::file::read_bounded(path, LARGE).map_err(unread);
    }
    let mut bytes = Vec::new();
    std::io::stdin().take(LARGE as u64 + 1).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() > LARGE {
        return Err(Trouble::new(64, "standard input is too long", hint));
    }
    Ok(bytes)
}

/// The same, where it may be pasted text: of a file, of standard input, or the argument itself.
pub fn read_text(argument: &Path) -> Result<Vec<u8>, Trouble> {
    let given = argument.to_string_lossy();
    let bytes = match crate::team::paste::from_text(&given) {
        Some((_, bytes)) => return Ok(bytes),
        None => read(argument)?,
    };
    let text = std::str::from_utf8(&bytes).ok().filter(|text| text.len() <= LARGEST * 2);
    Ok(text.and_then(crate::team::paste::from_text).map_or(bytes, |(_, unpacked)| unpacked))
}

/// Writes a new file; one that is there is left alone.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    use std::io::Write;
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|e| {
        let what = format!("{} cannot be written: {e}", crate::text::quote(path));
        Trouble::new(64, what, "name a file that is not there yet")
    })
}
