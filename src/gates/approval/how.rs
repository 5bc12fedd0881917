//! How an approval may come when it is not asked for at the terminal now. Must never carry a decision: only what the person
//! who started guard said about waiting.

use super::left::Left;
use crate::keys::Secret;
use std::time::Duration;

/// What was said on guard's own command line.
#[derive(Clone, Copy, Debug, Default)]
pub struct How<'a> {
    /// Without a terminal: how long a request may wait.
    pub wait: Option<Duration>,
    /// Why it has to be done, where nobody can be asked.
    pub reason: Option<&'a str>,
    pub stage: Stage<'a>,
}

/// Whether asking and running are one step.
#[derive(Clone, Copy, Debug, Default)]
pub enum Stage<'a> {
    /// Ask, wait, run.
    #[default]
    Now,
    /// Ask and leave; so many seconds the request is open, and so many it may start after its last approval.
    Leave { open: u64, within: u64 },
    /// Run what was left.
    Claim(&'a Left),
}

impl How<'_> {
    /// Whether it is about an approval and nothing else.
    pub fn is_split(&self) -> bool {
        !matches!(self.stage, Stage::Now)
    }

    /// The key of the commitments in a request that was left.
    pub fn key(&self) -> Option<Secret> {
        match self.stage {
            Stage::Claim(left) => left.key(),
            Stage::Now | Stage::Leave { .. } => None,
        }
    }
}
