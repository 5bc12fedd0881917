//! What guard itself says. A stream that is closed or full loses the words and nothing else: the standard
//! macros would panic there.

use std::fmt::Arguments;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

static LOST: AtomicBool = AtomicBool::new(false);

/// One statement on stderr, in one write.
pub fn error(words: Arguments) {
    let _ = std::io::stderr().write_all(format!("guard: {words}\n").as_bytes());
}

/// Data on stdout, in one write. What could not be written is remembered.
pub fn data(text: &str) {
    if std::io::stdout().lock().write_all(text.as_bytes()).is_err() {
        LOST.store(true, Ordering::Relaxed);
    }
}

/// Whether data was lost: a command that prints must not end with status 0 then.
pub fn lost() -> bool {
    std::io::stdout().lock().flush().is_err() || LOST.load(Ordering::Relaxed)
}

/// `guard: …` on stderr.
#[macro_export]
macro_rules! say {
    ($($words:tt)*) => { $crate::sys::say::error(format_args!($($words)*)) };
}

/// A line of data on stdout.
#[macro_export]
macro_rules! outln {
    ($($words:tt)*) => { $crate::sys::say::data(&format!("{}\n", format_args!($($words)*))) };
}

/// Data on stdout.
#[macro_export]
macro_rules! out {
    ($($words:tt)*) => { $crate::sys::say::data(&format!($($words)*)) };
}
