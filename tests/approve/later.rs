//! Beside single requests: tickets, approvals that are taken back, requesters' logs, and the approver's own policy.

use crate::desk::{Desk, err, out};
use crate::pair::{DELETE, POLICY, Pair, approves, begins_to_approve, ends, id_of, number_for_bob};
use crate::pty::Pty;
use guard::statement::{Decision, Severity};
use serde_json::Value;

const TWO: &str = "[[policy]]\nname = \"production\"\nwhen = { environment = \"production\", severity = [\"critical\", \"high\"] }\n\
                   require = [\"approval:sre*2\"]\n";

fn json(pair: &Pair) -> Value {
    let output = pair.bob(&["inbox", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

pub fn settle() {
    std::thread::sleep(std::time::Duration::from_millis(900));
}

#[test]
fn an_approval_is_taken_back_before_it_is_used() {
    // Two people are needed: bob's alone lets nothing start.
    let pair = Pair::with("revoke", TWO);
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    let early = pair.bob(&["approve", "--revoke", &id]);
    assert_eq!(early.status.code(), Some(77), "{early:?}");
    assert!(err(&early).contains("the relay has no approval of yours for this request"), "{early:?}");
    let mut bob = pair.bob_at(&["approve", &id]);
    approves(&mut bob, &mut alice);
    bob.wait_for("approved, the number is right");
    ends(bob, 0);
    alice.wait_for("bob approves (sre)");
    let request = pair.request();
    let back = pair.bob(&["approve", "--revoke", &id, "--reason", "the wrong cluster"]);
    assert_eq!(back.status.code(), Some(0), "{back:?}");
    assert!(err(&back).contains("approval taken back: kubectl delete deployment web"), "{back:?}");
    let shown = ends(alice, 77);
    assert!(shown.contains("bob took the approval back: the wrong cluster"), "{shown}");
    assert!(!shown.contains("ran:"), "{shown}");
    // To other approvers, too, though the mailbox has no end of it.
    let listed = out(&pair.bob(&["inbox"]));
    assert!(
        listed.contains("decided") && listed.contains("(taken back by bob: the wrong cluster)"),
        "{listed}"
    );
    let late = pair.bob(&["approve", &id]);
    assert_eq!(late.status.code(), Some(77), "{late:?}");
    assert!(err(&late).contains("it is over: taken back by bob: the wrong cluster"), "{late:?}");
    let carol = pair.caller("carol");
    let thread = carol.poll(&request, 0, 0).body.to_string();
    assert!(thread.contains("approval"), "{thread}");
}

#[test]
fn an_approval_that_was_used_cannot_be_taken_back() {
    let pair = Pair::new("used");
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    let mut bob = pair.bob_at(&["approve", &id]);
    approves(&mut bob, &mut alice);
    ends(alice, 0);
    ends(bob, 0);
    // The receipt is on its way by itself.
    for _ in 0..200 {
        let late = pair.bob(&["approve", "--revoke", &id]);
        if err(&late).contains("it is over: used: the command has started") {
            assert_eq!(late.status.code(), Some(77), "{late:?}");
            return;
        }
    }
    panic!("no receipt came");
}

#[test]
fn a_ticket_is_listed_read_and_approved_for_as_long_as_it_counts() {
    let desk = Desk::new("ticket");
    let ticket = desk.team.ticket("alice");
    let taken = desk.alice.post("/tickets", &ticket);
    assert!(taken.status < 300, "{taken:?}");
    let listed = desk.bob(&["inbox", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!(listed["requests"][0]["kind"], "ticket", "{listed}");
    assert_eq!(listed["requests"][0]["cannot_approve"], Value::Null, "{listed}");
    let id = &ticket.digest().hex()[..12];
    let mut command = crate::desk::command(&desk.place, "bob", &["approve", id]);
    command.env("TERM", "dumb");
    let mut pty = Pty::start(command, 100, 60, true);
    pty.wait_for("a ticket: a workload runs this later");
    pty.wait_for("used by a workload");
    pty.wait_for("approve, deny, report");
    settle();
    pty.send(b"approve\r");
    ends(pty, 0);
    let said = desk.decided(&ticket).expect("a decision");
    let body: guard::statement::Ticket = guard::statement::read(ticket.payload()).expect("a ticket");
    assert_eq!((said.decision, said.exp), (Decision::Approve, body.not_after));
    assert_eq!(said.saw.expect("seen").digest, guard::statement::render::ticket(&body).digest);
    // Approved by him, it does not wait for him any more; he can still take it back, or deny it.
    let back = desk.bob(&["approve", "--revoke", id]);
    assert_eq!(back.status.code(), Some(0), "{back:?}");
    assert!(desk.said(&ticket).iter().any(|said| said.decision == Decision::Revoke));
}

#[test]
fn a_ticket_that_is_used_up_is_not_called_approved() {
    let desk = Desk::new("ticketused");
    let ticket = desk.team.ticket("alice");
    assert!(desk.alice.post("/tickets", &ticket).status < 300);
    let yes = desk.team.decide("carol", &ticket, Decision::Approve);
    assert!(desk.alice.say(&ticket, &yes).status < 300);
    let standing = || {
        let listed: Value = serde_json::from_slice(&desk.bob(&["inbox", "--json"]).stdout).expect("JSON");
        let standing = &listed["requests"][0]["standing"];
        format!("{}: {}", standing["state"], standing["how"])
    };
    assert_eq!(standing(), r#""approved": "approved by carol, 1 of 1 uses left""#);
    let body: guard::statement::Ticket = guard::statement::read(ticket.payload()).expect("a ticket");
    // Somebody's claim of another nonce takes nothing away.
    let other = desk.team.claim("alice", &ticket, [9; 32], 1);
    assert!(desk.alice.post("/claims", &other).status < 300);
    assert_eq!(standing(), r#""approved": "approved by carol, 1 of 1 uses left""#);
    let claim = desk.team.claim("alice", &ticket, body.nonce.0, 1);
    assert!(desk.alice.post("/claims", &claim).status < 300);
    assert_eq!(standing(), r#""over": "approved by carol, used up (1 of 1)""#);
    let lines = desk.bob(&["inbox"]);
    assert!(String::from_utf8_lossy(&lines.stdout).contains("used up (1 of 1)"), "{lines:?}");
}

#[test]
fn a_ticket_is_denied_and_travels_as_text() {
    let desk = Desk::new("ticketdeny");
    let ticket = desk.team.ticket("alice");
    assert!(desk.alice.post("/tickets", &ticket).status < 300);
    let id = &ticket.digest().hex()[..8];
    let denied = desk.bob(&["deny", id, "--reason", "not this week"]);
    assert_eq!(denied.status.code(), Some(0), "{denied:?}");
    assert_eq!(desk.decided(&ticket).map(|said| said.decision), Some(Decision::Deny));
    // Another one without the relay.
    let text =
        guard::team::ticket::Found::read(&desk.team.ticket("alice").to_bytes()).expect("a ticket").to_text();
    std::fs::write(desk.place.path("ticket"), text).expect("written");
    let mut command = crate::desk::command(&desk.place, "bob", &["approve", "--paste"]);
    command.env("TERM", "dumb").stdin(std::fs::File::open(desk.place.path("ticket")).expect("a file"));
    command.stdout(std::fs::File::create(desk.place.path("out")).expect("a file"));
    command.stderr(std::process::Stdio::piped());
    let mut pty = Pty::start(command, 100, 60, false);
    pty.wait_for("approve, deny, report");
    settle();
    pty.send(b"approve\r");
    ends(pty, 0);
    let answer = std::fs::read_to_string(desk.place.path("out")).expect("an answer");
    assert!(answer.starts_with("guard-ok1:"), "{answer}");
}

#[test]
fn a_requester_whose_log_was_thrown_away_is_found_out_by_a_real_guard() {
    let pair = Pair::new("anchor");
    for _ in 0..2 {
        let mut alice = pair.asks(DELETE);
        id_of(&mut alice);
        assert_eq!(json(&pair)["requests"][0]["cannot_approve"], Value::Null);
        alice.send(b"\x1b");
        ends(alice, 77);
    }
    std::fs::remove_dir_all(pair.scene.path("home/.local/state/guard/audit")).expect("removed");
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    let listed = json(&pair);
    let why = listed["requests"][0]["cannot_approve"].as_str().unwrap_or_default().to_owned();
    assert!(why.contains("their audit log went back"), "{listed}");
    // A window, lines and text say the same, and sign nothing.
    let mut bob = pair.bob_sees(&["approve", &id]);
    bob.wait_for("You cannot approve this: their audit log went back");
    settle();
    bob.send(b"a");
    bob.wait_for("! their audit log went back");
    bob.send(b"q");
    ends(bob, 77);
    let mut bob = pair.bob_at(&["approve", &id]);
    bob.wait_for("deny, report (an attack), or leave");
    settle();
    bob.send(b"approve\r");
    bob.wait_for("their audit log went back");
    bob.send(b"leave\r");
    ends(bob, 77);
    let request = pair.request();
    let page = crate::page::Page::start(&pair.place);
    let shown = page.get(&format!("request/{}", request.digest().hex())).json();
    assert!(shown["cannot_approve"].to_string().contains("their audit log went back"), "{shown}");
    settle();
    let mut sent = crate::page::decision("approve", &shown["shown"]);
    sent["number"] = serde_json::json!("123");
    let reply = page.post(&request, &sent);
    assert!(reply.status == 403 && reply.body.contains("went back"), "{}", reply.body);
    let text = guard::team::paste::to_text(guard::team::paste::Form::Request, &pair.request().to_bytes());
    std::fs::write(pair.place.path("request"), text).expect("written");
    let mut command = crate::desk::command(&pair.place, "bob", &["approve", "--paste"]);
    command.env("TERM", "dumb").stdin(std::fs::File::open(pair.place.path("request")).expect("a file"));
    let mut bob = Pty::start(
        {
            command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
            command
        },
        100,
        60,
        false,
    );
    bob.wait_for("deny, report (an attack), or leave");
    settle();
    bob.send(b"leave\r");
    ends(bob, 77);
    alice.send(b"\x1b");
    ends(alice, 77);
}

#[test]
fn a_request_that_asks_for_less_than_the_approver_s_policy_is_said() {
    let pair = Pair::new("weaker");
    let config = pair.place.path("bob/.config/guard");
    std::fs::create_dir_all(&config).expect("directory");
    std::fs::write(config.join("policy.toml"), TWO).expect("written");
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    let warnings = json(&pair)["requests"][0]["warnings"].to_string();
    assert!(warnings.contains("the policy here asks for 2 of sre; they ask for 1"), "{warnings}");
    let mut bob = pair.bob_at(&["approve", &id]);
    bob.wait_for("! the policy here asks for 2 of sre; they ask for 1");
    bob.wait_for("approve, deny, report");
    settle();
    bob.send(b"leave\r");
    ends(bob, 77);
    // With the same policy nothing is said.
    std::fs::write(config.join("policy.toml"), POLICY).expect("written");
    let warnings = json(&pair)["requests"][0]["warnings"].to_string();
    assert!(!warnings.contains("policy"), "{warnings}");
    alice.send(b"\x1b");
    ends(alice, 77);
}

#[test]
fn a_lesser_rule_than_the_words_meet_is_said() {
    let desk = Desk::new("downgrade");
    desk.ask(&["kubectl", "delete", "ns", "payments"], |r| {
        r.policy.rule = "kubectl.annotate".into();
        r.policy.severity = Severity::Low;
    });
    desk.ask(&["kubectl", "get", "pods"], |r| r.policy.severity = Severity::Low);
    let listed = desk.bob(&["inbox", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let of = |word: &str| {
        let requests = listed["requests"].as_array().expect("requests");
        requests.iter().find(|r| r["argv"][1] == word).expect("listed")["warnings"].to_string()
    };
    assert!(
        of("delete")
            .contains("by the rules here this is kubectl.delete-namespace (critical); they call it low"),
        "{listed}"
    );
    assert!(!of("get").contains("by the rules here"), "{listed}");
}

#[test]
fn a_list_names_requests_as_the_requester_s_terminal_does() {
    let pair = Pair::new("names");
    let mut alice = pair.asks(DELETE);
    let id = id_of(&mut alice);
    let lines = out(&pair.bob(&["inbox"]));
    assert!(lines.starts_with(&id), "{id}: {lines}");
    let mut bob = pair.bob_at(&["approve", &id]);
    begins_to_approve(&mut bob);
    number_for_bob(&mut alice);
    bob.send(b"\x03");
    let (status, _) = bob.finish();
    assert_eq!(status.code(), Some(130));
    alice.send(b"\x1b");
    ends(alice, 77);
}
