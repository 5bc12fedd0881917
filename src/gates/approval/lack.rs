//! Why an approval is not there: the exit status, why, and what to do. Must never be anything but a no.

use super::ready::Ready;
use crate::gates::Stopped;
use crate::gates::steps::Ended;

#[derive(Debug)]
#[must_use]
pub struct Lack {
    pub status: i32,
    pub why: String,
    pub hint: String,
}

impl Lack {
    pub fn new(status: i32, why: impl Into<String>, hint: impl Into<String>) -> Lack {
        Lack { status, why: why.into(), hint: hint.into() }
    }

    /// For a command without a conversation.
    pub fn stop(self, ready: &Ready) -> Stopped {
        ready.lacks(self.status, self.why, self.hint)
    }

    /// At the end of a conversation.
    pub fn over(self) -> Ended {
        let hint = Some(self.hint).filter(|hint| !hint.is_empty());
        Ended::Over { status: self.status, why: self.why, hint }
    }
}
