//! Breaking text into lines that fit. Must never drop a character other than the blank a line is broken at.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns a text takes on a terminal.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Lines of at most `limit` columns, broken at blanks where possible.
pub fn words(text: &str, limit: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if line.is_empty() && lines.is_empty() || width(&line) + 1 + width(word) <= limit {
            if !(line.is_empty() && lines.is_empty()) {
                line.push(' ');
            }
            line.push_str(word);
        } else {
            lines.push(std::mem::replace(&mut line, word.to_owned()));
        }
        if width(&line) > limit {
            let mut pieces = anywhere(&line, limit);
            line = pieces.pop().unwrap_or_default();
            lines.append(&mut pieces);
        }
    }
    lines.push(line);
    lines
}

/// Lines of at most `limit` columns, broken wherever they are full; always at least one.
pub fn anywhere(text: &str, limit: usize) -> Vec<String> {
    let limit = limit.max(2);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide > limit {
            lines.push(String::new());
            used = 0;
        }
        used += wide;
        if let Some(line) = lines.last_mut() {
            line.push(c);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{anywhere, width, words};

    #[test]
    fn lines_fit_and_nothing_is_lost() {
        assert_eq!(words("drop the table orders", 10), ["drop the", "table", "orders"]);
        assert_eq!(words("a /very/long/path b", 6), ["a", "/very/", "long/p", "ath b"]);
        assert_eq!(words("", 10), [""]);
        assert_eq!(anywhere("名前名前", 5), ["名前", "名前"]);
        assert_eq!(anywhere("", 5), [""]);
        assert_eq!(width("名前a"), 5);
    }
}
