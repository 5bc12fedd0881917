//! How the mysql client cuts its input.

use super::script;
use super::session::Session;
use crate::invocation::{Environment, Invocation, Stdin};

/// What a script does and in which database; `?` where the reading is not certain.
fn of(text: &str) -> String {
    let invocation = Invocation::here(vec!["mysql".into()], Stdin::Content([].into())).expect("a directory");
    let invocation = invocation.with_environment(Environment::from_pairs([]));
    let mut session = Session::new(&invocation);
    let _: script::Then = script::run(&mut session, text);
    let one = |d: &super::Done| match &d.place.database {
        Some(database) => format!("{}@{database}", d.deed.kind.word()),
        None => d.deed.kind.word().to_owned(),
    };
    let mut all: Vec<String> = session.done.iter().map(one).collect();
    if session.unsure.is_some() {
        all.push("?".into());
    }
    all.join(" ")
}

#[test]
fn the_client_cuts_its_input_by_its_own_rules() {
    for (text, wanted) in [
        ("DROP TABLE t", "drop-table"),
        ("use other;\nDROP TABLE t;\n", "drop-table@other"),
        ("use other\nDROP TABLE t", "drop-table@other"),
        ("SELECT 1; use x; DROP TABLE t", "select drop-table@x"),
        ("\\u x\nDROP TABLE t", "drop-table@x"),
        ("delimiter //\nDROP TABLE t//\nSELECT 1; DELETE FROM t//\n", "drop-table select delete-all"),
        (
            "delimiter //\nCREATE PROCEDURE p() BEGIN DELETE FROM t; END//\nDROP TABLE t//",
            "create drop-table",
        ),
        ("SELECT ';'; DROP TABLE t", "select drop-table"),
        ("SELECT 'a\\'; DROP TABLE t; -- '", "select"),
        ("SET sql_mode = 'NO_BACKSLASH_ESCAPES'; SELECT 'a\\'; DROP TABLE t; -- '", "set select ?"),
        ("SELECT 1 # DROP TABLE t\n;", "select"),
        ("-- DROP TABLE t\nSELECT 1", "select"),
        ("/* DROP TABLE t; */ SELECT 1", "select"),
        ("/*!50000 DROP TABLE t */", "drop-table"),
        ("SELECT 1\\G DROP TABLE t\\g", "select drop-table"),
        ("DROP TABLE t\\c SELECT 1", "select"),
        ("system rm -rf x", "shell"),
        ("\\! rm -rf x", "shell"),
        ("quit\nDROP TABLE t", ""),
        ("SELECT `a;b`; DROP TABLE t", "select drop-table"),
        ("DROP\nTABLE\nt\n;", "drop-table"),
        ("connect shop db9\nDROP TABLE t", "drop-table@shop"),
        ("frobnicate t;", "?"),
    ] {
        assert_eq!(of(text), wanted, "{text}");
    }
}
