//! The audit log: who was about to do what to which target, and what was decided. `docs/audit.md` is the
//! format. Must never let a gated command run without a durable entry, and never lose a written byte.

mod append;
mod entry;
mod error;
mod factor;
mod genesis;
mod identity;
mod intent;
mod keyfile;
mod line;
mod read;
mod redaction;
mod store;
mod tail;
mod ulid;
mod verify;

pub use crate::keys::private::FileError;
pub use crate::sys::stdin::{Kind as StdinKind, kind as stdin_kind};
pub use error::{AuditError, Doing, Untrusted};
pub use factor::{Act, FactorChange, FactorEntry};
pub use identity::record_identity;
pub use intent::{Approval, Decision, Intent, Mode, Outcome, Preview, TargetFact};
pub use read::{Record, Records, records};
pub use verify::{Problem, Recovered, Report, Standing, Successor, verify};

use crate::keys::private;
use crate::settings::Dirs;
use crate::statement::{Chain, Hash};
use crate::sys::directory::Access;
use store::Store;

/// A log that can be appended to. Holds no key: each append reads it, uses it and wipes it.
#[derive(Debug)]
pub struct Log {
    store: Store,
}

/// The name of a recorded intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentId(String);

/// Proof that the decision to let a command run is on disk. Made only by `Log::decision`.
#[derive(Debug)]
#[must_use]
pub struct Receipt {
    intent: IntentId,
}

impl Log {
    /// Opens the log under `<state>/audit`, beginning it when there is none. The lines returned are to be
    /// shown to the person once: where the log is, and where its identity key is kept.
    pub fn open(dirs: &Dirs) -> Result<(Log, Vec<String>), AuditError> {
        let store = Store::prepare(&dirs.state)?;
        let mut notices = genesis::ensure(&store, &dirs.state)?;
        notices.extend(identity::finish(&store, &dirs.state)?);
        Ok((Log { store }, notices))
    }

    /// Records what is about to happen; durable on return. Call it before the first question.
    pub fn intent(&self, intent: &Intent) -> Result<IntentId, AuditError> {
        let entry = intent.to_entry(&self.store)?;
        append::append(&self.store, entry).map(IntentId)
    }

    /// Records what was decided; durable on return. A receipt only for an outcome that lets the command run.
    pub fn decision(&self, intent: &IntentId, decision: &Decision) -> Result<Option<Receipt>, AuditError> {
        let entry = decision.to_entry(&intent.0, &self.store)?;
        append::append(&self.store, entry)?;
        Ok(decision.outcome.lets_run().then(|| Receipt { intent: intent.clone() }))
    }
}

/// Head and size of the log, for a statement that others keep; `None` when there is none, or it cannot be read.
pub fn head(dirs: &Dirs) -> Option<Chain> {
    end(dirs).ok()
}

/// As `head`, with the reason.
pub fn end(dirs: &Dirs) -> Result<Chain, AuditError> {
    let store = Store::existing(&dirs.state)?;
    let none = || AuditError::NoLog { path: store.audit.path().to_owned() };
    let name = store.segments()?.pop().ok_or_else(none)?;
    let path = store.audit.path().join(&name);
    let file = private::open(&store.audit, &name, Access::Read, private::Privacy::Own)?;
    let tail = tail::Tail::read(&file, &path)?;
    Ok(Chain { head: Hash(tail.leaf), seq: tail.seq })
}

impl IntentId {
    /// The ULID that the entry has in the log.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Receipt {
    pub fn intent(&self) -> &IntentId {
        &self.intent
    }
}
