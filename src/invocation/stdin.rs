//! What stands at a command's standard input. Must never take a byte that the guarded program should get.

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
