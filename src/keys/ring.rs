//! The operating system's keyring (Secret Service; Keychain on macOS), asked in a helper thread: one that is
//! slow, locked or half dead costs a limit once per process, and never hangs guard. Must never show what the keyring said:
//! its errors may carry secrets.

use super::Secret;
use keyring::{Entry, Error};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long the keyring may take where there is another place: storing.
pub const LIMIT: Duration = Duration::from_millis(1500);
/// How long it may take to give back what nobody else has.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// The same where it can show a window and a person may be typing its password.
pub const UNLOCKING: Duration = Duration::from_secs(60);
const SERVICE: &str = "guard";

/// Why the keyring does not hold the key, or does not give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoKeyring {
    /// No Secret Service can be reached.
    Absent,
    /// It is there but locked, or refused.
    Locked,
    /// It did not answer in time.
    Slow,
    /// It answers, but not as a keyring should.
    Broken,
    /// It accepted the key but did not give the same one back.
    Forgetful,
    /// It answers, and has no such key.
    Empty,
}

/// Set once a request took too long: everything after it would wait again for nothing.
static GAVE_UP: AtomicBool = AtomicBool::new(false);

impl NoKeyring {
    pub fn word(self) -> &'static str {
        match self {
            NoKeyring::Absent => "there is no keyring here",
            NoKeyring::Locked => "the keyring is locked",
            NoKeyring::Slow => "the keyring does not answer",
            NoKeyring::Broken => "the keyring fails",
            NoKeyring::Forgetful => "the keyring does not give back what it was given",
            NoKeyring::Empty => "the keyring does not hold it",
        }
    }

    /// The next step for a person whose secret is in the keyring and nowhere else.
    pub fn hint(self) -> &'static str {
        match self {
            NoKeyring::Absent => {
                "it is reached through the session's D-Bus: over ssh or sudo, check DBUS_SESSION_BUS_ADDRESS"
            }
            NoKeyring::Locked => "unlock it (seahorse, or log in on the desktop), then run the command again",
            NoKeyring::Slow | NoKeyring::Broken => {
                "restart it (`systemctl --user restart gnome-keyring-daemon`, or log in again), then run the command again"
            }
            NoKeyring::Forgetful | NoKeyring::Empty => {
                "was the keyring made anew? `secret-tool search service guard` lists what it has"
            }
        }
    }
}

/// Puts a secret into the keyring under `account` and reads it back.
pub fn keep(account: &str, secret: &Secret) -> Result<(), NoKeyring> {
    keep_text(account, &secret.to_text())
}

/// As `keep`, for text of any length.
pub fn keep_text(account: &str, text: &Zeroizing<String>) -> Result<(), NoKeyring> {
    let (account, text) = (account.to_owned(), text.clone());
    ask(LIMIT, None, move |abandoned| {
        let kept = store(&account, &text);
        if abandoned.load(Ordering::SeqCst) && kept.is_ok() {
            // The caller went on with a file: what nobody will ask for must not stay behind.
            let _ = entry(&account).and_then(|entry| entry.delete_credential().map_err(reason));
        }
        kept
    })
}

/// What is kept under `account`.
pub fn fetch(account: &str) -> Result<Zeroizing<String>, NoKeyring> {
    let account = account.to_owned();
    let (limit, notice) = if can_show_a_window() {
        (UNLOCKING, Some("waiting for your keyring: unlock it in its window, or press Ctrl-C"))
    } else {
        (PATIENCE, None)
    };
    ask(limit, notice, move |_| entry(&account)?.get_password().map(Zeroizing::new).map_err(reason))
}

/// As `fetch`, where there is another way: nobody is waited for.
pub fn fetch_at_once(account: &str) -> Result<Zeroizing<String>, NoKeyring> {
    let account = account.to_owned();
    ask(LIMIT, None, move |_| entry(&account)?.get_password().map(Zeroizing::new).map_err(reason))
}

/// Takes `account` out of the keyring; one that is not there is fine.
pub fn forget(account: &str) -> Result<(), NoKeyring> {
    let account = account.to_owned();
    ask(PATIENCE, None, move |_| match entry(&account)?.delete_credential().map_err(reason) {
        Ok(()) | Err(NoKeyring::Empty) => Ok(()),
        Err(why) => Err(why),
    })
}

/// Runs `work` in a thread of its own and waits for it, at most `limit`; says `notice` after `LIMIT`.
fn ask<T: Send + 'static>(
    limit: Duration,
    notice: Option<&str>,
    work: impl FnOnce(&AtomicBool) -> Result<T, NoKeyring> + Send + 'static,
) -> Result<T, NoKeyring> {
    if GAVE_UP.load(Ordering::SeqCst) {
        return Err(NoKeyring::Slow);
    }
    let (sender, receiver) = mpsc::channel();
    let abandoned = Arc::new(AtomicBool::new(false));
    let late = Arc::clone(&abandoned);
    let helper = std::thread::Builder::new().name("keyring".to_owned()).spawn(move || {
        // A helper that is still waiting must not take a signal that is meant for the question.
        crate::sys::process::block_signals_in_thread();
        let _ = sender.send(work(&late));
    });
    if helper.is_err() {
        return Err(NoKeyring::Absent);
    }
    let first = if notice.is_some() { LIMIT.min(limit) } else { limit };
    let mut answer = receiver.recv_timeout(first);
    if let (Err(mpsc::RecvTimeoutError::Timeout), Some(words)) = (&answer, notice) {
        crate::say!("{words}");
        answer = receiver.recv_timeout(limit.saturating_sub(first));
    }
    answer.unwrap_or_else(|error| {
        abandoned.store(true, Ordering::SeqCst);
        GAVE_UP.store(true, Ordering::SeqCst);
        Err(match error {
            mpsc::RecvTimeoutError::Timeout => NoKeyring::Slow,
            mpsc::RecvTimeoutError::Disconnected => NoKeyring::Broken,
        })
    })
}

fn can_show_a_window() -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY"]
        .iter()
        .any(|name| crate::sys::entry::variable(name).is_some_and(|value| !value.is_empty()))
}

fn entry(account: &str) -> Result<Entry, NoKeyring> {
    Entry::new(SERVICE, account).map_err(reason)
}

fn store(account: &str, text: &str) -> Result<(), NoKeyring> {
    let entry = entry(account)?;
    entry.set_password(text).map_err(reason)?;
    let back = Zeroizing::new(entry.get_password().map_err(reason)?);
    if *back == text { Ok(()) } else { Err(NoKeyring::Forgetful) }
}

fn reason(error: Error) -> NoKeyring {
    match error {
        Error::NoStorageAccess(_) => NoKeyring::Locked,
        Error::NoEntry => NoKeyring::Empty,
        Error::BadEncoding(bytes) | Error::BadDataFormat(bytes, _) => {
            drop(Zeroizing::new(bytes));
            NoKeyring::Forgetful
        }
        // The connection is made once; the first trouble with it is kept.
        Error::NoDefaultStore => match Entry::store_status() {
            Err(Error::PlatformFailure(why)) if !is_absent(why.as_ref()) => NoKeyring::Broken,
            Ok(()) | Err(_) => NoKeyring::Absent,
        },
        Error::PlatformFailure(why) if is_absent(why.as_ref()) => NoKeyring::Absent,
        // The rest of the enum is open: whatever it is, the keyring does not do its work.
        _ => NoKeyring::Broken,
    }
}

/// Whether nothing answers at all: no bus, nothing behind its socket, no service on it.
fn is_absent(why: &(dyn std::error::Error + 'static)) -> bool {
    use std::io;
    let mut next = Some(why);
    while let Some(error) = next {
        let io_error = error
            .downcast_ref::<io::Error>()
            .or_else(|| error.downcast_ref::<Arc<io::Error>>().map(AsRef::as_ref));
        if let Some(io_error) = io_error {
            let kinds =
                [io::ErrorKind::NotFound, io::ErrorKind::ConnectionRefused, io::ErrorKind::PermissionDenied];
            return kinds.contains(&io_error.kind());
        }
        next = error.source();
    }
    // What secret-service and D-Bus say; neither has a public type here.
    let words = why.to_string();
    ["no secret service provider", "ServiceUnknown", "NameHasNoOwner"]
        .iter()
        .any(|known| words.contains(known))
}
