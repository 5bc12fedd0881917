//! The person's identity for real: a keyring behind a real session bus, a real ssh-agent with real and with
//! hardware keys, ssh-keygen as the judge of signatures, and kills in the middle of a change.

mod agent;
mod export;
mod home;
mod keyring;
mod proxy;
mod rotation;
mod secrets;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/pty.rs"]
mod pty;
