//! guard's answer against terraform's: random workspaces, directories, backends and changes; what `guard check` says
//! of `apply PLAN` must be what `terraform show -json` lists, `workspace show` prints and the apply then writes.
//! The seed is fixed; GUARD_DIFFERENTIAL_CASES asks for more. Without terraform it is skipped, loudly, in CI too:
//! Debian has no package of it.

#[path = "support/dice.rs"]
mod dice;
mod support;

use dice::Dice;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const CASES: usize = 100;
const NAMES: &[&str] = &["a", "b", "c", "d", "many", "keyed"];

/// A configuration's text: each resource with what may be changed about it.
fn configuration(dice: &mut Dice, backend: &str, whole: bool) -> String {
    let mut text = format!("terraform {{\n{backend}\n}}\n");
    for name in NAMES {
        if !whole && dice.one_in(4) {
            // `removed` makes terraform forget an object instead of deleting it.
            if dice.one_in(3) {
                let block = "lifecycle {\n destroy = false\n }\n";
                text += &format!("removed {{\n from = terraform_data.{name}\n {block}}}\n");
            }
            continue;
        }
        let repeat = match *name {
            "many" => format!("count = {}\n", if whole { 3 } else { dice.below(4) }),
            "keyed" if whole || dice.one_in(2) => "for_each = toset([\"x\", \"y z\"])\n".to_owned(),
            "keyed" => "for_each = toset([\"x\"])\n".to_owned(),
            _ => String::new(),
        };
        let trigger = if whole { 0 } else { dice.below(3) };
        let order = if dice.one_in(4) { "lifecycle {\n create_before_destroy = true\n }\n" } else { "" };
        let input = if whole { 0 } else { dice.below(2) };
        text += &format!(
            "resource \"terraform_data\" \"{name}\" {{\n {repeat} input = {input}\n triggers_replace = {trigger}\n {order}}}\n"
        );
    }
    text
}

/// One laid-out project and how it is called.
struct Scene {
    root: PathBuf,
    cwd: PathBuf,
    module: PathBuf,
    chdir: Option<String>,
    environment: Vec<(String, String)>,
}

impl Scene {
    fn lay_out(dice: &mut Dice, root: &Path) -> (Scene, &'static str) {
        let module = root.join(dice.pick(&["work", "deep/er"]));
        fs::create_dir_all(&module).expect("scratch");
        fs::create_dir_all(root.join("work")).expect("scratch");
        let (cwd, chdir) = match dice.below(3) {
            0 => (module.clone(), None),
            1 => (root.to_owned(), Some(module.strip_prefix(root).expect("below").display().to_string())),
            _ => (root.join("work"), Some(module.display().to_string())),
        };
        let mut environment = Vec::new();
        match dice.below(4) {
            0 => environment.push(("TF_DATA_DIR".to_owned(), "dd".to_owned())),
            1 => environment.push(("TF_DATA_DIR".to_owned(), root.join("data").display().to_string())),
            _ => {}
        }
        let backend = *dice.pick(&[
            "",
            "backend \"local\" {}",
            "backend \"local\" {\n path = \"sub/s.tfstate\"\n}",
            "backend \"local\" {\n workspace_dir = \"spaces\"\n}",
        ]);
        (Scene { root: root.to_owned(), cwd, module, chdir, environment }, backend)
    }

    /// Where terraform keeps what init wrote.
    fn data(&self) -> PathBuf {
        let named = self.environment.iter().find(|(k, _)| k == "TF_DATA_DIR");
        self.module.join(named.map_or(".terraform", |(_, v)| v))
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.cwd).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", &self.root);
        command.env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1");
        command.envs(self.environment.iter().map(|(k, v)| (k, v)));
        command
    }

    fn chdir(&self) -> Option<String> {
        self.chdir.as_ref().map(|directory| format!("-chdir={directory}"))
    }

    fn terraform(&self, words: &[&str]) -> Output {
        let mut command = self.command(Path::new("terraform"));
        command.args(self.chdir()).args(words).output().expect("terraform runs")
    }

    fn must(&self, words: &[&str]) -> String {
        let output = self.terraform(words);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {error}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn guard(&self, words: &[&str]) -> Value {
        let mut command = self.command(support::guard());
        command.args(["check", "--json", "--", "terraform"]).args(self.chdir()).args(words);
        serde_json::from_slice(&command.output().expect("guard runs").stdout).expect("guard prints JSON")
    }

    /// Every state file with what it holds.
    fn states(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut open = vec![self.root.clone()];
        let data = self.data();
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(&directory).expect("readable").flatten() {
                let path = entry.path();
                if path.is_dir() && path != data {
                    open.push(path);
                } else if path.extension().is_some_and(|e| e == "tfstate") {
                    found.push((path.clone(), fs::read(&path).expect("readable")));
                }
            }
        }
        found
    }
}

/// The addresses of a plan that lose their object, as terraform lists them.
fn deleted(plan: &str) -> BTreeSet<String> {
    let plan: Value = serde_json::from_str(plan).expect("terraform prints JSON");
    let changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
    let loses = |change: &&Value| {
        change["change"]["actions"].as_array().is_some_and(|all| all.iter().any(|a| a == "delete"))
    };
    changes.iter().filter(loses).map(|c| c["address"].as_str().expect("an address").to_owned()).collect()
}

fn fact<'v>(answer: &'v Value, key: &str) -> &'v str {
    answer["commands"][0]["target"][key]["value"].as_str().unwrap_or("(unknown)")
}

fn said(answer: &Value) -> BTreeSet<String> {
    let all = answer["commands"][0]["deletes"].as_array().cloned().unwrap_or_default();
    all.iter().map(|a| a.as_str().expect("an address").to_owned()).collect()
}

/// Options of one plan.
fn planned(dice: &mut Dice) -> Vec<&'static str> {
    let mut words = match dice.below(8) {
        0 => vec!["-destroy"],
        1 => vec!["-refresh-only"],
        2 => vec!["-replace=terraform_data.a"],
        3 => vec!["-destroy", "-target=terraform_data.many"],
        4 => vec!["-target=terraform_data.b"],
        _ => vec![],
    };
    if dice.one_in(4) {
        words.push("-refresh=true");
    }
    words
}

/// Plays one case; the words say what differs.
fn play(dice: &mut Dice, root: &Path, deleting: &mut usize) -> Result<(), String> {
    let (mut scene, backend) = Scene::lay_out(dice, root);
    fs::write(scene.module.join("main.tf"), configuration(dice, backend, true)).expect("written");
    scene.must(&["init", "-input=false"]);
    match dice.below(3) {
        0 => scene.environment.push(("TF_WORKSPACE".to_owned(), "stg".to_owned())),
        1 => drop(scene.must(&["workspace", "new", "prod-1"])),
        _ => {}
    }
    scene.must(&["apply", "-auto-approve", "-input=false"]);
    fs::write(scene.module.join("main.tf"), configuration(dice, backend, false)).expect("written");
    let options = planned(dice);
    let plan = [&["plan", "-input=false", "-out=p"], &options[..]].concat();
    if !scene.terraform(&plan).status.success() {
        // Such as a replaced address that is gone: there is no plan to compare.
        return Ok(());
    }
    let want = deleted(&scene.must(&["show", "-json", "p"]));
    let workspace = scene.must(&["workspace", "show"]).trim().to_owned();
    let before = scene.states();
    let answer = scene.guard(&["apply", "p"]);
    if scene.states() != before {
        return Err("guard changed a state".into());
    }
    scene.must(&["apply", "p"]);
    let after = scene.states();
    let changed: Vec<&PathBuf> = after.iter().filter(|s| !before.contains(s)).map(|(p, _)| p).collect();
    *deleting += usize::from(!want.is_empty());
    let place = |path: &Path, told: &str| path.ends_with(told) || path == Path::new(told);
    let mut wrong = Vec::new();
    let mut compare = |right: bool, what: &str, want: String, told: String| {
        if !right {
            wrong.push(format!("{what}: guard {told}, terraform {want}"));
        }
    };
    let told = said(&answer);
    compare(told == want, "deletes", format!("{want:?}"), format!("{told:?}"));
    let dangerous = answer["dangerous"] == Value::Bool(true);
    compare(!want.is_empty() <= dangerous, "dangerous", format!("{want:?}"), dangerous.to_string());
    let told = fact(&answer, "workspace");
    compare(told == workspace, "workspace", workspace.clone(), told.to_owned());
    let told = fact(&answer, "dir");
    compare(place(&scene.module, told), "directory", scene.module.display().to_string(), told.to_owned());
    let told = fact(&answer, "state");
    for path in changed {
        compare(place(path, told), "state", path.display().to_string(), told.to_owned());
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let line = format!("{:?} {:?} {:?} {backend:?} {options:?}", scene.cwd, scene.chdir, scene.environment);
    Err(format!("{line}\n    {}", wrong.join("\n    ")))
}

#[test]
fn guard_says_what_terraform_does() {
    if !support::have("terraform") {
        return;
    }
    let version = Command::new("terraform").arg("version").output().expect("terraform runs").stdout;
    let version = String::from_utf8_lossy(&version).lines().next().unwrap_or_default().to_owned();
    let cases = dice::cases(CASES);
    println!("{cases} cases against {version}");
    let root = std::env::temp_dir().join(format!("guard-differential-terraform-{}", std::process::id()));
    let (mut deleting, mut wrong) = (0, Vec::new());
    for case in 0..cases {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (case as u64 + 1).wrapping_mul(0xD134_2543_DE82_EF95));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).expect("scratch");
        let root = fs::canonicalize(&root).expect("scratch");
        if let Err(why) = play(&mut dice, &root, &mut deleting) {
            wrong.push(format!("case {case}: {why}"));
        }
    }
    let _ = fs::remove_dir_all(&root);
    println!("{deleting} of them deleted or replaced something");
    assert!(wrong.is_empty(), "{} of {cases} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(deleting > cases / 3, "too few plans delete anything");
}
