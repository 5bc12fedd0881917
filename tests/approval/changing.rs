//! What changes while a ticket is being used: between the gate, which held it against the command, and the start the relay is
//! asked twice, and each test changes one thing at exactly that moment. Nothing runs.

use super::Night;
use super::meddler::{Meddle, Meddler, Out};
use super::tickets::{RUN, plan, workload_that};
use guard::statement::approval::Decision;
use guard::team::ticket::Found;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A workload whose relay is behind somebody who can tell when it is asked.
pub fn behind(name: &str) -> (Night, Meddler) {
    let meddler = Meddler::bind(Default::default());
    let url = format!("--url={}", meddler.url);
    let mut night = workload_that(name, "\"approval:sre\"", &[&url]);
    let log = night.relay.as_ref().expect("a relay").log();
    let address = log.split("\"address\":\"").nth(1).and_then(|rest| rest.split('"').next());
    let mut meddler = meddler;
    meddler.serve(&format!("http://{}", address.expect("an address")));
    night.relay.as_mut().expect("a relay").url = meddler.url.clone();
    (night, meddler)
}

/// Does something just before the answer to the n-th call of a kind.
pub fn before(
    method: &'static str,
    part: &'static str,
    nth: usize,
    act: impl Fn() + Send + Sync + 'static,
) -> Meddle {
    let calls = AtomicUsize::new(0);
    Box::new(move |call, pass| {
        let reply = pass(call);
        if call.method == method
            && call.path.contains(part)
            && calls.fetch_add(1, Ordering::SeqCst) + 1 == nth
        {
            act();
        }
        Out::Answer(reply)
    })
}

/// When: the ticket's approvals are fetched at the gate, they are fetched once more, its use is claimed.
const MOMENTS: [(&str, &str, usize); 3] =
    [("GET", "/requests/", 1), ("GET", "/requests/", 2), ("POST", "/claims", 1)];

/// Runs the command at each moment with the change, and expects drift.
fn drifts(night: &Night, meddler: &Meddler, found: &Found, words: &[&str], file: &str, content: [&[u8]; 2]) {
    let path = night.scene.path(file);
    for (method, part, nth) in MOMENTS {
        replace(&path, content[0]);
        let (at, other) = (path.clone(), content[1].to_vec());
        meddler.set(before(method, part, nth, move || replace(&at, &other)));
        let output = night.run_with(found, &[], words);
        meddler.set(super::meddler::honest());
        let moment = format!("{method} {part} {nth}");
        assert_eq!(std::fs::read(&path).expect("read"), content[1], "{moment}: it never came to that");
        assert_eq!(output.status.code(), Some(65), "{moment}: {output:?}");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("ran:"), "{moment}: {output:?}");
        assert_eq!(night.outcomes().last().map(String::as_str), Some("drift"), "{moment}");
    }
    replace(&path, content[0]);
    let ran = night.run_with(found, &[], words);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
}

/// As an editor does: the old content is gone at once, and the mode stays.
fn replace(path: &std::path::Path, content: &[u8]) {
    let mode = std::fs::metadata(path).map(|meta| meta.permissions());
    let beside = path.with_extension("new");
    std::fs::write(&beside, content).expect("written");
    if let Ok(mode) = mode {
        std::fs::set_permissions(&beside, mode).expect("mode");
    }
    std::fs::rename(&beside, path).expect("renamed");
}

#[test]
fn a_plan_that_changes_while_its_ticket_is_used_is_drift() {
    let (night, meddler) = behind("changing-plan");
    night.scene.stub("terraform", "#!/bin/sh\necho \"ran: $*\"\n");
    night.scene.write(
        "home/.config/guard/environments.toml",
        "[[environment]]\nname = \"production\"\nmatch = [{ terraform.dir = \"*work*\" }]\n",
    );
    std::fs::write(night.scene.path("work/p"), plan("a.a")).expect("written");
    let apply = ["terraform", "apply", "p"];
    let found = night.ticket(&["--plan", "p", "--max", "9"], &apply, |_| {});
    night.says("bob", &found.envelope, Decision::Approve);
    drifts(&night, &meddler, &found, &apply, "work/p", [&plan("a.a"), &plan("a.b")]);
}

#[test]
fn a_manifest_that_changes_while_its_ticket_is_used_is_drift() {
    let (night, meddler) = behind("changing-input");
    let web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n";
    night.scene.write("work/web.yaml", web);
    let delete = ["kubectl", "delete", "-f", "web.yaml"];
    let found = night.ticket(&["--max", "9"], &delete, |_| {});
    night.says("bob", &found.envelope, Decision::Approve);
    let more = format!("{web}# more\n");
    drifts(&night, &meddler, &found, &delete, "work/web.yaml", [web.as_bytes(), more.as_bytes()]);
}

#[test]
fn a_target_that_changes_while_its_ticket_is_used_is_drift() {
    let (night, meddler) = behind("changing-target");
    let eu = std::fs::read(night.scene.path("home/.kube/config")).expect("read");
    let us = String::from_utf8(eu.clone()).expect("text").replace("prod-eu", "prod-us");
    let found = night.approved(&["--max", "9"], |_| {});
    drifts(&night, &meddler, &found, RUN, "home/.kube/config", [&eu, us.as_bytes()]);
}

#[test]
fn a_program_that_changes_while_its_ticket_is_used_is_drift() {
    let (night, meddler) = behind("changing-program");
    let found = night.approved(&["--max", "9"], |_| {});
    let (own, other) = ("#!/bin/sh\necho \"ran: $*\"\n", "#!/bin/sh\necho \"ran: other\"\n");
    drifts(&night, &meddler, &found, RUN, "stub/kubectl", [own.as_bytes(), other.as_bytes()]);
}

#[test]
fn what_changes_while_a_left_request_is_claimed_is_drift() {
    let (night, meddler) = behind("changing-left");
    night.policy("\"approval:sre\"");
    night.scene.write("work/web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n");
    let id = night.leave(&[], &["kubectl", "delete", "-f", "web.yaml"]);
    night.bob_approves();
    let path = night.scene.path("work/web.yaml");
    let other = b"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n# more\n";
    meddler.set(before("POST", "/claims", 1, move || replace(&path, other)));
    let output = night.done(&["requests", "run", &id]);
    assert_eq!(output.status.code(), Some(65), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("web.yaml changed since it was approved"), "{said}");
    assert!(output.stdout.is_empty(), "{output:?}");
    // Its one use is over.
    let again = night.done(&["requests", "run", &id]);
    assert_eq!(again.status.code(), Some(65), "{again:?}");
    let said = String::from_utf8_lossy(&again.stderr);
    assert!(said.contains("has ended") && said.contains("not what was approved: "), "{said}");
}
