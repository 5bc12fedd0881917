//! Secrets stay where they are kept: in no output, no log, no core file; and the program that guard becomes gets
//! its limits as they were.

use super::home::Home;
use super::pty::Pty;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;

/// All the ways in which 32 secret bytes could be written.
fn spellings(text: &str) -> Vec<Vec<u8>> {
    let bytes: [u8; 32] = guard::keys::decode(text).expect("base64");
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let decimal = bytes[..8].iter().map(|b| b.to_string()).collect::<Vec<_>>().join(", ");
    vec![
        text.as_bytes().to_vec(),
        text.trim_end_matches('=').as_bytes().to_vec(),
        guard::keys::encode_url(&bytes).into_bytes(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        decimal.into_bytes(),
        bytes.to_vec(),
    ]
}

/// The secrets of a home's files.
fn secrets(home: &Home) -> Vec<Vec<u8>> {
    let keys = home.state().join("keys");
    let audit = home.state().join("audit/keys");
    let mut files: Vec<_> = home.key_files().iter().map(|name| keys.join(name)).collect();
    files.extend(["epoch.key", "redact.key"].map(|name| audit.join(name)).into_iter().filter(|f| f.exists()));
    assert!(files.len() >= 2, "{files:?}");
    let text = |file: &Path| {
        fs::read_to_string(file).expect("key").trim_end().rsplit(' ').next().expect("text").to_owned()
    };
    files.iter().flat_map(|file| spellings(&text(file))).collect()
}

fn files_below(directory: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn no_command_prints_a_secret_and_no_other_file_holds_one() {
    let home = Home::new("secrets");
    assert!(!home.fingerprint().is_empty());
    home.scene.stub("kubectl", "#!/bin/sh\nexit 0\n");
    home.scene.kubeconfig("prod-eu");
    home.guard(&["run", "--", "kubectl", "delete", "ns", "payments", "--token=hunter2hunter2"]);
    let secrets = secrets(&home);
    let mut said = Vec::new();
    let mut collect = |args: &[&str]| {
        let output = home
            .command(home.scene.path("lib/guard"), args)
            .env("RUST_BACKTRACE", "full")
            .env("RUST_LOG", "trace")
            .output();
        let output = output.expect("guard");
        said.push((args.join(" "), [output.stdout, output.stderr].concat()));
    };
    let delete = ["--", "kubectl", "delete", "ns", "payments"];
    for args in [
        &["key", "show"][..],
        &["key", "show", "--json"],
        &["key", "export"],
        &["key", "export", "--allowed-signers"],
        &["key", "use", "own"],
        &["key", "use", "ssh"],
        &["audit", "show"],
        &["audit", "show", "--json"],
        &["audit", "verify"],
        &["audit", "verify", "--json"],
        &["doctor"],
        &["doctor", "--json"],
        &["--version"],
        &["--help"],
        &["key", "nonsense"],
    ] {
        collect(args);
    }
    for command in [&["run"][..], &["check", "--json"], &["explain"]] {
        collect(&[command, &delete].concat());
    }
    // What goes wrong must not be shown with its key either.
    let key = home.state().join("keys").join(&home.key_files()[0]);
    let whole = fs::read(&key).expect("key");
    fs::write(&key, &whole[..whole.len() - 1]).expect("write");
    collect(&["key", "rotate"]);
    collect(&["doctor"]);
    fs::write(&key, &whole).expect("write");
    collect(&["key", "rotate"]);
    for (what, output) in &said {
        for secret in &secrets {
            assert!(!contains(output, secret), "`guard {what}` prints a secret");
        }
    }
    let mut files = Vec::new();
    files_below(&home.scene.path("home"), &mut files);
    for file in files.iter().filter(|f| f.extension().is_none_or(|e| e != "key")) {
        let bytes = fs::read(file).expect("readable");
        assert!(!secrets.iter().any(|secret| contains(&bytes, secret)), "{} holds a secret", file.display());
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[test]
fn secrets_are_not_in_debug_output() {
    let home = Home::new("secrets-debug");
    assert!(!home.fingerprint().is_empty());
    let text = fs::read_to_string(home.state().join("keys").join(&home.key_files()[0])).expect("key");
    let identity = guard::keys::Identity::existing(&home.state()).expect("readable").expect("made");
    let signer = identity.signer().expect("in a file");
    let shown = format!("{identity:?} {signer:?} {signer:#?}");
    for secret in spellings(text.trim_end().rsplit(' ').next().expect("base64")) {
        assert!(!contains(shown.as_bytes(), &secret));
    }
}

/// The soft limit of core files of a process, in bytes.
fn core_limit(pid: i32) -> String {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).expect("limits");
    let line = limits.lines().find(|l| l.starts_with("Max core file size")).expect("a line").to_owned();
    line.split_whitespace().nth(4).expect("a limit").to_owned()
}

#[test]
fn a_guard_that_has_read_a_key_leaves_no_core_file() {
    let home = Home::new("secrets-core");
    home.scene.stub("kubectl", "#!/bin/sh\nexit 0\n");
    home.scene.kubeconfig("prod-eu");
    home.scene.shims(&["kubectl"]);
    let unlimited = |program: &str| {
        let script = format!("ulimit -S -c $(ulimit -H -c); exec {program}");
        home.command("sh", &["-c", &script])
    };
    // What dies of this signal elsewhere does dump core here, or the test would show nothing.
    let control = unlimited("sh -c 'kill -SEGV $$'").stdout(Stdio::null()).status().expect("sh");
    if !control.core_dumped() {
        eprintln!("note: this system dumps no core at all");
    }
    let mut pty = Pty::start(unlimited("kubectl delete ns payments"), 80, 40, true);
    pty.wait_for("> ");
    let pid = nix::unistd::Pid::from_raw(pty.pid());
    assert_eq!(core_limit(pid.as_raw()), "0");
    assert!(!dumpable(pid.as_raw()));
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGSEGV).expect("kill");
    let (status, _) = pty.finish();
    assert_eq!((status.signal(), status.core_dumped()), (Some(nix::libc::SIGSEGV), false));
}

/// Whether the kernel would let another process of the same user look into this one: then the files in
/// `/proc/PID` belong to that user, else to root (proc(5)). For root itself there is no difference to see.
fn dumpable(pid: i32) -> bool {
    let owner = fs::metadata(format!("/proc/{pid}/maps")).map(|m| std::os::unix::fs::MetadataExt::uid(&m));
    owner.is_ok_and(|owner| owner != 0)
}

#[test]
fn the_guarded_program_gets_its_limits_as_they_were() {
    let home = Home::new("secrets-limits");
    let stub = "#!/bin/sh\necho \"limits: $(ulimit -S -c) $(ulimit -H -c)\"\n";
    home.scene.stub("kubectl", stub);
    home.scene.kubeconfig("prod-eu");
    home.scene.shims(&["kubectl"]);
    for limit in ["0", "64", "hard"] {
        let set = if limit == "hard" { "$(ulimit -H -c)" } else { limit };
        let run = |program: &str| {
            let script = format!("ulimit -S -c {set}; exec {program} delete ns payments");
            home.command("sh", &["-c", &script])
        };
        let bare = run(home.scene.path("stub/kubectl").to_str().expect("utf-8")).output().expect("bare");
        let mut pty = Pty::start(run("kubectl"), 80, 40, true);
        pty.wait_for("> ");
        pty.type_text("prod-eu/payments");
        pty.enter();
        let (status, shown) = pty.finish();
        assert_eq!(status.code(), Some(0), "{shown}");
        let wanted = String::from_utf8_lossy(&bare.stdout).trim().to_owned();
        assert!(shown.contains(&wanted), "{wanted}: {shown}");
    }
}
