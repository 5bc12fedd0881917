//! Fuzzes `areas::option_file`.
#![no_main]

#[path = "../areas.rs"]
#[allow(dead_code)]
mod areas;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| areas::option_file(bytes));
