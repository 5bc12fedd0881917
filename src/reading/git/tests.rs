//! How git command lines are read: the traps of its options, aliases, settings and repositories.
//! Must never need git itself; that is tests/differential_git.rs.

use super::*;
use crate::invocation::{Environment, Stdin};
use std::path::{Path, PathBuf};

/// A repository with the branches main and dev, a tag, and these settings.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, settings: &str) -> Scratch {
        let root = std::env::temp_dir().join(format!("guard-git-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        let scratch = Scratch(root);
        for directory in ["home", "work/.git/objects", "work/.git/refs/heads", "work/sub"] {
            std::fs::create_dir_all(scratch.0.join(directory)).expect("scratch");
        }
        let object = "0123456789012345678901234567890123456789";
        scratch.write("work/.git/HEAD", "ref: refs/heads/main\n");
        scratch.write("work/.git/refs/heads/main", object);
        scratch.write(
            "work/.git/packed-refs",
            &format!("# pack-refs\n{object} refs/heads/dev\n{object} refs/tags/v1\n"),
        );
        scratch.write("work/.git/config", settings);
        scratch.write("work/tracked", "x");
        scratch
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).expect("scratch");
    }

    fn read(&self, words: &[&str]) -> Reading {
        self.read_in("work", &[], words)
    }

    fn read_in(&self, directory: &str, variables: &[(&str, &str)], words: &[&str]) -> Reading {
        let home = self.0.join("home");
        let mut pairs = vec![("HOME", home.to_str().expect("text")), ("GIT_CONFIG_NOSYSTEM", "1")];
        pairs.extend_from_slice(variables);
        let argv = std::iter::once("git").chain(words.iter().copied()).map(Into::into).collect();
        let invocation = Invocation::here(argv, Stdin::Terminal).expect("cwd");
        read(&invocation.with_cwd(self.0.join(directory)).with_environment(Environment::from_pairs(pairs)))
    }

    fn command(&self, line: &str) -> Command {
        let words: Vec<&str> = line.split(' ').collect();
        self.read(&words).commands.remove(0)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn started(reading: &Reading) -> Vec<Vec<String>> {
    let words = |s: &Start| s.invocation.argv().iter().map(|w| w.to_string_lossy().into_owned()).collect();
    reading.starts.iter().map(words).collect()
}

#[test]
fn aliases_lead_to_the_command_they_stand_for() {
    let scratch = Scratch::new(
        "alias",
        "[alias]\n\tpf = push \\\"-f\\\" --quiet\n\tPP = pf origin\n\tpush = status\n\tloop = loop\n\tcd = -C .. push\n",
    );
    for line in ["pf main", "pp main", "-c alias.y=pf y"] {
        let command = scratch.command(line);
        assert_eq!(command.verb, "push", "{line}");
        assert!(command.option("--force").is_some(), "{line}");
    }
    assert_eq!(scratch.command("push").verb, "push", "git's own commands stay what they are");
    for line in ["loop", "cd", "-c alias.z='x z", "-c alias.y"] {
        assert!(matches!(scratch.command(line).does, Does::Nothing(_)), "{line}");
    }
    let counted =
        [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "alias.w"), ("GIT_CONFIG_VALUE_0", "push -d")];
    let reading = scratch.read_in("work", &counted, &["w", "origin", "main"]);
    assert!(reading.commands[0].option("--delete").is_some());
}

#[test]
fn an_alias_with_a_bang_is_a_shell_at_the_top_of_the_files() {
    let scratch = Scratch::new("bang", "[alias]\n\tn = !rm -rf x\n\tp = !whoami\n");
    let reading = scratch.read_in("work/sub", &[], &["-c", "user.name=it's", "n", "a b"]);
    assert_eq!(started(&reading), [["sh", "-c", "rm -rf x \"$@\"", "rm -rf x", "a b"]]);
    assert_eq!(reading.starts[0].invocation.cwd(), scratch.0.join("work"));
    assert_eq!(
        reading.starts[0].invocation.var(config::PARAMETERS).as_deref(),
        Some("'user.name'='it'\\''s'")
    );
    assert_eq!(started(&scratch.read(&["p", "x"])), [["whoami", "x"]]);
}

#[test]
fn settings_come_from_every_file_in_order() {
    let scratch = Scratch::new("files", "[a]\n\tb = repository\n[include]\n\tpath = ../../more\n");
    scratch.write("more", "[a]\n\tc = included\n");
    scratch.write(
        "home/.gitconfig",
        "[a]\n\tb = home\n\td = home\n[includeIf \"gitdir:**/work/\"]\n\tpath = here\n[includeIf \"onbranch:dev\"]\n\tpath = no\n[includeIf \"hasconfig:remote.*.url:ssh://*/**\"]\n\tpath = acme\n[remote \"o\"]\n\turl = ssh://acme/x\n",
    );
    scratch.write("home/here", "[a]\n\te = conditional\n");
    scratch.write("home/no", "[a]\n\te = no\n");
    scratch.write("home/acme", "[a]\n\tf = by remote\n");
    let found = |words: &[&str], key: &str| {
        let reading = scratch.read(words);
        Call::of(&reading.commands[0].invocation).settled().1.get(key).map(str::to_owned)
    };
    for (key, value) in [
        ("a.b", "repository"),
        ("a.c", "included"),
        ("a.d", "home"),
        ("a.e", "conditional"),
        ("a.f", "by remote"),
    ] {
        assert_eq!(found(&["status"], key).as_deref(), Some(value), "{key}");
    }
    assert_eq!(found(&["-c", "a.b=line", "status"], "a.b").as_deref(), Some("line"));
    let none = [("GIT_CONFIG_GLOBAL", "")];
    let reading = scratch.read_in("work", &none, &["status"]);
    assert_eq!(Call::of(&reading.commands[0].invocation).settled().1.get("a.d"), None);
}

#[test]
fn the_repository_is_where_git_finds_it() {
    let scratch = Scratch::new("where", "");
    scratch.write("link", "x");
    std::fs::create_dir_all(scratch.0.join("linked")).expect("scratch");
    scratch.write("linked/.git", "gitdir: ../work/.git\n");
    let name = |directory: &str, variables: &[(&str, &str)], words: &[&str]| {
        let reading = scratch.read_in(directory, variables, words);
        Call::of(&reading.commands[0].invocation).settled().0.as_ref().map(Repository::name)
    };
    assert_eq!(name("work/sub", &[], &["status"]).as_deref(), Some("work"));
    assert_eq!(name("linked", &[], &["status"]).as_deref(), Some("linked"));
    assert_eq!(name("home", &[], &["-C", "../work", "status"]).as_deref(), Some("work"));
    assert_eq!(name("work/.git", &[], &["status"]).as_deref(), Some("work"));
    let given = scratch.0.join("work/.git");
    assert_eq!(
        name("home", &[("GIT_DIR", given.to_str().expect("text"))], &["status"]).as_deref(),
        Some("home")
    );
    assert_eq!(name("home", &[], &["status"]), None);
    assert!(Path::new(&scratch.0).exists());
}

#[test]
fn a_word_after_checkout_is_a_branch_or_files() {
    let scratch = Scratch::new("checkout", "[remote \"o\"]\n\tfetch = x\n");
    std::fs::create_dir_all(scratch.0.join("work/.git/refs/remotes/o")).expect("scratch");
    scratch.write("work/.git/refs/remotes/o/far", "0123456789012345678901234567890123456789");
    let discards = |line: &str| scratch.command(line).traits.has("form", "discards");
    for line in
        ["checkout tracked", "checkout -- main", "checkout .", "checkout main tracked", "checkout -f dev"]
    {
        assert!(discards(line), "{line}");
    }
    for line in
        ["checkout dev", "checkout v1", "checkout far", "checkout HEAD~2", "checkout -", "checkout main --"]
    {
        assert!(!discards(line), "{line}");
    }
    assert!(!discards("checkout -p -- tracked") && !discards("checkout -b tracked"));
}

#[test]
fn cleaning_wants_force_unless_a_setting_frees_it() {
    let scratch = Scratch::new("clean", "");
    let removes = |line: &str| scratch.command(line).traits.has("form", "removes");
    assert!(removes("clean -fdx") && removes("clean --forc -d") && removes("-c clean.requireForce=no clean"));
    assert!(!removes("clean -fdn") && !removes("clean -i"));
    assert!(matches!(scratch.command("clean -d").does, Does::Nothing(_)));
}

#[test]
fn programs_on_the_line_are_read() {
    let scratch = Scratch::new("programs", "");
    assert_eq!(
        started(&scratch.read(&["rebase", "-x", "rm -rf x", "main"])),
        [["sh", "-c", "rm -rf x", "rm -rf x"]]
    );
    assert_eq!(started(&scratch.read(&["bisect", "run", "rm", "-rf", "x"])), [["rm", "-rf", "x"]]);
    assert_eq!(started(&scratch.read(&["-c", "core.pager=rm -rf x", "log"]))[0][2], "rm -rf x");
    assert!(started(&scratch.read(&["-c", "core.sshCommand=ssh -i k", "fetch"])).is_empty());
    let reading = scratch.read(&["submodule", "foreach", "--recursive", "git push -f"]);
    assert_eq!(reading.starts[0].invocation.place(), Some("each submodule"));
}

#[test]
fn help_and_mistakes_act_on_nothing() {
    let scratch = Scratch::new("help", "");
    for line in
        ["--version", "push --help", "push -f -h", "help push", "--exec-path", "push --forc", "-force push"]
    {
        assert!(matches!(scratch.command(line).does, Does::Nothing(_)), "{line}");
    }
    assert!(matches!(scratch.command("push --fresh-option").does, Does::Unsure(_)));
    assert_eq!(scratch.command("commit --fresh-option").does, Does::Acts);
}

#[test]
fn a_mistyped_command_is_the_one_git_would_run() {
    let scratch = Scratch::new("autocorrect", "[help]\n\tautocorrect = 10\n");
    let push = scratch.command("psuh -f origin main");
    assert_eq!((push.verb.as_str(), push.traits.has("form", "force")), ("push", true));
    assert_eq!(scratch.command("sttus").verb, "status");
    let off = Scratch::new("autocorrect-off", "[help]\n\tautocorrect = never\n");
    assert_eq!(off.command("psuh -f origin main").verb, "psuh");
    let unset = Scratch::new("autocorrect-unset", "");
    assert_eq!(unset.command("psuh -f origin main").verb, "psuh");
    let line = unset.read(&["-c", "help.autocorrect=immediate", "psuh", "-f", "origin"]);
    assert_eq!(line.commands[0].verb, "push");
}

#[test]
fn variables_that_name_programs_are_read() {
    let scratch = Scratch::new("variables", "");
    let with = |variable, value| {
        started(&scratch.read_in("work", &[(variable, value)], &["fetch"])).concat().join(" ")
    };
    for variable in ["GIT_SSH_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_EDITOR", "EDITOR", "GIT_PAGER", "PAGER"] {
        assert!(with(variable, "rm -rf x").starts_with("sh -c rm -rf x"), "{variable}");
    }
    assert_eq!(with("GIT_SSH_COMMAND", "ssh -i key"), "");
}

#[test]
fn fetch_and_mv_that_overwrite() {
    let scratch = Scratch::new("overwrites", "");
    scratch.write("work/other", "y");
    for line in
        ["fetch -f origin main:x", "fetch origin +main:x", "pull -f origin main:x", "mv -f tracked other"]
    {
        assert!(scratch.command(line).traits.has("form", "overwrites"), "{line}");
    }
    for line in [
        "fetch origin main:x",
        "fetch -f origin main",
        "fetch -f origin",
        "fetch --dry-run origin +main:x",
        "fetch origin +refs/heads/*:refs/remotes/origin/*",
        "mv -f tracked third",
        "mv tracked other",
    ] {
        assert!(!scratch.command(line).traits.has("form", "overwrites"), "{line}");
    }
}
