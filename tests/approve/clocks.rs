//! Clocks that are ten minutes apart: each of the three in turn, with libfaketime in front of the real programs.

use crate::desk::command;
use crate::pair::{DELETE, Pair, begins_to_approve, ends, id_of};
use crate::pty::Pty;
use std::path::PathBuf;
use std::process::Command;

/// Debian's package libfaketime.
fn faketime() -> Option<PathBuf> {
    let given = std::env::var_os("GUARD_TEST_FAKETIME").map(PathBuf::from);
    let usual = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
        .map(|triplet| PathBuf::from(format!("/usr/lib/{triplet}/faketime/libfaketime.so.1")));
    let found = given.into_iter().chain(usual).find(|path| path.is_file());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "libfaketime is missing, and CI installs it");
        eprintln!("SKIPPED: libfaketime is not installed");
    }
    found
}

fn at(command: &mut Command, library: &PathBuf, offset: &str) {
    command.env("LD_PRELOAD", library).env("FAKETIME", offset).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command.env("DONT_FAKE_MONOTONIC", "1").env("FAKETIME_DONT_RESET", "1");
}

#[test]
fn a_requester_whose_clock_is_off_is_told_and_nothing_runs() {
    let Some(library) = faketime() else { return };
    for (offset, words) in [
        ("-10m", "this machine's clock is 10 minutes behind the relay's"),
        ("+10m", "this machine's clock is 10 minutes ahead of the relay's"),
    ] {
        let pair = Pair::new("late");
        let mut kubectl = pair.scene.command(pair.scene.path("lib/guard"), &["run", "--", "kubectl"]);
        kubectl.args(DELETE).env("NO_COLOR", "1");
        at(&mut kubectl, &library, offset);
        let mut alice = Pty::start(kubectl, 160, 40, true);
        id_of(&mut alice);
        alice.wait_for(words);
        alice.wait_for("answers will not count until");
        alice.send(b"\x1b");
        let shown = ends(alice, 77);
        assert!(!shown.contains("ran:"), "{offset}: {shown}");
    }
}

#[test]
fn an_approver_whose_clock_is_off_is_told_and_what_is_signed_does_not_count() {
    let Some(library) = faketime() else { return };
    for (offset, words) in [
        ("-10m", "this machine's clock is 10 minutes behind the relay's"),
        ("+9m", "this machine's clock is 9 minutes ahead of the relay's"),
    ] {
        let pair = Pair::new("skewed");
        let mut alice = pair.asks(DELETE);
        let id = id_of(&mut alice);
        let mut inbox = command(&pair.place, "bob", &["inbox", "--json"]);
        at(&mut inbox, &library, offset);
        let listed = inbox.output().expect("guard runs");
        assert!(String::from_utf8_lossy(&listed.stdout).contains(words), "{offset}: {listed:?}");
        let mut approve = command(&pair.place, "bob", &["approve", &id]);
        approve.env("TERM", "dumb");
        at(&mut approve, &library, offset);
        let mut bob = Pty::start(approve, 120, 60, true);
        bob.wait_for(words);
        if bob.wait_for_one(&["approve, deny, report", "deny, report (an attack), or leave"]) == 0 {
            // His look is of another time, so alice's terminal shows no number for him; he guesses.
            std::thread::sleep(std::time::Duration::from_millis(900));
            bob.send(b"approve\r");
            bob.wait_for("three digits");
            bob.send(b"123\r");
            alice.wait_for("what bob sent does not count");
        }
        alice.send(b"\x1b");
        let shown = ends(alice, 77);
        assert!(!shown.contains("ran:"), "{offset}: {shown}");
    }
}

#[test]
fn two_machines_that_agree_need_no_relay_that_does() {
    let pair = Pair::new("relayclock");
    // The relay says that it is another day; nobody decides by that.
    pair.meddle(Box::new(|call, pass| {
        let mut reply = pass(call);
        reply.headers.retain(|(name, _)| name != "date");
        reply.headers.push(("date".to_owned(), "Sun, 06 Nov 1994 08:49:37 GMT".to_owned()));
        crate::meddler::Out::Answer(reply)
    }));
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    alice.wait_for("hours ahead of the relay's");
    let mut bob = pair.bob_at(&["approve", &id]);
    begins_to_approve(&mut bob);
    let number = crate::pair::number_for_bob(&mut alice);
    bob.send(format!("{number}\r").as_bytes());
    assert!(ends(alice, 0).contains("ran: delete deployment web"));
    ends(bob, 0);
}
