//! The managed verifier: it keeps secret and record where the person at the keyboard cannot read them; a code goes in over a
//! socket, a verdict comes out. One connection, one request, one answer, each a line of JSON. Must never answer for another
//! user than the one at the other end, and the client must never believe a socket that root did not make.

use super::error::{FactorError, NotAccepted};
use super::memory::Now;
use super::otp::{Algorithm, Parameters};
use super::own::Own;
use super::record::Custody;
use super::typed::{Malformed, Typed};
use super::{Accepted, How, Standing};
use crate::sys::socket::peer;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// Where the shipped unit listens.
pub const SHIPPED_SOCKET: &str = "/run/guard-totp.sock";
/// How long the verifier may take; it starts with the first connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longer than any line.
const LONGEST: u64 = 4096;

/// A verifier that has an enrolment of this user.
#[derive(Debug)]
pub struct Managed {
    path: PathBuf,
    standing: Standing,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
enum Request<'a> {
    Standing { v: u8 },
    Check { v: u8, code: &'a str },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
enum Answer {
    Enrolled {
        algorithm: String,
        digits: u8,
        issuer: String,
        account: String,
        created_us: u64,
        recovery_codes: usize,
        locked_s: u64,
    },
    NotEnrolled,
    Code {
        step: u64,
        notices: Vec<String>,
    },
    RecoveryCode {
        left: usize,
        notices: Vec<String>,
    },
    Used {
        wait_s: u64,
        clock: Option<String>,
    },
    Wrong {
        lockout_s: u64,
        clock: Option<String>,
    },
    Locked {
        seconds: u64,
    },
    Malformed,
    Failed {
        status: i32,
        message: String,
        hint: String,
    },
}

impl Managed {
    /// `None` where the verifier knows no enrolment of this user.
    pub fn find(path: &Path) -> Result<Option<Managed>, FactorError> {
        match request(path, &Request::Standing { v: 1 })? {
            Answer::Enrolled { algorithm, digits, issuer, account, created_us, recovery_codes, locked_s } => {
                let algorithm = Algorithm::from_word(&algorithm).ok_or_else(|| misunderstood(path))?;
                let standing = Standing {
                    parameters: Parameters { algorithm, digits, issuer, account },
                    custody: Custody::Managed,
                    created: created_us,
                    recovery_left: recovery_codes,
                    locked_for: locked_s,
                };
                Ok(Some(Managed { path: path.to_owned(), standing }))
            }
            Answer::NotEnrolled => Ok(None),
            Answer::Failed { status, message, hint } => Err(FactorError::Remote { status, message, hint }),
            Answer::Code { .. }
            | Answer::RecoveryCode { .. }
            | Answer::Used { .. }
            | Answer::Wrong { .. }
            | Answer::Locked { .. }
            | Answer::Malformed => Err(misunderstood(path)),
        }
    }

    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    pub fn check(&self, typed: &str) -> Result<Accepted, NotAccepted> {
        let typed = Typed::read(typed, self.standing.parameters.digits).map_err(NotAccepted::Malformed)?;
        let (Typed::Code(code) | Typed::Recovery(code)) = typed;
        match request(&self.path, &Request::Check { v: 1, code: &code })? {
            Answer::Code { step, notices } => Ok(Accepted { how: How::Code { step }, notices }),
            Answer::RecoveryCode { left, notices } => Ok(Accepted { how: How::Recovery { left }, notices }),
            Answer::Used { wait_s, clock } => Err(NotAccepted::Used { wait: wait_s, clock }),
            Answer::Wrong { lockout_s, clock } => Err(NotAccepted::Wrong { lockout: lockout_s, clock }),
            Answer::Locked { seconds } => Err(NotAccepted::Locked { seconds }),
            Answer::Malformed => Err(NotAccepted::Malformed(Malformed::NotACode)),
            Answer::NotEnrolled => Err(FactorError::NotEnrolled.into()),
            Answer::Failed { status, message, hint } => {
                Err(FactorError::Remote { status, message, hint }.into())
            }
            Answer::Enrolled { .. } => Err(misunderstood(&self.path).into()),
        }
    }
}

fn misunderstood(path: &Path) -> FactorError {
    FactorError::Verifier {
        path: path.to_owned(),
        why: "answers in words that this guard does not know".into(),
    }
}

fn request(path: &Path, request: &Request<'_>) -> Result<Answer, FactorError> {
    let failed = |why: String| FactorError::Verifier { path: path.to_owned(), why };
    let cannot = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => failed("is not there".to_owned()),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => failed("does not answer".to_owned()),
        _ => failed(format!("cannot be asked: {}", error.to_string().to_lowercase())),
    };
    let mut stream = UnixStream::connect(path).map_err(cannot)?;
    if peer(&stream).map_err(cannot)? != 0 {
        return Err(failed("was not made by root, so anybody could answer there".to_owned()));
    }
    stream.set_read_timeout(Some(PATIENCE)).map_err(cannot)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(cannot)?;
    // Strings and numbers always have a JSON form.
    let mut text = Zeroizing::new(serde_json::to_string(request).unwrap_or_default());
    text.push('\n');
    stream.write_all(text.as_bytes()).map_err(cannot)?;
    let answer = line(&stream).map_err(cannot)?;
    serde_json::from_str(&answer).map_err(|_| misunderstood(path))
}

fn line(stream: &UnixStream) -> io::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::with_capacity(LONGEST as usize));
    BufReader::with_capacity(1, stream).take(LONGEST).read_line(&mut line)?;
    Ok(line)
}

/// Answers one request on a connection, for the user at its other end, from `<base>/<uid>`.
pub fn serve(mut stream: UnixStream, base: &Path) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let uid = peer(&stream)?;
    let asked = line(&stream)?;
    let answer = match serde_json::from_str::<Request<'_>>(&asked) {
        Ok(request) => answer(&request, &base.join(uid.to_string())).unwrap_or_else(|e| failure(&e)),
        Err(_) => Answer::Failed {
            status: 78,
            message: "the request is not understood".to_owned(),
            hint: "are guard and its verifier of the same version?".to_owned(),
        },
    };
    let text = serde_json::to_string(&answer).unwrap_or_default();
    stream.write_all(format!("{text}\n").as_bytes())
}

fn answer(request: &Request<'_>, state: &Path) -> Result<Answer, FactorError> {
    let Some(mut own) = Own::find(state)? else { return Ok(Answer::NotEnrolled) };
    match request {
        Request::Standing { v: 1 } => {
            let Standing { parameters, created, recovery_left, locked_for, .. } = own.standing(&Now::read());
            let Parameters { algorithm, digits, issuer, account } = parameters;
            Ok(Answer::Enrolled {
                algorithm: algorithm.word().to_owned(),
                digits,
                issuer,
                account,
                created_us: created,
                recovery_codes: recovery_left,
                locked_s: locked_for,
            })
        }
        Request::Check { v: 1, code } => Ok(match own.check(code, &Now::read()) {
            Ok(Accepted { how: How::Code { step }, notices }) => Answer::Code { step, notices },
            Ok(Accepted { how: How::Recovery { left }, notices }) => Answer::RecoveryCode { left, notices },
            Err(NotAccepted::Malformed(_)) => Answer::Malformed,
            Err(NotAccepted::Used { wait, clock }) => Answer::Used { wait_s: wait, clock },
            Err(NotAccepted::Wrong { lockout, clock }) => Answer::Wrong { lockout_s: lockout, clock },
            Err(NotAccepted::Locked { seconds }) => Answer::Locked { seconds },
            Err(NotAccepted::Failed(error)) => return Err(error),
        }),
        Request::Standing { .. } | Request::Check { .. } => Ok(Answer::Failed {
            status: 78,
            message: "the request is of a newer guard".to_owned(),
            hint: "update guard on this machine".to_owned(),
        }),
    }
}

fn failure(error: &FactorError) -> Answer {
    Answer::Failed { status: error.status(), message: error.to_string(), hint: error.hint() }
}
