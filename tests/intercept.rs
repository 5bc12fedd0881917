//! Getting in between: start-up text in real shells, the shim directory, and a doctor who tells the truth.

mod support;

use std::fs;
use support::{Scene, have, text};

fn scene(name: &str) -> Scene {
    let scene = Scene::new(name);
    scene.stub("kubectl", "#!/bin/sh\necho \"ran: $*\"\n");
    scene.kubeconfig("prod-eu");
    scene.shims(&["kubectl"]);
    scene
}

/// A shell without our PATH: what it finds comes from the start-up text alone.
fn shell(scene: &Scene, shell: &str, line: &str) -> (String, String) {
    let mut command = scene.command("setsid", &["-w", shell, "-c", line]);
    text(&command.env("PATH", scene.search_path(false)).output().expect("the shell runs"))
}

#[test]
fn start_up_text_puts_the_shims_first_in_every_shell() {
    let scene = scene("startup");
    let (guard, shims) =
        (scene.path("lib/guard").display().to_string(), scene.path("shims").display().to_string());
    for name in ["bash", "zsh", "fish"] {
        if !have(name) {
            continue;
        }
        let init = format!("{guard} init {name} --dir {shims}");
        let activate =
            if name == "fish" { format!("{init} | source") } else { format!("eval \"$({init})\"") };
        let (out, err) =
            shell(&scene, name, &format!("{activate}; {activate}; command -v kubectl; kubectl get ns"));
        assert_eq!(out, format!("{shims}/kubectl\nran: get ns\n"), "{name}: {err}");
        // Another tool that put itself in front is moved behind again.
        let front = if name == "fish" { "set -x PATH /tmp $PATH" } else { "PATH=/tmp:$PATH" };
        let (out, _) = shell(&scene, name, &format!("{activate}; {front}; {activate}; command -v kubectl"));
        assert_eq!(out, format!("{shims}/kubectl\n"), "{name}");
        let (out, err) = shell(&scene, name, &format!("{activate}; kubectl delete ns payments"));
        assert!(out.is_empty() && err.contains("refused"), "{name}: {out}{err}");
    }
}

#[test]
fn a_shim_directory_with_odd_characters_works() {
    let scene = scene("odd");
    let odd = scene.path("it's a $dir");
    let odd = odd.to_str().expect("utf-8");
    assert!(scene.guard(&["shim", "add", "kubectl", "--dir", odd]).status.success());
    for name in ["bash", "zsh", "fish"] {
        if have(name) {
            let init = String::from_utf8(scene.guard(&["init", name, "--dir", odd]).stdout).expect("utf-8");
            let (out, err) = shell(&scene, name, &format!("{init}\nkubectl get ns"));
            assert_eq!(out, "ran: get ns\n", "{name}: {err}");
            let (_, err) = shell(&scene, name, &format!("{init}\nkubectl delete ns payments"));
            assert!(err.contains("refused"), "{name}: {err}");
        }
    }
}

#[test]
fn aliases_cover_what_is_typed() {
    let scene = scene("alias");
    let guard = scene.path("lib/guard").display().to_string();
    for (name, allow) in [("bash", "shopt -s expand_aliases"), ("zsh", "setopt aliases"), ("fish", "true")] {
        if !have(name) {
            continue;
        }
        let init = format!("{guard} init {name} --mode alias");
        let activate =
            if name == "fish" { format!("{init} | source") } else { format!("eval \"$({init})\"") };
        // The second line is read after the aliases exist.
        let (out, err) = shell(&scene, name, &format!("{allow}\n{activate}\neval 'kubectl get ns'"));
        assert_eq!(out, "ran: get ns\n", "{name}: {err}");
        let (out, err) =
            shell(&scene, name, &format!("{allow}\n{activate}\neval 'kubectl delete ns payments'"));
        assert!(out.is_empty() && err.contains("refused"), "{name}: {out}{err}");
    }
}

#[test]
fn shims_are_added_listed_and_removed_without_a_trace() {
    let scene = scene("shims");
    let directory = scene.path("other");
    let dir = directory.to_str().expect("utf-8");
    let said = |args: &[&str]| text(&scene.guard(&[args, &["--dir", dir]].concat()));
    assert_eq!(said(&["shim", "add", "kubectl", "rm"]).0, "kubectl: added\nrm: added\n");
    assert_eq!(said(&["shim", "add", "kubectl"]).0, "kubectl: already there\n");
    assert!(
        said(&["shim", "list"]).0.contains(&format!("kubectl\t{}", scene.path("stub/kubectl").display()))
    );
    fs::write(directory.join("psql"), "somebody's own").expect("write");
    let occupied = scene.guard(&["shim", "add", "psql", "--dir", dir]);
    assert_eq!(occupied.status.code(), Some(78), "{occupied:?}");
    assert_eq!(fs::read_to_string(directory.join("psql")).expect("kept"), "somebody's own");
    for name in ["", "a/b", "guard", ".x", "-x"] {
        assert_eq!(
            scene.guard(&["shim", "add", "--dir", dir, "--", name]).status.code(),
            Some(64),
            "{name:?}"
        );
    }
    assert_eq!(said(&["shim", "remove", "--all"]).0, "kubectl: removed\nrm: removed\n");
    fs::remove_file(directory.join("psql")).expect("remove");
    assert!(said(&["shim", "remove", "--all"]).0.is_empty());
    assert!(!directory.exists());
}

#[test]
fn the_doctor_tells_the_truth() {
    let scene = scene("doctor");
    let shims = scene.path("shims").display().to_string();
    let doctor = |path: &str| {
        let mut command = scene.command(scene.path("lib/guard"), &["doctor", "--dir", &shims]);
        command.env("PATH", path).output().expect("runs")
    };
    let usual = scene.search_path(true);
    let good = doctor(&usual);
    assert_eq!(good.status.code(), Some(0), "{good:?}");
    let covered = |output: &std::process::Output| {
        let said = text(output).0.split_whitespace().collect::<Vec<_>>().join(" ");
        said.split_once(" covered (").is_some_and(|(_, list)| list.contains("kubectl"))
    };
    assert!(text(&good).0.contains("is first on PATH") && covered(&good), "{good:?}");
    assert!(text(&good).0.contains("absolute path"), "it says what is not stopped");
    let away = doctor(&scene.search_path(false));
    assert!(text(&away).0.contains("not on PATH") && !covered(&away), "{away:?}");
    let shadowed = doctor(&format!("{}:{usual}", scene.path("stub").display()));
    assert!(text(&shadowed).0.contains("kubectl: shadowed"), "{shadowed:?}");
    scene.write(
        "home/.config/guard/policy.toml",
        "[[policy]]\nname = \"production\"\nwhen = {}\nrequire = [\"notice\"]\n",
    );
    let loosened = doctor(&usual);
    assert!(text(&loosened).0.contains("replace the shipped policy \"production\""), "{loosened:?}");
    scene.write("home/.config/guard/policy.toml", "nonsense\n");
    let broken = doctor(&usual);
    assert_eq!(broken.status.code(), Some(78), "{broken:?}");
    assert!(text(&broken).0.contains("policy.toml:1:"), "{broken:?}");
}

#[test]
fn unknown_words_suggest_the_nearest() {
    let scene = scene("words");
    let output = scene.guard(&["chekc", "--", "rm", "x"]);
    assert_eq!(output.status.code(), Some(64), "{output:?}");
    assert!(text(&output).1.contains("check"), "{output:?}");
    assert_eq!(scene.guard(&["check"]).status.code(), Some(64));
    assert_eq!(scene.guard(&["run", "--", ""]).status.code(), Some(64));
    assert_eq!(scene.guard(&["run", "--", "nosuchprogram"]).status.code(), Some(127));
}
