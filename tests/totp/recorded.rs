//! Changes of the second factor in the audit log: each has an entry, and none happens that cannot have one.

use crate::helper::*;
use crate::support::{Scene, text};
use guard::gates::totp::Custody;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// The entries about the second factor, of a log that holds.
fn entries(scene: &Scene) -> Vec<Value> {
    let verified = scene.guard(&["audit", "verify"]);
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    let shown = text(&scene.guard(&["audit", "show", "--json"])).0;
    let all = shown.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    all.filter(|entry| entry["event"] == "factor").collect()
}

fn segment(scene: &Scene, mode: u32) {
    let path = state(scene).join("audit/seg-000000000000.jsonl");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("mode");
}

/// `guard totp VERB` with a recovery code; what comes after it is left to the caller.
fn prove(scene: &Scene, words: &[&str], code: &str) -> crate::pty::Pty {
    let mut pty = on_terminal(scene, &[&["totp"], words].concat());
    pty.wait_for(PROMPT);
    answer(&mut pty, code);
    pty
}

#[test]
fn enrolling_rotating_and_removing_are_in_the_audit_log() {
    let scene = Scene::new("totp-recorded");
    let (_, codes) = enrolled_below(&state(&scene), Custody::Passphrase);
    let pty = prove(&scene, &["rotate", "--text", "--passphrase"], &codes[0]);
    let new = crate::enrolment::finish_enrolment(pty);
    let (status, shown) = end(prove(&scene, &["remove"], &new[0]));
    assert_eq!(status, Some(0), "{shown}");

    let entries = entries(&scene);
    let told: Vec<_> = entries
        .iter()
        .map(|e| (e["factor"]["act"].as_str().unwrap_or(""), e["factor"]["proof"].as_str()))
        .collect();
    let by = Some("recovery-code");
    assert_eq!(told, [("enrolled", None), ("rotated", by), ("removed", by)]);
    assert!(entries.iter().all(|e| e["actor"]["uid"].is_u64() && e["factor"]["custody"] == "passphrase"));
    let table = text(&scene.guard(&["audit", "show"])).0;
    assert!(table.contains("second factor enrolled, under a passphrase"), "{table}");
    assert!(table.contains("second factor removed, by a recovery code"), "{table}");
    let log = fs::read_to_string(state(&scene).join("audit/seg-000000000000.jsonl")).expect("log");
    assert!(codes.iter().chain(&new).all(|code| !log.contains(code.as_str())));
}

#[test]
fn what_cannot_be_recorded_is_not_changed() {
    let scene = Scene::new("totp-unrecorded");
    let (_, codes) = enrolled_below(&state(&scene), Custody::Passphrase);
    let names = || files(&state(&scene)).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let before = names();
    // Found before anybody is asked.
    segment(&scene, 0o666);
    for verb in ["remove", "rotate"] {
        let (status, shown) = end(on_terminal(&scene, &["totp", verb]));
        assert_eq!(status, Some(78), "{shown}");
        assert!(words(&shown).contains("the change cannot be recorded, so nothing is changed"), "{shown}");
        assert!(!shown.contains(PROMPT), "{shown}");
    }
    segment(&scene, 0o600);
    // Found at the last moment: the log became unsafe while the person was typing.
    let mut pty = on_terminal(&scene, &["totp", "remove"]);
    pty.wait_for(PROMPT);
    segment(&scene, 0o666);
    answer(&mut pty, &codes[0]);
    let (status, shown) = end(pty);
    assert_eq!(status, Some(78), "{shown}");
    assert!(words(&shown).contains("the change cannot be recorded, so nothing is changed"), "{shown}");
    segment(&scene, 0o600);
    let mut pty = prove(&scene, &["rotate", "--text", "--passphrase"], &codes[1]);
    pty.wait_for("otpauth://");
    segment(&scene, 0o666);
    let shown = crate::enrolment::refused_enrolment(pty);
    assert!(words(&shown).contains("the change cannot be recorded, so nothing is changed"), "{shown}");
    assert!(!shown.contains("write them down"), "{shown}");
    assert_eq!(before, names(), "the old one is there, the new secret is not");
    segment(&scene, 0o600);
    assert_eq!(entries(&scene).len(), 1, "only the first one was made");
    // The old one counts as before.
    let mut pty = verify(&scene);
    answer(&mut pty, &codes[2]);
    assert_eq!(end(pty).0, Some(0));
}

#[test]
fn without_a_log_nobody_enrols() {
    let scene = Scene::new("totp-nolog");
    scene.write("home/.local/state/guard/audit", "a file where the directory should be");
    let (status, shown) = end(on_terminal(&scene, &["totp", "enroll", "--passphrase"]));
    assert_eq!(status, Some(78), "{shown}");
    // Before a secret is shown that would be thrown away.
    assert!(!shown.contains("the app shows now") && !state(&scene).join("totp").exists(), "{shown}");
}

#[test]
fn the_status_says_when_the_secret_is_gone() {
    let scene = Scene::new("totp-gone");
    let (_, codes) = enrolled_below(&state(&scene), Custody::Passphrase);
    let whole = scene.guard(&["totp", "status"]);
    assert_eq!(whole.status.code(), Some(0), "{whole:?}");
    let name = files(&state(&scene)).into_iter().map(|(name, _)| name).find(|n| n.starts_with("secret-"));
    let secret = state(&scene).join("totp").join(name.expect("a secret"));
    let bytes = fs::read(&secret).expect("readable");
    for (content, words) in [(None, "but its secret FILE is gone"), (Some(&bytes[..20]), "cannot be used")] {
        match content {
            None => fs::remove_file(&secret).expect("own file"),
            Some(part) => {
                fs::write(&secret, part).expect("write");
                fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("mode");
            }
        }
        let (out, err) = text(&scene.guard(&["totp", "status"]));
        assert!(out.starts_with("enrolled ") && out.contains(words), "{out}");
        assert!(!out.contains("in a file under a passphrase") && out.contains("10 codes left"), "{out}");
        assert!(err.contains("guard totp rotate` with a recovery code"), "{err}");
        let json = scene.guard(&["totp", "status", "--json"]);
        let value: Value = serde_json::from_str(&text(&json).0).expect("JSON");
        assert_eq!((json.status.code(), value["secret"].as_str()), (Some(78), Some("broken")), "{value}");
        let doctor = scene.guard(&["doctor"]);
        assert!(words_of(&doctor).contains("second factor: enrolled, but "), "{doctor:?}");
    }
    // What is said to do does it.
    let pty = prove(&scene, &["rotate", "--text", "--passphrase"], &codes[0]);
    assert_eq!(crate::enrolment::finish_enrolment(pty).len(), 10);
    assert_eq!(scene.guard(&["totp", "status"]).status.code(), Some(0));
}

fn words_of(output: &std::process::Output) -> String {
    text(output).0.split_whitespace().collect::<Vec<_>>().join(" ")
}
