//! A text as QR codes on the terminal: one where it fits, else several that are read one after the other; what they say, put
//! together in that order, is the text. Must never draw a code that does not fit the window whole.

use super::failed;
use crate::sys::terminal::Terminal;
use qrcode::{Color, EcLevel, QrCode};

/// More codes than this nobody photographs.
const MOST: usize = 8;
/// Light modules around a code, as ISO/IEC 18004 wants them.
const QUIET: usize = 4;
/// Rows for the line above a code and the next prompt.
const AROUND: usize = 2;

pub fn draw(text: &str) -> i32 {
    let size = Terminal::open().ok().and_then(|terminal| terminal.size());
    // A file or pipe has no width; the pictures are for whoever looks at it later.
    let (columns, rows) = size.map_or((200, 100), |s| (s.columns, s.rows));
    let Some(codes) = codes(text, columns, rows) else {
        let what =
            format!("the request of {} characters does not fit this window as {MOST} codes", text.len());
        return failed(64, &what, "make the window larger, or send the text: leave out --qr");
    };
    for (number, code) in codes.iter().enumerate() {
        if codes.len() > 1 {
            crate::outln!(
                "code {} of {}: put what they say together, in this order",
                number + 1,
                codes.len()
            );
        }
        lines(code).iter().for_each(|line| crate::outln!("{line}"));
    }
    0
}

/// As few codes as fit.
fn codes(text: &str, columns: usize, rows: usize) -> Option<Vec<QrCode>> {
    let fits = |code: &QrCode| {
        let side = code.width() + 2 * QUIET;
        side <= columns && side.div_ceil(2) + AROUND <= rows
    };
    (1..=MOST).find_map(|count| {
        let each = text.len().div_ceil(count).max(1);
        let code = |piece: &[u8]| QrCode::with_error_correction_level(piece, EcLevel::L).ok().filter(fits);
        text.as_bytes().chunks(each).map(code).collect()
    })
}

/// Two rows of modules in a line, black on white whatever the terminal's colours are.
fn lines(code: &QrCode) -> Vec<String> {
    let width = code.width();
    let dark = |x: usize, y: usize| {
        let inside = |at: usize| (QUIET..QUIET + width).contains(&at);
        inside(x) && inside(y) && code[(x - QUIET, y - QUIET)] == Color::Dark
    };
    let side = width + 2 * QUIET;
    let row = |y: usize| {
        let cell = |x: usize| match (dark(x, y), dark(x, y + 1)) {
            (true, true) => '\u{2588}',
            (true, false) => '\u{2580}',
            (false, true) => '\u{2584}',
            (false, false) => ' ',
        };
        format!("\x1b[0;30;47m{}\x1b[0m", (0..side).map(cell).collect::<String>())
    };
    (0..side).step_by(2).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::codes;

    #[test]
    fn a_text_is_cut_into_as_few_codes_as_fit() {
        let text = "guard-req1:".to_owned() + &"aB3_".repeat(300);
        assert_eq!(codes(&text, 200, 100).map(|c| c.len()), Some(1));
        assert_eq!(codes(&text, 100, 50).map(|c| c.len()), Some(2));
        assert!(codes(&text, 30, 20).is_none());
    }
}
