//! Whole command lines, as `guard check --shell` judges them: those of tests/lines/harmless.txt pass without a word,
//! those of dangerous.txt never count as harmless (whether they are asked about is policy).

mod support;

use std::process::Command;
use support::Scene;

/// A home as engineers have it: the current context is production, and a few files to act on.
fn scene() -> Scene {
    let scene = Scene::new("lines");
    scene.write(
        "home/.kube/config",
        "apiVersion: v1\nkind: Config\ncurrent-context: prod-eu\nclusters:\n- name: c\n  cluster: {server: 'https://prod.example:6443'}\n\
         contexts:\n- name: prod-eu\n  context: {cluster: c, user: u, namespace: payments}\n- name: prod\n  context: {cluster: c, user: u}\n\
         users:\n- name: u\n  user: {token: t}\n",
    );
    for (name, text) in [
        ("work/notes.txt", "one\ntwo\n"),
        ("work/m.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"),
        ("work/build.sh", "#!/bin/sh\necho built\n"),
        ("work/a.tmp", "x"),
        ("work/site.yml", "- hosts: all\n  tasks: []\n"),
    ] {
        scene.write(name, text);
    }
    let repository = "git init -q -b main && git remote add origin git@example.com:acme/shop.git && git add -A && \
                      git -c user.name=a -c user.email=a@b commit -qm one && git branch topic && git branch -q -f v1";
    let made = scene.command("/bin/sh", &["-c", repository]).status().expect("git");
    assert!(made.success());
    scene
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The answer for a line; a scene of its own for none of them: nothing is run, nothing changes.
fn check(scene: &Scene, line: &str) -> serde_json::Value {
    let output = Command::new(scene.path("lib/guard"))
        .args(["check", "--json", "--shell", line])
        .current_dir(scene.path("work"))
        .env_clear()
        .env("HOME", scene.path("home"))
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("guard runs");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{line}: {output:?}"))
}

fn wrong(text: &'static str, dangerous: bool) -> Vec<String> {
    let scene = scene();
    lines(text)
        .filter_map(|line| {
            let answer = check(&scene, line);
            let right = if dangerous { answer["dangerous"] == true } else { answer["decision"] == "pass" };
            (!right).then(|| {
                let rules: Vec<_> =
                    answer["commands"].as_array().into_iter().flatten().map(|c| &c["rules"]).collect();
                format!("{line}\n    {} {rules:?} {}", answer["decision"], answer["unsure"])
            })
        })
        .collect()
}

#[test]
fn ordinary_lines_pass_without_a_word() {
    let wrong = wrong(include_str!("lines/harmless.txt"), false);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_spelling_makes_a_dangerous_line_harmless() {
    let wrong = wrong(include_str!("lines/dangerous.txt"), true);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
