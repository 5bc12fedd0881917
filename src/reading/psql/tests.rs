//! Whole command lines, read as psql would run them.

use super::{Does, read};
use crate::invocation::{Environment, Invocation, Stdin};
use crate::reading::Command;
use std::path::PathBuf;

/// A directory of its own for one test's files.
struct Scene(PathBuf);

impl Scene {
    fn new(name: &str) -> Scene {
        let path = std::env::temp_dir().join(format!("guard-psql-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a temporary directory");
        Scene(path)
    }

    fn file(self, name: &str, text: &str) -> Scene {
        std::fs::write(self.0.join(name), text).expect("a file in it");
        self
    }

    fn read(&self, args: &[&str], stdin: Stdin) -> Command {
        let argv = std::iter::once("psql").chain(args.iter().copied()).map(Into::into).collect();
        let home = self.0.to_string_lossy().into_owned();
        let environment = Environment::from_pairs([("PATH", "/nonexistent"), ("HOME", home.as_str())]);
        let invocation = Invocation::here(argv, stdin).expect("a working directory");
        let mut reading = read(&invocation.with_cwd(self.0.clone()).with_environment(environment));
        reading.commands.remove(0)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn statements(command: &Command) -> Vec<String> {
    command.traits.values("statement").map(str::to_owned).collect()
}

fn of_line(args: &[&str]) -> Command {
    Scene::new("line").read(args, Stdin::Terminal)
}

fn of_script(text: &str) -> Command {
    Scene::new("script").read(&["-X"], Stdin::Content(text.as_bytes().into()))
}

#[test]
fn the_words_are_parsed_with_psqls_own_grammar() {
    let dropped = of_line(&["-XcDROP TABLE orders", "prod", "--user", "bob"]);
    assert_eq!(statements(&dropped), ["drop-table"]);
    assert_eq!(dropped.option("--username"), Some("bob"));
    assert!(matches!(of_line(&["-c", "DROP TABLE x", "--version"]).does, Does::Nothing(_)));
    assert!(matches!(of_line(&["-?"]).does, Does::Nothing(_)));
    assert!(matches!(of_line(&["-1"]).does, Does::Nothing(_)));
    assert_eq!(statements(&of_line(&["-X", "-c", "DROP TABLE x", "-v", "--version"])), ["drop-table"]);
    assert_eq!(statements(&of_line(&["-X", "-l", "-c", "DROP TABLE x"])), [""; 0]);
    // Without knowing which psql this is, an option may be one of a later version.
    assert!(matches!(of_line(&["--frobnicate"]).does, Does::Unsure(_)));
}

#[test]
fn a_keyboard_is_a_session_and_a_pipe_must_be_read() {
    let session = of_line(&["-X", "prod"]);
    assert!(session.traits.has("session", "interactive"));
    assert_eq!(session.does, Does::Acts);
    let scene = Scene::new("pipe");
    let unread = scene.read(&["-X"], Stdin::Unread);
    assert!(unread.traits.has("input", "stdin-unread") && matches!(unread.does, Does::Unsure(_)));
    assert_eq!(scene.read(&["-X", "-c", "SELECT 1"], Stdin::Unread).does, Does::Acts);
    assert!(matches!(scene.read(&["-X", "-f", "-"], Stdin::Unread).does, Does::Unsure(_)));
}

#[test]
fn scripts_are_cut_where_psql_cuts_them() {
    assert_eq!(statements(&of_script("TRUNCATE a\\r\nSELECT 3;")), ["select"]);
    assert_eq!(statements(&of_script("TRUNCATE a")), ["truncate"]);
    assert_eq!(statements(&of_script("TRUNCATE a \\g")), ["truncate"]);
    assert_eq!(
        statements(&of_script("COPY a FROM STDIN;\nDROP TABLE x;\n\\.\nSELECT 1;")),
        ["copy-from", "select"]
    );
    assert_eq!(statements(&of_script("SELECT 'DROP TABLE a' \\gexec")), ["select", "gexec"]);
    assert_eq!(statements(&of_script("\\if false\nDROP TABLE a;\n\\else\nSELECT 1;\n\\endif")), ["select"]);
    assert_eq!(statements(&of_script("\\set v 'DROP TABLE a;'\n:v\n")), ["drop-table"]);
    assert_eq!(statements(&of_script("SELECT 1;\n\\q\nDROP TABLE a;")), ["select"]);
    assert_eq!(statements(&of_script("SELECT 1 \\;\nDROP TABLE a;")), ["select", "drop-table"]);
}

#[test]
fn what_only_run_time_knows_is_unsure() {
    for text in [
        "SELECT 'x' AS q \\gset\n:q;",
        "\\set v `date`\n:v;",
        "\\if `date`\n\\c prod\n\\endif\nSELECT 1;",
        "\\frobnicate\n",
        "FROB x;",
        "SELECT 'open",
        "\\e\n",
    ] {
        assert!(matches!(of_script(text).does, Does::Unsure(_)), "{text}");
    }
    let both = of_script("\\if `date`\nDROP TABLE a;\n\\else\nTRUNCATE b;\n\\endif");
    assert!(
        statements(&both).contains(&"drop-table".into()) && statements(&both).contains(&"truncate".into())
    );
}

#[test]
fn certain_rollbacks_are_known_and_others_not() {
    let rolled = |sql: &str| statements(&of_line(&["-X", "-c", sql])).contains(&"rolled-back".into());
    for sql in [
        "BEGIN; TRUNCATE a; ROLLBACK",
        "TRUNCATE a; ROLLBACK",
        "BEGIN; TRUNCATE a",
        "BEGIN; SAVEPOINT s; TRUNCATE a; ROLLBACK TO s; COMMIT",
    ] {
        assert!(rolled(sql), "{sql}");
    }
    for sql in [
        "BEGIN; TRUNCATE a; COMMIT",
        "BEGIN; TRUNCATE a; COMMIT; ROLLBACK",
        "BEGIN; SELECT purge(); ROLLBACK",
        "BEGIN; TRUNCATE a; PREPARE TRANSACTION 'x'; ROLLBACK",
        "BEGIN; TRUNCATE a; END; BEGIN; ROLLBACK",
    ] {
        assert!(!rolled(sql), "{sql}");
    }
    let separate = of_line(&["-X", "-c", "TRUNCATE a", "-c", "ROLLBACK"]);
    assert_eq!(statements(&separate), ["truncate", "transaction"]);
    let single = of_line(&["-X", "-1", "-c", "TRUNCATE a", "-c", "ROLLBACK"]);
    assert_eq!(statements(&single), ["rolled-back", "transaction"]);
    let manual = of_line(&["-X", "-v", "AUTOCOMMIT=off", "-c", "DROP DATABASE a"]);
    assert_eq!(statements(&manual), ["drop-database"]);
}

#[test]
fn files_are_followed() {
    let scene = Scene::new("files").file("a.sql", "\\ir b.sql\nSELECT 1;").file("b.sql", "DROP TABLE x;");
    assert_eq!(statements(&scene.read(&["-X", "-f", "a.sql"], Stdin::Unread)), ["drop-table", "select"]);
    assert_eq!(statements(&scene.read(&["-X", "-f", "none.sql"], Stdin::Unread)), [""; 0]);
    let scene = scene.file(".psqlrc", "TRUNCATE y;\n\\c prod");
    let with_start_up = scene.read(&["-c", "SELECT 1"], Stdin::Unread);
    assert_eq!(statements(&with_start_up), ["truncate", "select"]);
    assert!(with_start_up.traits.has("moves", "yes"));
}

#[test]
fn the_worst_statement_is_the_headline_and_passwords_never_are() {
    let command = of_line(&["-X", "-c", "SELECT 1; DROP TABLE orders; INSERT INTO a VALUES (1)"]);
    assert_eq!(command.headline, "DROP TABLE orders, and 1 more");
    let command = of_line(&["-X", "-c", "ALTER ROLE bob PASSWORD 'hunter2'"]);
    assert!(!format!("{}{:?}", command.headline, command.traits).contains("hunter2"));
}

#[test]
fn a_stream_acts_and_whatever_it_holds_is_not_undone_or_read_only() {
    let scene = Scene::new("stream");
    for args in [&["-X"][..], &["-X", "-f", "-"], &["-X", "-1", "-f", "/dev/stdin"]] {
        let command = scene.read(args, Stdin::TooMuch);
        assert_eq!(command.does, Does::Acts, "{args:?}");
        assert!(command.traits.has("input", "stream") && command.traits.has("read-only", "lifted"));
        assert_eq!(command.headline, "SQL from a stream");
    }
    let after = scene.read(&["-X", "-c", "BEGIN", "-c", "TRUNCATE a", "-f", "-"], Stdin::TooMuch);
    assert!(matches!(after.does, Does::Unsure(_)) && !after.traits.has("statement", "rolled-back"));
    assert!(!scene.read(&["-X", "-c", "SELECT 1"], Stdin::TooMuch).traits.has("input", "stream"));
}

#[test]
fn connection_strings_and_services_may_change_what_a_backslash_means() {
    let scene =
        Scene::new("strings").file(".pg_service.conf", "[old]\noptions=-c standard_conforming_strings=off\n");
    let does = |db: &str, sql: &str| scene.read(&["-X", "-d", db, "-c", sql], Stdin::Unread).does;
    for db in [
        "options='-c standard_conforming_strings=off'",
        "options='--Standard-Conforming-Strings=off'",
        "postgresql://h/d?options=-c%20standard%5Fconforming_strings%3Doff",
        "service=old",
    ] {
        assert!(matches!(does(db, r"SELECT 'a\b'"), Does::Unsure(_)), "{db}");
        assert_eq!(does(db, "SELECT 'ab'"), Does::Acts, "{db}");
    }
    assert_eq!(does("host=h", r"SELECT 'a\b'"), Does::Acts);
}

#[test]
fn letters_may_hide_a_backslash_in_some_encodings() {
    let unsure = |text: &str| matches!(of_script(text).does, Does::Unsure(_));
    for name in ["SJIS", "Shift_JIS_2004", "big-5", "gbk", "GB18030", "uhc", "johab"] {
        assert!(unsure(&format!("\\encoding {name}\nSELECT 'é';")), "{name}");
        assert!(unsure(&format!("SET client_encoding = '{name}';\nSELECT 'é';")), "{name}");
        assert!(unsure(&format!("SET NAMES '{name}';\n\\echo é")), "{name}");
        assert!(!unsure(&format!("\\encoding {name}\nSELECT 'e';")), "{name}");
    }
    assert!(!unsure("\\encoding UTF8\nSET client_encoding = 'LATIN1';\nSELECT 'é';"));
    let by_string = of_line(&["-X", "-d", "client_encoding=sjis", "-c", "SELECT 'é'"]);
    assert!(matches!(by_string.does, Does::Unsure(_)));
}

#[test]
fn sql_goes_on_behind_a_double_backslash() {
    for script in [
        "\\echo x \\\\ DROP TABLE orders;",
        "\\p\\\\DROP TABLE orders;",
        "\\if true \\\\ DROP TABLE orders;\n\\endif\n",
    ] {
        assert_eq!(statements(&of_script(script)), ["drop-table"], "{script}");
    }
    assert_eq!(statements(&of_script("\\set v 'DROP TABLE orders' \\\\ :v;")), ["drop-table"]);
    assert!(statements(&of_script("\\if false \\\\ DROP TABLE orders;\n\\endif\n")).is_empty());
}

#[test]
fn dangerous_data_of_a_copy_run_if_it_fails() {
    let unsure = |data: &str| {
        let script = format!("COPY notes FROM STDIN;\n{data}\n\\.\nSELECT 1;\n");
        matches!(of_script(&script).does, Does::Unsure(_))
    };
    assert!(unsure("DROP TABLE orders;"));
    assert!(unsure("1\tx;\tdelete from orders;"));
    assert!(unsure("\\! rm -rf /srv"));
    assert!(!unsure("1\tit's; drop by\t\\N\n2\tDROP TABLE is a command\n3\tselect 1;"));
}

#[test]
fn a_variable_is_no_way_to_hide_a_statement() {
    assert_eq!(
        statements(&of_script("\\set v 'SELECT 1\\073DROP TABLE orders'\n:v;")),
        ["select", "drop-table"]
    );
    assert_eq!(statements(&of_script("\\set v 'DROP\\x20TABLE orders'\n:v;")), ["drop-table"]);
    let unsure = |script: &str| matches!(of_script(script).does, Does::Unsure(_));
    // psql ends the comment with the variable, and the semicolon sends it.
    assert!(unsure("\\set v 'SELECT 1 --'\n:v;\nDROP TABLE orders;"));
    assert!(unsure("\\set v 'SELECT (1) /'\n:v* ;\nDROP TABLE orders; -- */"));
    assert!(unsure("\\set v '(1), E'\nSELECT :v'\\'; DROP TABLE orders; --';"));
    assert!(!unsure("\\set list '1, 2'\nSELECT * FROM t WHERE a IN (:list) AND b = ANY('{:list}');"));
}

#[test]
fn variables_that_double_are_not_known_before_they_fill_the_memory() {
    let doubled = "\\set a :a:a\n".repeat(60);
    let read = of_script(&format!("\\set a x\n{doubled}select :a;"));
    assert!(matches!(read.does, Does::Unsure(_)), "{:?}", read.does);
    let chained: String = (1..60).map(|i| format!("\\set a{i} :a{0}:a{0}\n", i - 1)).collect();
    let read = of_script(&format!("\\set a0 'x;'\n{chained}select :a59;"));
    assert!(matches!(read.does, Does::Unsure(_)), "{:?}", read.does);
    // One long value, given out again and again.
    let long = format!("\\set a {}\n", "x".repeat(60_000));
    let read = of_script(&format!("{long}select {};", ":a ".repeat(1_000)));
    assert!(matches!(read.does, Does::Unsure(_)), "{:?}", read.does);
    let read = of_script(&format!("{long}\\if {}\n\\endif\nselect 1;", ":a".repeat(100_000)));
    assert!(!matches!(read.does, Does::Nothing(_)), "{:?}", read.does);
    let few = "\\set a :a:a\n".repeat(4);
    assert_eq!(statements(&of_script(&format!("\\set a x\n{few}drop table :a;"))).len(), 1);
    assert!(!matches!(of_script(&format!("\\set a x\n{few}drop table :a;")).does, Does::Unsure(_)));
}
