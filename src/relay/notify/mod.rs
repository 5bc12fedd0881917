//! Telling people that something waits, and that it was decided. A channel never decides: it shows and links. What
//! is told comes from the outbox, so exactly one instance sends each message, also after a restart.

mod authority;
mod channel;
mod email;
mod file;
mod hidden;
mod http;
pub mod message;
mod ntfy;
mod slack;
mod teams;
mod webhook;
mod worker;

pub use channel::{Channel, Delivered};
pub use file::channels;
pub use worker::work;
