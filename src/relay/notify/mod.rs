//! Telling people that something waits, and that it was decided. A channel never decides: it shows and links. What
//! is told comes from the outbox, so exactly one instance sends each message, also after a restart.

mod channel;
pub mod message;
mod worker;

pub use channel::{Channel, Delivered};
pub use worker::work;
