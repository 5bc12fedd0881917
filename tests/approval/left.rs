//! What is kept of a command between asking and running: nothing that guard takes for a secret, and nothing for longer than
//! it can run.

use super::Night;
use super::later::{alone, kubectl, text};
use guard::keys::{decode_bytes, encode};
use guard::statement::{Draft, Envelope, Request, read};
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

const PASSWORD: &str = "PGPASSWORD=correct-horse-battery";
const URL: &str = "DATABASE_URL=postgres://app:hunter2hunter2@db.internal/orders";
const SECRETS: &[&str] = &["correct-horse-battery", "hunter2hunter2"];

/// guard with these variables and this file on standard input.
fn guard(night: &Night, args: &[&str], variables: &[&str], input: Option<&Path>) -> Output {
    let mut command = night.scene.command(night.scene.path("lib/guard"), args);
    command.envs(variables.iter().map(|entry| entry.split_once('=').expect("a variable")));
    if let Some(path) = input {
        command.stdin(Stdio::from(fs::File::open(path).expect("a file")));
    }
    alone(command).wait_with_output().expect("it ends")
}

fn make(night: &Night, words: &[&str], variables: &[&str], input: Option<&Path>) -> (String, String) {
    let made = guard(night, &[&["requests", "make", "--"], words].concat(), variables, input);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    (String::from_utf8_lossy(&made.stdout).trim().to_owned(), text(&made))
}

/// It did not run, and says why and that it still can.
fn held_back(output: &Output, why: &str) {
    let said = text(output);
    assert_eq!(output.status.code(), Some(65), "{said}");
    assert!(said.contains(why) && said.contains("the approval is not spent"), "{said}");
    assert!(!said.contains("ran:"), "{said}");
    no_secret(said.as_bytes(), "what guard says");
}

fn ran(output: &Output) -> String {
    let said = text(output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("ran:"), "{said}");
    said
}

fn no_secret(bytes: &[u8], wher: &str) {
    let text = String::from_utf8_lossy(bytes);
    for secret in SECRETS {
        assert!(!text.contains(secret), "{wher}: {text}");
    }
}

/// No file of guard's holds a secret, as it is or in base64.
fn nothing_on_disk(night: &Night) {
    let mut directories = vec![night.scene.path("home/.local/state/guard")];
    let mut seen = 0;
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap_or_default();
            no_secret(&bytes, &path.display().to_string());
            for piece in String::from_utf8_lossy(&bytes).split('"') {
                no_secret(&decode_bytes(piece).unwrap_or_default(), &path.display().to_string());
            }
            seen += 1;
        }
    }
    assert!(seen > 3, "{seen} files were looked at");
}

fn files(night: &Night) -> Vec<PathBuf> {
    let all = fs::read_dir(night.state_file("requests")).expect("a directory");
    let mut all: Vec<PathBuf> = all.map(|entry| entry.expect("an entry").path()).collect();
    all.retain(|path| path.file_name().is_some_and(|name| name != "LOCK" && name != "ENDED"));
    all.sort();
    all
}

#[test]
fn secret_variables_are_not_kept_and_have_to_be_there_again() {
    let night = Night::new("variables", true);
    night.scene.stub("kubectl", "#!/bin/sh\necho \"ran: $PGPASSWORD $DATABASE_URL $PLAIN $*\"\n");
    let then = [PASSWORD, URL, "PLAIN=then", "COPY=-W correct-horse-battery"];
    let (id, said) = make(&night, &kubectl(), &then, None);
    assert!(said.contains("not kept, being secret: COPY, DATABASE_URL, PGPASSWORD"), "{said}");
    nothing_on_disk(&night);
    night.bob_approves();
    let run = ["requests", "run", &id];
    let none = guard(&night, &run, &["PLAIN=now"], None);
    held_back(&none, "COPY is not set here, DATABASE_URL is not set here, PGPASSWORD is not set here");
    let other = ["PGPASSWORD=correct-horse-batterx", URL, then[3]];
    held_back(&guard(&night, &run, &other, None), "refused: PGPASSWORD has another value than then\n");
    nothing_on_disk(&night);
    let said = ran(&guard(&night, &run, &[then[3], URL, PASSWORD, "PLAIN=now", "MORE=1"], None));
    let password = "correct-horse-battery postgres://app:hunter2hunter2@db.internal/orders";
    assert!(said.contains(&format!("ran: {password} then delete deployment web")), "{said}");
    assert_eq!(files(&night), Vec::<PathBuf>::new());
    nothing_on_disk(&night);
}

#[test]
fn a_command_or_an_input_with_a_secret_is_given_again() {
    let night = Night::new("words", true);
    night.scene.stub("kubectl", "#!/bin/sh\ncat >got\necho \"ran: $*\"\n");
    let words = ["kubectl", "--token=hunter2hunter2", "delete", "deployment", "web"];
    let (id, said) = make(&night, &words, &[], None);
    assert!(said.contains("not kept, being secret: the command's words"), "{said}");
    nothing_on_disk(&night);
    night.bob_approves();
    let run = ["requests", "run", &id];
    held_back(&guard(&night, &run, &[], None), "there is a secret in the command, which is not kept");
    for other in [
        ["kubectl", "--token=hunter2hunter3", "delete", "deployment", "web"],
        ["kubectl", "--token=hunter2hunter2", "delete", "deployment", "api"],
    ] {
        let given = [&run[..], &["--"], &other].concat();
        held_back(&guard(&night, &given, &[], None), "this is not the command that was asked about");
    }
    // From somewhere else, too.
    let given = [&run[..], &["--"], &words].concat();
    ran(&guard(&night, &given, &["PLAIN=now"], None));

    let manifest =
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: hunter2hunter2\n";
    let input = night.scene.write("work/secret.yaml", manifest);
    let words = ["kubectl", "delete", "-f", "-"];
    let (id, said) = make(&night, &words, &[], Some(&input));
    assert!(said.contains("not kept, being secret: its standard input"), "{said}");
    nothing_on_disk(&night);
    night.bob_approves();
    let run = ["requests", "run", &id];
    held_back(&guard(&night, &run, &[], None), "there is a secret in its standard input, which is not kept");
    let other = night.scene.write("work/other.yaml", &manifest.replace("db", "web"));
    held_back(&guard(&night, &run, &[], Some(&other)), "a secret in its standard input");
    ran(&guard(&night, &run, &["PLAIN=now"], Some(&input)));
    assert_eq!(fs::read_to_string(night.scene.path("work/got")).expect("read by the program"), manifest);
}

#[test]
fn what_is_over_or_taken_back_is_not_kept() {
    let night = Night::new("swept", true);
    let (id, _) = make(&night, &kubectl(), &[], None);
    let kept = files(&night);
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(kept.iter().all(|path| fs::metadata(path).expect("there").permissions().mode() & 0o077 == 0));
    // The same, as if it had been asked yesterday and its owner had never come back.
    let asked = read_request(&kept[0]);
    let mut old = read::<Request>(asked.payload()).expect("a request");
    (old.iat, old.exp) = (old.iat - 90_000, old.exp - 90_000);
    let old = Draft::of(&old).expect("canonical").sign(night.team.key("alice"));
    let beside = |end: &str| night.state_file(&format!("requests/{}.{end}", old.digest().hex()));
    private(beside("json"), &old.to_bytes());
    private(beside("left"), &fs::read(&kept[1]).expect("left"));
    private(beside("answers"), b"");
    private(beside("left.next"), b"{}");
    // Left from a crash: nothing names it.
    private(night.state_file(&format!("requests/{}.left", "0".repeat(64))), b"{}");
    assert_eq!(files(&night).len(), 7);
    // Any command that deals with requests.
    guard(&night, &["requests", "show", "nothing"], &[], None);
    assert_eq!(files(&night), kept);
    private(beside("json"), &old.to_bytes());
    private(beside("left"), b"{}");
    let over = night.done(&[&["run", "--wait", "1s", "--"][..], &kubectl()].concat());
    assert_eq!(over.status.code(), Some(75), "{over:?}");
    assert_eq!(files(&night), kept);
    assert_eq!(night.done(&["requests", "cancel", &id]).status.code(), Some(0));
    assert_eq!(files(&night), Vec::<PathBuf>::new());
}

fn private(path: PathBuf, bytes: &[u8]) {
    fs::write(&path, bytes).expect("written");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("mode");
}

fn read_request(path: &Path) -> Envelope {
    Envelope::from_bytes(&fs::read(path).expect("kept")).expect("an envelope")
}

#[test]
fn what_an_earlier_guard_kept_with_its_secrets_is_wiped_and_said() {
    let night = Night::new("earlier", true);
    let (id, _) = make(&night, &kubectl(), &[], None);
    let left = files(&night).remove(1);
    let mut now: Value = serde_json::from_slice(&fs::read(&left).expect("left")).expect("JSON");
    now["v"] = json!(1);
    now["environment"] = json!([encode(PASSWORD.as_bytes())]);
    now["stdin"] = Value::Null;
    private(left, now.to_string().as_bytes());
    let run = night.done(&["requests", "run", &id]);
    assert_eq!(run.status.code(), Some(64), "{run:?}");
    let said = text(&run);
    assert!(
        said.contains(&format!("request {id} was left by an earlier guard, with its secrets: it is wiped"))
    );
    assert!(said.contains("`guard requests make` asks again") && !said.contains("ran:"), "{said}");
    assert_eq!(files(&night), Vec::<PathBuf>::new());
    // Once is enough.
    assert!(!text(&night.done(&["requests"])).contains("earlier guard"));
    // What cannot be read is said, and can be taken back.
    let (id, _) = make(&night, &kubectl(), &[], None);
    let left = files(&night).remove(1);
    private(left, b"{\"v\":3}");
    let run = night.done(&["requests", "run", &id]);
    assert_eq!(run.status.code(), Some(78), "{run:?}");
    assert!(text(&run).contains("what was kept to run it later cannot be read"), "{run:?}");
    assert_eq!(night.done(&["requests", "cancel", &id]).status.code(), Some(0));
    assert_eq!(files(&night), Vec::<PathBuf>::new());
}
