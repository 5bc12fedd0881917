//! A request that nobody waits for: what is needed to run exactly what was asked about, later and once. It lies beside the
//! request, readable for this user alone. Must never be taken for approved, that is `verify`, each time; and must never hold
//! what guard knows for a secret: whoever runs it gives that again.

mod environment;
mod sweep;

pub use sweep::sweep;

use super::kept::{REQUESTS, directory};
use crate::invocation::{Environment, Stdin};
use crate::keys::private::{self, FileError, Privacy};
use crate::keys::{Secret, decode_bytes, encode, sha256};
use crate::settings::Dirs;
use crate::statement::{Bytes32, Envelope, Hash, Keyed, MatchKey, Request, read};
use crate::text::redact;
use environment::Variable;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fmt::{self, Display, Formatter};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use zeroize::Zeroizing;

const VERSION: u64 = 2;
/// Kept the whole environment, secrets included.
const WITH_SECRETS: u64 = 1;

/// A command that was asked about and left.
#[derive(Debug)]
pub struct Left {
    pub request: Envelope,
    pub cwd: PathBuf,
    /// `None` where there is a secret among them.
    argv: Option<Vec<OsString>>,
    environment: Vec<Variable>,
    stdin: Input,
    key: Zeroizing<String>,
    number: Option<Bytes32>,
}

/// What stood on standard input.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Input {
    Terminal,
    /// All of it, in base64.
    Kept(String),
    /// There was a secret in it.
    Secret,
}

/// Bytes are base64: words and variables need not be text.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    v: u64,
    argv: Option<Vec<String>>,
    cwd: String,
    environment: Vec<environment::Stored>,
    stdin: Input,
    key: String,
    number: Option<Bytes32>,
}

/// The two secrets of a request.
pub struct Secrets<'a> {
    pub key: &'a Secret,
    pub number: Option<&'a MatchKey>,
}

/// What has to be given again before it can run, and how.
#[derive(Debug)]
pub struct Again {
    pub what: String,
    pub how: String,
}

/// Why what was left cannot be used.
#[derive(Debug)]
pub enum NotThere {
    File(FileError),
    /// An earlier guard left it, with its secrets.
    Earlier,
    /// Damaged, or left by a newer guard.
    Unreadable,
}

impl Left {
    /// Keeps this process's command with its surroundings, durably. What is not kept, being a secret, in words.
    pub fn keep(
        dirs: &Dirs,
        request: &Envelope,
        argv: &[OsString],
        stdin: Option<&[u8]>,
        secrets: &Secrets<'_>,
    ) -> Result<Vec<String>, FileError> {
        let environment = environment::without_secrets(Environment::of_process().entries(), secrets.key);
        // What approvers see hidden is not kept here in clear.
        let told = read::<Request>(request.payload()).is_ok_and(|request| request.exec.redacted.is_empty());
        let input = match stdin {
            None => Input::Terminal,
            Some(bytes) if redact::secrets_in_text(bytes).is_empty() => Input::Kept(encode(bytes)),
            Some(_) => Input::Secret,
        };
        let mut missing: Vec<String> = environment.iter().filter_map(Variable::secret).collect();
        missing.extend((!told).then(|| "the command's words".to_owned()));
        missing.extend(matches!(input, Input::Secret).then(|| "its standard input".to_owned()));
        let stored = Stored {
            v: VERSION,
            argv: told.then(|| argv.iter().map(|word| encode(word.as_bytes())).collect()),
            cwd: encode(std::env::current_dir().unwrap_or_default().as_os_str().as_bytes()),
            environment: environment.iter().map(Variable::stored).collect(),
            stdin: input,
            key: secrets.key.to_text().to_string(),
            number: secrets.number.map(MatchKey::reveal),
        };
        // Strings and a number: serde_json has no error for them.
        let text = Zeroizing::new(serde_json::to_vec(&stored).unwrap_or_default());
        private::replace(&directory(dirs, REQUESTS)?, &name(&request.digest()), &text)?;
        Ok(missing)
    }

    /// What was left of a request; `None` where nothing was.
    pub fn of(dirs: &Dirs, request: &Envelope) -> Result<Option<Left>, NotThere> {
        let bytes = directory(dirs, REQUESTS)
            .and_then(|directory| private::read_whole(&directory, &name(&request.digest()), Privacy::Secret));
        let Some(bytes) = bytes.map_err(NotThere::File)?.map(Zeroizing::new) else { return Ok(None) };
        match version(&bytes) {
            Some(WITH_SECRETS) => Err(NotThere::Earlier),
            Some(_) | None => Left::read(request, &bytes).map(Some).ok_or(NotThere::Unreadable),
        }
    }

    fn read(request: &Envelope, bytes: &[u8]) -> Option<Left> {
        let stored: Stored = serde_json::from_slice(bytes).ok().filter(|s: &Stored| s.v == VERSION)?;
        let word = |text: &String| decode_bytes(text).map(OsString::from_vec);
        let argv = stored.argv.map(|words| words.iter().map(word).collect::<Option<Vec<_>>>().ok_or(()));
        Some(Left {
            request: request.clone(),
            cwd: PathBuf::from(word(&stored.cwd)?),
            argv: argv.transpose().ok()?,
            environment: stored.environment.iter().map(Variable::read).collect::<Option<_>>()?,
            stdin: stored.stdin,
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
    pub fn is_here(&self, environment: &[OsString]) -> bool {
        Environment::of_process().entries() == environment
            && std::env::current_dir().is_ok_and(|here| here == self.cwd)
    }

    /// `NAME=value`, as the program would have got them: secrets from this process's own.
    pub fn environment(&self) -> Result<Vec<OsString>, Again> {
        let here = Environment::of_process();
        let key = self.key().ok_or_else(unusable)?;
        environment::restored(&self.environment, here.entries(), &key).map_err(|what| Again {
            what,
            how: "export it as it was, and run again; nothing ran and the approval is not spent".to_owned(),
        })
    }

    /// The command's words; those that were given must be the same.
    pub fn words(&self, given: &[OsString]) -> Result<Vec<OsString>, Again> {
        let again = |what: &str| {
            let id = &self.request.digest().hex()[..12];
            let how = format!(
                "`guard requests run {id} -- CMD` with the command as it was; nothing ran and the approval is not spent"
            );
            Err(Again { what: what.to_owned(), how })
        };
        match (&self.argv, given) {
            (Some(kept), []) => Ok(kept.clone()),
            (None, []) => again("there is a secret in the command, which is not kept"),
            (kept, given) if kept.as_ref().map_or_else(|| self.asked(given), |kept| kept == given) => {
                Ok(given.to_vec())
            }
            (Some(_) | None, _) => again("this is not the command that was asked about"),
        }
    }

    /// Whether the request is about these words; it commits to those it does not show.
    fn asked(&self, given: &[OsString]) -> bool {
        let (Ok(request), Some(key)) = (read::<Request>(self.request.payload()), self.key()) else {
            return false;
        };
        let exec = &request.exec;
        let same = |(number, (word, shown)): (usize, (&OsString, &crate::statement::Foreign))| {
            let at = format!("argv/{number}");
            let hidden = exec.redacted.iter().find(|hidden| hidden.at == at);
            hidden.map_or(shown.0 == word.as_bytes(), |hidden| {
                hidden.commit == Keyed::of(&key, &at, word.as_bytes())
            })
        };
        given.len() == exec.argv.len() && given.iter().zip(&exec.argv).enumerate().all(same)
    }

    /// What standard input has to be made of; `None` where it is right as it is.
    pub fn stdin(&self) -> Result<Option<Vec<u8>>, Again> {
        match &self.stdin {
            Input::Terminal => Ok(None),
            Input::Kept(text) => decode_bytes(text).map(Some).ok_or_else(unusable),
            Input::Secret => {
                let asked = read::<Request>(self.request.payload()).ok().and_then(|r| r.exec.stdin.sha256);
                match Stdin::read_ahead() {
                    Stdin::Content(bytes) if asked == Some(Hash(sha256(&[&bytes]))) => Ok(None),
                    Stdin::Content(_) | Stdin::Terminal | Stdin::Unread | Stdin::TooMuch => Err(Again {
                        what: "there is a secret in its standard input, which is not kept".to_owned(),
                        how: "give it again, as `guard requests run ID <FILE`; nothing ran and the approval is not spent"
                            .to_owned(),
                    }),
                }
            }
        }
    }
}

fn unusable() -> Again {
    Again { what: NotThere::Unreadable.to_string(), how: NotThere::Unreadable.hint() }
}

fn version(bytes: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Version {
        v: u64,
    }
    serde_json::from_slice(bytes).ok().map(|version: Version| version.v)
}

fn name(request: &Hash) -> String {
    format!("{}.left", request.hex())
}

impl NotThere {
    /// The next step for a person.
    pub fn hint(&self) -> String {
        match self {
            NotThere::File(error) => error.hint(),
            NotThere::Earlier => "ask again".to_owned(),
            NotThere::Unreadable => {
                "was it left by a newer guard? use that one, or `guard requests cancel ID` and ask again"
                    .to_owned()
            }
        }
    }
}

impl Display for NotThere {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            NotThere::File(error) => error.fmt(f),
            NotThere::Earlier => f.write_str("it was left by an earlier guard, which kept secrets"),
            NotThere::Unreadable => f.write_str("what was kept to run it later cannot be read"),
        }
    }
}
