//! ssh-agent: the person's own keys, hardware keys included, sign without guard ever seeing them. Must never
//! wait longer than its limits, and never believe a signature that the agent gives without checking it.

mod protocol;

use super::{SshPublicKey, sshsig_assemble, sshsig_to_sign, verify_sshsig};
use crate::text::show;
use protocol::{Client, Entry, Failed};
use std::fmt::{self, Display, Formatter};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

/// How long an agent may take to say which keys it has.
pub const LIST_LIMIT: Duration = Duration::from_secs(3);
/// How long it may take to sign: a person may have to touch the key, type its PIN or confirm.
pub const SIGN_LIMIT: Duration = Duration::from_secs(60);
/// After so long the person is told what guard is waiting for.
const NOTICE: Duration = Duration::from_millis(1500);

/// A key that an agent holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentKey {
    pub public: SshPublicKey,
    /// The agent's socket.
    pub socket: PathBuf,
}

/// A key as an agent lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub public: SshPublicKey,
    pub comment: String,
}

/// Why an agent did not sign.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum AgentError {
    /// `SSH_AUTH_SOCK` is not set, and no socket was named.
    NoSocket,
    /// Nobody listens there.
    Unreachable { socket: PathBuf, why: io::ErrorKind },
    /// It does not answer, or nobody touched the key.
    Silent { socket: PathBuf, seconds: u64 },
    /// It holds other keys, or (when `empty`) none, which is how a locked agent answers.
    NotHeld { fingerprint: String, empty: bool },
    /// It holds the key and would not sign.
    Refused { fingerprint: String },
    /// What it answered is not what agents answer, or the signature is wrong.
    Garbled { socket: PathBuf },
}

/// Why a signature could not be made.
pub type SignError = AgentError;

/// Where an agent's socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// On this machine.
    Local,
    /// On the machine that this login came from: whoever is root here can have it sign.
    Forwarded,
    /// The system does not say.
    Unknown,
}

/// The agent of this session (`SSH_AUTH_SOCK`).
pub fn session_socket() -> Result<PathBuf, AgentError> {
    let value = crate::sys::entry::variable("SSH_AUTH_SOCK").filter(|value| !value.is_empty());
    value.map(PathBuf::from).ok_or(AgentError::NoSocket)
}

/// The keys in an agent that guard can use, and how many others there are.
pub fn list(socket: &Path) -> Result<(Vec<Listed>, usize), AgentError> {
    let all = ask(socket, LIST_LIMIT, None, Client::list)?;
    let listed: Vec<Listed> = all.iter().filter_map(usable).collect();
    let others = all.len() - listed.len();
    Ok((listed, others))
}

/// Certificates are left out: the key that one certifies is listed by itself too.
fn usable((blob, comment): &Entry) -> Option<Listed> {
    Some(Listed { public: SshPublicKey::from_blob(blob)?, comment: comment.clone() })
}

impl AgentKey {
    /// An SSHSIG blob over `message`.
    pub fn sign(&self, namespace: &str, message: &[u8]) -> Result<Vec<u8>, AgentError> {
        self.sign_within(namespace, message, SIGN_LIMIT)
    }

    /// As `sign`, with another limit.
    pub fn sign_within(
        &self,
        namespace: &str,
        message: &[u8],
        limit: Duration,
    ) -> Result<Vec<u8>, AgentError> {
        self.is_held()?;
        let (blob, data) = (self.public.blob().to_vec(), sshsig_to_sign(namespace, message));
        let notice = if self.public.is_hardware() {
            "waiting for your key: touch it, or press Ctrl-C"
        } else {
            "waiting for your ssh-agent: confirm in its window, or press Ctrl-C"
        };
        let sign = move |client: &mut Client| client.sign(&blob, &data);
        let raw = ask(&self.socket, limit, Some(notice), sign).map_err(|error| match error {
            AgentError::Refused { .. } => AgentError::Refused { fingerprint: self.public.fingerprint() },
            other => other,
        })?;
        let blob = sshsig_assemble(&self.public, namespace, &raw);
        verify_sshsig(&self.public, namespace, message, &blob)
            .map_err(|_| AgentError::Garbled { socket: self.socket.clone() })?;
        Ok(blob)
    }

    /// Whether the agent answers and has this key.
    pub fn is_held(&self) -> Result<(), AgentError> {
        let (listed, others) = list(&self.socket)?;
        if listed.iter().any(|key| key.public == self.public) {
            return Ok(());
        }
        let empty = listed.is_empty() && others == 0;
        Err(AgentError::NotHeld { fingerprint: self.public.fingerprint(), empty })
    }
}

/// One conversation with the agent, in a thread of its own: connecting to a socket that nobody serves any
/// more can wait for ever, and no time limit of a socket covers that.
fn ask<T: Send + 'static>(
    socket: &Path,
    limit: Duration,
    notice: Option<&str>,
    conversation: impl FnOnce(&mut Client) -> Result<T, Failed> + Send + 'static,
) -> Result<T, AgentError> {
    let (sender, receiver) = mpsc::channel();
    let path = socket.to_owned();
    let helper = std::thread::Builder::new().name("ssh-agent".to_owned()).spawn(move || {
        crate::sys::process::block_signals_in_thread();
        let client = Client::connect(&path, limit).map_err(Failed::Io);
        let answer = client.and_then(|mut client| conversation(&mut client));
        let _ = sender.send(answer);
    });
    let silent = || AgentError::Silent { socket: socket.to_owned(), seconds: limit.as_secs() };
    if helper.is_err() {
        return Err(silent());
    }
    let first = if notice.is_some() { NOTICE.min(limit) } else { limit };
    let mut answer = receiver.recv_timeout(first);
    if let (Err(mpsc::RecvTimeoutError::Timeout), Some(words)) = (&answer, notice) {
        crate::say!("{words}");
        answer = receiver.recv_timeout(limit.saturating_sub(first));
    }
    answer.map_err(|_| silent())?.map_err(|error| reason(socket, limit, error))
}

fn reason(socket: &Path, limit: Duration, failed: Failed) -> AgentError {
    let socket = socket.to_owned();
    match failed {
        Failed::Refused => AgentError::Refused { fingerprint: String::new() },
        Failed::Garbled => AgentError::Garbled { socket },
        Failed::Io(error) => match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                AgentError::Silent { socket, seconds: limit.as_secs() }
            }
            why => AgentError::Unreachable { socket, why },
        },
    }
}

/// Who listens on an agent's socket: sshd means that it leads to another machine.
pub fn origin(socket: &Path) -> Origin {
    let Ok(stream) = UnixStream::connect(socket) else { return Origin::Unknown };
    match crate::sys::process::listener(&stream) {
        Some(name) if name.starts_with("sshd") => Origin::Forwarded,
        Some(_) => Origin::Local,
        None => Origin::Unknown,
    }
}

impl AgentError {
    /// The next step for a person.
    pub fn hint(&self) -> String {
        match self {
            AgentError::NoSocket => {
                "start one (`eval \"$(ssh-agent)\"; ssh-add`), or `guard key use own` for a key of guard's"
                    .to_owned()
            }
            AgentError::Unreachable { .. } => {
                "is it running, and is SSH_AUTH_SOCK this session's? `ssh-add -l` asks it too".to_owned()
            }
            AgentError::Silent { .. } => {
                "touch the key or confirm in time; an agent that hangs wants a restart".to_owned()
            }
            AgentError::NotHeld { empty: true, .. } => {
                "`ssh-add -X` unlocks it; `ssh-add FILE` adds the key again".to_owned()
            }
            AgentError::NotHeld { empty: false, .. } => {
                "`ssh-add FILE` adds it; `guard key use ssh` takes another key".to_owned()
            }
            AgentError::Refused { .. } => {
                "confirm when the agent asks (`ssh-add -c`), or touch the key; then run the command again"
                    .to_owned()
            }
            AgentError::Garbled { .. } => {
                "`ssh-add -l` and `ssh-add -T KEY.pub` show whether the agent works".to_owned()
            }
        }
    }

    /// The exit status of a command that needed the signature.
    pub fn status(&self) -> i32 {
        match self {
            AgentError::Refused { .. } => 77,
            AgentError::NoSocket
            | AgentError::Unreachable { .. }
            | AgentError::Silent { .. }
            | AgentError::NotHeld { .. }
            | AgentError::Garbled { .. } => 69,
        }
    }
}

impl Display for AgentError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            AgentError::NoSocket => f.write_str("there is no ssh-agent: SSH_AUTH_SOCK is not set"),
            AgentError::Unreachable { socket, why } => {
                write!(f, "no ssh-agent answers at {}: {why}", shown(socket))
            }
            AgentError::Silent { socket, seconds } => {
                write!(f, "the ssh-agent at {} did not answer within {seconds} s", shown(socket))
            }
            AgentError::NotHeld { fingerprint, empty: true } => {
                write!(f, "the ssh-agent is locked or empty: it does not offer {fingerprint}")
            }
            AgentError::NotHeld { fingerprint, empty: false } => {
                write!(f, "the ssh-agent does not hold {fingerprint}")
            }
            AgentError::Refused { fingerprint } => {
                write!(f, "the ssh-agent would not sign with {fingerprint}")
            }
            AgentError::Garbled { socket } => {
                write!(f, "the ssh-agent at {} does not answer as agents do", shown(socket))
            }
        }
    }
}

impl std::error::Error for AgentError {}

fn shown(path: &Path) -> String {
    show(path.as_os_str().as_bytes())
}
