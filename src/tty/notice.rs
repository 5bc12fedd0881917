//! A line on stderr for what is worth knowing and needs no answer. Must never fail the command: a closed
//! stderr loses the notice and nothing else.

use crate::text;
use std::io::Write;

/// `guard: notice: …`, foreign text made visible, in one write.
pub fn notice(foreign: &str) {
    let line = format!("guard: notice: {}\n", text::show(foreign));
    let _ = std::io::stderr().write_all(line.as_bytes());
}
