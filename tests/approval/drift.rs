//! What changes between the request and the start: each test changes exactly one thing, and nothing runs.

use super::{DELETE, Night};
use guard::statement::approval::Decision;

/// Approves after `change`, and expects drift that says `what`.
fn drifts(name: &str, args: &[&str], change: impl FnOnce(&Night), what: &str) {
    let night = Night::new(name, true);
    night.scene.write("work/web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n");
    let mut pty = night.kubectl(args);
    pty.wait_for("these people can approve");
    change(&night);
    night.bob_decides(&mut pty, Decision::Approve);
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(65), "{shown}");
    assert!(shown.contains(what) && !shown.contains("ran:"), "{shown}");
    assert_eq!(night.outcomes(), ["drift"]);
}

#[test]
fn the_program_file() {
    let change = |night: &Night| {
        night.scene.stub("kubectl", "#!/bin/sh\necho \"ran: other\"\n");
    };
    drifts("drift-program", DELETE, change, "changed");
}

#[test]
fn the_target() {
    drifts("drift-target", DELETE, |night| night.scene.kubeconfig("prod-us"), "is now prod-us");
}

#[test]
fn a_file_that_was_shown() {
    let change = |night: &Night| {
        night
            .scene
            .write("work/web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n# more\n");
    };
    drifts("drift-input", &["delete", "-f", "web.yaml"], change, "changed");
}
