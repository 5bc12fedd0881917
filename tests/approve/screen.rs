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
    assert!(plain(&shown).contains("guard: approved: kubectl delete ns payments"), "{}", plain(&shown));
    let said = desk.decided(&request).expect("a decision");
    let saw = said.saw.expect("what was seen");
    assert_eq!((said.decision, said.surface, said.number), (Decision::Approve, Surface::Native, Some(code)));
    let body = guard::statement::read(request.payload()).expect("a request");
    assert_eq!(saw.digest, guard::statement::render::request(&body).digest);
    assert!(saw.end && saw.ms >= 800, "{saw:?}");
    assert!(desk.said(&request).iter().any(|said| said.decision == Decision::Viewing));
}
