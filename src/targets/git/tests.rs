//! What a push changes, and what git refuses, without asking a remote.
//! Must never need git itself; that is tests/differential_git.rs.

use super::*;
use crate::invocation::{Environment, Invocation, Stdin};
use std::path::PathBuf;

/// A repository on main, with a remote that is not on this machine.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, settings: &str) -> Scratch {
        let root = std::env::temp_dir().join(format!("guard-push-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        for directory in ["objects", "refs/heads", "refs/tags", "refs/remotes/origin"] {
            std::fs::create_dir_all(root.join("api/.git").join(directory)).expect("scratch");
        }
        let write =
            |name: &str, text: &str| std::fs::write(root.join("api/.git").join(name), text).expect("scratch");
        write("HEAD", "ref: refs/heads/main\n");
        for name in ["refs/heads/main", "refs/heads/dev", "refs/tags/v1", "refs/remotes/origin/old"] {
            write(name, "0123456789012345678901234567890123456789\n");
        }
        write("config", &format!("[remote \"origin\"]\n\turl = git@example.com:acme/prod.git\n{settings}"));
        Scratch(root)
    }

    fn resolve(&self, line: &str) -> Resolution {
        let argv = std::iter::once("git").chain(line.split(' ')).map(Into::into).collect();
        let invocation = Invocation::here(argv, Stdin::Terminal)
            .expect("cwd")
            .with_cwd(self.0.join("api"))
            .with_environment(Environment::from_pairs([("GIT_CONFIG_NOSYSTEM", "1"), ("HOME", "/nowhere")]));
        resolve(&crate::reading::git::read(&invocation).commands[0])
    }

    fn changes(&self, line: &str) -> Vec<String> {
        match self.resolve(line) {
            Resolution::Hits(targets) => targets.traits.values("target.push").map(str::to_owned).collect(),
            Resolution::Nothing(why) => vec![why],
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn force_is_told_by_words_and_by_settings() {
    let scratch = Scratch::new("force", "");
    for (line, change) in [
        ("push -f origin main", "force-protected"),
        ("push origin +dev", "force-branch"),
        ("push --force-w origin main", "lease-protected"),
        ("push --force-with-lease=dev origin main", "plain-protected"),
        ("push -f --no-force origin main", "plain-protected"),
        ("push origin :old", "delete-branch"),
        ("push -d origin v1", "delete-tag"),
        ("push --mirror origin", "mirror-all"),
        ("push --mirror --no-mirror origin dev", "plain-branch"),
        ("push --prune origin refs/heads/*", "prune-protected"),
        ("push -f origin v1", "force-tag"),
        ("push --all -f origin", "force-protected"),
        ("-c remote.origin.push=+dev push origin", "force-branch"),
        ("-c remote.origin.mirror=true push", "mirror-all"),
        ("-c push.default=matching push -f", "force-protected"),
    ] {
        assert_eq!(scratch.changes(line), [change], "{line}");
    }
    assert!(scratch.changes("push -f -n origin main").is_empty());
}

#[test]
fn what_git_refuses_hits_nothing() {
    let scratch = Scratch::new("refuses", "");
    for line in [
        "push",
        "push -f origin nothing",
        "push --all origin main",
        "push --mirror --tags",
        "push -d origin",
        "push origin a..b",
        "-c push.default=nothing push -f",
        "-c remote.pushDefault=gone -c remote.gone.url=/nowhere/at/all push -f origin2 main",
    ] {
        assert!(matches!(scratch.resolve(line), Resolution::Nothing(_)), "{line}");
    }
}

#[test]
fn the_place_is_named_by_its_address_after_rewriting() {
    let scratch = Scratch::new("url", "[url \"ssh://git@mirror/\"]\n\tpushInsteadOf = git@example.com:\n");
    let Resolution::Hits(targets) = scratch.resolve("push -f origin dev:main") else { panic!("it pushes") };
    assert_eq!(targets.text("url"), Some("ssh://git@mirror/acme/prod.git"));
    assert_eq!((targets.text("remote"), targets.text("branch")), (Some("prod"), Some("main")));
    assert_eq!(targets.typed, "prod/main");
    let Resolution::Hits(targets) =
        scratch.resolve("-c remote.origin.pushurl=https://me:s@h/x push origin dev")
    else {
        panic!("it pushes")
    };
    assert_eq!(targets.text("url"), Some("https://h/x"));
}

#[test]
fn local_commands_name_their_repository_and_refs() {
    let scratch = Scratch::new("local", "");
    let Resolution::Hits(targets) = scratch.resolve("branch -D dev feature/x") else { panic!("it acts") };
    assert_eq!((targets.text("repo"), targets.text("branch")), (Some("api"), Some("main")));
    assert_eq!(targets.objects, ["refs/heads/dev", "refs/heads/feature/x"]);
    let Resolution::Hits(targets) = scratch.resolve("reset --hard HEAD~1") else { panic!("it acts") };
    assert_eq!(targets.objects, ["refs/heads/main"]);
    assert!(matches!(scratch.resolve("-C / reset --hard"), Resolution::Nothing(_)));
}
