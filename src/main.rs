//! The full guard: asks, records, and guard's own commands.
#![no_main]
#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]

use guard::cli;
use guard::invocation::{Called, called_as};
use guard::sys::entry::Entry;

guard::entry_point!(start);

fn start(entry: Entry) -> i32 {
    match called_as(entry) {
        Called::Shim(handover) => cli::run_shimmed(&handover),
        Called::Guard(argv) => cli::run(argv),
        Called::Nameless => {
            guard::say!("started without a program name: refused");
            64
        }
    }
}
