//! guard's answer against find's and chmod's deeds: random trees, expressions, modes and operands; what `guard
//! check` says would be removed or changed must be exactly what the real program then removes or changes. The seed
//! is fixed; GUARD_DIFFERENTIAL_CASES asks for more.

#[path = "support/dice.rs"]
mod dice;
mod support;
#[path = "support/tree.rs"]
mod tree;

use dice::Dice;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tree::{describe, is_inside, plant, run, shown, snapshot, spell, told};

const FIND: &str = "/usr/bin/find";
const CHMOD: &str = "/bin/chmod";
const CASES: usize = 400;

const TESTS: &[&[&str]] = &[
    &["-name", "a"],
    &["-name", "*"],
    &["-name", "[ab]*"],
    &["-name", ".*"],
    &["-name", "-delete"],
    &["-iname", "SRC"],
    &["-path", "*a*"],
    &["-path", "./*"],
    &["-type", "f"],
    &["-type", "d"],
    &["-type", "l"],
    &["-type", "f,l"],
    &["-xtype", "d"],
    &["-xtype", "f"],
    &["-xtype", "l"],
    &["-empty"],
    &["-size", "0"],
    &["-size", "+0"],
    &["-size", "-1"],
    &["-size", "-2c"],
    &["-perm", "644"],
    &["-perm", "-u+w"],
    &["-perm", "/111"],
    &["-links", "1"],
    &["-links", "+1"],
    &["-uid", "+100000"],
    &["-mmin", "-5"],
    &["-mtime", "+0"],
    &["-mtime", "0"],
    &["-true"],
    &["-false"],
    &["-maxdepth", "1"],
    &["-maxdepth", "2"],
    &["-mindepth", "1"],
    &["-mindepth", "2"],
    &["-depth"],
    &["-prune"],
    &["-print"],
    &["-xdev"],
    &["-exec", "true", ";"],
    &["-exec", "false", ";"],
    &["-exec", "true", "{}", "+"],
];

/// A part of an expression, with brackets and operators.
fn expression(dice: &mut Dice, depth: usize, out: &mut Vec<String>) {
    if dice.one_in(5) {
        out.push((*dice.pick(&["!", "-not"])).to_owned());
    }
    match dice.below(8) {
        0 if depth < 3 => {
            out.push("(".to_owned());
            expression(dice, depth + 1, out);
            out.push(")".to_owned());
        }
        1 | 2 => out.push("-delete".to_owned()),
        _ => out.extend(dice.pick(TESTS).iter().map(|w| (*w).to_owned())),
    }
    while dice.one_in(2) && depth < 4 {
        match dice.below(6) {
            0 => out.push("-o".to_owned()),
            1 => out.push("-a".to_owned()),
            2 if dice.one_in(3) => out.push(",".to_owned()),
            _ => {}
        }
        expression(dice, depth + 1, out);
    }
}

fn find_words(dice: &mut Dice, root: &Path, all: &[PathBuf]) -> Vec<OsString> {
    let mut words: Vec<Vec<u8>> = Vec::new();
    if dice.one_in(3) {
        words.push(dice.pick(&["-L", "-H", "-P"]).as_bytes().to_vec());
    }
    for _ in 0..[0, 1, 1, 1, 2][dice.below(5)] {
        let word = spell(dice, root, all);
        if is_inside(root, &word) && !word.starts_with(b"-") {
            words.push(word);
        }
    }
    let mut parts = Vec::new();
    expression(dice, 0, &mut parts);
    if dice.one_in(2) {
        parts.push("-delete".to_owned());
    }
    words.extend(parts.into_iter().map(String::into_bytes));
    words.into_iter().map(OsString::from_vec).collect()
}

const MODES: &[&str] = &[
    "700",
    "755",
    "644",
    "0",
    "4755",
    "02755",
    "00755",
    "u+x",
    "-w",
    "+x",
    "a+X",
    "go=",
    "u=rw,go=r",
    "g=u",
    "o-r",
    "u+s",
    "+t",
    "=r",
    "a=rx",
    "-rwx",
    "u-w,a+x",
    "=755",
    "-x",
];

fn chmod_words(dice: &mut Dice, root: &Path, all: &[PathBuf]) -> Vec<OsString> {
    let mut words: Vec<Vec<u8>> = vec![dice.pick(MODES).as_bytes().to_vec()];
    for _ in 0..[1, 1, 2][dice.below(3)] {
        let word = spell(dice, root, all);
        if is_inside(root, &word) && !word.starts_with(b"-") {
            words.push(word);
        }
    }
    if dice.one_in(2) {
        let option = dice.pick(&["-R", "--recursive", "--rec", "-Rf", "-v", "--preserve-root"]);
        words.insert(dice.below(words.len() + 1), option.as_bytes().to_vec());
    }
    words.into_iter().map(OsString::from_vec).collect()
}

fn modes(root: &Path) -> BTreeMap<PathBuf, u32> {
    let own = |path: PathBuf| {
        let metadata = fs::symlink_metadata(&path).ok()?;
        Some((path, if metadata.is_symlink() { 0 } else { metadata.permissions().mode() }))
    };
    snapshot(root).into_iter().filter_map(own).collect()
}

/// What the real program did: the outermost paths that are gone, or the paths whose mode changed.
fn done(before: &BTreeMap<PathBuf, u32>, after: &BTreeMap<PathBuf, u32>) -> BTreeSet<String> {
    let gone: BTreeSet<&PathBuf> = before.keys().filter(|p| !after.contains_key(*p)).collect();
    let outermost = gone.iter().filter(|p| !p.parent().is_some_and(|up| gone.contains(&up.to_owned())));
    let changed =
        before.iter().filter(|(p, mode)| after.get(*p).is_some_and(|now| now != *mode)).map(|(p, _)| p);
    outermost.copied().chain(changed).map(|p| shown(p)).collect()
}

type Words = fn(&mut Dice, &Path, &[PathBuf]) -> Vec<OsString>;

fn compare(tool: &str, program: &str, words: Words) {
    if !Path::new(program).exists() {
        assert!(std::env::var_os("CI").is_none(), "{program} is missing");
        eprintln!("SKIPPED: there is no {program}");
        return;
    }
    let version = Command::new(program).arg("--version").output().expect("it runs").stdout;
    let version = String::from_utf8_lossy(&version).lines().next().unwrap_or_default().to_owned();
    let cases = dice::cases(CASES);
    println!("{cases} cases against {version}");
    let root = std::env::temp_dir().join(format!("guard-differential-{tool}-{}", std::process::id()));
    let (mut acting, mut unknown, mut wrong) = (0, 0, Vec::new());
    for case in 0..cases {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (case as u64 + 1).wrapping_mul(0xD134_2543_DE82_EF95));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).expect("scratch");
        let root = fs::canonicalize(&root).expect("scratch");
        let all = plant(&mut dice, &root);
        let args = words(&mut dice, &root, &all);
        let posix = dice.one_in(10);
        let before = modes(&root);
        let told = told(&root, tool, &args, "", posix);
        assert_eq!(before, modes(&root), "guard check changes nothing");
        run(&root, Path::new(program), &args, "", posix);
        let done = done(&before, &modes(&root));
        acting += usize::from(!done.is_empty());
        let Some(told) = told else {
            unknown += 1;
            continue;
        };
        if told != done {
            let line = guard::text::quote_line(&args);
            let tree: Vec<String> =
                before.iter().map(|(p, mode)| format!("{:o} {}", mode & 0o7777, describe(p))).collect();
            wrong.push(format!(
                "case {case}: {tool} {line}\n  guard: {told:?}\n  {tool}: {done:?}\n  tree:  {tree:#?}"
            ));
        }
    }
    let _ = fs::remove_dir_all(&root);
    println!("{acting} of them did something; guard did not know {unknown}");
    assert!(
        wrong.is_empty(),
        "{} of {cases} differ, the first ones:\n{}",
        wrong.len(),
        wrong.iter().take(4).cloned().collect::<Vec<_>>().join("\n")
    );
    assert!(acting > cases / 5, "too few commands did anything");
    assert!(unknown < cases / 10, "too much is unknown");
}

#[test]
fn guard_says_what_find_removes() {
    compare("find", FIND, find_words);
}

#[test]
fn guard_says_what_chmod_changes() {
    compare("chmod", CHMOD, chmod_words);
}
