//! The main job through the real executables: a question on the terminal, the answer, the entry, the exec.

mod support;
#[path = "support/pty.rs"]
mod pty;

use pty::{Pty, plain};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use support::{Scene, text};

/// What the question ends in, right before the answer.
const PROMPT: &str = "> ";

/// kubectl as a stub that says it ran; the context is production.
fn cluster(name: &str) -> Scene {
    let scene = Scene::new(name);
    scene.stub("kubectl", "#!/bin/sh\necho \"ran: $*\"\n");
    scene.kubeconfig("prod-eu");
    scene.shims(&["kubectl", "rm"]);
    scene
}

fn ask(scene: &Scene, program: &str, args: &[&str]) -> Pty {
    let mut pty = Pty::start(scene.command(program, args), 80, 40, true);
    pty.wait_for(PROMPT);
    pty
}

fn entries(scene: &Scene) -> Vec<serde_json::Value> {
    let output = scene.guard(&["audit", "show", "--json"]);
    String::from_utf8_lossy(&output.stdout).lines().map(|l| serde_json::from_str(l).expect("JSON")).collect()
}

/// Event and outcome of every entry after genesis.
fn story(scene: &Scene) -> Vec<String> {
    let verified = scene.guard(&["audit", "verify"]);
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    let word =
        |e: &serde_json::Value, key: &str| e.pointer(key).and_then(|v| v.as_str()).unwrap_or("").to_owned();
    entries(scene)
        .iter()
        .filter(|e| word(e, "/event") != "genesis")
        .map(|e| format!("{} {}", word(e, "/event"), word(e, "/decision/outcome")).trim().to_owned())
        .collect()
}

#[test]
fn the_right_answer_runs_the_real_rm() {
    let scene = Scene::new("right");
    scene.shims(&["rm"]);
    scene.write("work/repo/.git/HEAD", "x");
    let path = scene.path("work/repo");
    let mut pty = ask(&scene, "rm", &["-rf", "repo"]);
    pty.type_text(&path.display().to_string());
    pty.enter();
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(0), "{}", plain(&shown));
    let shown = plain(&shown).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains(&format!("git -C {} status", path.display())), "{shown}");
    assert!(!path.exists());
    assert_eq!(story(&scene), ["intent", "decision ran"]);
}

#[test]
fn a_wrong_answer_runs_nothing() {
    let scene = cluster("wrong");
    let mut pty = ask(&scene, "kubectl", &["delete", "ns", "payments"]);
    for attempt in 0..3 {
        if attempt > 0 {
            pty.wait_for(PROMPT);
        }
        pty.type_text("yes");
        pty.enter();
    }
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(77));
    assert!(!shown.contains("ran:"), "{}", plain(&shown));
    assert_eq!(story(&scene), ["intent", "decision refused"]);
}

#[test]
fn the_question_names_the_target_and_its_source() {
    let scene = cluster("names");
    let mut pty = ask(&scene, "kubectl", &["delete", "ns", "payments"]);
    pty.send(b"\x1b");
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(77));
    let screen = plain(&shown);
    for words in ["payments", "production", "prod-eu", "https://127.0.0.1:1", "current-context", "etcd"] {
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
    assert_eq!(story(&scene), ["intent", "decision cancelled"]);
}

#[test]
fn it_asks_with_every_stream_redirected() {
    let scene = cluster("redirected");
    let mut command = scene.command("/bin/bash", &["-c", "echo y | kubectl delete ns payments >out 2>err"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut pty = Pty::start(command, 80, 40, false);
    pty.wait_for(PROMPT);
    pty.type_text("prod-eu/payments");
    pty.enter();
    let (status, _) = pty.finish();
    assert_eq!(status.code(), Some(0));
    assert_eq!(fs::read_to_string(scene.path("work/out")).expect("out"), "ran: delete ns payments\n");
    // Nothing but the one line, once in a lifetime, that says where the log is.
    let err = fs::read_to_string(scene.path("work/err")).expect("err");
    assert!(err.lines().all(|l| l.starts_with("guard: notice: the audit log begins")), "{err}");
}

#[test]
fn without_a_terminal_it_refuses_and_says_what_helps() {
    let scene = cluster("noterminal");
    let output =
        scene.command("setsid", &["-w", "kubectl", "delete", "ns", "payments"]).output().expect("runs");
    let (out, err) = text(&output);
    assert_eq!(output.status.code(), Some(77));
    assert_eq!(out, "");
    assert!(err.contains("refused") && err.contains("terminal") && err.contains("hint"), "{err}");
    assert_eq!(story(&scene), ["intent", "decision refused"]);
}

#[test]
fn enforcement_mode_never_asks() {
    let scene = cluster("enforce");
    let guard = scene.path("lib/guard");
    let command =
        scene.command(guard, &["run", "--mode", "enforce", "--", "kubectl", "delete", "ns", "payments"]);
    let (status, shown) = Pty::start(command, 80, 40, true).finish();
    assert_eq!(status.code(), Some(77));
    assert!(shown.contains("enforcement mode") && !shown.contains("ran:"), "{shown}");
}

#[test]
fn a_switched_context_is_drift() {
    let scene = cluster("drift");
    let mut pty = ask(&scene, "kubectl", &["delete", "ns", "payments"]);
    scene.kubeconfig("prod-us");
    pty.type_text("prod-eu/payments");
    pty.enter();
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(65), "{}", plain(&shown));
    assert!(shown.contains("prod-us") && !shown.contains("ran:"), "{}", plain(&shown));
    assert_eq!(story(&scene), ["intent", "decision drift"]);
}

#[test]
fn a_changed_program_is_drift() {
    let scene = cluster("program");
    let mut pty = ask(&scene, "kubectl", &["delete", "ns", "payments"]);
    scene.stub("kubectl", "#!/bin/sh\necho \"ran: something else\"\n");
    pty.type_text("prod-eu/payments");
    pty.enter();
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(65), "{}", plain(&shown));
    assert!(!shown.contains("ran:"));
}

#[test]
fn a_changed_manifest_is_drift() {
    let scene = cluster("manifest");
    let manifest = |name: &str| format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n");
    scene.write("work/x.yaml", &manifest("payments"));
    let mut pty = ask(&scene, "kubectl", &["delete", "-f", "x.yaml"]);
    let expected =
        String::from_utf8_lossy(&scene.guard(&["explain", "--", "kubectl", "delete", "-f", "x.yaml"]).stdout)
            .lines()
            .find_map(|l| l.trim().strip_prefix("to type").map(|t| t.trim().to_owned()))
            .expect("a name to type");
    scene.write("work/x.yaml", &manifest("orders"));
    pty.type_text(&expected);
    pty.enter();
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(65), "{}", plain(&shown));
}

#[test]
fn interrupts_restore_and_exit_by_convention() {
    for (keys, expected) in [(&b"\x03"[..], 130), (b"\x04", 77), (b"\x1b", 77)] {
        let scene = cluster("interrupt");
        let mut pty = ask(&scene, "kubectl", &["delete", "ns", "payments"]);
        pty.send(keys);
        let (status, shown) = pty.finish();
        let seen = status.code().or_else(|| status.signal().map(|n| 128 + n));
        assert_eq!(seen, Some(expected), "{keys:?} {}", plain(&shown));
        assert_eq!(status.signal(), (expected == 130).then_some(2), "a shell goes by the signal");
        assert!(!shown.contains("ran:"));
        assert_eq!(story(&scene), ["intent", "decision cancelled"]);
    }
}

#[test]
fn control_c_ends_a_loop_of_the_shell() {
    let scene = cluster("loop");
    let script = "for i in payments orders; do kubectl delete ns $i; echo next; done";
    let mut command = scene.command("/bin/bash", &["-c", script]);
    command.env("PATH", scene.search_path(true));
    let mut pty = Pty::start(command, 100, 40, true);
    pty.wait_for(PROMPT);
    pty.send(b"\x03");
    let (status, shown) = pty.finish();
    let shown = plain(&shown);
    assert_eq!(status.signal(), Some(2), "{shown}");
    assert!(!shown.contains("next") && !shown.contains("orders"), "{shown}");
    assert_eq!(story(&scene), ["intent", "decision cancelled"]);
}

#[test]
fn a_hang_up_runs_nothing_and_is_recorded() {
    let scene = cluster("hangup");
    let pty = ask(&scene, "kubectl", &["delete", "ns", "payments"]);
    let status = pty.hang_up();
    assert!(!status.success());
    assert_eq!(story(&scene).first().map(String::as_str), Some("intent"));
    assert!(!story(&scene).contains(&"decision ran".to_owned()));
}

#[test]
fn a_killed_question_leaves_its_intent() {
    let scene = cluster("killed");
    let pty = ask(&scene, "kubectl", &["delete", "ns", "payments"]);
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pty.pid()), nix::sys::signal::Signal::SIGKILL)
        .expect("kill");
    let (status, _) = pty.finish();
    assert!(!status.success());
    assert_eq!(story(&scene), ["intent"]);
}

#[test]
fn policy_says_deny() {
    let scene = cluster("deny");
    scene.write("home/.config/guard/policy.toml", "[[policy]]\nname = \"never\"\nwhen = { rule = \"kubectl.delete-namespace\" }\nrequire = [\"deny\"]\n");
    let output = scene.command("kubectl", &["delete", "ns", "payments"]).output().expect("runs");
    assert_eq!(output.status.code(), Some(77), "{output:?}");
    assert!(text(&output).1.contains("deny"), "{output:?}");
    assert_eq!(story(&scene), ["intent", "decision refused"]);
}

#[test]
fn a_gate_that_cannot_be_asked_refuses() {
    let scene = cluster("totp");
    scene.write(
        "home/.config/guard/policy.toml",
        "[[policy]]\nwhen = { severity = \"critical\" }\nrequire = [\"totp\"]\n",
    );
    let command = scene.command("kubectl", &["delete", "ns", "payments"]);
    let (status, shown) = Pty::start(command, 80, 40, true).finish();
    assert_eq!(status.code(), Some(77));
    assert!(shown.contains("totp") && !shown.contains("ran:"), "{shown}");
}

#[test]
fn a_users_environments_count_and_an_edit_counts_at_once() {
    let scene = cluster("labels");
    scene.kubeconfig("blue");
    let run =
        || scene.command("setsid", &["-w", "kubectl", "delete", "deployment", "web"]).output().expect("runs");
    let unlabelled = run();
    assert_eq!(unlabelled.status.code(), Some(0), "{unlabelled:?}");
    assert!(text(&unlabelled).1.contains("notice"), "{unlabelled:?}");
    let file = "home/.config/guard/environments.toml";
    scene
        .write(file, "[[environment]]\nname = \"production\"\nmatch = [{ kubernetes.context = \"blue\" }]\n");
    assert_eq!(run().status.code(), Some(77));
    assert_eq!(run().status.code(), Some(77), "from the compiled index");
    scene.write(
        file,
        "[[environment]]\nname = \"production\"\nmatch = [{ kubernetes.context = \"green\" }]\n",
    );
    assert_eq!(run().status.code(), Some(0));
    scene.write(file, "[[environment]]\nname = \"staging\"\nmatch = [{ kubernetes.context = \"blue\" }]\n");
    let labelled = run();
    assert_eq!((labelled.status.code(), text(&labelled).1), (Some(0), String::new()));
}

#[test]
fn a_broken_rule_file_refuses_what_it_covers() {
    let scene = cluster("broken");
    scene.stub("psql", "#!/bin/sh\necho ran\n");
    scene.shims(&["psql"]);
    scene.write(
        "home/.config/guard/rules.d/kubectl.toml",
        "[tool]\nprogram = \"kubectl\"\n\n[[rule]]\nid = kubectl.x\n",
    );
    let broken = scene.command("kubectl", &["get", "pods"]).output().expect("runs");
    let (out, err) = text(&broken);
    assert_eq!((broken.status.code(), out.as_str()), (Some(78), ""), "{err}");
    assert!(err.contains("rules.d/kubectl.toml:5:"), "{err}");
    let other = scene.command("psql", &["--version"]).output().expect("runs");
    assert_eq!(text(&other), ("ran\n".into(), String::new()));
    scene.write("home/.config/guard/policy.toml", "[[policy]]\nwhen = {}\nrequire = [\"prayer\"]\n");
    let all = scene.command("psql", &["--version"]).output().expect("runs");
    assert_eq!(all.status.code(), Some(78));
    assert!(text(&all).1.contains("policy.toml:3:11"), "{:?}", text(&all));
}

#[test]
fn what_cannot_be_recorded_is_refused_and_harmless_commands_run() {
    let scene = cluster("unrecorded");
    scene.write("home/.local/state/guard", "a file where the directory should be");
    scene.write("work/f", "x");
    let gated = scene.command("kubectl", &["delete", "ns", "payments"]).output().expect("runs");
    assert_eq!(gated.status.code(), Some(77), "{gated:?}");
    assert!(text(&gated).1.contains("record") && !text(&gated).0.contains("ran"), "{gated:?}");
    let harmless = scene.command("rm", &["f"]).output().expect("runs");
    assert_eq!((harmless.status.code(), text(&harmless).1), (Some(0), String::new()));
}

#[test]
fn sql_on_standard_input_is_read_before_it_runs() {
    let scene = Scene::new("sql");
    scene.stub("psql", "#!/bin/sh\ncat\n");
    scene.shims(&["psql"]);
    let line = |sql: &str| format!("printf '%s' '{sql}' | setsid -w psql -X -h prod-db orders");
    let run = |sql: &str| scene.command("/bin/bash", &["-c", &line(sql)]).output().expect("runs");
    let harmless = run("select 1;");
    assert_eq!((harmless.status.code(), text(&harmless).0), (Some(0), "select 1;".into()));
    let dangerous = run("drop table orders;");
    assert_eq!((dangerous.status.code(), text(&dangerous).0), (Some(77), String::new()), "{dangerous:?}");
}

#[test]
fn an_unreadable_kubeconfig_is_an_unknown_target() {
    let scene = cluster("unreadable");
    let config = scene.path("home/.kube/config");
    let refused = |why: &str| {
        let output = scene.command("setsid", &["-w", "kubectl", "delete", "ns", "x"]).output().expect("runs");
        assert_eq!(output.status.code(), Some(77), "{why}: {output:?}");
        assert!(text(&output).1.contains("unknown"), "{why}: {output:?}");
        let harmless = scene.command("kubectl", &["get", "pods"]).output().expect("runs");
        assert_eq!(text(&harmless), ("ran: get pods\n".into(), String::new()), "{why}");
    };
    fs::write(&config, "a: [b\n").expect("write");
    refused("broken YAML");
    fs::write(&config, vec![b'#'; 17 << 20]).expect("write");
    refused("17 MiB");
    fs::remove_file(&config).expect("remove");
    fs::create_dir(&config).expect("directory");
    refused("a directory");
}

#[test]
fn a_missing_home_is_found_in_the_passwd_entry() {
    let scene = cluster("nohome");
    let config = scene.path("home/.kube/config");
    let run = |args: &[&str]| {
        let mut command = scene.command("setsid", &[&["-w", "kubectl"], args].concat());
        command.env_remove("HOME").env("KUBECONFIG", &config).output().expect("runs")
    };
    assert_eq!(text(&run(&["get", "pods"])).0, "ran: get pods\n");
    assert_eq!(run(&["delete", "ns", "payments"]).status.code(), Some(77));
    // The marker of the shims, not the environment, says where the log is.
    assert_eq!(story(&scene), ["intent", "decision refused"]);
}

#[test]
fn the_shipped_rules_pass_their_own_cases() {
    let scene = Scene::new("rules");
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/rules.d");
    let output = scene.guard(&["rules", "test", rules]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let (out, _) = text(&output);
    let cases: u32 = out.split(' ').next().and_then(|n| n.parse().ok()).expect("a count");
    assert!(cases > 200, "{out}");
    let lint = scene.guard(&["rules", "lint", rules]);
    assert_eq!((lint.status.code(), text(&lint).1.as_str()), (Some(0), ""));
}

#[test]
fn lint_names_the_place_and_show_the_rule() {
    let scene = Scene::new("lint");
    let file = "home/.config/guard/rules.d/acme-deploy.toml";
    let text_of = |option: &str| {
        format!(
            "[tool]\nprogram = \"acme-deploy\"\nvalue_options = [\"-e/--env\"]\n\n[[fact]]\nkey = \"env\"\noption = [\"--env\"]\n\
             variable = [\"ACME_ENV\"]\ndefault = \"dev\"\n\n[[rule]]\nid = \"acme-deploy.purge\"\n\
             when = {{ verb = \"purge\", option = \"{option}\" }}\neffect = \"destroy\"\nseverity = \"critical\"\n\
             why = \"removes every release\"\nundo = \"none\"\nhit = [\"acme-deploy purge --env prod\"]\nmiss = [\"acme-deploy purge\"]\n"
        )
    };
    scene.write(file, &text_of("--emv"));
    let lint = scene.guard(&["rules", "lint"]);
    let (_, err) = text(&lint);
    assert_eq!(lint.status.code(), Some(78));
    assert!(
        err.contains("acme-deploy.toml:12:6: rule acme-deploy.purge: option --emv is not listed"),
        "{err}"
    );
    assert!(err.contains("hit \"acme-deploy purge --env prod\": does not match"), "{err}");

    scene.write(file, &text_of("--env"));
    assert_eq!(scene.guard(&["rules", "lint"]).status.code(), Some(0));
    let (shown, _) = text(&scene.guard(&["rules", "show", "acme-deploy.purge"]));
    assert!(shown.contains("removes every release") && shown.contains("acme-deploy.toml:12:6"), "{shown}");
    assert_eq!(scene.guard(&["rules", "show", "nothing.like-it"]).status.code(), Some(66));

    // What the file declares is the target: it decides the environment, and a team can label it.
    let environment = |line: &str| {
        let (json, _) = text(&scene.guard(&["check", "--json", "--shell", line]));
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let command = &json["commands"][0];
        (command["target"]["env"]["value"].clone(), command["environment"].clone())
    };
    assert_eq!(environment("acme-deploy purge --env prod"), ("prod".into(), "production".into()));
    assert_eq!(environment("ACME_ENV=dev acme-deploy purge --env x").0, "x");
    scene.write(
        "home/.config/guard/environments.toml",
        "[[environment]]\nname = \"production\"\nmatch = [{ acme-deploy.env = \"blue\" }]\n",
    );
    assert_eq!(environment("acme-deploy purge -e blue").1, "production");
    scene.write(
        "home/.config/guard/environments.toml",
        "[[environment]]\nname = \"production\"\nmatch = [{ acme-deploy.emv = \"blue\" }]\n",
    );
    let refused = scene.guard(&["check", "--", "acme-deploy", "purge", "-e", "blue"]);
    assert_eq!(refused.status.code(), Some(78), "{refused:?}");
    assert!(text(&refused).1.contains("unknown fact acme-deploy.emv"), "{refused:?}");
}

#[test]
fn a_rule_for_another_program_works_from_a_users_file() {
    let scene = Scene::new("own");
    scene.stub("acme-deploy", "#!/bin/sh\necho \"ran: $*\"\n");
    scene.write(
        "home/.config/guard/rules.d/acme-deploy.toml",
        "[tool]\nprogram = \"acme-deploy\"\nvalue_options = [\"-e/--env\"]\n\n[[rule]]\nid = \"acme-deploy.purge\"\n\
         when = { verb = \"purge\" }\nunless = { option = \"--dry-run\" }\neffect = \"destroy\"\nseverity = \"critical\"\n\
         why = \"removes every release\"\nundo = \"none\"\nhit = [\"acme-deploy -e prod purge web\"]\n\
         miss = [\"acme-deploy status purge\", \"acme-deploy purge web --dry-run\"]\n",
    );
    scene.shims(&["acme-deploy"]);
    assert_eq!(scene.guard(&["rules", "test"]).status.code(), Some(0));
    let run = |line: &str| scene.command("setsid", &["-w", "/bin/sh", "-c", line]).output().expect("runs");
    assert_eq!(run("acme-deploy -e prod purge web").status.code(), Some(77));
    assert_eq!(text(&run("acme-deploy purge web --dry-run")).0, "ran: purge web --dry-run\n");
    assert_eq!(text(&run("acme-deploy status")).0, "ran: status\n");
}

#[test]
fn a_script_on_standard_input_that_changes_is_drift() {
    let scene = Scene::new("stdindrift");
    scene.stub("psql", "#!/bin/sh\necho ran:; cat\n");
    scene.shims(&["psql"]);
    scene.write("work/d.sql", "drop table small;\n");
    let mut pty = ask(&scene, "/bin/sh", &["-c", "psql -X -h prod-db orders < d.sql; echo status=$?"]);
    scene.write("work/d.sql", "drop table precious;\n");
    pty.type_text("orders@prod-db");
    pty.enter();
    pty.wait_for("status=65");
    let (_, shown) = pty.finish();
    assert!(!shown.contains("ran:"), "{}", plain(&shown));
}

#[test]
fn a_pipe_that_stays_open_does_not_hang() {
    let scene = Scene::new("coprocess");
    scene.stub("psql", "#!/bin/sh\nread line; echo \"got $line\"\n");
    scene.shims(&["psql"]);
    let line = "coproc psql -X -h 127.0.0.1 dev; echo 'select 1;' >&${COPROC[1]}; read -t 10 answer <&${COPROC[0]}; echo \"$answer\"";
    let output = scene.command("setsid", &["-w", "/bin/bash", "-c", line]).output().expect("runs");
    assert_eq!(text(&output).0, "got select 1;\n", "{output:?}");
}

#[test]
fn misspelt_names_do_not_load() {
    let scene = cluster("misspelt");
    for (file, bad) in [
        (
            "environments.toml",
            "[[environment]]\nname = \"production\"\nmatch = [{ kubernetes.contxt = \"blue-*\" }]\n",
        ),
        ("policy.toml", "[[policy]]\nwhen = { rule = \"psql.drop-databse\" }\nrequire = [\"deny\"]\n"),
        ("policy.toml", "[[policy]]\nwhen = { environment = \"prodution\" }\nrequire = [\"deny\"]\n"),
        ("policy.toml", "[[policy]]\nwhen = { tool = \"kubctl\" }\nrequire = [\"deny\"]\n"),
    ] {
        let path = scene.write(&format!("home/.config/guard/{file}"), bad);
        let output = scene.command("kubectl", &["get", "pods"]).output().expect("runs");
        assert_eq!(output.status.code(), Some(78), "{bad}: {output:?}");
        assert!(text(&output).1.contains(&format!("{file}:")), "{output:?}");
        fs::remove_file(path).expect("remove");
    }
    // Adding matches to production keeps the words it is known by.
    scene.write(
        "home/.config/guard/environments.toml",
        "[[environment]]\nname = \"production\"\nmatch = [{ kubernetes.context = \"blue\" }]\n",
    );
    let output = scene.command("setsid", &["-w", "kubectl", "delete", "ns", "x"]).output().expect("runs");
    assert_eq!(output.status.code(), Some(77), "{output:?}");
}

#[test]
fn odd_files_in_the_place_of_rules_do_not_load() {
    let scene = cluster("oddrules");
    let path = scene.path("home/.config/guard/environments.toml");
    fs::create_dir_all(path.parent().expect("parent")).expect("directory");
    for make in ["mkfifo", "ln -s /nonexistent/file", "install -m 666 /dev/null"] {
        let made =
            scene.command("/bin/sh", &["-c", &format!("{make} {}", path.display())]).status().expect("runs");
        assert!(made.success());
        let output = scene.command("timeout", &["10", "kubectl", "get", "pods"]).output().expect("runs");
        assert_eq!(output.status.code(), Some(78), "{make}: {output:?}");
        fs::remove_file(&path).expect("remove");
    }
}

#[test]
fn a_configuration_directory_that_leads_nowhere_does_not_load() {
    let scene = cluster("nowhere");
    fs::create_dir_all(scene.path("home/.config")).expect("directory");
    std::os::unix::fs::symlink("/nonexistent/dotfiles", scene.path("home/.config/guard")).expect("link");
    for _ in 0..2 {
        let output = scene.command("kubectl", &["get", "pods"]).output().expect("runs");
        assert_eq!(output.status.code(), Some(78), "{output:?}");
        assert!(text(&output).1.contains(".config/guard"), "{output:?}");
    }
}

#[test]
fn secrets_stay_off_the_screen() {
    let scene = cluster("secrets");
    let secret = "hunter2hunter2";
    let words = ["-w", "kubectl", "delete", "ns", "x", "--token", secret];
    let output = scene.command("setsid", &words).output().expect("runs");
    assert!(!text(&output).1.contains(secret), "{output:?}");
    let mut pty = ask(&scene, "kubectl", &words[1..][1..]);
    pty.send(b"\x1b");
    let (_, shown) = pty.finish();
    assert!(!shown.contains(secret), "{}", plain(&shown));
    let log =
        fs::read_to_string(scene.path("home/.local/state/guard/audit/seg-000000000000.jsonl")).expect("log");
    assert!(!log.contains(secret));
}
