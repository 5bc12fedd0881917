//! The operating system: process entry, files, terminals, exec. The only room with `unsafe`.
//! It must never decide anything: it reports what the system said.
#![allow(unsafe_code)]

pub mod actor;
pub mod arena;
#[cfg(feature = "full")]
pub mod background;
pub mod clock;
#[cfg(feature = "full")]
pub mod desktop;
pub mod directory;
pub mod entry;
pub mod file;
#[cfg(feature = "full")]
pub mod helper;
pub mod memory;
pub mod note;
pub mod process;
pub mod say;
#[cfg(feature = "full")]
pub mod session;
#[cfg(feature = "full")]
pub mod socket;
pub mod stdin;
#[cfg(feature = "full")]
pub mod terminal;
pub mod who;

/// A failed system call, with what was being done.
pub type Error = std::io::Error;
