//! HTTP: routes, errors, who is asking. It must never log a bearer, a body or a raw path, and every error is a
//! problem document with a hint.

pub(super) mod answer;
pub mod app;
pub(super) mod body;
mod checkpoints;
mod events;
mod health;
mod inbox;
mod poll;
pub mod problem;
mod query;
pub(super) mod requests;
pub mod rosters;
pub mod routes;
mod sign_in;
mod watch;

pub use answer::lines as entry_lines;
