//! Leaving, hanging up, suspending at each step: nothing runs, the terminal is as before, the log says what happened.

use crate::pty::{Pty, plain};
use crate::support::Scene;
use crate::{bash, cluster, outcomes, production};
use std::os::unix::process::ExitStatusExt;

fn three_steps(name: &str) -> Scene {
    cluster(name, &production("\"reason\", \"confirm\", \"delay:30s\"", ""))
}

/// Where each step can be told by what it shows, and what passes it.
const STEPS: [(&str, &str); 3] = [
    ("1 of 3: why has this to be done:", "it is stuck"),
    ("2 of 3: to run it, type:", "prod-eu/payments"),
    ("30 s   Esc or Ctrl-C", ""),
];

/// Goes on to a step.
fn to_step(pty: &mut Pty, step: usize) {
    for (at, (shows, answer)) in STEPS.iter().enumerate().take(step + 1) {
        pty.wait_for(shows);
        if at < 2 {
            pty.wait_for("  > ");
        }
        if at < step {
            pty.type_text(answer);
            pty.enter();
        }
    }
}

fn start(scene: &Scene) -> Pty {
    crate::start(scene, &["delete", "ns", "payments"])
}

#[test]
fn control_c_and_escape_leave_at_each_step() {
    let scene = three_steps("leave");
    for step in 0..STEPS.len() {
        for (key, code, signal) in
            [(b"\x03", None, Some(2)), (b"\x1b", Some(77), None), (b"\x04", Some(77), None)]
        {
            let mut pty = start(&scene);
            to_step(&mut pty, step);
            pty.send(key);
            let (status, shown) = pty.finish();
            assert_eq!((status.code(), status.signal()), (code, signal), "{step}: {}", plain(&shown));
            assert!(!shown.contains("ran:") && shown.contains("guard: not run: "), "{}", plain(&shown));
            assert!(shown.contains("\x1b[?2004l"), "pastes are still marked: {shown:?}");
        }
    }
    assert!(outcomes(&scene).iter().all(|outcome| outcome == "cancelled"), "{:?}", outcomes(&scene));
}

#[test]
fn a_hang_up_at_any_step_runs_nothing() {
    let scene = three_steps("hangup");
    for step in 0..STEPS.len() {
        let mut pty = start(&scene);
        to_step(&mut pty, step);
        let status = pty.hang_up();
        assert_ne!(status.code(), Some(0), "{step}");
    }
    assert_eq!(outcomes(&scene), ["cancelled"; 3]);
}

#[test]
fn suspended_at_any_step_it_asks_for_that_step_again() {
    let scene = cluster("suspend", &production("\"reason\", \"confirm\", \"delay:2s\"", ""));
    let shows = ["1 of 3: why has this to be done:", "2 of 3: to run it, type:", "3 of 3: at zero it runs:"];
    let mut pty = bash(&scene);
    pty.send(b"kubectl delete ns payments\r");
    for (at, answer) in ["it is stuck", "prod-eu/payments", ""].iter().enumerate() {
        pty.wait_for(shows[at]);
        if at < 2 {
            pty.wait_for("  > ");
            pty.type_text("half");
        }
        pty.send(b"\x1a");
        pty.wait_for("Stopped");
        pty.wait_for("ready> ");
        pty.send(b"fg\r");
        // The whole question, and this step.
        pty.wait_for("guard: delete namespace payments");
        pty.wait_for(shows[at]);
        if at < 2 {
            pty.wait_for("  > ");
            pty.type_text(answer);
            pty.enter();
        }
    }
    // Counted anew: both seconds.
    pty.wait_for("2 s   Esc");
    pty.wait_for("1 s   Esc");
    pty.wait_for("ran: delete ns payments");
    pty.wait_for("ready> ");
    assert_eq!(outcomes(&scene), ["ran"]);
}

#[test]
fn what_is_typed_ahead_passes_no_later_step() {
    let scene = three_steps("ahead");
    let mut pty = start(&scene);
    to_step(&mut pty, 0);
    // A reason may come at once; what comes behind it is for nobody.
    pty.send(b"it is stuck\rprod-eu/payments\r");
    pty.wait_for(STEPS[1].0);
    pty.wait_for("  > ");
    pty.send(b"\r");
    pty.wait_for("that is something else (2 tries left)");
    pty.send(b"\x1b");
    assert_eq!(pty.finish().0.code(), Some(77));
}

#[test]
fn a_paste_is_a_reason_but_no_name() {
    let scene = three_steps("paste");
    let mut pty = start(&scene);
    to_step(&mut pty, 0);
    pty.send(b"\x1b[200~it is\nstuck\n\x1b[201~");
    pty.wait_for("> it is stuck");
    pty.enter();
    pty.wait_for(STEPS[1].0);
    pty.wait_for("  > ");
    pty.send(b"\x1b[200~prod-eu/payments\n\x1b[201~");
    pty.wait_for("a paste is not an answer");
    pty.send(b"\x1b");
    assert_eq!(pty.finish().0.code(), Some(77));
}

#[test]
fn what_changes_while_it_counts_down_is_drift() {
    let scene = cluster("drift", &production("\"confirm\", \"delay:2s\"", "again_after = \"15m\""));
    let mut pty = start(&scene);
    pty.wait_for("  > ");
    pty.type_text("prod-eu/payments");
    pty.enter();
    pty.wait_for("2 s   Esc");
    scene.kubeconfig("prod-us");
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(65), "{}", plain(&shown));
    assert!(!shown.contains("ran:"), "{}", plain(&shown));
    assert_eq!(outcomes(&scene), ["drift"]);
}

#[test]
fn what_a_closing_terminal_sends_again_and_again_loses_no_decision() {
    let scene = three_steps("hangups");
    for number in [1, 2, 15] {
        for _ in 0..4 {
            let mut pty = start(&scene);
            to_step(&mut pty, 0);
            // As a terminal, its shell and a window that goes away each send their own.
            let mut storm = std::process::Command::new("/bin/sh");
            let script = format!("i=0; while kill -{number} {} 2>/dev/null; do i=$((i+1)); done", pty.id());
            let mut storm = storm.args(["-c", &script]).spawn().expect("sh");
            let status = pty.finish().0;
            storm.wait().expect("ends with its target");
            let ended = status.code().or_else(|| status.signal().map(|by| 128 + by));
            assert_eq!(ended, Some(128 + number), "{status:?}");
        }
    }
    assert_eq!(outcomes(&scene), ["cancelled"; 12]);
}
