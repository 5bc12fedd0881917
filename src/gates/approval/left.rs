//! A request that nobody waits for: what is needed to run exactly what was asked about, later and once. It lies beside the
//! request, readable for this user alone. Must never be taken for approved: that is `verify`, each time.

use super::kept::{REQUESTS, directory};
use crate::keys::private::{self, FileError, Privacy};
use crate::keys::{Secret, decode_bytes, encode};
use crate::settings::Dirs;
use crate::statement::{Bytes32, Envelope, Hash, MatchKey};
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// A command that was asked about and left.
#[derive(Debug)]
pub struct Left {
    pub request: Envelope,
    pub argv: Vec<OsString>,
    pub cwd: PathBuf,
    /// `NAME=value`, as the program would have got them.
    pub environment: Vec<OsString>,
    /// What was on standard input; `None`: the terminal.
    pub stdin: Option<Vec<u8>>,
    key: Zeroizing<String>,
    number: Option<Bytes32>,
}

/// Bytes are base64: words and variables need not be text.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    v: u64,
    argv: Vec<String>,
    cwd: String,
    environment: Vec<String>,
    stdin: Option<String>,
    key: String,
    number: Option<Bytes32>,
}

/// The two secrets of a request.
pub struct Secrets<'a> {
    pub key: &'a Secret,
    pub number: Option<&'a MatchKey>,
}

impl Left {
    /// Keeps this process's command with its surroundings, durably.
    pub fn keep(
        dirs: &Dirs,
        request: &Envelope,
        argv: &[OsString],
        stdin: Option<&[u8]>,
        secrets: &Secrets<'_>,
    ) -> Result<(), FileError> {
        let bytes = |word: &OsString| encode(word.as_bytes());
        let environment = crate::invocation::Environment::of_process();
        let stored = Stored {
            v: 1,
            argv: argv.iter().map(bytes).collect(),
            cwd: encode(std::env::current_dir().unwrap_or_default().as_os_str().as_bytes()),
            environment: environment.entries().iter().map(bytes).collect(),
            stdin: stdin.map(encode),
            key: secrets.key.to_text().to_string(),
            number: secrets.number.map(MatchKey::reveal),
        };
        // Strings and a number: serde_json has no error for them.
        let text = Zeroizing::new(serde_json::to_vec(&stored).unwrap_or_default());
        private::replace(&directory(dirs, REQUESTS)?, &name(&request.digest()), &text)
    }

    /// What was left of a request; `None` where nothing was.
    pub fn of(dirs: &Dirs, request: &Envelope) -> Result<Option<Left>, FileError> {
        let directory = directory(dirs, REQUESTS)?;
        let bytes = private::read_whole(&directory, &name(&request.digest()), Privacy::Secret)?;
        Ok(bytes.and_then(|bytes| Left::read(request, &Zeroizing::new(bytes))))
    }

    fn read(request: &Envelope, bytes: &[u8]) -> Option<Left> {
        let stored: Stored = serde_json::from_slice(bytes).ok().filter(|s: &Stored| s.v == 1)?;
        let word = |text: &String| decode_bytes(text).map(OsString::from_vec);
        Some(Left {
            request: request.clone(),
            argv: stored.argv.iter().map(word).collect::<Option<_>>()?,
            cwd: PathBuf::from(word(&stored.cwd)?),
            environment: stored.environment.iter().map(word).collect::<Option<_>>()?,
            stdin: stored.stdin.as_deref().map(decode_bytes).map(|b| b.ok_or(())).transpose().ok()?,
            key: Zeroizing::new(stored.key),
            number: stored.number,
        })
    }

    /// Keys the commitments of the request.
    pub(super) fn key(&self) -> Option<Secret> {
        Secret::from_text(&self.key)
    }

    pub fn number(&self) -> Option<MatchKey> {
        self.number.map(MatchKey::from)
    }

    /// Whether this process has the surroundings that were asked about.
    pub fn is_here(&self) -> bool {
        let environment = crate::invocation::Environment::of_process();
        environment.entries() == self.environment.as_slice()
            && std::env::current_dir().is_ok_and(|here| here == self.cwd)
    }

    pub fn tool(&self) -> &OsStr {
        self.argv.first().map_or(OsStr::new(""), OsString::as_os_str)
    }
}

fn name(request: &Hash) -> String {
    format!("{}.left", request.hex())
}
