//! guard's answer against git's own: random settings, branches and words of `git push`; where guard says a push
//! goes and what it changes there must be what `git push --dry-run --porcelain` says. The seed is fixed;
//! GUARD_DIFFERENTIAL_CASES asks for more.

#[path = "support/dice.rs"]
mod dice;
mod support;

use dice::Dice;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const CASES: usize = 1000;
/// Repositories are made once and used for many cases.
const REPOSITORIES: usize = 6;

const BRANCHES: &[&str] = &["main", "dev", "feature/x", "release/1", "both", "only-here", "v1"];
const REMOTES: &[&str] = &["origin", "staging", "backup"];
const NAMES: &[&str] = &[
    "main",
    "dev",
    "feature/x",
    "release/1",
    "both",
    "only-here",
    "v1",
    "v2",
    "only-there",
    "nothing",
    "HEAD",
    "@",
    "refs/heads/main",
    "refs/tags/v2",
    "heads/main",
    "tags/v2",
    "refs/heads/only-there",
    "origin/main",
    "main~1",
    "refs/notes/x",
    "sym",
];
const TO: &[&str] = &[
    "main",
    "dev",
    "both",
    "v1",
    "v2",
    "new",
    "only-there",
    "refs/heads/new",
    "refs/tags/new",
    "refs/heads/main",
    "heads/main",
    "refs/x/y",
    "release/2",
    "there-tag",
    "twice",
];
const PATTERNS: &[&str] = &[
    "refs/heads/*:refs/heads/*",
    "+refs/heads/*:refs/heads/x/*",
    "refs/tags/*",
    ":",
    "+:",
    "refs/heads/*:refs/tags/*",
    "refs/heads/rel*:refs/heads/old*",
    "refs/heads/*",
    "+refs/heads/*:refs/heads/*",
];
const OPTIONS: &[&str] = &[
    "-f",
    "--force",
    "--no-force",
    "--force-with-lease",
    "--force-with-lease=main",
    "--force-w",
    "--no-force-w",
    "-d",
    "--delete",
    "--no-delete",
    "--tags",
    "--tag",
    "--no-tags",
    "--all",
    "--branches",
    "--al",
    "--mirror",
    "--no-mirror",
    "--prune",
    "-u",
    "-v",
    "-fv",
    "-uf",
    "--atomic",
    "-4",
    "--no-verify",
    "--thin",
    "--no-thin",
    "--force-if-includes",
    "--follow-tags",
    "--no-follow-tags",
    "--signed=no",
    "--recurse-submodules=no",
];
const WRONG: &[&str] = &["--forc", "-force", "--n", "--force=1", "--prun=x", "--no-all=1", "-h"];

fn git(at: &Path, home: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(at)
        .env_clear()
        .env("HOME", home)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("LC_ALL", "C").env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_TERMINAL_PROMPT", "0");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "x").env(format!("GIT_{who}_EMAIL"), "x@x");
    }
    command.stdin(Stdio::null());
    command
}

fn must(at: &Path, home: &Path, line: &str) {
    let output = git(at, home).args(line.split(' ')).output().expect("git runs");
    assert!(output.status.success(), "git {line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Bare remotes beside a work tree, each with other refs.
fn plant(root: &Path, dice: &mut Dice) -> PathBuf {
    let (home, work) = (root.join("home"), root.join("work"));
    fs::create_dir_all(&home).expect("scratch");
    fs::create_dir_all(&work).expect("scratch");
    fs::write(home.join(".gitconfig"), "[receive]\n\tadvertisePushOptions\n").expect("scratch");
    must(&work, &home, "init -q -b main");
    for step in ["commit -q --allow-empty -m one", "branch both", "tag v1", "branch old-main"] {
        must(&work, &home, step);
    }
    for remote in REMOTES {
        let bare = root.join(format!("{remote}.git"));
        must(root, &home, &format!("init -q --bare -b main {}", bare.display()));
        for name in ["refs/heads/main", "refs/heads/both", "refs/heads/only-there", "refs/tags/there-tag"] {
            if !dice.one_in(4) {
                must(&work, &home, &format!("push -q {} main:{name}", bare.display()));
            }
        }
        if dice.one_in(2) {
            must(
                &work,
                &home,
                &format!("push -q {} main:refs/heads/twice main:refs/tags/twice", bare.display()),
            );
        }
        if dice.one_in(3) {
            must(&bare, &home, "pack-refs --all");
        }
    }
    must(&work, &home, "commit -q --allow-empty -m two");
    for branch in BRANCHES {
        if *branch != "main" && *branch != "both" && !dice.one_in(4) {
            must(&work, &home, &format!("branch {branch}"));
        }
    }
    must(&work, &home, "tag v2");
    for remote in REMOTES {
        let fetch = format!("fetch -q ../{remote}.git +refs/heads/*:refs/remotes/{remote}/*");
        must(&work, &home, &fetch);
        if dice.one_in(2) {
            must(&work, &home, &format!("push -q -f ../{remote}.git main:both"));
        }
    }
    must(&work, &home, "symbolic-ref refs/heads/sym refs/heads/main");
    if dice.one_in(2) {
        must(&work, &home, "update-ref refs/notes/x main");
    }
    must(&work, &home, "commit -q --allow-empty -m three");
    if dice.one_in(3) {
        must(&work, &home, "pack-refs --all");
    }
    fs::create_dir_all(work.join("sub/dir")).expect("scratch");
    work
}

/// Settings for one case, as the text of the repository's configuration and of files it may include.
fn settings(dice: &mut Dice, root: &Path) -> String {
    let mut text = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n".to_owned();
    let mut remotes = 0;
    for remote in REMOTES {
        if dice.one_in(4) {
            continue;
        }
        remotes += 1;
        let address = address_of(dice, root, remote);
        text.push_str(&format!("[remote \"{remote}\"]\n\turl = {address}\n"));
        text.push_str(&format!("\tfetch = +refs/heads/*:refs/remotes/{remote}/*\n"));
        if dice.one_in(12) {
            let other = dice.word(REMOTES);
            text.push_str(&format!("\turl = {}\n", address_of(dice, root, other)));
        }
        if dice.one_in(6) {
            let other = dice.word(REMOTES);
            text.push_str(&format!("\tpushurl = {} # other\n", address_of(dice, root, other)));
        }
        if dice.one_in(6) {
            for _ in 0..=dice.below(2) {
                text.push_str(&format!("\tpush = {}\n", refspec(dice)));
            }
        }
        if dice.one_in(12) {
            text.push_str("\tMirror\n");
        }
    }
    for branch in BRANCHES {
        if dice.one_in(2) {
            continue;
        }
        text.push_str(&format!("[branch \"{branch}\"]\n"));
        if !dice.one_in(4) {
            text.push_str(&format!("\tremote = {}\n", dice.word(REMOTES)));
        }
        for _ in 0..[1, 1, 1, 0, 2][dice.below(5)] {
            let to = if dice.one_in(3) { dice.word(BRANCHES) } else { branch };
            text.push_str(&format!("\tmerge = refs/heads/{to}\n"));
        }
        if dice.one_in(4) {
            text.push_str(&format!("\tpushRemote = {}\n", dice.word(REMOTES)));
        }
    }
    if dice.one_in(5) {
        text.push_str(&format!("[remote]\n\tpushDefault = {}\n", dice.word(REMOTES)));
    }
    if dice.one_in(2) {
        let kind =
            dice.word(&["simple", "current", "upstream", "tracking", "matching", "nothing", "current"]);
        text.push_str(&format!("[push]\n\tdefault = {kind}\n"));
    }
    if dice.one_in(8) {
        text.push_str("[push] autoSetupRemote = yes\n");
    }
    if dice.one_in(4) {
        let kind = dice.word(&["insteadOf", "pushInsteadOf"]);
        let from = format!("{}/{}", root.display(), dice.word(&["", "origin", "staging.git"]));
        let to = format!("{}/{}", root.display(), dice.word(&["", "backup", "origin.git"]));
        text.push_str(&format!("[url \"{to}\"]\n\t{kind} = {from}\n\t{kind} = short:\n"));
    }
    assert!(remotes <= REMOTES.len());
    text
}

fn address_of(dice: &mut Dice, root: &Path, remote: &str) -> String {
    match dice.below(6) {
        0 => format!("../{remote}.git"),
        1 => format!("{}/{remote}", root.display()),
        2 => format!("file://{}/{remote}.git", root.display()),
        _ => format!("{}/{remote}.git", root.display()),
    }
}

fn refspec(dice: &mut Dice) -> String {
    let sign = if dice.one_in(4) { "+" } else { "" };
    match dice.below(8) {
        0 => dice.word(PATTERNS).to_owned(),
        1 => format!(":{}", dice.word(TO)),
        2 | 3 => format!("{sign}{}:{}", dice.word(NAMES), dice.word(TO)),
        4 => format!("{sign}refs/heads/{}:refs/heads/{}", dice.word(BRANCHES), dice.word(BRANCHES)),
        _ => format!("{sign}{}", dice.word(NAMES)),
    }
}

fn words(dice: &mut Dice, root: &Path) -> Vec<String> {
    let mut words = Vec::new();
    if !dice.one_in(4) {
        words.push(match dice.below(8) {
            0 => format!("{}/{}.git", root.display(), dice.word(REMOTES)),
            1 => format!("../{}.git", dice.word(REMOTES)),
            2 => dice.word(&["nowhere", "."]).to_owned(),
            _ => dice.word(REMOTES).to_owned(),
        });
        for _ in 0..[0, 0, 1, 1, 1, 2, 3][dice.below(7)] {
            if dice.one_in(10) {
                words.extend(["tag".to_owned(), dice.word(NAMES).to_owned()]);
            } else {
                words.push(refspec(dice));
            }
        }
    } else if dice.one_in(5) {
        words.push(format!("--repo={}", dice.word(REMOTES)));
    }
    for _ in 0..[0, 1, 1, 2, 3][dice.below(5)] {
        words.insert(dice.below(words.len() + 1), dice.word(OPTIONS).to_owned());
    }
    if dice.one_in(25) {
        words.insert(0, dice.word(WRONG).to_owned());
    }
    if dice.one_in(15) {
        words.insert(dice.below(words.len() + 1), "-o".to_owned());
        let at = words.iter().position(|w| w == "-o").expect("just put there");
        words.insert(at + 1, "-f".to_owned());
    }
    words
}

/// The words before `push`, and its directory: settings of the call, another way to the repository, an alias.
fn before(dice: &mut Dice, root: &Path, text: &mut String) -> (PathBuf, Vec<String>) {
    let work = root.join("work");
    let mut words = Vec::new();
    if dice.one_in(6) {
        words.extend([
            "-c".to_owned(),
            format!("push.default={}", dice.word(&["current", "matching", "upstream"])),
        ]);
    }
    if dice.one_in(10) {
        words.extend(["-c".to_owned(), format!("remote.origin.pushurl={}/staging.git", root.display())]);
    }
    if dice.one_in(12) {
        words.extend(["-c".to_owned(), format!("remote.pushDefault={}", dice.word(REMOTES))]);
    }
    let at = match dice.below(8) {
        0 => work.join("sub/dir"),
        1 => {
            words.splice(..0, ["-C".to_owned(), "work".to_owned()]);
            root.to_owned()
        }
        2 => {
            words.splice(..0, [format!("--git-dir={}/work/.git", root.display())]);
            work
        }
        _ => work,
    };
    if dice.one_in(6) {
        text.push_str("[alias]\n\tP = \"push '--no-verify'\"\n\tpp = P\n");
        words.push(dice.word(&["P", "pp"]).to_owned());
    } else {
        words.push("push".to_owned());
    }
    (at, words)
}

/// What git says: addresses and the refs there. `None` when it stops before it asks the remote for anything.
fn done(output: &Output) -> Option<(BTreeSet<String>, BTreeSet<String>)> {
    let text = String::from_utf8_lossy(&output.stdout);
    let (mut urls, mut refs) = (BTreeSet::new(), BTreeSet::new());
    for line in text.lines() {
        if let Some(url) = line.strip_prefix("To ") {
            urls.insert(url.to_owned());
        } else if let Some((_, rest)) = line.split_once('\t') {
            let pair = rest.split('\t').next().unwrap_or(rest);
            refs.insert(pair.rsplit_once(':').map_or(pair, |(_, to)| to).to_owned());
        }
    }
    (!urls.is_empty()).then_some((urls, refs))
}

/// What guard says: addresses and refs, none of either where nothing is contacted, and whether it is dangerous.
fn told(at: &Path, home: &Path, args: &[String]) -> (BTreeSet<String>, BTreeSet<String>, bool) {
    let mut command = Command::new(support::guard());
    command.args(["check", "--json", "--", "git"]).args(args).current_dir(at).env_clear();
    command
        .env("HOME", home)
        .env("PATH", "/usr/bin:/bin")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(Stdio::null());
    let output = command.output().expect("guard runs");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("guard check prints JSON");
    let target = &json["commands"][0]["target"];
    let list = |key: &str| match &target[key]["value"] {
        serde_json::Value::Array(all) => all.iter().filter_map(|v| v.as_str()).map(str::to_owned).collect(),
        serde_json::Value::String(one) => BTreeSet::from([one.clone()]),
        _ => BTreeSet::new(),
    };
    (list("url"), list("refs"), json["dangerous"].as_bool().expect("a verdict"))
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, after)) => name.starts_with(before) && name.ends_with(after),
        None => pattern == name,
    }
}

/// An address as guard shows it: relative ones from the top of the files.
fn absolute(url: &str, root: &Path) -> String {
    match (url, url.strip_prefix("../")) {
        (".", _) => format!("{}/work", root.display()),
        (_, Some(rest)) => format!("{}/{rest}", root.display()),
        (_, None) => url.to_owned(),
    }
}

/// In words, what differs.
fn difference(
    output: &Output,
    told: &(BTreeSet<String>, BTreeSet<String>, bool),
    root: &Path,
) -> Option<String> {
    let (urls, refs, dangerous) = told;
    let Some((git_urls, git_refs)) = done(output) else {
        // Patterns that fit nothing here: git is done without having sent anything.
        let empty = output.status.success() && refs.iter().all(|name| name.contains('*'));
        return (!urls.is_empty() && !empty).then(|| "git contacts nothing".to_owned());
    };
    let git_urls: BTreeSet<String> = git_urls.iter().map(|u| absolute(u, root)).collect();
    if git_urls != *urls {
        return Some(format!("git goes to {git_urls:?}"));
    }
    if let Some(name) = git_refs.iter().find(|name| !refs.iter().any(|p| fits(p, name))) {
        return Some(format!("git also changes {name}"));
    }
    if let Some(name) = refs.iter().find(|name| !name.contains('*') && !git_refs.contains(*name)) {
        return Some(format!("git leaves {name} alone"));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let loses = text.lines().any(|l| l.starts_with("+\t") || l.starts_with("-\t"));
    // A lease that is out of date is no danger; force is one whatever it finds.
    let lines: Vec<&str> = text.lines().filter(|l| l.contains('\t')).collect();
    let stale = !lines.is_empty() && lines.iter().all(|l| l.starts_with('!') && l.contains("(stale info)"));
    if stale && *dangerous && !refs.iter().any(|r| r.contains('*')) {
        return Some("git finds every lease out of date".to_owned());
    }
    (loses && !dangerous).then(|| "git loses something".to_owned())
}

#[test]
fn guard_says_what_git_push_does() {
    let Ok(version) = Command::new("git").arg("--version").output() else {
        assert!(std::env::var_os("CI").is_none(), "git is missing");
        eprintln!("SKIPPED: there is no git");
        return;
    };
    let cases = dice::cases(CASES);
    println!("{cases} cases against {}", String::from_utf8_lossy(&version.stdout).trim());
    let scratch = std::env::temp_dir().join(format!("guard-differential-git-{}", std::process::id()));
    let _ = fs::remove_dir_all(&scratch);
    fs::create_dir_all(&scratch).expect("scratch");
    let scratch = fs::canonicalize(&scratch).expect("scratch");
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let roots: Vec<PathBuf> = (0..REPOSITORIES).map(|n| scratch.join(n.to_string())).collect();
    roots.iter().for_each(|root| {
        plant(root, &mut dice);
    });
    let (mut pushing, mut wrong) = (0, Vec::new());
    for case in 0..cases {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (case as u64 + 1).wrapping_mul(0xD134_2543_DE82_EF95));
        let root = &roots[dice.below(roots.len())];
        let (work, home) = (root.join("work"), root.join("home"));
        let head = dice.word(&["main", "main", "dev", "both", "only-here", "sym", ""]);
        let tip = fs::read_to_string(work.join(".git/refs/heads/main")).unwrap_or_default();
        let head = if head.is_empty() && !tip.is_empty() { tip } else { format!("ref: refs/heads/{head}\n") };
        fs::write(work.join(".git/HEAD"), head).expect("HEAD");
        let mut text = settings(&mut dice, root);
        let (at, mut args) = before(&mut dice, root, &mut text);
        fs::write(work.join(".git/config"), &text).expect("settings");
        let rest = words(&mut dice, root);
        let mut dry = args.clone();
        dry.extend(["-n".to_owned(), "--porcelain".to_owned()]);
        dry.extend(rest.clone());
        args.extend(rest);
        let told = told(&at, &home, &args);
        let output = git(&at, &home).args(&dry).output().expect("git runs");
        // A dry run that carries push options may hang up too early on its own other half.
        if output.status.signal() == Some(13) || output.status.code() == Some(128 + 13) {
            continue;
        }
        pushing += usize::from(done(&output).is_some());
        if let Some(why) = difference(&output, &told, root) {
            let line = guard::text::quote_line(&args);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let out = String::from_utf8_lossy(&output.stdout).into_owned();
            let place = at.display();
            wrong.push(format!(
                "case {case} in {place}: git {line}: {why}\n  guard: {told:?}\n  git ({}): {out}{said}\n{text}",
                output.status
            ));
        }
    }
    if wrong.is_empty() || std::env::var_os("GUARD_KEEP").is_none() {
        let _ = fs::remove_dir_all(&scratch);
    }
    println!("{pushing} of them push something");
    assert!(
        wrong.is_empty(),
        "{} of {cases} differ, the first ones:\n{}",
        wrong.len(),
        wrong.iter().take(4).cloned().collect::<Vec<_>>().join("\n")
    );
    assert!(pushing > cases / 4, "too few commands push anything");
}
