//! Where the identity key is kept: a real keyring, a locked one, none, and one that never answers.

use crate::helper::*;
use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn installed(program: &str) -> bool {
    Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

/// Runs the appender inside a session bus of its own, after a shell line that prepares the keyring.
fn in_session(home: &Path, prepare: &str, state: &Path) -> Option<Vec<u8>> {
    if !["dbus-run-session", "gnome-keyring-daemon"].into_iter().all(installed) {
        skip("dbus-run-session and gnome-keyring-daemon are needed");
        return None;
    }
    let runtime = home.join("run");
    fs::create_dir_all(&runtime).expect("mkdir");
    fs::set_permissions(&runtime, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("chmod");
    let own = appender(state, 1);
    let mut command = Command::new("dbus-run-session");
    command
        .args(["--", "sh", "-c", &format!("{prepare}\n\"$@\""), "sh"])
        .arg(own.get_program())
        .args(own.get_args());
    for (name, value) in own.get_envs().filter(|(name, _)| *name != "DBUS_SESSION_BUS_ADDRESS") {
        command.env(name, value.unwrap_or_default());
    }
    command
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", &runtime)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY");
    for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "GNOME_KEYRING_CONTROL"] {
        command.env_remove(name);
    }
    let output = command.stdin(Stdio::null()).output().expect("dbus-run-session");
    Some(output.stdout)
}

const UNLOCKED: &str =
    "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 || exit 3";

/// One acknowledged entry, one notice that holds these words, the recorded custody; both verifiers agree.
fn expect(output: &[u8], state: &Path, custody: &str, words: &str) {
    assert_eq!(said(output, "error"), Vec::<String>::new());
    let notices = said(output, "notice");
    assert!(notices.len() == 1 && notices[0].contains(words), "{notices:?}");
    assert_eq!(said(output, "ack").len(), 1);
    let report = guard::audit::verify(&dirs(state)).expect("verify");
    assert_eq!(report.custody.as_deref(), Some(custody));
    let names = fs::read_dir(state.join("keys")).expect("keys").flatten().map(|e| e.file_name());
    assert_eq!(
        names.filter(|name| name.to_string_lossy().ends_with(".key")).count(),
        usize::from(custody == "file")
    );
    assert_ok(state);
}

#[test]
fn an_unlocked_keyring_keeps_the_identity() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    if let Some(output) = in_session(&scratch.0.join("home"), UNLOCKED, &state) {
        expect(&output, &state, "keyring", ", in your keyring");
        // Later commands do not ask it: there is no bus any more.
        let output = appender(&state, 1).output().expect("child");
        assert_eq!((said(&output.stdout, "ack").len(), said(&output.stdout, "notice").len()), (1, 0));
    }
}

#[test]
fn a_locked_keyring_means_a_file() {
    let scratch = Scratch::new();
    let (home, state) = (scratch.0.join("home"), scratch.0.join("guard"));
    // The first session makes a keyring with a password; in the second nobody unlocks it.
    let first = scratch.0.join("first");
    let Some(output) = in_session(&home, UNLOCKED, &first.join("guard")) else { return };
    assert_eq!(said(&output, "ack").len(), 1);
    let start = "gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1";
    if let Some(output) = in_session(&home, start, &state) {
        expect(&output, &state, "file", "because the keyring");
    }
}

#[test]
fn without_a_bus_a_file_is_used_at_once() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    let start = Instant::now();
    let output = appender(&state, 1).output().expect("child");
    assert!(start.elapsed() < Duration::from_secs(2));
    expect(&output.stdout, &state, "file", "because there is no keyring here");
    let output = appender(&state, 1)
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env("XDG_RUNTIME_DIR", &scratch.0)
        .output();
    assert_eq!(said(&output.expect("child").stdout, "notice"), Vec::<String>::new());
}

#[test]
fn a_bus_that_never_answers_costs_the_limit_once() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    let socket = scratch.0.join("bus");
    let listener = UnixListener::bind(&socket).expect("bind");
    // Accepted by the kernel's queue, and never answered.
    let start = Instant::now();
    let mut child = appender(&state, 1);
    let output = child
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket.display()))
        .output()
        .expect("child");
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    drop(listener);
    expect(&output.stdout, &state, "file", "because the keyring does not answer");
}
