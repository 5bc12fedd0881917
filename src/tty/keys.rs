//! Bytes from the terminal become keys. Pure: the caller says when nothing has come for a while, which is what
//! tells the Esc key from the sequences of arrow keys. Must never turn part of a sequence or paste into typed text.

use std::time::Duration;
use zeroize::Zeroizing;

/// One key, or one thing that is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Text(char),
    Return,
    Backspace,
    /// Ctrl-W.
    EraseWord,
    /// Ctrl-U.
    EraseLine,
    /// Ctrl-D.
    EndOfInput,
    /// Ctrl-C where the terminal does not make a signal of it.
    Interrupt,
    /// Esc by itself.
    Escape,
    /// A bracketed paste, already swallowed; what was in it is had from `take_paste`.
    Paste,
    /// Arrows and the keys beside them.
    Move(Move),
    /// Function keys, replies of the terminal.
    Other,
}

/// A key that moves a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
}

/// How long the rest of an escape sequence may take.
const SEQUENCE: Duration = Duration::from_millis(100);
/// How long a paste may pause before it counts as ended without its closing mark.
const PASTE: Duration = Duration::from_millis(500);
const PASTE_END: &[u8] = b"\x1b[201~";
/// Of a longer paste nothing is kept.
const LONGEST_PASTE: usize = 4096;

/// The decoder.
#[derive(Default)]
pub struct Keys {
    state: State,
    /// The beginning of a UTF-8 character.
    partial: Vec<u8>,
    /// What a paste holds, its closing mark included; wiped, as it may be a secret.
    pasted: Zeroizing<Vec<u8>>,
    /// The paste is longer than is kept.
    overflows: bool,
}

#[derive(Default)]
enum State {
    #[default]
    Ground,
    Escape,
    /// After `ESC [`: the parameters so far.
    Control(Vec<u8>),
    /// One more byte belongs to the sequence: `ESC O A`, which is an arrow in some modes (xterm's DECCKM).
    Single,
    /// One more byte belongs to the sequence: the Linux console's `ESC [ [ A`, a function key.
    OneMore,
    /// A reply such as `ESC ] … BEL` or `ESC P … ESC \`.
    Reply,
    /// Inside a paste: how much of `PASTE_END` has been seen.
    Paste(usize),
}

impl Keys {
    /// Takes one byte. `None`: more bytes are needed.
    pub fn take(&mut self, byte: u8) -> Option<Key> {
        match std::mem::take(&mut self.state) {
            State::Ground => self.ground(byte),
            State::Escape => self.after_escape(byte),
            State::Control(parameters) => self.control(parameters, byte),
            State::Single => Some(moves(&[], byte)),
            State::OneMore => Some(Key::Other),
            State::Reply => match byte {
                0x07 => Some(Key::Other),
                0x1b => self.enter(State::Escape),
                _ => self.enter(State::Reply),
            },
            State::Paste(seen) => self.paste(seen, byte),
        }
    }

    /// How long to wait for the rest of what has begun; `None` when nothing has.
    pub fn unfinished(&self) -> Option<Duration> {
        match self.state {
            State::Ground if self.partial.is_empty() => None,
            State::Ground
            | State::Escape
            | State::Control(_)
            | State::Single
            | State::OneMore
            | State::Reply => Some(SEQUENCE),
            State::Paste(_) => Some(PASTE),
        }
    }

    /// The rest did not come.
    pub fn give_up(&mut self) -> Key {
        self.partial.clear();
        match std::mem::take(&mut self.state) {
            State::Escape => Key::Escape,
            State::Paste(_) => Key::Paste,
            State::Ground | State::Control(_) | State::Single | State::OneMore | State::Reply => Key::Other,
        }
    }

    /// What the last paste held, as one line without control characters; `None` where it was too long.
    pub fn take_paste(&mut self) -> Option<Zeroizing<String>> {
        let bytes = std::mem::take(&mut self.pasted);
        if std::mem::take(&mut self.overflows) {
            return None;
        }
        let bytes = bytes.strip_suffix(PASTE_END).unwrap_or(&bytes);
        let lossy = Zeroizing::new(String::from_utf8_lossy(bytes).into_owned());
        let mut line = Zeroizing::new(String::with_capacity(lossy.len()));
        line.extend(lossy.trim().chars().map(|c| if c.is_control() { ' ' } else { c }));
        Some(line)
    }

    fn enter(&mut self, state: State) -> Option<Key> {
        self.state = state;
        None
    }

    fn ground(&mut self, byte: u8) -> Option<Key> {
        if !self.partial.is_empty() && (0x80..0xc0).contains(&byte) || byte >= 0xc0 {
            return self.character(byte);
        }
        self.partial.clear();
        Some(match byte {
            0x1b => return self.enter(State::Escape),
            b'\r' | b'\n' => Key::Return,
            0x7f | 0x08 => Key::Backspace,
            0x15 => Key::EraseLine,
            0x17 => Key::EraseWord,
            0x04 => Key::EndOfInput,
            0x03 => Key::Interrupt,
            b' '..=b'~' => Key::Text(byte.into()),
            _ => Key::Other,
        })
    }

    fn character(&mut self, byte: u8) -> Option<Key> {
        if byte >= 0xc0 {
            self.partial.clear();
        }
        self.partial.push(byte);
        match std::str::from_utf8(&self.partial) {
            Ok(text) => {
                let c = text.chars().next().filter(|c| !c.is_control());
                self.partial.clear();
                Some(c.map_or(Key::Other, Key::Text))
            }
            Err(error) if error.error_len().is_none() => None,
            Err(_) => {
                self.partial.clear();
                Some(Key::Other)
            }
        }
    }

    fn after_escape(&mut self, byte: u8) -> Option<Key> {
        match byte {
            b'[' => self.enter(State::Control(Vec::new())),
            b'O' => self.enter(State::Single),
            b']' | b'P' | b'_' | b'^' | b'X' => self.enter(State::Reply),
            0x1b => Some(Key::Escape),
            0x03 => Some(Key::Interrupt),
            // Alt with a key, or the end of a reply.
            _ => Some(Key::Other),
        }
    }

    fn control(&mut self, mut parameters: Vec<u8>, byte: u8) -> Option<Key> {
        match byte {
            b'~' if parameters == b"200" => {
                // With the room reserved, a secret in it leaves no copies behind.
                self.pasted = Zeroizing::new(Vec::with_capacity(LONGEST_PASTE));
                self.overflows = false;
                self.enter(State::Paste(0))
            }
            b'[' if parameters.is_empty() => self.enter(State::OneMore),
            b' '..=b'?' if parameters.len() < 64 => {
                parameters.push(byte);
                self.enter(State::Control(parameters))
            }
            0x1b => self.enter(State::Escape),
            0x03 => Some(Key::Interrupt),
            _ => Some(moves(&parameters, byte)),
        }
    }

    fn paste(&mut self, seen: usize, byte: u8) -> Option<Key> {
        self.overflows |= self.pasted.len() == LONGEST_PASTE;
        if !self.overflows {
            self.pasted.push(byte);
        }
        let seen = match byte {
            _ if PASTE_END.get(seen) == Some(&byte) => seen + 1,
            0x1b => 1,
            _ => 0,
        };
        if seen == PASTE_END.len() {
            return Some(Key::Paste);
        }
        self.enter(State::Paste(seen))
    }
}

/// What a finished sequence means (xterm, ctlseqs; the VT220's editing keys).
fn moves(parameters: &[u8], last: u8) -> Key {
    Key::Move(match (parameters, last) {
        (b"", b'A') => Move::Up,
        (b"", b'B') => Move::Down,
        (b"", b'H') | (b"1" | b"7", b'~') => Move::Home,
        (b"", b'F') | (b"4" | b"8", b'~') => Move::End,
        (b"5", b'~') => Move::PageUp,
        (b"6", b'~') => Move::PageDown,
        _ => return Key::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::{Key, Keys, Move};

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut decoder = Keys::default();
        let mut all: Vec<Key> = bytes.iter().filter_map(|b| decoder.take(*b)).collect();
        if decoder.unfinished().is_some() {
            all.push(decoder.give_up());
        }
        all
    }

    #[test]
    fn text_and_editing_keys() {
        assert_eq!(keys("aé名".as_bytes()), [Key::Text('a'), Key::Text('é'), Key::Text('名')]);
        assert_eq!(keys(b"\r\n\x7f\x08"), [Key::Return, Key::Return, Key::Backspace, Key::Backspace]);
        assert_eq!(
            keys(b"\x15\x17\x04\x03"),
            [Key::EraseLine, Key::EraseWord, Key::EndOfInput, Key::Interrupt]
        );
    }

    #[test]
    fn escape_alone_is_not_the_beginning_of_an_arrow() {
        assert_eq!(keys(b"\x1b"), [Key::Escape]);
        assert_eq!(keys(b"\x1b\x1b"), [Key::Escape]);
        assert_eq!(keys(b"\x1bOP\x1b[3~\x1b[1;5C\x1b[C"), [Key::Other; 4]);
        assert_eq!(keys(b"\x1b[A\x1bOB"), [Key::Move(Move::Up), Key::Move(Move::Down)]);
        assert_eq!(keys(b"\x1b[5~\x1b[F"), [Key::Move(Move::PageUp), Key::Move(Move::End)]);
        assert_eq!(keys(b"\x1b[[Ax"), [Key::Other, Key::Text('x')]);
        assert_eq!(keys(b"\x1b]11;rgb:0/0/0\x07x"), [Key::Other, Key::Text('x')]);
        assert_eq!(keys(b"\x1b]11;rgb:0/0/0\x1b\\x"), [Key::Other, Key::Text('x')]);
        assert_eq!(keys(b"\x1bx"), [Key::Other]);
    }

    #[test]
    fn a_bracketed_paste_is_one_thing_whatever_is_in_it() {
        assert_eq!(keys(b"\x1b[200~prod\r\x1b[A\x03\x1b[201~x"), [Key::Paste, Key::Text('x')]);
        assert_eq!(keys(b"\x1b[200~\x1b\x1b[201~"), [Key::Paste]);
        assert_eq!(keys(b"\x1b[200~never ends\r"), [Key::Paste]);
    }

    #[test]
    fn what_was_pasted_is_one_line() {
        let pasted = |bytes: &[u8]| {
            let mut decoder = Keys::default();
            assert_eq!(bytes.iter().filter_map(|b| decoder.take(*b)).last(), Some(Key::Paste));
            decoder.take_paste().map(|text| text.to_string())
        };
        assert_eq!(pasted(b"\x1b[200~123 456\r\n\x1b[201~").as_deref(), Some("123 456"));
        assert_eq!(pasted(b"\x1b[200~a\nb\x1b[A\x1b[201~").as_deref(), Some("a b [A"));
        let long = [b"\x1b[200~".as_slice(), &[b'x'; 5000], b"\x1b[201~"].concat();
        assert_eq!(pasted(&long), None);
    }

    #[test]
    fn broken_utf8_is_not_text() {
        assert_eq!(keys(b"\xffa"), [Key::Other, Key::Text('a')]);
        assert_eq!(keys(b"\xc3a"), [Key::Text('a')]);
        assert_eq!(keys(b"\xc3\xc3\xa9"), [Key::Text('é')]);
        assert_eq!(keys("\u{9b}".as_bytes()), [Key::Other]);
    }
}
