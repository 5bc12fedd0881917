//! Foreign bytes never take guard down: what the fuzz targets run, here with mutated seeds from a fixed seed. How long
//! the largest inputs take is measured in benches/limits.

#[path = "../fuzz/areas.rs"]
mod areas;

use areas::{AREAS, Area};

/// Rounds for each area; `GUARD_ROBUST_ROUNDS` for more.
const ROUNDS: usize = 1_500;

struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % limit.max(1)
    }
}

/// Bytes that mean something to one of the readers.
const TELLING: &[u8] = b"\0\n\t '\"\\$`;&|<>(){}[]#*?~=-+:/.,%@!^0129aAzZ\x7f\x80\xff";

fn mutated(seeds: &[&str], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seeds[dice.below(seeds.len())].as_bytes().to_vec();
    for _ in 0..=dice.below(12) {
        let at = dice.below(bytes.len() + 1);
        match dice.below(6) {
            0 => bytes.insert(at, TELLING[dice.below(TELLING.len())]),
            1 if at < bytes.len() => drop(bytes.remove(at)),
            2 if at < bytes.len() => bytes[at] = TELLING[dice.below(TELLING.len())],
            3 => {
                let other = seeds[dice.below(seeds.len())].as_bytes();
                let from = dice.below(other.len());
                let to = (from + dice.below(20)).min(other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
            4 => bytes.truncate(at.max(1)),
            _ => {
                let to = (at + dice.below(16)).min(bytes.len());
                let piece = bytes[at..to].to_vec();
                bytes.splice(at..at, piece.repeat(1 + dice.below(4)));
            }
        }
    }
    bytes
}

fn rounds() -> usize {
    std::env::var("GUARD_ROBUST_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(ROUNDS)
}

fn run(area: &Area, serial: usize) {
    let mut dice = Dice(0x5EED_0000_0000_0001 + serial as u64);
    for seed in area.seeds {
        (area.run)(seed.as_bytes());
    }
    for round in 0..rounds() {
        let bytes = mutated(area.seeds, &mut dice);
        let outcome = std::panic::catch_unwind(|| (area.run)(&bytes));
        assert!(outcome.is_ok(), "{} round {round}: {:?}", area.name, String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn no_bytes_take_a_reader_down() {
    std::thread::scope(|scope| {
        for (serial, area) in AREAS.iter().enumerate() {
            scope.spawn(move || run(area, serial));
        }
    });
}

/// An area, what a file begins with, and what its other lines are.
const LARGE: &[(&str, &str, &str)] = &[
    // Files that read themselves, once for each line.
    ("sql", "", "\\i /dev/stdin\n"),
    ("sql", "", "\\i -\n"),
    ("mysql", "", "source /dev/stdin\n"),
    ("statements", "", ".read /dev/stdin\n"),
    ("mongosh", "", "load('x.js');\n"),
    ("git_config", "", "[include]\npath = ~/.gitconfig\n"),
    ("option_file", "", "!include ~/.my.cnf\n"),
    ("ssh_config", "", "Include ~/.ssh/config\n"),
    ("kustomization", "resources:\n", "- /\n"),
    ("kustomization", "resources:\n", "- ../\n"),
    ("kustomization", "components:\n", "- /\n"),
    ("playbook", "", "- include_tasks: t.yml\n"),
    ("playbook", "- hosts: a\n  tasks:\n", "  - include_tasks: t.yml\n"),
    ("playbook", "", "- import_playbook: p.yml\n"),
    ("shell", "", ". /dev/stdin\n"),
    // Names that stand for very many.
    ("inventory", "", "a[1:99999]b[1:99999]\n"),
    ("inventory", "", "a[1:9999]\n"),
    // Each of them another.
    ("shell", "", "export a{n}=1;b;"),
    ("shell", "", "rm a{n} >b{n};"),
    ("shell", "", "while a;do b{n};done;"),
    ("statements", "CREATE TRIGGER a BEGIN\n", "b;\n"),
    ("redaction", "", "sudo -S b{n} "),
    ("aws_config", "", "[a{n}]\na=1\n"),
];

#[test]
fn large_files_come_to_an_end() {
    for (name, begin, line) in LARGE {
        let area = AREAS.iter().find(|area| area.name == *name).expect("an area of this name");
        let mut text = (*begin).to_owned();
        for n in 0.. {
            if text.len() >= 64 << 10 {
                break;
            }
            text.push_str(&line.replace("{n}", &n.to_string()));
        }
        eprintln!("{name}: {line:?}");
        (area.run)(text.as_bytes());
    }
}
