//! Notifications leave once, in order, also with two instances and after a killed one.

use crate::server::{GENEROUS, Place, Relay, database, on_each, shared};
use crate::team::Team;
use guard::statement::Decision;

fn told(log: &str, event: &str) -> usize {
    let line = |l: &&str| {
        l.contains("\"message\":\"notification\"") && l.contains(&format!("\"event\":\"{event}\""))
    };
    log.lines().filter(line).count()
}

#[test]
fn opening_and_end_are_told_and_the_end_updates_the_same_message() {
    on_each("notices", |place, db| {
        let team = Team::new();
        let relay = Relay::start(place, db, &team, &[GENEROUS, &["--notify=log:ops"]].concat());
        let (alice, bob) = (relay.sign_in(&team, "alice"), relay.sign_in(&team, "bob"));
        let request = team.request("alice", &["x"]);
        assert_eq!(alice.submit(&request).status, 201);
        let same = team.request("alice", &["x"]);
        assert_eq!(alice.submit(&same).status, 201);
        assert_eq!(bob.say(&same, &team.decide("bob", &same, Decision::Deny)).status, 201);
        while told(&relay.log(), "denied") == 0 {}
        let log = relay.log();
        assert_eq!(
            (told(&log, "opened"), told(&log, "denied")),
            (1, 1),
            "identical requests collapse: {log}"
        );
        let denied = log.lines().find(|l| l.contains("\"event\":\"denied\"")).expect("told");
        assert!(denied.contains("\"update\":true"), "{denied}");
    });
}

#[test]
fn two_instances_send_each_message_once() {
    let Some(server) = shared() else { return };
    let (place, team) = (Place::new("once"), Team::new());
    let db = database(&server, "once");
    let more = [GENEROUS, &["--notify=log:ops"]].concat();
    let relays = [Relay::start(&place, &db, &team, &more), Relay::start(&place, &db, &team, &more)];
    let callers: Vec<_> = relays.iter().map(|r| r.sign_in(&team, "alice")).collect();
    for number in 0..40_usize {
        let request = team.request("alice", &["x", &number.to_string()]);
        assert_eq!(callers[number % 2].submit(&request).status, 201);
    }
    let all = || relays.iter().map(|r| told(&r.log(), "opened")).sum::<usize>();
    while all() < 40 {}
    let sent = "select count(*) from outbox where done = 1";
    let name = db.rsplit('/').next().and_then(|n| n.split('?').next()).expect("a name");
    while server.ask(name, sent) != "40" {}
    assert_eq!(all(), 40);
}
