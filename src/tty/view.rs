//! A whole window that is drawn anew as things change: the approver's inbox. Whatever ends it, the terminal is
//! afterwards as it was, and what stood there before shows again. Must never be used where the terminal only takes text.

use super::keys::Key;
use super::look::Look;
use super::paint::{self, Row};
use super::question::{Declined, NoTerminal};
use super::screen::{Event, Screen};
use crate::sys::terminal::since_boot;
use std::time::Duration;

/// xterm's alternate screen, DECSET 1049: the cursor is kept, too.
const ENTER: &str = "\x1b[?1049h";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";
/// Nobody leaves an inbox open for longer; the terminal's own going away ends it first.
const LONGEST: Duration = Duration::from_secs(90 * 24 * 3600);

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    Key(Key),
    /// The window has another size, or was covered: draw it anew.
    Redraw,
    /// The time that was asked for has come.
    Tick,
}

/// The window.
pub struct View<'a> {
    screen: Screen<'a>,
    /// What the window shows; the same is not sent twice.
    drawn: String,
}

impl View<'_> {
    /// Takes the terminal. `Ok(None)`: it only takes text.
    pub fn open() -> Result<Option<View<'static>>, NoTerminal> {
        let mut screen = Screen::open(LONGEST, None)?;
        if screen.look.dumb {
            return Ok(None);
        }
        screen.leave_by(LEAVE);
        let mut view = View { screen, drawn: String::new() };
        view.enter().map_err(|_| NoTerminal::NoControllingTerminal)?;
        Ok(Some(view))
    }

    fn enter(&mut self) -> Result<(), Declined> {
        let begin = paint::begin(&self.screen.look);
        self.drawn.clear();
        self.screen.show(&format!("{ENTER}{begin}"))
    }

    /// Columns and rows that can be drawn on; the last column stays free, as filling it makes terminals differ.
    pub fn size(&self) -> (usize, usize) {
        let size = self.screen.size();
        (size.columns.saturating_sub(1).max(2), size.rows.max(1))
    }

    /// Whether more than ASCII can be shown.
    pub fn unicode(&self) -> bool {
        self.screen.look.unicode
    }

    /// The same without a window.
    pub fn shows_unicode() -> bool {
        Look::here(None).unicode
    }

    /// Draws the window; rows beyond its height are not drawn.
    pub fn draw(&mut self, rows: &[Row], cursor: Option<(usize, usize)>) -> Result<(), Declined> {
        let (_, height) = self.size();
        let rows = &rows[..rows.len().min(height)];
        let text = paint::window(rows, cursor, &self.screen.look);
        if text == self.drawn {
            return Ok(());
        }
        self.screen.show(&text)?;
        self.drawn = text;
        Ok(())
    }

    /// The next thing that happens, a tick at the latest after this time.
    pub fn next(&mut self, limit: Duration) -> Result<Happening, Declined> {
        self.screen.tick_at(since_boot() + limit);
        match self.screen.next()? {
            Event::Key(key) => Ok(Happening::Key(key)),
            Event::Tick | Event::Burst | Event::News => Ok(Happening::Tick),
            Event::Resized => {
                self.drawn.clear();
                Ok(Happening::Redraw)
            }
            Event::Back => self.enter().map(|()| Happening::Redraw),
        }
    }

    /// What was typed until now is no answer to what is shown next.
    pub fn forget_input(&mut self) {
        self.screen.forget_input();
    }

    /// What the paste held that was just given as a key.
    pub fn take_paste(&mut self) -> Option<String> {
        self.screen.take_paste().map(|text| text.to_string())
    }

    /// Gives the terminal back, with a line that stays.
    pub fn close(self, last: &str) {
        self.screen.close(last);
    }
}
