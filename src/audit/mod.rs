//! stub
use crate::rules::Verdict;
use crate::settings::Dirs;
use std::path::Path;
#[derive(Debug)]
pub struct Receipt(());
#[derive(Clone)]
pub struct IntentId;
pub struct Log;
pub enum Outcome {
    Ran,
    Refused,
    Cancelled,
    TimedOut,
    Drift,
    Noticed,
}
pub struct Decision {
    pub outcome: Outcome,
    pub method: String,
    pub attempts: u32,
    pub wait_ms: u64,
    pub detail: String,
}
pub struct Intent;
impl Intent {
    pub fn new(_v: &Verdict, _p: &Path, _m: &str, _s: Option<&Path>) -> Intent {
        Intent
    }
}
#[derive(Debug)]
pub struct AuditError;
impl AuditError {
    pub fn hint(&self) -> String {
        String::new()
    }
}
impl std::fmt::Display for AuditError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stub")
    }
}
impl Log {
    pub fn open(_d: &Dirs) -> Result<(Log, Vec<String>), AuditError> {
        Ok((Log, vec![]))
    }
    pub fn intent(&self, _i: &Intent) -> Result<IntentId, AuditError> {
        Ok(IntentId)
    }
    pub fn decision(&self, _i: IntentId, d: &Decision) -> Result<Option<Receipt>, AuditError> {
        Ok(matches!(d.outcome, Outcome::Ran).then_some(Receipt(())))
    }
}
