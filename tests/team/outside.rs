//! What others make of a team: ssh-keygen by the allowed_signers file, and lint.

use crate::home::Place;
use std::io::Write;
use std::process::{Command, Stdio};

fn ssh_keygen(args: &[&str], input: &[u8]) -> (bool, String) {
    let mut child = Command::new("ssh-keygen")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("ssh-keygen runs");
    child.stdin.take().expect("piped").write_all(input).expect("written");
    let output = child.wait_with_output().expect("ends");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

fn have() -> bool {
    let there = std::path::Path::new("/usr/bin/ssh-keygen").exists();
    assert!(there || std::env::var_os("CI").is_none(), "ssh-keygen is missing, and CI installs it");
    if !there {
        eprintln!("SKIPPED: ssh-keygen is not installed");
    }
    there
}

#[test]
fn ssh_keygen_accepts_the_exported_signers() {
    if !have() {
        return;
    }
    let place = Place::new("signers");
    let dora = place.home("dora");
    dora.found(&[]);
    let (key, old) = (place.text("bob"), place.text("old"));
    for file in [&key, &old] {
        let made = ssh_keygen(&["-q", "-t", "ed25519", "-N", "", "-f", file], b"");
        assert!(made.0, "{made:?}");
    }
    dora.change(&["add", "bob", "--key", &format!("{key}.pub")]);
    let until = "2020-01-01T00:00Z";
    dora.change(&["key", "add", "bob", &format!("{old}.pub"), "--use", "approve", "--until", until]);
    let signers = place.text("signers");
    dora.team(&["export", "--allowed-signers", &signers]).good();
    let text = std::fs::read_to_string(&signers).expect("there");
    assert!(text.contains("valid-before=\"20200101000000Z\""), "{text}");
    let check = |file: &str, namespace: &str| {
        let _ = std::fs::remove_file(place.path("message.sig"));
        let message = place.text("message");
        std::fs::write(&message, "bytes").expect("written");
        let signed = ssh_keygen(&["-q", "-Y", "sign", "-f", file, "-n", namespace, &message], b"");
        assert!(signed.0, "{signed:?}");
        let signature = format!("{message}.sig");
        let args =
            ["-Y", "verify", "-f", &signers, "-I", "bob@sre.acme.example", "-n", namespace, "-s", &signature];
        ssh_keygen(&args, b"bytes")
    };
    let good = check(&key, "guard-approval-v1@sre.acme.example");
    assert!(good.0 && good.1.contains("Good"), "{good:?}");
    assert!(check(&key, "guard-request-v1@sre.acme.example").0);
    // No admin, another purpose, another team, an old key.
    for (file, namespace) in [
        (&key, "guard-roster-v1@sre.acme.example"),
        (&key, "git"),
        (&key, "guard-approval-v1@other.example"),
        (&old, "guard-approval-v1@sre.acme.example"),
    ] {
        let bad = check(file, namespace);
        assert!(!bad.0, "{namespace}: {bad:?}");
    }
    dora.change(
        &["key", "revoke", "bob", "SHA256:", "--why", "x"]
            .map(|word| if word == "SHA256:" { kid_of(&key) } else { word.to_owned() })
            .each_ref()
            .map(String::as_str),
    );
    std::fs::remove_file(&signers).expect("there");
    dora.team(&["export", "--allowed-signers", &signers]).good();
    assert!(!check(&key, "guard-approval-v1@sre.acme.example").0);
}

/// The fingerprint of a key file.
fn kid_of(file: &str) -> String {
    let said = ssh_keygen(&["-l", "-f", &format!("{file}.pub")], b"");
    said.1.split(' ').nth(1).expect("a fingerprint").to_owned()
}

#[test]
fn lint_knows_the_policy_here() {
    let place = Place::new("lint");
    let (dora, bob) = (place.home("dora"), place.home("bob"));
    dora.found(&["--group", "sre"]);
    dora.change(&["add", "bob", "--key", &bob.key(), "--group", "sre"]);
    let config = dora.home.join(".config/guard");
    std::fs::create_dir_all(&config).expect("directory");
    let policy = "[[policy]]\nwhen = { environment = \"production\" }\nrequire = [\"approval:sre*2\", \"approval:db\"]\n";
    std::fs::write(config.join("policy.toml"), policy).expect("written");
    let said = dora.team(&["lint"]);
    assert_eq!(said.status, Some(1), "{said:?}");
    for words in [
        "dora has no `human`",
        "one admin alone",
        "policy asks for 2 of sre, who are 2; one of them may be asking",
        "policy asks for 1 of db, who are 0",
        "nobody in sre has a hardware key",
    ] {
        assert!(said.out.contains(words), "{words}: {said:?}");
    }
    let json = dora.team(&["lint", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("json");
    assert!(json["findings"].as_array().is_some_and(|all| all.len() >= 5), "{json}");
    std::fs::write(config.join("policy.toml"), "[[policy]\n").expect("written");
    dora.team(&["lint"]).bad(78, "rules do not load");
}
