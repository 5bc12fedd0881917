//! The review that another person signs after a use of break-glass. Must never settle a use by the word of who made it.

use super::ledger::{LedgerError, Open};
use crate::settings::Dirs;
use crate::sys::who;
use serde::{Deserialize, Serialize};

/// A review, once its signature was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Who signed it: a person of the team, never the one who used it.
    pub by: String,
    /// `justified`, `should-have-waited` or `policy-bug`.
    pub verdict: String,
    /// Microseconds since the epoch.
    pub at: u64,
    /// Digest of the signed statement.
    pub statement: String,
}

/// Enters a review of the use `id`. The caller has verified the statement: its signature, that it is about this use, and
/// that `used_by` and `review.by` are the persons its roster names.
pub fn settle(dirs: &Dirs, id: &str, used_by: &str, review: Review) -> Result<(), LedgerError> {
    let own = review.by.is_empty() || review.by == used_by || Some(&review.by) == who::user_name().as_ref();
    if own {
        return Err(LedgerError::OwnReview);
    }
    Open::take(dirs)?.reviewed(id, review)
}
