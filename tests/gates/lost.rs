//! The secret of the second factor is out of reach: a recovery code does in the place of what is lost.

use crate::phone::{PASSPHRASE, Phone, enroll};
use crate::pty::{Pty, plain};
use crate::support::Scene;
use crate::{cluster, decisions, production, start};
use guard::keys::{encode, sha256};
use std::fs;
use std::path::PathBuf;

fn coded(name: &str) -> (Scene, Phone) {
    let scene = cluster(name, &production("\"totp\"", ""));
    let phone = enroll(&scene);
    (scene, phone)
}

fn delete(scene: &Scene) -> Pty {
    start(scene, &["delete", "ns", "payments"])
}

fn by_recovery(scene: &Scene, mut pty: Pty, phone: &mut Phone) {
    let code = phone.recovery();
    pty.type_text(&code);
    pty.enter();
    let (status, shown) = pty.finish();
    let shown = plain(&shown);
    assert_eq!(status.code(), Some(0), "{shown}");
    assert!(shown.contains("ran: delete ns payments") && !shown.contains(&code), "{shown}");
    assert_eq!(decisions(scene).pop().expect("one")["decision"]["method"], "recovery-code");
}

/// The one file in the enrolment's directory whose name begins so.
fn file(scene: &Scene, prefix: &str) -> PathBuf {
    let all = fs::read_dir(scene.path("home/.local/state/guard/totp")).expect("enrolled").flatten();
    let named = |path: &PathBuf| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(prefix));
    all.map(|entry| entry.path()).find(named).expect("a file")
}

#[test]
fn a_recovery_code_does_when_the_secret_s_file_is_lost() {
    let (scene, mut phone) = coded("lostfile");
    fs::remove_file(file(&scene, "secret-")).expect("own file");
    let mut pty = delete(&scene);
    pty.wait_for("a recovery code, since the secret");
    pty.wait_for("is missing");
    pty.wait_for("  > ");
    by_recovery(&scene, pty, &mut phone);
}

#[test]
fn a_recovery_code_does_when_the_passphrase_is_lost() {
    let (scene, mut phone) = coded("lostpass");
    let mut pty = delete(&scene);
    pty.wait_for("the passphrase of your second factor:");
    pty.wait_for("  > ");
    pty.type_text("another horse");
    pty.enter();
    pty.wait_for("a recovery code is taken in its place");
    pty.wait_for("  > ");
    by_recovery(&scene, pty, &mut phone);
}

#[test]
fn a_recovery_code_does_when_the_keyring_is_lost() {
    let (scene, mut phone) = coded("lostring");
    // As if the secret had gone into a keyring: there is none in a scene.
    let record = file(&scene, "record");
    let text = fs::read_to_string(&record).expect("a record");
    let (head, json) = text.trim_end().split_once('\n').expect("two lines");
    let json = json.replace("\"custody\":\"passphrase\"", "\"custody\":\"keyring\"");
    let form = head.rsplit_once(' ').expect("a form").0;
    fs::write(&record, format!("{form} {}\n{json}\n", encode(&sha256(&[json.as_bytes()])))).expect("write");
    let mut pty = delete(&scene);
    pty.wait_for("a recovery code, since the secret is in the keyring, and there is no");
    pty.wait_for("  > ");
    // What is no recovery code passes nothing.
    pty.type_text(PASSPHRASE);
    pty.enter();
    pty.wait_for("neither a code nor a recovery code");
    pty.wait_for("  > ");
    by_recovery(&scene, pty, &mut phone);
}
