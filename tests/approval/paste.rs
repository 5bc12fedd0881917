//! Without a relay: the request and its answers travel as text.

use super::{DELETE, Night, number_of};
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
