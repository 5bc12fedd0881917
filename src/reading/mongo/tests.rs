//! mongosh's address and what its scripts call.

use super::{Stop, address, foresee, line};
use crate::invocation::{Environment, Invocation, Stdin};

fn at(words: &[&str], stdin: &str) -> Invocation {
    let argv = std::iter::once(&"mongosh").chain(words).map(Into::into).collect();
    let invocation = Invocation::here(argv, Stdin::Content(stdin.as_bytes().into())).expect("a directory");
    invocation.with_environment(Environment::from_pairs([]))
}

fn place(words: &[&str]) -> String {
    match line(&at(words, "")).and_then(|l| address(&l)) {
        Ok(address) => format!("{}/{}", address.hosts.join(","), address.database),
        Err(Stop::Nothing(_)) => "refused".into(),
        Err(Stop::Unsure(_)) => "unsure".into(),
    }
}

#[test]
fn a_bare_word_is_a_database_of_this_machine() {
    for (words, wanted) in [
        (&["prod-db"][..], "127.0.0.1:27017/prod-db"),
        (&["p"], "127.0.0.1:27017/p"),
        (&["prod-db/prod"], "prod-db:27017/prod"),
        (&["prod-db:27018"], "prod-db:27018/test"),
        (&["db.example.com"], "db.example.com:27017/test"),
        (&["prod-db/"], "127.0.0.1:27017/prod-db"),
        (&["--host", "prod-db", "--port", "27018", "prod"], "prod-db:27018/prod"),
        (&["--host=rs/h1:1,h2:2"], "h1:1,h2:2/test"),
        (&["--host", "a:1", "--port", "2"], "refused"),
        (&["--host", "a", "mongodb://b/c"], "refused"),
        (&["--port", "1", "mongodb://b/c"], "refused"),
        (&["mongodb://u:p@h1,h2:2/shop?replicaSet=x"], "h1:27017,h2:2/shop"),
        (&["mongodb://h1?x=/y"], "h1:27017/test"),
        (&["mongodb+srv://c0.ab.mongodb.net/sh%6fp"], "c0.ab.mongodb.net/shop"),
        (&["--port", "3", "shop"], "127.0.0.1:3/shop"),
        (&["-u", "bob", "-p", "secret", "shop"], "127.0.0.1:27017/shop"),
        (&["x.js"], "127.0.0.1:27017/test"),
        (&["--nodb", "x"], "/test"),
        (&["a b.c"], "refused"),
        (&["--wild", "x"], "unsure"),
        (&["shop", "--help"], "refused"),
    ] {
        assert_eq!(place(words), wanted, "{words:?}");
    }
}

/// The kinds of calls, and `?` where the reading is not certain.
fn kinds(script: &str, stdin: bool) -> String {
    let invocation = if stdin { at(&["x"], script) } else { at(&["x", "--eval", script], "") };
    let line = line(&invocation).expect("options that are known");
    let run = foresee(&invocation, &line, &address(&line).expect("an address"));
    let mut all: Vec<&str> = run.calls.iter().map(|c| c.kind).collect();
    if run.unsure.is_some() {
        all.push("?");
    }
    all.join(" ")
}

#[test]
fn what_a_script_calls() {
    for (script, wanted) in [
        ("1+1", ""),
        ("db.users.find({a: 1}).sort({b: -1}).toArray()", ""),
        ("db.users.drop()", "drop"),
        ("db['users'].drop()", "drop"),
        ("db.users['drop']()", "drop"),
        ("db.users[x]()", "?"),
        ("db.dropDatabase()", "drop-database"),
        ("db.users.deleteMany({})", "delete-all"),
        ("db.users.deleteMany({a: 1})", "delete"),
        ("db.users.updateMany({}, {$set: {a: 1}})", "update-all"),
        ("db.users.aggregate([{$match: {}}])", ""),
        ("db.users.aggregate([{$out: 'x'}])", "overwrite"),
        ("print('db.users.drop()')", ""),
        ("// db.users.drop()\n1", ""),
        ("/'/; db.users.drop(); /'/", "drop"),
        ("print(`${db.users.drop()}`)", "drop"),
        ("eval('db.users.drop()')", "unknown"),
        ("frobnicate()", "?"),
        ("function f() { db.x.drop() } f()", "drop"),
        ("const f = db.x.drop; f()", "drop"),
        ("db.runCommand({drop: 'x'})", "drop"),
        ("db.runCommand({ping: 1})", ""),
        ("db.adminCommand('shutdown')", "shutdown"),
        ("db.runCommand(c)", "?"),
        ("db.x.insertOne({a: 1})", "write"),
        ("print('open", "?"),
    ] {
        assert_eq!(kinds(script, false), wanted, "{script}");
    }
    assert_eq!(kinds("use prod\nshow dbs\ndb.users.drop()\nexit\ndb.x.drop()\n", true), "drop");
}
