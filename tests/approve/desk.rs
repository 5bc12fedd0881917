//! A team whose approver has a home with a real key in it, and a relay between them.

use crate::pty::Pty;
use crate::server::{Caller, GENEROUS, Place, Relay};
use crate::team::Team;
use guard::statement::{Approval, Decision, Envelope, Request};
use guard::team::Way;
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

pub struct Desk {
    pub place: Place,
    pub relay: Relay,
    pub team: Team,
    pub alice: Caller,
}

impl Desk {
    /// bob's guard has made a key of its own, which is in the roster.
    pub fn new(name: &str) -> Desk {
        let place = Place::new(name);
        let mut team = Team::new();
        let shown = run(&place, "bob", &["key", "show", "--json"]);
        let shown: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
        let bob = team.file.persons.iter_mut().find(|p| p.id == "bob").expect("bob");
        // The key that the tests sign with stays, as his second one.
        let second = bob.keys[0].clone();
        bob.keys.push(second);
        bob.keys[0].public = shown["public"].as_str().map(str::to_owned);
        bob.keys[0].kid = shown["fingerprint"].as_str().expect("a fingerprint").to_owned();
        team.roster = team.sign_roster(&team.file, &["dora", "eli"]);
        let relay = Relay::start(&place, &place.sqlite(), &team, GENEROUS);
        let way = Way { relay: Some(relay.url.clone()), ca: None };
        guard::team::Team::found(&state(&place, "bob"), team.roster.clone(), way).expect("a team");
        let alice = relay.sign_in(&team, "alice");
        Desk { place, relay, team, alice }
    }

    pub fn ask(&self, words: &[&str], change: impl FnOnce(&mut Request)) -> Envelope {
        let request = self.team.request_with("alice", words, change);
        let answer = self.alice.submit(&request);
        assert!(matches!(answer.status, 200 | 201), "{answer:?}");
        request
    }

    /// A request that bob signs with his second key.
    pub fn bob_asks(&self, id: &str) -> Envelope {
        let words = ["kubectl", "delete", "ns", "payments"];
        let request = self.team.request_with("bob", &words, |r| r.id = id.to_owned());
        let answer = self.relay.sign_in(&self.team, "bob").submit(&request);
        assert!(matches!(answer.status, 200 | 201), "{answer:?}");
        request
    }

    pub fn bob(&self, args: &[&str]) -> Output {
        run(&self.place, "bob", args)
    }

    pub fn pty(&self, args: &[&str], columns: u16, rows: u16) -> Pty {
        Pty::start(command(&self.place, "bob", args), columns, rows, true)
    }

    /// What bob said about it, as alice's guard would get it.
    pub fn said(&self, about: &Envelope) -> Vec<Approval> {
        let answer = self.alice.poll(about, 0, 0);
        let all = answer.body["statements"].as_array().cloned().unwrap_or_default();
        let envelopes = all.iter().map(|s| Envelope::from_bytes(s["envelope"].to_string().as_bytes()));
        let roster = guard::statement::roster::chain(
            self.team.roster.digest(),
            std::slice::from_ref(&self.team.roster),
        );
        let roster = roster.expect("a roster");
        envelopes
            .filter_map(|e| guard::statement::open::<Approval>(&e.ok()?, &roster, crate::team::now()).ok())
            .map(|opened| opened.into_statement())
            .collect()
    }

    pub fn decided(&self, about: &Envelope) -> Option<Approval> {
        self.said(about).into_iter().find(|said| said.decision != Decision::Viewing)
    }
}

pub fn state(place: &Place, who: &str) -> PathBuf {
    place.path(who).join(".local/state/guard")
}

pub fn command(place: &Place, who: &str, args: &[&str]) -> Command {
    let home = place.path(who);
    std::fs::create_dir_all(&home).expect("home");
    let mut command = Command::new(env!("CARGO_BIN_EXE_guard"));
    command.args(args).env_clear().env("HOME", home).env("LANG", "C.UTF-8").env("TERM", "xterm-256color");
    command.current_dir("/").stdin(Stdio::null());
    command
}

pub fn run(place: &Place, who: &str, args: &[&str]) -> Output {
    let mut command = command(place, who, args);
    // Without a terminal of the test's own.
    use std::os::unix::process::CommandExt;
    // SAFETY: setsid is async-signal-safe.
    unsafe {
        command.pre_exec(|| nix::unistd::setsid().map(|_| ()).map_err(Into::into));
    }
    command.output().expect("guard runs")
}

pub fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
