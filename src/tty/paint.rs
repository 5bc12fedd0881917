//! Rows of styled text become bytes for the terminal, and the few control sequences the question uses.
//! Must never write a sequence to a terminal that only takes text.

use super::look::Look;
use crossterm::Command;
use crossterm::cursor::{Hide, MoveTo, MoveToColumn, MoveUp, Show};
use crossterm::style::{Attribute, Color, SetAttribute, SetForegroundColor};
use crossterm::terminal::{Clear, ClearType};

/// xterm's bracketed paste, DECSET 2004. In crossterm these come with its event reader, and that with mio.
const MARK_PASTES: &str = "\x1b[?2004h";
const LEAVE_PASTES: &str = "\x1b[?2004l";

/// How a piece of text stands out. It says nothing that the words do not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    Strong,
    /// Bold red: something is wrong here.
    Alarm,
    /// Reversed: the one word to see first.
    Badge,
}

/// Text that is safe to show, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub text: String,
    pub style: Style,
}

/// One line on the screen.
pub type Row = Vec<Span>;

impl Span {
    pub fn new(text: impl Into<String>, style: Style) -> Span {
        Span { text: text.into(), style }
    }

    pub fn plain(text: impl Into<String>) -> Span {
        Span::new(text, Style::Plain)
    }
}

/// The whole window at once: rows from its top, the rest cleared. The cursor shows only where `cursor` puts it.
pub fn window(rows: &[Row], cursor: Option<(usize, usize)>, look: &Look) -> String {
    let mut out = String::new();
    write(&mut out, Hide);
    write(&mut out, MoveTo(0, 0));
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            out.push_str("\r\n");
        }
        for span in row {
            paint(&mut out, span, look);
        }
        write(&mut out, Clear(ClearType::UntilNewLine));
    }
    write(&mut out, Clear(ClearType::FromCursorDown));
    if let Some((column, row)) = cursor {
        let place = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        write(&mut out, MoveTo(place(column), place(row)));
        write(&mut out, Show);
    }
    out
}

/// Rows, each ended by a new line.
pub fn rows(rows: &[Row], look: &Look) -> String {
    let mut out = String::new();
    for row in rows {
        for span in row {
            paint(&mut out, span, look);
        }
        out.push('\n');
    }
    out
}

fn paint(out: &mut String, span: &Span, look: &Look) {
    if span.style == Style::Plain || !look.colour {
        out.push_str(&span.text);
        return;
    }
    write(out, SetAttribute(Attribute::Bold));
    match span.style {
        Style::Plain | Style::Strong => {}
        Style::Alarm => write(out, SetForegroundColor(Color::DarkRed)),
        Style::Badge => write(out, SetAttribute(Attribute::Reverse)),
    }
    out.push_str(&span.text);
    write(out, SetAttribute(Attribute::Reset));
}

/// At the beginning, and when the question comes back: the cursor can be seen, pastes are marked.
pub fn begin(look: &Look) -> String {
    commands(look, |out| {
        write(out, Show);
        out.push_str(MARK_PASTES);
    })
}

/// At every way out.
pub fn end(look: &Look) -> String {
    commands(look, |out| {
        out.push_str(LEAVE_PASTES);
        write(out, Show);
    })
}

/// Back to the first of the last `count` rows, the cursor's included, and everything from there cleared.
pub fn back_over(count: usize, look: &Look) -> String {
    commands(look, |out| {
        if count > 1 {
            write(out, MoveUp(u16::try_from(count - 1).unwrap_or(u16::MAX)));
        }
        write(out, MoveToColumn(0));
        write(out, Clear(ClearType::FromCursorDown));
    })
}

/// Everything in the window moves up and out of it; the cursor stands at the top.
pub fn scroll_away(look: &Look) -> String {
    commands(look, |out| {
        let rows = u16::try_from(look.rows).unwrap_or(u16::MAX);
        write(out, MoveTo(0, rows.saturating_sub(1)));
        out.push_str(&"\n".repeat(rows.into()));
        write(out, MoveTo(0, 0));
        write(out, Clear(ClearType::FromCursorDown));
    })
}

fn commands(look: &Look, fill: impl FnOnce(&mut String)) -> String {
    let mut out = String::new();
    if !look.dumb {
        fill(&mut out);
    }
    out
}

/// Writing into a `String` does not fail.
fn write(out: &mut String, command: impl Command) {
    let _ = command.write_ansi(out);
}
