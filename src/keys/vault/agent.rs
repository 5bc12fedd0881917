//! The agent of `guard unlock`: a small process that remembers the key of one sealed file, in a locked page, until its time
//! is over. It answers this user only, on a socket that only this user can reach. Must never outlive its time, whatever the
//! wall clock says, and must never hand out more than the key it is asked for by name.

use super::{KeyName, VaultKey};
use crate::keys::{Secret, decode, encode, encode_url, sha256};
use crate::sys::background::{alarm, either, start};
use crate::sys::socket::peer;
use crate::sys::{clock, directory, entry, who};
use std::fs::Permissions;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

const FORM: &str = "guard-agent/1 ";
/// How long one end waits for the other; both are on this machine.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long the agent waits for its key: a person may be typing a passphrase.
const PASSPHRASE: Duration = Duration::from_secs(600);
/// Longer than any request or answer.
const LONGEST: u64 = 256;

/// An agent that waits for its key.
#[derive(Debug)]
pub struct Starting {
    stream: UnixStream,
    path: PathBuf,
}

/// Starts an agent without a key, before a passphrase is in this process's memory.
pub fn begin(state: &Path) -> io::Result<Starting> {
    let path = place(state);
    directory::create_durably(path.parent().unwrap_or(state))?;
    own(&path)?;
    let socket = path.clone();
    let stream = start(move |stream| {
        // Nobody is left to hear why it does not come up.
        let _ = serve(stream, &socket);
    })?;
    Ok(Starting { stream, path })
}

impl Starting {
    /// Gives it the key; it is listening when this returns. An agent that ran before has ended then.
    pub fn give(mut self, name: &KeyName, key: &VaultKey, time: Duration) -> io::Result<()> {
        let _ = request(&self.path, "end");
        let key = key.0.to_text();
        let line = Zeroizing::new(format!("{} {} {}\n", encode(name), time.as_secs(), *key));
        self.stream.write_all(line.as_bytes())?;
        self.stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut answer = [0; 1];
        self.stream.read_exact(&mut answer)
    }
}

/// The key of that name, where the agent runs and has it.
pub fn key(state: &Path, name: &KeyName) -> Option<VaultKey> {
    let answer = request(&place(state), &format!("key {}", encode(name)))?;
    Secret::from_text(answer.strip_prefix("key ")?).map(VaultKey)
}

/// Seconds for which it will remember a key; `None` where none runs.
pub fn time_left(state: &Path) -> Option<u64> {
    request(&place(state), "time")?.strip_prefix("time ")?.parse().ok()
}

/// Ends it; false where none ran.
pub fn end(state: &Path) -> bool {
    request(&place(state), "end").is_some()
}

fn request(path: &Path, words: &str) -> Option<Zeroizing<String>> {
    let mut stream = UnixStream::connect(path).ok()?;
    // Whoever else made a socket there is not asked.
    if peer(&stream).ok()? != who::uid() {
        return None;
    }
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(format!("{FORM}{words}\n").as_bytes()).ok()?;
    line(&stream)
}

/// One line, without its end.
fn line(stream: &UnixStream) -> Option<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::with_capacity(LONGEST as usize));
    // Without a buffer of its own that would keep a copy of the key.
    let mut reader = BufReader::with_capacity(1, stream).take(LONGEST);
    reader.read_line(&mut line).ok()?;
    let length = line.strip_suffix('\n')?.len();
    line.truncate(length);
    Some(line)
}

/// Below `$XDG_RUNTIME_DIR`, else in the state directory; one for each state directory.
fn place(state: &Path) -> PathBuf {
    let name = format!("agent-{}", encode_url(&sha256(&[state.as_os_str().as_bytes()])[..9]));
    let runtime = entry::variable("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| {
        path.is_absolute()
            && std::fs::metadata(path)
                .is_ok_and(|m| m.is_dir() && m.uid() == who::uid() && m.permissions().mode() & 0o077 == 0)
    });
    let directory = runtime.map_or_else(|| state.join("agent"), |path| path.join("guard"));
    directory.join(name)
}

/// Nobody else may put another socket there.
fn own(path: &Path) -> io::Result<()> {
    let metadata = std::fs::symlink_metadata(path.parent().unwrap_or(path))?;
    if metadata.uid() != who::uid() || metadata.permissions().mode() & 0o022 != 0 || !metadata.is_dir() {
        return Err(io::Error::other("its directory is not this user's alone"));
    }
    Ok(())
}

/// What it remembers.
struct Memory {
    name: KeyName,
    key: Secret,
    /// Microseconds of the boot clock.
    until: u64,
}

fn serve(mut stream: UnixStream, path: &Path) -> Option<()> {
    stream.set_read_timeout(Some(PASSPHRASE)).ok()?;
    let first = line(&stream)?;
    let mut words = first.split(' ');
    let name = decode(words.next()?)?;
    let seconds: u64 = words.next()?.parse().ok()?;
    let key = Secret::from_text(words.next()?)?;
    let until = clock::boot_micros().checked_add(seconds.checked_mul(1_000_000)?)?;
    let memory = Memory { name, key, until };
    drop(first);
    let listener = listen(path)?;
    stream.write_all(b".").ok()?;
    drop(stream);
    let timer = alarm(Duration::from_secs(seconds)).ok()?;
    while either(&listener, &timer).ok()? && clock::boot_micros() < memory.until {
        let Ok((client, _)) = listener.accept() else { continue };
        if peer(&client).ok() == Some(who::uid()) && memory.answer(client) == Some(Goes::Off) {
            break;
        }
    }
    let _ = std::fs::remove_file(path);
    Some(())
}

fn listen(path: &Path) -> Option<UnixListener> {
    let _ = std::fs::remove_file(path);
    let listener = UnixListener::bind(path).ok()?;
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).ok()?;
    Some(listener)
}

/// What an answer means for the agent.
#[derive(PartialEq, Eq)]
enum Goes {
    On,
    Off,
}

impl Memory {
    fn answer(&self, mut client: UnixStream) -> Option<Goes> {
        client.set_read_timeout(Some(PATIENCE)).ok()?;
        client.set_write_timeout(Some(PATIENCE)).ok()?;
        let request = line(&client)?;
        let words = request.strip_prefix(FORM)?;
        let answer = match words.split_once(' ') {
            Some(("key", name)) if decode(name) == Some(self.name) => {
                Zeroizing::new(format!("key {}\n", *self.key.to_text()))
            }
            None if words == "time" => {
                let left = self.until.saturating_sub(clock::boot_micros()) / 1_000_000;
                Zeroizing::new(format!("time {left}\n"))
            }
            None if words == "end" => Zeroizing::new("ended\n".to_owned()),
            Some(_) | None => Zeroizing::new("none\n".to_owned()),
        };
        client.write_all(answer.as_bytes()).ok()?;
        Some(if words == "end" { Goes::Off } else { Goes::On })
    }
}
