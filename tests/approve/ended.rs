//! Requests that ended, as an approver meets them by their id: how, with a status that says so.

use crate::desk::err;
use crate::later::settle;
use crate::pair::{DELETE, Pair, approves, ends, id_of};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// Every verb on a request that ended says the same.
fn says(pair: &Pair, id: &str, status: i32, words: &str) {
    let verbs: [&[&str]; 3] =
        [&["approve", id], &["deny", id, "--reason", "too late"], &["approve", "--revoke", id]];
    for args in verbs {
        let output = pair.bob(args);
        assert_eq!(output.status.code(), Some(status), "{args:?}: {output:?}");
        assert!(err(&output).contains(words), "{args:?}: {output:?}");
    }
}

/// Waits for the receipt, which travels by itself.
fn comes(pair: &Pair, id: &str, words: &str) {
    for _ in 0..200 {
        if err(&pair.bob(&["approve", id])).contains(words) {
            return;
        }
    }
    panic!("no receipt came");
}

#[test]
fn an_id_that_ended_says_how_and_one_that_never_was_is_unknown() {
    let pair = Pair::new("ended");
    says(&pair, "0123456789ab", 64, "the relay knows no request 0123456789ab");
    // Taken back.
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    alice.send(b"\x1b");
    ends(alice, 77);
    says(&pair, &id, 77, "it is over: withdrawn by who asked");
    // Denied.
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    let denied = pair.bob(&["deny", &id, "--reason", "not\u{1b}[2J during the freeze"]);
    assert_eq!(denied.status.code(), Some(0), "{denied:?}");
    ends(alice, 77);
    says(&pair, &id, 77, "it is over: denied by bob: not");
    assert!(!err(&pair.bob(&["approve", &id])).contains('\u{1b}'));
    // Used.
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    let mut bob = pair.bob_at(&["approve", &id]);
    approves(&mut bob, &mut alice);
    ends(alice, 0);
    ends(bob, 0);
    comes(&pair, &id, "used: the command has started");
    says(&pair, &id, 77, "it is over: used: the command has started");
    // Drift.
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    let mut bob = pair.bob_at(&["approve", &id]);
    pair.scene.stub("kubectl", "#!/bin/sh\necho other\n");
    approves(&mut bob, &mut alice);
    ends(alice, 65);
    drop(bob);
    comes(&pair, &id, "not what was approved");
    says(&pair, &id, 65, "it is over: nothing ran, as it was not what was approved: ");
    // Expired.
    let words = ["requests", "make", "--open", "1s", "--", "kubectl"];
    let made = pair.scene.guard(&[&words[..], DELETE].concat());
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let id = String::from_utf8_lossy(&made.stdout).trim().to_owned();
    while !err(&pair.bob(&["approve", "--revoke", &id])).contains("it is over") {}
    says(&pair, &id, 75, "it is over: it has expired");
}

#[test]
fn a_request_that_nobody_waits_for_is_said_to_approvers_as_a_hint() {
    let pair = Pair::new("unattended");
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    let nobody = |pair: &Pair| {
        let listed = pair.bob(&["inbox", "--json"]);
        let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
        listed["requests"][0]["nobody_waits"].clone()
    };
    assert_eq!(nobody(&pair), false);
    let pid = Pid::from_raw(i32::try_from(alice.id()).expect("a pid"));
    kill(pid, Signal::SIGKILL).expect("it is this test's own child");
    alice.finish();
    let began = std::time::Instant::now();
    while nobody(&pair) != true {
        assert!(began.elapsed() < std::time::Duration::from_secs(60), "nobody says it");
    }
    let listed = pair.bob(&["inbox"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("(nobody waits for it now)"), "{listed:?}");
    // A hint: it can be read and approved as before.
    let mut bob = pair.bob_at(&["approve", &id]);
    bob.wait_for("as far as the relay knows nobody waits for it now");
    bob.wait_for("approve, deny, report");
    settle();
    bob.send(b"leave\r");
    ends(bob, 77);
}
