//! The end of the journey: find the real program and become it. Must never run a gated command without the
//! proofs that the gates were passed and the entry is on disk: it takes both by value.

mod find;

pub use find::{FindError, Finder, Program};

use crate::rules::Harmless;
use crate::sys::process;
use std::ffi::{OsStr, OsString};

/// The program could not be started; 126 or 127 as shells use them.
#[derive(Debug)]
pub struct NotStarted {
    pub message: String,
    pub status: i32,
}

/// Becomes a program that no gate stands before. Returns only when the system refuses.
pub fn harmless(program: &Program, argv: &[OsString], _proof: Harmless) -> NotStarted {
    become_program(program, argv, None)
}

/// Becomes a program whose gates were passed and whose decision is on disk.
#[cfg(feature = "full")]
pub fn cleared(
    program: &Program,
    argv: &[OsString],
    clearance: crate::gates::Clearance,
    _receipt: crate::audit::Receipt,
) -> NotStarted {
    become_program(program, argv, clearance.opening.map(|opening| opening.assignment()))
}

fn become_program(program: &Program, argv: &[OsString], assignment: Option<OsString>) -> NotStarted {
    let extra: Vec<&OsStr> = program.loop_mark.as_deref().into_iter().chain(assignment.as_deref()).collect();
    let error = process::replace(&program.path, argv, &extra);
    let shown = crate::text::show(std::os::unix::ffi::OsStrExt::as_bytes(program.path.as_os_str()));
    let words = error.to_string();
    let words = words.split(" (os error").next().unwrap_or(&words).to_lowercase();
    let status = if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 };
    NotStarted { message: format!("{shown}: {words}"), status }
}
