//! The secret in a real keyring, on a bus of its own.

use crate::helper::*;
use crate::pty::{Pty, plain};
use crate::support::Scene;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

const START: &str =
    "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 || exit 3";

/// A shell script on a terminal, on a bus with an unlocked keyring. `$G` is guard.
fn session(scene: &Scene, script: &str) -> Pty {
    let runtime = scene.path("home/run");
    fs::create_dir_all(&runtime).expect("mkdir");
    fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).expect("chmod");
    let mut command: Command =
        scene.command("dbus-run-session", &["--", "sh", "-c", &format!("{START}\n{script}")]);
    command.env("XDG_RUNTIME_DIR", runtime).env("G", scene.path("lib/guard"));
    Pty::start(command, 100, 50, true)
}

#[test]
fn the_secret_goes_into_the_keyring_and_out_again() {
    if !["dbus-run-session", "gnome-keyring-daemon", "secret-tool"].into_iter().all(crate::support::have) {
        return;
    }
    let scene = Scene::new("totp-keyring");
    early_in_a_step();
    let mut pty = session(
        &scene,
        "$G totp enroll --text && $G totp verify && $G totp status && secret-tool search --all service guard 2>&1 | \
         sed -n 's/.*username = totp-/FOUND &/p' && $G totp remove; echo rc=$?; secret-tool search --all service guard 2>&1 | \
         sed -n 's/.*username = totp-/LEFT &/p'; echo end",
    );
    pty.wait_for("the app shows now");
    let app = App::scan(&plain(&pty.shown));
    pty.wait_for(PROMPT);
    answer(&mut pty, &app.code(-1));
    pty.wait_for("is set up");
    pty.wait_for(PROMPT);
    answer(&mut pty, &app.code(0));
    pty.wait_for("the code was accepted");
    pty.wait_for("in the keyring of this session");
    pty.wait_for("FOUND");
    pty.wait_for(PROMPT);
    let mut found: Vec<String> = Vec::new();
    for (name, bytes) in files(&state(&scene)) {
        found.push(name);
        assert!(!String::from_utf8_lossy(&bytes).contains("secret"), "no file has the secret");
    }
    assert_eq!(found, ["record"]);
    answer(&mut pty, &app.code(1));
    pty.wait_for("end\r\n");
    let (_, shown) = end(pty);
    assert!(shown.contains("rc=0") && !shown.contains("LEFT"), "{shown}");
}

#[test]
fn without_its_keyring_a_recovery_code_still_works() {
    if !["dbus-run-session", "gnome-keyring-daemon"].into_iter().all(crate::support::have) {
        return;
    }
    let scene = Scene::new("totp-keyring-gone");
    let mut pty = session(&scene, "$G totp enroll --text; echo end");
    pty.wait_for("the app shows now");
    let app = App::scan(&plain(&pty.shown));
    pty.wait_for(PROMPT);
    answer(&mut pty, &app.code(0));
    pty.wait_for("end\r\n");
    let (_, shown) = end(pty);
    let code =
        shown.split_whitespace().find(|w| w.len() == 19 && w.matches('-').count() == 3).expect("a code");
    // In another session there is no bus.
    let mut pty = on_terminal(&scene, &["totp", "verify"]);
    pty.wait_for("a recovery code, since the secret is in the keyring, and there is no");
    pty.wait_for(PROMPT);
    answer(&mut pty, &app.code(0));
    pty.wait_for("keyring");
    drop(pty);
    let mut pty = on_terminal(&scene, &["totp", "verify"]);
    pty.wait_for(PROMPT);
    answer(&mut pty, code);
    assert_eq!(end(pty).0, Some(0));
}
