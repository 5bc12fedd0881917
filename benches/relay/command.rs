//! The whole way at that load: a real `guard` on a terminal waits for an approval, and its command starts. Dozens of
//! samples, one after the other; each pays for verifying, the audit log and exec as in life.

use crate::client::Relay;
use crate::pty::Pty;
use crate::support::Scene;
use crate::team::Team;
use guard::statement::approval::{Approval, Decision, Saw};
use guard::statement::{Draft, Envelope, Request, read, render};
use serde_json::Value;
use std::collections::HashSet;
use std::time::{Duration, Instant};

const SAMPLES: usize = 40;
/// Who waits at the terminal.
pub const WHO: &str = "rita";

/// A home with guard, its key, a policy that wants one approval, and a stub that says that it runs.
pub fn scene() -> Scene {
    let scene = Scene::new("bench-relay");
    scene.stub("kubectl", "#!/bin/sh\necho started\n");
    scene.kubeconfig("prod-eu");
    scene.write(
        "home/.config/guard/policy.toml",
        "[[policy]]\nname = \"production\"\nwhen = { environment = \"production\", severity = [\"critical\", \"high\"] }\n\
         require = [\"approval:sre\"]\n",
    );
    scene.shims(&["kubectl"]);
    scene
}

/// Puts the key of that home into the roster, in the place of `WHO`'s.
pub fn enrol(scene: &Scene, team: &mut Team, admins: &[&str]) {
    let shown = scene.guard(&["key", "show", "--json"]);
    let key: Value = serde_json::from_slice(&shown.stdout).expect("a key");
    let person = team.file.persons.iter_mut().find(|person| person.id == WHO).expect("in the team");
    person.keys[0].kid = key["fingerprint"].as_str().expect("a fingerprint").to_owned();
    person.keys[0].public = key["public"].as_str().map(str::to_owned);
    team.roster = team.sign_roster(&team.file, admins);
}

pub async fn measure(relay: &Relay, team: &Team, scene: &Scene) {
    let state = scene.path("home/.local/state/guard");
    let way = guard::team::Way { relay: Some(format!("http://{}", relay.address)), ca: None };
    guard::team::Team::found(&state, team.roster.clone(), way).expect("joined");
    let bob = relay.sign_in(team, "bob").await;
    let mut seen = HashSet::new();
    let mut times = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        let mut command = scene.command("kubectl", &["delete", "deployment", "web"]);
        command.env("NO_COLOR", "1");
        let mut pty = Pty::start(command, 100, 40, true);
        let request = newest(relay, team, &bob, &mut seen).await;
        say(relay, &bob, team, &request, Decision::Viewing, None).await;
        pty.wait_for("the number for bob is ");
        let number: String = pty.rest_of_row().trim().chars().take(3).collect();
        let begun = say(relay, &bob, team, &request, Decision::Approve, Some(&number)).await;
        pty.wait_for("started");
        times.push(begun.elapsed());
        let (status, shown) = pty.finish();
        assert!(status.success(), "{shown}");
    }
    crate::report_times("approve to the command's first word (guard on a terminal)", &mut times);
}

/// The request of `WHO` that was not there before. Those of the crowd are less severe, so it stands first.
async fn newest(relay: &Relay, team: &Team, bob: &str, seen: &mut HashSet<String>) -> Envelope {
    let until = Instant::now() + Duration::from_secs(30);
    let mut connection = relay.connect().await;
    loop {
        let path = format!("/v1/t/{}/inbox?state=pending", team.name);
        let (_, body) = connection.call("GET", &path, bob, b"").await;
        let inbox: Value = serde_json::from_slice(&body).expect("JSON");
        let rows = inbox["requests"].as_array().expect("rows");
        let ours = rows.iter().filter(|row| row["header"]["person"] == WHO);
        let fresh = ours.filter_map(|row| row["request"].as_str()).find(|id| !seen.contains(*id));
        if let Some(id) = fresh {
            seen.insert(id.to_owned());
            let path = format!("/v1/t/{}/requests/{id}?after=0&wait=0", team.name);
            let (_, body) = connection.call("GET", &path, bob, b"").await;
            let thread: Value = serde_json::from_slice(&body).expect("JSON");
            let envelope = thread["statements"][0]["envelope"].to_string();
            return Envelope::from_bytes(envelope.as_bytes()).expect("an envelope");
        }
        assert!(Instant::now() < until, "no request came");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Sends what bob says; returns when it was written.
async fn say(
    relay: &Relay,
    bob: &str,
    team: &Team,
    about: &Envelope,
    decision: Decision,
    number: Option<&str>,
) -> Instant {
    let request = read::<Request>(about.payload()).expect("a request");
    let decided = team.decide("bob", about, decision);
    let mut approval = read::<Approval>(decided.payload()).expect("an approval");
    approval.number = number.map(str::to_owned);
    let rendered = render::request(&request);
    approval.saw =
        Some(Saw { render: render::RENDER.to_owned(), digest: rendered.digest, end: true, ms: 9000 });
    let body = Draft::of(&approval).expect("canonical").sign(team.key("bob")).to_bytes();
    let path = format!("/v1/t/{}/requests/{}/statements", team.name, about.digest());
    let mut connection = relay.connect().await;
    let begun = Instant::now();
    let (status, answer) = connection.call("POST", &path, bob, &body).await;
    assert_eq!(status, 201, "{}", String::from_utf8_lossy(&answer));
    begun
}
