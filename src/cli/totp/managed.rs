//! What an administrator does: enrolments that the verifier of this machine keeps, and the verifier itself. Must never be
//! reached by the person whose secret it is.

use super::Stop;
use crate::gates::totp;
use crate::sys::{background, memory, socket, who};
use std::path::PathBuf;

/// Where the shipped unit keeps its state (`StateDirectory=guard-totp`).
const SHIPPED_STORE: &str = "/var/lib/guard-totp";

/// Whose second factor it is.
#[derive(Debug, clap::Args)]
pub struct Whose {
    /// One that this machine's verifier keeps; for administrators
    #[arg(long, requires = "user")]
    managed: bool,
    /// With --managed: whose
    #[arg(long, value_name = "NAME", requires = "managed")]
    pub user: Option<String>,
    /// With --managed: where the verifier keeps them
    #[arg(long, value_name = "DIR", default_value = SHIPPED_STORE, requires = "managed")]
    store: PathBuf,
}

impl Whose {
    /// Below what directory; `None` for one's own.
    pub fn state(&self) -> Result<Option<PathBuf>, Stop> {
        let Some(user) = &self.user else { return Ok(None) };
        let Some(uid) = who::uid_of(user) else {
            let message = format!("there is no user {}", crate::text::quote(user));
            return Err(Stop { status: 64, message, hint: None, signal: None });
        };
        if who::uid() != 0 {
            let message = "only root may keep other people's second factors".to_owned();
            let hint = Some("run it with sudo".to_owned());
            return Err(Stop { status: 77, message, hint, signal: None });
        }
        let path = std::path::absolute(&self.store).unwrap_or_else(|_| self.store.clone());
        Ok(Some(path.join(uid.to_string())))
    }
}

/// The verifier's own options.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// Answer for the enrolments that only root can read
    #[arg(long, required = true)]
    managed: bool,
    /// Where they are
    #[arg(long, value_name = "DIR", default_value = SHIPPED_STORE)]
    store: PathBuf,
}

pub fn serve(args: &Serve) -> Result<(), Stop> {
    memory::forbid_dumps();
    let failed = |status, error: std::io::Error, hint: &str| Stop {
        status,
        message: format!("the request was not answered: {error}"),
        hint: Some(hint.to_owned()),
        signal: None,
    };
    background::no_core_file().map_err(|e| failed(70, e, "setrlimit(2) failed"))?;
    let stream = socket::of_stdin().map_err(|e| failed(64, e, "systemd starts it, see docs/totp.md"))?;
    totp::serve(stream, &args.store).map_err(|e| failed(69, e, "the other end went away"))
}
