//! Which statements guard reads in a script, against those that the real psql sends and a real PostgreSQL runs: random
//! scripts of quotes, comments, dollar quotes, backslash commands, variables, COPY data and \if, some of them damaged.
//! The seed is fixed; GUARD_DIFFERENTIAL_CASES asks for more.

#[path = "support/dice.rs"]
mod dice;
#[path = "support/postgres.rs"]
mod postgres;

use dice::{Dice, cases};
use guard::invocation::{Environment, Invocation, Stdin};
use guard::reading::psql::{self, Words};
use postgres::Server;
use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};

const CASES: usize = 4000;
/// Scripts that one psql runs, one after the other.
const BATCH: usize = 50;

/// A script in the making. Every table name in it is used once, so that what ran can be told by its name.
struct Script {
    number: usize,
    tables: usize,
    text: String,
    /// A branch or value depends on what a query gives.
    at_run_time: bool,
    /// Has data of a COPY, which would run as SQL if the COPY were damaged.
    whole: bool,
}

impl Script {
    fn table(&mut self) -> String {
        self.tables += 1;
        format!("m{}_{}", self.number, self.tables)
    }

    /// Whether this is the name of one of its tables; a damaged name tells nothing.
    fn has(&self, table: &str) -> bool {
        let serial = table.strip_prefix(&format!("m{}_", self.number)).and_then(|s| s.parse().ok());
        serial.is_some_and(|serial: usize| (1..=self.tables).contains(&serial))
    }

    /// The server says of each that there is no such table: what it said, it ran.
    fn drop_table(&mut self, dice: &mut Dice) -> String {
        let table = self.table();
        let gap = |dice: &mut Dice| {
            dice.word(&[" ", " ", " ", "\n", "\t", "/**/", " /* ; */ ", " -- it's ;\n", "/* /* ' */ $$ */"])
                .to_owned()
        };
        let name = match dice.below(6) {
            0 => format!("\"{table}\""),
            1 => format!("public.{table}"),
            2 => table.to_uppercase(),
            _ => table,
        };
        let drop = dice.word(&["DROP", "drop", "dRoP"]);
        format!("{drop}{}TABLE{}IF EXISTS{}{name}", gap(dice), gap(dice), gap(dice))
    }

    fn piece(&mut self, dice: &mut Dice) -> String {
        let drop = self.drop_table(dice);
        let plain = self.table();
        let plain = format!("DROP TABLE IF EXISTS {plain}");
        match dice.below(30) {
            0..=5 => format!("{drop}{}", end(dice)),
            6 => format!("SELECT 1\\;{drop}{}", end(dice)),
            7 => format!("{drop}\\; SELECT ';'{}", end(dice)),
            8 => format!("SELECT 'x; {plain}; '''{}{drop}{}", end(dice), end(dice)),
            9 => format!("SELECT E'\\'; {plain}; \\\\'{}", end(dice)),
            10 => format!("SELECT e'a\\\\'{}{drop};", end(dice)),
            11 => format!("SELECT '\\'{}{drop};", end(dice)),
            12 => format!("SELECT $$ '; {plain}; $ $${}", end(dice)),
            13 => format!("SELECT $a$ $$; {plain}; $b$ $a${}", end(dice)),
            14 => format!("SELECT 1 AS a$b$c{}{drop};", end(dice)),
            15 => format!("/* ; {plain}; /* ' */ -- */ {drop}{}", end(dice)),
            16 => format!("-- '; {plain}; /*\n{drop}{}", end(dice)),
            17 => format!("\\set v '{plain}'\n:v{}", end(dice)),
            18 => format!("\\set v '{plain}; SELECT 1'\nSELECT :'v'{}", end(dice)),
            19 => format!(
                "\\set v {}\n\\if :v\n{drop};\n\\else\n{plain};\n\\endif\n",
                dice.word(&["on", "0", "yes", "f", "zz"])
            ),
            20 => {
                format!("\\if false\n{drop};\n\\if true\n{plain};\n\\endif\n\\elif 1\nSELECT 2;\n\\endif\n")
            }
            21..=23 => {
                self.whole = true;
                let copy = dice.word(&[
                    "COPY lines FROM STDIN;",
                    "SELECT 1 \\; COPY lines FROM STDIN;",
                    "\\copy lines from stdin",
                ]);
                let quote = dice.word(&["'", "\"", "$$", "$a$", "/*", "--", "\\\\", "(", "\\N"]);
                format!("{copy}\n{plain}\n{quote}\n:v\n\\.\n{drop};")
            }
            24 => format!("{plain} \\r\n{drop}{}", end(dice)),
            25 => format!("\\echo '{plain};' \\\\ {drop};"),
            26 => format!(
                "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; {drop};"
            ),
            27 => format!("SELECT :{{?v}}, :{{?nothing}}::bool, 1 AS \"x;y\"\"z\"{}{drop};", end(dice)),
            28 => {
                self.at_run_time = true;
                format!("SELECT {} AS q \\gset\n\\if :q\n{drop};\n\\else\n{plain};\n\\endif\n", dice.below(2))
            }
            _ => format!("SELECT U&'d\\0027; {plain}', B'1', N'x', X'1f'{}", end(dice)),
        }
    }

    fn new(number: usize, dice: &mut Dice) -> Script {
        let mut script = Script { number, tables: 0, text: String::new(), at_run_time: false, whole: false };
        for _ in 0..1 + dice.below(6) {
            let piece = script.piece(dice);
            script.text.push_str(&piece);
            script.text.push_str(dice.word(&["\n", "\n", " ", ""]));
        }
        if !script.whole && dice.one_in(3) {
            for _ in 0..1 + dice.below(3) {
                script.damage(dice);
            }
        }
        script
    }

    /// Something too much, or something missing.
    fn damage(&mut self, dice: &mut Dice) {
        let mut at = dice.below(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        if dice.one_in(3) {
            self.text.remove(at);
        } else {
            let signs = [
                "'", "\"", "$$", "$a$", "/*", "*/", "--", "\\", ";", ":", "(", ")", "E'", "\n", "\\;", "::",
                "ä", "\\.\n",
            ];
            self.text.insert_str(at, dice.word(&signs));
        }
    }
}

fn end(dice: &mut Dice) -> &'static str {
    ["; ", ";\n", ";;", " \\g\n", "\\g\n", " \\g (format=csv) \n", " \\gx\n", ";--\n"][dice.below(8)]
}

/// What happened in one script.
#[derive(Default)]
struct Ran {
    tables: Vec<String>,
    /// psql or the server did not like something.
    complained: bool,
}

/// Runs a batch in one psql; by script number.
fn run(psql: &Path, server: &Server, directory: &Path, batch: &[Script]) -> HashMap<usize, Ran> {
    let mut command = Command::new(psql);
    command.args([
        "-X",
        "-q",
        "-o",
        "/dev/null",
        "-h",
        "127.0.0.1",
        "-U",
        "app",
        "-d",
        "scripts",
        "-p",
        &server.port.to_string(),
    ]);
    for script in batch {
        let path = directory.join(format!("{}.sql", script.number));
        std::fs::write(&path, &script.text).expect("a script");
        // A script begins with no variables of the ones before it and no transaction.
        command.args(["-c", "\\unset v", "-c", "\\unset q", "-f"]).arg(path);
    }
    let output = command
        // A damaged \g names a file.
        .current_dir(directory)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .env("HOME", directory)
        .env("PSQL_EDITOR", "true")
        .env("PGOPTIONS", "-c statement_timeout=5s")
        .stdin(Stdio::null())
        .output()
        .expect("psql runs");
    let mut ran: HashMap<usize, Ran> = HashMap::new();
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        let Some((place, message)) = line.strip_prefix("psql:").and_then(|l| l.split_once(": ")) else {
            continue;
        };
        let number = Path::new(place.split(':').next().unwrap_or("")).file_stem().and_then(|s| s.to_str());
        let Some(number) = number.and_then(|n| n.parse().ok()) else { continue };
        let entry = ran.entry(number).or_default();
        match message.split_once("table \"").filter(|_| message.starts_with("NOTICE:")) {
            Some((_, rest)) => entry.tables.extend(rest.split('"').next().map(str::to_owned)),
            None => entry.complained = true,
        }
    }
    ran
}

/// guard's account: the tables in order, and whether it is sure.
fn read(directory: &Path, script: &Script) -> (Vec<String>, Option<String>) {
    let path = directory.join(format!("{}.sql", script.number));
    let argv = ["psql".into(), "-X".into(), "-f".into(), path.into_os_string()];
    let environment = Environment::from_pairs([("HOME", "/nowhere"), ("LC_ALL", "C.UTF-8")]);
    let invocation = Invocation::here(argv.to_vec(), Stdin::Content([].into())).expect("a directory");
    let invocation = invocation.with_environment(environment);
    let Words::Runs(options) = psql::command_line(&invocation) else { panic!("psql -f runs") };
    let run = psql::foresee(&invocation, &options);
    let names = run.done.iter().flat_map(|d| &d.deed.names);
    let bare = |name: &String| name.rsplit('.').next().unwrap_or("").trim_matches('"').to_lowercase();
    (names.map(bare).filter(|name| script.has(name)).collect(), run.unsure)
}

/// Every table of `some` in `all`, in this order.
fn is_within(some: &[String], all: &[String]) -> bool {
    let mut rest = all.iter();
    some.iter().all(|table| rest.any(|other| other == table))
}

#[test]
fn guard_reads_the_statements_that_psql_sends() {
    let Some(psql) = postgres::psql() else { return };
    let Some(server) = Server::start("scripts") else { return };
    server.run("postgres", "create database scripts");
    server.run("scripts", "create table lines (line text)");
    let cases = cases(CASES);
    let directory = std::env::temp_dir().join(format!("guard-scripts-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("scratch");
    let mut dice = Dice(0x5eed_0007);
    let (mut wrong, mut statements, mut complained, mut unsure) = (Vec::new(), 0, 0, 0);
    let mut number = 0;
    while number < cases {
        let batch: Vec<Script> = (0..BATCH).map(|i| Script::new(number + i, &mut dice)).collect();
        number += BATCH;
        let mut ran = run(&psql, &server, &directory, &batch);
        for script in &batch {
            let mut ran = ran.remove(&script.number).unwrap_or_default();
            ran.tables.retain(|table| script.has(table));
            // guard says once what \g repeats.
            ran.tables.dedup();
            let (read, not_sure) = read(&directory, script);
            statements += ran.tables.len();
            complained += usize::from(ran.complained);
            if not_sure.is_some() {
                unsure += usize::from(!ran.complained);
                continue;
            }
            // What was damaged, or decided by a query, may stop short of what is read; never the other way round.
            let exact = !ran.complained && !script.at_run_time;
            let right = if exact { read == ran.tables } else { is_within(&ran.tables, &read) };
            if !right {
                wrong.push(format!(
                    "script {}:\n{}\n  ran:  {:?}\n  read: {read:?}",
                    script.number, script.text, ran.tables
                ));
            }
        }
    }
    println!(
        "{number} scripts, {statements} statements told by their table; psql or the server complained of {complained}; \
         of the others guard is not sure of {unsure}"
    );
    let _ = std::fs::remove_dir_all(&directory);
    assert!(
        wrong.is_empty(),
        "{} of {number} differ:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(8)].join("\n\n")
    );
    assert!(statements > number, "too few statements ran to tell anything");
    assert!(unsure * 20 < number, "guard is not sure of {unsure} scripts that nobody complained of");
}
