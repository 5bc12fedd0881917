//! The way to the relay: one blocking client, made only when a statement has to travel. Must never send clear text beyond
//! this machine, follow a redirect, or take an answer for more than a statement somebody else still has to prove.

mod answer;
mod clock;
mod trouble;

pub use answer::{Entry, Row, Thread};
pub use clock::Apart;
pub use trouble::Unreached;

use super::Team;
use crate::keys::{Signer, encode};
use crate::statement::{Envelope, Hash, LARGEST};
use crate::sys::clock as time;
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::{Certificate, Method, StatusCode};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::io::Read;
use std::time::Duration;

/// A relay that does not take a connection in this time is not there.
const CONNECT: Duration = Duration::from_secs(5);
/// An answer other than a long poll's takes at most this long.
const ANSWER: Duration = Duration::from_secs(15);
/// Seconds before its end at which a bearer is not used any more.
const EARLY: u64 = 30;
/// Largest answer: an inbox of many requests.
const MOST: u64 = 64 << 20;

/// A signed-in way to the team's relay.
pub struct Courier<'a> {
    client: Client,
    relay: String,
    team: String,
    signer: &'a Signer,
    bearer: RefCell<Option<(String, u64)>>,
    apart: Cell<Option<Apart>>,
}

impl<'a> Courier<'a> {
    /// Prepares the way; contacts nobody yet. `None` where the team has no relay.
    pub fn to(team: &Team, signer: &'a Signer) -> Result<Option<Courier<'a>>, Unreached> {
        let Some(relay) = &team.way().relay else { return Ok(None) };
        Courier::new(relay, team.way().ca.as_deref(), team.name(), signer).map(Some)
    }

    /// As `to`, before there is a team on this machine.
    pub fn new(
        relay: &str,
        ca: Option<&str>,
        team: &str,
        signer: &'a Signer,
    ) -> Result<Courier<'a>, Unreached> {
        let relay = relay.trim_end_matches('/').to_owned();
        if !(relay.starts_with("https://") || is_loopback(&relay)) {
            return Err(Unreached::ClearText(relay));
        }
        Ok(Courier {
            client: client(ca)?,
            relay,
            team: team.to_owned(),
            signer,
            bearer: RefCell::new(None),
            apart: Cell::new(None),
        })
    }

    /// How far the clocks are apart, by the last answer.
    pub fn apart(&self) -> Option<Apart> {
        self.apart.get()
    }

    pub fn address(&self) -> &str {
        &self.relay
    }

    /// Hands in a request. It may be there already: that is fine.
    pub fn submit(&self, request: &Envelope) -> Result<(), Unreached> {
        self.post("requests", request)
    }

    /// What was said about a request after `after`, waiting up to `wait` seconds; `None`: nothing yet.
    pub fn poll(&self, request: &Hash, after: u64, wait: u64) -> Result<Option<Thread>, Unreached> {
        let path = format!("requests/{}?after={after}&wait={wait}", spelled(request));
        let limit = ANSWER + Duration::from_secs(wait);
        let response = self.call(Method::GET, &path, None, limit)?;
        if response.status() == StatusCode::NO_CONTENT {
            return Ok(None);
        }
        Thread::read(&self.json(response)?).map(Some).ok_or_else(|| self.nonsense())
    }

    /// Says something about a request.
    pub fn say(&self, request: &Hash, statement: &Envelope) -> Result<(), Unreached> {
        self.post(&format!("requests/{}/statements", spelled(request)), statement)
    }

    /// Claims the one use of a request. `false`: it was used.
    pub fn claim(&self, claim: &Envelope) -> Result<bool, Unreached> {
        match self.post("claims", claim) {
            Ok(()) => Ok(true),
            Err(Unreached::Refused { status: 409, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Requests in this state, worst first.
    pub fn inbox(&self, state: &str) -> Result<Vec<Row>, Unreached> {
        let response = self.call(Method::GET, &format!("inbox?state={state}"), None, ANSWER)?;
        Row::all(&self.json(response)?).ok_or_else(|| self.nonsense())
    }

    /// The relay's newest roster.
    pub fn roster(&self) -> Result<Envelope, Unreached> {
        self.envelope("roster")
    }

    pub fn roster_version(&self, version: u64) -> Result<Envelope, Unreached> {
        self.envelope(&format!("roster/{version}"))
    }

    pub fn put_roster(&self, roster: &Envelope) -> Result<(), Unreached> {
        self.call(Method::PUT, "roster", Some(roster.to_bytes()), ANSWER).map(|_| ())
    }

    pub fn tickets(&self) -> Result<Vec<Entry>, Unreached> {
        let response = self.call(Method::GET, "tickets", None, ANSWER)?;
        Entry::all(&self.json(response)?["tickets"]).ok_or_else(|| self.nonsense())
    }

    pub fn issue_ticket(&self, ticket: &Envelope) -> Result<(), Unreached> {
        self.post("tickets", ticket)
    }

    /// Lets a person submit again who was reported; only admins may.
    pub fn thaw(&self, person: &str) -> Result<(), Unreached> {
        self.call(Method::DELETE, &format!("frozen/{person}"), None, ANSWER).map(|_| ())
    }

    fn post(&self, path: &str, statement: &Envelope) -> Result<(), Unreached> {
        let response = self.call(Method::POST, path, Some(statement.to_bytes()), ANSWER)?;
        // A page that something in between shows is no word of the relay's that it has it.
        let place = self.json(response)?["seq"].as_u64();
        place.map(|_| ()).ok_or_else(|| self.nonsense())
    }

    fn envelope(&self, path: &str) -> Result<Envelope, Unreached> {
        let response = self.call(Method::GET, path, None, ANSWER)?;
        Envelope::from_bytes(&self.bytes(response, LARGEST as u64)?).map_err(|_| self.nonsense())
    }

    /// One call as a member of the team; signs in when the bearer is over.
    fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        limit: Duration,
    ) -> Result<Response, Unreached> {
        for attempt in 0..2 {
            let bearer = self.bearer()?;
            let url = format!("{}/v1/t/{}/{path}", self.relay, self.team);
            let mut call = self.client.request(method.clone(), url).bearer_auth(bearer).timeout(limit);
            if let Some(body) = &body {
                call = call.header("content-type", "application/json").body(body.clone());
            }
            match self.send(call) {
                Err(Unreached::Refused { status: 401, .. }) if attempt == 0 => {
                    self.bearer.replace(None);
                }
                other => return other,
            }
        }
        Err(self.nonsense())
    }

    /// Proves the key by signing the relay's challenge.
    fn bearer(&self) -> Result<String, Unreached> {
        let now = time::real_micros() / 1_000_000;
        if let Some((token, end)) = self.bearer.borrow().as_ref()
            && *end > now + EARLY
        {
            return Ok(token.clone());
        }
        let ask = json!({ "team": self.team, "key": self.signer.public().fingerprint() });
        let challenge = self.open("auth/challenge", &ask)?;
        let challenge = challenge["challenge"].as_str().ok_or_else(|| self.nonsense())?;
        // The namespace keeps a challenge from being any other statement; these lines keep it from being another relay's.
        let mut lines = challenge.lines();
        let ours = lines.next() == Some("guard-relay-v1") && lines.next() == Some(self.relay.as_str());
        if !ours || lines.next() != Some(self.team.as_str()) {
            return Err(Unreached::OtherRelay(self.relay.clone()));
        }
        let namespace = format!("guard-relay-v1@{}", self.team);
        let signature = self.signer.sign(&namespace, challenge.as_bytes()).map_err(Unreached::Sign)?;
        let proof = json!({ "challenge": challenge, "signature": encode(&signature) });
        let answer = self.open("auth/token", &proof)?;
        let (Some(token), Some(end)) = (answer["token"].as_str(), answer["expires_at"].as_u64()) else {
            return Err(self.nonsense());
        };
        self.bearer.replace(Some((token.to_owned(), end)));
        Ok(token.to_owned())
    }

    /// A call that needs no bearer.
    fn open(&self, path: &str, body: &Value) -> Result<Value, Unreached> {
        let call = self.client.post(format!("{}/v1/{path}", self.relay));
        let response = self.send(call.json(body).timeout(ANSWER))?;
        self.json(response)
    }

    fn send(&self, call: RequestBuilder) -> Result<Response, Unreached> {
        let response = call.send().map_err(|error| Unreached::of(&self.relay, &error))?;
        let date = response.headers().get("date").and_then(|date| date.to_str().ok());
        if let Some(date) = date {
            self.apart.set(Apart::of(date, time::real_micros() / 1_000_000));
        }
        if response.status().is_success() {
            return Ok(response);
        }
        // No relay sends its callers elsewhere.
        if !(response.status().is_client_error() || response.status().is_server_error()) {
            return Err(self.nonsense());
        }
        let status = response.status().as_u16();
        let wait = response.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
        let problem = self.json(response).unwrap_or_default();
        let words = |key: &str| problem[key].as_str().map(str::to_owned);
        Err(Unreached::Refused { status, detail: words("detail"), hint: words("hint"), wait })
    }

    fn json(&self, response: Response) -> Result<Value, Unreached> {
        serde_json::from_slice(&self.bytes(response, MOST)?).map_err(|_| self.nonsense())
    }

    fn bytes(&self, response: Response, most: u64) -> Result<Vec<u8>, Unreached> {
        let mut bytes = Vec::new();
        let read = response.take(most + 1).read_to_end(&mut bytes);
        read.map_err(|error| Unreached::Lost { relay: self.relay.clone(), why: error.to_string() })?;
        if bytes.len() as u64 > most { Err(self.nonsense()) } else { Ok(bytes) }
    }

    fn nonsense(&self) -> Unreached {
        Unreached::Nonsense(self.relay.clone())
    }
}

/// Whether a relay could be reached this way, as far as that can be said without asking it.
pub fn check_way(relay: &str, ca: Option<&str>) -> Result<(), Unreached> {
    if !(relay.starts_with("https://") || is_loopback(relay)) {
        return Err(Unreached::ClearText(relay.to_owned()));
    }
    client(ca).map(|_| ())
}

/// How a digest stands in an address.
fn spelled(digest: &Hash) -> String {
    format!("sha256:{}", digest.hex())
}

/// Clear text is only for a relay on this machine.
fn is_loopback(relay: &str) -> bool {
    let Some(rest) = relay.strip_prefix("http://") else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}

pub(super) fn client(ca: Option<&str>) -> Result<Client, Unreached> {
    // A second installation is refused and changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("guard/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    if let Some(path) = ca {
        let unread = |why: String| Unreached::Authority { path: path.to_owned(), why };
        let pem =
            crate::sys::file::read_bounded(path.as_ref(), 1 << 20).map_err(|e| unread(e.to_string()))?;
        let certificates = Certificate::from_pem_bundle(&pem).map_err(|_| unread("no certificate".into()))?;
        if certificates.is_empty() {
            return Err(unread("no certificate".into()));
        }
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(|error| Unreached::Client(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn clear_text_is_for_this_machine_only() {
        for yes in ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080/x"] {
            assert!(is_loopback(yes), "{yes}");
        }
        for no in
            ["http://127.0.0.1.evil.example", "http://10.0.0.1:80", "http://localhost.evil:80", "http://a@b"]
        {
            assert!(!is_loopback(no), "{no}");
        }
    }
}
