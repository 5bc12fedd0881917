//! The inbox on real terminals.

use crate::desk::Desk;
use crate::pty::{Pty, plain};
use guard::statement::request::{Match, MatchMode};
use guard::statement::{Decision, MatchKey, Surface};
use std::time::Duration;

/// A key counts only so long after a new picture; this waits for the thing itself, which is time.
fn settle() {
    std::thread::sleep(Duration::from_millis(900));
}

fn to_the_end(pty: &mut Pty) {
    settle();
    for _ in 0..40 {
        pty.send(b" ");
        if pty.wait_for_one(&["more rows below", " the end "]) == 1 {
            return;
        }
    }
    panic!("the end never came:\n{}", plain(&pty.shown));
}

const ID: &str = "01JDSCREEN000000000000WXYZ";

#[test]
fn a_request_is_read_to_its_end_and_approved_with_its_number() {
    let desk = Desk::new("approve");
    let key = MatchKey::from_bytes([9; 32]);
    let request = desk.ask(&["kubectl", "delete", "ns", "payments"], |r| {
        r.id = ID.into();
        r.number = Some(Match { mode: MatchMode::ApproverTypes, commit: key.commit() });
    });
    let mut pty = desk.pty(&["approve", "WXYZ"], 80, 24);
    pty.wait_for("alice asks");
    settle();
    pty.send(b"a");
    pty.wait_for("read to the end first");
    to_the_end(&mut pty);
    pty.send(b"a");
    pty.wait_for("the number on alice's terminal");
    let code = key.code(&request.digest(), "bob");
    pty.send(code.as_bytes());
    pty.wait_for(&code[2..]);
    pty.enter();
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(0), "{}", plain(&shown));
    assert!(plain(&shown).contains("guard: approval sent: kubectl delete ns payments"), "{}", plain(&shown));
    let said = desk.decided(&request).expect("a decision");
    let saw = said.saw.expect("what was seen");
    assert_eq!((said.decision, said.surface, said.number), (Decision::Approve, Surface::Native, Some(code)));
    let body = guard::statement::read(request.payload()).expect("a request");
    assert_eq!(saw.digest, guard::statement::render::request(&body).digest);
    assert!(saw.end && saw.ms >= 800, "{saw:?}");
    assert!(desk.said(&request).iter().any(|said| said.decision == Decision::Viewing));
}

#[test]
fn keys_that_were_meant_for_another_picture_decide_nothing() {
    let desk = Desk::new("early");
    let request = desk.ask(&["kubectl", "delete", "ns", "payments"], |r| r.id = ID.into());
    let mut pty = desk.pty(&["approve", "WXYZ"], 80, 60);
    // Typed before the request shows, and within 800 ms of it.
    pty.send(b"a\r");
    pty.wait_for("alice asks");
    pty.send(b"a\rd\rr\r");
    settle();
    pty.send(b"q");
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(77), "{}", plain(&shown));
    assert!(desk.decided(&request).is_none(), "{}", plain(&shown));
}

#[test]
fn a_refusal_and_a_report_carry_their_reasons() {
    let desk = Desk::new("refuse");
    for (key, decision, id) in [
        (b"d", Decision::Deny, "01JDSCREEN0000000000000DDD"),
        (b"r", Decision::Report, "01JDSCREEN0000000000000RRR"),
    ] {
        let request = desk.ask(&["kubectl", "delete", "ns", "payments"], |r| r.id = id.into());
        let mut pty = desk.pty(&["approve", &id[20..]], 80, 24);
        pty.wait_for("alice asks");
        settle();
        pty.send(key);
        pty.wait_for("why");
        pty.send("not tonight, alice".as_bytes());
        pty.wait_for("alice");
        pty.enter();
        let (status, shown) = pty.finish();
        assert_eq!(status.code(), Some(0), "{}", plain(&shown));
        let said = desk.decided(&request).expect("a decision");
        assert_eq!((said.decision, said.note.as_deref()), (decision, Some("not tonight, alice")));
    }
}

#[test]
fn the_list_opens_what_is_chosen_and_comes_back() {
    let desk = Desk::new("window");
    let request = desk.ask(&["kubectl", "delete", "ns", "payments"], |_| {});
    let mut pty = desk.pty(&["inbox"], 80, 24);
    pty.wait_for("1 waits");
    pty.enter();
    pty.wait_for("alice asks");
    to_the_end(&mut pty);
    pty.send(b"a");
    pty.wait_for("Return approves");
    pty.enter();
    pty.wait_for("Nothing waits");
    pty.wait_for("approval sent: kubectl delete ns payments");
    assert_eq!(desk.decided(&request).map(|said| said.decision), Some(Decision::Approve));
    // What comes meanwhile appears by itself.
    desk.ask(&["kubectl", "delete", "ns", "orders"], |_| {});
    pty.wait_for("orders");
    pty.send(b"q");
    assert_eq!(pty.finish().0.code(), Some(0));
}

#[test]
fn what_ends_while_it_is_read_cannot_be_approved() {
    let desk = Desk::new("ends");
    let request = desk.ask(&["kubectl", "delete", "ns", "payments"], |r| r.id = ID.into());
    let mut pty = desk.pty(&["approve", "WXYZ"], 100, 60);
    pty.wait_for("alice asks");
    let answer = desk.alice.say(&request, &desk.team.cancel("alice", &request));
    assert!(answer.status < 300, "{answer:?}");
    pty.wait_for("withdrawn by who asked");
    settle();
    pty.send(b"a");
    pty.wait_for("! withdrawn by who asked");
    pty.send(b"q");
    assert_eq!(pty.finish().0.code(), Some(77));
    assert!(desk.decided(&request).is_none());
}

#[test]
fn foreign_text_reaches_no_terminal_raw_and_stays_behind_its_bar() {
    let desk = Desk::new("foreign");
    desk.ask(&["kubectl", "get\x1b[2J\x1b[Hguard: approved", "p\u{43e}ds\u{202e}"], |r| {
        r.id = ID.into();
        r.reason = Some("x\nthe end\nApproved by everybody".into());
    });
    for (columns, rows) in [(80, 24), (40, 12), (20, 6)] {
        let mut pty = desk.pty(&["approve", "WXYZ"], columns, rows);
        pty.wait_for("left");
        settle();
        for _ in 0..400 {
            pty.send(b" ");
            if pty.wait_for_one(&["more r", " the end", " the e"]) > 0 {
                break;
            }
        }
        pty.send(b"q");
        let (_, shown) = pty.finish();
        assert!(!shown.contains("\x1b[2J\x1b[H") && !shown.contains('\u{202e}'), "{shown:?}");
        let text = plain(&shown);
        for line in text.lines().filter(|line| line.contains("Approved by")) {
            assert!(line.contains('\u{2502}'), "{line}");
        }
    }
}

#[test]
fn a_terminal_that_only_takes_text_gets_lines() {
    let desk = Desk::new("dumb");
    let request = desk.ask(&["kubectl", "delete", "ns", "payments"], |r| r.id = ID.into());
    let mut command = crate::desk::command(&desk.place, "bob", &["approve", "WXYZ"]);
    command.env("TERM", "dumb");
    let mut pty = Pty::start(command, 80, 24, true);
    pty.wait_for("may start 120 s after");
    pty.wait_for("approve, deny, report");
    settle();
    pty.send(b"approve\r");
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(0), "{shown}");
    assert!(!shown.contains('\x1b'), "{shown:?}");
    assert_eq!(desk.decided(&request).map(|said| said.decision), Some(Decision::Approve));
}

#[test]
fn ctrl_c_gives_the_terminal_back_and_says_so() {
    let desk = Desk::new("ctrlc");
    let request = desk.ask(&["kubectl", "delete", "ns", "payments"], |r| r.id = ID.into());
    let mut pty = desk.pty(&["approve", "WXYZ"], 80, 24);
    pty.wait_for("alice asks");
    pty.send(b"\x03");
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(130), "{shown:?}");
    assert!(shown.contains("\x1b[?1049l"), "{shown:?}");
    assert!(desk.decided(&request).is_none());
}

#[test]
fn at_critical_severity_a_key_without_a_pin_is_told_before_anything_is_read() {
    let desk = Desk::new("critical");
    desk.ask(&["kubectl", "delete", "ns", "payments"], |r| {
        r.id = ID.into();
        r.policy.severity = guard::statement::Severity::Critical;
    });
    let mut pty = desk.pty(&["approve", "WXYZ"], 80, 24);
    pty.wait_for("You cannot approve this: critical: only a hardware key or passkey");
    settle();
    pty.send(b"a");
    pty.wait_for("! critical: only a hardware key");
    pty.send(b"q");
    assert_eq!(pty.finish().0.code(), Some(77));
}

#[test]
fn nobody_approves_their_own_request() {
    let desk = Desk::new("own");
    // bob asks with another key of his: the roster says whose it is.
    let text = desk.bob_asks(ID);
    let mut pty = desk.pty(&["approve", "WXYZ"], 80, 24);
    pty.wait_for("it is your own request");
    settle();
    pty.send(b"a");
    pty.wait_for("! it is your own request");
    pty.send(b"q");
    assert_eq!(pty.finish().0.code(), Some(77));
    assert!(desk.said(&text).is_empty(), "looking at one's own request is no news to oneself");
}
