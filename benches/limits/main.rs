//! How long the largest and oddest inputs take: 64 KiB of what is hard for a reader, for each area of fuzz/areas.rs
//! and for the words of every covered program, in one process. Run it with `cargo bench --bench limits`; with a name
//! behind `--`, the programs from there on and the areas. Bar: no input over 50 ms, and a peak of 256 MiB for all.

#[path = "../../fuzz/areas.rs"]
mod areas;

use areas::AREAS;
use guard::rules::RuleSet;
use std::time::{Duration, Instant};

const LENGTH: usize = 64 << 10;
const BAR: Duration = Duration::from_millis(50);
/// Said at once, as the rest may take as long.
const HOPELESS: Duration = Duration::from_secs(1);
const PEAK_KIB: u64 = 256 << 10;

/// What nests, repeats, expands or never ends.
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
];

/// Words that are hard for a program's own grammar: many of them, and long ones.
const WORDS: &[&str] = &[
    "a\0", "-x\0", "--a\0", "--a=b\0", "-xa", "a=b\0", "a,b", "a:b", "a/", "../", "a.", "*", "?a*", "[a-",
    "{a,b}", "@a", "%h", "\\", "'\"", "(", "!\0", "-exec\0", ";", "a b ", "1-2,", "$a", "+\0", "-v\0a\0",
];

fn main() {
    let mut slowest: Vec<(Duration, &str, String)> = Vec::new();
    let mut add = |row: (Duration, &'static str, String)| {
        if row.0 > HOPELESS {
            eprintln!("{:>9.2} ms  {:<12}{:?}", row.0.as_secs_f64() * 1e3, row.1, row.2);
        }
        slowest.push(row);
    };
    let wanted = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    let wanted = |name: &str| wanted.as_deref().is_none_or(|w| name >= w);
    for program in (0..programs()).filter(|at| wanted(&name(*at))) {
        for word in WORDS {
            for prefix in ["", "delete\0"] {
                let mut bytes =
                    u16::try_from(program).expect("two bytes choose the program").to_be_bytes().to_vec();
                bytes.extend(prefix.as_bytes());
                bytes.extend(word.as_bytes().iter().cycle().take(LENGTH - bytes.len()));
                let start = Instant::now();
                areas::options(&bytes);
                add((start.elapsed(), "words", format!("{} {prefix}{word}…", name(program))));
            }
        }
    }
    for area in AREAS {
        for piece in PIECES.iter().chain(area.seeds) {
            for (prefix, suffix) in [("", ""), ("echo ", ""), ("", ")")] {
                let mut bytes = prefix.as_bytes().to_vec();
                bytes.extend(piece.as_bytes().iter().cycle().take(LENGTH - prefix.len() - suffix.len()));
                bytes.extend(suffix.as_bytes());
                let start = Instant::now();
                (area.run)(&bytes);
                add((
                    start.elapsed(),
                    area.name,
                    format!("{prefix}{}…{suffix}", &piece[..piece.len().min(24)]),
                ));
            }
        }
    }
    slowest.sort_by_key(|row| std::cmp::Reverse(row.0));
    println!("{} inputs of {LENGTH} bytes", slowest.len());
    for (took, area, what) in slowest.iter().enumerate().filter(|(i, s)| *i < 10 || s.0 > BAR).map(|(_, s)| s)
    {
        println!("{:>9.2} ms  {area:<12}{what:?}", took.as_secs_f64() * 1e3);
    }
    let peak = peak_kib();
    let met = slowest.first().is_none_or(|s| s.0 <= BAR) && peak <= PEAK_KIB;
    println!(
        "{}  slowest at most {} ms, peak {peak} KiB at most {PEAK_KIB}",
        if met { "PASS" } else { "FAIL" },
        BAR.as_millis()
    );
    std::process::exit(i32::from(!met));
}

fn programs() -> usize {
    RuleSet::Shipped.programs().map_or(0, |all| all.len())
}

fn name(program: usize) -> String {
    RuleSet::Shipped.programs().map(|all| all[program].clone()).unwrap_or_default()
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:"));
    line.and_then(|l| l.split_whitespace().nth(1)?.parse().ok()).unwrap_or(u64::MAX)
}
