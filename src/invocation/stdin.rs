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
    /// Too long, or a stream whose writer is not done: nobody can know it before the program reads it.
    TooMuch,
}

/// The largest file on standard input that is read ahead: 16 MiB.
const LONGEST_FILE: usize = 16 << 20;
/// What a pipe can hold for an ordinary user (pipe(7)).
const LONGEST_PIPE: usize = 1 << 20;
/// How long a writer may take to finish before a pipe counts as a stream nobody can know.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(200);

impl Stdin {
    /// What can be said without reading.
    pub fn of_process() -> Stdin {
        match stdin::kind() {
            stdin::Kind::Terminal => Stdin::Terminal,
            stdin::Kind::Null => Stdin::Content(Rc::new([])),
            stdin::Kind::File | stdin::Kind::Pipe | stdin::Kind::Socket | stdin::Kind::Other => Stdin::Unread,
        }
    }

    /// Its content as far as it can be known without taking a byte from the guarded program.
    pub fn read_ahead() -> Stdin {
        let content = match stdin::kind() {
            stdin::Kind::Terminal => return Stdin::Terminal,
            stdin::Kind::Null => Ok(Some(Vec::new())),
            stdin::Kind::File => stdin::peek_file(LONGEST_FILE),
            stdin::Kind::Pipe => stdin::peek_pipe(LONGEST_PIPE, PATIENCE),
            stdin::Kind::Socket | stdin::Kind::Other => Ok(None),
        };
        content.ok().flatten().map_or(Stdin::TooMuch, |bytes| Stdin::Content(bytes.into()))
    }

    /// Makes sure that the guarded program reads what was judged. `false`: it is no longer there.
    pub fn hold(&self) -> bool {
        let Stdin::Content(before) = self else { return true };
        match (stdin::kind(), Stdin::read_ahead()) {
            (stdin::Kind::Null, _) => true,
            (_, Stdin::Content(now)) => now == *before && stdin::give(before).is_ok(),
            (_, Stdin::Terminal | Stdin::Unread | Stdin::TooMuch) => false,
        }
    }
}
