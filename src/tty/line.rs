//! The line being typed. Must never hold anything but what was typed, nor leave a copy of it in memory.

use super::keys::Key;
use zeroize::Zeroizing;

/// Longer answers than any name; what is typed beyond is not taken.
const LIMIT: usize = 8192;

/// The text so far.
pub struct Line {
    /// It may be a secret: the room is reserved, as a growing text would leave copies behind.
    text: Zeroizing<String>,
}

impl Default for Line {
    fn default() -> Line {
        // A last character of four bytes may begin right below the limit.
        Line { text: Zeroizing::new(String::with_capacity(LIMIT + 4)) }
    }
}

/// What a key did to the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    Nothing,
    Added(char),
    Changed,
}

impl Line {
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Empties the line and gives what was in it.
    pub fn take(&mut self) -> Zeroizing<String> {
        let taken = self.text.clone();
        zeroize::Zeroize::zeroize(&mut *self.text);
        taken
    }

    /// Adds what was pasted, as far as it fits.
    pub fn add(&mut self, pasted: &str) {
        for c in pasted.chars() {
            self.edit(Key::Text(c));
        }
    }

    /// Applies an editing key; keys that mean something else do nothing.
    pub fn edit(&mut self, key: Key) -> Edit {
        let before = self.text.len();
        match key {
            Key::Text(c) if before < LIMIT => {
                self.text.push(c);
                return Edit::Added(c);
            }
            Key::Backspace => {
                self.text.pop();
            }
            Key::EraseLine => self.text.clear(),
            Key::EraseWord => self.erase_word(),
            Key::Text(_) | Key::Return | Key::EndOfInput | Key::Interrupt => {}
            Key::Escape | Key::Paste | Key::Move(_) | Key::Other => {}
        }
        if self.text.len() == before { Edit::Nothing } else { Edit::Changed }
    }

    /// As the terminal's own Ctrl-W: the blanks at the end, and the word before them.
    fn erase_word(&mut self) {
        let kept = self.text.trim_end();
        let start = kept.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        self.text.truncate(start);
    }
}

#[cfg(test)]
mod tests {
    use super::Line;
    use crate::tty::keys::Key;

    fn after(typed: &str, key: Key) -> String {
        let mut line = Line::default();
        for c in typed.chars() {
            line.edit(Key::Text(c));
        }
        line.edit(key);
        line.take().to_string()
    }

    #[test]
    fn editing() {
        assert_eq!(after("proé", Key::Backspace), "pro");
        assert_eq!(after("", Key::Backspace), "");
        assert_eq!(after("a bc  ", Key::EraseWord), "a ");
        assert_eq!(after("bc", Key::EraseWord), "");
        assert_eq!(after("a bc", Key::EraseLine), "");
        assert_eq!(after("a", Key::Other), "a");
    }
}
