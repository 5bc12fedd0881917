//! The look beside the question through the real executables: what is counted, that the question can be answered
//! meanwhile, that nothing is looked at in vain and nothing is left behind.

mod support;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/pty.rs"]
mod pty;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use postgres::Server;
use pty::{Pty, plain};
use std::fs;
use std::process::Output;
use std::time::{Duration, Instant};
use support::{Scene, have, text};

const PROMPT: &str = "  > ";

/// A kubectl that says what it was asked, one word a line, and lists three objects after `pause`.
fn cluster(name: &str, pause: &str) -> Scene {
    let scene = Scene::new(name);
    let root = scene.root.display();
    scene.stub(
        "kubectl",
        &format!(
            "#!/bin/bash\ncase \" $* \" in *' get '*) printf '%s\\n' \"$@\" ENV:$KUBECONFIG >>{root}/asked\n\
             echo $$ >>{root}/pids; {pause}\n\
             echo 'pod/web-1   1/1   Running'; echo 'pod/web-2   1/1   Running'; echo 'service/web   ClusterIP'; exit;;\n\
             esac\necho \"ran: $*\"\n"
        ),
    );
    scene.kubeconfig("prod-eu");
    scene.shims(&["kubectl", "rm"]);
    scene
}

/// Everything in the background and in sessions of its own that a program could leave.
const FOREVER: &str = "sleep 300 & echo $! >>$HOME/../pids; setsid sleep 300 & echo $! >>$HOME/../pids; wait";

fn start(scene: &Scene, program: &str, args: &[&str]) -> Pty {
    Pty::start(scene.command(program, args), 80, 40, true)
}

fn asked(scene: &Scene) -> Vec<String> {
    let text = fs::read_to_string(scene.path("asked")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn policy(scene: &Scene, text: &str) {
    scene.write("home/.config/guard/policy.toml", text);
}

/// Something that will be so.
fn wait_until(what: &str, so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(10);
    while !so() {
        assert!(Instant::now() < until, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn pids(scene: &Scene) -> Vec<String> {
    let text = fs::read_to_string(scene.path("pids")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn is_alive(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

/// The last decision of the log, after the log was verified twice.
fn decision(scene: &Scene) -> serde_json::Value {
    let verified = scene.guard(&["audit", "verify"]);
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    if have("python3") {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verify_audit.py");
        let log = scene.path("home/.local/state/guard/audit");
        let checked = std::process::Command::new("python3").arg(script).arg(log).output().expect("python3");
        assert!(checked.status.success(), "{checked:?}");
    }
    let output = scene.guard(&["audit", "show", "--json"]);
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let entries = lines.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).expect("JSON"));
    entries.filter(|e| e["event"] == "decision").last().expect("a decision")["decision"].clone()
}

/// Esc, once there is a line to type on after what was waited for.
fn cancel(mut pty: Pty) -> String {
    pty.wait_for(PROMPT);
    pty.send(b"\x1b");
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(77), "{}", plain(&shown));
    plain(&shown)
}

/// Without a terminal: what would be asked is refused.
fn unasked(scene: &Scene, args: &[&str]) -> Output {
    scene.command("setsid", &[&["-w"], args].concat()).output().expect("runs")
}

#[test]
fn a_tree_is_counted() {
    let scene = Scene::new("tree");
    scene.shims(&["rm"]);
    scene.write("work/repo/.git/HEAD", "x");
    for i in 0..40 {
        scene.write(&format!("work/repo/src/{i}"), &"x".repeat(100));
    }
    std::os::unix::fs::symlink("/usr", scene.path("work/repo/link")).expect("link");
    let mut pty = start(&scene, "rm", &["-rf", "repo"]);
    pty.wait_for("how much   42 files in 3 directories, 4.0 kB");
    cancel(pty);
    assert!(scene.path("work/repo/src/39").exists());
    let preview = &decision(&scene)["preview"];
    assert_eq!((preview["count"].as_u64(), preview["kind"].as_str()), (Some(45), Some("exact")));
    assert_eq!(preview["words"], "42 files in 3 directories, 4.0 kB");
}

#[test]
fn a_look_names_the_target_explicitly() {
    let scene = cluster("pinned", "");
    let mut pty = start(&scene, "kubectl", &["delete", "ns", "payments"]);
    pty.wait_for("3 objects in payments: 2 pods, 1 service");
    cancel(pty);
    let words = asked(&scene);
    for word in ["--context=prod-eu", "--namespace=payments", "get", "--"] {
        assert!(words.contains(&word.to_owned()), "{word}: {words:?}");
    }
    fs::remove_file(scene.path("asked")).expect("file");
    let config = scene.path("home/.kube/config").display().to_string();
    let line = ["--kubeconfig", &config, "delete", "-l", "--context=other", "pods", "--as", "--user=x"];
    let mut pty = start(&scene, "kubectl", &line);
    pty.wait_for("3 objects in default");
    cancel(pty);
    let words = asked(&scene);
    let expected = [
        format!("--kubeconfig={config}"),
        "--context=prod-eu".into(),
        "--as=--user=x".into(),
        "--namespace=default".into(),
        "--selector=--context=other".into(),
        "--".into(),
        "pods".into(),
    ];
    for word in &expected {
        assert!(words.contains(word), "{word}: {words:?}");
    }
    let after = words.iter().skip_while(|w| *w != "--").skip(1);
    assert_eq!(after.take(1).collect::<Vec<_>>(), ["pods"]);
}

#[test]
fn the_same_kubeconfig_and_environment_are_used() {
    let scene = cluster("environment", "");
    let config = scene.path("home/.kube/config");
    let mut command = scene.command("kubectl", &["delete", "pods", "--all"]);
    command.env("KUBECONFIG", &config);
    let mut pty = Pty::start(command, 80, 40, true);
    pty.wait_for("3 objects in default");
    cancel(pty);
    assert!(asked(&scene).contains(&format!("ENV:{}", config.display())));
}

#[test]
fn credentials_of_the_command_are_not_repeated() {
    let scene = cluster("credentials", "");
    let mut pty = start(&scene, "kubectl", &["--token", "s3cr3t", "delete", "pods", "--all"]);
    pty.wait_for("could not be counted: the command carries its own credentials");
    cancel(pty);
    assert_eq!(asked(&scene), [""; 0]);
}

#[test]
fn the_question_can_be_answered_before_the_look_ends() {
    let scene = cluster("before", FOREVER);
    let mut pty = start(&scene, "kubectl", &["delete", "ns", "payments"]);
    pty.wait_for("counting what is in payments");
    pty.wait_for(PROMPT);
    wait_until("the look runs", || pids(&scene).len() == 3);
    pty.type_text("prod-eu/payments");
    pty.enter();
    pty.wait_for("ran: delete ns payments");
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(0), "{}", plain(&shown));
    for pid in pids(&scene) {
        assert!(!is_alive(&pid), "{pid} is left");
    }
    assert_eq!(decision(&scene)["preview"]["failed"], "the answer came first");
}

#[test]
fn the_line_that_is_typed_stays_as_it_is() {
    let scene = cluster("typing", "read <$HOME/../go");
    let fifo = scene.path("go");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).expect("fifo");
    policy(&scene, "[preview]\nlimit = \"20s\"\n");
    let mut pty = start(&scene, "kubectl", &["delete", "ns", "payments"]);
    pty.wait_for("counting");
    pty.wait_for(PROMPT);
    pty.type_text("prod-eu/");
    fs::write(&fifo, "now\n").expect("write");
    pty.wait_for("3 objects in payments");
    pty.wait_for("> prod-eu/");
    pty.type_text("payments");
    pty.enter();
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(0), "{}", plain(&shown));
    assert!(shown.contains("ran: delete ns payments"));
}

#[test]
fn a_look_ends_with_the_question() {
    type Way = fn(Pty);
    let ways: [(&str, Way); 4] = [
        ("esc", |mut pty| {
            pty.send(b"\x1b");
            pty.finish();
        }),
        ("interrupt", |mut pty| {
            pty.send(b"\x03");
            pty.finish();
        }),
        ("hangup", |pty| {
            pty.hang_up();
        }),
        ("killed", |pty| {
            kill(Pid::from_raw(pty.pid()), Signal::SIGKILL).expect("kill");
            pty.finish();
        }),
    ];
    for (name, end) in ways {
        let scene = cluster(name, FOREVER);
        let mut pty = start(&scene, "kubectl", &["delete", "ns", "payments"]);
        pty.wait_for("counting");
        wait_until("the look runs", || pids(&scene).len() == 3);
        end(pty);
        wait_until(name, || pids(&scene).iter().all(|pid| !is_alive(pid)));
    }
}

#[test]
fn a_look_that_hangs_ends_at_its_limit() {
    let scene = cluster("limit", FOREVER);
    policy(&scene, "[preview]\nlimit = \"300ms\"\n");
    let mut pty = start(&scene, "kubectl", &["delete", "ns", "payments"]);
    pty.wait_for("could not be counted: no answer within 300 ms");
    wait_until("nothing is left", || pids(&scene).iter().all(|pid| !is_alive(pid)));
    cancel(pty);
    assert_eq!(decision(&scene)["preview"]["failed"], "no answer within 300 ms");
}

#[test]
fn a_terminal_that_only_takes_text_gets_the_last_word_and_no_sequences() {
    let scene = cluster("dumb", "read <$HOME/../go");
    let fifo = scene.path("go");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).expect("fifo");
    policy(&scene, "[preview]\nlimit = \"20s\"\n");
    let mut command = scene.command("kubectl", &["delete", "ns", "payments"]);
    command.env("TERM", "dumb");
    let mut pty = Pty::start(command, 80, 40, true);
    pty.wait_for("counting what is in payments");
    pty.wait_for(PROMPT);
    pty.type_text("prod");
    fs::write(&fifo, "now\n").expect("write");
    pty.wait_for("3 objects in payments");
    pty.wait_for("> prod");
    pty.send(b"\x1b");
    let (_, shown) = pty.finish();
    assert!(!shown.contains('\x1b'), "{shown:?}");
}

const BULK: &str = "[preview]\nlimit = \"2s\"\n[[policy]]\nwhen = { rule = \"kubectl.*\", count = \"> 2\" }\nrequire = [\"deny\"]\n";
const BIG: &str = "[preview]\nlimit = \"2s\"\n[[policy]]\nwhen = { rule = \"kubectl.*\", count = \"> 3\" }\nrequire = [\"deny\"]\n";

/// A cluster of no environment that asks: deleting pods is a notice there, or nothing.
fn quiet(name: &str, pause: &str) -> Scene {
    let scene = cluster(name, pause);
    scene.kubeconfig("blue");
    scene.write("home/.config/guard/environments.toml", "[[environment]]\nname = \"staging\"\nmatch = [{ kubernetes.context = \"blue\" }]\n");
    scene
}

const PODS: [&str; 4] = ["kubectl", "delete", "pods", "--all"];

#[test]
fn a_policy_counts_before_the_verdict_is_final() {
    let scene = quiet("counts", "");
    let without = unasked(&scene, &PODS);
    assert_eq!(text(&without), ("ran: delete pods --all\n".into(), String::new()));
    policy(&scene, BIG);
    let few = unasked(&scene, &PODS);
    assert_eq!((few.status.code(), text(&few)), (Some(0), ("ran: delete pods --all\n".into(), String::new())));
    policy(&scene, BULK);
    let many = unasked(&scene, &PODS);
    assert_eq!((many.status.code(), text(&many).0), (Some(77), String::new()), "{many:?}");
    assert_eq!(decision(&scene)["preview"]["count"], 3);
    // What `guard check` cannot count holds.
    let checked = scene.guard(&["check", "--json", "--", "kubectl", "delete", "pods", "--all"]);
    let json: serde_json::Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!((json["decision"].as_str(), json["policy"][0]["count"].as_str()), (Some("refuse"), Some("> 2")));
}

#[test]
fn a_look_that_hangs_counts_as_many() {
    let scene = quiet("hangs", FOREVER);
    policy(&scene, &BIG.replace("2s", "300ms"));
    let refused = unasked(&scene, &PODS);
    assert_eq!((refused.status.code(), text(&refused).0), (Some(77), String::new()), "{refused:?}");
    assert!(pids(&scene).iter().all(|pid| !is_alive(pid)));
}

#[test]
fn a_look_that_fails_counts_as_many() {
    let scene = quiet("fails", "echo 'the server is gone' >&2; exit 1");
    policy(&scene, BIG);
    let refused = unasked(&scene, &PODS);
    assert_eq!((refused.status.code(), text(&refused).0), (Some(77), String::new()), "{refused:?}");
    assert_eq!(decision(&scene)["preview"]["failed"], "the server is gone");
    policy(&scene, &BIG.replace("limit", "enabled = false\nlimit"));
    fs::remove_file(scene.path("asked")).expect("file");
    assert_eq!(unasked(&scene, &PODS).status.code(), Some(77), "turned off, it counts as many too");
    assert_eq!(asked(&scene), [""; 0]);
}

#[test]
fn nothing_is_looked_at_in_vain() {
    let scene = cluster("vain", "");
    let look = || asked(&scene);
    let passes = scene.command("kubectl", &["get", "pods"]).output().expect("runs");
    assert_eq!(passes.status.code(), Some(0));
    assert_eq!(look().iter().filter(|w| w.as_str() == "--show-kind").count(), 0);
    for (context, args) in [("blue", &["delete", "pods", "--all"][..]), ("prod-eu", &["cordon", "n"])] {
        scene.kubeconfig(context);
        unasked(&scene, &[&["kubectl"], args].concat());
        assert_eq!(look().iter().filter(|w| w.as_str() == "--show-kind").count(), 0, "{args:?}");
    }
    let guard = scene.path("lib/guard").display().to_string();
    let enforced = [&guard, "run", "--mode", "enforce", "--", "kubectl", "delete", "ns", "payments"];
    assert_eq!(unasked(&scene, &enforced).status.code(), Some(77));
    assert_eq!(look().iter().filter(|w| w.as_str() == "--show-kind").count(), 0);
    policy(&scene, "[preview]\nenabled = false\n");
    let pty = start(&scene, "kubectl", &["delete", "ns", "payments"]);
    assert!(!cancel(pty).contains("how much"));
    assert_eq!(look().iter().filter(|w| w.as_str() == "--show-kind").count(), 0);
}

#[test]
fn a_suspended_question_comes_back_with_what_was_found() {
    let scene = cluster("suspended", "");
    let mut pty = start(&scene, "bash", &["--norc", "--noediting", "-i"]);
    pty.send(b"PS1='at''shell '; kubectl delete ns payments\r");
    pty.wait_for("3 objects in payments");
    pty.send(b"\x1a");
    pty.wait_for("atshell ");
    pty.send(b"fg\r");
    pty.wait_for("CRITICAL");
    pty.wait_for("3 objects in payments");
    pty.wait_for(PROMPT);
    pty.send(b"\x1b");
    pty.wait_for("atshell ");
    pty.send(b"exit\r");
    pty.finish();
}

#[test]
fn a_wrong_limit_or_bound_does_not_load() {
    let scene = cluster("load", "");
    for (text_of_file, column) in [
        ("[preview]\nlimit = \"soon\"\n", "policy.toml:2:9"),
        ("[preview]\nlimit = \"2h\"\n", "policy.toml:2:9"),
        ("[[policy]]\nwhen = { count = \"< 5\" }\nrequire = [\"deny\"]\n", "policy.toml:2:18"),
        ("[preview]\ncolour = true\n", "policy.toml:2:1"),
    ] {
        policy(&scene, text_of_file);
        let refused = scene.command("kubectl", &["get", "pods"]).output().expect("runs");
        assert_eq!(refused.status.code(), Some(78), "{text_of_file}");
        assert!(text(&refused).1.contains(column), "{}", text(&refused).1);
    }
}

#[test]
fn rows_are_estimated_on_the_same_server_without_changing_it() {
    if !have("psql") {
        return;
    }
    let Some(server) = Server::start("rows") else { return };
    let scene = Scene::new("rows");
    scene.shims(&["psql"]);
    server.run("postgres", "create database prod_orders");
    for sql in [
        "create table orders as select g as id, md5(g::text) as t from generate_series(1, 20000) g",
        "analyze orders",
        "create table fresh as select 1 as a",
    ] {
        server.run("prod_orders", sql);
    }
    let port = server.port.to_string();
    let line = |sql: &'static str| {
        let mut all = vec!["-X", "-h", "127.0.0.1", "-U", "app", "-d", "prod_orders", "-c", sql, "-p"];
        all.push(&port);
        all
    };
    let counted = |sql: &'static str, words: &str| {
        let mut pty = start(&scene, "psql", &line(sql));
        pty.wait_for(words);
        cancel(pty);
    };
    counted("drop table orders", "about 20,000 rows of orders, 1.");
    counted("truncate orders, fresh", "how many rows is not known");
    counted("drop database other", "there is no database other");
    counted("drop table nowhere", "could not be counted: there is no table in nowhere");
    let uri = format!("postgres://app:hunter2@127.0.0.1:{port}/prod_orders?sslmode=disable");
    let mut pty = start(&scene, "psql", &["-X", &uri, "-c", "delete from orders"]);
    pty.wait_for("about 20,000 rows of orders");
    assert!(!cancel(pty).contains("hunter2"));
    let bulk = "[[policy]]\nwhen = { rule = \"psql.delete-where\", count = \"> 500\" }\nrequire = [\"confirm\"]\n";
    policy(&scene, bulk);
    let many = unasked(&scene, &[&["psql"], line("delete from orders where id <= 1000").as_slice()].concat());
    assert_eq!(many.status.code(), Some(77), "{many:?}");
    let few = unasked(&scene, &[&["psql"], line("delete from orders where id <= 10").as_slice()].concat());
    assert_eq!(few.status.code(), Some(0), "{few:?}");
    assert_eq!(server.ask("prod_orders", "select count(*) from orders"), "19990");
}

#[test]
fn a_second_statement_is_never_explained() {
    let scene = Scene::new("second");
    let root = scene.root.display();
    scene.stub("psql", &format!("#!/bin/sh\nprintf '%s\\n' \"$@\" >>{root}/asked\n"));
    scene.shims(&["psql"]);
    policy(&scene, "[[policy]]\nwhen = { tool = \"psql\", count = \"> 5\" }\nrequire = [\"deny\"]\n");
    for sql in [
        "delete from orders where id = 1; drop table orders",
        "delete from orders where note = ';'",
        "explain analyze delete from orders where id = 1",
        "set search_path = audit; delete from orders where id = 1",
        "select purge(1)",
        "drop table \"a';drop table b;--\"",
    ] {
        let refused = unasked(&scene, &["psql", "-X", "-h", "prod-db", "-c", sql, "orders"]);
        assert_eq!(refused.status.code(), Some(77), "{sql}: {refused:?}");
        let words = asked(&scene);
        assert!(words.iter().all(|w| !w.to_lowercase().contains("explain")), "{sql}: {words:?}");
    }
    unasked(&scene, &["psql", "-X", "-h", "prod-db", "-c", "delete from orders where id = 1;", "orders"]);
    let words = asked(&scene);
    for word in [
        "--host=prod-db",
        "--port=5432",
        "--dbname=orders",
        "--no-psqlrc",
        "--no-password",
        "--command=BEGIN TRANSACTION READ ONLY",
        "--command=EXPLAIN (FORMAT JSON) delete from orders where id = 1",
    ] {
        assert!(words.contains(&word.to_owned()), "{word}: {words:?}");
    }
}
