//! A real requester and a real approver, each with a home, keys and guard of their own; between them a relay, and before it
//! whoever meddles.

use crate::desk::{command, run, state};
use crate::meddler::{Meddle, Meddler};
use crate::pty::{Pty, plain};
use crate::server::{Caller, GENEROUS, Place, Relay};
use crate::support::Scene;
use crate::team::Team;
use guard::statement::Envelope;
use guard::team::Way;
use serde_json::Value;
use std::process::Output;

pub struct Pair {
    pub scene: Scene,
    pub place: Place,
    pub team: Team,
    pub relay: Relay,
    pub meddler: Meddler,
}

pub const POLICY: &str = "[[policy]]\nname = \"production\"\nwhen = { environment = \"production\", severity = [\"critical\", \
                          \"high\"] }\nrequire = [\"approval:sre\"]\n";
pub const DELETE: &[&str] = &["delete", "deployment", "web"];

impl Pair {
    pub fn new(name: &str) -> Pair {
        Pair::with(name, POLICY)
    }

    pub fn with(name: &str, policy: &str) -> Pair {
        let scene = Scene::new(&format!("pair-{name}"));
        scene.stub("kubectl", "#!/bin/sh\necho \"ran: $*\"\n");
        scene.kubeconfig("prod-eu");
        scene.write("home/.config/guard/policy.toml", policy);
        scene.shims(&["kubectl"]);
        let place = Place::new(name);
        let mut team = Team::new();
        let alice = scene.guard(&["key", "show", "--json"]);
        own_key(&mut team, "alice", &alice);
        let bob = run(&place, "bob", &["key", "show", "--json"]);
        own_key(&mut team, "bob", &bob);
        team.roster = team.sign_roster(&team.file, &["dora", "eli"]);
        let people = [("alice", &alice), ("bob", &bob)].map(|(who, shown)| (kid(shown), who));
        let mut meddler = Meddler::bind(people.into());
        let url = format!("--url={}", meddler.url);
        let more: Vec<&str> = GENEROUS.iter().copied().chain([url.as_str()]).collect();
        let mut relay = Relay::start(&place, &place.sqlite(), &team, &more);
        // It calls itself by the meddler's address; where it really listens stands in its log.
        let log = relay.log();
        let address = log.split("\"address\":\"").nth(1).and_then(|rest| rest.split('"').next());
        relay.url = format!("http://{}", address.expect("an address"));
        meddler.serve(&relay.url);
        let pair = Pair { scene, place, team, relay, meddler };
        for home in [pair.scene.path("home/.local/state/guard"), state(&pair.place, "bob")] {
            let way = Way { relay: Some(pair.meddler.url.clone()), ca: None };
            guard::team::Team::found(&home, pair.team.roster.clone(), way).expect("joined");
        }
        pair
    }

    /// From now on every call goes through this.
    pub fn meddle(&self, with: Meddle) {
        self.meddler.set(with);
    }

    /// alice's command at her terminal.
    pub fn asks(&self, args: &[&str]) -> Pty {
        let mut command = self.scene.command("kubectl", args);
        command.env("NO_COLOR", "1");
        Pty::start(command, 120, 40, true)
    }

    /// bob's guard on a terminal of lines.
    pub fn bob_at(&self, args: &[&str]) -> Pty {
        let mut command = command(&self.place, "bob", args);
        command.env("TERM", "dumb");
        Pty::start(command, 120, 60, true)
    }

    /// bob's guard in a window.
    pub fn bob_sees(&self, args: &[&str]) -> Pty {
        Pty::start(command(&self.place, "bob", args), 100, 80, true)
    }

    /// bob approves what alice asks with a number that is not his: his terminal, and what he typed.
    pub fn bob_mistakes(&self, alice: &mut Pty) -> (Pty, &'static str) {
        let mut bob = self.bob_at(&["approve", &id_of(alice)]);
        begins_to_approve(&mut bob);
        let wrong = another(&number_for_bob(alice));
        bob.send(format!("{wrong}\r").as_bytes());
        (bob, wrong)
    }

    pub fn bob(&self, args: &[&str]) -> Output {
        run(&self.place, "bob", args)
    }

    /// Somebody who talks to the relay past the meddler.
    pub fn caller(&self, who: &str) -> Caller {
        let through = Caller { url: self.meddler.url.clone(), ..self.relay.stranger() };
        let mut caller = through.signed_in(&self.team, who);
        caller.url = self.relay.url.clone();
        caller
    }

    /// The one request at the relay.
    pub fn request(&self) -> Envelope {
        self.caller("carol").waiting()
    }
}

fn kid(shown: &Output) -> String {
    let shown: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    shown["fingerprint"].as_str().expect("a fingerprint").to_owned()
}

/// The key that this person's guard made, beside the one that tests sign with.
fn own_key(team: &mut Team, who: &str, shown: &Output) {
    let person = team.file.persons.iter_mut().find(|p| p.id == who).expect("in the team");
    let second = person.keys[0].clone();
    person.keys.push(second);
    let value: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    person.keys[0].public = value["public"].as_str().map(str::to_owned);
    person.keys[0].kid = kid(shown);
}

/// The beginning of the request's digest, as alice's terminal shows it.
pub fn id_of(pty: &mut Pty) -> String {
    pty.wait_for("request ");
    let id = pty.rest_of_row().chars().take(8).collect();
    pty.wait_for("these people can approve");
    id
}

/// The number that alice's terminal shows for bob.
pub fn number_for_bob(pty: &mut Pty) -> String {
    pty.wait_for("the number for bob is ");
    pty.rest_of_row().trim().chars().take(3).collect()
}

pub fn another(number: &str) -> &'static str {
    if number == "000" { "001" } else { "000" }
}

/// Answers bob's lines up to the number.
pub fn begins_to_approve(bob: &mut Pty) {
    bob.wait_for("approve, deny, report");
    std::thread::sleep(std::time::Duration::from_millis(900));
    bob.send(b"approve\r");
    bob.wait_for("three digits");
    bob.wait_for("> ");
}

/// bob approves with the right number.
pub fn approves(bob: &mut Pty, alice: &mut Pty) {
    begins_to_approve(bob);
    let number = number_for_bob(alice);
    bob.send(format!("{number}\r").as_bytes());
}

pub fn ends(pty: Pty, status: i32) -> String {
    let (ended, shown) = pty.finish();
    let shown = plain(&shown);
    assert_eq!(ended.code(), Some(status), "{shown}");
    shown
}
