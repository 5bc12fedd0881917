//! The roster at the relay: it follows the chain, never goes back, and decides at once who may come in.

use crate::server::{GENEROUS, Place, Relay, guard, on_each};
use crate::team::{Team, now};
use guard::statement::Decision;
use std::time::{Duration, Instant};

#[test]
fn the_next_roster_is_taken_and_counts_at_once() {
    on_each("roster", |place, db| {
        let mut team = Team::new();
        let relay = Relay::start(place, db, &team, GENEROUS);
        let (bob, carol, dora) =
            (relay.sign_in(&team, "bob"), relay.sign_in(&team, "carol"), relay.sign_in(&team, "dora"));
        assert_eq!(dora.get(&dora.at("/roster")).body.to_string().as_bytes(), team.roster.to_bytes());

        let put = |envelope: &guard::statement::Envelope| {
            dora.send("PUT", &dora.at("/roster"), Some(envelope.to_bytes()))
        };
        let (_, unsigned) = team.next(|file| file.exp = now() + 3600);
        let alone =
            team.sign_roster(&serde_json::from_slice(unsigned.payload()).expect("a roster"), &["dora"]);
        put(&alone).is_problem(409, "roster");
        put(&team.request("dora", &["x"])).is_problem(422, "malformed");

        let revoked = team.revoke("carol");
        let (file, second) = team.next(|file| file.revoked.push(revoked));
        let taken = put(&second);
        assert_eq!((taken.status, taken.body["version"].as_i64()), (201, Some(2)), "{taken:?}");
        assert_eq!(put(&second).status, 200);
        put(&team.roster).is_problem(409, "roster");
        carol.get(&carol.at("/inbox")).is_problem(401, "sign-in");
        assert_eq!(bob.get(&bob.at("/inbox")).status, 200);
        let request = team.request("bob", &["x"]);
        assert_eq!(bob.submit(&request).status, 201);
        bob.say(&request, &team.decide("carol", &request, Decision::Approve)).is_problem(422, "key");

        let old = dora.get(&dora.at("/roster/1"));
        assert_eq!(old.body.to_string().as_bytes(), team.roster.to_bytes());
        (team.file, team.roster) = (file, second);
        let (_, forked) = team.next(|file| {
            file.version = 2;
            file.exp = now() + 3600;
        });
        put(&forked).is_problem(409, "roster");
    });
}

#[test]
fn an_operator_cannot_make_a_relay_go_back_or_take_a_roster_nobody_signed() {
    let (place, team) = (Place::new("vouch"), Team::new());
    let (_, second) = team.next(|_| {});
    let (one, two) = (place.path("1.json"), place.path("2.json"));
    std::fs::write(&one, team.roster.to_bytes()).expect("write");
    std::fs::write(&two, second.to_bytes()).expect("write");
    let db = place.sqlite();
    let failing = |files: &[&std::path::Path]| {
        let mut args = vec!["serve".to_owned(), "--listen=127.0.0.1:0".to_owned(), format!("--db={db}")];
        args.extend(files.iter().map(|f| format!("--roster={}", f.display())));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let output = guard(&args).output().expect("guard runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (status, words) = failing(&[&two]);
    assert_eq!(status, Some(78), "{words}");
    assert!(words.contains("hint: a roster must be the team's first"), "{words}");
    std::fs::write(place.path("3.json"), b"{}").expect("write");
    assert_eq!(failing(&[&place.path("3.json")]).0, Some(78));

    let again = format!("--roster={}", two.display());
    let relay = Relay::start(&place, &db, &team, &[&again]);
    let bob = relay.sign_in(&team, "bob");
    assert_eq!(bob.get(&bob.at("/roster")).body.to_string().as_bytes(), second.to_bytes());
    drop(relay);
    // The first file again: it is older than what is here, and changes nothing.
    let relay = Relay::start(&place, &db, &team, &[]);
    let bob = relay.sign_in(&team, "bob");
    assert_eq!(bob.get(&bob.at("/roster")).body.to_string().as_bytes(), second.to_bytes());
}

#[test]
fn a_challenge_of_another_relay_lets_nobody_in() {
    let (place, team) = (Place::new("challenge"), Team::new());
    let here = Relay::start(&place, &place.sqlite(), &team, GENEROUS);
    let elsewhere = Place::new("challenge");
    let there = Relay::start(&elsewhere, &elsewhere.sqlite(), &team, GENEROUS);
    let ask = serde_json::json!({ "team": team.name, "key": team.kid("alice") });
    let challenge = there.stranger().post_json("/v1/auth/challenge", &ask);
    let challenge = challenge.body["challenge"].as_str().expect("a challenge").to_owned();
    assert!(challenge.contains(&there.url), "a client sees for whom it signs: {challenge}");
    let signature = team.answer("alice", &challenge);
    let proof = serde_json::json!({ "challenge": challenge, "signature": signature });
    here.stranger().post_json("/v1/auth/token", &proof).is_problem(401, "sign-in");
    // bob's signature for alice's challenge.
    let proof = serde_json::json!({ "challenge": challenge, "signature": team.answer("bob", &challenge) });
    there.stranger().post_json("/v1/auth/token", &proof).is_problem(401, "sign-in");
    let later = challenge.replace(&team.kid("alice"), &team.kid("bob"));
    let proof = serde_json::json!({ "challenge": later, "signature": team.answer("bob", &later) });
    there.stranger().post_json("/v1/auth/token", &proof).is_problem(401, "sign-in");
}

/// Twenty versions, each sent when the one before was acknowledged, to these addresses in turn.
fn one_after_the_other(team: &mut Team, doras: &[crate::server::Caller]) {
    for number in 0..20_usize {
        let (file, envelope) = team.next(|_| {});
        let dora = &doras[number % doras.len()];
        let put = dora.send("PUT", &dora.at("/roster"), Some(envelope.to_bytes()));
        assert_eq!(put.status, 201, "version {}: {put:?}", file.version);
        let here = dora.get(&dora.at("/roster"));
        assert_eq!(here.body.to_string().as_bytes(), envelope.to_bytes(), "who sent it reads it");
        (team.file, team.roster) = (file, envelope);
    }
}

#[test]
fn rosters_that_follow_quickly_are_all_taken() {
    on_each("quick", |place, db| {
        let mut team = Team::new();
        let relay = Relay::start(place, db, &team, GENEROUS);
        let dora = relay.sign_in(&team, "dora");
        one_after_the_other(&mut team, &[dora]);
    });
}

#[test]
fn rosters_that_follow_quickly_at_two_instances_are_all_taken() {
    let Some(server) = crate::server::shared() else { return };
    let (place, mut team) = (Place::new("quick-two"), Team::new());
    let db = crate::server::database(&server, "quick");
    let relays = [0, 1].map(|_| Relay::start(&place, &db, &team, GENEROUS));
    let doras: Vec<_> = relays.iter().map(|relay| relay.sign_in(&team, "dora")).collect();
    one_after_the_other(&mut team, &doras);
}

/// A roster as an operator hands it over at a start.
fn file(place: &Place, name: &str, roster: &guard::statement::Envelope) -> String {
    let path = place.path(name);
    std::fs::write(&path, roster.to_bytes()).expect("write");
    format!("--roster={}", path.display())
}

#[test]
fn an_instance_that_starts_with_an_older_or_newer_roster_than_the_other_leads_to_one() {
    let Some(server) = crate::server::shared() else { return };
    let (place, mut team) = (Place::new("two-rosters"), Team::new());
    let db = crate::server::database(&server, "rosters");
    let one = Relay::start(&place, &db, &team, GENEROUS);
    let (bob, carol) = (one.sign_in(&team, "bob"), one.sign_in(&team, "carol"));
    assert_eq!(carol.get(&carol.at("/inbox")).status, 200);

    // The second is started with the version that takes carol's key away; the first was told nothing.
    let revoked = team.revoke("carol");
    let (next, second) = team.next(|file| file.revoked.push(revoked));
    let newer = file(&place, "second.json", &second);
    let two = Relay::start(&place, &db, &team, &[GENEROUS, &[&newer]].concat());
    let until = Instant::now() + Duration::from_secs(5);
    while carol.get(&carol.at("/inbox")).status == 200 {
        assert!(Instant::now() < until, "the first instance heard of it: {}", one.log());
    }
    carol.get(&carol.at("/inbox")).is_problem(401, "sign-in");
    assert_eq!(bob.get(&bob.at("/roster")).body.to_string().as_bytes(), second.to_bytes());

    // A third with the old file goes on with what is there, and so do the others.
    let third = Relay::start(&place, &db, &team, GENEROUS);
    (team.file, team.roster) = (next, second.clone());
    for relay in [&one, &two, &third] {
        let dora = relay.sign_in(&team, "dora");
        assert_eq!(dora.get(&dora.at("/roster")).body.to_string().as_bytes(), second.to_bytes());
    }
    // One with a fork of the team's history does not start.
    let (_, fork) = Team::new().next(|file| file.version = 3);
    let fork = file(&place, "fork.json", &fork);
    let args = ["serve", "--listen=127.0.0.1:0", "--db", &db, &fork];
    let refused = guard(&args).output().expect("guard runs");
    assert_eq!(refused.status.code(), Some(78), "{refused:?}");
}
