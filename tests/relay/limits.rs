//! Floods, sizes and nonsense: the relay says what is wrong and goes on for everybody else.

use crate::server::{GENEROUS, Place, Relay};
use crate::team::Team;
use guard::statement::{Decision, Foreign};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;

const LARGEST: usize = 256 * 1024;

/// The largest request that a statement may be.
fn largest(team: &Team) -> Vec<u8> {
    let of =
        |length: usize| team.try_request("alice", &["x"], |r| r.exec.argv.push(Foreign(vec![b'a'; length])));
    let (mut fits, mut too_large) = (0, LARGEST);
    while fits + 1 < too_large {
        let middle = usize::midpoint(fits, too_large);
        if of(middle).is_some() { fits = middle } else { too_large = middle }
    }
    of(fits).expect("it fits").to_bytes()
}

#[test]
fn the_largest_body_is_taken_and_one_byte_more_is_not() {
    let (place, team) = (Place::new("size"), Team::new());
    let relay = Relay::start(&place, &place.sqlite(), &team, GENEROUS);
    let alice = relay.sign_in(&team, "alice");
    let body = largest(&team);
    assert!((LARGEST / 10 * 9..=LARGEST).contains(&body.len()), "{}", body.len());
    let taken = alice.send("POST", &alice.at("/requests"), Some(body.clone()));
    assert_eq!(taken.status, 201, "{taken:?}");

    let mut exactly = body.clone();
    exactly.resize(LARGEST, b' ');
    let read = alice.send("POST", &alice.at("/requests"), Some(exactly));
    read.is_problem(422, "malformed");
    let over = alice.send("POST", &alice.at("/requests"), Some(vec![b'a'; LARGEST + 1]));
    over.is_problem(413, "too-large");
    chunked(&relay, alice.token.as_deref().expect("token"), &alice.at("/requests"));
    assert_eq!(alice.submit(&team.request("alice", &["still here"])).status, 201);
}

/// The same without a Content-Length.
fn chunked(relay: &Relay, token: &str, path: &str) {
    let mut stream = TcpStream::connect(relay.url.trim_start_matches("http://")).expect("connects");
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("writes");
    for _ in 0..=64 {
        let chunk = format!("1000\r\n{}\r\n", "a".repeat(4096));
        if stream.write_all(chunk.as_bytes()).is_err() {
            break;
        }
    }
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[test]
fn what_is_no_statement_is_refused_and_said() {
    let (place, team) = (Place::new("malformed"), Team::new());
    let relay = Relay::start(&place, &place.sqlite(), &team, GENEROUS);
    let alice = relay.sign_in(&team, "alice");
    let good = String::from_utf8(team.request("alice", &["x"]).to_bytes()).expect("utf-8");
    let twisted = |from: &str, to: &str| good.replacen(from, to, 1).into_bytes();
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), "malformed"),
        (b"{".to_vec(), "malformed"),
        (b"[]".to_vec(), "malformed"),
        (vec![0xff; 64], "malformed"),
        (vec![b'['; 100_000], "malformed"),
        (twisted("{\"payload\"", "{\"payload\":\"e30=\",\"payload\""), "malformed"),
        (twisted("vnd.guard.request", "vnd.guard.approval"), "signature"),
        (twisted("vnd.guard.request", "vnd.guard.attach"), "malformed"),
        (twisted("\"keyid\":\"SHA256:", "\"keyid\":\"SHA256:x"), "key"),
        (format!(" {good}").into_bytes(), "malformed"),
    ];
    for (body, kind) in cases {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = alice.send("POST", &alice.at("/requests"), Some(body));
        assert_eq!(answer.body["type"], format!("urn:guard:problem:{kind}"), "{shown}: {answer:?}");
        assert_eq!(answer.status, 422, "{shown}");
    }
    // Somebody else's signature, another team's statement, a statement in the wrong place.
    let other = Team::of("other.example", &["alice", "bob", "dora", "eli"]);
    alice.submit(&other.request("alice", &["x"])).is_problem(422, "signature");
    let request = team.request("alice", &["x"]);
    let approval = team.decide("bob", &request, Decision::Approve);
    alice.submit(&approval).is_problem(422, "wrong-place");
    alice.say(&request, &approval).is_problem(404, "not-found");
    assert_eq!(alice.submit(&request).status, 201);
    let elsewhere = team.request("alice", &["y"]);
    assert_eq!(alice.submit(&elsewhere).status, 201);
    alice.say(&elsewhere, &approval).is_problem(422, "other-request");
    alice.say(&request, &team.claim("alice", &request, [1; 32], 1)).is_problem(422, "wrong-place");
    let over = team.request_with("alice", &["x"], |r| (r.iat, r.exp) = (r.iat - 7200, r.iat - 3600));
    alice.submit(&over).is_problem(422, "over");
    let long = team.request_with("alice", &["x"], |r| r.exp = r.iat + 8 * 86_400);
    alice.submit(&long).is_problem(422, "times");
}

#[test]
fn addresses_and_methods_that_are_not_there_are_problems_too() {
    let (place, team) = (Place::new("addresses"), Team::new());
    let relay = Relay::start(&place, &place.sqlite(), &team, GENEROUS);
    let alice = relay.sign_in(&team, "alice");
    alice.get("/").is_problem(404, "not-found");
    alice.get("/v1/t/%ff/inbox").is_problem(400, "bad-request");
    alice.send("PUT", "/v1/auth/token", None).is_problem(405, "method");
    alice.get(&alice.at("/requests/nonsense")).is_problem(404, "not-found");
    let request = team.request("alice", &["x"]);
    for query in ["after=-1", "after=x", "wait=56", "wait=", "after=99999999999999999999"] {
        let path = alice.at(&format!("/requests/{}?{query}", request.digest()));
        alice.get(&path).is_problem(400, "bad-request");
    }
    alice.get(&alice.at("/roster/x")).is_problem(404, "not-found");
    alice.get(&alice.at("/roster/2")).is_problem(404, "not-found");
    let stranger = relay.stranger();
    stranger
        .post_json("/v1/auth/challenge", &json!({ "team": "a\nb", "key": "k" }))
        .is_problem(400, "bad-request");
    stranger.post_json("/v1/auth/challenge", &json!({ "team": "t" })).is_problem(400, "bad-request");
    let large = json!({ "team": "t", "key": "k".repeat(9000) });
    let answer = stranger.post_json("/v1/auth/challenge", &large);
    answer.is_problem(413, "too-large");
    assert_eq!(answer.body["detail"], "the body has more than 8192 bytes");
    let odd = json!({ "challenge": "x", "signature": "AA==" });
    stranger.post_json("/v1/auth/token", &odd).is_problem(401, "sign-in");
}

#[test]
fn a_flood_from_one_key_is_held_back_and_others_go_on() {
    let (place, team) = (Place::new("flood"), Team::new());
    let relay = Relay::start(&place, &place.sqlite(), &team, &["--pending=5"]);
    let (alice, bob) = (relay.sign_in(&team, "alice"), relay.sign_in(&team, "bob"));
    let answers: Vec<_> =
        (0..12).map(|i| alice.submit(&team.request("alice", &["x", &i.to_string()]))).collect();
    assert!(answers[..5].iter().all(|a| a.status == 201), "{answers:?}");
    // The sixth passes the rate and meets the limit of waiting requests; the seventh meets the rate.
    for answer in &answers[5..] {
        answer.is_problem(429, "too-many");
        assert!(answer.retry_after.is_some_and(|s| (1..=60).contains(&s)), "{answer:?}");
    }
    let request = team.request("bob", &["x"]);
    assert_eq!(bob.submit(&request).status, 201, "another key is not held back");
    let decisions: Vec<u16> =
        (0..35).map(|_| bob.say(&request, &team.decide("bob", &request, Decision::Viewing)).status).collect();
    assert_eq!(decisions.iter().filter(|s| **s == 429).count(), 5, "{decisions:?}");
    let metrics = relay.stranger().get("/metrics");
    assert!(
        metrics.body.as_str().is_some_and(|t| t.contains("guard_relay_limited_total{limit=\"requests\"} 6"))
    );
    // Who it is, once for each limit: not the flood again, in the log.
    let log = relay.log();
    let said: Vec<&str> = log.lines().filter(|line| line.contains("turned away")).collect();
    let of = |who: &str, limit: &str| {
        let (key, limit) = (format!("\"key\":\"{}\"", team.kid(who)), format!("\"limit\":\"{limit}\""));
        said.iter().filter(|line| line.contains(&key) && line.contains(&limit)).count()
    };
    assert_eq!((of("alice", "requests"), of("bob", "decisions"), said.len()), (1, 1, 2), "{log}");
}

#[test]
fn a_slow_stranger_is_cut_off_and_costs_no_place() {
    let (place, team) = (Place::new("slow"), Team::new());
    let relay = Relay::start(&place, &place.sqlite(), &team, GENEROUS);
    let slow: Vec<TcpStream> = (0..200)
        .map(|_| {
            let mut stream = TcpStream::connect(relay.url.trim_start_matches("http://")).expect("connects");
            stream.write_all(b"POST /v1/auth/challenge HTTP/1.1\r\nhost: x\r\n").expect("writes");
            stream
        })
        .collect();
    let alice = relay.sign_in(&team, "alice");
    assert_eq!(alice.submit(&team.request("alice", &["x"])).status, 201);
    drop(slow);
}
