//! Changing the key: what it leaves in the log, logs of before, two at once, and kills at any moment.

use super::home::Home;
use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

#[test]
fn the_old_key_signs_for_the_new_one_and_is_destroyed() {
    let home = Home::new("rotate");
    let first = home.fingerprint();
    let old = home.key_files();
    let said = home.guard(&["key", "rotate"]);
    assert_eq!(said.status, Some(0), "{}", said.err);
    assert!(
        said.err.contains("in a team an admin adds the new key: guard team key add YOU 'ssh-ed25519 "),
        "{}",
        said.err
    );
    let new = home.key_files();
    assert_eq!((old.len(), new.len()), (1, 1));
    assert_ne!(old, new);
    let shown = home.shown();
    assert_ne!(shown["fingerprint"], first);
    assert_eq!(shown["former"][0]["fingerprint"], first);

    let report = home.log_holds();
    assert_eq!(report["entries"], 2);
    assert_eq!(report["identity_now"]["fingerprint"], shown["fingerprint"]);
    assert_eq!(report["notes"].as_array().map(Vec::len), Some(0));
    let table = home.guard(&["audit", "show"]).out;
    assert!(
        table.contains(&format!("identity is {}", shown["fingerprint"].as_str().expect("text"))),
        "{table}"
    );
}

#[test]
fn a_change_that_somebody_made_up_is_tampering_for_both_verifiers() {
    let home = Home::new("rotate-forged");
    assert!(!home.fingerprint().is_empty());
    assert_eq!(home.guard(&["key", "rotate"]).status, Some(0));
    assert_eq!(home.guard(&["key", "rotate"]).status, Some(0));
    let segment = home.state().join("audit/seg-000000000000.jsonl");
    let log = fs::read_to_string(&segment).expect("log");
    let lines: Vec<&str> = log.lines().collect();
    let key = key_of(&home);
    let entry = |line: &str| -> serde_json::Value {
        serde_json::from_str::<serde_json::Value>(line).expect("JSON")["entry"].clone()
    };
    let second = entry(lines[2]);
    // Signed by the log's own key, as a program of the same user could: only the old identity could not be had.
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut forged = second.clone();
        change(&mut forged["identity"]);
        format!("{}\n{}\n{}", lines[0], lines[1], sealed(&forged, &key))
    };
    let first = entry(lines[1])["identity"].clone();
    let cases: [(&str, String); 6] = [
        ("unchanged", with(&|_| {})),
        ("another key", with(&|i| i["key"] = first["from"].clone())),
        ("another time", with(&|i| i["at"] = 1.into())),
        (
            "without the old key's signature",
            with(&|i| drop(i.as_object_mut().expect("object").remove("sig"))),
        ),
        ("from a key of before", with(&|i| *i = stale(&first, &second["identity"]))),
        ("nothing", with(&|i| *i = serde_json::json!({}))),
    ];
    for (name, log) in cases {
        fs::write(&segment, log).expect("write");
        let own = home.guard(&["audit", "verify", "--json"]);
        let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify_audit.py");
        let second =
            Command::new("python3").arg(script).arg(home.state().join("audit")).output().expect("python3");
        let wanted = Some(if name == "unchanged" { 0 } else { 1 });
        assert_eq!((own.status, second.status.code()), (wanted, wanted), "{name}: {}", own.out);
    }
}

/// A hand-over that is properly signed, but by a key that was replaced already.
fn stale(first: &serde_json::Value, second: &serde_json::Value) -> serde_json::Value {
    let mut stale = first.clone();
    stale["key"] = second["key"].clone();
    stale["from"] = first["from"].clone();
    stale
}

/// The key that signs entries now.
fn key_of(home: &Home) -> guard::keys::SigningKey {
    let text = fs::read_to_string(home.state().join("audit/keys/epoch.key")).expect("key");
    let secret = text.trim_end().rsplit(' ').next().expect("base64").to_owned();
    guard::keys::SigningKey::new(&guard::keys::Secret::from_text(&secret).expect("a key"))
}

fn sealed(entry: &serde_json::Value, key: &guard::keys::SigningKey) -> String {
    let bytes = serde_json::to_vec(entry).expect("JSON");
    let leaf = guard::keys::sha256(&[&[0], &bytes]);
    let signature = key.sign(&[&b"guard-audit-entry/v1\n"[..], &leaf].concat());
    format!(
        "{{\"entry\":{},\"sig\":\"{}\"}}\n",
        String::from_utf8(bytes).expect("utf-8"),
        guard::keys::encode(&signature)
    )
}

#[test]
fn a_log_of_before_keeps_its_identity() {
    let home = Home::new("rotate-before");
    let first = home.fingerprint();
    assert_eq!(home.guard(&["key", "rotate"]).status, Some(0));
    // As guard kept it until now: in a file beside the log, without a record.
    let state = home.state();
    fs::remove_dir_all(state.join("audit")).expect("own log");
    let now = home.fingerprint();
    assert_ne!(first, now);
    let said = home.guard(&["audit", "verify"]);
    assert_eq!(said.status, Some(4));
    // The log begins again, with this identity: then the record is taken away.
    home.scene.kubeconfig("prod-eu");
    home.scene.stub("kubectl", "#!/bin/sh\n");
    home.guard(&["run", "--", "kubectl", "delete", "ns", "payments"]);
    let key = state.join("keys").join(&home.key_files()[0]);
    fs::rename(key, state.join("audit/keys/identity.key")).expect("rename");
    fs::remove_dir_all(state.join("keys")).expect("own keys");

    let shown = home.shown();
    assert_eq!(
        (shown["fingerprint"].as_str(), shown["custody"].as_str()),
        (Some(now.as_str()), Some("file"))
    );
    assert_eq!(home.guard(&["key", "rotate"]).status, Some(0));
    assert!(!state.join("audit/keys/identity.key").exists(), "destroyed with the rest");
    assert_eq!(home.log_holds()["notes"].as_array().map(Vec::len), Some(0));
}

#[test]
fn many_at_once_make_one_key() {
    let home = Home::new("rotate-race");
    let children: Vec<_> = (0..16)
        .map(|_| {
            let mut command = home.command(home.scene.path("lib/guard"), &["key", "show", "--json"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("guard")
        })
        .collect();
    let outputs: Vec<_> =
        children.into_iter().map(|child| child.wait_with_output().expect("guard")).collect();
    let shown: BTreeSet<_> = outputs.iter().map(|o| o.stdout.clone()).collect();
    assert_eq!(shown.len(), 1, "{outputs:?}");
    let told = outputs.iter().filter(|o| String::from_utf8_lossy(&o.stderr).contains("is made")).count();
    assert_eq!((told, home.key_files().len()), (1, 1));
}

/// Kills a change of keys before every system call that touches guard's files: afterwards there is one identity,
/// it signs, and the log holds.
#[test]
fn a_change_that_is_killed_anywhere_leaves_a_key_that_works() {
    if !super::support::have("strace") {
        return;
    }
    let home = Home::new("rotate-killed");
    assert!(!home.fingerprint().is_empty());
    assert_eq!(home.guard(&["key", "rotate"]).status, Some(0));
    let places = calls(&home);
    assert!(places.len() > 20, "{places:?}");
    let mut killed = 0;
    for (call, nth) in &places {
        let inject = format!("inject={call}:signal=KILL:when={nth}");
        let status = traced(&home, call, "/dev/null", &["-e", &inject]);
        killed += usize::from(!status.success());
        home.signs(&format!("{call} {nth}"));
    }
    assert!(killed > 20, "{killed} of {places:?}");
    assert_eq!(home.guard(&["key", "rotate"]).status, Some(0));
    assert_eq!(home.key_files().len(), 1, "what was left behind is swept away: {:?}", home.key_files());
    let report = home.log_holds();
    assert_eq!(report["notes"].as_array().map(Vec::len), Some(0), "{report}");
}

fn traced(home: &Home, calls: &str, log: &str, more: &[&str]) -> std::process::ExitStatus {
    let trace = format!("trace={calls}");
    let mut command = home.command("strace", &["-f", "-qq", "-y", "-o", log, "-e", &trace]);
    command.args(more).arg(home.scene.path("lib/guard")).args(["key", "rotate"]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("strace")
}

/// The system calls of a change that touch guard's files: name, and the how manieth of that name it is.
fn calls(home: &Home) -> Vec<(String, usize)> {
    let log = home.scene.path("trace").display().to_string();
    let names = "openat,write,fsync,fdatasync,renameat,unlinkat,flock";
    assert!(traced(home, names, &log, &[]).success());
    let text = fs::read_to_string(&log).expect("trace");
    let main = text.split(' ').next().expect("a process").to_owned();
    let state = home.state().display().to_string();
    let mut counts = std::collections::BTreeMap::new();
    let mut found = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix(&main)) {
        let Some((call, rest)) = line.trim_start().split_once('(') else { continue };
        let nth = counts.entry(call.to_owned()).or_insert(0);
        *nth += 1;
        let reads = call == "openat" && !rest.contains("O_CREAT");
        if rest.contains(&state) && !reads {
            found.push((call.to_owned(), *nth));
        }
    }
    found
}

impl Home {
    /// The identity's secret is there and is the right one.
    fn signs(&self, when: &str) {
        let state = self.state();
        let identity = guard::keys::Identity::existing(&state).expect("readable").expect("an identity");
        let signer = identity.signer().unwrap_or_else(|error| panic!("{when}: {error}"));
        let signature = signer.sign("guard-test", b"message").expect("signed");
        guard::keys::verify_sshsig(identity.public(), "guard-test", b"message", &signature).expect("holds");
    }
}

#[test]
fn a_damaged_or_missing_key_is_named_and_only_given_up_when_told_so() {
    let home = Home::new("rotate-lost");
    let first = home.fingerprint();
    let file = home.state().join("keys").join(&home.key_files()[0]);
    let whole = fs::read(&file).expect("key");
    for (content, words) in [
        (&b""[..], "is damaged"),
        (b"guard-identity-key/v1 AAAA\n", "is damaged"),
        (&whole[..20], "is damaged"),
    ] {
        fs::write(&file, content).expect("write");
        let said = home.guard(&["key", "rotate"]);
        assert_eq!(said.status, Some(78), "{}", said.err);
        said.one_message(words);
    }
    let other = format!("guard-identity-key/v1 {}\n", guard::keys::encode(&[9; 32]));
    fs::write(&file, other).expect("write");
    let said = home.guard(&["key", "rotate"]);
    assert_eq!(said.status, Some(78));
    said.one_message(&format!("is not the key {first}"));
    fs::remove_file(&file).expect("own file");
    let said = home.guard(&["key", "rotate"]);
    assert_eq!(said.status, Some(78));
    said.one_message("is gone");
    assert!(said.err.contains("`guard key rotate --lost`"), "{}", said.err);
    assert_eq!(home.fingerprint(), first, "nothing changed");

    assert_eq!(home.guard(&["key", "rotate", "--lost"]).status, Some(0));
    let report = home.log_holds();
    assert!(report["notes"].to_string().contains("said to be lost"), "{report}");
    let table = home.guard(&["audit", "show"]).out;
    assert!(table.contains("the one before is lost"), "{table}");
}

#[test]
fn a_record_of_another_version_or_of_others_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new("rotate-record");
    assert!(!home.fingerprint().is_empty());
    let record = home.state().join("keys/identity.json");
    let text = fs::read_to_string(&record).expect("record");
    fs::write(&record, text.replace("\"v\":1", "\"v\":2")).expect("write");
    let said = home.guard(&["key", "show"]);
    assert_eq!(said.status, Some(78));
    said.one_message("was written by a newer guard");
    for damaged in [&text[..text.len() / 2], "", "{}", &text.replace("ssh-ed25519", "ssh-rsa")] {
        fs::write(&record, damaged).expect("write");
        let said = home.guard(&["key", "show"]);
        assert_eq!(said.status, Some(78), "{damaged}");
        said.one_message("identity.json is damaged");
    }
    fs::write(&record, &text).expect("write");
    let key = home.state().join("keys").join(&home.key_files()[0]);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("mode");
    let said = home.guard(&["key", "rotate"]);
    assert_eq!(said.status, Some(78));
    said.one_message("can be read by others");
}

#[test]
fn a_change_that_cannot_be_recorded_is_taken_back() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new("rotate-unrecorded");
    let first = home.fingerprint();
    assert_eq!(home.guard(&["key", "rotate"]).status, Some(0));
    let second = home.fingerprint();
    let files = home.key_files();
    let segment = home.state().join("audit/seg-000000000000.jsonl");
    fs::set_permissions(&segment, fs::Permissions::from_mode(0o666)).expect("mode");
    // A log that others may have written: nothing is begun.
    let said = home.guard(&["key", "rotate"]);
    assert_eq!(said.status, Some(70), "{}", said.err);
    said.one_message("can be written by others");
    fs::set_permissions(&segment, fs::Permissions::from_mode(0o600)).expect("mode");
    assert_eq!((home.fingerprint(), home.key_files()), (second, files));
    home.log_holds();

    // A file size limit stops the entry (and nothing smaller): as a full disk does.
    for _ in 0..3 {
        assert_eq!(home.guard(&["key", "rotate"]).status, Some(0));
    }
    let key = home.fingerprint();
    let files = home.key_files();
    let kilobytes = fs::metadata(&segment).expect("log").len() / 1024;
    let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" key rotate");
    let limited = home.command("/bin/bash", &["-c", &script, env!("CARGO_BIN_EXE_guard")]).output();
    let limited = limited.expect("bash");
    let words = String::from_utf8_lossy(&limited.stderr).into_owned();
    assert_eq!(limited.status.code(), Some(70), "{words}");
    assert!(words.contains("cannot be recorded, so your key stays as it was"), "{words}");
    assert_eq!((home.fingerprint(), home.key_files()), (key, files), "{words}");
    home.signs("after a full disk");
    assert_ne!(first, home.fingerprint());
    assert_eq!(home.guard(&["key", "rotate"]).status, Some(0));
    home.log_holds();
}
