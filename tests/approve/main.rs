//! The approver's side as people use it: a real relay with SQLite, two people with homes of their own, real terminals,
//! the page over plain HTTP.
#![cfg(feature = "relay")]

#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../support/pty.rs"]
mod pty;
#[path = "../support/mod.rs"]
mod support;
#[path = "../relay/server.rs"]
mod server;
#[path = "../relay/team.rs"]
mod team;

mod clocks;
mod desk;
mod ended;
mod hostile;
mod later;
mod lists;
mod meddler;
mod numbers;
mod page;
mod pair;
mod pasted;
mod screen;
