//! How long the largest and oddest inputs take: 64 KiB of what is hard for a reader, for each area of fuzz/areas.rs
//! and for the words of every covered program, in one process. `cargo bench --bench limits`; behind `--` the name of a
//! program or area for those alone, another length, and a part of an input's description for that alone. Bar: no input over 50 ms of a processor, a peak of 256 MiB.

#[path = "../../fuzz/areas.rs"]
mod areas;
mod clock;

use areas::AREAS;
use guard::rules::RuleSet;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const LENGTH: usize = 64 << 10;
const BAR: Duration = Duration::from_millis(50);
/// Said at once, as the rest may take as long.
const HOPELESS: Duration = Duration::from_secs(1);
/// Not waited for: said, and the end.
const ENDLESS: Duration = Duration::from_secs(20);
const PEAK_KIB: u64 = 256 << 10;
/// How many inputs are read at a time; the machine has as many processors or more.
const WORKERS: usize = 2;

/// What nests, repeats, expands or never ends; `{n}` counts, so that no two are the same.
const PIECES: &[&str] = &[
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "((",
    "$(",
    "`",
    "${",
    "${x:-",
    "$((",
    "<(",
    "{a,b}",
    "{1..9}",
    "{a,{b,",
    "'",
    "\"",
    "\\",
    "$'\\x",
    "a|",
    "a;",
    "a&&",
    "!",
    "<<E\n",
    "<<<",
    ">",
    "x=",
    "x=$x$x;",
    "if a;then ",
    "case a in ",
    "for i in a;do ",
    "f(){ ",
    "eval ",
    "eval \"",
    "sudo ",
    "xargs ",
    "env ",
    "bash -c '",
    "find . ",
    "find / -exec ",
    "-o ",
    "*",
    "?",
    "[a-",
    "/*",
    "--",
    "-- ",
    "$t$",
    "$$",
    "E'",
    "U&'",
    ";",
    "\\g ",
    "\\if 1\n",
    "\\set a :a\n",
    ":a",
    "select(",
    "with a as (",
    "explain ",
    "a,",
    "- ",
    "- - ",
    "? ",
    "a: ",
    "a: {",
    "&a [*a,",
    "&a ",
    "*a ",
    "<<: *a\n",
    "!!map ",
    "|\n ",
    "---\n",
    "\"a\":{",
    "[{",
    "{\"a\":[",
    "0",
    "\n",
    "\r",
    "\t",
    " ",
    "\0",
    "\u{7f}",
    "\u{80}",
    "\u{202e}",
    "é",
    "[[rule]]\n",
    "a.b.",
    "a = [",
    "[a.",
    "'''",
    "\"\"\"",
    "-",
    "-x",
    "--a=",
    "password=",
    "https://a:b@",
    "token ",
    "/",
    "../",
    "~",
    "a@",
    "a\0",
    "a{n} ",
    "a{n}\n",
    "a{n}=1\n",
    "a{n}: 1\n",
    "- a{n}\n",
    "- a{n}: 1\n",
    "[a{n}]\na=1\n",
    "\"a{n}\":1,",
    "export a{n}=1;",
    "a{n}=1 a{n} $a{n};",
    "f{n}(){ :;};f{n};",
    "rm /a{n};",
    "cd a{n};",
    "rm a{n} >b{n};",
    "drop table a{n};",
    "\\set a{n} :a{n}\n",
    "\\set a :a:a\n",
    "\\set a{n} x:a\n\\set a :a{n}:a{n}\n:a;",
    "host a{n}\n user b\n",
    "del a{n}\n",
    "db.a{n}.drop();",
    "kind: Pod\nmetadata: {name: a{n}}\n---\n",
    "<a{n}>",
    "if a;then a{n}=1;fi;",
    "export a{n}=1;b;",
    "while a;do b{n};done;",
    "cat <(a{n});",
    "alias a{n}=b;",
    "a() { a;a; };a;",
    "echo $(echo $(a{n}));",
    "sudo -S b{n} ",
    // Files that read themselves.
    ". /dev/stdin\n",
    ". f\n",
    ".read /dev/stdin\n",
    "\\i /dev/stdin\n",
    "source /dev/stdin\n",
    "load('x.js');",
    "Include ~/.ssh/config\n",
    "[include]\npath = ~/.gitconfig\n",
    "[include]\npath = config\n",
    "!include ~/.my.cnf\n",
    "a{n} = !git a\n",
    "resources: [/, /m.yaml]\n",
    "- import_playbook: site.yml\n",
    "- include_tasks: site.yml\n",
    "include: [compose.yaml]\n",
    "extends: {file: compose.yaml, service: a}\n",
    "include \"terragrunt.hcl\" { path = \"terragrunt.hcl\" }\n",
    "CREATE TRIGGER a BEGIN\nb{n};\n",
    "create trigger t begin a;",
    "b;\n",
    "'a;\n",
];

/// Words that are hard for a program's own grammar: many of them, and long ones.
const WORDS: &[&str] = &[
    "a\0",
    "-x\0",
    "--a\0",
    "--a=b\0",
    "-xa",
    "a=b\0",
    "a,b",
    "a:b",
    "a/",
    "../",
    "a.",
    "*",
    "?a*",
    "[a-",
    "{a,b}",
    "@a",
    "%h",
    "\\",
    "'\"",
    "(",
    "!\0",
    "-exec\0",
    ";",
    "a b ",
    "1-2,",
    "$a",
    "+\0",
    "-v\0a\0",
    "a{n}\0",
    "--a{n}\0",
    "--a{n}=b\0",
    "a{n}=b\0",
    "/a{n}\0",
    "a{n}:b\0",
    "a/b{n}\0",
    "a{n},",
    "-v\0a{n}\0",
    "--force\0",
    "-f\0a{n}\0",
];

/// One input: what it is called, and what reads it.
struct Input {
    area: &'static str,
    what: String,
    run: fn(&[u8]),
    bytes: Vec<u8>,
}

/// What is measured together: a program with all words, an area with all pieces.
enum Batch {
    Words(u16),
    Area(&'static areas::Area),
}

fn main() {
    let (name, part, length) = arguments();
    let batches = batches(name.as_deref());
    let rows: Mutex<Vec<(Duration, &str, String)>> = Mutex::default();
    let next = AtomicUsize::new(0);
    let progress = std::io::stderr().is_terminal();
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let wanted = |input: &Input| input.what.contains(&part);
                    for input in inputs(batch, length).into_iter().filter(wanted) {
                        let took = measured(&input);
                        if took > HOPELESS {
                            eprintln!("{}", row(took, input.area, &input.what));
                        }
                        rows.lock().expect("no worker panics").push((took, input.area, input.what));
                    }
                    if progress {
                        eprint!("\r{}/{} ", next.load(Ordering::Relaxed).min(batches.len()), batches.len());
                    }
                }
            });
        }
    });
    let met = report(rows.into_inner().expect("no worker panics"), length);
    std::process::exit(i32::from(!met));
}

/// A name, a part of a description and a length, the last anywhere; cargo adds options of its own.
fn arguments() -> (Option<String>, String, usize) {
    let given: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let length = given.iter().find_map(|a| a.parse().ok()).unwrap_or(LENGTH);
    let mut words = given.into_iter().filter(|a| a.parse::<usize>().is_err());
    (words.next(), words.next().unwrap_or_default(), length)
}

fn batches(only: Option<&str>) -> Vec<Batch> {
    let programs = RuleSet::Shipped.programs().unwrap_or_default();
    let wanted = |name: &str| only.is_none_or(|o| o == name);
    // The areas first: some take long, and the programs then fill both workers evenly.
    let areas = AREAS.iter().filter(|area| wanted(area.name)).map(Batch::Area);
    let all = only == Some("words");
    let words = (0..).zip(&programs).filter(|(_, name)| all || wanted(name)).map(|(at, _)| Batch::Words(at));
    areas.chain(words).collect()
}

fn inputs(batch: &Batch, length: usize) -> Vec<Input> {
    match batch {
        Batch::Words(program) => {
            let name = name(*program);
            let both = WORDS.iter().flat_map(|word| ["", "delete\0"].map(|prefix| (prefix, word)));
            let input = |(prefix, word): (&str, &&str)| {
                let mut bytes = program.to_be_bytes().to_vec();
                bytes.extend(filled(prefix, word, "", length - bytes.len()));
                Input { area: "words", what: format!("{name} {prefix}{word}…"), run: areas::options, bytes }
            };
            both.map(input).collect()
        }
        Batch::Area(area) => {
            let pieces = PIECES.iter().chain(area.seeds);
            let around = |piece| [("", ""), ("echo ", ""), ("", ")")].map(|(p, s)| (p, piece, s));
            let input = |(prefix, piece, suffix): (&str, &&str, &str)| Input {
                area: area.name,
                what: format!("{prefix}{}…{suffix}", piece.chars().take(24).collect::<String>()),
                run: area.run,
                bytes: filled(prefix, piece, suffix, length),
            };
            pieces.flat_map(around).map(input).collect()
        }
    }
}

/// A piece as often as it fits, between two others.
fn filled(prefix: &str, piece: &str, suffix: &str, length: usize) -> Vec<u8> {
    let mut bytes = prefix.as_bytes().to_vec();
    let end = length - suffix.len();
    for n in 0.. {
        if bytes.len() >= end {
            break;
        }
        bytes.extend(piece.replace("{n}", &n.to_string()).bytes());
    }
    bytes.truncate(end);
    bytes.extend(suffix.bytes());
    bytes
}

/// Processor time: other programs of the machine do not count. One that does not come back ends all.
fn measured(input: &Input) -> Duration {
    let over = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            std::thread::park_timeout(ENDLESS);
            if over.load(Ordering::Acquire) == 0 {
                eprintln!("no end within {} s: {} {:?}", ENDLESS.as_secs(), input.area, input.what);
                std::process::exit(1);
            }
        });
        let start = clock::of_thread();
        (input.run)(&input.bytes);
        let took = clock::of_thread() - start;
        over.store(1, Ordering::Release);
        watch.thread().unpark();
        took
    })
}

/// The slowest ten and all over the bar; whether the bar is met.
fn report(mut rows: Vec<(Duration, &str, String)>, length: usize) -> bool {
    rows.sort_by_key(|row| std::cmp::Reverse(row.0));
    println!("{} inputs of {length} bytes", rows.len());
    for (_, (took, area, what)) in rows.iter().enumerate().filter(|(i, s)| *i < 10 || s.0 > BAR) {
        println!("{}", row(*took, area, what));
    }
    let peak = peak_kib();
    let met = rows.first().is_none_or(|s| s.0 <= BAR) && peak <= PEAK_KIB;
    println!(
        "{}  slowest at most {} ms, peak {peak} KiB at most {PEAK_KIB}",
        if met { "PASS" } else { "FAIL" },
        BAR.as_millis()
    );
    met
}

fn row(took: Duration, area: &str, what: &str) -> String {
    format!("{:>9.2} ms  {area:<14}{what:?}", took.as_secs_f64() * 1e3)
}

fn name(program: u16) -> String {
    RuleSet::Shipped.programs().map(|all| all[usize::from(program)].clone()).unwrap_or_default()
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:"));
    line.and_then(|l| l.split_whitespace().nth(1)?.parse().ok()).unwrap_or(u64::MAX)
}
