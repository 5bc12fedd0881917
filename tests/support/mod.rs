//! What the integration tests share: a scratch home with shims, running things bare and through guard, and
//! loud skips for tools that are not installed (a failure in CI for those that CI installs).
#![allow(dead_code)]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The full guard of this build.
pub fn guard() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_guard"))
}

/// The shim: the static one that tests/run built, or this build's.
pub fn shim() -> PathBuf {
    std::env::var_os("GUARD_TEST_SHIM").map_or_else(|| env!("CARGO_BIN_EXE_guard-shim").into(), PathBuf::from)
}

/// Skips a test without a tool, loudly; in CI only tools that Debian has no package for may be missing.
pub fn have(tool: &str) -> bool {
    let found =
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).any(|d| d.join(tool).is_file());
    if !found {
        assert!(
            std::env::var_os("CI").is_none() || tool == "terraform",
            "{tool} is missing, and CI installs it"
        );
        eprintln!("SKIPPED: {tool} is not installed");
    }
    found
}

/// A throwaway home with guard "installed" in it: executables side by side, a shim directory, stub programs.
pub struct Scene {
    pub root: PathBuf,
}

impl Scene {
    pub fn new(name: &str) -> Scene {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let serial = NEXT.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("guard-{name}-{}-{serial}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for directory in ["home", "work", "lib", "stub", "shims"] {
            fs::create_dir_all(root.join(directory)).expect("scratch directory");
        }
        let root = root.canonicalize().expect("scratch directory");
        let scene = Scene { root };
        copy_executable(guard(), &scene.path("lib/guard"));
        copy_executable(&shim(), &scene.path("lib/guard-shim"));
        scene
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    pub fn write(&self, relative: &str, text: &str) -> PathBuf {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().expect("relative path")).expect("directory");
        fs::write(&path, text).expect("write");
        path
    }

    /// A stand-in program on PATH.
    pub fn stub(&self, name: &str, script: &str) -> PathBuf {
        let path = self.write(&format!("stub/{name}"), script);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("mode");
        path
    }

    /// Adds shims with guard's own command.
    pub fn shims(&self, programs: &[&str]) {
        let output = self.guard(
            &[&["shim", "add", "--dir", self.path("shims").to_str().expect("utf-8")], programs].concat(),
        );
        assert!(output.status.success(), "{output:?}");
    }

    /// A kubeconfig whose only context is `name` on a server that refuses connections.
    pub fn kubeconfig(&self, name: &str) {
        self.write(
            "home/.kube/config",
            &format!(
                "apiVersion: v1\nkind: Config\ncurrent-context: {name}\nclusters:\n- name: {name}-c\n  cluster:\n    \
                 server: https://127.0.0.1:1\nusers:\n- name: me\n  user: {{}}\ncontexts:\n- name: {name}\n  context:\n    \
                 cluster: {name}-c\n    user: me\n"
            ),
        );
    }

    /// guard's own command in this home.
    pub fn guard(&self, args: &[&str]) -> Output {
        self.command(self.path("lib/guard"), args).output().expect("guard runs")
    }

    /// Any program in this home, with the shims in front of PATH.
    pub fn command(&self, program: impl AsRef<OsStr>, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.path("work")).env_clear().stdin(Stdio::null());
        command.env("HOME", self.path("home")).env("LANG", "C.UTF-8").env("TERM", "xterm");
        command.env("PATH", self.search_path(true));
        // A missing file named here makes terraform warn in every output.
        command.env("TF_CLI_CONFIG_FILE", "/dev/null");
        command
    }

    /// PATH with or without the shims.
    pub fn search_path(&self, with_shims: bool) -> String {
        let shims = if with_shims { format!("{}:", self.path("shims").display()) } else { String::new() };
        let rest = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        format!("{shims}{}:{rest}", self.path("stub").display())
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

/// Copies with cp(1): a descriptor of our own, open for writing, could be inherited by a process that another
/// test starts at the same moment, and the copy could not be executed (ETXTBSY).
pub fn copy_executable(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg(from).arg(to).status().expect("cp runs");
    assert!(copied.success(), "{} to {}", from.display(), to.display());
}

/// Both streams as text.
pub fn text(output: &Output) -> (String, String) {
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}
