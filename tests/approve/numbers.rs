//! After a number was typed: the approver's terminal tells what the requester's guard made of it.

use crate::page::{Page, decision};
use crate::pair::{DELETE, Pair, another, ends, id_of, number_for_bob};
use crate::pty::Pty;
use guard::statement::Envelope;
use serde_json::{Value, json};

fn settle() {
    std::thread::sleep(std::time::Duration::from_millis(900));
}

/// bob in a window, to where the number is asked for.
fn to_the_number(bob: &mut Pty) {
    bob.wait_for("alice asks");
    settle();
    for _ in 0..10 {
        bob.send(b" ");
        if bob.wait_for_one(&["more rows below", " the end "]) == 1 {
            break;
        }
    }
    bob.send(b"a");
    bob.wait_for("the number on alice's terminal");
}

#[test]
fn a_wrong_number_is_said_where_it_was_typed_and_may_be_given_once_more() {
    let pair = Pair::new("retry");
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    let mut bob = pair.bob_sees(&["approve", &id]);
    to_the_number(&mut bob);
    let number = number_for_bob(&mut alice);
    bob.send(another(&number).as_bytes());
    bob.enter();
    bob.wait_for("that number did not match, one try left");
    settle();
    bob.send(number.as_bytes());
    bob.enter();
    let shown = ends(bob, 0);
    assert!(shown.contains("guard: approved, the number is right: kubectl delete deployment web"), "{shown}");
    let shown = ends(alice, 0);
    assert!(shown.contains("ran: delete deployment web"), "{shown}");
}

#[test]
fn a_second_wrong_number_ends_it_on_both_sides() {
    let pair = Pair::new("twice");
    let mut alice = pair.asks(DELETE);
    let (mut bob, wrong) = pair.bob_mistakes(&mut alice);
    bob.wait_for("that number did not match, one try left");
    bob.wait_for("three digits");
    bob.wait_for("> ");
    bob.send(format!("{wrong}\r").as_bytes());
    let shown = ends(bob, 77);
    assert!(shown.contains("did not match either: two wrong numbers end it"), "{shown}");
    let shown = ends(alice, 77);
    assert!(shown.contains("two wrong numbers (bob") && !shown.contains("ran:"), "{shown}");
    // Nobody finds it waiting any more.
    let listed = pair.bob(&["inbox"]);
    assert!(String::from_utf8_lossy(&listed.stderr).contains("nothing waits for you"), "{listed:?}");
}

#[test]
fn a_requester_that_says_nothing_leaves_it_open_and_the_terminal_says_so() {
    let pair = Pair::new("silent");
    // The relay keeps what alice's guard says about it.
    pair.meddle(Box::new(|call, pass| {
        if call.is("alice", "POST", "/statements") {
            return crate::meddler::Out::Answer(crate::meddler::Reply::json(201, "{\"seq\":9}"));
        }
        crate::meddler::Out::Answer(pass(call))
    }));
    let mut alice = pair.asks(DELETE);
    let (bob, _) = pair.bob_mistakes(&mut alice);
    let shown = ends(bob, 0);
    assert!(shown.contains("alice's guard has not said whether the number is right"), "{shown}");
    alice.send(b"\x1b");
    ends(alice, 77);
}

/// What the requester's guard says about an approval, as the page asks for it.
fn finding(page: &Page, request: &Envelope, about: &Value) -> Value {
    let path = format!("request/{}", request.digest().hex());
    for _ in 0..200 {
        let answers = page.get(&path).json()["answers"].clone();
        if let Some(found) = about.as_str().and_then(|about| answers.get(about)) {
            return found.clone();
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("nothing was said about {about}");
}

#[test]
fn the_page_asks_again_for_a_number_that_was_wrong() {
    let pair = Pair::new("pageretry");
    let mut alice = pair.asks(DELETE);
    id_of(&mut alice);
    let request = pair.request();
    let page = Page::start(&pair.place);
    let shown = page.get(&format!("request/{}", request.digest().hex())).json();
    let number = number_for_bob(&mut alice);
    settle();
    let mut sent = decision("approve", &shown["shown"]);
    sent["number"] = json!(another(&number));
    let reply = page.post(&request, &sent);
    assert_eq!(reply.status, 200, "{}", reply.body);
    let found = finding(&page, &request, &reply.json()["about"]);
    assert_eq!(
        (found["finding"].as_str(), found["left"].as_u64()),
        (Some("wrong-number"), Some(1)),
        "{found}"
    );
    let again = page.get(&format!("request/{}", request.digest().hex())).json();
    assert!(
        again["cannot_approve"].is_null() && again["notes"].to_string().contains("one try is left"),
        "{again}"
    );
    sent["number"] = json!(number);
    let reply = page.post(&request, &sent);
    assert_eq!(reply.status, 200, "{}", reply.body);
    let about = reply.json()["about"].clone();
    assert!(ends(alice, 0).contains("ran: delete deployment web"));
    assert_eq!(finding(&page, &request, &about)["finding"], "counts");
}
