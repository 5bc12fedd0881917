//! Break-glass within a team: the alarm is at the relay before the command starts, and another person's signed review pays the
//! debt.

use super::phone::{PASSPHRASE, enroll};
use super::{DELETE, Night};
use guard::gates::breakglass::reviewed;
use guard::keys::{Signer, SigningKey};
use guard::statement::Hash;
use guard::statement::breakglass::Judgement;
use guard::team::{Courier, Team};
use serde_json::Value;

fn due(night: &Night) -> Value {
    let output = night.scene.guard(&["breakglass", "status", "--json"]);
    serde_json::from_slice::<Value>(&output.stdout).expect("JSON")["due"].clone()
}

fn break_glass(night: &Night) {
    let mut phone = enroll(&night.scene);
    let words = [&["breakglass", "--", "kubectl"], DELETE].concat();
    let mut command = night.scene.command(night.scene.path("lib/guard"), &words);
    command.env("NO_COLOR", "1");
    let mut pty = super::Pty::start(command, 100, 40, true);
    let mut answer = |wait: &str, text: &str| {
        pty.wait_for(wait);
        pty.wait_for("  > ");
        pty.type_text(text);
        pty.enter();
    };
    answer("why has this to be done", "the region is down and nobody answers");
    answer("to run it without approval, type:", "prod-eu/default");
    answer("the passphrase of your second factor:", PASSPHRASE);
    answer("4 of 5: ", &phone.code());
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(0), "{shown}");
    assert!(shown.contains("the team is told") && shown.contains("ran: delete deployment web"), "{shown}");
}

#[test]
fn the_team_is_told_and_a_teammate_settles_the_debt() {
    let night = Night::new("glass", true);
    break_glass(&night);
    assert_eq!(due(&night), 1);
    let bob = night.caller("bob");
    let listed = bob.get(&bob.at("/inbox?state=all"));
    let id = listed.body["requests"][0]["request"].as_str().expect("a request");
    let thread = bob.get(&bob.at(&format!("/requests/{id}?after=0&wait=0")));
    let kinds = thread.body["statements"].as_array().expect("statements").iter().map(|s| s["type"].clone());
    assert_eq!(kinds.collect::<Vec<_>>(), ["request", "breakglass"]);

    // bob, on his machine.
    let way = guard::team::Way { relay: night.relay.as_ref().map(|relay| relay.url.clone()), ca: None };
    let team = Team::found(&night.place.path("bob"), night.team.roster.clone(), way).expect("joined");
    let signer = Signer::Own(own_key(&night, "bob"));
    let courier = Courier::to(&team, &signer).expect("a way").expect("a relay");
    let digest = Hash::read(id).expect("a digest");
    let case = reviewed::find(&team, &courier, &digest).expect("reached").expect("a break-glass");
    assert_eq!(case.said.person, "alice");
    reviewed::sign(&case, Judgement::Justified, None, &team, &signer, &courier).expect("signed");

    let fetched = night.scene.guard(&["breakglass", "review"]);
    assert_eq!(String::from_utf8_lossy(&fetched.stdout), "1 of your uses is reviewed now\n", "{fetched:?}");
    assert_eq!(due(&night), 0);
    // Nobody reviews their own.
    let own = night.scene.guard(&["breakglass", "review", &digest.hex()[..12], "--judgement", "justified"]);
    assert_eq!(own.status.code(), Some(77), "{own:?}");
}

fn own_key(night: &Night, who: &str) -> SigningKey {
    let at = night.team.people.iter().position(|(id, _)| id == who).expect("in the team");
    super::team::key(7, u16::try_from(at).expect("few people"))
}
