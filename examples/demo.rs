//! `./install.sh --demo`: the main job on a throwaway directory and a throwaway kubeconfig named as production.
//! On a terminal you answer; without one, a right and a wrong answer are played on a pseudo-terminal.

#[path = "../tests/support/pty.rs"]
mod pty;

use pty::{Pty, plain};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let (Some(guard), Some(shim)) = (words.next(), words.next()) else {
        eprintln!("usage: demo GUARD GUARD-SHIM");
        return ExitCode::from(64);
    };
    let scene = Scene::build(Path::new(&guard), Path::new(&shim));
    let passed = scene.play(fs::File::open("/dev/tty").is_ok());
    let _ = fs::remove_dir_all(&scene.root);
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Scene {
    root: PathBuf,
}

impl Scene {
    fn build(guard: &Path, shim: &Path) -> Scene {
        let root = std::env::temp_dir().join(format!("guard-demo-{}", std::process::id()));
        fs::create_dir_all(root.join("home/.kube")).expect("a temporary directory");
        let root = root.canonicalize().expect("a temporary directory");
        for directory in ["lib", "shims", "work/orders-service/.git", "work/orders-service/src", "work/build"]
        {
            fs::create_dir_all(root.join(directory)).expect("a temporary directory");
        }
        fs::write(root.join("work/orders-service/.git/HEAD"), "ref: refs/heads/main\n").expect("write");
        fs::write(root.join("work/orders-service/src/main.go"), "package main\n").expect("write");
        fs::write(root.join("work/build/out.o"), "x").expect("write");
        fs::write(root.join("home/.kube/config"), KUBECONFIG).expect("write");
        fs::copy(guard, root.join("lib/guard")).expect("guard was built");
        fs::copy(shim, root.join("lib/guard-shim")).expect("the shim was built");
        let scene = Scene { root };
        let made =
            scene.guard(&["shim", "add", "kubectl", "rm", "--dir"]).arg(scene.root.join("shims")).output();
        assert!(made.is_ok_and(|o| o.status.success()), "the shims could not be made");
        scene
    }

    fn command(&self, program: impl Into<OsString>, args: &[&str]) -> Command {
        let mut command = Command::new(program.into());
        let path = std::env::var("PATH").unwrap_or_default();
        command.args(args).current_dir(self.root.join("work"));
        command.env("PATH", format!("{}:{path}", self.root.join("shims").display()));
        command.env("HOME", self.root.join("home")).env_remove("KUBECONFIG");
        for name in ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"] {
            command.env_remove(name);
        }
        command
    }

    fn guard(&self, args: &[&str]) -> Command {
        self.command(self.root.join("lib/guard"), args)
    }

    fn shimmed(&self, program: &str, args: &[&str]) -> Command {
        self.command(program, args)
    }

    fn play(&self, terminal: bool) -> bool {
        let repository = self.root.join("work/orders-service");
        say("a harmless command first: guard stays silent and costs about a millisecond");
        show("rm -rf build");
        let harmless = self.shimmed("rm", &["-rf", "build"]).status().is_ok_and(|s| s.success());
        verdict(
            harmless && !self.root.join("work/build").exists(),
            "the real rm removed build/ without a question",
        );

        say("now a whole repository, with its history");
        show("rm -rf orders-service");
        let path = repository.display().to_string();
        let (wrong, right) = if terminal {
            say("type the path to run it, or press Esc");
            (true, self.shimmed("rm", &["-rf", "orders-service"]).status().is_ok())
        } else {
            say(
                "there is no terminal here, so both answers are played on one of their own; first a wrong one",
            );
            let refused =
                self.answer("rm", &["-rf", "orders-service"], "yes", true) == Some(77) && repository.exists();
            verdict(refused, "nothing ran, the repository is still there");
            say("and the right one");
            let ran = self.answer("rm", &["-rf", "orders-service"], &path, false) == Some(0)
                && !repository.exists();
            (refused, ran)
        };
        if terminal {
            let gone = if repository.exists() {
                "is still there: nothing ran"
            } else {
                "was removed by the real rm"
            };
            say(&format!("the repository {gone}"));
        } else {
            verdict(right, "the real rm ran");
        }
        let cluster = self.cluster(terminal);
        say("what was recorded, signed and chained");
        let shown = self.guard(&["audit", "show"]).status().is_ok_and(|s| s.success());
        let verified = self.guard(&["audit", "verify"]).status().is_ok_and(|s| s.success());
        verdict(shown && verified, "every entry is there and every signature holds");
        harmless && wrong && right && cluster && shown && verified
    }

    fn cluster(&self, terminal: bool) -> bool {
        let installed = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
            .any(|directory| directory.join("kubectl").is_file());
        if !installed {
            say("SKIPPED: kubectl is not installed");
            return true;
        }
        say("last, a namespace on a context named as production (its server is nobody, on this machine)");
        show("kubectl delete ns payments");
        if terminal {
            say("press Esc, or Ctrl-C");
            return self.shimmed("kubectl", &["delete", "ns", "payments"]).status().is_ok();
        }
        let stopped = self.answer("kubectl", &["delete", "ns", "payments"], "\x1b", true) == Some(77);
        verdict(stopped, "Esc: kubectl never started");
        stopped
    }

    /// Runs on a pseudo-terminal, answers, prints the screen and gives the exit status.
    fn answer(&self, program: &str, args: &[&str], answer: &str, wrong: bool) -> Option<i32> {
        let mut pty = Pty::start(self.shimmed(program, args), 80, 40, true);
        pty.wait_for(PROMPT);
        if answer == "\x1b" {
            pty.send(b"\x1b");
        } else {
            for attempt in 0..if wrong { 3 } else { 1 } {
                if attempt > 0 {
                    pty.wait_for(PROMPT);
                }
                pty.type_text(answer);
                pty.enter();
            }
        }
        let (status, shown) = pty.finish();
        for line in plain(&shown).lines() {
            println!("    {line}");
        }
        status.code()
    }
}

/// What the question ends in, right before the answer.
const PROMPT: &str = "> ";

fn say(words: &str) {
    println!("\n-- {words}");
}

fn show(line: &str) {
    println!("$ {line}");
}

fn verdict(held: bool, words: &str) {
    println!("   {} {words}", if held { "ok:" } else { "FAILED:" });
}

const KUBECONFIG: &str = "\
apiVersion: v1
kind: Config
current-context: prod-eu
clusters:
- name: prod-eu
  cluster:
    server: https://127.0.0.1:1
users:
- name: me
  user: {}
contexts:
- name: prod-eu
  context:
    cluster: prod-eu
    user: me
";
