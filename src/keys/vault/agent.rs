//! The agent that remembers the key of a sealed file for a while.

use super::{KeyName, VaultKey};
use std::path::Path;

/// The key, where the agent runs and has it.
pub fn key(_state: &Path, _name: &KeyName) -> Option<VaultKey> {
    None
}
