//! Break-glass: who may, what it asks, what it leaves behind.

use crate::pty::{Pty, plain};
use crate::support::{Scene, text};
use crate::{cluster, outcomes, production};

/// Two people on production; draining is denied.
fn two_people(name: &str, more: &str) -> Scene {
    let deny = "[[policy]]\nwhen = { rule = \"kubectl.drain\" }\nrequire = [\"deny\"]\n\n";
    cluster(name, &format!("{}{deny}{more}", production("\"approval:sre*2\"", "")))
}

const DELETE: [&str; 4] = ["kubectl", "delete", "ns", "payments"];

fn glass(scene: &Scene, words: &[&str]) -> Pty {
    let words = [&["breakglass", "--"], words].concat();
    Pty::start(scene.command(scene.path("lib/guard"), &words), 80, 40, true)
}

fn refused(scene: &Scene, words: &[&str], status: i32, why: &str) {
    let (ended, shown) = glass(scene, words).finish();
    let shown = plain(&shown).replace('\n', " ");
    assert_eq!(ended.code(), Some(status), "{shown}");
    assert!(shown.contains(why), "{shown}");
    assert!(!shown.contains("ran:") && !shown.contains("type:"), "{shown}");
}

#[test]
fn it_is_for_what_needs_an_approval_and_nothing_else() {
    let scene = two_people("scope", "");
    refused(&scene, &["kubectl", "get", "pods"], 64, "policy asks for no approval of this command");
    refused(&scene, &["echo", "ran:"], 64, "policy asks for no approval of this command");
    refused(&scene, &["kubectl", "drain", "n1"], 77, "policy says deny, which nobody can break");
    let confirm = cluster("scope2", &production("\"confirm\"", ""));
    refused(&confirm, &DELETE, 64, "policy asks for no approval of this command");
}

#[test]
fn it_is_for_a_person_at_a_terminal() {
    let scene = two_people("person", "");
    let guard = scene.path("lib/guard").display().to_string();
    let words = [&["-w", &guard, "breakglass", "--"][..], &DELETE].concat();
    let run = scene.command("setsid", &words).output().expect("runs");
    assert_eq!(run.status.code(), Some(77), "{run:?}");
    assert!(!text(&run).0.contains("ran:"), "{run:?}");
    let mut command = scene.command(&guard, &[&["breakglass", "--"][..], &DELETE].concat());
    command.env("CI", "true");
    let (status, shown) = Pty::start(command, 80, 40, true).finish();
    assert_eq!(status.code(), Some(77), "{shown}");
    assert!(plain(&shown).replace('\n', " ").contains("for a person at a terminal (CI is set)"), "{shown}");
}

#[test]
fn without_a_second_factor_there_is_none() {
    let scene = two_people("nofactor", "");
    refused(&scene, &DELETE, 77, "needs totp, and no second factor is enrolled");
    assert_eq!(outcomes(&scene), ["refused"]);
}

#[test]
fn a_budget_of_none_forbids_it() {
    let scene = two_people("none", "[break-glass]\nuses = 0\n");
    refused(&scene, &DELETE, 77, "policy allows no break-glass");
}

#[test]
fn a_damaged_ledger_gives_nothing_back() {
    let scene = two_people("ledger", "");
    let directory = "home/.local/state/guard/breakglass";
    scene.write(&format!("{directory}/ledger.json"), "{");
    let mode = |path: &str, mode: u32| {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(scene.path(path), mode).expect("mode");
    };
    mode(directory, 0o700);
    mode(&format!("{directory}/ledger.json"), 0o600);
    refused(&scene, &DELETE, 78, "ledger.json is damaged");
    let status = scene.guard(&["breakglass", "status"]);
    assert_eq!(status.status.code(), Some(78), "{status:?}");
    assert!(text(&status).1.contains("hint:"), "{status:?}");
    mode(&format!("{directory}/ledger.json"), 0o644);
    refused(&scene, &DELETE, 78, "can be read by others");
}

#[test]
fn the_status_is_for_people_and_programs() {
    let scene = two_people("status", "[break-glass]\nuses = 3\nper = \"14d\"\n");
    let run = scene.guard(&["breakglass", "status"]);
    assert_eq!(text(&run), ("3 of 3 uses left in 14 days\n".into(), String::new()));
    let run = scene.guard(&["breakglass", "status", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&text(&run).0).expect("JSON");
    assert_eq!((json["left"].as_u64(), json["due"].as_u64()), (Some(3), Some(0)), "{json}");
    assert!(
        !std::fs::exists(scene.path("home/.local/state/guard")).expect("a look"),
        "status writes nothing"
    );
}
