//! Quoting words for a POSIX shell, so that what is shown can be copied and means the same.

use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

/// One word as a shell reads it back: bare, in single quotes, or as `$'…'` (bash, zsh, POSIX.1-2024)
/// when it holds bytes that would not be visible.
pub fn quote(word: impl AsRef<OsStr>) -> String {
    let bytes = word.as_ref().as_bytes();
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_./:=@%+,^".contains(b);
    if !bytes.is_empty() && bytes.iter().all(plain) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    if super::show(bytes).as_bytes() == bytes {
        return format!("'{}'", String::from_utf8_lossy(bytes).replace('\'', "'\\''"));
    }
    let mut out = String::from("$'");
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            escape(&mut out, c);
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out.push('\'');
    out
}

fn escape(out: &mut String, c: char) {
    let mut utf8 = [0; 4];
    let shown = super::show(c.encode_utf8(&mut utf8));
    let _ = match c {
        '\'' | '\\' => write!(out, "\\{c}"),
        _ if shown.chars().eq([c]) => write!(out, "{c}"),
        c if c.is_ascii() => write!(out, "{shown}"),
        c => write!(out, "\\U{:08x}", c as u32),
    };
}

/// A command line of quoted words.
pub fn quote_line<W: AsRef<OsStr>>(words: &[W]) -> String {
    words.iter().map(|w| quote(w.as_ref())).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{quote, quote_line};

    #[test]
    fn words_are_quoted_only_where_needed() {
        assert_eq!(quote("ns/payments"), "ns/payments");
        assert_eq!(quote("DROP TABLE x"), "'DROP TABLE x'");
        assert_eq!(quote("it's"), "'it'\\''s'");
        assert_eq!(quote(""), "''");
        assert_eq!(quote("a\x1b'b\\"), "$'a\\x1b\\'b\\\\'");
        assert_eq!(quote("a\u{202e}"), "$'a\\U0000202e'");
        assert_eq!(quote_line(&["rm", "-rf", "sp ace"]), "rm -rf 'sp ace'");
    }
}
