//! guard stands between an engineer and the command that ruins their night.
//!
//! A command travels through the rooms in this order (see `flow`):
//! invocation, reading, targets, rules, gates, audit, exec.
//! A room imports only from rooms above it; `tests/house.rs` holds that.
#![deny(unsafe_code, clippy::disallowed_macros, clippy::disallowed_methods)]

pub mod sys;
pub mod text;
pub mod settings;
#[cfg(feature = "full")]
pub mod keys;
pub mod invocation;
pub mod reading;
pub mod targets;
pub mod rules;
#[cfg(feature = "full")]
pub mod statement;
#[cfg(feature = "full")]
pub mod preview;
#[cfg(feature = "full")]
pub mod tty;
#[cfg(feature = "full")]
pub mod audit;
#[cfg(feature = "full")]
pub mod team;
#[cfg(feature = "full")]
pub mod gates;
pub mod exec;
#[cfg(feature = "full")]
pub mod intercept;
#[cfg(feature = "full")]
pub mod inbox;
#[cfg(feature = "relay")]
pub mod relay;
pub mod flow;
#[cfg(feature = "full")]
pub mod cli;
