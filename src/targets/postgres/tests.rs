//! Where whole command lines connect.

use super::{Datum, Resolution, Targets, resolve};
use crate::invocation::{Environment, Invocation, Stdin};
use crate::reading::psql;
use crate::targets::Value;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A home directory of its own for one test.
struct Home(PathBuf);

impl Home {
    fn with(files: &[(&str, &str)]) -> Home {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("guard-pg-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a temporary directory");
        for (name, text) in files {
            std::fs::write(path.join(name), text).expect("a file in it");
        }
        Home(path)
    }

    fn resolve(&self, args: &[&str], variables: &[(&str, &str)]) -> Resolution {
        let argv = std::iter::once("psql").chain(args.iter().copied()).map(Into::into).collect();
        let text = self.0.to_string_lossy().into_owned();
        let own = [("PATH", "/nonexistent"), ("HOME", text.as_str()), ("PGSYSCONFDIR", text.as_str())];
        let environment = Environment::from_pairs(own.into_iter().chain(variables.iter().copied()));
        let invocation = Invocation::here(argv, Stdin::Content([].into())).expect("a working directory");
        let invocation = invocation.with_cwd(self.0.clone()).with_environment(environment);
        resolve(&psql::read(&invocation).commands[0])
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn hits(args: &[&str], variables: &[(&str, &str)]) -> Targets {
    match Home::with(&[]).resolve(args, variables) {
        Resolution::Hits(targets) => targets,
        Resolution::Nothing(why) => panic!("{args:?}: {why}"),
    }
}

/// `user@host:port/dbname`.
fn place(targets: &Targets) -> String {
    let show = |key: &str| match targets.fact(key).map(|f| &f.value) {
        Some(Value::Known(datum)) => datum.to_string(),
        Some(Value::Unknown(why)) => format!("?{why}"),
        None => String::new(),
    };
    format!("{}@{}:{}/{}", show("user"), show("host"), show("port"), show("dbname"))
}

#[test]
fn a_connection_string_beats_options_and_options_beat_variables() {
    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str);
    let cases: &[Case] = &[
        (&["-h", "h", "-U", "u", "d"], &[], "u@h:5432/d"),
        (&["-h", "s", "-p", "5", "-U", "b", "postgresql://a@p:6000/prod"], &[], "a@p:6000/prod"),
        (&["-U", "u", "-h", "", "d"], &[("PGHOST", "p")], "u@p:5432/d"),
        (&["-U", "u", "host='' dbname=d"], &[("PGHOST", "p")], "u@/var/run/postgresql:5432/d"),
        (&["-d", "postgresql://a@s/x", "-d", "prod", "-h", "h", "u"], &[], "u@h:5432/prod"),
        (&["-h", "a,b", "-p", "6", "-U", "u", "d"], &[], "u@a, b:6, 6/d"),
        (&["-l", "-h", "h", "-U", "u"], &[("PGDATABASE", "x")], "u@h:5432/postgres"),
        (&["-h", "h", "-U", "u"], &[], "u@h:5432/u"),
    ];
    for (args, variables, wanted) in cases {
        assert_eq!(place(&hits(args, variables)), *wanted, "{args:?}");
    }
}

#[test]
fn the_address_is_shown_beside_the_name() {
    let targets = hits(&["-h", "staging-db", "-U", "u", "d"], &[("PGHOSTADDR", "10.1.2.3")]);
    assert_eq!(targets.text("hostaddr"), Some("10.1.2.3"));
    assert_eq!(targets.text("host"), Some("staging-db"));
    assert_eq!(targets.typed, "d@staging-db");
    let refused = Home::with(&[]).resolve(&["-h", "h", "-U", "u", "d"], &[("PGHOSTADDR", "?bad")]);
    assert!(matches!(refused, Resolution::Nothing(_)), "{refused:?}");
}

#[test]
fn services_are_read_as_libpq_reads_them() {
    let file = "# c\n[prod]\nhost=prod-db\nhost=second\nport=6000\n[prod]\nuser=no\n[bad]\nhost = x\n";
    let home = Home::with(&[(".pg_service.conf", file)]);
    let Resolution::Hits(targets) = home.resolve(&["-U", "u", "service=prod dbname=d"], &[("PGHOST", "e")])
    else {
        panic!("the service exists");
    };
    assert_eq!(place(&targets), "u@prod-db:6000/d");
    for (args, variables) in
        [(&["service=none"][..], &[][..]), (&["service=bad"], &[]), (&["d"], &[("PGSERVICE", "")])]
    {
        assert!(matches!(home.resolve(args, variables), Resolution::Nothing(_)), "{args:?}");
    }
}

#[test]
fn what_libpq_refuses_hits_nothing() {
    for args in
        [&["-h", "a,b", "-p", "1,2,3"][..], &["-p", "70000"], &["-p", "x"], &["host='"], &["postgresql://[x"]]
    {
        assert!(matches!(Home::with(&[]).resolve(args, &[]), Resolution::Nothing(_)), "{args:?}");
    }
}

#[test]
fn the_session_moves() {
    let moved = hits(&["-X", "-h", "h", "-U", "u", "staging", "-c", "\\c prod", "-c", "TRUNCATE a"], &[]);
    assert_eq!(place(&moved), "u@h:5432/prod");
    let away = hits(&["-X", "-h", "h", "-c", "\\c postgresql://x@p:7/z", "-c", "TRUNCATE a"], &[]);
    assert_eq!(place(&away), "x@p:7/z");
    let both = hits(
        &["-X", "-h", "h", "-U", "u", "one", "-c", "TRUNCATE a", "-c", "\\c two", "-c", "TRUNCATE b"],
        &[],
    );
    assert_eq!(both.fact("dbname").map(|f| &f.value), Some(&Value::Known(Datum::texts(["one", "two"]))));
    assert_eq!(both.text("host"), Some("h"));
}

#[test]
fn a_dropped_database_is_what_is_typed() {
    let targets = hits(&["-X", "-h", "h", "postgres", "-c", "DROP DATABASE prod"], &[]);
    assert_eq!((targets.text("object"), targets.typed.as_str()), (Some("prod"), "prod"));
}

#[test]
fn read_only_is_believed_only_where_it_is_certain() {
    let on = [("PGOPTIONS", "-c default_transaction_read_only=on"), ("PGUSER", "u")];
    let refuses = |args: &[&str]| hits(args, &on).traits.has("target.session", "read-only");
    assert!(refuses(&["-X", "-c", "DROP TABLE a"]));
    assert!(!refuses(&["-X", "-c", "SET default_transaction_read_only=off", "-c", "DROP TABLE a"]));
    assert!(!refuses(&["-X", "-h", "pooler", "-c", "DROP TABLE a"]));
    assert!(!refuses(&["-X", "-p", "6432", "-c", "DROP TABLE a"]));
    assert!(!refuses(&["-X", "options='' dbname=d", "-c", "DROP TABLE a"]));
}

#[test]
fn no_password_is_kept() {
    let targets = hits(&["-X", "postgresql://a:hunter2@h/d?password=hunter3", "-c", "DROP TABLE a"], &[]);
    assert!(!format!("{targets:?}").contains("hunter"));
}

#[test]
fn a_connection_string_in_maintenance_db_is_the_server() {
    let of = |words: &str, variables: &[(&str, &str)]| {
        let argv = words.split(' ').map(Into::into).collect();
        let own = [("PATH", "/nonexistent"), ("HOME", "/nonexistent"), ("PGSYSCONFDIR", "/nonexistent")];
        let environment = Environment::from_pairs(own.into_iter().chain(variables.iter().copied()));
        let invocation = Invocation::here(argv, Stdin::Content([].into())).expect("a working directory");
        let command = invocation.with_environment(environment);
        let program = words.split(' ').next().expect("a program");
        let option = |long: &str, short| crate::reading::tool::OptionSpec {
            long: long.into(),
            short,
            takes: crate::reading::grammar::Takes::Value,
        };
        let mut tool = crate::reading::Tool::named(program);
        tool.verb_words = 0;
        tool.options = vec![
            option("host", Some('h')),
            option("username", Some('U')),
            option("dbname", Some('d')),
            option("maintenance-db", None),
        ];
        let reading = crate::reading::read(&command, &tool);
        match super::resolve_tool(&reading.commands[0]) {
            Resolution::Nothing(why) => why,
            Resolution::Hits(targets) => {
                let show = |key: &str| match targets.fact(key).map(|f| &f.value) {
                    Some(Value::Known(datum)) => datum.to_string(),
                    Some(Value::Unknown(_)) | None => "?".into(),
                };
                format!("{}@{}/{} {}", show("user"), show("host"), show("connect_db"), show("object"))
            }
        }
    };
    assert_eq!(of("dropdb -U a -h x --maintenance-db=postgres://b@db9:1/m staging", &[]), "b@db9/m staging");
    assert_eq!(of("dropdb -U a -h x prod", &[("PGDATABASE", "other")]), "a@x/postgres prod");
    assert_eq!(of("dropdb -U a -h x postgres", &[]), "a@x/template1 postgres");
    // The programs' own default leaves -U out, libpq's does not.
    assert_eq!(of("vacuumdb -U a -h x", &[("PGUSER", "env")]), "a@x/env env");
    assert_eq!(of("pg_dump -U a -h x", &[("PGUSER", "env")]), "a@x/a a");
    assert_eq!(of("createdb -U a -h x", &[("PGDATABASE", "new")]), "a@x/postgres new");
}
