//! Random trees of files with awkward names, ways to spell paths in them, and what guard says of a command there. For the
//! tests that compare guard with the real programs.

use super::dice::Dice;
use super::support::guard;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
pub fn plant(dice: &mut Dice, root: &Path) -> Vec<PathBuf> {
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
pub fn spell(dice: &mut Dice, root: &Path, all: &[PathBuf]) -> Vec<u8> {
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
pub fn is_inside(root: &Path, word: &[u8]) -> bool {
    let path = root.join("home/proj").join(OsStr::from_bytes(word));
    let below = |p: &Path| p.starts_with(root) && p != root;
    let parent = path.parent().map_or_else(|| path.clone(), Path::to_owned);
    let fine = |p: &Path, edge: bool| fs::canonicalize(p).map_or(true, |c| below(&c) || (edge && c == root));
    word.is_empty() || (fine(&parent, true) && fine(&path, false))
}

fn everything(directory: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            everything(&entry.path(), found);
        }
        found.insert(entry.path());
    }
}

pub fn snapshot(root: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    everything(root, &mut found);
    found
}

/// A command in the tree, with words for its standard input.
pub fn run(root: &Path, program: &Path, args: &[OsString], answers: &str, posix: bool) -> Vec<u8> {
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
pub fn told(
    root: &Path,
    tool: &str,
    args: &[OsString],
    answers: &str,
    posix: bool,
) -> Option<BTreeSet<String>> {
    let words: Vec<OsString> =
        ["check", "--json", "--", tool].iter().map(OsString::from).chain(args.to_vec()).collect();
    let json = run(root, guard(), &words, answers, posix);
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

pub fn shown(path: &Path) -> String {
    path.to_str().map_or_else(|| guard::text::show(path.as_os_str().as_bytes()), str::to_owned)
}

pub fn describe(path: &Path) -> String {
    match fs::read_link(path) {
        Ok(target) => format!("{} -> {}", shown(path), shown(&target)),
        Err(_) => shown(path),
    }
}
