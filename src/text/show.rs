//! Foreign bytes made visible: control, bidi, zero-width and look-alike space characters are spelled out,
//! so that nothing a file, argument or server says can move the cursor, recolour or reorder what guard shows.

use std::fmt::Write;

/// The bytes as text that is safe on a terminal: printable characters as they are, everything else as
/// `\x1b`, `\n` or `\u{202e}`; bytes that are not UTF-8 as `\xff`. A backslash stays a backslash.
pub fn show(bytes: impl AsRef<[u8]>) -> String {
    let mut out = String::new();
    for chunk in bytes.as_ref().utf8_chunks() {
        for c in chunk.valid().chars() {
            push(&mut out, c);
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// As `show`, cut to `width` characters with a visible mark of how much was left out.
pub fn show_line(bytes: impl AsRef<[u8]>, width: usize) -> String {
    let all = show(bytes);
    let count = all.chars().count();
    if count <= width {
        return all;
    }
    let kept: String = all.chars().take(width.saturating_sub(12)).collect();
    format!("{kept}… (+{} more)", count - kept.chars().count())
}

fn push(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if c.is_control() && (c as u32) < 0x80 => {
            let _ = write!(out, "\\x{:02x}", c as u32);
        }
        c if is_deceptive(c) => {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
        c => out.push(c),
    }
}

/// Characters that show as nothing, as a space, or reorder their neighbours
/// (Unicode 16: Cc, Cf, Zs but SPACE, Zl, Zp, variation selectors, tags, fillers, private use).
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c as u32,
            0x00AD | 0x034F | 0x061C | 0x070F | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F
            | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x2800 | 0x3164 | 0xFE00..=0xFE0F
            | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFC | 0x110BD | 0x110CD | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A
            | 0xE000..=0xF8FF | 0xE0000..=0xE0FFF | 0xF0000..=0x10FFFF | 0x0600..=0x0605 | 0x06DD | 0x08E2)
}

#[cfg(test)]
mod tests {
    use super::show;

    #[test]
    fn hidden_characters_become_visible() {
        assert_eq!(show("a\x1b[31mb"), "a\\x1b[31mb");
        assert_eq!(show("pod\u{202e}dorp"), "pod\\u{202e}dorp");
        assert_eq!(show("a\u{200b}b\u{a0}c"), "a\\u{200b}b\\u{a0}c");
        assert_eq!(show("\u{9b}31m"), "\\u{9b}31m");
        assert_eq!(show(b"x\xffy\n"), "x\\xffy\\n");
        assert_eq!(show("naïve 名前"), "naïve 名前");
    }
}
