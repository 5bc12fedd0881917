//! The second factor through the real binary, on real terminals, with a real keyring; and what is left when it is killed,
//! full, read-only or damaged in between.

#[path = "../support/mod.rs"]
mod support;
#[path = "../support/pty.rs"]
mod pty;

mod agent;
mod codes;
mod crash;
mod enrolment;
mod helper;
mod keyring;
mod managed;
mod prompts;
mod recorded;
