//! The verifier of the machine: its secrets cannot be read by the person it checks, nor its lockout be undone.

use crate::helper::*;
use crate::pty::Pty;
use crate::support::{Scene, have, text};
use guard::gates::totp::Custody;
use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const NOBODY: &str = "65534";

/// Starts the verifier for each connection, as systemd does with `Accept=yes` and `StandardInput=socket`.
fn listen(scene: &Scene) -> PathBuf {
    let path = scene.path("verifier.sock");
    let listener = UnixListener::bind(&path).expect("bind");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("chmod");
    let (guard, store) = (scene.path("lib/guard"), scene.path("store"));
    let unit = include_str!("../../docs/systemd/guard-totp@.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a command");
    let arguments: Vec<String> = start.split(' ').skip(1).map(str::to_owned).collect();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = Command::new(&guard)
                .args(&arguments)
                .arg("--store")
                .arg(&store)
                .env_clear()
                .stdin(Stdio::from(OwnedFd::from(stream)))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
        }
    });
    path
}

/// A scene of nobody's, whose policy names the verifier; `None` without root.
fn scene(name: &str) -> Option<(Scene, App, Vec<String>)> {
    if !is_root() {
        skip("the verifier runs as root");
        return None;
    }
    if !have("setpriv") {
        return None;
    }
    let scene = Scene::new(name);
    let path = listen(&scene);
    let policy = format!("[totp]\nverifier = \"{}\"\n", path.display());
    scene.write("home/.config/guard/policy.toml", &policy);
    let (app, codes) = enrolled_below(&scene.path("store").join(NOBODY), Custody::Managed);
    let owned = Command::new("chown").args(["-R", "65534:65534"]).arg(scene.path("home")).status();
    assert!(owned.expect("chown").success());
    fs::set_permissions(&scene.root, fs::Permissions::from_mode(0o755)).expect("chmod");
    Some((scene, app, codes))
}

fn as_nobody(scene: &Scene, args: &[&str]) -> Command {
    let guard = scene.path("lib/guard");
    let user = ["--reuid=65534", "--regid=65534", "--clear-groups", guard.to_str().expect("utf-8")];
    scene.command("setpriv", &[&user[..], args].concat())
}

fn on_nobodys_terminal(scene: &Scene, args: &[&str]) -> Pty {
    Pty::start(as_nobody(scene, args), 100, 50, true)
}

#[test]
fn a_code_goes_in_and_a_verdict_comes_out() {
    let Some((scene, app, codes)) = scene("totp-managed") else { return };
    early_in_a_step();
    for (answer_, status, words) in
        [(app.code(0), 0, "accepted"), (codes[0].clone(), 0, "9 recovery codes are left")]
    {
        let mut pty = on_nobodys_terminal(&scene, &["totp", "verify"]);
        pty.wait_for(PROMPT);
        answer(&mut pty, &answer_);
        let (said, shown) = end(pty);
        assert_eq!((said, shown.contains(words)), (Some(status), true), "{shown}");
    }
    let mut pty = on_nobodys_terminal(&scene, &["totp", "verify"]);
    pty.wait_for(PROMPT);
    answer(&mut pty, &app.code(0));
    pty.wait_for("used already");
    drop(pty);
    let json = as_nobody(&scene, &["totp", "status", "--json"]).output().expect("guard");
    let json: serde_json::Value = serde_json::from_str(&text(&json).0).expect("JSON");
    assert_eq!((&json["custody"], &json["recovery_codes"]), (&"managed".into(), &9.into()));
    // What belongs to an administrator is refused, and says how it is done.
    for verb in ["enroll", "rotate"] {
        let (status, shown) = end(on_nobodys_terminal(&scene, &["totp", verb]));
        assert_eq!((status, shown.contains("sudo guard totp")), (Some(77), true), "{verb}: {shown}");
    }
    let (status, shown) =
        end(on_nobodys_terminal(&scene, &["totp", "verify", "--managed", "--user", "root"]));
    assert_eq!((status, shown.contains("only root")), (Some(77), true), "{shown}");
}

#[test]
fn the_person_cannot_read_the_secret_nor_end_the_lockout() {
    let Some((scene, app, _)) = scene("totp-managed-secret") else { return };
    for (name, _) in files(&scene.path("store").join(NOBODY)) {
        let path = scene.path("store").join(NOBODY).join("totp").join(name);
        let output = Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", "--clear-groups", "cat"])
            .arg(path)
            .output()
            .expect("cat");
        assert!(!output.status.success() && output.stdout.is_empty());
    }
    let mut pty = on_nobodys_terminal(&scene, &["totp", "verify"]);
    for attempt in 0..3 {
        pty.wait_for(PROMPT);
        answer(&mut pty, &app.wrong());
        if attempt < 2 {
            pty.wait_for("not the code");
        }
    }
    assert_eq!(end(pty).0, Some(77));
    // Everything of the person's own is taken away; what counts is elsewhere.
    let _ = fs::remove_dir_all(scene.path("home/.local"));
    let (status, shown) = end(on_nobodys_terminal(&scene, &["totp", "verify"]));
    assert_eq!((status, shown.contains("nothing is accepted for")), (Some(77), true), "{shown}");
}

#[test]
fn a_verifier_that_is_not_there_or_not_roots_is_not_believed() {
    let Some((scene, _, _)) = scene("totp-managed-false") else { return };
    let path = scene.path("home/false.sock");
    let policy = format!("[totp]\nverifier = \"{}\"\n", path.display());
    scene.write("home/.config/guard/policy.toml", &policy);
    let (status, shown) = end(on_nobodys_terminal(&scene, &["totp", "verify"]));
    assert_eq!((status, shown.contains("is not there")), (Some(69), true), "{shown}");
    let script = "use IO::Socket::UNIX; my $l = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 5) or die 'bind'; \
                  $| = 1; print qq(up\\n); while (my $c = $l->accept) { print $c qq({\"is\":\"code\",\"step\":1,\"notices\":[]}\\n) }";
    let mut child = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/perl", "-e", script])
        .arg(&path)
        .stdout(Stdio::piped())
        .spawn()
        .expect("setpriv");
    let mut up = [0; 3];
    std::io::Read::read_exact(child.stdout.as_mut().expect("piped"), &mut up).expect("it listens");
    let (status, shown) = end(on_nobodys_terminal(&scene, &["totp", "verify"]));
    let _ = child.kill();
    let _ = child.wait();
    assert_eq!((status, shown.contains("was not made by root")), (Some(69), true), "{shown}");
}

#[test]
fn an_administrator_enrolls_and_nonsense_is_answered_with_an_error() {
    let Some((scene, _, _)) = scene("totp-managed-admin") else { return };
    let store = scene.path("store");
    let store = store.to_str().expect("utf-8");
    let mut pty =
        on_terminal(&scene, &["totp", "enroll", "--managed", "--user", "root", "--store", store, "--text"]);
    pty.wait_for("the app shows now");
    let app = App::scan(&crate::pty::plain(&pty.shown));
    pty.wait_for(PROMPT);
    answer(&mut pty, &app.code(0));
    let (status, shown) = end(pty);
    assert_eq!((status, shown.contains("guard:root%40")), (Some(0), true), "{shown}");
    assert_eq!(files(&scene.path("store/0")).len(), 2);
    use std::io::{Read, Write};
    for nonsense in
        ["", "x\n", "{}\n", "{\"ask\":\"check\",\"v\":2,\"code\":\"1\"}\n", "{\"ask\":\"secret\",\"v\":1}\n"]
    {
        let mut stream =
            std::os::unix::net::UnixStream::connect(scene.path("verifier.sock")).expect("connects");
        stream.write_all(nonsense.as_bytes()).expect("writes");
        stream.shutdown(std::net::Shutdown::Write).expect("shutdown");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("{\"is\":\"failed\",\"status\":78,"), "{nonsense:?}: {answer}");
    }
    // It is started by systemd, with a socket.
    let output = scene.guard(&["totp", "serve", "--managed"]);
    assert_eq!(output.status.code(), Some(64), "{output:?}");
}
