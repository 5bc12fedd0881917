//! The two requests of the ssh-agent protocol that guard makes (draft-miller-ssh-agent, sections 4.4 and 4.5).
//! Must never read more than the agent may say, nor wait beyond the deadline, and let no odd key hide the others.

use super::super::ssh::{Reader, put_string};
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

const FAILURE: u8 = 5;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;
/// OpenSSH's agent sends and takes no more (AGENT_MAX_LEN in ssh-agent.c).
const LONGEST: usize = 256 << 10;

/// A key as the agent lists it: wire form and comment.
pub type Entry = (Vec<u8>, String);

/// Why a conversation failed.
#[derive(Debug)]
pub enum Failed {
    Io(io::Error),
    /// The agent said no.
    Refused,
    /// What it said is not of the protocol.
    Garbled,
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Failed {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Failed::Garbled,
            _ => Failed::Io(error),
        }
    }
}

/// A connection with a deadline for all of it.
pub struct Client {
    stream: UnixStream,
    until: Instant,
}

impl Client {
    pub fn connect(path: &Path, limit: Duration) -> io::Result<Client> {
        let until = Instant::now() + limit;
        Ok(Client { stream: UnixStream::connect(path)?, until })
    }

    /// The keys that the agent offers; none when it is locked.
    pub fn list(&mut self) -> Result<Vec<Entry>, Failed> {
        let answer = self.ask(&[REQUEST_IDENTITIES])?;
        let body = body(&answer, IDENTITIES_ANSWER)?;
        let mut reader = Reader::new(body);
        let count = reader.u32().ok_or(Failed::Garbled)?;
        let mut keys = Vec::new();
        for _ in 0..count {
            let (blob, comment) = reader.string().zip(reader.string()).ok_or(Failed::Garbled)?;
            keys.push((blob.to_vec(), String::from_utf8_lossy(comment).into_owned()));
        }
        Ok(keys)
    }

    /// `string type, string signature`, and what a hardware key adds.
    pub fn sign(&mut self, blob: &[u8], data: &[u8]) -> Result<Vec<u8>, Failed> {
        let mut request = vec![SIGN_REQUEST];
        put_string(&mut request, blob);
        put_string(&mut request, data);
        request.extend_from_slice(&0_u32.to_be_bytes());
        let answer = self.ask(&request)?;
        let mut reader = Reader::new(body(&answer, SIGN_RESPONSE)?);
        let signature = reader.string().filter(|_| reader.finished());
        signature.map(<[u8]>::to_vec).ok_or(Failed::Garbled)
    }

    fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>, Failed> {
        let mut packet = Vec::new();
        put_string(&mut packet, request);
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write_all(&packet)?;
        let length = self.read(4)?;
        let length = Reader::new(&length).u32().and_then(|n| usize::try_from(n).ok());
        let length = length.filter(|n| (1..=LONGEST).contains(n)).ok_or(Failed::Garbled)?;
        Ok(self.read(length)?)
    }

    /// Exactly so many bytes, however slowly they come, until the deadline.
    fn read(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            self.stream.set_read_timeout(Some(self.left()?))?;
            match self.stream.read(&mut bytes[filled..]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(bytes)
    }

    fn left(&self) -> io::Result<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

fn body(answer: &[u8], wanted: u8) -> Result<&[u8], Failed> {
    match answer.split_first() {
        Some((kind, body)) if *kind == wanted => Ok(body),
        Some((&FAILURE, _)) => Err(Failed::Refused),
        Some(_) | None => Err(Failed::Garbled),
    }
}
