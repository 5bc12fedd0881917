//! Where configuration and state live. Must never read a switch that weakens a gate from the environment.

mod dirs;
mod marker;

pub use dirs::{Dirs, default_shims};
pub use marker::{MARKER, Marker};
