//! Getting between the shell and the program: shims on PATH, shell start-up text, and the doctor that says
//! what is really covered. Must never overwrite a file it did not make.

pub mod doctor;
mod shell;
mod shims;

pub use shell::{Shell, StartUp, start_up};
pub use shims::{Added, ShimDirectory, ShimError, installed};
