//! A relay that lies, between a real requester and a real approver: nothing is approved wrongly, nothing hangs beyond its
//! time, and what is said tells what to do.

use crate::desk::err;
use crate::meddler::{Call, Meddle, Out, Reply, honest};
use crate::pair::{DELETE, Pair, approves, ends, id_of};
use crate::pty::Pty;
use guard::statement::approval::{Approval, Decision, Saw};
use guard::statement::heard::{Finding, Heard};
use guard::statement::{Draft, Envelope, Request, read, render};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// alice leaves: the request was never approved.
fn leaves(mut alice: Pty) -> String {
    alice.send(b"\x1b");
    let shown = ends(alice, 77);
    assert!(!shown.contains("ran:"), "{shown}");
    shown
}

/// Threads on their way to one person, changed.
fn threads(who: &'static str, change: impl Fn(&Call, &mut Value) + Send + Sync + 'static) -> Meddle {
    Box::new(move |call, pass| {
        let mut reply = pass(call);
        if call.is(who, "GET", "/requests/") && reply.status == 200 {
            let mut value = reply.value();
            change(call, &mut value);
            reply.body = value.to_string().into_bytes();
        }
        Out::Answer(reply)
    })
}

fn push(thread: &mut Value, statement: &Envelope) {
    let envelope: Value = serde_json::from_slice(&statement.to_bytes()).expect("JSON");
    let next = thread["next"].as_u64().unwrap_or(0) + 1;
    let entry = json!({ "seq": next, "envelope": envelope });
    thread["statements"].as_array_mut().expect("statements").push(entry);
    thread["next"] = json!(next);
}

/// An approval in somebody's name, by any key.
fn approval(pair: &Pair, who: &str, about: &Envelope, key: &guard::keys::SigningKey) -> Envelope {
    let request = read::<Request>(about.payload()).expect("a request");
    let decided = pair.team.decide(who, about, Decision::Approve);
    let mut said = read::<Approval>(decided.payload()).expect("an approval");
    said.number = Some("123".to_owned());
    let digest = render::request(&request).digest;
    said.saw = Some(Saw { render: render::RENDER.to_owned(), digest, end: true, ms: 9000 });
    Draft::of(&said).expect("canonical").sign(key)
}

#[test]
fn statements_twice_in_disorder_and_late_still_decide_once() {
    let pair = Pair::new("disorder");
    pair.meddle(Box::new(|call, pass| {
        let mut reply = pass(call);
        if call.is("alice", "GET", "/requests/") && reply.status == 200 {
            // Slow, backwards, and everything twice.
            std::thread::sleep(Duration::from_millis(1200));
            let mut value = reply.value();
            let list = value["statements"].as_array_mut().expect("statements");
            let mut again = list.clone();
            list.reverse();
            list.append(&mut again);
            reply.body = value.to_string().into_bytes();
        }
        Out::Answer(reply)
    }));
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    let mut bob = pair.bob_at(&["approve", &id]);
    approves(&mut bob, &mut alice);
    let shown = ends(alice, 0);
    assert_eq!(shown.matches("ran: delete deployment web").count(), 1, "{shown}");
    ends(bob, 0);
}

#[test]
fn approvals_that_the_relay_makes_up_or_changes_count_for_nothing() {
    let pair = Pair::new("forged");
    let mut alice = pair.asks(DELETE);
    id_of(&mut alice);
    let request = pair.request();
    let stranger = crate::team::key(99, 1);
    let forged = approval(&pair, "bob", &request, &stranger);
    // carol's, with another decision under her signature.
    let seen = pair.team.decide("carol", &request, Decision::Viewing);
    let mut value: Value = serde_json::from_slice(&seen.to_bytes()).expect("JSON");
    value["payload"] = serde_json::from_slice::<Value>(&forged.to_bytes()).expect("JSON")["payload"].clone();
    let changed = Envelope::from_bytes(value.to_string().as_bytes()).expect("an envelope");
    // alice's own word for it.
    let own = approval(&pair, "alice", &request, pair.team.key("alice"));
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    pair.meddle(Box::new(move |call, pass| {
        if call.is("alice", "GET", "/requests/") {
            let mut thread = json!({ "statements": [], "next": 900 });
            [&forged, &changed, &own].into_iter().for_each(|statement| push(&mut thread, statement));
            if count.fetch_add(1, Ordering::SeqCst) > 1 {
                std::thread::sleep(Duration::from_millis(500));
            }
            return Out::Answer(Reply::json(200, &thread.to_string()));
        }
        Out::Answer(pass(call))
    }));
    // Something real wakes the long poll.
    let carol = pair.caller("carol");
    carol.say(&request, &pair.team.decide("carol", &request, Decision::Viewing));
    alice.wait_for("what alice sent does not count");
    assert!(sent.load(Ordering::SeqCst) > 0);
    leaves(alice);
}

#[test]
fn an_approval_of_another_request_is_not_carried_over() {
    let pair = Pair::new("replayed");
    let kept: Arc<Mutex<Vec<Value>>> = Arc::default();
    let store = kept.clone();
    pair.meddle(threads("alice", move |_, value| {
        store.lock().expect("lock").extend(value["statements"].as_array().cloned().unwrap_or_default());
    }));
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    let mut bob = pair.bob_at(&["approve", &id]);
    approves(&mut bob, &mut alice);
    ends(alice, 0);
    ends(bob, 0);
    // The same command again: everything of the first thread is put into this one.
    let replay = kept.lock().expect("lock").clone();
    assert!(replay.len() >= 3, "{replay:?}");
    pair.meddle(Box::new(move |call, pass| {
        if call.is("alice", "GET", "/requests/") {
            let first = call.path.contains("after=0");
            let statements = if first { Value::Array(replay.clone()) } else { json!([]) };
            std::thread::sleep(Duration::from_millis(if first { 0 } else { 500 }));
            return Out::Answer(Reply::json(
                200,
                &json!({ "statements": statements, "next": 999 }).to_string(),
            ));
        }
        Out::Answer(pass(call))
    }));
    let mut alice = pair.asks(DELETE);
    id_of(&mut alice);
    alice.wait_for("what bob sent does not count: it is about another request");
    leaves(alice);
}

#[test]
fn a_refusal_that_is_hidden_lets_nothing_run() {
    let pair = Pair::new("hidden");
    pair.meddle(Box::new(|call, pass| {
        if call.is("bob", "POST", "/statements") {
            return Out::Answer(Reply::json(201, "{\"seq\":77}"));
        }
        Out::Answer(pass(call))
    }));
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    let denied = pair.bob(&["deny", &id, "--reason", "not tonight"]);
    assert_eq!(denied.status.code(), Some(0), "{denied:?}");
    // It travels by hand, too, and then it counts.
    let request = pair.request();
    let refusal = pair.team.decide("carol", &request, Decision::Deny);
    let text = guard::team::paste::to_text(guard::team::paste::Form::Answer, &refusal.to_bytes());
    let answered = pair.scene.guard(&["requests", "answer", &text]);
    assert_eq!(answered.status.code(), Some(0), "{answered:?}");
    let shown = ends(alice, 77);
    assert!(shown.contains("carol denies it") && !shown.contains("ran:"), "{shown}");
}

#[test]
fn a_roster_that_is_held_back_does_not_bring_a_revoked_key_back() {
    let pair = Pair::new("stale");
    let revoked = pair.team.file.persons[1].keys.clone();
    let (_, next) = pair.team.next(|file| {
        file.persons[1].keys = vec![revoked[1].clone()];
    });
    // alice's machine knows the next version; the relay goes on with the first.
    let state = pair.scene.path("home/.local/state/guard");
    let mut team = guard::team::Team::existing(&state).expect("readable").expect("a team");
    team.advance(next).expect("it follows");
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    let request = pair.request();
    // bob's machine does not know it: his guard says that the request goes by a newer one.
    let listed = pair.bob(&["inbox", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!(listed["requests"][0]["person"], "alice", "{listed}");
    let denied = pair.bob(&["deny", &id, "--reason", "by an old key"]);
    assert_eq!(denied.status.code(), Some(0), "{denied:?}");
    // Not even his refusal counts any more; and nothing else happens.
    alice.wait_for("waiting for 1 of sre");
    let approved = approval(&pair, "bob", &request, &crate::team::key(99, 1));
    pair.caller("carol").say(&request, &approved);
    leaves(alice);
}

#[test]
fn a_thread_of_another_request_is_not_shown_as_the_one_asked_for() {
    let pair = Pair::new("swapped");
    // What the relay shows instead: harmless, and signed by alice.
    let harmless = pair.team.request("alice", &["kubectl", "get", "pods"]);
    let decoy = harmless.clone();
    pair.meddle(threads("bob", move |_, value| {
        value["statements"] = json!([]);
        push(value, &decoy);
    }));
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    let output = pair.bob(&["approve", &id]);
    assert_eq!(output.status.code(), Some(75), "{output:?}");
    assert!(err(&output).contains("no request") && err(&output).contains("hint: "), "{output:?}");
    let listed = pair.bob(&["inbox"]);
    assert!(!String::from_utf8_lossy(&listed.stdout).contains("get pods"), "{listed:?}");
    // Its words changed under the signature: another digest, so not the one asked for either.
    let request = pair.request();
    let mut value: Value = serde_json::from_slice(&request.to_bytes()).expect("JSON");
    let other: Value = serde_json::from_slice(&harmless.to_bytes()).expect("JSON");
    value["payload"] = other["payload"].clone();
    let changed = Envelope::from_bytes(value.to_string().as_bytes()).expect("an envelope");
    let digest = changed.digest();
    pair.meddle(Box::new(move |call, pass| {
        let mut reply = pass(call);
        if call.is("bob", "GET", "/inbox") {
            let mut value = reply.value();
            value["requests"][0]["request"] = json!(digest.to_string());
            reply.body = value.to_string().into_bytes();
        } else if call.is("bob", "GET", "/requests/") {
            let mut thread = json!({ "statements": [], "next": 1 });
            push(&mut thread, &changed);
            reply = Reply::json(200, &thread.to_string());
        }
        Out::Answer(reply)
    }));
    let listed = pair.bob(&["inbox"]);
    let lines = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(lines.contains("NOT GENUINE") && lines.contains("get pods"), "{listed:?}");
    let denied = pair.bob(&["deny", &digest.hex()[..8], "--reason", "no"]);
    assert_eq!(denied.status.code(), Some(77), "{denied:?}");
    assert!(err(&denied).contains("not genuine"), "{denied:?}");
    leaves(alice);
}

#[test]
fn a_word_about_the_number_that_is_not_the_requester_s_is_not_believed() {
    let pair = Pair::new("lies");
    let team = (pair.team.name.clone(), pair.team.kid("carol"));
    let carol = crate::team::key(7, 2);
    // What alice's guard says is kept; carol's key says that every approval counts.
    pair.meddle(Box::new(move |call, pass| {
        if call.is("alice", "POST", "/statements") {
            return Out::Answer(Reply::json(201, "{\"seq\":77}"));
        }
        let mut reply = pass(call);
        if call.is("bob", "GET", "/requests/") && reply.status == 200 {
            let mut value = reply.value();
            let all = value["statements"].as_array().cloned().unwrap_or_default();
            for entry in all {
                let envelope = Envelope::from_bytes(entry["envelope"].to_string().as_bytes());
                let Ok(envelope) = envelope else { continue };
                let Ok(said) = read::<Approval>(envelope.payload()) else { continue };
                let heard = Heard {
                    v: 1,
                    team: team.0.clone(),
                    request: said.request,
                    about: envelope.digest(),
                    person: "carol".to_owned(),
                    key: team.1.clone(),
                    iat: said.iat,
                    finding: Finding::Counts,
                    left: 1,
                };
                push(&mut value, &Draft::of(&heard).expect("canonical").sign(&carol));
            }
            reply.body = value.to_string().into_bytes();
        }
        Out::Answer(reply)
    }));
    let mut alice = pair.asks(DELETE);
    let (bob, _) = pair.bob_mistakes(&mut alice);
    let shown = ends(bob, 0);
    assert!(shown.contains("has not said whether the number is right"), "{shown}");
    leaves(alice);
}

type Make = Box<dyn Fn() -> Out + Send + Sync>;

/// Answers that no relay gives, each with the words that follow.
fn nonsense(elsewhere: &str) -> Vec<(&'static str, Make)> {
    let location = elsewhere.to_owned();
    let html = Reply {
        status: 200,
        headers: vec![("content-type".into(), "text/html".into())],
        body: b"<p>log in".into(),
    };
    let big = json!({ "v": 1, "requests": [], "statements": "x".repeat((256 << 10) + 1) }).to_string();
    vec![
        ("a page", Box::new(move || Out::Answer(html.clone()))),
        ("no JSON", Box::new(|| Out::Answer(Reply::json(200, "{\"requests\":[{")))),
        ("other JSON", Box::new(|| Out::Answer(Reply::json(200, "{\"requests\":[{\"request\":7}]}")))),
        ("a large one", Box::new(move || Out::Answer(Reply::json(200, &big)))),
        ("without end", Box::new(|| Out::Endless)),
        (
            "elsewhere",
            Box::new(move || {
                let headers = vec![("location".to_owned(), location.clone())];
                Out::Answer(Reply { status: 307, headers, body: Vec::new() })
            }),
        ),
        ("503", Box::new(|| Out::Answer(Reply::json(503, "{}")))),
        ("hangs up", Box::new(|| Out::HangUp)),
        ("half a head", Box::new(|| Out::Raw(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec(), Duration::ZERO))),
        ("drop by drop", Box::new(|| Out::Drip(Duration::from_secs(60)))),
        ("silence", Box::new(|| Out::Raw(Vec::new(), Duration::from_secs(60)))),
    ]
}

#[test]
fn answers_that_no_relay_gives_end_in_time_with_what_to_do() {
    let pair = Pair::new("nonsense");
    let trap = TcpListener::bind("127.0.0.1:0").expect("a port");
    trap.set_nonblocking(true).expect("nonblocking");
    let elsewhere = format!("http://{}/v1", trap.local_addr().expect("an address"));
    for (name, answer) in nonsense(&elsewhere) {
        // Signing in works, so that a bearer could be lost.
        pair.meddle(Box::new(move |call, pass| match call.path.starts_with("/v1/auth/") {
            true => Out::Answer(pass(call)),
            false => answer(),
        }));
        let began = Instant::now();
        let output = pair.bob(&["inbox"]);
        assert!(began.elapsed() < Duration::from_secs(25), "{name}: {:?}", began.elapsed());
        assert_eq!(output.status.code(), Some(69), "{name}: {output:?}");
        let said = err(&output);
        assert!(said.starts_with("guard: ") && said.contains("\nguard: hint: "), "{name}: {said}");
        assert!(output.stdout.is_empty(), "{name}: {output:?}");
    }
    assert!(trap.accept().is_err(), "nothing follows the relay elsewhere");
}

#[test]
fn a_wait_outlives_a_storm_of_errors_and_leaving_does_not_hang() {
    let pair = Pair::new("storm");
    let calls = Arc::new(AtomicUsize::new(0));
    let count = calls.clone();
    pair.meddle(Box::new(move |call, pass| {
        if !call.path.contains("/requests") {
            return Out::Answer(pass(call));
        }
        match count.fetch_add(1, Ordering::SeqCst) {
            0 => Out::Answer(Reply::json(500, "{}")),
            1 => Out::Answer(Reply::json(200, "<html>")),
            2 => Out::HangUp,
            _ => Out::Answer(pass(call)),
        }
    }));
    let mut alice = pair.asks(DELETE);
    alice.wait_for("trying again, and meanwhile `guard requests show");
    let _ = pair.request();
    alice.wait_for("the relay answers again");
    // From now on it says nothing at all: leaving still ends.
    pair.meddle(Box::new(|_, _| Out::Drip(Duration::from_secs(90))));
    let began = Instant::now();
    leaves(alice);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    pair.meddle(honest());
}

#[test]
fn a_relay_learns_no_secret_of_the_command() {
    let pair = Pair::new("secrets");
    let seen: Arc<Mutex<Vec<u8>>> = Arc::default();
    let all = seen.clone();
    pair.meddle(Box::new(move |call, pass| {
        let mut all = all.lock().expect("lock");
        all.extend_from_slice(&call.body);
        if let Ok(envelope) = Envelope::from_bytes(&call.body) {
            all.extend_from_slice(envelope.payload());
        }
        drop(all);
        Out::Answer(pass(call))
    }));
    let mut alice = pair.asks(&["--token=c0rrect-h0rse-battery", "delete", "deployment", "web"]);
    let id = id_of(&mut alice);
    let listed = pair.bob(&["inbox", "--json"]);
    let text = String::from_utf8_lossy(&seen.lock().expect("lock")).into_owned();
    assert!(text.contains("\"argv\"") && text.contains("deployment"), "{text}");
    assert!(!text.contains("c0rrect-h0rse") && !format!("{listed:?}").contains("c0rrect-h0rse"), "{text}");
    let shown = leaves(alice);
    assert!(!shown.contains("c0rrect-h0rse"), "{id}: {shown}");
}

#[test]
fn a_policy_planted_in_the_working_directory_changes_nothing() {
    let pair = Pair::new("planted");
    let tame = "[[policy]]\nname = \"production\"\nwhen = {}\nrequire = [\"notice\"]\n";
    let label = "[[environment]]\nname = \"development\"\nkubernetes.context = \"*\"\n";
    for name in [
        "work/.guard/policy.toml",
        "work/guard/policy.toml",
        "work/policy.toml",
        "work/.config/guard/policy.toml",
    ] {
        pair.scene.write(name, tame);
        pair.scene.write(&name.replace("policy.toml", "environments.toml"), label);
    }
    let mut alice = pair.asks(DELETE);
    id_of(&mut alice);
    let listed = pair.bob(&["inbox", "--json"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("\"class\":\"production\""), "{listed:?}");
    leaves(alice);
}
