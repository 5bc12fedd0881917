//! Without a relay: the request and its answers travel as text.

use super::later::{kubectl, pending, text};
use super::{DELETE, Night, number_of};
use guard::statement::Envelope;
use guard::statement::approval::Decision;
use guard::team::paste::{Form, envelope, to_text};

#[test]
fn the_request_and_its_answer_travel_as_text() {
    let night = Night::new("paste", false);
    let mut pty = night.kubectl(DELETE);
    pty.wait_for("guard requests show");
    let listed = night.scene.guard(&["requests"]);
    let id = String::from_utf8_lossy(&listed.stdout).split(' ').next().expect("an id").to_owned();
    let shown = night.scene.guard(&["requests", "show", &id]);
    let request = envelope(&String::from_utf8_lossy(&shown.stdout)).expect("the request");
    let answer = |decision, number: Option<&str>| {
        let text = to_text(Form::Answer, &night.approval("bob", &request, decision, number).to_bytes());
        let taken = night.scene.guard(&["requests", "answer", &text]);
        assert_eq!(taken.status.code(), Some(0), "{taken:?}");
    };
    answer(Decision::Viewing, None);
    let number = number_of(&mut pty, "bob");
    answer(Decision::Approve, Some(&number));
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(0), "{shown}");
    assert!(shown.contains("ran: delete deployment web"), "{shown}");
    let late = night.scene.guard(&["requests", "answer", "guard-ok1:nonsense"]);
    assert_eq!(late.status.code(), Some(64));
}

#[test]
fn a_text_does_not_outrun_what_the_relay_has() {
    let night = Night::new("paste-late", true);
    let run = |id: &str| night.done(&["requests", "run", id]);
    let number = |request: &Envelope| {
        let looks = night.approval("bob", request, Decision::Viewing, None);
        assert_eq!(night.caller("bob").say(request, &looks).status, 201);
        let listed = text(&night.done(&["requests"]));
        listed.split("the number for bob is ").nth(1).expect(&listed)[..3].to_owned()
    };
    // Bob answers as text; then carol refuses at the relay.
    let denied = |request: &Envelope| {
        let yes = night.approval("bob", request, Decision::Approve, Some(&number(request)));
        let taken = night.scene.guard(&["requests", "answer", &to_text(Form::Answer, &yes.to_bytes())]);
        assert_eq!(taken.status.code(), Some(0), "{taken:?}");
        let no = night.approval("carol", request, Decision::Deny, None);
        assert_eq!(night.caller("carol").say(request, &no).status, 201);
    };
    for wait in [&[][..], &["--wait", "20s"]] {
        let id = night.leave(&[], &kubectl());
        let request = pending(&night);
        denied(&request);
        let ended = night.done(&[&["requests", "run"][..], wait, &[&id]].concat());
        assert_eq!(ended.status.code(), Some(77), "{ended:?}");
        assert!(text(&ended).contains("carol denies it: not during the freeze"), "{ended:?}");
        assert_eq!(run(&id).status.code(), Some(77));
    }
    // Bob's text, and he took it back at the relay.
    let id = night.leave(&[], &kubectl());
    let request = pending(&night);
    let yes = night.approval("bob", &request, Decision::Approve, Some(&number(&request)));
    assert_eq!(night.caller("bob").say(&request, &yes).status, 201);
    let back = night.approval("bob", &request, Decision::Revoke, None);
    assert_eq!(night.caller("bob").say(&request, &back).status, 201);
    let taken = night.scene.guard(&["requests", "answer", &to_text(Form::Answer, &yes.to_bytes())]);
    assert_eq!(taken.status.code(), Some(0), "{taken:?}");
    let ended = run(&id);
    assert_eq!(ended.status.code(), Some(77), "{ended:?}");
    assert!(text(&ended).contains("bob took the approval back"), "{ended:?}");
}
