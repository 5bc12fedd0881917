//! The alert of a use of break-glass, on disk before anything runs; it stays in `alerts/` until it was sent. Must never hold
//! a secret.

use crate::keys::private::{self, FileError};
use crate::settings::Dirs;
use crate::sys::{actor, clock, who};
use serde::Serialize;

const DIRECTORY: &str = "alerts";

/// What is sent.
#[derive(Debug, Serialize)]
pub struct Alert<'a> {
    pub v: u64,
    pub kind: &'static str,
    /// The audit log's intent.
    pub id: &'a str,
    /// Microseconds since the epoch.
    pub time: u64,
    pub user: Option<String>,
    pub host: Option<String>,
    pub terminal: Option<String>,
    /// The command line, without secrets.
    pub command: &'a str,
    pub what: &'a str,
    pub environment: &'a str,
    pub without: &'a [String],
    pub reason: &'a str,
}

impl<'a> Alert<'a> {
    /// Who, where and when are found out here.
    pub fn new(id: &'a str, command: &'a str, what: &'a str, reason: &'a str) -> Alert<'a> {
        Alert {
            v: 1,
            kind: "break-glass",
            id,
            time: clock::real_micros(),
            user: who::user_name(),
            host: who::host_name(),
            terminal: actor::terminal(),
            command,
            what,
            environment: "",
            without: &[],
            reason,
        }
    }
}

/// Puts it into the queue; durable on return.
pub fn queue(dirs: &Dirs, alert: &Alert<'_>) -> Result<(), FileError> {
    let directory = private::prepare_inside(&private::prepare_state(&dirs.state)?, DIRECTORY)?;
    // Plain strings and numbers: serde_json has no error for them.
    let bytes = serde_json::to_vec(alert).unwrap_or_default();
    private::replace(&directory, &format!("{}.json", alert.id), &bytes)
}

/// Takes an alert back whose command will not run.
pub fn withdraw(dirs: &Dirs, id: &str) {
    let directory = private::open_state(&dirs.state).and_then(|state| private::inside(&state, DIRECTORY));
    if let Ok(directory) = directory {
        let _ = directory.remove_file(&format!("{id}.json"));
    }
}
