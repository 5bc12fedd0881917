//! Lists, refusals without a terminal, and what is said where nothing can be decided.

use crate::desk::{Desk, command, err, out, run};
use crate::server::Place;
use guard::statement::request::Origin;
use guard::statement::{Chain, Decision, Hash, Severity};
use serde_json::Value;

fn json(desk: &Desk) -> Value {
    let output = desk.bob(&["inbox", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn the_inbox_lists_worst_first_what_is_proved() {
    let desk = Desk::new("list");
    desk.ask(&["kubectl", "delete", "ns", "low"], |r| r.policy.severity = Severity::Low);
    desk.ask(&["kubectl", "delete", "ns", "worst"], |r| {
        r.policy.severity = Severity::Critical;
        r.requester.origin = Origin::Agent;
    });
    let listed = json(&desk);
    let requests = listed["requests"].as_array().expect("requests");
    assert_eq!(requests.len(), 2, "{listed}");
    assert_eq!(requests[0]["severity"], "critical");
    assert_eq!(requests[0]["argv"][3], "worst");
    assert_eq!(listed["you"], "bob");
    let warnings = requests[0]["warnings"].to_string();
    assert!(warnings.contains("hardware key") && warnings.contains("an agent asks"), "{warnings}");
    assert!(requests[0]["cannot_approve"].as_str().is_some_and(|w| w.contains("hardware")), "{listed}");
    assert_eq!(requests[1]["cannot_approve"], Value::Null, "{listed}");
    let lines = out(&desk.bob(&["inbox"]));
    assert!(lines.lines().next().is_some_and(|l| l.contains("critical") && l.contains("worst")), "{lines}");
}

#[test]
fn a_refusal_needs_no_terminal_and_carries_its_reason() {
    let desk = Desk::new("deny");
    let request =
        desk.ask(&["kubectl", "delete", "ns", "payments"], |r| r.id = "01JDDENY00000000000000WXYZ".into());
    let output = desk.bob(&["deny", "wxyz", "--reason", "not on a Friday"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = desk.decided(&request).expect("a decision");
    assert_eq!((said.decision, said.note.as_deref()), (Decision::Deny, Some("not on a Friday")));
    let again = desk.bob(&["deny", "wxyz", "--reason", "again"]);
    assert_eq!(again.status.code(), Some(77), "{again:?}");
    assert!(err(&again).contains("it is over: denied by bob: not on a Friday"), "{again:?}");
}

#[test]
fn an_approval_needs_a_terminal() {
    let desk = Desk::new("noterm");
    let request =
        desk.ask(&["kubectl", "delete", "ns", "payments"], |r| r.id = "01JDDENY00000000000000WXYZ".into());
    let output = desk.bob(&["approve", "wxyz"]);
    assert_eq!(output.status.code(), Some(77), "{output:?}");
    assert!(err(&output).contains("no terminal"), "{output:?}");
    assert!(desk.decided(&request).is_none());
}

#[test]
fn a_log_that_went_back_is_said_and_not_approved() {
    let desk = Desk::new("heads");
    let chain = |head, seq| Some(Chain { head: Hash([head; 32]), seq });
    desk.ask(&["kubectl", "delete", "ns", "one"], |r| {
        r.chain = chain(1, 20);
        r.iat -= 30;
    });
    assert_eq!(json(&desk)["requests"][0]["cannot_approve"], Value::Null);
    desk.ask(&["kubectl", "delete", "ns", "two"], |r| r.chain = chain(2, 19));
    for _ in 0..2 {
        let listed = json(&desk);
        let two = listed["requests"].as_array().expect("requests").iter().find(|r| r["argv"][3] == "two");
        let why = two.expect("two")["cannot_approve"].to_string();
        assert!(why.contains("went back: it had 20 entries, and now it has 19"), "{listed}");
    }
}

#[test]
fn requests_seen_out_of_order_are_no_log_that_went_back() {
    let desk = Desk::new("order");
    let chain = |head, seq| Some(Chain { head: Hash([head; 32]), seq });
    // The later one is worse, so it is listed first; both are there before the inbox is.
    desk.ask(&["kubectl", "delete", "ns", "one"], |r| {
        r.chain = chain(1, 20);
        r.iat -= 30;
    });
    desk.ask(&["kubectl", "delete", "ns", "two"], |r| r.chain = chain(2, 21));
    for request in json(&desk)["requests"].as_array().expect("requests") {
        assert_eq!(request["cannot_approve"], Value::Null, "{request}");
    }
}

#[test]
fn outside_of_a_team_and_without_a_relay_it_says_what_to_do() {
    let place = Place::new("alone");
    let output = run(&place, "bob", &["inbox"]);
    assert_eq!(output.status.code(), Some(78), "{output:?}");
    assert!(err(&output).contains("in no team") && err(&output).contains("guard team join"), "{output:?}");

    let mut desk = Desk::new("gone");
    desk.relay.kill();
    let output = desk.bob(&["inbox"]);
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    assert!(err(&output).contains("is not there") && err(&output).contains("--paste"), "{output:?}");
}

#[test]
fn a_newer_roster_is_fetched_and_without_the_key_nothing_is_decided() {
    let desk = Desk::new("roster");
    desk.ask(&["kubectl", "delete", "ns", "payments"], |_| {});
    let (_, next) = desk.team.next(|file| file.persons.retain(|person| person.id != "bob"));
    // bob's request to read comes after: the relay does not know him any more.
    let dora = desk.relay.sign_in(&desk.team, "dora");
    let put = dora.send("PUT", &dora.at("/roster"), Some(next.to_bytes()));
    assert!(put.status < 300, "{put:?}");
    let output = desk.bob(&["inbox"]);
    assert_ne!(output.status.code(), Some(0), "{output:?}");
    assert!(err(&output).contains("guard: "), "{output:?}");
}

#[test]
fn the_help_fits_a_screen() {
    let place = Place::new("help");
    for words in [&["inbox", "--help"][..], &["approve", "--help"], &["deny", "--help"]] {
        let output = command(&place, "bob", words).output().expect("guard runs");
        assert!(out(&output).lines().count() <= 24, "{}", out(&output));
    }
}
