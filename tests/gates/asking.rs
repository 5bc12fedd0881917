//! What is asked for, in which order, and what is written down of it.

use crate::pty::plain;
use crate::support::text;
use crate::{TICKET, bash, cluster, decisions, outcomes, production, start};
use std::fs;

#[test]
fn a_reason_the_name_and_a_wait_come_in_this_order() {
    let policy = production("\"delay:1s\", \"confirm\", \"reason\"", "");
    let scene = cluster("order", &format!("{TICKET}{policy}"));
    let mut pty = start(&scene, &["delete", "ns", "payments"]);
    pty.wait_for("1 of 3: why has this to be done (a ticket such as OPS-123):");
    pty.wait_for("> ");
    pty.type_text("OPS-7 it is stuck");
    pty.enter();
    pty.wait_for("2 of 3: to run it, type:  prod-eu/payments");
    pty.wait_for("> ");
    pty.type_text("prod-eu/payments");
    pty.enter();
    pty.wait_for("3 of 3: at zero it runs: delete namespace payments (prod-eu/payments)");
    pty.wait_for("1 s   Esc or Ctrl-C: nothing runs");
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(0), "{}", plain(&shown));
    assert!(plain(&shown).contains("guard: confirmed\nran: delete ns payments"), "{}", plain(&shown));
    let decision = &decisions(&scene)[0]["decision"];
    assert_eq!(decision["method"], "reason+typed+delay");
    assert_eq!(decision["reason"], "OPS-7 it is stuck");
    assert_eq!((decision["outcome"].as_str(), decision["attempts"].as_u64()), (Some("ran"), Some(1)));
    assert!(decision["wait_ms"].as_u64() >= Some(1000) && decision["again"].is_null(), "{decision}");
}

#[test]
fn a_reason_has_to_look_as_policy_says() {
    let scene = cluster("form", &format!("{TICKET}{}", production("\"reason\"", "")));
    let mut pty = start(&scene, &["delete", "ns", "payments"]);
    for (reason, answer) in [
        ("", "a reason is needed"),
        ("because", "this is expected in it: a ticket such as OPS-123 (2 tries left)"),
        ("see OPS-7", "a ticket such as OPS-123 (1 try left)"),
    ] {
        pty.wait_for("> ");
        pty.type_text(reason);
        pty.enter();
        pty.wait_for(answer);
    }
    pty.wait_for("> ");
    pty.type_text("ops-7");
    pty.enter();
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(77), "{}", plain(&shown));
    assert!(!shown.contains("ran:"), "{}", plain(&shown));
    assert_eq!(outcomes(&scene), ["refused"]);
}

#[test]
fn every_policy_that_asks_for_a_reason_has_its_say() {
    let second = "[[policy]]\nwhen = { rule = \"kubectl.delete-namespace\" }\nrequire = [\"reason\"]\n\
                  reason = { pattern = 'approved by \\w+', hint = \"who approved it\" }\n";
    let policy = format!("{TICKET}{}{second}", production("\"reason\"", ""));
    let scene = cluster("both", &policy);
    let mut pty = start(&scene, &["delete", "ns", "payments"]);
    pty.wait_for("(a ticket such as OPS-123, and who approved it):");
    pty.wait_for("> ");
    pty.type_text("OPS-7");
    pty.enter();
    pty.wait_for("this is expected in it: who approved it (2 tries left)");
    pty.wait_for("> ");
    pty.type_text("OPS-7 approved by eve");
    pty.enter();
    assert_eq!(pty.finish().0.code(), Some(0));
}

#[test]
fn the_last_ticket_is_offered_on_the_same_terminal_only() {
    let scene = cluster("ticket", &format!("{TICKET}{}", production("\"reason\"", "")));
    let mut pty = bash(&scene);
    pty.send(b"kubectl delete ns payments\r");
    pty.wait_for("why has this to be done");
    pty.wait_for("  > ");
    assert!(!pty.shown.contains("Return alone takes"), "{}", pty.shown);
    pty.type_text("OPS-7 it is stuck");
    pty.enter();
    pty.wait_for("ran: delete ns payments");
    pty.wait_for("ready> ");
    pty.send(b"kubectl delete ns orders\r");
    pty.wait_for("Return alone takes  OPS-7");
    pty.wait_for("  > ");
    pty.enter();
    pty.wait_for("ran: delete ns orders");
    let decisions = decisions(&scene);
    assert_eq!(decisions[1]["decision"]["reason"], "OPS-7");
    assert_eq!(decisions[1]["decision"]["method"], "reason");

    let mut other = start(&scene, &["delete", "ns", "other"]);
    other.wait_for("  > ");
    assert!(!other.shown.contains("OPS-7"), "{}", other.shown);
    other.send(b"\x1b");
    assert_eq!(other.finish().0.code(), Some(77));
}

#[test]
fn a_remembered_ticket_that_policy_no_longer_takes_is_not_offered() {
    let scene = cluster("oldticket", &format!("{TICKET}{}", production("\"reason\"", "")));
    let mut pty = bash(&scene);
    pty.send(b"kubectl delete ns payments\r");
    pty.wait_for("  > ");
    pty.type_text("OPS-7");
    pty.enter();
    pty.wait_for("ready> ");
    let policy = format!("{}{}", TICKET.replace("[A-Z]+", "INC"), production("\"reason\"", ""));
    scene.write("home/.config/guard/policy.toml", &policy);
    pty.send(b"kubectl delete ns orders\r");
    pty.wait_for("why has this to be done");
    pty.wait_for("  > ");
    assert!(!pty.shown.contains("Return alone takes"), "{}", pty.shown);
}

#[test]
fn a_secret_in_a_reason_is_not_recorded() {
    let scene = cluster("secretreason", &production("\"reason\"", ""));
    let mut pty = start(&scene, &["delete", "ns", "payments"]);
    pty.wait_for("  > ");
    pty.type_text("password=hunter2hunter2 works");
    pty.enter();
    assert_eq!(pty.finish().0.code(), Some(0));
    let reason = decisions(&scene)[0]["decision"]["reason"].as_str().unwrap_or("").to_owned();
    assert!(reason.contains("redacted") && !reason.contains("hunter2"), "{reason}");
    let state = scene.path("home/.local/state/guard");
    let found = std::process::Command::new("grep").args(["-r", "hunter2"]).arg(state).output().expect("grep");
    assert_eq!(text(&found).0, "");
}

#[test]
fn what_cannot_be_asked_is_said_before_anything_is_typed() {
    for (require, why) in [
        ("\"confirm\", \"reason\", \"approval:sre*2\"", "needs approval:sre*2, and"),
        ("\"confirm\", \"reason\", \"totp\"", "needs totp, and no second factor is enrolled"),
    ] {
        let scene = cluster("early", &production(require, ""));
        let (status, shown) = start(&scene, &["delete", "ns", "payments"]).finish();
        let shown = plain(&shown).replace('\n', " ");
        assert_eq!(status.code(), Some(77), "{shown}");
        assert!(shown.contains(why) && shown.contains("hint:"), "{shown}");
        assert!(!shown.contains("to run it, type") && !shown.contains("ran:"), "{shown}");
        assert_eq!(outcomes(&scene), ["refused"]);
    }
}

#[test]
fn without_a_terminal_no_gate_is_passed() {
    for require in ["\"reason\"", "\"delay:1s\"", "\"confirm\", \"reason\", \"delay:1s\""] {
        let scene = cluster("headless", &production(require, ""));
        let run = scene.command("setsid", &["-w", "kubectl", "delete", "ns", "x"]).output().expect("runs");
        assert_eq!(run.status.code(), Some(77), "{run:?}");
        assert!(!text(&run).0.contains("ran:"), "{run:?}");
    }
}

#[test]
fn the_longest_wait_counts_and_return_does_not_shorten_it() {
    let second = "[[policy]]\nwhen = { rule = \"kubectl.delete-namespace\" }\nrequire = [\"delay:60s\"]\n";
    let scene = cluster("longest", &format!("{}{second}", production("\"delay:1s\"", "")));
    let mut pty = start(&scene, &["delete", "ns", "payments"]);
    pty.wait_for("at zero it runs: delete namespace payments (prod-eu/payments)");
    pty.wait_for("60 s   Esc");
    pty.enter();
    pty.send(b"prod-eu/payments\r \r");
    pty.wait_for("58 s");
    pty.send(b"\x1b");
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(77), "{}", plain(&shown));
    assert!(!shown.contains("ran:"), "{}", plain(&shown));
    assert_eq!(outcomes(&scene), ["cancelled"]);
}

#[test]
fn a_pattern_that_is_none_refuses_everything_it_covers() {
    let scene =
        cluster("badpattern", &format!("{}{}", TICKET.replace("^[", "(^["), production("\"reason\"", "")));
    let run = scene.command("kubectl", &["get", "pods"]).output().expect("runs");
    assert_eq!(run.status.code(), Some(78), "{run:?}");
    assert!(text(&run).1.contains("policy.toml:2:11: pattern"), "{run:?}");
    let policy = scene.path("home/.config/guard/policy.toml").display().to_string();
    let lint = scene.guard(&["rules", "lint", &policy]);
    assert!(text(&lint).1.contains("policy.toml:2:11: pattern"), "{lint:?}");
}

#[test]
fn a_policy_says_in_explain_what_it_takes_again() {
    let scene = cluster("explain", &production("\"confirm\"", "again_after = \"15m\""));
    let run = scene.guard(&["explain", "--", "kubectl", "delete", "ns", "payments"]);
    assert!(text(&run).0.contains("adds confirm, accepted again for 15 min"), "{run:?}");
    let run = scene.guard(&["check", "--json", "--", "kubectl", "delete", "ns", "payments"]);
    let json: serde_json::Value = serde_json::from_str(&text(&run).0).expect("JSON");
    assert_eq!(json["policy"][0]["again_after_s"], 900, "{json}");
    assert!(!fs::exists(scene.path("home/.local/state/guard/grants")).expect("a look"));
}
