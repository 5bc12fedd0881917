//! Ending an instance: waiters are let go, calls in flight finish, the exit status is 0.

use crate::server::{GENEROUS, Place, Relay};
use crate::team::Team;
use std::time::{Duration, Instant};

#[test]
fn sigterm_lets_everybody_go_and_keeps_what_was_taken() {
    let (place, team) = (Place::new("sigterm"), Team::new());
    let mut relay = Relay::start(&place, &place.sqlite(), &team, GENEROUS);
    let alice = relay.sign_in(&team, "alice");
    let request = team.request("alice", &["x"]);
    let seq = alice.submit(&request).seq();
    let stream = alice.stream("/events", Some(seq));
    let waiting: Vec<_> = (0..200)
        .map(|_| {
            let (alice, request) = (alice.clone(), request.clone());
            std::thread::spawn(move || alice.poll(&request, seq, 50).status)
        })
        .collect();
    let all = |text: &str| text.contains("guard_relay_waiting 200\n");
    while !all(relay.stranger().get("/metrics").body.as_str().unwrap_or_default()) {}
    let begun = Instant::now();
    assert_eq!(relay.end(), Some(0), "{}", relay.log());
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(waiting.into_iter().all(|w| w.join().expect("thread") == 204));
    assert!(stream.text().is_ok(), "the stream ended in order");

    let again = Relay::start(&place, &place.sqlite(), &team, GENEROUS);
    assert_eq!(again.sign_in(&team, "alice").poll(&request, 0, 0).status, 200);
}

#[test]
fn the_log_is_json_without_bearers_and_foreign_text() {
    let (place, team) = (Place::new("log"), Team::new());
    let mut relay = Relay::start(&place, &place.sqlite(), &team, &[GENEROUS, &["--verbose"]].concat());
    let alice = relay.sign_in(&team, "alice");
    assert_eq!(alice.submit(&team.request("alice", &["s3cret-argument"])).status, 201);
    alice.get("/v1/t/forged%0aline/inbox");
    alice.get("/nowhere/forged-path");
    assert_eq!(relay.end(), Some(0));
    let log = relay.log();
    let token = alice.token.expect("token");
    for hidden in [token.as_str(), &token[..40], "s3cret-argument", "forged", "INC-4411"] {
        assert!(!log.contains(hidden), "{hidden}: {log}");
    }
    assert!(log.contains("/v1/t/{team}/requests"), "{log}");
    for line in log.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
}
