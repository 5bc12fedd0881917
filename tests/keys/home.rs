//! A home with guard in it, what `guard key` says there, and services that end with the test.

use super::support::{Scene, text};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// What a command said: exit status, stdout, stderr.
pub struct Said {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn of(output: &Output) -> Said {
        let (out, err) = text(output);
        Said { status: output.status.code(), out, err }
    }

    /// Exactly one statement and at most one hint on stderr, the statement with these words.
    pub fn one_message(&self, words: &str) {
        let lines: Vec<&str> = self.err.lines().collect();
        let hints = lines.iter().filter(|l| l.starts_with("guard: hint: ")).count();
        assert!(lines.len() - hints == 1 && hints <= 1, "{}", self.err);
        assert!(lines[0].starts_with("guard: ") && lines[0].contains(words), "{words:?}: {}", self.err);
        assert!(!lines[0].ends_with('.'), "{}", self.err);
    }
}

/// A scene with extra environment for every command.
pub struct Home {
    pub scene: Scene,
    pub env: Vec<(String, String)>,
}

impl Home {
    /// Without a session bus.
    pub fn new(name: &str) -> Home {
        let scene = Scene::new(name);
        let run = scene.path("run");
        fs::create_dir(&run).expect("mkdir");
        fs::set_permissions(&run, fs::Permissions::from_mode(0o700)).expect("mode");
        let env = vec![
            ("XDG_RUNTIME_DIR".to_owned(), run.display().to_string()),
            ("DBUS_SESSION_BUS_ADDRESS".to_owned(), format!("unix:path={}/none", run.display())),
        ];
        Home { scene, env }
    }

    /// Sets or replaces a variable.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.into()));
    }

    pub fn unset(&mut self, name: &str) {
        self.env.retain(|(known, _)| known != name);
    }

    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> Command {
        let mut command = self.scene.command(program, args);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    pub fn guard(&self, args: &[&str]) -> Said {
        Said::of(&self.command(self.scene.path("lib/guard"), args).output().expect("guard runs"))
    }

    /// A program that must succeed; what it printed.
    pub fn tool(&self, program: &str, args: &[&str]) -> String {
        let output = self.command(program, args).output().expect("the tool runs");
        assert!(output.status.success(), "{program} {args:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn state(&self) -> PathBuf {
        self.scene.path("home/.local/state/guard")
    }

    /// `guard key show --json`.
    pub fn shown(&self) -> Value {
        let said = self.guard(&["key", "show", "--json"]);
        assert_eq!(said.status, Some(0), "{}", said.err);
        serde_json::from_str(&said.out).expect("JSON")
    }

    pub fn fingerprint(&self) -> String {
        self.shown()["fingerprint"].as_str().expect("a fingerprint").to_owned()
    }

    /// The names of key files.
    pub fn key_files(&self) -> Vec<String> {
        let names = fs::read_dir(self.state().join("keys"))
            .map(|d| d.flatten().collect())
            .unwrap_or_else(|_| Vec::new());
        let names = names.iter().map(|e| e.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.ends_with(".key")).collect()
    }

    /// The entries of the audit log.
    pub fn entries(&self) -> Vec<Value> {
        let said = self.guard(&["audit", "show", "--json"]);
        said.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// Both verifiers find the log sound; the report of guard's.
    pub fn log_holds(&self) -> Value {
        let said = self.guard(&["audit", "verify", "--json"]);
        assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify_audit.py");
        let log = self.state().join("audit");
        let second = Command::new("python3").arg(script).arg(log).output().expect("python3");
        assert!(second.status.success(), "{second:?}");
        serde_json::from_str(&said.out).expect("JSON")
    }

    /// Content and place of everything below the state directory but the log, to see that nothing changed.
    pub fn keys(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files: Vec<PathBuf> =
            fs::read_dir(self.state().join("keys")).expect("keys").flatten().map(|e| e.path()).collect();
        files.sort();
        files.into_iter().map(|path| (path.clone(), fs::read(path).expect("readable"))).collect()
    }
}

/// A process that ends with the test.
pub struct Service(pub Child);

impl Service {
    pub fn start(mut command: Command) -> Service {
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Service(command.spawn().expect("the service starts"))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until `there` is true, by trying again.
pub fn until(what: &str, mut there: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !there() {
        assert!(std::time::Instant::now() < end, "{what}: not within 20 s");
        std::thread::yield_now();
    }
}
