//! Logs to test on, child processes that append, and the two verifiers side by side.

use guard::audit::{self, Decision, Intent, Log, Mode, Outcome, StdinKind, TargetFact};
use guard::settings::Dirs;
use serde_json::Value;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

const STATE: &str = "GUARD_TEST_STATE";
const COUNT: &str = "GUARD_TEST_COUNT";
pub const NO_BUS: &str = "unix:path=/nonexistent/bus";
pub const SEGMENT: &str = "seg-000000000000.jsonl";

/// A directory of its own, removed when dropped.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new() -> Scratch {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("guard-audit-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a new temporary directory");
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn dirs(state: &Path) -> Dirs {
    Dirs { config: state.join("none"), state: state.to_owned(), cache: state.join("none") }
}

pub fn segment(state: &Path) -> PathBuf {
    state.join("audit").join(SEGMENT)
}

/// This test binary as a process that begins or continues the log and appends `count` commands.
pub fn appender(state: &Path, count: u32) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("own path"));
    command.args(["--exact", "helper::child", "--nocapture"]);
    command.env(STATE, state).env(COUNT, count.to_string()).env("DBUS_SESSION_BUS_ADDRESS", NO_BUS);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// Not a test by itself: what `appender` starts. Acknowledges each entry on a line of its own.
#[test]
fn child() {
    let (Some(state), Ok(count)) = (std::env::var_os(STATE), std::env::var(COUNT)) else { return };
    let mut out = std::io::stdout();
    let (log, notices) = match Log::open(&dirs(Path::new(&state))) {
        Ok(opened) => opened,
        Err(error) => return writeln!(out, "\nerror {error}").expect("stdout"),
    };
    for notice in notices {
        writeln!(out, "\nnotice {notice}").expect("stdout");
    }
    for i in 0..count.parse::<u32>().expect("a number") {
        match log.intent(&intent(&["kubectl", "delete", "ns", &format!("n{i}")])) {
            Ok(id) => writeln!(out, "\nack {}", id.as_str()).expect("stdout"),
            Err(error) => writeln!(out, "\nerror {error}").expect("stdout"),
        }
    }
}

/// The lines of a child's output that begin with a word.
pub fn said(output: &[u8], word: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    text.lines().filter_map(|line| line.strip_prefix(word)?.strip_prefix(' ')).map(str::to_owned).collect()
}

/// A log that was begun without a keyring, and a handle to append to it.
pub fn fresh(state: &Path) -> Log {
    let output = appender(state, 0).output().expect("child");
    assert_eq!(said(&output.stdout, "error"), Vec::<String>::new());
    Log::open(&dirs(state)).expect("a log that exists").0
}

pub fn intent(argv: &[&str]) -> Intent {
    Intent {
        tool: argv[0].to_owned(),
        program: Some("/usr/bin/tool".into()),
        argv: argv.iter().map(OsString::from).collect(),
        cwd: "/".into(),
        stdin: StdinKind::Terminal,
        shim: None,
        mode: Mode::Exec,
        summary: "prod-eu/payments".to_owned(),
        facts: vec![
            TargetFact {
                key: "context".into(),
                value: Ok("prod-eu".into()),
                source: "current-context".into(),
            },
            TargetFact {
                key: "server".into(),
                value: Err("no such cluster".into()),
                source: "kubeconfig".into(),
            },
        ],
        environment: "production".to_owned(),
        severity: Some("critical".to_owned()),
        effect: Some("destroy".to_owned()),
        rules: vec!["kubectl.delete-namespace".to_owned()],
        requires: vec!["confirm".to_owned()],
        policy: vec![("policy.toml".to_owned(), 12)],
        unsure: None,
    }
}

/// An intent and the decision to run it.
pub fn command(log: &Log, argv: &[&str]) {
    let id = log.intent(&intent(argv)).expect("intent");
    let decision =
        Decision { method: Some("typed".into()), attempts: 2, wait_ms: 4210, ..Decision::new(Outcome::Ran) };
    let receipt = log.decision(&id, &decision).expect("decision").expect("ran");
    assert_eq!(receipt.intent(), &id);
}

/// The lines of the log, line breaks included.
pub fn lines(state: &Path) -> Vec<Vec<u8>> {
    let bytes = fs::read(segment(state)).expect("segment");
    bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect()
}

/// A copy of a log with another content.
pub fn variant(of: &Path, at: &Path, content: &[u8]) {
    let keys = at.join("audit/keys");
    std::os::unix::fs::DirBuilderExt::mode(fs::DirBuilder::new().recursive(true), 0o700)
        .create(&keys)
        .expect("keys");
    for file in fs::read_dir(of.join("audit/keys")).expect("keys") {
        let file = file.expect("entry");
        fs::copy(file.path(), keys.join(file.file_name())).expect("copy");
    }
    fs::write(segment(at), content).expect("segment");
    fs::set_permissions(segment(at), std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("mode");
}

/// What a verifier says: standing, and line and offset of the first bad place.
pub type Said = (String, Option<(u64, u64)>);

pub fn verdict(state: &Path) -> Said {
    let report = audit::verify(&dirs(state)).expect("verify");
    let standing = serde_json::to_value(report.standing()).expect("a word");
    (standing.as_str().expect("a word").to_owned(), report.first_bad().map(|p| (p.line, p.offset)))
}

/// The verdict of the second verifier on each log.
pub fn second_opinion(states: &[PathBuf]) -> Vec<Said> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify_audit.py");
    let output = Command::new("python3")
        .arg(script)
        .args(states.iter().map(|s| s.join("audit")))
        .output()
        .expect("python3 is needed for the second verifier");
    let text = String::from_utf8(output.stdout).expect("JSON");
    let said: Vec<Said> =
        text.lines().map(|line| read_said(&serde_json::from_str(line).expect("JSON"))).collect();
    assert_eq!(said.len(), states.len(), "{}", String::from_utf8_lossy(&output.stderr));
    said
}

fn read_said(value: &Value) -> Said {
    let first = &value["first_bad"];
    let place = first["line"].as_u64().zip(first["offset"].as_u64());
    (value["standing"].as_str().expect("standing").to_owned(), place)
}

/// Both verifiers must agree; returns what they say.
pub fn both(state: &Path) -> Said {
    let said = verdict(state);
    assert_eq!(second_opinion(&[state.to_owned()]), std::slice::from_ref(&said));
    said
}

pub fn assert_ok(state: &Path) {
    assert_eq!(both(state), ("ok".to_owned(), None));
}

/// `guard audit …` on this log.
pub fn guard(state: &Path, args: &[&str]) -> std::process::Output {
    let home = state.parent().expect("a parent");
    assert!(state.ends_with("guard"), "XDG_STATE_HOME/guard");
    let mut command = Command::new(env!("CARGO_BIN_EXE_guard"));
    command.arg("audit").args(args).env("XDG_STATE_HOME", home).env("TZ", "UTC").output().expect("guard")
}

/// Says why a test did not run; where everything is installed that is an error.
pub fn skip(why: &str) {
    // Not eprintln!: the harness would keep that to itself.
    writeln!(std::io::stderr(), "SKIPPED: {why}").expect("stderr");
    assert!(std::env::var_os("CI").is_none(), "skipped in CI: {why}");
}

pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0)
}
