//! guard's answer against rm's deeds: random trees, options and operands; what `guard check` says would go
//! must be exactly what the real rm then removes. The seed is fixed; GUARD_DIFFERENTIAL_CASES asks for more.

#[path = "support/dice.rs"]
mod dice;
mod support;

use dice::Dice;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const RM: &str = "/bin/rm";
const CASES: usize = 500;

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
            0..=3 => fs::write(&path, "x"),
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

const OPTIONS: &[&str] = &[
    "-r",
    "-rf",
    "-f",
    "-R",
    "-d",
    "-rd",
    "-v",
    "-i",
    "-I",
    "-ri",
    "-rfi",
    "-rif",
    "-fv",
    "--recursive",
    "--recurs",
    "--r",
    "--force",
    "--dir",
    "--one-file-system",
    "--one",
    "--preserve-root",
    "--preserve-root=all",
    "--p",
    "--no-preserve-root",
    "--interactive",
    "--interactive=never",
    "--interactive=no",
    "--interactive=once",
    "--interactive=o",
    "--verbose",
    "---presume-input-tty",
];
const WRONG: &[&str] = &[
    "-x",
    "--help",
    "--version",
    "--vers",
    "--v",
    "--no-preserve",
    "--nope",
    "--interactive=x",
    "--interactive=",
    "--force=1",
    "--preserve-root=x",
    "-rfz",
    "--h",
];

fn words(dice: &mut Dice, root: &Path, all: &[PathBuf]) -> Vec<OsString> {
    let mut words: Vec<Vec<u8>> = Vec::new();
    for _ in 0..dice.below(3) + usize::from(!dice.one_in(6)) {
        words.push(dice.pick(OPTIONS).as_bytes().to_vec());
    }
    if dice.one_in(12) {
        words.push(dice.pick(WRONG).as_bytes().to_vec());
    }
    if !dice.one_in(3) {
        words.push(if dice.one_in(3) { b"-r".to_vec() } else { b"-rf".to_vec() });
    }
    for _ in 0..[1, 1, 1, 2, 3, 5][dice.below(6)] {
        let word = spell(dice, root, all);
        if is_inside(root, &word) {
            words.insert(dice.below(words.len() + 1), word);
        }
    }
    if dice.one_in(5) {
        words.insert(dice.below(words.len() + 1), b"--".to_vec());
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

/// The paths guard says would go, as it shows them.
fn told(root: &Path, args: &[OsString], answers: &str, posix: bool) -> BTreeSet<String> {
    let words: Vec<OsString> =
        ["check", "--json", "--", "rm"].iter().map(OsString::from).chain(args.to_vec()).collect();
    let json = run(root, support::guard(), &words, answers, posix);
    let json: serde_json::Value = serde_json::from_slice(&json).expect("guard check prints JSON");
    let paths = json["commands"][0]["target"]["paths"]["value"].as_array().expect("a list of paths").clone();
    let dangerous = json["dangerous"].as_bool().expect("a verdict");
    assert_eq!(dangerous, !paths.is_empty(), "removing something, and only that, is dangerous: {args:?}");
    paths.iter().map(|p| p.as_str().expect("text").to_owned()).collect()
}

fn shown(path: &Path) -> String {
    path.to_str().map_or_else(|| guard::text::show(path.as_os_str().as_bytes()), str::to_owned)
}

#[test]
fn guard_says_what_rm_does() {
    if !Path::new(RM).exists() {
        assert!(std::env::var_os("CI").is_none(), "{RM} is missing");
        eprintln!("SKIPPED: there is no {RM}");
        return;
    }
    let version = Command::new(RM).arg("--version").output().expect("rm runs").stdout;
    let version = String::from_utf8_lossy(&version).lines().next().unwrap_or_default().to_owned();
    let cases = dice::cases(CASES);
    println!("{cases} cases against {version}");
    let root = std::env::temp_dir().join(format!("guard-differential-{}", std::process::id()));
    let answers = ["".to_owned(), "n\n".to_owned(), "y\n".repeat(200)];
    let (mut removing, mut wrong) = (0, Vec::new());
    for case in 0..cases {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (case as u64 + 1).wrapping_mul(0xD134_2543_DE82_EF95));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).expect("scratch");
        let root = fs::canonicalize(&root).expect("scratch");
        let all = plant(&mut dice, &root);
        let args = words(&mut dice, &root, &all);
        let answers = dice.pick(&answers).as_str();
        let posix = dice.one_in(8);
        let before = snapshot(&root);
        let told = told(&root, &args, answers, posix);
        assert_eq!(before, snapshot(&root), "guard check changes nothing");
        run(&root, Path::new(RM), &args, answers, posix);
        let after = snapshot(&root);
        let gone: BTreeSet<&PathBuf> = before.difference(&after).collect();
        let outermost = gone.iter().filter(|p| !p.parent().is_some_and(|up| gone.contains(&up.to_owned())));
        let done: BTreeSet<String> = outermost.map(|p| shown(p)).collect();
        removing += usize::from(!done.is_empty());
        if told != done {
            let line = guard::text::quote_line(&args);
            let tree: Vec<String> = before.iter().map(|p| describe(p)).collect();
            wrong.push(format!(
                "case {case}: rm {line} (answers {:?}, POSIXLY_CORRECT {posix})\n  guard: {told:?}\n  rm:    {done:?}\n  tree:  {tree:#?}",
                answers.get(..2)
            ));
        }
    }
    let _ = fs::remove_dir_all(&root);
    println!("{removing} of them removed something");
    assert!(
        wrong.is_empty(),
        "{} of {cases} differ, the first ones:\n{}",
        wrong.len(),
        wrong.iter().take(5).cloned().collect::<Vec<_>>().join("\n")
    );
    assert!(removing > cases / 4, "too few commands removed anything");
}

fn describe(path: &Path) -> String {
    match fs::read_link(path) {
        Ok(target) => format!("{} -> {}", shown(path), shown(&target)),
        Err(_) => shown(path),
    }
}
