//! What was passed a short while ago counts again: in the same session, for the same rules and target, and nowhere else.

use crate::pty::{Pty, plain};
use crate::support::Scene;
use crate::{bash, cluster, decisions, dirs, entries, grants, production, start};
use guard::gates::grants as kept;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, Instant};

/// In bash, asked once, passed.
fn passed(scene: &Scene, words: &str, name: &str) -> Pty {
    let mut pty = bash(scene);
    confirm(&mut pty, words, name);
    pty
}

fn confirm(pty: &mut Pty, words: &str, name: &str) {
    pty.send(format!("{words}\r").as_bytes());
    pty.wait_for("  > ");
    pty.type_text(name);
    pty.enter();
    pty.wait_for("ran: ");
    pty.wait_for("ready> ");
}

/// It runs without a question, and says why.
fn accepted(pty: &mut Pty, words: &str) {
    let before = pty.shown.len();
    pty.send(format!("{words}\r").as_bytes());
    pty.wait_for("ran: ");
    pty.wait_for("ready> ");
    let shown = plain(&pty.shown[before..]);
    assert!(shown.contains("guard: notice: not asked again: confirm (you passed it"), "{shown}");
    assert!(!shown.contains("to run it, type"), "{shown}");
}

/// It asks; the person leaves.
fn asks(pty: &mut Pty, words: &str) {
    let before = pty.shown.len();
    pty.send(format!("{words}\r").as_bytes());
    pty.wait_for("to run it, type");
    pty.wait_for("  > ");
    pty.send(b"\x1b");
    pty.wait_for("guard: not run");
    pty.wait_for("ready> ");
    assert!(!plain(&pty.shown[before..]).contains("ran: "), "{}", pty.shown);
}

const DELETE: &str = "kubectl delete ns payments";
const NAME: &str = "prod-eu/payments";

fn fifteen_minutes(name: &str) -> Scene {
    cluster(name, &production("\"confirm\"", "again_after = \"15m\""))
}

#[test]
fn the_same_command_is_not_asked_about_again_and_the_log_says_why() {
    let scene = fifteen_minutes("again");
    let mut pty = passed(&scene, DELETE, NAME);
    accepted(&mut pty, DELETE);
    accepted(&mut pty, DELETE);
    let decisions = decisions(&scene);
    let first = entries(&scene).iter().find(|e| e["event"] == "intent").map(|e| e["id"].clone());
    assert_eq!(decisions[0]["decision"]["method"], "typed");
    for decision in &decisions[1..] {
        assert_eq!(decision["decision"]["method"], "again");
        assert_eq!(Some(&decision["decision"]["again"]), first.as_ref());
        assert_eq!(decision["decision"]["attempts"], 0);
    }
}

#[test]
fn another_target_rule_or_object_is_asked_about() {
    let scene = fifteen_minutes("other");
    let mut pty = passed(&scene, DELETE, NAME);
    asks(&mut pty, "kubectl delete ns orders");
    asks(&mut pty, "kubectl delete ns payments orders");
    // The same object in other words, which may do more to it.
    asks(&mut pty, "kubectl delete namespace payments --context prod-eu");
    asks(&mut pty, "kubectl delete ns payments --force --grace-period=0");
    asks(&mut pty, "cd .. && kubectl delete ns payments; cd work");
    asks(&mut pty, "kubectl delete ns payments </dev/null");
    asks(&mut pty, "kubectl delete ns payments --server https://prod.example:6443");
    asks(&mut pty, "kubectl drain payments");
    let guard = scene.path("lib/guard").display().to_string();
    asks(&mut pty, &format!("{guard} run -- bash -c 'kubectl delete ns payments; kubectl delete ns orders'"));
    accepted(&mut pty, DELETE);
    scene.kubeconfig("prod-us");
    asks(&mut pty, DELETE);
}

#[test]
fn another_terminal_or_session_is_asked() {
    let scene = fifteen_minutes("terminal");
    let mut pty = passed(&scene, DELETE, NAME);
    let mut other = start(&scene, &["delete", "ns", "payments"]);
    other.wait_for("  > ");
    other.send(b"\x1b");
    assert_eq!(other.finish().0.code(), Some(77));
    // A child of the session, with its whole environment, but without its terminal.
    pty.send(b"setsid -w kubectl delete ns payments; echo status=$?\r");
    pty.wait_for("status=77");
    pty.wait_for("ready> ");
    // Enforcement mode takes nothing for passed.
    pty.send(
        format!(
            "guard={}; $guard run --mode enforce -- {DELETE}; echo status=$?\r",
            scene.path("lib/guard").display()
        )
        .as_bytes(),
    );
    pty.wait_for("status=77");
    pty.wait_for("ready> ");
    accepted(&mut pty, DELETE);
}

/// Changes one value of the file of grants, and puts the file back afterwards.
fn with_changed(scene: &Scene, pointer: &str, value: Value, look: &mut dyn FnMut()) {
    let path = grants(scene);
    let before = fs::read(&path).expect("grants");
    let mut json: Value = serde_json::from_slice(&before).expect("JSON");
    let field = json.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}"));
    assert_ne!(*field, value, "{pointer}");
    *field = value;
    fs::write(&path, serde_json::to_vec(&json).expect("JSON")).expect("write");
    look();
    fs::write(&path, before).expect("write");
}

#[test]
fn a_grant_is_bound_to_all_of_its_session() {
    let scene = fifteen_minutes("bound");
    let mut pty = passed(&scene, DELETE, NAME);
    let json: Value = serde_json::from_slice(&fs::read(grants(&scene)).expect("grants")).expect("JSON");
    let fields: Vec<String> = json["session"].as_object().expect("an object").keys().cloned().collect();
    assert_eq!(fields, ["boot", "changed", "device", "id", "inode", "leader", "terminal", "user"]);
    for field in fields {
        let other = match &json["session"][&field] {
            Value::Number(n) => Value::from(n.as_i64().expect("a whole number") + 1),
            text => Value::from(format!("{}x", text.as_str().expect("a text"))),
        };
        with_changed(&scene, &format!("/session/{field}"), other, &mut || asks(&mut pty, DELETE));
        accepted(&mut pty, DELETE);
    }
    for (pointer, other) in
        [("/v", Value::from(2)), ("/passed/0/what", "x".into()), ("/passed/0/gate", "totp".into())]
    {
        with_changed(&scene, pointer, other, &mut || asks(&mut pty, DELETE));
        accepted(&mut pty, DELETE);
    }
    // Passed after now: by another clock.
    with_changed(&scene, "/passed/0/at", Value::from(1_u64 << 60), &mut || asks(&mut pty, DELETE));
    let path = grants(&scene);
    fs::rename(&path, path.with_file_name("pts-9999-1.json")).expect("rename");
    asks(&mut pty, DELETE);
}

#[test]
fn a_file_of_grants_that_is_not_as_guard_wrote_it_is_nothing() {
    let scene = fifteen_minutes("damaged");
    let mut pty = passed(&scene, DELETE, NAME);
    let path = grants(&scene);
    let before = fs::read(&path).expect("grants");
    for damaged in [&b""[..], b"{", b"null", &before[..before.len() - 2], &[&before[..], b"x"].concat()] {
        fs::write(&path, damaged).expect("write");
        asks(&mut pty, DELETE);
    }
    fs::write(&path, &before).expect("write");
    accepted(&mut pty, DELETE);
    for mode in [0o640, 0o602] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("mode");
        asks(&mut pty, DELETE);
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("mode");
    accepted(&mut pty, DELETE);
    let aside = scene.path("home/aside.json");
    fs::rename(&path, &aside).expect("rename");
    symlink(&aside, &path).expect("link");
    asks(&mut pty, DELETE);
    fs::remove_file(&path).expect("remove");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
    asks(&mut pty, DELETE);
    // Asked and passed, it is kept anew.
    fs::remove_file(&path).expect("remove");
    confirm(&mut pty, DELETE, NAME);
    accepted(&mut pty, DELETE);
}

#[test]
fn locking_ends_it() {
    let scene = fifteen_minutes("lock");
    let mut pty = passed(&scene, DELETE, NAME);
    accepted(&mut pty, DELETE);
    assert_eq!(kept::clear(&dirs(&scene)).expect("cleared"), 1);
    asks(&mut pty, DELETE);
    assert_eq!(kept::clear(&dirs(&scene)).expect("nothing left"), 0);
}

#[test]
fn it_ends_after_the_time_that_policy_says() {
    let scene = cluster("ends", &production("\"confirm\"", "again_after = \"4s\""));
    let mut pty = passed(&scene, DELETE, NAME);
    accepted(&mut pty, DELETE);
    let until = Instant::now() + Duration::from_secs(20);
    pty.send(format!("{DELETE}\r").as_bytes());
    while pty.wait_for_one(&["to run it, type", "ran: "]) == 1 {
        assert!(Instant::now() < until, "{}", pty.shown);
        pty.wait_for("ready> ");
        pty.send(format!("{DELETE}\r").as_bytes());
    }
}

#[test]
fn a_gate_that_another_policy_asks_for_as_well_is_asked() {
    let second = "[[policy]]\nwhen = { rule = \"kubectl.delete-namespace\" }\nrequire = [\"confirm\"]\n";
    let scene = cluster("strict", &format!("{}{second}", production("\"confirm\"", "again_after = \"15m\"")));
    let mut pty = passed(&scene, DELETE, NAME);
    asks(&mut pty, DELETE);
}

#[test]
fn what_is_not_known_is_asked_about_each_time() {
    let scene = cluster(
        "unknown",
        "[[policy]]\nname = \"production\"\nwhen = { environment = [\"production\", \"unknown\"] }\nrequire = [\"confirm\"]\nagain_after = \"15m\"\n",
    );
    let mut pty = bash(&scene);
    scene.write("home/.kube/config", "a: [b\n");
    for _ in 0..2 {
        pty.send(b"kubectl delete ns payments\r");
        pty.wait_for("to run it, type");
        pty.wait_for("  > ");
        pty.send(b"\x1b");
        pty.wait_for("ready> ");
    }
    scene.kubeconfig("prod-eu");
    // A word that nobody knows before it runs.
    confirm(&mut pty, DELETE, NAME);
    let line = "guard run -- bash -c 'kubectl delete ns $(cat /nonexistent)'";
    let line = line.replace("guard", &scene.path("lib/guard").display().to_string());
    asks(&mut pty, &line);
}

#[test]
fn a_reason_that_was_given_is_recorded_again() {
    let scene = cluster("reasons", &production("\"reason\"", "again_after = \"15m\""));
    let mut pty = passed(&scene, DELETE, "it is stuck");
    pty.send(format!("{DELETE}\r").as_bytes());
    pty.wait_for("not asked again: reason (you passed it");
    pty.wait_for("ran: ");
    let decisions = decisions(&scene);
    assert_eq!(decisions[1]["decision"]["method"], "again");
    assert_eq!(decisions[1]["decision"]["reason"], "it is stuck");
}

#[test]
fn what_cannot_be_kept_is_said_and_asked_again() {
    let scene = fifteen_minutes("unkept");
    scene.write("home/.local/state/guard/grants", "a file where the directory should be");
    let mut pty = passed(&scene, DELETE, NAME);
    assert!(
        plain(&pty.shown).contains("guard: notice: everything is asked again the next time"),
        "{}",
        pty.shown
    );
    asks(&mut pty, DELETE);
}

/// rm of a directory that a policy asks about; counted by walking it.
fn removal(name: &str) -> Scene {
    let scene = cluster(
        name,
        "[[policy]]\nname = \"tree\"\nwhen = { effect = \"destroy\" }\nrequire = [\"confirm\"]\nagain_after = \"15m\"\n",
    );
    // A stub: what was removed would be gone, and nothing could be the same again.
    scene.stub("rm", "#!/bin/sh\necho \"ran: $*\"\n");
    scene.shims(&["rm"]);
    scene.write("work/tree/one", "1");
    scene.write("work/tree/two", "2");
    scene
}

const REMOVE: &str = "rm -rf tree";

#[test]
fn a_directory_of_the_same_name_or_with_more_in_it_is_asked_about() {
    let scene = removal("things");
    let mut pty = bash(&scene);
    // The count is on the screen before the name is typed.
    pty.send(format!("{REMOVE}\r").as_bytes());
    pty.wait_for("2 files");
    pty.wait_for("  > ");
    pty.type_text("tree");
    pty.enter();
    pty.wait_for("ran: ");
    pty.wait_for("ready> ");
    accepted(&mut pty, REMOVE);
    fs::remove_file(scene.path("work/tree/two")).expect("remove");
    accepted(&mut pty, REMOVE);
    for name in ["two", "three"] {
        scene.write(&format!("work/tree/{name}"), "more");
    }
    asks(&mut pty, REMOVE);
    fs::remove_file(scene.path("work/tree/three")).expect("remove");
    accepted(&mut pty, REMOVE);
    // Another directory, as empty as can be, under the same name.
    fs::rename(scene.path("work/tree"), scene.path("work/aside")).expect("rename");
    scene.write("work/tree/one", "1");
    asks(&mut pty, REMOVE);
    fs::remove_dir_all(scene.path("work/tree")).expect("own directory");
    fs::rename(scene.path("work/aside"), scene.path("work/tree")).expect("rename");
    accepted(&mut pty, REMOVE);
    // A link to it is another thing, too.
    fs::rename(scene.path("work/tree"), scene.path("work/aside")).expect("rename");
    symlink(scene.path("work/aside"), scene.path("work/tree")).expect("link");
    asks(&mut pty, "rm -rf tree");
}

#[test]
fn what_is_replaced_while_the_question_stands_does_not_run() {
    let scene = removal("replaced");
    let mut pty = bash(&scene);
    pty.send(format!("{REMOVE}; echo status=$?\r").as_bytes());
    pty.wait_for("  > ");
    fs::rename(scene.path("work/tree"), scene.path("work/aside")).expect("rename");
    scene.write("work/tree/precious", "1");
    pty.type_text("tree");
    pty.enter();
    pty.wait_for("was replaced since you were asked");
    pty.wait_for("status=65");
    assert_eq!(crate::outcomes(&scene), ["drift"]);
    assert!(scene.path("work/tree/precious").exists());
}

#[test]
fn another_statement_with_the_same_headline_is_asked_about() {
    let scene = cluster(
        "statement",
        "[[policy]]\nname = \"sql\"\nwhen = { environment = [\"production\", \"unknown\"] }\nrequire = [\"confirm\"]\nagain_after = \"15m\"\n",
    );
    scene.stub("psql", "#!/bin/sh\necho \"ran: $*\"\n");
    scene.shims(&["psql"]);
    let mut pty = bash(&scene);
    // The difference stands where the headline is cut.
    let delete = |end: &str| {
        let long =
            "delete from orders where region in ('eu-central-1', 'eu-west-1', 'eu-north-1', 'us-east-1')";
        format!("psql -h prod-db -U me -p 5432 -d shop -c \"{long} and {end}\"")
    };
    pty.send(format!("{}\r", delete("id = 1")).as_bytes());
    pty.wait_for("to run it, type:  ");
    pty.wait_for("  > ");
    pty.type_text("shop@prod-db");
    pty.enter();
    pty.wait_for("ran: ");
    pty.wait_for("ready> ");
    accepted(&mut pty, &delete("id = 1"));
    asks(&mut pty, &delete("id = 1 or true"));
}

#[test]
fn another_program_of_the_same_name_is_asked_about() {
    let scene = fifteen_minutes("program");
    let mut pty = passed(&scene, DELETE, NAME);
    accepted(&mut pty, DELETE);
    // It may well get the number of the inode that is gone.
    fs::remove_file(scene.path("stub/kubectl")).expect("own file");
    scene.stub("kubectl", "#!/bin/sh\necho \"ran: $*\"\n");
    asks(&mut pty, DELETE);
}

#[test]
fn locking_ends_what_the_shims_keep_whatever_the_environment_says() {
    let scene = fifteen_minutes("lockelsewhere");
    let mut pty = passed(&scene, DELETE, NAME);
    accepted(&mut pty, DELETE);
    let guard = scene.path("lib/guard").display().to_string();
    let other = scene.path("home/other").display().to_string();
    pty.send(format!("XDG_STATE_HOME={other} {guard} lock\r").as_bytes());
    pty.wait_for("every gate is asked for again");
    pty.wait_for("ready> ");
    asks(&mut pty, DELETE);
    pty.send(format!("XDG_STATE_HOME={other} {guard} doctor | cat\r").as_bytes());
    pty.wait_for("the shims keep their state below");
    pty.wait_for("ready> ");
}
