//! guard-render/1: a request or ticket as lines, the same on a terminal, on the loopback page and on the relay's. Must
//! never leave out, shorten or join what the requester wrote, or let it look like guard's own words.
//!
//! Behind the first `│` of a line stands foreign text, escaped, to the end of the line; everything else is guard's.

mod escape;
mod hidden_table;
mod parts;
#[cfg(test)]
mod tests;
mod utc;

use super::request::Request;
use super::scalar::Hash;
use super::ticket::Ticket;
use escape::{BAR, escape, look_alikes};
pub use utc::utc;

/// The name under which approvals sign what was shown.
pub const RENDER: &str = "guard-render/1";
/// Columns of the labels.
const LABEL: usize = 12;

/// What a line is, for colours; the text alone says everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// guard's words.
    Own,
    /// Foreign text behind a label.
    Foreign,
    /// Something that an approver must notice.
    Warning,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub tone: Tone,
    pub text: String,
}

/// The lines and the digest that `Saw` carries: SHA-256 of each line followed by a newline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub lines: Vec<Line>,
    pub digest: Hash,
}

/// A request as an approver sees it.
pub fn request(request: &Request) -> Rendered {
    let mut page = Page::default();
    parts::request(&mut page, request);
    page.finish()
}

/// A ticket as an approver sees it.
pub fn ticket(ticket: &Ticket) -> Rendered {
    let mut page = Page::default();
    parts::ticket(&mut page, ticket);
    page.finish()
}

#[derive(Default)]
struct Page {
    lines: Vec<Line>,
}

impl Page {
    /// guard's own words.
    fn own(&mut self, text: impl Into<String>) {
        self.lines.push(Line { tone: Tone::Own, text: text.into() });
    }

    fn warn(&mut self, text: &str) {
        self.lines.push(Line { tone: Tone::Warning, text: format!("! {text}") });
    }

    /// One value behind a label.
    fn foreign(&mut self, label: &str, bytes: &[u8]) {
        self.put(label, bytes, false);
    }

    /// Text of several lines: each behind a bar of its own.
    fn prose(&mut self, label: &str, bytes: &[u8]) {
        for (i, line) in bytes.split(|b| *b == b'\n').enumerate() {
            self.put(if i == 0 { label } else { "" }, line, true);
        }
    }

    fn put(&mut self, label: &str, bytes: &[u8], prose: bool) {
        let text = format!("{label:LABEL$}{BAR} {}", escape(bytes));
        self.lines.push(Line { tone: Tone::Foreign, text });
        let found = look_alikes(&String::from_utf8_lossy(bytes), prose);
        if !found.is_empty() {
            let codes: Vec<String> = found.iter().map(|c| format!("U+{:04X}", u32::from(*c))).collect();
            self.warn(&format!("letters that look like others: {}", codes.join(" ")));
        }
    }

    fn finish(self) -> Rendered {
        let mut all = String::new();
        for line in &self.lines {
            all.push_str(&line.text);
            all.push('\n');
        }
        Rendered { digest: Hash::of(&[all.as_bytes()]), lines: self.lines }
    }
}
