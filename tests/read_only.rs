//! A database shell that policy opens read-only, with a real psql and a real PostgreSQL: the server refuses writes,
//! the log says how it was opened, and what would not hold does not run.

#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/pty.rs"]
mod pty;
mod support;

use postgres::Server;
use pty::{Pty, plain};
use support::{Scene, have, text};

const SAYS: &str = "guard: notice: this session is read-only";

/// The block that the shipped policy.toml has for copying, without its marks.
fn shipped_block() -> String {
    let text = include_str!("../rules.d/policy.toml");
    let lines = text.lines().skip_while(|line| *line != "# [[policy]]");
    lines.map_while(|line| line.strip_prefix("# ")).map(|line| format!("{line}\n")).collect()
}

/// A scene with that policy and a database that is called production.
fn scene(name: &str) -> Option<(Scene, Server)> {
    if !have("psql") {
        return None;
    }
    let server = Server::start(name)?;
    server.run("postgres", "create database prod_orders");
    server.run("prod_orders", "create table orders as select 41 + 1 as answer");
    let scene = Scene::new(name);
    scene.shims(&["psql"]);
    let block = shipped_block();
    assert!(block.contains("require = [\"read-only\"]"), "{block}");
    scene.write("home/.config/guard/policy.toml", &block);
    Some((scene, server))
}

fn psql(scene: &Scene, words: &[&str], options: Option<&str>) -> Pty {
    let mut command = scene.command("psql", words);
    command.env("PSQL_PAGER", "").env("PSQL_HISTORY", "/dev/null").env("TERM", "dumb");
    if let Some(options) = options {
        command.env("PGOPTIONS", options);
    }
    Pty::start(command, 120, 40, true)
}

fn line(server: &Server) -> Vec<String> {
    ["-n", "-h", "127.0.0.1", "-U", "app", "-d", "prod_orders", "-p", &server.port.to_string()]
        .map(str::to_owned)
        .to_vec()
}

fn words(line: &[String]) -> Vec<&str> {
    line.iter().map(String::as_str).collect()
}

/// The last decision of the log, after both verifiers looked at it.
fn decision(scene: &Scene) -> serde_json::Value {
    let verified = scene.guard(&["audit", "verify"]);
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    if have("python3") {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verify_audit.py");
        let log = scene.path("home/.local/state/guard/audit");
        let checked = std::process::Command::new("python3").arg(script).arg(log).output().expect("python3");
        assert!(checked.status.success(), "{checked:?}");
    }
    let (lines, _) = text(&scene.guard(&["audit", "show", "--json"]));
    let mut entries = lines.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).expect("JSON"));
    entries.rfind(|e| e["event"] == "decision").expect("a decision")["decision"].clone()
}

#[test]
fn the_server_refuses_writes_in_a_session_opened_read_only() {
    let Some((scene, server)) = scene("read-only") else { return };
    // A role's own default is weaker than what a session asks for.
    server.run(
        "prod_orders",
        "create role app2 login superuser; alter role app2 set default_transaction_read_only = off",
    );
    let mut line = line(&server);
    line[4] = "app2".to_owned();
    let mut pty = psql(&scene, &words(&line), Some("-c work_mem=3MB -c default_transaction_read_only=off"));
    pty.wait_for(SAYS);
    pty.wait_for("a pooler on the way may drop it");
    // A superuser's prompt ends otherwise.
    let mut asks = |sql: &str, answer: &str| {
        pty.wait_for("=# ");
        pty.send(format!("{sql}\r").as_bytes());
        pty.wait_for(answer);
    };
    asks("create table t (a int);", "cannot execute CREATE TABLE in a read-only transaction");
    asks("select answer as it from orders;", "42");
    asks("show work_mem;", "3MB");
    asks("\\c postgres", "You are now connected to database");
    asks("create table t (a int);", "cannot execute CREATE TABLE in a read-only transaction");
    asks("set default_transaction_read_only = off;", "SET");
    asks("create table lifted (a int);", "CREATE TABLE");
    asks("\\q", "");
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(0), "{}", plain(&shown));
    assert_eq!(server.ask("prod_orders", "select count(*) from pg_class where relname = 't'"), "0");
    let decision = decision(&scene);
    assert_eq!(
        (decision["opened"].as_str(), decision["method"].as_str()),
        (Some("read-only"), Some("read-only"))
    );
    assert_eq!((decision["outcome"].as_str(), decision["action"].as_str()), (Some("ran"), Some("allow")));
    let (shown, _) = text(&scene.guard(&["audit", "show"]));
    assert!(shown.contains("read-only"), "{shown}");
}

#[test]
fn a_typed_confirmation_stands_before_it_where_policy_says_both() {
    let Some((scene, server)) = scene("read-only-typed") else { return };
    let both = shipped_block().replace("[\"read-only\"]", "[\"confirm\", \"read-only\"]");
    scene.write("home/.config/guard/policy.toml", &both);
    let mut pty = psql(&scene, &words(&line(&server)), None);
    pty.wait_for("read-only: the server refuses writes");
    pty.wait_for("  > ");
    pty.type_text("prod_orders@127.0.0.1");
    pty.enter();
    pty.wait_for(SAYS);
    pty.wait_for("=# ");
    pty.send(b"create table t (a int);\r");
    pty.wait_for("cannot execute CREATE TABLE in a read-only transaction");
    pty.send(b"\\q\r");
    assert_eq!(pty.finish().0.code(), Some(0));
    let decision = decision(&scene);
    assert_eq!(
        (decision["opened"].as_str(), decision["method"].as_str()),
        (Some("read-only"), Some("typed"))
    );
}

#[test]
fn what_would_not_hold_is_refused_with_what_to_do() {
    let Some((scene, server)) = scene("read-only-not") else { return };
    let refused = |pty: Pty, why: &str, hint: &str| {
        let (status, shown) = pty.finish();
        let shown = plain(&shown);
        assert_eq!(status.code(), Some(77), "{shown}");
        assert!(
            shown.contains("needs read-only, and ") && shown.contains(why) && shown.contains(hint),
            "{shown}"
        );
        assert!(!shown.contains(SAYS), "{shown}");
        assert_eq!(decision(&scene)["outcome"], "refused");
    };
    let uri = format!("postgres://app@127.0.0.1:{}/prod_orders?options=-cwork_mem%3D1MB", server.port);
    refused(psql(&scene, &[&uri], None), "has options= of its own", "hint: leave options= out");
    scene.write("home/.psqlrc", "set default_transaction_read_only to off;\n");
    refused(
        psql(&scene, &words(&line(&server)), None),
        "a start-up file of psql may lift it",
        "hint: `psql -X`",
    );
    let mut without = vec!["-X".to_owned()];
    without.extend(line(&server));
    let mut pty = psql(&scene, &words(&without), None);
    pty.wait_for(SAYS);
    pty.wait_for("=# ");
    pty.send(b"\\q\r");
    assert_eq!(pty.finish().0.code(), Some(0));
}

#[test]
fn only_psql_can_be_opened_read_only() {
    let scene = Scene::new("read-only-others");
    scene.stub("mysql", "#!/bin/sh\necho ran\n");
    scene.stub("psql", "#!/bin/sh\necho ran\n");
    scene.shims(&["mysql", "psql"]);
    let any = shipped_block().replace("psql.interactive-session", "*");
    scene.write("home/.config/guard/policy.toml", &any);
    for (words, why) in [
        (["mysql", "-hprod-db", "shop"].as_slice(), "only a psql session can be opened read-only"),
        (
            &["psql", "-X", "-hprod-db", "-c", "drop table t"],
            "only an interactive psql can be opened read-only",
        ),
        (
            &["psql", "-X", "-hprod-db", "-f", "/dev/null", "-c", "create table t()"],
            "only an interactive psql",
        ),
    ] {
        let pty = Pty::start(scene.command(words[0], &words[1..]), 120, 40, true);
        let (status, shown) = pty.finish();
        let shown = plain(&shown);
        assert_eq!(status.code(), Some(77), "{words:?}: {shown}");
        assert!(
            shown.contains(why) && shown.contains("hint: limit the policy to rule"),
            "{words:?}: {shown}"
        );
        assert!(!shown.contains("ran"), "{shown}");
    }
    // Behind another program nobody hands the environment on for sure.
    let words = ["run", "--", "env", "psql", "-X", "-hprod-db"];
    let (status, shown) = Pty::start(scene.command(scene.path("lib/guard"), &words), 120, 40, true).finish();
    assert_eq!(status.code(), Some(77), "{}", plain(&shown));
    assert!(plain(&shown).contains("another program starts this psql"), "{}", plain(&shown));
}

#[test]
fn without_a_question_it_also_opens_where_guard_may_not_ask() {
    let Some((scene, server)) = scene("read-only-enforce") else { return };
    let line = line(&server);
    let all = [&["run", "--mode", "enforce", "--", "psql", "-X"], words(&line).as_slice()].concat();
    let mut command = scene.command(scene.path("lib/guard"), &all);
    command.env("PSQL_HISTORY", "/dev/null").env("TERM", "dumb");
    let mut pty = Pty::start(command, 120, 40, true);
    pty.wait_for(SAYS);
    pty.wait_for("=# ");
    pty.send(b"drop table orders;\r");
    pty.wait_for("cannot execute DROP TABLE in a read-only transaction");
    pty.send(b"\\q\r");
    assert_eq!(pty.finish().0.code(), Some(0));
}
