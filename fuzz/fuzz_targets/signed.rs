//! Fuzzes `areas::signed`.
#![no_main]

#[path = "../areas.rs"]
#[allow(dead_code)]
mod areas;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| areas::signed(bytes));
