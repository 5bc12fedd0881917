//! Foreign text for guard-render/1: every character that cannot be seen, or could end the frame, is spelled out. Must
//! never drop or join characters, and must be reversible: two texts that differ look different.

use super::hidden_table::HIDDEN;
use std::fmt::Write;

/// The bar that stands before foreign text and nowhere else.
pub(super) const BAR: char = '│';

/// One line of foreign bytes: hidden characters, the bar, backslashes, and spaces at either end as `\u{…}` (a backslash
/// doubled), bytes that are not UTF-8 as `\x{ff}`.
pub(super) fn escape(bytes: &[u8]) -> String {
    let mut out = String::new();
    let leading = bytes.iter().take_while(|b| **b == b' ').count();
    let trailing = bytes.len() - bytes.iter().rev().take_while(|b| **b == b' ').count();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            let edge = c == ' ' && (at < leading || at >= trailing);
            push(&mut out, c, edge);
            at += c.len_utf8();
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{{{byte:02x}}}");
            at += 1;
        }
    }
    out
}

fn push(out: &mut String, c: char, edge: bool) {
    if c == '\\' {
        out.push_str("\\\\");
    } else if edge || c == BAR || is_hidden(c) {
        let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
    } else {
        out.push(c);
    }
}

fn is_hidden(c: char) -> bool {
    let code = u32::from(c);
    let place = HIDDEN.partition_point(|(first, _)| *first <= code);
    place > 0 && code <= HIDDEN[place - 1].1
}

/// Blocks with letters that look like ASCII: Latin and IPA look-alikes, Greek, Cyrillic, Armenian, Cherokee, letter-like
/// and Roman numerals, enclosed, Coptic, Lisu, Latin C and D, full width, mathematical.
const LOOK_ALIKE: &[(u32, u32)] = &[
    (0x0131, 0x0131),
    (0x017f, 0x017f),
    (0x01c0, 0x01c3),
    (0x0237, 0x02af),
    (0x0370, 0x058f),
    (0x13a0, 0x13ff),
    (0x1c80, 0x1c8f),
    (0x1d00, 0x1dbf),
    (0x1f00, 0x1fff),
    (0x2100, 0x218f),
    (0x2460, 0x24ff),
    (0x2c60, 0x2cff),
    (0x2de0, 0x2dff),
    (0xa4d0, 0xa4ff),
    (0xa640, 0xa69f),
    (0xa720, 0xa7ff),
    (0xab30, 0xabbf),
    (0xff01, 0xff5e),
    (0x1d400, 0x1d7ff),
];

/// The characters of a text that look like ASCII and are not, each once, in their order. Of prose only those count that
/// share a word with ASCII letters: whole words of another alphabet are somebody's language.
pub(super) fn look_alikes(text: &str, prose: bool) -> Vec<char> {
    let mut found = Vec::new();
    for word in text.split(|c: char| prose && (c == ' ' || c.is_ascii_punctuation())) {
        if prose && !word.chars().any(|c| c.is_ascii_alphabetic()) {
            continue;
        }
        for c in word.chars() {
            let code = u32::from(c);
            let like = LOOK_ALIKE.iter().any(|(first, last)| (*first..=*last).contains(&code));
            if like && !is_hidden(c) && !found.contains(&c) {
                found.push(c);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides() {
        assert_eq!(escape("kubectl get pods".as_bytes()), "kubectl get pods");
        assert_eq!(escape(b"a\x1b[2K\rb\n"), "a\\u{1b}[2K\\u{d}b\\u{a}");
        assert_eq!(escape("pod\u{202e}dorp\u{200b}\u{a0}".as_bytes()), "pod\\u{202e}dorp\\u{200b}\\u{a0}");
        assert_eq!(escape(b"\xff\xfe"), "\\x{ff}\\x{fe}");
        assert_eq!(escape("a\u{2502} b".as_bytes()), "a\\u{2502} b");
        assert_eq!(escape(b"\\u{41}"), "\\\\u{41}", "an escape in the text is no escape");
        assert_eq!(escape(b"  a b  "), "\\u{20}\\u{20}a b\\u{20}\\u{20}");
        assert_eq!(escape("naïve 名前 \u{378}".as_bytes()), "naïve 名前 \\u{378}");
        assert_eq!(
            escape("\u{3164}\u{fe0f}\u{2800}\u{e000}".as_bytes()),
            "\\u{3164}\\u{fe0f}\\u{2800}\\u{e000}"
        );
    }

    #[test]
    fn look_alikes_are_found() {
        assert_eq!(look_alikes("kubectl get p\u{43e}ds", false), ['\u{43e}']);
        assert_eq!(look_alikes("\u{440}\u{43e}d", true), ['\u{440}', '\u{43e}']);
        assert!(look_alikes("\u{43f}\u{440}\u{438}\u{432}\u{435}\u{442} ok", true).is_empty());
        assert!(look_alikes("naïve 名前", false).is_empty());
    }

    #[test]
    fn the_published_table_is_this_one() {
        let published = include_str!("../../../docs/approvals/guard-render-1.txt");
        let ranges: Vec<(u32, u32)> = published
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                let (first, last) = line.split_once("..").expect("a range");
                let code = |text: &str| u32::from_str_radix(text, 16).expect("hexadecimal");
                (code(first), code(last))
            })
            .collect();
        assert_eq!(ranges, HIDDEN);
        assert!(HIDDEN.windows(2).all(|pair| pair[0].1 < pair[1].0), "sorted");
    }
}
