//! What `guard relay` is told on its command line. A setting that could open the relay to strangers by accident
//! (clear text beyond loopback) is refused here, before anything listens.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Where statements are kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Where {
    Sqlite(PathBuf),
    /// The connection string as given; it may hold a password, so it is never printed.
    Postgres(String),
}

impl Where {
    /// Reads `sqlite:PATH` or `postgres://…`.
    pub fn parse(text: &str) -> Option<Where> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return (!path.is_empty()).then(|| Where::Sqlite(PathBuf::from(path)));
        }
        let known = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        known.then(|| Where::Postgres(text.to_owned()))
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Where::Sqlite(_) => "sqlite",
            Where::Postgres(_) => "postgres",
        }
    }
}

impl std::fmt::Debug for Where {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}

/// How much one key may do. Beyond it: 429 with Retry-After.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests a minute for each requester.
    pub requests_per_minute: u32,
    /// Requests an hour for each host.
    pub requests_per_hour_and_host: u32,
    /// Requests that may wait at once for each requester.
    pub pending: u32,
    /// Other statements a minute for each key.
    pub decisions_per_minute: u32,
    /// Reads a minute for each key: polls, inbox, roster.
    pub reads_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            requests_per_minute: 6,
            requests_per_hour_and_host: 60,
            pending: 3,
            decisions_per_minute: 30,
            reads_per_minute: 600,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: SocketAddr,
    /// The address that people and their guards use; part of the challenge they sign.
    /// Empty: the address that is listened on.
    pub url: String,
    pub db: Where,
    /// Certificate chain and key, PEM.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The relay's own key, for cosignatures and exports.
    pub key: Option<PathBuf>,
    /// Roster files that the operator vouches for.
    pub rosters: Vec<PathBuf>,
    pub channels: Vec<super::notify::Channel>,
    pub limits: Limits,
    /// Days that ended requests are kept.
    pub keep_days: u32,
    /// Connections to PostgreSQL.
    pub pool: usize,
}

impl Settings {
    /// Why these settings cannot be served, if so.
    pub fn refused(&self) -> Option<String> {
        if self.tls.is_none() && !self.listen.ip().is_loopback() {
            return Some(format!(
                "{} is not a loopback address, and there is no certificate: bearers would travel in clear text",
                self.listen
            ));
        }
        if self.url.is_empty() {
            return None;
        }
        let scheme_ok = self.url.starts_with("https://") || self.url.starts_with("http://");
        let plain = self.url.bytes().all(|b| b.is_ascii_graphic());
        (!scheme_ok || !plain).then(|| "the URL must begin with https:// and hold no spaces".to_owned())
    }
}
