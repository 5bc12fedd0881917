//! A harmless command behaves exactly as without guard: the same command, bare and through a shim, gives the
//! same stdout, stderr, status, signals, descriptors, environment, arguments and job control.

mod support;

use std::io::Write;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Output, Stdio};
use support::{Scene, have};

/// Signals 32 and 33 belong to the C library of whoever started the process: they differ from run to run.
fn without_library_signals(text: &str) -> String {
    text.lines()
        .map(|line| {
            match line.strip_prefix("SigIgn:\t").and_then(|mask| u64::from_str_radix(mask, 16).ok()) {
                Some(mask) => format!("SigIgn:\t{:016x}\n", mask & !(0b11 << 31)),
                None => format!("{line}\n"),
            }
        })
        .collect()
}

/// Runs a shell line with and without the shims on PATH.
fn both(scene: &Scene, line: &str) -> [Output; 2] {
    [false, true].map(|shimmed| {
        let mut command = scene.command("/bin/bash", &["-c", line]);
        command.env("PATH", scene.search_path(shimmed)).output().expect("bash runs")
    })
}

fn same(scene: &Scene, line: &str) {
    let [bare, shimmed] = both(scene, line);
    // A variable that only differs by what the test itself changed.
    let shims = format!("{}:", scene.path("shims").display());
    let strip = |bytes: &[u8]| without_library_signals(&String::from_utf8_lossy(bytes).replace(&shims, ""));
    assert_eq!(strip(&bare.stdout), strip(&shimmed.stdout), "stdout of {line}");
    assert_eq!(strip(&bare.stderr), strip(&shimmed.stderr), "stderr of {line}");
    assert_eq!(bare.status.code(), shimmed.status.code(), "status of {line}");
    assert_eq!(bare.status.signal(), shimmed.status.signal(), "signal of {line}");
}

/// Prints everything about itself that a process can see.
const PROBE: &str = r#"#!/bin/sh
printf 'name=%s\n' "$0"
for word in "$@"; do printf 'arg=%s\n' "$word"; done
grep -E '^(Sig|Shd|Umask|NoNewPrivs|Seccomp:)' /proc/$$/status | grep -v SigQ
for fd in /proc/$$/fd/*; do n=${fd##*/}; case $n in 10) ;; *) printf 'fd=%s flags=%s\n' "$n" "$(sed -n 's/^flags:[[:space:]]*//p' /proc/$$/fdinfo/$n 2>/dev/null)";; esac; done
env | grep -v -E '^(_|SHLVL|OLDPWD)=' | sort
ulimit -a
pwd
"#;

#[test]
fn a_process_sees_the_same_world() {
    let scene = Scene::new("world");
    scene.stub("kubectl", PROBE);
    scene.stub("nobodyknows", PROBE);
    scene.shims(&["kubectl", "nobodyknows"]);
    for program in ["kubectl get", "nobodyknows delete"] {
        for line in [
            format!("{program} pods 'a  b' '' $'\\xff' $'n\\nl'"),
            format!("exec 5</dev/null 9>/dev/null; {program} x"),
            format!("{program} x <&-"),
            format!("{program} x >&- 2>/dev/null"),
            format!("trap '' PIPE USR1; {program} x"),
            format!("umask 077; ulimit -c 0; ulimit -n 99; {program} x"),
            format!("FOO=1 FOO=2 {program} x"),
            format!("exec -a forged {program} x"),
            format!("cd /; {program} x"),
        ] {
            same(&scene, &line);
        }
    }
}

#[test]
fn streams_and_statuses_are_the_programs_own() {
    let scene = Scene::new("streams");
    scene.stub("kubectl", "#!/bin/sh\nshift\ncase $1 in exit) exit $2;; kill) kill -$2 $$; sleep 5;; cat) cat;; err) echo e >&2;; yes) yes;; esac\n");
    scene.shims(&["kubectl", "rm"]);
    for line in [
        "kubectl get exit 0",
        "kubectl get exit 7",
        "kubectl get exit 255",
        "kubectl get err",
        "kubectl get kill TERM",
        "kubectl get kill KILL",
        "kubectl get kill SEGV",
        "head -c 100000 /dev/zero | kubectl get cat | md5sum",
        "kubectl get yes | head -n 3; echo ${PIPESTATUS[0]}",
        "kubectl get cat < /etc/hostname",
        "touch f; rm f; echo $?",
        "rm nosuch",
        "rm --version",
        "rm --nosuch",
        "rm -f nosuch",
        "rm",
        "touch a b; rm -v a b",
        "mkdir d; rm d; rmdir d",
        "touch 'x y' ./-rf; rm -v -- 'x y' -rf",
        "mkdir -p t/u; touch t/u/v; rm -rv t",
        "touch i; echo y | rm -i i; ls i",
    ] {
        same(&scene, line);
    }
}

#[test]
fn the_real_tools_answer_the_same() {
    let scene = Scene::new("real");
    scene.kubeconfig("staging");
    scene.write("work/main.tf", "resource   \"terraform_data\" \"a\" {}\n");
    scene.shims(&["kubectl", "psql", "terraform", "rm"]);
    if have("kubectl") {
        for line in [
            "kubectl config view",
            "kubectl config current-context",
            "kubectl version --client=true 2>/dev/null | head -c 7",
            "kubectl delete --help | head -n 3",
            "kubectl gte pods 2>&1 | tail -n 1; echo ${PIPESTATUS[0]}",
            "kubectl config get-contexts -o name",
            "kubectl __complete config use-co 2>/dev/null",
        ] {
            same(&scene, line);
        }
    }
    if have("psql") {
        for line in [
            "psql --version",
            "psql -h 127.0.0.1 -p 1 -c 'select 1'",
            "psql --nosuch",
            "psql --help | head -n 2",
        ] {
            same(&scene, line);
        }
    }
    if have("terraform") {
        for line in [
            "terraform version | head -n 1",
            "terraform fmt -check",
            "terraform nosuch",
            "terraform -help | head -n 3",
        ] {
            same(&scene, line);
        }
    }
}

/// A build that removes its own directory, a checkout that another branch does not have.
#[test]
fn a_directory_that_was_removed_is_no_reason_to_stop() {
    let scene = Scene::new("removed");
    scene.kubeconfig("staging");
    scene.shims(&["git", "ssh", "psql", "find", "rm", "kubectl", "env"]);
    scene.stub("kubectl", "#!/bin/sh\necho \"$@\"\n");
    let gone = "mkdir d; cd d; rmdir ../d";
    for line in [
        "git --version",
        "ssh -V",
        "psql --version",
        "rm --help",
        "find /etc/hostname",
        "kubectl config view",
    ] {
        if have(line.split(' ').next().unwrap_or(line)) || line.starts_with("kubectl") {
            same(&scene, &format!("{gone}; {line}; echo $?"));
            same(&scene, &format!("{gone}; env A=b {line}; echo $?"));
        }
    }
    let refused = |line: &str| {
        let script = format!("{gone}; exec {line}");
        let mut command = scene.command("setsid", &["-w", "/bin/bash", "-c", &script]);
        let output = command.env("PATH", scene.search_path(true)).output().expect("bash runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(77), "{line}: {said}");
    };
    scene.write("work/keep/f", "x");
    refused("kubectl delete ns payments");
    refused("rm -rf ../keep");
    refused("env A=b rm -rf ../keep");
    assert!(scene.path("work/keep/f").exists());
    let log = scene.guard(&["audit", "show", "--json"]);
    assert!(String::from_utf8_lossy(&log.stdout).contains("a directory that was removed"), "{log:?}");
}

#[test]
fn guard_run_is_as_transparent_as_a_shim() {
    let scene = Scene::new("run");
    scene.stub("kubectl", PROBE);
    let run = |words: &[&str]| scene.command(words[0], &words[1..]).output().expect("runs");
    let bare = run(&["kubectl", "get", "x"]);
    let guarded =
        run(&[scene.path("lib/guard").to_str().expect("utf-8"), "run", "--", "kubectl", "get", "x"]);
    let both = |o: &Output| (without_library_signals(&support::text(o).0), support::text(o).1);
    assert_eq!(both(&bare), both(&guarded));
    assert_eq!(bare.status, guarded.status);
}

#[test]
fn standard_input_arrives_whole() {
    let scene = Scene::new("stdin");
    scene.stub("psql", "#!/bin/sh\nexec md5sum\n");
    scene.shims(&["psql"]);
    let sql = "select 1;\n".repeat(100_000);
    for shimmed in [false, true] {
        let mut command = scene.command("psql", &["-X", "-h", "127.0.0.1", "dev"]);
        command.env("PATH", scene.search_path(shimmed));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("psql runs");
        child.stdin.take().expect("pipe").write_all(sql.as_bytes()).expect("write");
        let output = child.wait_with_output().expect("ends");
        let got = String::from_utf8_lossy(&output.stdout);
        assert_eq!(got, format!("{}  -\n", md5(&sql)), "shimmed {shimmed}");
    }
}

fn md5(text: &str) -> String {
    let mut child = std::process::Command::new("md5sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("md5sum");
    child.stdin.take().expect("pipe").write_all(text.as_bytes()).expect("write");
    String::from_utf8_lossy(&child.wait_with_output().expect("ends").stdout)[..32].to_owned()
}

#[test]
fn a_huge_command_line_still_runs() {
    let scene = Scene::new("huge");
    scene.stub("kubectl", "#!/bin/sh\nprintf '%s\\n' \"$@\" | wc -c\n");
    scene.shims(&["kubectl", "rm"]);
    // 120 kB an argument is under the kernel's limit for one; together 1.9 MB, just under its limit for all.
    same(
        &scene,
        "x=$(head -c 120000 /dev/zero | tr '\\0' a); kubectl get $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x",
    );
    same(
        &scene,
        "x=$(head -c 120000 /dev/zero | tr '\\0' a); rm -f $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x; echo $?",
    );
}

#[test]
fn an_empty_or_missing_name_is_refused() {
    let scene = Scene::new("nameless");
    scene.stub("kubectl", "#!/bin/sh\necho ran\n");
    scene.shims(&["kubectl"]);
    let mut command = scene.command(scene.path("shims/kubectl"), &["get", "x"]);
    let output = command.arg0("").output().expect("runs");
    assert_eq!(output.status.code(), Some(64), "{output:?}");
    assert!(output.stdout.is_empty());
    // perl's exec with an explicit empty list is the portable way to an empty argv.
    let line = format!("perl -e 'exec {{\"{}\"}} ()' ; echo $?", scene.path("shims/kubectl").display());
    let output = scene.command("/bin/bash", &["-c", &line]).output().expect("runs");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("ran"), "{output:?}");
}
