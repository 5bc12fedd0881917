//! Several instances on one PostgreSQL server, and a server that goes and comes back.

use crate::postgres;
use crate::server::{Caller, GENEROUS, Place, Relay, database, shared};
use crate::team::Team;
use guard::statement::{Decision, Envelope};
use std::time::{Duration, Instant};

/// Waits as a client does: when the connection breaks, at the other instance.
fn wait_at(first: &Caller, second: &Caller, request: &Envelope, seq: i64) -> Vec<serde_json::Value> {
    let path = first.at(&format!("/requests/{}?after={seq}&wait=50", request.digest()));
    let answer = match first.try_send("GET", &path, None) {
        Ok(answer) if answer.status == 200 => answer,
        _ => second.get(&path),
    };
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["statements"].as_array().expect("statements").clone()
}

fn waiting(relay: &Relay, count: usize) {
    let wanted = format!("guard_relay_waiting {count}\n");
    while !relay.stranger().get("/metrics").body.as_str().is_some_and(|t| t.contains(&wanted)) {}
}

#[test]
fn an_approval_crosses_instances_and_survives_the_death_of_one() {
    let Some(server) = shared() else { return };
    let (place, team) = (Place::new("two"), Team::new());
    let db = database(&server, "two");
    let mut one = Relay::start(&place, &db, &team, GENEROUS);
    let two = Relay::start(&place, &db, &team, GENEROUS);
    let (alice, bob) = (one.sign_in(&team, "alice"), two.sign_in(&team, "bob"));
    // A bearer of one instance counts at the other only when they share an address, as behind a proxy.
    let alice_there = two.sign_in(&team, "alice");

    let request = team.request("alice", &["across"]);
    let seq = alice.submit(&request).seq();
    let (waiter, asked) = (alice.clone(), request.clone());
    let across = std::thread::spawn(move || (waiter.poll(&asked, seq, 25), Instant::now()));
    waiting(&one, 1);
    let begun = Instant::now();
    assert_eq!(bob.say(&request, &team.decide("bob", &request, Decision::Approve)).status, 201);
    let (answer, heard) = across.join().expect("thread");
    assert_eq!(answer.status, 200);
    assert!(heard - begun < Duration::from_secs(1), "{:?}", heard - begun);

    let request = team.request("alice", &["killed"]);
    let seq = alice.submit(&request).seq();
    let (first, second, asked) = (alice.clone(), alice_there.clone(), request.clone());
    let survivor = std::thread::spawn(move || wait_at(&first, &second, &asked, seq));
    waiting(&one, 1);
    one.kill();
    waiting(&two, 1);
    assert_eq!(bob.say(&request, &team.decide("bob", &request, Decision::Approve)).status, 201);
    let statements = survivor.join().expect("thread");
    assert_eq!(statements.len(), 1, "the approval arrives once: {statements:?}");
    assert_eq!(statements[0]["person"], "bob");
}

#[test]
fn instances_behind_one_address_take_each_others_bearers() {
    let Some(server) = shared() else { return };
    let (place, team) = (Place::new("bearers"), Team::new());
    let db = database(&server, "bearers");
    let more = [GENEROUS, &["--url=https://relay.example"]].concat();
    let one = Relay::start(&place, &db, &team, &more);
    let two = Relay::start(&place, &db, &team, &more);
    // The address in the challenge is the proxy's; the listening line is each instance's own.
    let at = |relay: &Relay| {
        let log = relay.log();
        let line = log.lines().find(|l| l.contains("\"message\":\"listening\"")).expect("a line").to_owned();
        let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        format!("http://{}", line["fields"]["address"].as_str().expect("an address"))
    };
    let mut alice = one.stranger();
    alice.url = at(&one);
    let alice = alice.signed_in(&team, "alice");
    let mut there = alice.clone();
    there.url = at(&two);
    assert_eq!(there.submit(&team.request("alice", &["x"])).status, 201);
}

#[test]
fn a_database_that_goes_and_comes_back() {
    let Some(mut server) = postgres::Server::start("relay-gone") else { return };
    let (place, team) = (Place::new("gone"), Team::new());
    let db = database(&server, "gone");
    let relay = Relay::start(&place, &db, &team, GENEROUS);
    let (alice, bob) = (relay.sign_in(&team, "alice"), relay.sign_in(&team, "bob"));
    let request = team.request("alice", &["x"]);
    let seq = alice.submit(&request).seq();
    let (waiter, asked) = (alice.clone(), request.clone());
    let resumed = std::thread::spawn(move || waiter.poll(&asked, seq, 55));
    waiting(&relay, 1);
    assert_eq!(relay.stranger().get("/readyz").status, 200);

    server.stop();
    let ready = relay.stranger().get("/readyz");
    ready.is_problem(503, "database");
    assert_eq!(relay.stranger().get("/healthz").status, 200, "the process lives");
    let refused = alice.submit(&team.request("alice", &["meanwhile"]));
    refused.is_problem(503, "database");
    assert!(refused.retry_after.is_some());
    assert!(!resumed.is_finished(), "who waits goes on waiting");

    server.start_again(&["-F"]);
    let until = Instant::now() + Duration::from_secs(30);
    while relay.stranger().get("/readyz").status != 200 {
        assert!(Instant::now() < until, "{}", relay.log());
    }
    assert_eq!(bob.say(&request, &team.decide("bob", &request, Decision::Approve)).status, 201);
    let answer = resumed.join().expect("thread");
    assert_eq!(
        (answer.status, &answer.body["statements"][0]["type"]),
        (200, &"approval".into()),
        "{answer:?}"
    );
    assert!(!relay.log().contains("app@"), "no connection string in the log");
}
