//! What stands at a command's standard input. Must never take a byte that the guarded program should get.

use crate::sys::stdin;
use std::rc::Rc;

/// Standard input as far as it is known.
#[derive(Clone, Debug)]
pub enum Stdin {
    /// A person may type.
    Terminal,
    /// A pipe or file whose content was not looked at (yet).
    Unread,
    /// Its whole content.
    Content(Rc<[u8]>),
    /// More than the spool holds; only the beginning is known.
    TooMuch,
}

/// The largest standard input that is read ahead: 16 MiB.
pub const SPOOL: usize = 16 << 20;

impl Stdin {
    /// What can be said without reading.
    pub fn of_process() -> Stdin {
        match stdin::kind() {
            stdin::Kind::Terminal => Stdin::Terminal,
            stdin::Kind::Null => Stdin::Content(Rc::new([])),
            stdin::Kind::File | stdin::Kind::Pipe | stdin::Kind::Socket | stdin::Kind::Other => Stdin::Unread,
        }
    }

    /// Its content, such that the guarded program still gets every byte. A stream over the limit can not be
    /// given back: `StreamTooLong`, and nothing may be started on it.
    pub fn read_ahead() -> Result<Stdin, StreamTooLong> {
        let failed = |_| StreamTooLong::Failed;
        match stdin::kind() {
            stdin::Kind::Terminal => Ok(Stdin::Terminal),
            stdin::Kind::Null => Ok(Stdin::Content(Rc::new([]))),
            stdin::Kind::File => Ok(stdin::peek_file(SPOOL)
                .map_err(failed)?
                .map_or(Stdin::TooMuch, |b| Stdin::Content(b.into()))),
            stdin::Kind::Pipe | stdin::Kind::Socket | stdin::Kind::Other => {
                match stdin::spool(SPOOL).map_err(failed)? {
                    Some(bytes) => Ok(Stdin::Content(bytes.into())),
                    None => Err(StreamTooLong::OverLimit),
                }
            }
        }
    }
}

/// A stream that was begun and cannot be handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamTooLong {
    OverLimit,
    Failed,
}

impl std::fmt::Display for StreamTooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StreamTooLong::OverLimit => {
                write!(
                    f,
                    "standard input is longer than {} MiB and cannot be read before it runs",
                    SPOOL >> 20
                )
            }
            StreamTooLong::Failed => f.write_str("standard input cannot be read"),
        }
    }
}
