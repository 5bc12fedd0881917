//! The operating system's keyring, asked in a helper thread: a Secret Service that is slow, locked or
//! half dead costs `LIMIT` once, and never hangs guard.

use super::Secret;
use keyring::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// How long the keyring may take in all.
pub const LIMIT: Duration = Duration::from_millis(1500);
const SERVICE: &str = "guard";

/// Why the keyring does not hold the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoKeyring {
    /// No Secret Service can be reached.
    Absent,
    /// It is there but locked, or refused.
    Locked,
    /// It did not answer within `LIMIT`.
    Slow,
    /// It accepted the key but did not give the same one back.
    Forgetful,
}

impl NoKeyring {
    pub fn word(self) -> &'static str {
        match self {
            NoKeyring::Absent => "there is no keyring here",
            NoKeyring::Locked => "the keyring is locked",
            NoKeyring::Slow => "the keyring does not answer",
            NoKeyring::Forgetful => "the keyring does not give back what it was given",
        }
    }
}

/// Puts a secret into the keyring under `account` and reads it back.
pub fn keep(account: &str, secret: &Secret) -> Result<(), NoKeyring> {
    let (sender, receiver) = mpsc::channel();
    let abandoned = Arc::new(AtomicBool::new(false));
    let (account, text, late) = (account.to_owned(), secret.to_text(), Arc::clone(&abandoned));
    let helper = std::thread::Builder::new().name("keyring".to_owned()).spawn(move || {
        // A helper that is still waiting must not take a signal that is meant for the question.
        crate::sys::process::block_signals_in_thread();
        let kept = store(&account, &text);
        if late.load(Ordering::SeqCst) && kept.is_ok() {
            // The caller went on with a file: a second copy must not stay behind.
            let _ = Entry::new(SERVICE, &account).and_then(|entry| entry.delete_credential());
        }
        let _ = sender.send(kept);
    });
    if helper.is_err() {
        return Err(NoKeyring::Absent);
    }
    receiver.recv_timeout(LIMIT).unwrap_or_else(|error| {
        abandoned.store(true, Ordering::SeqCst);
        Err(match error {
            mpsc::RecvTimeoutError::Timeout => NoKeyring::Slow,
            mpsc::RecvTimeoutError::Disconnected => NoKeyring::Absent,
        })
    })
}

fn store(account: &str, text: &str) -> Result<(), NoKeyring> {
    let entry = Entry::new(SERVICE, account).map_err(reason)?;
    entry.set_password(text).map_err(reason)?;
    let back = zeroize::Zeroizing::new(entry.get_password().map_err(reason)?);
    if *back == text { Ok(()) } else { Err(NoKeyring::Forgetful) }
}

fn reason(error: keyring::Error) -> NoKeyring {
    match error {
        keyring::Error::NoStorageAccess(_) => NoKeyring::Locked,
        // The rest of the enum is open: whatever the keyring's trouble is, the file is used instead.
        _ => NoKeyring::Absent,
    }
}
