//! The relay as people run it: the real program, a real SQLite file or PostgreSQL server, real signatures, and the
//! faults that a night brings: killed processes, a database that goes and comes back, floods, a full disk.
#![cfg(feature = "relay")]

#[path = "../support/postgres.rs"]
mod postgres;

mod browser;
mod channels;
mod container;
mod copies;
mod durable;
mod ending;
mod instances;
mod journey;
mod limits;
mod notices;
mod openapi;
mod page;
mod recorder;
mod rosters;
mod secure;
mod server;
mod team;
mod thousand;
mod trust;
mod unit;
