//! Reason, typed name, code, wait and what counts again, through the real executables on real terminals.

#[path = "../support/mod.rs"]
mod support;
#[path = "../support/pty.rs"]
mod pty;

mod again;
mod asking;
mod faults;
mod glass;
mod lost;
mod phone;

use guard::settings::Dirs;
use pty::Pty;
use serde_json::Value;
use std::fs;
use support::Scene;

/// kubectl as a stub that says it ran, on a production context, under this policy.
fn cluster(name: &str, policy: &str) -> Scene {
    let scene = Scene::new(name);
    scene.stub("kubectl", "#!/bin/sh\necho \"ran: $*\"\n");
    scene.kubeconfig("prod-eu");
    scene.write("home/.config/guard/policy.toml", policy);
    scene.shims(&["kubectl"]);
    scene
}

/// A policy in the place of the shipped one for production.
fn production(require: &str, more: &str) -> String {
    format!(
        "[[policy]]\nname = \"production\"\nwhen = {{ environment = \"production\", severity = [\"critical\", \"high\"] }}\n\
         require = [{require}]\n{more}\n"
    )
}

const TICKET: &str = "[reason]\npattern = '^[A-Z]+-\\d+'\nhint = \"a ticket such as OPS-123\"\n\n";

/// One command on a terminal of its own.
fn start(scene: &Scene, args: &[&str]) -> Pty {
    let mut command = scene.command("kubectl", args);
    command.env("NO_COLOR", "1");
    Pty::start(command, 80, 40, true)
}

/// An interactive bash with job control on a terminal of its own.
fn bash(scene: &Scene) -> Pty {
    let mut command = scene.command("/bin/bash", &["--norc", "--noprofile", "-i"]);
    command.env("PS1", "ready> ").env("NO_COLOR", "1");
    let mut pty = Pty::start(command, 80, 40, true);
    pty.wait_for("ready> ");
    pty
}

fn entries(scene: &Scene) -> Vec<Value> {
    let verified = scene.guard(&["audit", "verify"]);
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    let output = scene.guard(&["audit", "show", "--json"]);
    String::from_utf8_lossy(&output.stdout).lines().map(|l| serde_json::from_str(l).expect("JSON")).collect()
}

/// The decisions, oldest first.
fn decisions(scene: &Scene) -> Vec<Value> {
    let mut all = entries(scene);
    all.retain(|entry| entry["event"] == "decision");
    all
}

fn outcomes(scene: &Scene) -> Vec<String> {
    decisions(scene).iter().map(|d| d["decision"]["outcome"].as_str().unwrap_or("").to_owned()).collect()
}

/// The one file of grants.
fn grants(scene: &Scene) -> std::path::PathBuf {
    let directory = scene.path("home/.local/state/guard/grants");
    let mut files: Vec<_> = fs::read_dir(directory)
        .expect("grants")
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "json"))
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

fn dirs(scene: &Scene) -> Dirs {
    Dirs {
        config: scene.path("home/.config/guard"),
        state: scene.path("home/.local/state/guard"),
        cache: scene.path("home/.cache/guard"),
    }
}
