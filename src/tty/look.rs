//! What the terminal can show: how wide, which characters, whether it knows more than plain text. Nothing here
//! changes what is asked or what counts as an answer, since whoever runs the command sets these variables.

use crate::sys::entry::variable;
use crate::sys::terminal::Size;
use crate::text;
use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

/// Lines longer than this are hard to read.
const WIDEST: usize = 100;
/// Below this nothing can be laid out; the terminal wraps for itself.
const NARROWEST: usize = 39;
/// A window below either shows what has to be typed last of all.
const FEWEST_ROWS: usize = 8;
const FEWEST_COLUMNS: usize = 20;
/// Longest single value shown whole, in characters; the rest is counted, not dropped in silence.
const LONGEST: usize = 1200;

/// How to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns to use; one less than the window has, because filling the last one makes terminals differ.
    pub columns: usize,
    pub rows: usize,
    /// Hardly more than what has to be typed fits.
    pub tiny: bool,
    /// Characters beyond ASCII can be shown and typed.
    pub unicode: bool,
    /// The terminal only takes text: no cursor movement, no bracketed paste.
    pub dumb: bool,
    /// Bold, reverse and red may be used.
    pub colour: bool,
}

impl Look {
    /// As the environment and the window say (NO_COLOR: no-color.org; locale: POSIX.1-2024, 8.2).
    pub fn here(size: Option<Size>) -> Look {
        let set = |name: &str| variable(name).filter(|v| !v.is_empty());
        let dumb = set("TERM").is_none_or(|term| term == "dumb");
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
        let look = Look {
            columns: 0,
            rows: 0,
            tiny: false,
            unicode: locale.is_some_and(is_utf8),
            dumb,
            colour: !dumb && set("NO_COLOR").is_none(),
        };
        look.resized(size)
    }

    /// The same for a window of another size.
    pub fn resized(self, size: Option<Size>) -> Look {
        let size = size.unwrap_or(Size { columns: 80, rows: 24 });
        let tiny = size.rows < FEWEST_ROWS || size.columns < FEWEST_COLUMNS;
        Look { columns: (size.columns - 1).clamp(NARROWEST, WIDEST), rows: size.rows, tiny, ..self }
    }

    /// Foreign text made safe to show here, and cut with a mark when it is endless. Runs of blanks and blanks at
    /// the ends become visible: otherwise a value could imitate the columns of the question.
    pub fn safe(&self, foreign: &str) -> String {
        let shown = visible_blanks(&text::show(foreign));
        let shown = if self.unicode { shown } else { spell(&shown) };
        let count = shown.chars().count();
        if count <= LONGEST {
            return shown;
        }
        let kept: String = shown.chars().take(LONGEST).collect();
        format!("{kept} ... (+{} more characters)", count - LONGEST)
    }

    /// The answer as it is displayed: never cut.
    pub fn safe_answer(&self, expected: &str) -> String {
        let shown = text::show(expected);
        if self.unicode { shown } else { spell(&shown) }
    }
}

/// As `text::show`, and then everything that ASCII lacks or that cannot be seen spelled out: can be typed on any
/// keyboard, and tells look-alikes apart.
pub fn spelled(foreign: &str) -> String {
    spell(&visible_blanks(&text::show(foreign)))
}

fn spell(shown: &str) -> String {
    let mut out = String::new();
    for c in shown.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
    }
    out
}

fn visible_blanks(shown: &str) -> String {
    let mut out = String::new();
    let mut previous = ' ';
    let end = shown.trim_end_matches(' ').len();
    for (at, c) in shown.char_indices() {
        if c == ' ' && (previous == ' ' || at >= end) {
            out.push_str("\\x20");
        } else {
            out.push(c);
        }
        previous = c;
    }
    out
}

fn is_utf8(locale: &OsStr) -> bool {
    let name = locale.as_bytes().to_ascii_lowercase();
    name.windows(5).any(|w| w == b"utf-8") || name.windows(4).any(|w| w == b"utf8")
}

#[cfg(test)]
pub(super) const PLAIN: Look =
    Look { columns: 79, rows: 24, tiny: false, unicode: true, dumb: false, colour: false };

#[cfg(test)]
mod tests {
    use super::{Look, PLAIN, spelled};
    use crate::sys::terminal::Size;

    #[test]
    fn foreign_text_cannot_imitate_columns_or_move_the_cursor() {
        assert_eq!(PLAIN.safe("prod   from you"), "prod \\x20\\x20from you");
        assert_eq!(PLAIN.safe(" a "), "\\x20a\\x20");
        assert_eq!(PLAIN.safe("a\x1b[2J\rb\n"), "a\\x1b[2J\\rb\\n");
        assert_eq!(Look { unicode: false, ..PLAIN }.safe("né"), "n\\u{e9}");
        assert!(PLAIN.safe(&"x".repeat(5000)).ends_with("x ... (+3800 more characters)"));
    }

    #[test]
    fn answers_are_spelled_for_any_keyboard() {
        assert_eq!(spelled("prod-eu/payments"), "prod-eu/payments");
        assert_eq!(spelled("pr\u{43e}d"), "pr\\u{43e}d");
        assert_eq!(spelled("x\u{202e} "), "x\\u{202e}\\x20");
    }

    #[test]
    fn widths_are_held_between_bounds() {
        let of = |columns| PLAIN.resized(Some(Size { columns, rows: 24 })).columns;
        assert_eq!((of(1), of(40), of(80), of(300)), (39, 39, 79, 100));
        assert_eq!(PLAIN.resized(None).columns, 79);
    }
}
