//! guard's answer against find's and chmod's deeds: random trees, expressions, modes and operands; what `guard
//! check` says would be removed or changed must be exactly what the real program then removes or changes. The seed
//! is fixed; GUARD_DIFFERENTIAL_CASES asks for more.

#[path = "support/dice.rs"]
mod dice;
mod support;

use dice::Dice;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const FIND: &str = "/usr/bin/find";
const CHMOD: &str = "/bin/chmod";
const CASES: usize = 400;

const NAMES: &[&[u8]] = &[
    b"a",
    b"b",
    b"c",
    b"src",
    b"sp ace",
    b"-rf",
    b"-",
    b"*",
    b".hid",
    b"...",
    b"n\nl",
    b"\xff\xfe",
    b"\xc3\xa9",
    b"--help",
    b"\x1b[31m",
    b"'q\"",
    b"up",
    b"link",
];

/// `home/proj` is the working directory, `out` lies beside `home`.
fn plant(dice: &mut Dice, root: &Path) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = ["home/proj", "out"].iter().map(|d| root.join(d)).collect();
    directories.iter().for_each(|d| fs::create_dir_all(d).expect("scratch"));
    let mut all = directories.clone();
    all.push(root.join("home"));
    for _ in 0..dice.below(16) + 3 {
        let name: &&[u8] = dice.pick(NAMES);
        let path = dice.pick(&directories).join(OsStr::from_bytes(name));
        let made = match dice.below(10) {
            0..=3 => fs::write(&path, *dice.pick(&["", "x", "xyz"])),
            4..=6 => fs::create_dir(&path).inspect(|()| directories.push(path.clone())),
            7 => symlink(dice.pick(&[".", "..", "nowhere", "up", "../proj", "a", "a/", "src/.."]), &path),
            _ => symlink(dice.pick(&all), &path),
        };
        if made.is_ok() {
            all.push(path);
        }
    }
    all
}

/// One of the ways to write a path, relative to the working directory or not.
fn spell(dice: &mut Dice, root: &Path, all: &[PathBuf]) -> Vec<u8> {
    let cwd = root.join("home/proj");
    let path = dice.pick(all);
    let mut word = match path.strip_prefix(&cwd) {
        Ok(inside) if !dice.one_in(4) => inside.as_os_str().as_bytes().to_vec(),
        _ if dice.one_in(2) => path.as_os_str().as_bytes().to_vec(),
        _ => [b"../../", path.strip_prefix(root).expect("below root").as_os_str().as_bytes()].concat(),
    };
    match dice.below(14) {
        0 | 1 => word.push(b'/'),
        2 => word.extend(b"//"),
        3 => word.extend(b"/."),
        4 => word.extend(b"/.."),
        5 | 6 => word.extend([b"/", *dice.pick(NAMES)].concat()),
        7 => word.extend([b"/../", *dice.pick(NAMES)].concat()),
        8 => word.splice(..0, *b"./").for_each(drop),
        9 => word = dice.pick(NAMES).to_vec(),
        10 if dice.one_in(3) => word.clear(),
        _ => {}
    }
    word
}

/// Every step of an operand stays inside the scratch tree, as the system itself resolves it.
fn is_inside(root: &Path, word: &[u8]) -> bool {
    let path = root.join("home/proj").join(OsStr::from_bytes(word));
    let below = |p: &Path| p.starts_with(root) && p != root;
    let parent = path.parent().map_or_else(|| path.clone(), Path::to_owned);
    let fine = |p: &Path, edge: bool| fs::canonicalize(p).map_or(true, |c| below(&c) || (edge && c == root));
    word.is_empty() || (fine(&parent, true) && fine(&path, false))
}

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

fn everything(directory: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            everything(&entry.path(), found);
        }
        found.insert(entry.path());
    }
}

fn snapshot(root: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    everything(root, &mut found);
    found
}

/// A command in the tree, with words for its standard input.
fn run(root: &Path, program: &Path, args: &[OsString], answers: &str, posix: bool) -> Vec<u8> {
    let mut command = Command::new(program);
    command.args(args).current_dir(root.join("home/proj")).env_clear();
    command.env("HOME", root.join("home")).env("LC_ALL", "C").env("PATH", "/usr/bin:/bin");
    if posix {
        command.env("POSIXLY_CORRECT", "1");
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("starts");
    // A program that does not read its input may be gone by now.
    let _ = child.stdin.take().expect("pipe").write_all(answers.as_bytes());
    child.wait_with_output().expect("ends").stdout
}

/// The paths guard says would be touched, as it shows them; `None` where it says that it does not know.
fn told(root: &Path, tool: &str, args: &[OsString], posix: bool) -> Option<BTreeSet<String>> {
    let words: Vec<OsString> =
        ["check", "--json", "--", tool].iter().map(OsString::from).chain(args.to_vec()).collect();
    let json = run(root, support::guard(), &words, "", posix);
    let json: serde_json::Value = serde_json::from_slice(&json).expect("guard check prints JSON");
    let first = &json["commands"][0];
    let Some(paths) = first["target"]["paths"]["value"].as_array().cloned() else {
        assert!(
            json["dangerous"] == true || first["does"] == "nothing",
            "unknown is not harmless: {args:?} {json}"
        );
        return None;
    };
    let dangerous = json["dangerous"].as_bool().expect("a verdict");
    assert_eq!(dangerous, !paths.is_empty(), "touching something, and only that, is dangerous: {args:?}");
    Some(paths.iter().map(|p| p.as_str().expect("text").to_owned()).collect())
}

fn shown(path: &Path) -> String {
    path.to_str().map_or_else(|| guard::text::show(path.as_os_str().as_bytes()), str::to_owned)
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
        let told = told(&root, tool, &args, posix);
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

fn describe(path: &Path) -> String {
    match fs::read_link(path) {
        Ok(target) => format!("{} -> {}", shown(path), shown(&target)),
        Err(_) => shown(path),
    }
}
