//! A teammate's approval from the waiting terminal's side: the real program on a real terminal, a real relay, real
//! signatures; what comes back is approved, refused, forged, late or about something else.
#![cfg(feature = "relay")]

#[path = "../support/mod.rs"]
mod support;
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../support/pty.rs"]
mod pty;
#[path = "../relay/server.rs"]
mod server;
#[path = "../relay/team.rs"]
mod team;

#[path = "../gates/phone.rs"]
#[allow(dead_code, reason = "shared with the tests of the gates")]
mod phone;

#[path = "../approve/meddler.rs"]
#[allow(dead_code, reason = "shared with the tests of the approver's side")]
mod meddler;

mod beside;
mod changing;
mod drift;
mod ends;
mod full;
mod glass;
mod killed;
mod later;
mod left;
mod listed;
mod paste;
mod proved;
mod quorum;
mod tickets;

use guard::statement::approval::{Approval, Decision, Saw};
use guard::statement::{Bundle, Draft, Envelope, Request, read, render};
use pty::Pty;
use serde_json::Value;
use server::{Caller, GENEROUS, Place, Relay};
use support::Scene;
use team::Team;

/// alice at her terminal, who needs somebody of sre; bob, carol, dora and eli are.
struct Night {
    scene: Scene,
    place: Place,
    team: Team,
    relay: Option<Relay>,
}

impl Night {
    fn new(name: &str, relayed: bool) -> Night {
        let scene = Scene::new(&format!("approval-{name}"));
        scene.stub("kubectl", "#!/bin/sh\necho \"ran: $*\"\n");
        scene.kubeconfig("prod-eu");
        scene.write(
            "home/.config/guard/policy.toml",
            "[[policy]]\nname = \"production\"\nwhen = { environment = \"production\", severity = [\"critical\", \"high\"] }\n\
             require = [\"approval:sre\"]\n",
        );
        scene.shims(&["kubectl"]);
        let key = scene.guard(&["key", "show", "--json"]);
        let key: Value = serde_json::from_slice(&key.stdout).expect("a key");
        let mut team = Team::new();
        let line = &mut team.file.persons[0].keys[0];
        line.kid = key["fingerprint"].as_str().expect("a fingerprint").to_owned();
        line.public = key["public"].as_str().map(str::to_owned);
        team.roster = team.sign_roster(&team.file, &["dora", "eli"]);
        let place = Place::new(name);
        let relay = relayed.then(|| Relay::start(&place, &place.sqlite(), &team, GENEROUS));
        let night = Night { scene, place, team, relay };
        night.join(night.relay.as_ref().map(|relay| relay.url.clone()));
        night
    }

    fn join(&self, relay: Option<String>) {
        let way = guard::team::Way { relay, ca: None };
        let state = self.scene.path("home/.local/state/guard");
        let _ = guard::team::Team::leave(&state);
        guard::team::Team::found(&state, self.team.roster.clone(), way).expect("joined");
    }

    fn kubectl(&self, args: &[&str]) -> Pty {
        let mut command = self.scene.command("kubectl", args);
        command.env("NO_COLOR", "1");
        Pty::start(command, 100, 40, true)
    }

    fn caller(&self, who: &str) -> Caller {
        self.relay.as_ref().expect("a relay").sign_in(&self.team, who)
    }

    /// The one request in the mailbox.
    fn request(&self, caller: &Caller) -> Envelope {
        caller.waiting()
    }

    fn approval(&self, who: &str, about: &Envelope, decision: Decision, number: Option<&str>) -> Envelope {
        let request = read::<Request>(about.payload()).expect("a request");
        let decided = self.team.decide(who, about, decision);
        let mut approval = read::<Approval>(decided.payload()).expect("an approval");
        approval.number = number.map(str::to_owned);
        approval.note = (decision == Decision::Deny).then(|| "not during the freeze".to_owned());
        let rendered = render::request(&request);
        approval.saw =
            Some(Saw { render: render::RENDER.to_owned(), digest: rendered.digest, end: true, ms: 9000 });
        Draft::of(&approval).expect("canonical").sign(self.team.key(who))
    }

    /// bob looks, is told the number, and decides with it.
    fn bob_decides(&self, pty: &mut Pty, decision: Decision) -> Envelope {
        let bob = self.caller("bob");
        let request = self.request(&bob);
        bob.say(&request, &self.approval("bob", &request, Decision::Viewing, None));
        let number = number_of(pty, "bob");
        let said = bob.say(&request, &self.approval("bob", &request, decision, Some(&number)));
        assert_eq!(said.status, 201, "{said:?}");
        request
    }

    fn outcomes(&self) -> Vec<String> {
        let output = self.scene.guard(&["audit", "show", "--json"]);
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        let entries = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        entries
            .filter(|entry| entry["event"] == "decision")
            .map(|entry| entry["decision"]["outcome"].as_str().unwrap_or("").to_owned())
            .collect()
    }

    fn bundle(&self) -> Bundle {
        let directory = self.scene.path("home/.local/state/guard/team/bundles");
        let file = std::fs::read_dir(directory).expect("bundles").next().expect("one").expect("read").path();
        Bundle::from_bytes(&std::fs::read(file).expect("read")).expect("a bundle")
    }
}

const DELETE: &[&str] = &["delete", "deployment", "web"];

/// The number that the terminal shows for somebody who looks.
fn number_of(pty: &mut Pty, who: &str) -> String {
    pty.wait_for(&format!("the number for {who} is "));
    let shown = pty.rest_of_row();
    shown.trim().chars().take(3).collect()
}

#[test]
fn an_approval_lets_it_run_and_leaves_a_proof() {
    let night = Night::new("runs", true);
    let mut pty = night.kubectl(DELETE);
    pty.wait_for("these people can approve: bob, carol, dora, eli");
    night.bob_decides(&mut pty, Decision::Approve);
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(0), "{shown}");
    assert!(
        shown.contains("approved by bob (sre)") && shown.contains("ran: delete deployment web"),
        "{shown}"
    );
    assert_eq!(night.outcomes(), ["ran"]);
    // The log says who it was, and about which request.
    let log = night.scene.guard(&["audit", "show"]);
    let log = String::from_utf8_lossy(&log.stdout).into_owned();
    let bundle = night.bundle();
    let digest = bundle.request.digest();
    assert!(log.contains(&format!("request {} approved by bob", &digest.hex()[..8])), "{log}");
    let log = night.scene.guard(&["audit", "show", "--json"]);
    let log = String::from_utf8_lossy(&log.stdout).into_owned();
    let recorded = format!("\"approval\":{{\"by\":[\"bob\"],\"request\":\"{digest}\"}}");
    assert!(log.contains(&recorded), "{log}");
    assert_eq!(night.scene.guard(&["audit", "verify"]).status.code(), Some(0));
    let report = bundle.verify(Some(night.team.roster.digest())).expect("proven");
    assert!(report.ran() && report.contested.is_none());
    assert_eq!(report.seats[0].person, "bob");
    // The receipt reaches the relay by itself.
    let bob = night.caller("bob");
    for _ in 0..200 {
        if bob.get(&bob.at("/inbox?state=done")).body["requests"][0]["state"] == "done" {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("no receipt came");
}

#[test]
fn a_refusal_is_shown_with_its_reason_and_nothing_runs() {
    let night = Night::new("denied", true);
    let mut pty = night.kubectl(DELETE);
    night.bob_decides(&mut pty, Decision::Deny);
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(77), "{shown}");
    assert!(shown.contains("bob denies it: not during the freeze") && !shown.contains("ran:"), "{shown}");
    assert_eq!(night.outcomes(), ["refused"]);
}

#[test]
fn two_wrong_numbers_end_it() {
    let night = Night::new("numbers", true);
    let mut pty = night.kubectl(DELETE);
    for who in ["bob", "carol"] {
        let caller = night.caller(who);
        let request = night.request(&caller);
        caller.say(&request, &night.approval(who, &request, Decision::Viewing, None));
        let right = number_of(&mut pty, who);
        let wrong = if right == "000" { "001" } else { "000" };
        caller.say(&request, &night.approval(who, &request, Decision::Approve, Some(wrong)));
    }
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(77), "{shown}");
    assert!(shown.contains("two wrong numbers") && !shown.contains("ran:"), "{shown}");
}

#[test]
fn what_does_not_count_is_said_and_the_wait_goes_on() {
    let night = Night::new("ignored", true);
    let mut pty = night.kubectl(DELETE);
    let bob = night.caller("bob");
    let request = night.request(&bob);
    // Without the number, and by somebody who signs for another request.
    bob.say(&request, &night.approval("bob", &request, Decision::Approve, None));
    pty.wait_for("what bob sent does not count");
    night.bob_decides(&mut pty, Decision::Approve);
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(0), "{shown}");
}

#[test]
fn leaving_takes_the_request_back() {
    let night = Night::new("cancel", true);
    let mut pty = night.kubectl(DELETE);
    let bob = night.caller("bob");
    let request = night.request(&bob);
    pty.wait_for("waiting for 1 of sre");
    pty.send(b"\x1b");
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(77), "{shown}");
    assert_eq!(night.outcomes(), ["cancelled"]);
    let thread = bob.poll(&request, 0, 5);
    assert_eq!(thread.body["state"], "cancelled", "{thread:?}");
}

#[test]
fn a_relay_that_comes_back_is_used_again() {
    let mut night = Night::new("back", true);
    let mut pty = night.kubectl(DELETE);
    pty.wait_for("these people can approve");
    let url = night.relay.as_ref().expect("a relay").url.clone();
    night.relay.as_mut().expect("a relay").kill();
    pty.wait_for("the relay does not answer");
    let listen = format!("--listen={}", url.trim_start_matches("http://"));
    let more: Vec<&str> = GENEROUS.iter().copied().chain([listen.as_str()]).collect();
    night.relay = Some(Relay::start(&night.place, &night.place.sqlite(), &night.team, &more));
    night.bob_decides(&mut pty, Decision::Approve);
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(0), "{shown}");
}

#[test]
fn what_cannot_be_asked_is_said_before_anybody_types() {
    let night = Night::new("unable", false);
    let state = night.scene.path("home/.local/state/guard");
    guard::team::Team::leave(&state).expect("left");
    let (status, shown) = night.kubectl(DELETE).finish();
    assert_eq!(status.code(), Some(77), "{shown}");
    assert!(shown.contains("this machine is in no team") && shown.contains("guard team join"), "{shown}");
    // Nobody but the requester in the group.
    let mut alone = Team::new();
    alone.file.persons = night.team.file.persons.clone();
    for person in &mut alone.file.persons[1..] {
        person.groups = vec!["dba".to_owned()];
    }
    let roster = alone.sign_roster(&alone.file, &["dora", "eli"]);
    guard::team::Team::found(&state, roster, guard::team::Way::default()).expect("joined");
    let (status, shown) = night.kubectl(DELETE).finish();
    assert_eq!(status.code(), Some(77), "{shown}");
    assert!(shown.contains("too few people of sre but you could approve"), "{shown}");
    // Enough people, and at critical severity nobody with a key that counts.
    let mut plain = Team::new();
    plain.file.persons = night.team.file.persons.clone();
    for person in &mut plain.file.persons[1..] {
        person.keys.retain(|key| key.public.as_ref().is_some_and(|key| key.starts_with("ssh-ed25519 ")));
    }
    let roster = plain.sign_roster(&plain.file, &["dora", "eli"]);
    guard::team::Team::leave(&state).expect("left");
    guard::team::Team::found(&state, roster, guard::team::Way::default()).expect("joined");
    let (status, shown) = night.kubectl(&["delete", "namespace", "web"]).finish();
    assert_eq!(status.code(), Some(77), "{shown}");
    assert!(shown.contains("it is critical: only a hardware key or passkey"), "{shown}");
    assert!(!shown.contains("these people can approve") && !shown.contains("type:"), "{shown}");
}
