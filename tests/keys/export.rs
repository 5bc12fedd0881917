//! What `guard key export` prints, judged by the real ssh-keygen.

use super::home::Home;
use super::support::have;
use std::fs;
use std::process::Stdio;

/// The SSHSIG of the log's `n`th change of keys, and what was signed, as files.
fn change(home: &Home, n: usize, field: &str) -> (String, String) {
    let entries = home.entries();
    let entry = entries.iter().filter(|e| e["event"] == "identity").nth(n).expect("a change");
    let change = &entry["identity"];
    let text = |key: &str| change[key].as_str().expect("text").to_owned();
    let message =
        format!("guard-identity/v1\nfrom {}\nto {}\nat {}\n", text("from"), text("key"), change["at"]);
    let blob = guard::keys::decode_bytes(&text(field)).expect("base64");
    let message = home.scene.write("message", &message).display().to_string();
    let signature = home.scene.write("message.sig", &guard::keys::sshsig_armour(&blob)).display().to_string();
    (message, signature)
}

/// `ssh-keygen -Y verify` with the exported lines.
fn verifies(
    home: &Home,
    principal: &str,
    namespace: &str,
    time: &str,
    message: &str,
    signature: &str,
) -> bool {
    let said = home.guard(&["key", "export", "--allowed-signers", "--principal", principal]);
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""));
    let allowed = home.scene.write("allowed", &said.out).display().to_string();
    let time = format!("-Overify-time={time}");
    let args =
        ["-Y", "verify", "-f", &allowed, "-I", "ana@example.org", "-n", namespace, "-s", signature, &time];
    let mut command = home.command("ssh-keygen", &args);
    command.env("TZ", "UTC").stdin(Stdio::from(fs::File::open(message).expect("message")));
    let output = command.output().expect("ssh-keygen");
    assert!(
        !String::from_utf8_lossy(&output.stderr).contains("bad options"),
        "a line is not understood: {output:?}"
    );
    output.status.success()
}

fn stamp(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).expect("a time").strftime("%Y%m%d%H%M%SZ").to_string()
}

#[test]
fn ssh_keygen_accepts_the_signatures_of_both_keys_in_their_time() {
    if !have("ssh-keygen") {
        return;
    }
    let home = Home::new("export");
    assert!(home.shown()["since"].is_string());
    assert_eq!(home.guard(&["key", "rotate"]).status, Some(0));
    let at = home.entries()[1]["identity"]["at"].as_i64().expect("a time");
    let who = "ana@example.org";

    // By the old key, while it was the person's.
    let (message, signature) = change(&home, 0, "sig");
    assert!(verifies(&home, who, "guard-identity-v1", &stamp(at), &message, &signature));
    assert!(
        !verifies(&home, who, "guard-identity-v1", &stamp(at + 3600), &message, &signature),
        "its time is over"
    );
    assert!(
        !verifies(&home, who, "guard-identity-v1", &stamp(at - 864_000), &message, &signature),
        "before it was made"
    );
    assert!(!verifies(&home, who, "git", &stamp(at), &message, &signature), "another purpose");
    assert!(!verifies(&home, "bob", "guard-identity-v1", &stamp(at), &message, &signature), "another person");
    // By the new key, from then on.
    let (message, signature) = change(&home, 0, "proof");
    assert!(verifies(&home, who, "guard-identity-v1", &stamp(at), &message, &signature));
    assert!(verifies(&home, who, "guard-identity-v1", &stamp(at + 864_000), &message, &signature));
    fs::write(&message, "guard-identity/v1\n").expect("write");
    assert!(!verifies(&home, who, "guard-identity-v1", &stamp(at), &message, &signature), "another text");
}

#[test]
fn the_key_alone_is_a_line_that_ssh_keygen_reads_and_bad_names_are_refused() {
    if !have("ssh-keygen") {
        return;
    }
    let home = Home::new("export-plain");
    let fingerprint = home.fingerprint();
    let said = home.guard(&["key", "export"]);
    let file = home.scene.write("key.pub", &said.out).display().to_string();
    assert!(home.tool("ssh-keygen", &["-lf", &file]).contains(&fingerprint));
    for bad in ["a b", "a\"b", "a\nroot", "#x", ""] {
        let said = home.guard(&["key", "export", "--allowed-signers", "--principal", bad]);
        assert_eq!((said.status, said.out.as_str()), (Some(64), ""), "{bad:?}");
    }
    let said = home.guard(&["key", "export", "--allowed-signers", "--namespaces", "x\" cert-authority"]);
    assert_eq!(said.status, Some(64));
}
