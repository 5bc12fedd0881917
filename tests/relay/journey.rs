//! What a request goes through, on both databases.

use crate::server::{GENEROUS, Relay, on_each};
use crate::team::Team;
use guard::statement::Decision;
use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

#[test]
fn an_approval_reaches_the_waiting_requester_at_once() {
    on_each("journey", |place, db| {
        let team = Team::new();
        let relay = Relay::start(place, db, &team, GENEROUS);
        let (alice, bob) = (relay.sign_in(&team, "alice"), relay.sign_in(&team, "bob"));
        let request = team.request("alice", &["kubectl", "delete", "ns", "payments"]);
        let kept = alice.submit(&request);
        assert_eq!(kept.status, 201, "{kept:?}");
        assert_eq!(kept.body["request"], request.digest().to_string());
        let place = format!("/v1/t/{}/requests/{}", team.name, request.digest());
        assert_eq!(kept.location.as_deref(), Some(place.as_str()));

        let first = alice.poll(&request, 0, 0);
        assert_eq!(first.status, 200);
        assert_eq!(first.body["state"], "pending");
        let envelope = first.body["statements"][0]["envelope"].to_string();
        assert_eq!(envelope.as_bytes(), request.to_bytes(), "handed on byte for byte");

        let (waiter, seq) = (alice.clone(), kept.seq());
        let asked = request.clone();
        let waiting = std::thread::spawn(move || (waiter.poll(&asked, seq, 25), Instant::now()));
        let waits = |text: &str| text.contains("guard_relay_waiting 1");
        while !waits(relay.stranger().get("/metrics").body.as_str().unwrap_or_default()) {}
        let begun = Instant::now();
        assert_eq!(bob.say(&request, &team.decide("bob", &request, Decision::Approve)).status, 201);
        let (answer, heard) = waiting.join().expect("thread");
        assert!(heard - begun < Duration::from_secs(1), "{:?}", heard - begun);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body["statements"][0]["type"], "approval");
        assert_eq!(answer.body["statements"][0]["person"], "bob");
        assert_eq!(answer.body["statements"].as_array().map(Vec::len), Some(1));

        assert_eq!(alice.poll(&request, answer.body["next"].as_i64().expect("next"), 0).status, 204);
        let done = alice.say(&request, &team.receipt("alice", &request));
        assert_eq!(done.status, 201, "{done:?}");
        assert_eq!(alice.poll(&request, 0, 0).body["state"], "done");
    });
}

#[test]
fn a_time_out_is_no_error_and_a_stranger_learns_nothing() {
    on_each("nothing", |place, db| {
        let team = Team::new();
        let relay = Relay::start(place, db, &team, GENEROUS);
        let alice = relay.sign_in(&team, "alice");
        let request = team.request("alice", &["rm", "-rf", "/"]);
        let seq = alice.submit(&request).seq();
        let begun = Instant::now();
        assert_eq!(alice.poll(&request, seq, 1).status, 204);
        assert!(begun.elapsed() >= Duration::from_secs(1));
        let other = team.request("alice", &["never", "sent"]);
        alice.poll(&other, 0, 25).is_problem(404, "not-found");
        let mut stranger = relay.stranger();
        stranger.team = team.name.clone();
        stranger.poll(&request, 0, 0).is_problem(401, "sign-in");
        stranger.get(&stranger.at("/inbox")).is_problem(401, "sign-in");
        stranger.submit(&request).is_problem(401, "sign-in");
        stranger.token = Some("bm90LWEtdG9rZW4.AAAA".to_owned());
        stranger.get(&stranger.at("/roster")).is_problem(401, "sign-in");
        alice.get("/v1/t/other.example/inbox").is_problem(403, "other-team");
    });
}

#[test]
fn the_same_statement_twice_is_one() {
    on_each("twice", |place, db| {
        let team = Team::new();
        let relay = Relay::start(place, db, &team, GENEROUS);
        let (alice, bob) = (relay.sign_in(&team, "alice"), relay.sign_in(&team, "bob"));
        let request = team.request("alice", &["kubectl", "delete", "ns", "a"]);
        let (first, second) = (alice.submit(&request), alice.submit(&request));
        assert_eq!((first.status, second.status), (201, 200));
        assert_eq!(first.seq(), second.seq());
        let approval = team.decide("bob", &request, Decision::Approve);
        let answers: Vec<u16> = std::thread::scope(|scope| {
            let sending: Vec<_> =
                (0..8).map(|_| scope.spawn(|| bob.say(&request, &approval).status)).collect();
            sending.into_iter().map(|s| s.join().expect("thread")).collect()
        });
        assert_eq!(answers.iter().filter(|s| **s == 201).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|s| [200, 201].contains(s)), "{answers:?}");
        assert_eq!(alice.poll(&request, 0, 0).body["statements"].as_array().map(Vec::len), Some(2));
    });
}

#[test]
fn the_inbox_shows_the_worst_first_and_each_that_waits() {
    on_each("inbox", |place, db| {
        let team = Team::new();
        let relay = Relay::start(place, db, &team, GENEROUS);
        let (alice, bob) = (relay.sign_in(&team, "alice"), relay.sign_in(&team, "bob"));
        let severity = |word| {
            team.request_with("alice", &["x", word], |r| {
                r.policy.severity = serde_json::from_value(word.into()).expect("a severity");
            })
        };
        for word in ["low", "critical", "medium"] {
            assert_eq!(alice.submit(&severity(word)).status, 201);
        }
        let again = [team.request("alice", &["same"]), team.request("alice", &["same"])];
        again.iter().for_each(|r| assert_eq!(alice.submit(r).status, 201));
        let inbox = bob.get(&bob.at("/inbox"));
        let rows = inbox.body["requests"].as_array().expect("rows");
        let shown: Vec<&str> = rows.iter().filter_map(|r| r["header"]["severity"].as_str()).collect();
        assert_eq!(shown, ["critical", "high", "high", "medium", "low"], "{inbox:?}");
        for (row, request) in rows[1..3].iter().zip(&again) {
            assert_eq!((&row["repeats"], &row["request"]), (&1.into(), &request.digest().to_string().into()));
        }

        assert_eq!(alice.say(&again[1], &team.cancel("alice", &again[1])).status, 201);
        assert_eq!(
            bob.get(&bob.at("/inbox")).body["requests"].as_array().map(Vec::len),
            Some(4),
            "one still waits"
        );
        let cancelled = bob.get(&bob.at("/inbox?state=cancelled"));
        assert_eq!(cancelled.body["requests"].as_array().map(Vec::len), Some(1), "{cancelled:?}");
        bob.get(&bob.at("/inbox?state=odd")).is_problem(400, "bad-request");
    });
}

#[test]
fn only_the_requester_withdraws_claims_and_closes() {
    on_each("own", |place, db| {
        let team = Team::new();
        let relay = Relay::start(place, db, &team, GENEROUS);
        let (alice, bob) = (relay.sign_in(&team, "alice"), relay.sign_in(&team, "bob"));
        let nonce = [9; 32];
        let request = team.request_with("alice", &["x"], |r| r.nonce = guard::statement::Bytes32(nonce));
        assert_eq!(alice.submit(&request).status, 201);
        bob.say(&request, &team.cancel("bob", &request)).is_problem(422, "disagrees");
        bob.say(&request, &team.receipt("bob", &request)).is_problem(422, "disagrees");
        bob.post("/claims", &team.claim("bob", &request, nonce, 1)).is_problem(422, "disagrees");
        assert_eq!(alice.poll(&request, 0, 0).body["state"], "pending");

        let claim = team.claim("alice", &request, nonce, 1);
        assert_eq!(alice.post("/claims", &claim).status, 201);
        assert_eq!(alice.post("/claims", &claim).status, 200, "the answer was lost, and asked for again");
        alice.post("/claims", &team.claim("alice", &request, nonce, 2)).is_problem(409, "spent");
    });
}

#[test]
fn a_claim_is_given_to_one_of_many_machines() {
    on_each("claims", |place, db| {
        let team = Team::new();
        let relay = Relay::start(place, db, &team, GENEROUS);
        let alice = relay.sign_in(&team, "alice");
        let nonce = [7; 32];
        let request = team.request_with("alice", &["x"], |r| r.nonce = guard::statement::Bytes32(nonce));
        assert_eq!(alice.submit(&request).status, 201);
        let answers: Vec<u16> = std::thread::scope(|scope| {
            let (alice, team, request) = (&alice, &team, &request);
            let race =
                |host| move || alice.post("/claims", &team.claim("alice", request, nonce, host)).status;
            let racing: Vec<_> = (0..12).map(|host| scope.spawn(race(host))).collect();
            racing.into_iter().map(|r| r.join().expect("thread")).collect()
        });
        assert_eq!(answers.iter().filter(|s| **s == 201).count(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|s| **s == 409).count(), 11, "{answers:?}");
    });
}

#[test]
fn a_report_holds_the_requester_back_until_another_admin_clears_it() {
    on_each("report", |place, db| {
        let team = Team::new();
        let relay = Relay::start(place, db, &team, GENEROUS);
        let (alice, bob, dora) =
            (relay.sign_in(&team, "alice"), relay.sign_in(&team, "bob"), relay.sign_in(&team, "dora"));
        let request = team.request("alice", &["odd"]);
        assert_eq!(alice.submit(&request).status, 201);
        assert_eq!(bob.say(&request, &team.decide("bob", &request, Decision::Report)).status, 201);
        assert_eq!(alice.poll(&request, 0, 0).body["state"], "denied");
        alice.submit(&team.request("alice", &["more"])).is_problem(403, "frozen");
        assert_eq!(bob.submit(&team.request("bob", &["other"])).status, 201, "nobody else is held back");
        let frozen = bob.get(&bob.at("/frozen"));
        assert_eq!(frozen.body["frozen"][0]["person"], "alice", "{frozen:?}");
        assert_eq!(frozen.body["frozen"][0]["by"], "bob");

        let clear = bob.at("/frozen/alice");
        bob.send("DELETE", &clear, None).is_problem(403, "not-admin");
        alice.send("DELETE", &clear, None).is_problem(403, "not-admin");
        assert_eq!(dora.send("DELETE", &clear, None).status, 204);
        dora.send("DELETE", &clear, None).is_problem(404, "not-found");
        assert_eq!(alice.submit(&team.request("alice", &["more"])).status, 201);
    });
}

#[test]
fn tickets_are_threads_that_can_be_approved() {
    on_each("tickets", |place, db| {
        let team = Team::new();
        let relay = Relay::start(place, db, &team, GENEROUS);
        let (alice, bob) = (relay.sign_in(&team, "alice"), relay.sign_in(&team, "bob"));
        let ticket = team.ticket("alice");
        assert_eq!(alice.post("/tickets", &ticket).status, 201);
        assert_eq!(bob.say(&ticket, &team.decide("bob", &ticket, Decision::Approve)).status, 201);
        let all = bob.get(&bob.at("/tickets"));
        assert_eq!(all.body["tickets"][0]["request"], ticket.digest().to_string(), "{all:?}");
        assert_eq!(bob.poll(&ticket, 0, 0).body["statements"].as_array().map(Vec::len), Some(2));
        let inbox = bob.get(&bob.at("/inbox"));
        assert_eq!(inbox.body["requests"][0]["header"]["kind"], "ticket", "{inbox:?}");
        alice.submit(&ticket).is_problem(422, "wrong-place");
    });
}

#[test]
fn a_break_glass_is_told_with_or_without_its_request_and_reviewed_in_its_thread() {
    on_each("breakglass", |place, db| {
        let team = Team::new();
        let relay = Relay::start(place, db, &team, &[GENEROUS, &["--notify=log:ops"]].concat());
        let (alice, bob) = (relay.sign_in(&team, "alice"), relay.sign_in(&team, "bob"));
        let request = team.request("alice", &["kubectl", "rollout", "undo"]);
        let unsent = team.request("alice", &["while", "offline"]);
        assert_eq!(alice.submit(&request).status, 201);
        let opened = team.breakglass("alice", &request);
        assert_eq!(alice.say(&request, &opened).status, 201);
        assert_eq!(alice.submit(&team.breakglass("alice", &unsent)).status, 201);
        let review = team.review("bob", &opened);
        bob.say(&unsent, &review).is_problem(404, "not-found");
        assert_eq!(bob.say(&request, &review).status, 201);
        let thread = bob.poll(&request, 0, 0);
        let kinds: Vec<&str> = thread.body["statements"]
            .as_array()
            .expect("statements")
            .iter()
            .filter_map(|s| s["type"].as_str())
            .collect();
        assert_eq!(kinds, ["request", "breakglass", "review"]);
        while relay.log().matches("\"event\":\"breakglass\"").count() < 2 {}
    });
}

#[test]
fn a_witness_refuses_a_log_that_went_back() {
    on_each("witness", |place, db| {
        let team = Team::new();
        let key = format!("--key={}", place.path("relay.key").display());
        let relay = Relay::start(place, db, &team, &[GENEROUS, &[&key]].concat());
        let alice = relay.sign_in(&team, "alice");
        let signed = alice.post("/checkpoints", &team.checkpoint("alice", 10, 1));
        assert_eq!(signed.status, 201, "{signed:?}");
        assert!(signed.body["cosignature"].as_str().is_some_and(|c| c.starts_with("\u{2014} 127.0.0.1:")));
        assert_eq!(alice.post("/checkpoints", &team.checkpoint("alice", 12, 2)).status, 201);
        let back = alice.post("/checkpoints", &team.checkpoint("alice", 11, 3));
        back.is_problem(409, "went-back");
        assert_eq!(back.body["size"], 12);
        alice.post("/checkpoints", &team.checkpoint("alice", 12, 4)).is_problem(409, "went-back");
    });
}

#[test]
fn events_go_on_where_the_reader_stopped() {
    on_each("events", |place, db| {
        let team = Team::new();
        let relay = Relay::start(place, db, &team, GENEROUS);
        let (alice, bob) = (relay.sign_in(&team, "alice"), relay.sign_in(&team, "bob"));
        let request = team.request("alice", &["x"]);
        let seq = alice.submit(&request).seq();
        let stream = bob.stream("/events", Some(seq - 1));
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        let mut next = |prefix: &str| lines.find(|l| l.starts_with(prefix)).expect("the stream goes on");
        assert_eq!(next("id: "), format!("id: {seq}"));
        let denied = bob.say(&request, &team.decide("bob", &request, Decision::Deny));
        assert_eq!(next("id: "), format!("id: {}", denied.seq()));
        assert!(next("data: ").contains("\"type\":\"approval\""));
        let odd = bob.http.get(format!("{}{}", bob.url, bob.at("/events"))).header("last-event-id", "x");
        let answer = odd.bearer_auth(bob.token.as_ref().expect("token")).send().expect("an answer");
        assert_eq!(answer.status(), 400);
    });
}
