//! Words and a picture for the person at the terminal only: what must reach no pipe, file or log. Must never be used for
//! what a program should read.

use super::look::Look;
use super::question::NoTerminal;
use super::wrap;
use crate::sys::terminal::{Size, Terminal, print};
use zeroize::Zeroizing;

/// Light modules around a picture, so that a camera finds it (ISO/IEC 18004, 6.3.8, says 4; 2 are enough for cameras, and
/// leave more windows large enough).
const QUIET: usize = 2;

/// An open sheet.
pub struct Sheet {
    look: Look,
    size: Size,
    text: Zeroizing<String>,
}

/// Square and black on white: `dark[y * width + x]`.
pub struct Picture {
    pub width: usize,
    pub dark: Vec<bool>,
}

impl Sheet {
    /// Something for the controlling terminal.
    pub fn open() -> Result<Sheet, NoTerminal> {
        let terminal = Terminal::open().map_err(super::screen::no_terminal)?;
        let size = terminal.size();
        let text = Zeroizing::new(String::with_capacity(16 << 10));
        Ok(Sheet { look: Look::here(size), size: size.unwrap_or(Size { columns: 80, rows: 24 }), text })
    }

    /// Foreign words, wrapped.
    pub fn words(&mut self, words: &str) {
        for line in wrap::words(&self.look.safe(words), self.look.columns) {
            self.line(&line);
        }
    }

    /// A line that must stay as it is: what is copied from it must not be cut.
    pub fn verbatim(&mut self, line: &str) {
        let line = crate::text::show(line);
        self.line(&line);
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Draws a picture; false where it does not fit, or cannot be told from its background.
    pub fn picture(&mut self, picture: &Picture) -> bool {
        let modules = picture.width + 2 * QUIET;
        let (columns, rows) =
            if self.look.unicode { (modules, modules.div_ceil(2)) } else { (2 * modules, modules) };
        let possible = self.look.unicode || self.look.colour;
        if self.look.dumb || !possible || columns > self.size.columns || rows + 2 > self.size.rows {
            return false;
        }
        let dark = |x: usize, y: usize| {
            let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < picture.width);
            inside(x).zip(inside(y)).is_some_and(|(x, y)| picture.dark[y * picture.width + x])
        };
        if self.look.unicode {
            self.blocks(modules, dark)
        } else {
            self.spaces(modules, dark)
        }
        true
    }

    /// Two modules a character. With colours, black on white whatever the terminal's own are; without them, light ones are
    /// drawn, as on a dark terminal: cameras read the reverse, too.
    fn blocks(&mut self, modules: usize, dark: impl Fn(usize, usize) -> bool) {
        for y in (0..modules).step_by(2) {
            let mut line: String = (0..modules)
                .map(|x| match (dark(x, y) == self.look.colour, dark(x, y + 1) == self.look.colour) {
                    (true, true) => '\u{2588}',
                    (true, false) => '\u{2580}',
                    (false, true) => '\u{2584}',
                    (false, false) => ' ',
                })
                .collect();
            if self.look.colour {
                line = format!("\x1b[0;30;47m{line}\x1b[0m");
            }
            self.line(&line);
        }
    }

    /// Two blanks a module, by their background.
    fn spaces(&mut self, modules: usize, dark: impl Fn(usize, usize) -> bool) {
        for y in 0..modules {
            let line: String =
                (0..modules).map(|x| if dark(x, y) { "\x1b[40m  " } else { "\x1b[47m  " }).collect();
            self.line(&format!("{line}\x1b[0m"));
        }
    }

    /// Shows it.
    pub fn show(self) -> Result<(), NoTerminal> {
        print(&self.text).map_err(super::screen::no_terminal)
    }
}
