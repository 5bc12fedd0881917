//! Break-glass: who may, what it asks, what it leaves behind.

use crate::phone::{PASSPHRASE, Phone, enroll};
use crate::pty::{Pty, plain};
use crate::support::{Scene, have, text};
use crate::{bash, cluster, decisions, dirs, outcomes, production, start};
use guard::gates::breakglass::{self, LedgerError, Review};
use serde_json::Value;
use std::fs;
use std::os::unix::process::ExitStatusExt;

/// Two people on production; draining is denied.
fn two_people(name: &str, more: &str) -> Scene {
    let deny = "[[policy]]\nwhen = { rule = \"kubectl.drain\" }\nrequire = [\"deny\"]\n\n";
    cluster(name, &format!("{}{deny}{more}", production("\"approval:sre*2\"", "")))
}

const DELETE: [&str; 4] = ["kubectl", "delete", "ns", "payments"];

fn glass(scene: &Scene, words: &[&str]) -> Pty {
    let words = [&["breakglass", "--"], words].concat();
    let mut command = scene.command(scene.path("lib/guard"), &words);
    command.env("NO_COLOR", "1");
    Pty::start(command, 80, 50, true)
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

/// To the question for the code, which a recovery code answers, too.
fn to_code(pty: &mut Pty, reason: &str) {
    pty.wait_for("1 of 5: why has this to be done (20 characters or more):");
    pty.wait_for("  > ");
    pty.type_text(reason);
    pty.enter();
    pty.wait_for("2 of 5: to run it without approval, type:  prod-eu/payments");
    pty.wait_for("  > ");
    pty.type_text("prod-eu/payments");
    pty.enter();
    pty.wait_for("3 of 5: the passphrase of your second factor:");
    pty.wait_for("  > ");
}

const REASON: &str = "the region is down and nobody answers";

/// A code of the app, behind the passphrase.
fn by_code(pty: &mut Pty, phone: &mut Phone) {
    to_code(pty, REASON);
    pty.send(PASSPHRASE.as_bytes());
    pty.enter();
    pty.wait_for("4 of 5: ");
    pty.wait_for("  > ");
    pty.type_text(&phone.code());
    pty.enter();
    pty.wait_for("10 s   Esc or Ctrl-C: nothing runs");
}

#[test]
fn it_runs_at_a_price_and_leaves_a_review_to_do() {
    let scene = two_people("price", "[break-glass]\nuses = 1\n");
    let mut phone = enroll(&scene);
    let mut pty = glass(&scene, &DELETE);
    pty.wait_for("guard: WITHOUT approval:sre*2: delete namespace payments");
    pty.wait_for("goes on without approval:sre*2: use 1 of 1 within 7 days");
    to_code(&mut pty, REASON);
    pty.send(b"\x1b");
    assert_eq!(pty.finish().0.code(), Some(77));
    assert_eq!(status(&scene)["left"], 1, "who leaves has spent nothing");

    let mut pty = glass(&scene, &DELETE);
    pty.wait_for("  > ");
    pty.type_text("nineteen characters");
    pty.enter();
    pty.wait_for("19 characters; 20 are needed");
    pty.send(b"\x1b");
    assert_eq!(pty.finish().0.code(), Some(77));

    let mut pty = glass(&scene, &DELETE);
    by_code(&mut pty, &mut phone);

    let (ended, shown) = pty.finish();
    assert_eq!(ended.code(), Some(0), "{}", plain(&shown));
    assert!(plain(&shown).contains("ran: delete ns payments"), "{}", plain(&shown));
    assert!(!shown.contains(PASSPHRASE));

    let entry = decisions(&scene).pop().expect("a decision");
    let decision = &entry["decision"];
    assert_eq!(
        (decision["outcome"].as_str(), decision["action"].as_str()),
        (Some("break-glass"), Some("allow"))
    );
    assert_eq!(decision["method"], "reason+typed+totp+delay");
    assert_eq!(
        (decision["reason"].as_str(), decision["detail"].as_str()),
        (Some(REASON), Some("without approval:sre*2"))
    );
    verified_by_another_program(&scene);

    let id = entry["ref"].as_str().expect("an id").to_owned();
    let alert = fs::read(scene.path(&format!("home/.local/state/guard/alerts/{id}.json"))).expect("an alert");
    let alert: Value = serde_json::from_slice(&alert).expect("JSON");
    assert_eq!((alert["kind"].as_str(), alert["reason"].as_str()), (Some("break-glass"), Some(REASON)));
    assert_eq!(alert["without"][0], "approval:sre*2");

    assert_eq!((status(&scene)["left"].as_u64(), status(&scene)["due"].as_u64()), (Some(0), Some(1)));
    refused(&scene, &DELETE, 77, "the one break-glass use of 7 days is spent");
    owed(&scene, true);
    nothing_is_given_back(&scene);
    // Nor does another state directory in the environment.
    let mut command = scene.command(scene.path("lib/guard"), &["breakglass", "status"]);
    let elsewhere = command.env("XDG_STATE_HOME", scene.path("home/elsewhere")).output().expect("guard runs");
    assert!(text(&elsewhere).0.starts_with("0 of 1 use left"), "{elsewhere:?}");

    let review = |by: &str| Review {
        by: by.into(),
        verdict: "justified".into(),
        at: 1,
        statement: "sha256:00".into(),
    };
    let settle = |id: &str, by: &str| breakglass::settle(&dirs(&scene), id, "alice", review(by));
    assert!(matches!(settle(&id, "alice"), Err(LedgerError::OwnReview)));
    assert!(matches!(settle(&id, ""), Err(LedgerError::OwnReview)));
    assert!(matches!(settle("01M0000000000000000000000", "eve"), Err(LedgerError::NoSuchUse { .. })));
    owed(&scene, true);
    settle(&id, "eve").expect("settled");
    assert_eq!((status(&scene)["left"].as_u64(), status(&scene)["due"].as_u64()), (Some(0), Some(0)));
    owed(&scene, false);
}

/// Taking the ledger, the log or the count away gives nothing back, and is said; put back, nothing is said.
fn nothing_is_given_back(scene: &Scene) {
    let ways: [(&[&str], &[&str]); 5] = [
        (&["breakglass"], &["the ledger lacks 1 use of 1, which counts all the same"]),
        (&["breakglass/ledger.json"], &["the ledger lacks 1 use of 1"]),
        (
            &["audit"],
            &["the audit log lacks 1 use of 1", "the audit log that was there at the last use is gone"],
        ),
        (&["breakglass", "audit"], &["the ledger lacks 1 use of 1", "the audit log lacks 1 use of 1"]),
        (&["keys/breakglass.json"], &["the count beside your key knows 0 uses of 1"]),
    ];
    assert_eq!(status(scene)["gone"], serde_json::json!([]));
    for (away, said) in ways {
        for (at, name) in away.iter().enumerate() {
            let state = scene.path(&format!("home/.local/state/guard/{name}"));
            fs::rename(state, scene.path(&format!("home/aside-{at}"))).expect("rename");
        }
        let gone = status(scene)["gone"].to_string();
        let shown = text(&scene.guard(&["breakglass", "status"])).0;
        let doctor = text(&scene.guard(&["doctor", "--json"])).0;
        for words in said {
            assert!(gone.contains(words) && shown.contains(words), "{away:?}: {gone} {shown}");
            assert!(doctor.contains(&format!("break-glass: {words}")), "{away:?}: {doctor}");
        }
        assert!(doctor.contains("break-glass: 1 review is due"), "{away:?}: {doctor}");
        refused(scene, &DELETE, 77, "the one break-glass use of 7 days is spent");
        // The refusal began a log where there was none.
        for (at, name) in away.iter().enumerate() {
            let state = scene.path(&format!("home/.local/state/guard/{name}"));
            if *name == "audit" {
                let doctor = text(&scene.guard(&["doctor", "--json"])).0;
                assert!(doctor.contains("the audit log was begun anew since the last use"), "{doctor}");
                fs::remove_dir_all(&state).expect("own directory");
            }
            fs::rename(scene.path(&format!("home/aside-{at}")), state).expect("rename");
        }
    }
    // At the question, where there is one more use.
    let policy = scene.path("home/.config/guard/policy.toml");
    let before = fs::read_to_string(&policy).expect("policy");
    fs::write(&policy, before.replace("uses = 1", "uses = 2")).expect("write");
    let ledger = scene.path("home/.local/state/guard/breakglass");
    fs::rename(&ledger, scene.path("home/aside")).expect("rename");
    let mut pty = glass(scene, &DELETE);
    pty.wait_for("use 2 of 2 within 7 days");
    pty.wait_for("traces");
    pty.wait_for("the ledger lacks 1 use of 1");
    pty.wait_for("  > ");
    pty.send(b"\x1b");
    assert_eq!(pty.finish().0.code(), Some(77));
    owed(scene, true);
    fs::rename(scene.path("home/aside"), &ledger).expect("rename");
    fs::write(&policy, before).expect("write");
}

/// Whether the next question says that a review is due.
fn owed(scene: &Scene, due: bool) {
    let policy = production("\"confirm\"", "");
    let before = fs::read_to_string(scene.path("home/.config/guard/policy.toml")).expect("policy");
    scene.write("home/.config/guard/policy.toml", &policy);
    let mut pty = start(scene, &["delete", "ns", "other"]);
    pty.wait_for("to run it, type");
    pty.wait_for("  > ");
    pty.send(b"\x1b");
    let shown = plain(&pty.finish().1);
    assert_eq!(shown.contains("review due  break-glass"), due, "{shown}");
    scene.write("home/.config/guard/policy.toml", &before);
}

fn status(scene: &Scene) -> Value {
    let run = scene.guard(&["breakglass", "status", "--json"]);
    serde_json::from_str(&text(&run).0).unwrap_or_else(|_| panic!("{run:?}"))
}

/// `tests/verify_audit.py` knows nothing of guard but docs/audit.md.
fn verified_by_another_program(scene: &Scene) {
    if !have("python3") {
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verify_audit.py");
    let log = scene.path("home/.local/state/guard/audit").display().to_string();
    let run = std::process::Command::new("python3").args([script, &log]).output().expect("python3");
    assert!(text(&run).0.contains("\"standing\": \"ok\""), "{run:?}");
}

#[test]
fn two_terminals_at_once_spend_one_use() {
    let scene = two_people("both", "[break-glass]\nuses = 1\n");
    let mut phone = enroll(&scene);
    let mut ptys = [glass(&scene, &DELETE), glass(&scene, &DELETE)];
    for pty in &mut ptys {
        to_code(pty, REASON);
        pty.type_text("x");
        pty.send(b"\x15");
        pty.send(phone.recovery().as_bytes());
        pty.enter();
        pty.wait_for("10 s   Esc or Ctrl-C: nothing runs");
    }
    let ended: Vec<_> = ptys.into_iter().map(Pty::finish).collect();
    let mut codes: Vec<_> = ended.iter().map(|(status, _)| status.code()).collect();
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(77)], "{ended:?}");
    assert_eq!(ended.iter().filter(|(_, shown)| shown.contains("ran:")).count(), 1);
    assert_eq!(status(&scene)["list"].as_array().map(Vec::len), Some(1));
    let mut outcomes = outcomes(&scene);
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["break-glass", "refused"]);
}

#[test]
fn what_cannot_be_alerted_about_does_not_run() {
    let scene = two_people("noalert", "");
    let mut phone = enroll(&scene);
    scene.write("home/.local/state/guard/alerts", "a file where the directory should be");
    let mut pty = glass(&scene, &DELETE);
    by_code(&mut pty, &mut phone);
    let (ended, shown) = pty.finish();
    assert_eq!(ended.code(), Some(77), "{}", plain(&shown));
    assert!(
        plain(&shown).contains("the alert cannot be kept") && !shown.contains("ran:"),
        "{}",
        plain(&shown)
    );
    assert_eq!(status(&scene)["left"], 2);
    assert_eq!(outcomes(&scene), ["refused"]);
}

#[test]
fn wrong_codes_end_it_and_cost_no_use() {
    let scene = two_people("wrong", "");
    let _phone = enroll(&scene);
    let mut pty = glass(&scene, &DELETE);
    to_code(&mut pty, REASON);
    pty.send(PASSPHRASE.as_bytes());
    pty.enter();
    pty.wait_for("4 of 5: ");
    for _ in 0..3 {
        pty.wait_for("  > ");
        pty.type_text("000000");
        pty.enter();
    }
    let (ended, shown) = pty.finish();
    assert_eq!(ended.code(), Some(77), "{}", plain(&shown));
    assert!(shown.contains("guard: not run: ") && !shown.contains("ran:"), "{}", plain(&shown));
    assert_eq!(status(&scene)["left"], 2);
    // Found before anything is typed.
    refused(&scene, &DELETE, 77, "nothing is accepted for");
}

#[test]
fn leaving_at_the_passphrase_the_code_or_the_wait_runs_nothing() {
    let scene = two_people("leaveglass", "");
    let mut phone = enroll(&scene);
    for step in 0..3 {
        let mut pty = glass(&scene, &DELETE);
        match step {
            0 => to_code(&mut pty, REASON),
            1 => {
                to_code(&mut pty, REASON);
                pty.send(PASSPHRASE.as_bytes());
                pty.enter();
                pty.wait_for("4 of 5: ");
                pty.wait_for("  > ");
                pty.type_text("123");
            }
            _ => by_code(&mut pty, &mut phone),
        }
        pty.send(b"\x03");
        let (ended, shown) = pty.finish();
        assert_eq!(ended.signal(), Some(2), "{step}: {}", plain(&shown));
        assert!(!shown.contains("ran:"), "{}", plain(&shown));
    }
    assert_eq!(outcomes(&scene), ["cancelled"; 3]);
    assert_eq!(status(&scene)["left"], 2);
}

#[test]
fn a_code_stands_between_name_and_wait_without_break_glass_too() {
    let scene = cluster("totp", &production("\"delay:1s\", \"totp\", \"confirm\"", "again_after = \"15m\""));
    let mut phone = enroll(&scene);
    let mut pty = bash(&scene);
    pty.send(b"kubectl delete ns payments\r");
    pty.wait_for("1 of 4: to run it, type:");
    pty.wait_for("  > ");
    pty.type_text("prod-eu/payments");
    pty.enter();
    pty.wait_for("2 of 4: the passphrase of your second factor:");
    pty.wait_for("  > ");
    pty.send(PASSPHRASE.as_bytes());
    pty.enter();
    pty.wait_for("3 of 4: ");
    pty.wait_for("  > ");
    let code = phone.code();
    pty.send(format!("\x1b[200~{code}\x1b[201~").as_bytes());
    pty.wait_for("••••••");
    pty.enter();
    pty.wait_for("ran: delete ns payments");
    pty.wait_for("ready> ");
    assert!(!pty.shown.contains(&code) && !pty.shown.contains(PASSPHRASE), "{}", pty.shown);
    pty.send(b"kubectl delete ns payments\r");
    pty.wait_for("not asked again: confirm, totp, delay:1s (you passed them");
    pty.wait_for("ran: delete ns payments");
    pty.wait_for("ready> ");
    let decisions = decisions(&scene);
    assert_eq!(decisions[0]["decision"]["method"], "typed+totp+delay");
    assert_eq!(decisions[1]["decision"]["method"], "again");
    // What guard forgets is asked again.
    pty.send(format!("{} lock\r", scene.path("lib/guard").display()).as_bytes());
    pty.wait_for("ready> ");
    pty.send(b"kubectl delete ns payments\r");
    pty.wait_for("to run it, type:");
}
