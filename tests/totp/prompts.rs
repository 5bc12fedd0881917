//! Leaving at every prompt: the terminal is as before, nothing changed, the exit status is the right one.

use crate::helper::*;
use crate::pty::Pty;
use crate::support::Scene;
use guard::gates::totp::Custody;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A shell around guard that says how guard ended and what the terminal is like then.
fn in_shell(scene: &Scene, args: &str) -> Pty {
    let script = format!(
        "trap : INT; stty -a >before; \"$0\" {args}; rc=$?; stty -a >after; cmp before after && echo rc=$rc same"
    );
    let guard = scene.path("lib/guard");
    let command = scene.command("bash", &["-c", &script, guard.to_str().expect("utf-8")]);
    Pty::start(command, 100, 50, true)
}

/// The process of guard on this terminal.
fn child(pty: &Pty) -> Pid {
    let path = format!("/proc/{0}/task/{0}/children", pty.pid());
    let children = std::fs::read_to_string(path).expect("children");
    Pid::from_raw(children.split_whitespace().next().and_then(|pid| pid.parse().ok()).expect("a child"))
}

#[test]
fn every_signal_at_every_prompt_leaves_everything_as_it_was() {
    let scene = Scene::new("totp-signals");
    let _ = enrolled_below(&state(&scene), Custody::Passphrase);
    let before = files(&state(&scene));
    let to_code = |pty: &mut Pty| {
        answer(pty, PASSPHRASE);
        pty.wait_for("authenticator");
        pty.wait_for(PROMPT);
    };
    for (signal, status) in
        [(Signal::SIGINT, 130), (Signal::SIGQUIT, 131), (Signal::SIGTERM, 143), (Signal::SIGHUP, 129)]
    {
        for (args, deeper) in [
            ("totp verify", false),
            ("totp verify", true),
            ("totp remove", true),
            ("totp rotate", false),
            ("unlock", false),
        ] {
            let mut pty = in_shell(&scene, args);
            pty.wait_for(PROMPT);
            if deeper {
                to_code(&mut pty);
            }
            kill(child(&pty), signal).expect("there");
            pty.wait_for("rc=");
            let (_, shown) = end(pty);
            assert!(shown.contains(&format!("rc={status} same")), "{args} {signal}: {shown}");
        }
    }
    assert_eq!(files(&state(&scene)), before);
    // The same before there is anything.
    let fresh = Scene::new("totp-signals-enroll");
    for (signal, status) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143), (Signal::SIGQUIT, 131)] {
        let mut pty = in_shell(&fresh, "totp enroll");
        pty.wait_for(PROMPT);
        kill(child(&pty), signal).expect("there");
        pty.wait_for("rc=");
        let (_, shown) = end(pty);
        assert!(shown.contains(&format!("rc={status} same")), "{signal}: {shown}");
    }
    assert!(!state(&fresh).join("totp").exists());
}

#[test]
fn a_terminal_closed_at_the_prompt_changes_nothing() {
    let scene = Scene::new("totp-hangup");
    let _ = enrolled(&scene);
    let before = files(&state(&scene));
    for args in [["totp", "verify"], ["totp", "remove"], ["totp", "rotate"]] {
        let mut pty = on_terminal(&scene, &args);
        pty.wait_for(PROMPT);
        let status = pty.hang_up();
        use std::os::unix::process::ExitStatusExt;
        let code = status.code().or_else(|| status.signal().map(|n| 128 + n));
        assert_eq!(code, Some(129), "{args:?}");
    }
    assert_eq!(files(&state(&scene)), before);
}

#[test]
fn no_core_file_can_be_left_while_a_code_is_asked_for() {
    let scene = Scene::new("totp-core");
    let _ = enrolled(&scene);
    let pty = verify(&scene);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", pty.pid())).expect("limits");
    let core = limits.lines().find(|l| l.starts_with("Max core file size")).expect("core");
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    // Of a process that is not dumpable, another one of the same user reads neither memory nor environment.
    if !is_root() {
        assert!(std::fs::read(format!("/proc/{}/environ", pty.pid())).is_err());
    }
}

#[test]
fn the_program_holds_no_secret_of_this_test() {
    let scene = Scene::new("totp-binary");
    let (_, recovery) = enrolled(&scene);
    let binary = std::fs::read(scene.path("lib/guard")).expect("readable");
    for word in [PASSPHRASE, &recovery[0]] {
        assert!(!binary.windows(word.len()).any(|w| w == word.as_bytes()), "{word}");
    }
}
