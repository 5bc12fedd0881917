//! `guard unlock` and `guard lock`: what the agent keeps, for whom, and until when.

use crate::helper::*;
use crate::support::Scene;
use guard::gates::totp::Custody;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

fn unlock(scene: &Scene, options: &[&str]) -> (Option<i32>, String) {
    let mut pty = on_terminal(scene, &[&["unlock"], options].concat());
    pty.wait_for("the passphrase of your second factor");
    pty.wait_for(PROMPT);
    answer(&mut pty, PASSPHRASE);
    end(pty)
}

/// The socket in the state directory, as there is no XDG_RUNTIME_DIR.
fn socket(scene: &Scene) -> Option<PathBuf> {
    let directory = fs::read_dir(state(scene).join("agent")).ok()?;
    directory.flatten().map(|entry| entry.path()).next()
}

/// The process that listens on it, by its command name and session.
fn process(scene: &Scene) -> u32 {
    let home = scene.path("home").into_os_string();
    let all = fs::read_dir("/proc").expect("proc").flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let ours = pids.filter(|pid| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let needle = [b"HOME=", home.as_encoded_bytes()].concat();
        environment.windows(needle.len()).any(|w| w == needle)
    });
    ours.max().expect("an agent")
}

#[test]
fn it_opens_the_file_for_a_while_and_lock_ends_it() {
    let scene = Scene::new("totp-agent");
    let (app, _) = enrolled_below(&state(&scene), Custody::Passphrase);
    let (status, shown) = unlock(&scene, &["--for", "15m"]);
    assert_eq!((status, shown.contains("unlocked for 15 min")), (Some(0), true), "{shown}");
    early_in_a_step();
    let mut pty = verify(&scene);
    assert!(pty.shown.contains("authenticator"), "no passphrase: {}", pty.shown);
    answer(&mut pty, &app.code(0));
    assert_eq!(end(pty).0, Some(0));
    let (_, shown) = end(on_terminal(&scene, &["totp", "status"]));
    assert!(shown.contains("in a file under a passphrase, unlocked for 15 min"), "{shown}");
    // A second time replaces the first.
    assert_eq!(unlock(&scene, &["--for", "2h"]).0, Some(0));
    let json = crate::support::text(&scene.guard(&["totp", "status", "--json"])).0;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert!(json["unlocked_for_s"].as_u64().is_some_and(|s| s > 7100), "{json}");
    let (status, shown) = end(on_terminal(&scene, &["lock"]));
    assert_eq!((status, shown.contains("guard: locked")), (Some(0), true), "{shown}");
    let pty = verify(&scene);
    assert!(pty.shown.contains("the passphrase of your second factor"), "{}", pty.shown);
    drop(pty);
    let (status, shown) = end(on_terminal(&scene, &["lock"]));
    assert_eq!((status, shown.contains("nothing was unlocked")), (Some(0), true), "{shown}");
}

#[test]
fn it_ends_by_itself() {
    let scene = Scene::new("totp-agent-ends");
    let _ = enrolled_below(&state(&scene), Custody::Passphrase);
    assert_eq!(unlock(&scene, &["--for", "1s"]).0, Some(0));
    let until = Instant::now() + Duration::from_secs(10);
    while socket(&scene).is_some() {
        assert!(Instant::now() < until, "it goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(verify(&scene).shown.contains("the passphrase of your second factor"));
}

#[test]
fn its_memory_is_locked_its_core_forbidden_and_it_holds_nothing_of_others() {
    let scene = Scene::new("totp-agent-memory");
    let _ = enrolled_below(&state(&scene), Custody::Passphrase);
    assert_eq!(unlock(&scene, &[]).0, Some(0));
    let pid = process(&scene);
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).expect("limits");
    let core = limits.lines().find(|l| l.starts_with("Max core file size")).expect("core");
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{core}");
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("status");
    let locked = status.lines().find_map(|l| l.strip_prefix("VmLck:")).expect("VmLck");
    assert_ne!(locked.trim(), "0 kB", "the key can be swapped out");
    let links: Vec<String> = fs::read_dir(format!("/proc/{pid}/fd"))
        .expect("fd")
        .flatten()
        .map(|fd| fs::read_link(fd.path()).expect("link").to_string_lossy().into_owned())
        .collect();
    let known =
        |l: &String| l == "/dev/null" || l.starts_with("socket:") || l.starts_with("anon_inode:[timerfd]");
    assert!(links.iter().all(known) && links.len() <= 6, "{links:?}");
    assert_eq!(fs::read_link(format!("/proc/{pid}/cwd")).expect("cwd"), PathBuf::from("/"));
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("stat");
    assert_eq!(stat.rsplit(") ").next().and_then(|s| s.split(' ').nth(4)), Some("0"), "it has no terminal");
    assert_eq!(end(on_terminal(&scene, &["lock"])).0, Some(0));
}

#[test]
fn it_answers_this_user_and_only_what_it_is_asked() {
    let scene = Scene::new("totp-agent-peer");
    let _ = enrolled_below(&state(&scene), Custody::Passphrase);
    assert_eq!(unlock(&scene, &[]).0, Some(0));
    let path = socket(&scene).expect("a socket");
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    let ask = |words: &str| {
        let mut stream = UnixStream::connect(&path).expect("connects");
        stream.write_all(words.as_bytes()).expect("writes");
        stream.shutdown(std::net::Shutdown::Write).expect("shutdown");
        let mut answer = String::new();
        let _ = BufReader::new(stream).read_line(&mut answer);
        answer
    };
    assert_eq!(ask("guard-agent/1 key AAAAAAAAAAAAAAAAAAAAAA==\n"), "none\n");
    for nonsense in ["", "\n", "guard-agent/2 time\n", "key\n", "\0\n", "guard-agent/1 key x\n"] {
        assert!(["", "none\n"].contains(&ask(nonsense).as_str()), "{nonsense:?}");
    }
    assert!(!ask(&"x".repeat(100_000)).contains("key"));
    assert!(ask("guard-agent/1 time\n").starts_with("time "), "it goes on after nonsense");
    if is_root() {
        // Another user who could reach the socket gets no answer.
        for part in path.ancestors().skip(1).take_while(|p| p.starts_with(&scene.root)) {
            fs::set_permissions(part, fs::Permissions::from_mode(0o755)).expect("chmod");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("chmod");
        let script = "use IO::Socket::UNIX; $SIG{PIPE} = 'IGNORE'; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die 'connect'; \
                      print $s \"guard-agent/1 time\\n\"; $s->flush; print 'said:', <$s> // '';";
        if crate::support::have("setpriv") {
            let output = std::process::Command::new("setpriv")
                .args(["--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/perl", "-e", script])
                .arg(&path)
                .output()
                .expect("setpriv");
            let said = crate::support::text(&output);
            assert_eq!(said.0, "said:", "{said:?}");
        }
    }
    assert_eq!(end(on_terminal(&scene, &["lock"])).0, Some(0));
}

#[test]
fn a_wrong_passphrase_and_leaving_start_nothing() {
    let scene = Scene::new("totp-agent-wrong");
    let _ = enrolled_below(&state(&scene), Custody::Passphrase);
    let mut pty = on_terminal(&scene, &["unlock"]);
    pty.wait_for(PROMPT);
    answer(&mut pty, "correct horsf");
    pty.wait_for("that is not the passphrase");
    pty.wait_for(PROMPT);
    pty.send(b"\x03");
    let (status, shown) = end(pty);
    assert_eq!(status, Some(130));
    assert!(!shown.contains("horsf"), "{shown}");
    assert!(socket(&scene).is_none());
    let other = Scene::new("totp-agent-none");
    assert_eq!(end(on_terminal(&other, &["unlock"])).0, Some(77));
    let _ = enrolled(&other);
    let (status, shown) = end(on_terminal(&other, &["unlock"]));
    assert_eq!((status, shown.contains("nothing to unlock")), (Some(0), true), "{shown}");
    for wrong in ["13h", "x", "0s"] {
        assert_eq!(end(on_terminal(&other, &["unlock", "--for", wrong])).0, Some(64), "{wrong}");
    }
}
