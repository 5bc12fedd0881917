//! A running relay and bare HTTP/1.1 over one connection: the clients must cost little beside what is measured.

use crate::team::Team;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Relay {
    pub address: String,
    child: Child,
}

impl Relay {
    pub fn start(directory: &Path, db: &str, team: &Team) -> Relay {
        let roster = directory.join("roster.json");
        std::fs::write(&roster, team.roster.to_bytes()).expect("write");
        let mut child = Command::new(env!("CARGO_BIN_EXE_guard"))
            .args(["relay", "serve", "--listen=127.0.0.1:0", "--db", db])
            .arg(format!("--roster={}", roster.display()))
            .args(["--requests-per-minute=100000000", "--requests-per-host=100000000", "--pending=100000000"])
            .args(["--decisions-per-minute=100000000", "--reads-per-minute=100000000"])
            .env("HOME", "/nonexistent")
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(directory.join("log")).expect("log"))
            .spawn()
            .expect("guard runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on http://").expect("an address").to_owned();
        Relay { address, child }
    }

    /// A line of /proc/PID/status, in MiB.
    pub fn memory(&self, name: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("status");
        let line = status.lines().find_map(|l| l.strip_prefix(name)).expect("a line");
        let kib: f64 = line.trim_matches([':', ' ', '\t', 'k', 'B']).trim().parse().expect("a number");
        kib / 1024.0
    }

    /// A number of /metrics.
    pub async fn metric(&self, name: &str) -> f64 {
        let (_, body) = self.connect().await.call("GET", "/metrics", "", b"").await;
        let text = String::from_utf8_lossy(&body).into_owned();
        let found = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        found.unwrap_or_else(|| panic!("no {name} in {text}"))
    }

    /// Processor time that it used so far.
    pub fn processor(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("stat");
        // After the name in brackets; user and system time are the 14th and 15th, in hundredths of a second.
        let rest = stat.rsplit_once(") ").expect("a name").1;
        let ticks: u64 = rest.split(' ').skip(11).take(2).map(|n| n.parse::<u64>().expect("a number")).sum();
        Duration::from_millis(ticks * 10)
    }

    pub async fn connect(&self) -> Connection {
        connect(&self.address).await.expect("connects")
    }

    pub async fn sign_in(&self, team: &Team, who: &str) -> String {
        let mut connection = self.connect().await;
        let ask = json!({ "team": team.name, "key": team.kid(who) }).to_string();
        let (_, body) = connection.call("POST", "/v1/auth/challenge", "", ask.as_bytes()).await;
        let answer: Value = serde_json::from_slice(&body).expect("JSON");
        let challenge = answer["challenge"].as_str().expect("a challenge");
        let proof = json!({ "challenge": challenge, "signature": team.answer(who, challenge) }).to_string();
        let (status, body) = connection.call("POST", "/v1/auth/token", "", proof.as_bytes()).await;
        assert_eq!(status, 200);
        let answer: Value = serde_json::from_slice(&body).expect("JSON");
        answer["token"].as_str().expect("a token").to_owned()
    }
}

/// `None` when the relay is not there (any more).
pub async fn connect(address: &str) -> Option<Connection> {
    let stream = TcpStream::connect(address).await.ok()?;
    stream.set_nodelay(true).ok()?;
    Some(Connection { stream, buffer: Vec::new() })
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// As `call`; `None` when the relay hung up, as it may when it is overloaded.
    pub async fn try_call(&mut self, path: &str, token: &str) -> Option<u16> {
        let head = format!("GET {path} HTTP/1.1\r\nhost: r\r\nauthorization: Bearer {token}\r\n\r\n");
        self.stream.write_all(head.as_bytes()).await.ok()?;
        self.answer().await.map(|(status, _)| status)
    }

    pub async fn call(&mut self, method: &str, path: &str, token: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: r\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.stream.write_all(&[head.as_bytes(), body].concat()).await.expect("writes");
        self.answer().await.expect("the relay stays")
    }

    async fn answer(&mut self) -> Option<(u16, Vec<u8>)> {
        self.buffer.clear();
        let mut chunk = [0; 2048];
        loop {
            let read = self.stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
            self.buffer.extend_from_slice(&chunk[..read]);
            let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&self.buffer[..end]).to_lowercase();
            let status = head[9..12].parse().expect("a status");
            let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")?.trim().parse().ok());
            let wanted: usize = end + 4 + length.unwrap_or(0);
            if self.buffer.len() >= wanted {
                let body = self.buffer[end + 4..wanted].to_vec();
                // Ten thousand of these wait: nothing is kept between calls.
                self.buffer = Vec::new();
                return Some((status, body));
            }
        }
    }
}
