//! Somebody's machine with guard on it, and a relay between several.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

pub const TEAM: &str = "sre.acme.example";

/// A directory of a test's own.
pub struct Place(pub PathBuf);

impl Place {
    pub fn new(name: &str) -> Place {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let serial = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("guard-team-{name}-{}-{serial}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("directory");
        Place(path.canonicalize().expect("directory"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("utf-8").to_owned()
    }

    /// Somebody's home here.
    pub fn home(&self, who: &str) -> Home {
        let home = self.path(who);
        std::fs::create_dir_all(home.join("work")).expect("directory");
        Home { who: who.to_owned(), home }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    #[track_caller]
    pub fn good(self) -> Said {
        assert_eq!(self.status, Some(0), "{self:?}");
        self
    }

    #[track_caller]
    pub fn bad(self, status: i32, words: &str) -> Said {
        assert_eq!(self.status, Some(status), "{self:?}");
        assert!(self.err.contains(words), "{words}: {self:?}");
        assert!(self.err.contains("hint: "), "{self:?}");
        self
    }

    #[track_caller]
    pub fn says(self, words: &str) -> Said {
        assert!(self.out.contains(words) || self.err.contains(words), "{words}: {self:?}");
        self
    }

    /// The last line.
    #[track_caller]
    pub fn last(&self) -> String {
        self.out.lines().last().expect("a line").to_owned()
    }

    /// The rest of the line that begins so.
    #[track_caller]
    pub fn after(&self, begins: &str) -> String {
        let line = self.out.lines().find_map(|line| line.strip_prefix(begins));
        line.unwrap_or_else(|| panic!("{begins}: {self:?}")).trim().to_owned()
    }
}

pub struct Home {
    pub who: String,
    pub home: PathBuf,
}

impl Home {
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guard"));
        command.args(args).env_clear().env("HOME", &self.home).env("PATH", "/usr/bin:/bin");
        command
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .current_dir(self.home.join("work"))
            .stdin(Stdio::null());
        command
    }

    pub fn guard(&self, args: &[&str]) -> Said {
        said(self.command(args).output().expect("guard runs"))
    }

    /// With something on standard input.
    pub fn fed(&self, args: &[&str], input: &[u8]) -> Said {
        let mut command = self.command(args);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("guard runs");
        child.stdin.take().expect("piped").write_all(input).expect("written");
        said(child.wait_with_output().expect("guard ends"))
    }

    /// `guard team …`, agreed to.
    pub fn team(&self, args: &[&str]) -> Said {
        self.guard(&[&["team"], args].concat())
    }

    /// An edit that is signed by this person alone.
    #[track_caller]
    pub fn change(&self, args: &[&str]) -> Said {
        self.team(&[args, &["--yes"]].concat()).good();
        self.team(&["sign", "--yes"]).good()
    }

    /// The person's public key.
    pub fn key(&self) -> String {
        self.guard(&["key", "export"]).good().out.trim().to_owned()
    }

    pub fn kid(&self) -> String {
        self.guard(&["key", "show"]).good().after("fingerprint")
    }

    /// Founds the team; the six words.
    #[track_caller]
    pub fn found(&self, more: &[&str]) -> String {
        let said = self.team(&[&["create", TEAM, "--me", &self.who, "--yes"], more].concat()).good();
        said.after("six words:")
    }

    /// The team as this machine has it.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.team(&["show", "--json"]).good().out).expect("json")
    }

    pub fn version(&self) -> u64 {
        self.json()["roster"]["version"].as_u64().expect("a version")
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.home.join("work").join(name)
    }
}

pub fn said(output: std::process::Output) -> Said {
    Said {
        status: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A relay on this machine.
pub struct Relay {
    pub url: String,
    child: Child,
}

impl Relay {
    pub fn start(place: &Place, roster: &Path) -> Relay {
        Relay::listen(place, roster, "127.0.0.1:0")
    }

    pub fn listen(place: &Place, roster: &Path, listen: &str) -> Relay {
        let db = format!("sqlite:{}", place.text("relay.db"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_guard"))
            .args(["relay", "serve", "--listen", listen, "--db", &db, "--roster"])
            .arg(roster)
            .env_clear()
            .env("HOME", "/nonexistent")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(place.path("relay.log")).expect("log"))
            .spawn()
            .expect("guard runs");
        let mut line = String::new();
        let out = child.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("readable");
        let url = line.trim().strip_prefix("listening on ").map(str::to_owned);
        let log = || std::fs::read_to_string(place.path("relay.log")).unwrap_or_default();
        let url = url.unwrap_or_else(|| panic!("no address: {line:?} {}", log()));
        Relay { url, child }
    }

    pub fn address(&self) -> &str {
        self.url.strip_prefix("http://").expect("clear text on loopback")
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
