//! The full guard: asks, records, and guard's own commands.
#![no_main]

use guard::cli;
use guard::invocation::{Called, called_as};
use guard::sys::entry;
use std::os::raw::{c_char, c_int};

// SAFETY: the C runtime calls `main` once, with valid argc and argv.
#[unsafe(no_mangle)]
pub extern "C" fn main(argc: c_int, argv: *const *const c_char) -> c_int {
    // SAFETY: as above.
    let entry = unsafe { entry::from_main(argc, argv) };
    entry::hold_standard_descriptors();
    match called_as(entry) {
        Called::Shim(handover) => cli::run_shimmed(&handover),
        Called::Guard(argv) => cli::run(argv),
        Called::Nameless => {
            eprintln!("guard: started without a program name: refused");
            64
        }
    }
}
