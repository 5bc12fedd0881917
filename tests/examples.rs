//! Rule files: the examples of the documents load and hold, and what is wrong with a file is said with its own name.

mod support;

use std::fs;
use std::path::Path;
use std::process::Output;
use support::{Scene, text};

/// The indented blocks of a document.
fn blocks(document: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let mut blocks = vec![String::new()];
    for line in fs::read_to_string(path).expect("a document").lines() {
        match line.strip_prefix("    ") {
            Some(code) => blocks.last_mut().expect("one").push_str(&format!("{code}\n")),
            None if line.is_empty() => blocks.last_mut().expect("one").push('\n'),
            None => blocks.push(String::new()),
        }
    }
    blocks
}

/// The program of a rule file and the file, from `[tool]` on.
fn rule_files(document: &str) -> Vec<(String, String)> {
    let block = |block: String| {
        let file = block[block.find("[tool]\n")?..].to_owned();
        let program = file.lines().find(|l| l.starts_with("program "))?.split('"').nth(1)?.to_owned();
        Some((program, file))
    };
    blocks(document).into_iter().filter_map(block).collect()
}

fn rules(scene: &Scene, verb: &str) -> Output {
    let config = scene.path("config");
    scene.guard(&["--config", config.to_str().expect("utf-8"), "rules", verb])
}

#[test]
fn the_documents_examples_pass_their_own_tests() {
    let mut programs = Vec::new();
    for document in ["README.md", "docs/rules.md"] {
        for (program, file) in rule_files(document) {
            let scene = Scene::new("examples");
            scene.write(&format!("config/rules.d/{program}.toml"), &file);
            for verb in ["lint", "test"] {
                let output = rules(&scene, verb);
                assert_eq!(output.status.code(), Some(0), "{document} {program} {verb}: {output:?}");
            }
            programs.push(program);
        }
    }
    assert_eq!(programs, ["acme-deploy", "acme-deploy", "kubectl-foo"]);
}

#[test]
fn an_exception_that_is_switched_off_is_none() {
    let scene = Scene::new("off");
    let rule = |flags: &str| {
        format!(
            "[tool]\nprogram = \"acme\"\nstyle = \"pflag\"\n{flags}\n[[rule]]\nid = \"acme.purge\"\n\
             when = {{ verb = \"purge\" }}\nunless = {{ option = \"--dry-run\" }}\neffect = \"destroy\"\n\
             severity = \"high\"\nwhy = \"w\"\nundo = \"none\"\n\
             hit = [\"acme purge web --dry-run=false\", \"acme purge web\"]\n\
             miss = [\"acme purge web --dry-run\", \"acme purge web --dry-run=true\"]\n"
        )
    };
    for flags in ["", "flags = [\"--dry-run\"]"] {
        scene.write("config/rules.d/acme.toml", &rule(flags));
        let output = rules(&scene, "test");
        assert_eq!(output.status.code(), Some(0), "{flags}: {output:?}");
    }
}

#[test]
fn what_is_wrong_is_said_with_the_files_own_name() {
    let facts = "[tool]\nprogram = \"acme\"\n[[fact]]\nkey = \"a\"\ndefault = \"1\"\n[[fact]]\nkey = \"a\"\ndefault = \"2\"\n";
    for (content, expected) in [
        (Some(facts.as_bytes()), "acme.toml:7:7: fact a exists already"),
        (Some(b"# \xff\n"), "acme.toml:1:1: cannot be read: it is not UTF-8 text"),
        (None, "acme.toml:1:1: cannot be read: not a regular file"),
    ] {
        let scene = Scene::new("wrong-file");
        let path = scene.write("config/rules.d/acme.toml", "");
        match content {
            Some(content) => fs::write(&path, content).expect("write"),
            None => {
                fs::remove_file(&path).expect("remove");
                nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
            }
        }
        for command in [&["rules", "lint"][..], &["doctor"], &["check", "--", "kubectl", "delete", "ns", "a"]]
        {
            let config = scene.path("config");
            let mut words = vec!["--config", config.to_str().expect("utf-8")];
            words.extend(command);
            let output = scene.guard(&words);
            let said = format!("{}{}", text(&output).0, text(&output).1);
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            let whom = !(command[0] == "check" && content == Some(facts.as_bytes()));
            assert!(!whom || said.contains(expected), "{command:?}: {said}");
        }
    }
}
