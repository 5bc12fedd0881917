//! Killed at every step, cut at every byte, read-only, damaged: never accepted twice, never accepted unstored, always said.

use crate::helper::*;
use crate::support::Scene;
use guard::gates::totp::{Custody, Factor, FactorError, NotAccepted};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const STATE: &str = "GUARD_TEST_TOTP_STATE";
const CODE: &str = "GUARD_TEST_TOTP_CODE";

/// This test binary as a process that checks one code.
fn checker(state: &Path, code: &str) -> Vec<(&'static str, PathBuf)> {
    vec![(STATE, state.to_owned()), (CODE, code.into())]
}

/// Not a test by itself: what `checker` starts.
#[test]
fn child() {
    let (Some(state), Ok(code)) = (std::env::var_os(STATE), std::env::var(CODE)) else { return };
    let mut factor = Factor::below(Path::new(&state)).expect("a record").expect("enrolled");
    match factor.check(&code) {
        Ok(_) => println!("\nACCEPTED"),
        Err(not) => println!("\nNOT {not}"),
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("totp")).expect("mkdir");
    for directory in [to.to_owned(), to.join("totp")] {
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).expect("chmod");
    }
    for (name, bytes) in files(from) {
        let path = to.join("totp").join(name);
        fs::write(&path, bytes).expect("write");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("chmod");
    }
}

fn check(state: &Path, code: &str) -> Result<(), NotAccepted> {
    let mut factor = Factor::below(state)?.ok_or(FactorError::NotEnrolled)?;
    factor.check(code).map(|_| ())
}

#[test]
fn a_torn_new_record_changes_nothing_wherever_it_was_cut() {
    let scene = Scene::new("totp-torn");
    let origin = scene.path("origin");
    let (app, _) = enrolled_below(&origin, Custody::Managed);
    early_in_a_step();
    let before = fs::read(origin.join("totp/record")).expect("a record");
    check(&origin, &app.code(0)).expect("right");
    let after = fs::read(origin.join("totp/record")).expect("a record");
    // A crash before the rename leaves some of the new record beside the old one.
    for cut in 0..=after.len() {
        let state = scene.path("cut");
        copy(&origin, &state);
        fs::write(state.join("totp/record"), &before).expect("write");
        fs::write(state.join("totp/record.next"), &after[..cut]).expect("write");
        check(&state, &app.code(0)).unwrap_or_else(|not| panic!("cut at {cut}: {not}"));
        assert!(matches!(check(&state, &app.code(0)), Err(NotAccepted::Used { .. })), "cut at {cut}");
        assert!(!state.join("totp/record.next").exists());
    }
}

#[test]
fn damage_at_every_byte_is_said_and_nothing_is_accepted() {
    let scene = Scene::new("totp-damage");
    let origin = scene.path("origin");
    let (app, recovery) = enrolled_below(&origin, Custody::Passphrase);
    let plain = scene.path("plain");
    let (plain_app, _) = enrolled_below(&plain, Custody::Managed);
    let code = recovery[0].clone();
    for (from, name, answer) in [
        (&origin, "record", &code),
        (&origin, "secret", &app.code(0)),
        (&plain, "secret", &plain_app.code(0)),
    ] {
        let name = files(from).into_iter().map(|(n, _)| n).find(|n| n.starts_with(name)).expect("there");
        let whole = fs::read(from.join("totp").join(&name)).expect("readable");
        let state = scene.path("damaged");
        copy(from, &state);
        let path = state.join("totp").join(&name);
        let refused = |bytes: &[u8], what: &str| {
            fs::write(&path, bytes).expect("write");
            match check(&state, answer) {
                Err(NotAccepted::Failed(error)) => {
                    assert_eq!(error.status(), 78, "{name} {what}: {error}");
                    assert!(!error.hint().is_empty());
                }
                // The plain secret has no checksum: another secret has other codes.
                Err(NotAccepted::Wrong { .. } | NotAccepted::Locked { .. }) if from == &plain => {
                    fs::copy(plain.join("totp/record"), state.join("totp/record")).expect("copy");
                }
                other => panic!("{name} {what}: {other:?}"),
            }
        };
        for at in 0..whole.len() {
            refused(&whole[..at], &format!("cut at {at}"));
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            refused(&bytes, &format!("changed at {at}"));
        }
        fs::remove_file(&path).expect("own file");
        assert!(check(&state, answer).is_err(), "{name} is gone");
        fs::remove_dir_all(&state).expect("own directory");
    }
}

#[test]
fn the_binary_names_a_damaged_record_and_a_missing_secret() {
    let scene = Scene::new("totp-damaged");
    let (_, recovery) = enrolled(&scene);
    let secret = state(&scene).join("totp").join(&files(&state(&scene))[1].0);
    fs::remove_file(secret).expect("own file");
    // A recovery code still leads to a new secret.
    let mut pty = on_terminal(&scene, &["totp", "verify"]);
    pty.wait_for("a recovery code, since the secret");
    pty.wait_for(PROMPT);
    answer(&mut pty, &recovery[0]);
    assert_eq!(end(pty).0, Some(0));
    let record = state(&scene).join("totp/record");
    let bytes = fs::read(&record).expect("a record");
    fs::write(&record, &bytes[..bytes.len() - 9]).expect("write");
    for verb in ["verify", "status", "remove", "rotate", "enroll"] {
        let (status, shown) = end(on_terminal(&scene, &["totp", verb]));
        assert_eq!(status, Some(78), "{verb}: {shown}");
        assert!(shown.contains("totp/record is damaged"), "{verb}: {shown}");
        assert!(shown.contains("bring it back from a backup"), "{verb}: {shown}");
    }
}

/// A file system of its own; unmounted when dropped.
struct Mount(PathBuf);

impl Mount {
    fn new(at: PathBuf) -> Option<Mount> {
        fs::create_dir_all(&at).expect("mkdir");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m,mode=0700", "guard-test"])
            .arg(&at)
            .output();
        mount.is_ok_and(|o| o.status.success()).then_some(Mount(at))
    }

    fn remount(&self, how: &str) {
        let done = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&self.0).status();
        assert!(done.expect("mount").success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn what_cannot_be_stored_is_not_accepted() {
    let scene = Scene::new("totp-readonly");
    let Some(mount) = Mount::new(state(&scene)) else {
        return skip("mounting a file system needs root");
    };
    let (app, _) = enrolled(&scene);
    early_in_a_step();
    for code in [app.code(0), app.wrong()] {
        let mut pty = verify(&scene);
        // Read-only at the moment of storing; before that everything could be read.
        mount.remount("ro");
        answer(&mut pty, &code);
        let (status, shown) = end(pty);
        mount.remount("rw");
        assert_eq!(status, Some(78), "{shown}");
        assert!(!shown.contains("was accepted") && shown.contains("read-only file system"), "{shown}");
    }
    let lock = fs::OpenOptions::new().write(true).open(state(&scene).join("totp/LOCK"));
    drop(lock.expect("made by the enrolment"));
    fs::write(mount.0.join("filler"), vec![0; 2 << 20]).expect_err("full");
    let mut said = Vec::new();
    for code in [app.code(0), app.wrong()] {
        let (status, shown) = try_code(&scene, &code);
        assert_eq!(status, Some(78), "{shown}");
        said.push(shown.split("guard:").skip(1).collect::<Vec<_>>().join("guard:"));
    }
    assert!(said[0].contains("cannot be stored, so none is accepted"), "{}", said[0]);
    assert_eq!(said[0], said[1], "right and wrong codes are told apart by nothing");
    fs::remove_file(mount.0.join("filler")).expect("own file");
    assert_eq!(try_code(&scene, &app.code(0)).0, Some(0), "no attempt was lost");
}

#[test]
fn a_directory_that_cannot_be_written_stores_nothing() {
    let scene = Scene::new("totp-denied");
    let base = scene.path("other");
    let (app, _) = enrolled_below(&base, Custody::Managed);
    early_in_a_step();
    // Root may write everywhere, so another user checks.
    if !is_root() {
        return skip("changing the owner needs root");
    }
    const NOBODY: u32 = 65534;
    for path in [base.clone(), base.join("totp")]
        .into_iter()
        .chain(fs::read_dir(base.join("totp")).expect("there").flatten().map(|entry| entry.path()))
    {
        std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).expect("chown");
    }
    fs::set_permissions(base.join("totp"), fs::Permissions::from_mode(0o500)).expect("chmod");
    let run = || {
        let mut command = Command::new(std::env::current_exe().expect("own path"));
        command.args(["--exact", "crash::child", "--nocapture"]).envs(checker(&base, &app.code(0)));
        // Its own copy must be reachable for that user.
        let output = command.uid(NOBODY).gid(NOBODY).stdin(Stdio::null()).output();
        output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned())
    };
    let Ok(said) = run() else { return skip("this directory can be searched by its owner only") };
    assert!(
        !said.contains("ACCEPTED") && said.contains("NOT that a code is used up cannot be stored"),
        "{said}"
    );
    fs::set_permissions(base.join("totp"), fs::Permissions::from_mode(0o700)).expect("chmod");
    assert!(run().expect("as before").contains("ACCEPTED"));
}

#[test]
fn killed_at_every_system_call_it_never_accepts_twice() {
    if !crate::support::have("strace") {
        return;
    }
    let scene = Scene::new("totp-killed");
    let origin = scene.path("origin");
    let (app, _) = enrolled_below(&origin, Custody::Managed);
    for call in ["openat", "flock", "unlinkat", "write", "fsync", "renameat", "renameat2", "close"] {
        for nth in 1.. {
            early_in_a_step();
            let state = scene.path("killed");
            copy(&origin, &state);
            let code = app.code(0);
            let output = Command::new("strace")
                .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")])
                .args(["-e", &format!("inject={call}:signal=SIGKILL:when={nth}")])
                .arg(std::env::current_exe().expect("own path"))
                .args(["--exact", "crash::child", "--nocapture", "--test-threads=1"])
                .envs(checker(&state, &code))
                .stdin(Stdio::null())
                .output()
                .expect("strace runs");
            let accepted = String::from_utf8_lossy(&output.stdout).contains("ACCEPTED");
            let left = check(&state, &code);
            let used = matches!(left, Err(NotAccepted::Used { .. }));
            // Either it is as before, or the code is used up; what was said to be accepted is used up.
            assert!(left.is_ok() || used, "{call} {nth}: {left:?}");
            assert!(used || !accepted, "{call} {nth}: accepted and not stored");
            fs::remove_dir_all(&state).expect("own directory");
            if output.status.success() {
                break;
            }
            assert!(nth < 500, "{call} is called without end");
        }
    }
}
