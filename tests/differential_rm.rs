//! guard's answer against rm's deeds: random trees, options and operands; what `guard check` says would go
//! must be exactly what the real rm then removes. The seed is fixed; GUARD_DIFFERENTIAL_CASES asks for more.

#[path = "support/dice.rs"]
mod dice;
mod support;
#[path = "support/tree.rs"]
mod tree;

use dice::Dice;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tree::{describe, is_inside, plant, run, shown, snapshot, spell, told};

const RM: &str = "/bin/rm";
const CASES: usize = 500;

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
        let told = told(&root, "rm", &args, answers, posix).expect("a list of paths");
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
