//! What a person meets who mistypes: sentences with a place and what to write instead, no library's words; and that
//! what only looks leaves nothing behind.

mod support;

use std::path::Path;
use support::{Scene, text};

#[test]
fn a_wrong_policy_file_is_answered_in_plain_words() {
    let scene = Scene::new("policy-wording");
    for (file, place, message, hint) in [
        (
            "when = { severity = 3 }",
            "2:21",
            "a number stands where a word in quotes, or a list of such is expected",
            "write \"high\"",
        ),
        ("when = { severity = \"hi\" }", "2:21", "there is no \"hi\"", "one of: low, medium, high, critical"),
        (
            "when = { severity = [\"high\", 3] }",
            "2:",
            "something else stands where a word in quotes",
            "write \"…\"",
        ),
        (
            "when = { sevrity = \"high\" }",
            "2:10",
            "there is no key \"sevrity\"",
            "keys here: environment, severity,",
        ),
        (
            "when = { environment = { a = 1 } }",
            "2:24",
            "a table stands where a word in quotes",
            "write \"high\"",
        ),
        ("when = \"x\"", "2:8", "a text stands where a table is expected", "write { key = \"value\" }"),
        ("", "1:1", "the key when is missing", ""),
        (
            "when = { severity = \"high\" }\nname = true",
            "3:8",
            "true or false stands where a text is expected",
            "write \"…\" around it",
        ),
    ] {
        scene.write("home/.config/guard/policy.toml", &format!("[[policy]]\n{file}\nrequire = [\"deny\"]\n"));
        let output = scene.guard(&["check", "--", "rm", "x"]);
        let (_, said) = text(&output);
        assert_eq!(output.status.code(), Some(78), "{file}: {said}");
        assert!(said.contains(&format!("policy.toml:{place}")), "{file}: {said}");
        assert!(said.contains(message) && said.contains(hint), "{file}: {said}");
        for foreign in ["untagged", "oneormany", "struct", "variant", "invalid type", "sequence", "`"] {
            assert!(!said.contains(foreign), "{file}: {said}");
        }
    }
    scene.write("home/.config/guard/policy.toml", "[[policy]]\nwhen = {}\nrequire = \"deny\"\n");
    let (_, said) = text(&scene.guard(&["check", "--", "rm", "x"]));
    assert!(said.contains("3:11: a text stands where a list is expected (write [ … ] around it)"), "{said}");
    scene.write("home/.config/guard/policy.toml", "[[policy]]\nwhen = {}\nrequire = [\"readonly\"]\n");
    let (_, said) = text(&scene.guard(&["check", "--", "rm", "x"]));
    assert!(said.contains("unknown requirement \"readonly\" (one of deny, notice, read-only,"), "{said}");
}

/// Every file below a directory.
fn files(directory: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        all.push(path.display().to_string());
        if path.is_dir() {
            all.extend(files(&path));
        }
    }
    all.sort();
    all
}

#[test]
fn what_only_looks_writes_nothing() {
    let scene = Scene::new("looks");
    scene.write(
        "home/.config/guard/policy.toml",
        "[[policy]]\nwhen = { tool = \"rm\" }\nrequire = [\"deny\"]\n",
    );
    scene.write("work/x", "");
    let before = files(&scene.path("home"));
    let checked = scene.guard(&["check", "--", "rm", "-rf", "x"]);
    assert_eq!(checked.status.code(), Some(77), "{checked:?}");
    let explained = scene.guard(&["explain", "--", "rm", "-rf", "x"]);
    assert_eq!(explained.status.code(), Some(0), "{explained:?}");
    assert_eq!(files(&scene.path("home")), before);
}

#[test]
fn a_command_that_is_not_there_is_said_to_be_so() {
    let scene = Scene::new("not-there");
    let says = |words: &[&str], expected: &str| {
        let output = scene.guard(&[&["run", "--"], words].concat());
        let (_, said) = text(&output);
        assert_eq!((output.status.code(), said.as_str()), (Some(127), expected), "{words:?}");
    };
    says(&["nothere"], "guard: nothere: command not found\n");
    says(&["./nothere"], "guard: ./nothere: no such file\n");
    scene.shims(&["kubectx"]);
    says(&["kubectx"], "guard: kubectx: command not found (only guard's shim is on PATH)\n");
}

#[test]
fn doctor_says_where_no_log_can_be_made() {
    let scene = Scene::new("state");
    let file = scene.write("home/file", "");
    let doctor = |value: &str| {
        let mut command = scene.command(scene.path("lib/guard"), &["doctor", "--json"]);
        text(&command.env("XDG_STATE_HOME", value).output().expect("doctor")).0
    };
    let said = doctor(file.to_str().expect("utf-8"));
    assert!(
        said.contains("the audit log cannot be made in ") && said.contains("point XDG_STATE_HOME at"),
        "{said}"
    );
    let said = doctor("state");
    assert!(said.contains("XDG_STATE_HOME is no absolute path, and is ignored"), "{said}");
    assert!(said.contains("no audit log yet"), "{said}");
    assert!(!doctor(scene.path("new/state").to_str().expect("utf-8")).contains("XDG_STATE_HOME"));
}
