//! Entries of the event `factor`: a second factor is enrolled, replaced or taken away. On disk before the change is made;
//! one that was not made after all gets a second entry. Must never hold a code or a secret.

use super::entry::{Entry, Factor};
use super::error::AuditError;
use super::intent::{actor, host};
use super::{Log, append};

/// What is about to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Enrolled,
    Rotated,
    Removed,
}

/// A change of a second factor.
#[derive(Clone, Copy, Debug)]
pub struct FactorChange<'a> {
    pub act: Act,
    /// Where the secret is: `keyring`, `passphrase`, `managed`.
    pub custody: &'static str,
    /// What the one before was proven with: `totp`, `recovery-code`.
    pub proof: Option<&'static str>,
    /// Whose it is, where that is somebody else.
    pub whose: Option<&'a str>,
}

/// The name of a recorded change.
#[derive(Debug)]
pub struct FactorEntry(String);

impl Act {
    fn word(self) -> &'static str {
        match self {
            Act::Enrolled => "enrolled",
            Act::Rotated => "rotated",
            Act::Removed => "removed",
        }
    }
}

impl Log {
    /// Records a change that comes next; durable on return.
    pub fn factor(&self, change: &FactorChange<'_>) -> Result<FactorEntry, AuditError> {
        let factor = Factor {
            act: change.act.word(),
            custody: Some(change.custody),
            proof: change.proof,
            whose: change.whose.map(str::to_owned),
        };
        self.enter(factor, None).map(FactorEntry)
    }

    /// Records that it was not made.
    pub fn factor_unchanged(&self, entry: &FactorEntry) -> Result<(), AuditError> {
        let factor = Factor { act: "unchanged", custody: None, proof: None, whose: None };
        self.enter(factor, Some(entry.0.clone())).map(|_| ())
    }

    fn enter(&self, factor: Factor, reference: Option<String>) -> Result<String, AuditError> {
        let entry = Entry {
            actor: Some(actor()),
            event: "factor",
            factor: Some(factor),
            host: Some(host()),
            reference,
            ..Entry::default()
        };
        append::append(&self.store, entry)
    }
}
