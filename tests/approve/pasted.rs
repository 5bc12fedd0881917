//! Requests and answers as text, without a relay.

use crate::desk::{Desk, command, err};
use crate::pty::{Pty, plain};
use crate::team::now;
use guard::statement::request::Need;
use guard::statement::{Decision, Envelope, Needs, Question, Severity, Surface, Verdict, verify};
use guard::team::paste::{Form, envelope, to_text};
use std::fs::File;
use std::process::Stdio;

fn paste(desk: &Desk, text: &str) -> Pty {
    let path = desk.place.path("request.txt");
    std::fs::write(&path, text).expect("write");
    let mut command = command(&desk.place, "bob", &["approve", "--paste"]);
    command
        .stdin(File::open(path).expect("a file"))
        .stdout(File::create(desk.place.path("out")).expect("a file"));
    command.stderr(Stdio::piped());
    Pty::start(command, 100, 70, false)
}

#[test]
fn a_pasted_request_is_answered_as_text_that_counts() {
    let mut desk = Desk::new("paste");
    desk.relay.kill();
    let request = desk.team.request("alice", &["kubectl", "delete", "ns", "payments"]);
    let text = to_text(Form::Request, &request.to_bytes());
    // A chat has broken it into lines.
    let text: String =
        text.as_bytes().chunks(70).map(|c| format!("  {}\n", String::from_utf8_lossy(c))).collect();
    let mut pty = paste(&desk, &text);
    pty.wait_for("alice asks");
    std::thread::sleep(std::time::Duration::from_millis(900));
    pty.send(b"a");
    pty.wait_for("Return approves");
    pty.enter();
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(0), "{}", plain(&shown));
    let answer = std::fs::read_to_string(desk.place.path("out")).expect("an answer");
    assert!(answer.starts_with("guard-ok1:") && answer.lines().count() == 1, "{answer}");
    let answer: Envelope = envelope(&answer).expect("an envelope");
    let roster = guard::statement::roster::chain(desk.team.roster.digest(), &[desk.team.roster.clone()]);
    let needs = Needs {
        seats: vec![Need { group: "sre".into(), n: 1 }],
        severity: Severity::High,
        surfaces: Surface::ALL.to_vec(),
        number: false,
        end_of_text: true,
        deny_quorum: 1,
    };
    let statements = [answer.to_bytes()];
    let question = Question {
        subject: &request,
        statements: &statements,
        roster: &roster.expect("a roster"),
        needs: &needs,
        match_key: None,
        now: now(),
    };
    let verdict = verify(&question).verdict;
    assert!(matches!(&verdict, Verdict::Approved { seats, .. } if seats[0].person == "bob"), "{verdict:?}");
    let said: guard::statement::Approval = guard::statement::read(answer.payload()).expect("an approval");
    assert_eq!((said.decision, said.surface), (Decision::Approve, Surface::Paste));
}

#[test]
fn a_text_that_is_no_genuine_request_is_refused_before_it_is_shown() {
    let desk = Desk::new("forged");
    let other = crate::team::Team::of("other.example", &["alice", "mallory", "dora", "eli"]);
    let forged = other.request("alice", &["kubectl", "get", "pods"]);
    let answer = desk.team.decide("carol", &forged, Decision::Approve);
    let whole = to_text(Form::Request, &forged.to_bytes());
    for (text, status, words) in [
        (whole.as_str(), 77, "not genuine"),
        (&whole[..200], 64, "or a part of one"),
        (&to_text(Form::Answer, &answer.to_bytes()), 64, "no request"),
        ("hello", 64, "no request"),
    ] {
        let path = desk.place.path("request.txt");
        std::fs::write(&path, text).expect("write");
        let mut command = command(&desk.place, "bob", &["approve", "--paste"]);
        let output = command.stdin(File::open(path).expect("a file")).output().expect("guard runs");
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        assert!(err(&output).contains(words), "{output:?}");
    }
}
