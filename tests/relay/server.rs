//! A running relay, and somebody who talks to it.
#![allow(dead_code, reason = "three test programs share it, each uses a part")]

use crate::postgres;
use crate::team::Team;
use guard::statement::Envelope;
use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// A directory of a test's own.
pub struct Place(pub PathBuf);

impl Place {
    pub fn new(name: &str) -> Place {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let serial = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("guard-relay-{name}-{}-{serial}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("directory");
        Place(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn sqlite(&self) -> String {
        format!("sqlite:{}", self.path("relay.db").display())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// `guard relay …`, with nothing of ours in its environment.
pub fn guard(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guard"));
    command.arg("relay").args(args).env_clear().env("HOME", "/nonexistent").stdin(Stdio::null());
    command
}

pub struct Relay {
    pub url: String,
    child: Child,
    log: PathBuf,
}

/// Limits that do not matter to a test about something else.
pub const GENEROUS: &[&str] = &[
    "--requests-per-minute=1000000",
    "--requests-per-host=1000000",
    "--pending=1000000",
    "--decisions-per-minute=1000000",
    "--reads-per-minute=1000000",
];

impl Relay {
    /// Starts an instance on a free port and waits until it listens.
    pub fn start(place: &Place, db: &str, team: &Team, more: &[&str]) -> Relay {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let serial = NEXT.fetch_add(1, Ordering::Relaxed);
        let roster = place.path("roster.json");
        std::fs::write(&roster, team.roster.to_bytes()).expect("write");
        let log = place.path(&format!("log-{serial}"));
        let roster = format!("--roster={}", roster.display());
        let mut args = vec!["serve", "--db", db, &roster];
        if !more.iter().any(|arg| arg.starts_with("--listen=")) {
            args.push("--listen=127.0.0.1:0");
        }
        args.extend(more);
        let mut child = guard(&args)
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("log"))
            .spawn()
            .expect("guard runs");
        let mut line = String::new();
        let out = child.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("readable");
        let url = line.trim().strip_prefix("listening on ").map(str::to_owned);
        let url = url.unwrap_or_else(|| panic!("no address: {line:?} {}", read(&log)));
        Relay { url, child, log }
    }

    pub fn log(&self) -> String {
        read(&self.log)
    }

    /// As a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("wait");
    }

    /// SIGTERM; returns the exit status.
    pub fn end(&mut self) -> Option<i32> {
        self.signal(nix::sys::signal::Signal::SIGTERM);
        self.child.wait().expect("wait").code()
    }

    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(self.child.id() as i32);
        nix::sys::signal::kill(pid, signal).expect("signal");
    }

    /// Somebody without a bearer.
    pub fn stranger(&self) -> Caller {
        Caller { url: self.url.clone(), http: http(), token: None, team: String::new() }
    }

    /// Somebody of the team, signed in.
    pub fn sign_in(&self, team: &Team, who: &str) -> Caller {
        self.stranger().signed_in(team, who)
    }
}

fn token(caller: &Caller, team: &Team, who: &str) -> String {
    let ask = json!({ "team": team.name, "key": team.kid(who) });
    let answer = caller.post_json("/v1/auth/challenge", &ask);
    assert_eq!(answer.status, 200, "{answer:?}");
    let challenge = answer.body["challenge"].as_str().expect("a challenge").to_owned();
    let proof = json!({ "challenge": challenge, "signature": team.answer(who, &challenge) });
    let answer = caller.post_json("/v1/auth/token", &proof);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["token"].as_str().expect("a token").to_owned()
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !std::thread::panicking() {
            assert!(!self.log().contains("undeclared status"), "{}", self.log());
        } else {
            eprintln!("{}", self.log());
        }
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

fn http() -> Client {
    // A second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().timeout(Duration::from_secs(60)).build().expect("a client")
}

#[derive(Clone)]
pub struct Caller {
    pub url: String,
    pub http: Client,
    pub token: Option<String>,
    pub team: String,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub media: String,
    pub retry_after: Option<u64>,
    pub location: Option<String>,
    pub body: Value,
}

impl Answer {
    pub fn of(response: Response) -> Answer {
        let header =
            |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let (media, retry) = (header("content-type").unwrap_or_default(), header("retry-after"));
        let location = header("location");
        let status = response.status().as_u16();
        let text = response.text().expect("text");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, media, retry_after: retry.and_then(|r| r.parse().ok()), location, body }
    }

    /// An error as it should be.
    pub fn is_problem(&self, status: u16, kind: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.media, "application/problem+json", "{self:?}");
        assert_eq!(self.body["type"], format!("urn:guard:problem:{kind}"), "{self:?}");
        assert_eq!(self.body["status"], status, "{self:?}");
        assert!(self.body["hint"].as_str().is_some_and(|h| !h.is_empty()), "{self:?}");
    }

    pub fn seq(&self) -> i64 {
        self.body["seq"].as_i64().expect("a sequence number")
    }
}

impl Caller {
    fn with_token(&self, builder: RequestBuilder) -> RequestBuilder {
        match &self.token {
            Some(token) => builder.bearer_auth(token),
            None => builder,
        }
    }

    pub fn send(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> Answer {
        self.try_send(method, path, body).expect("an answer")
    }

    pub fn try_send(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> reqwest::Result<Answer> {
        let method = method.parse().expect("a method");
        let mut builder = self.with_token(self.http.request(method, format!("{}{path}", self.url)));
        if let Some(body) = body {
            builder = builder.header("content-type", "application/json").body(body);
        }
        builder.send().map(Answer::of)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    pub fn post_json(&self, path: &str, value: &Value) -> Answer {
        self.send("POST", path, Some(value.to_string().into_bytes()))
    }

    pub fn signed_in(mut self, team: &Team, who: &str) -> Caller {
        self.team = team.name.clone();
        self.token = Some(token(&self, team, who));
        self
    }

    /// `/v1/t/TEAM` and the rest.
    pub fn at(&self, rest: &str) -> String {
        format!("/v1/t/{}{rest}", self.team)
    }

    /// The one request that waits.
    pub fn waiting(&self) -> Envelope {
        for _ in 0..200 {
            let inbox = self.get(&self.at("/inbox?state=pending"));
            if let Some(id) = inbox.body["requests"][0]["request"].as_str() {
                return self.opening(id);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("no request came");
    }

    /// What a thread begins with.
    pub fn opening(&self, id: &str) -> Envelope {
        let thread = self.get(&self.at(&format!("/requests/{id}?after=0&wait=0")));
        let envelope = &thread.body["statements"][0]["envelope"];
        Envelope::from_bytes(envelope.to_string().as_bytes()).expect("an envelope")
    }

    pub fn post(&self, rest: &str, envelope: &Envelope) -> Answer {
        self.send("POST", &self.at(rest), Some(envelope.to_bytes()))
    }

    pub fn submit(&self, envelope: &Envelope) -> Answer {
        self.post("/requests", envelope)
    }

    pub fn say(&self, about: &Envelope, envelope: &Envelope) -> Answer {
        self.post(&format!("/requests/{}/statements", about.digest()), envelope)
    }

    pub fn poll(&self, about: &Envelope, after: i64, wait: u32) -> Answer {
        self.get(&self.at(&format!("/requests/{}?after={after}&wait={wait}", about.digest())))
    }

    /// The raw response, for streams.
    pub fn stream(&self, rest: &str, last: Option<i64>) -> Response {
        let mut builder = self.with_token(self.http.get(format!("{}{}", self.url, self.at(rest))));
        if let Some(last) = last {
            builder = builder.header("last-event-id", last.to_string());
        }
        builder.send().expect("an answer")
    }
}

/// Runs a case on a new SQLite file, and on a new PostgreSQL database where there is a server.
pub fn on_each(name: &str, case: impl Fn(&Place, &str)) {
    let place = Place::new(name);
    case(&place, &place.sqlite());
    if let Some(server) = shared() {
        let place = Place::new(name);
        case(&place, &database(&server, name));
    }
}

/// One PostgreSQL server for the tests that run at the same time.
pub fn shared() -> Option<Arc<postgres::Server>> {
    static SHARED: Mutex<Weak<postgres::Server>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = shared.upgrade() {
        return Some(server);
    }
    // The one before may still be going.
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let serial = NEXT.fetch_add(1, Ordering::Relaxed);
    let server = Arc::new(postgres::Server::start(&format!("relay-{serial}"))?);
    *shared = Arc::downgrade(&server);
    Some(server)
}

/// A new database on a server.
pub fn database(server: &postgres::Server, name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("{name}_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    server.run("postgres", &format!("create database {name}"));
    format!("postgres://app@127.0.0.1:{}/{name}?sslmode=disable", server.port)
}
