//! The relay: a mailbox that keeps signed statements in order and hands them on. It must never decide anything:
//! what a statement means is the receiving guard's business, and nothing here is trusted by it.

mod auth;
mod export;
mod http;
mod hub;
mod limits;
mod log;
mod mail;
mod measure;
pub mod notify;
pub mod operate;
mod presence;
mod page;
mod serve;
mod settings;
pub mod store;
mod tls;
mod tidy;

pub use http::routes::{ROUTES, Route};
pub use serve::{Failure, serve};
pub use settings::{Limits, Settings, Where};

/// Seconds since the epoch, for what people and other machines read.
pub(crate) fn now() -> i64 {
    i64::try_from(crate::sys::clock::real_micros() / 1_000_000).unwrap_or(i64::MAX)
}

/// Milliseconds since boot, sleep included, for what only this process measures.
pub(crate) fn boot_millis() -> u64 {
    crate::sys::clock::boot_micros() / 1_000
}
