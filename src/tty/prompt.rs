//! The row (or rows) being typed on. Keeps count of what it has drawn, so that nothing else on the screen is ever
//! overwritten. Must never move the cursor on a terminal that only takes text.

use super::look::Look;
use super::paint::{self, Row};
use super::wrap;

const MARK: &str = "  > ";
const CONTINUED: &str = "    ";

/// What has been drawn of the line.
#[derive(Default)]
pub struct Prompt {
    /// Rows drawn; 0 when the cursor is at the beginning of an empty row.
    rows: usize,
    /// Columns used on the last of them.
    used: usize,
    /// Rows right above the line that belong to it and are drawn anew with it.
    above: usize,
}

impl Prompt {
    /// The bytes that draw the line anew, in the place of the old one. `text` is safe to show.
    pub fn draw(&mut self, text: &str, look: &Look) -> String {
        self.draw_behind(MARK, text, look)
    }

    /// The same for a row that is not typed on.
    pub fn draw_row(&mut self, text: &str, look: &Look) -> String {
        self.draw_behind("  ", text, look)
    }

    fn draw_behind(&mut self, mark: &str, text: &str, look: &Look) -> String {
        let mut out = match self.rows {
            0 => String::new(),
            _ if look.dumb => String::from("\n"),
            rows => paint::back_over(rows, look),
        };
        let lines = wrap::anywhere(text, room(look));
        out.push_str(mark);
        out.push_str(&lines.join(&format!("\n{CONTINUED}")));
        self.rows = lines.len();
        self.used = lines.last().map_or(0, |line| wrap::width(line));
        out
    }

    /// The bytes that draw these rows in the place of the old ones and of the line, which has to be drawn anew then. A
    /// terminal that only takes text gets them once more.
    pub fn draw_above(&mut self, above: &[Row], look: &Look) -> String {
        let mut out = match self.rows {
            0 => String::new(),
            _ if look.dumb => String::from("\n"),
            rows => paint::back_over(rows + self.above, look),
        };
        out.push_str(&paint::rows(above, look));
        self.rows = 0;
        self.above = above.len();
        out
    }

    /// The bytes that add one character, as it is shown, at the end of what was drawn. What has no width of its own, or
    /// does not fit where it stands, is left to `draw`, with the whole text.
    pub fn add(&mut self, shown: &str, text: &str, look: &Look) -> String {
        let wide = wrap::width(shown);
        if self.rows > 0 && wide > 0 && self.used + wide <= room(look) {
            self.used += wide;
            return shown.to_owned();
        }
        if self.rows > 0 && shown.chars().count() == 1 && wide > 0 {
            self.rows += 1;
            self.used = wide;
            return format!("\n{CONTINUED}{shown}");
        }
        self.draw(text, look)
    }

    /// The bytes that leave the line as it stands; what comes next begins on a row of its own.
    pub fn leave(&mut self) -> &'static str {
        self.above = 0;
        let drawn = std::mem::take(&mut self.rows) > 0;
        if drawn { "\n" } else { "" }
    }
}

fn room(look: &Look) -> usize {
    look.columns - MARK.len()
}

#[cfg(test)]
mod tests {
    use super::Prompt;
    use crate::tty::look::{Look, PLAIN};
    use crate::tty::paint::{Row, Span};

    #[test]
    fn long_lines_continue_and_are_drawn_over() {
        let look = Look { columns: 14, ..PLAIN };
        let mut prompt = Prompt::default();
        assert_eq!(prompt.draw("abc", &look), "  > abc");
        assert_eq!(prompt.add("d", "abcd", &look), "d");
        assert_eq!(prompt.draw("0123456789x", &look), "\x1b[1G\x1b[J  > 0123456789\n    x");
        assert_eq!(prompt.draw("0123456789", &look), "\x1b[1A\x1b[1G\x1b[J  > 0123456789");
        assert_eq!(prompt.add("x", "0123456789x", &look), "\n    x");
        assert_eq!(prompt.draw("", &look), "\x1b[1A\x1b[1G\x1b[J  > ");
        assert_eq!(prompt.leave(), "\n");
        assert_eq!(prompt.leave(), "");
    }

    #[test]
    fn rows_above_the_line_are_drawn_over_with_it() {
        let row = |text: &str| vec![Span::plain(text)];
        let draw_under = |prompt: &mut Prompt, rows: &[Row], text: &str, look: &Look| {
            prompt.draw_above(rows, look) + &prompt.draw(text, look)
        };
        let mut prompt = Prompt::default();
        assert_eq!(draw_under(&mut prompt, &[row("counting")], "", &PLAIN), "counting\n  > ");
        assert_eq!(prompt.add("p", "p", &PLAIN), "p");
        let drawn = draw_under(&mut prompt, &[row("3 files"), row("4 kB")], "p", &PLAIN);
        assert_eq!(drawn, "\x1b[1A\x1b[1G\x1b[J3 files\n4 kB\n  > p");
        assert_eq!(draw_under(&mut prompt, &[], "p", &PLAIN), "\x1b[2A\x1b[1G\x1b[J  > p");
        let dumb = Look { dumb: true, ..PLAIN };
        assert_eq!(draw_under(&mut prompt, &[row("3 files")], "p", &dumb), "\n3 files\n  > p");
    }

    #[test]
    fn a_plain_terminal_gets_new_rows_instead_of_movement() {
        let look = Look { dumb: true, ..PLAIN };
        let mut prompt = Prompt::default();
        assert_eq!(prompt.draw("ab", &look), "  > ab");
        assert_eq!(prompt.draw("a", &look), "\n  > a");
    }
}
