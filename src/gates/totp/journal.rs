//! The audit log as changes of the second factor see it: the entry comes first, so that no change is without one. Must never
//! let a change happen that could not be recorded.

use super::error::FactorError;
use crate::audit::{self, FactorChange, Log};
use crate::settings::Dirs;

/// Where changes are recorded.
#[derive(Debug)]
pub struct Journal {
    log: Log,
    whose: Option<String>,
}

impl Journal {
    /// Opens the log, beginning it when there is none; the lines returned are for the person. `whose` it is, where that is
    /// somebody else.
    pub fn open(dirs: &Dirs, whose: Option<&str>) -> Result<(Journal, Vec<String>), FactorError> {
        let (log, notices) = Log::open(dirs).map_err(FactorError::Unrecorded)?;
        // Found before anybody types anything.
        audit::end(dirs).map_err(FactorError::Unrecorded)?;
        Ok((Journal { log, whose: whose.map(str::to_owned) }, notices))
    }

    /// Records a change and makes it; when it fails, that is recorded, too.
    pub(super) fn around<T>(
        &self,
        change: FactorChange<'_>,
        make: impl FnOnce() -> Result<T, FactorError>,
    ) -> Result<T, FactorError> {
        let change = FactorChange { whose: self.whose.as_deref(), ..change };
        let entry = self.log.factor(&change).map_err(FactorError::Unrecorded)?;
        make().inspect_err(|_| {
            // What stopped the change may stop this entry, too: the one before then says more than happened.
            let _ = self.log.factor_unchanged(&entry);
        })
    }
}
