//! The container file, built and run for real as its head says. The images it starts from are stand-ins, for no
//! registry is asked: Debian by debootstrap, and for the builder the same with this build's program behind `cargo`.

use crate::secure::{certificate, trusting};
use crate::server::{Caller, Place};
use crate::team::Team;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const BASE: &str = "localhost/guard-test/debian:bookworm";
const TOOLS: &[&str] = &["podman", "debootstrap", "unshare", "nsenter", "strip"];
/// What the builder is asked for, and nothing else is answered.
const CARGO: &str = "#!/bin/sh
set -eu
[ \"$*\" = 'build --locked --release --bin guard' ] && [ -f Cargo.lock ] && [ -f src/main.rs ]
[ ! -e target ] || { echo 'what was built outside came along' >&2; exit 1; }
mkdir -p target/release && cp /prebuilt/guard target/release/guard
";

/// podman in a mount name space of its own, where cgroups are as it wants them; nothing stays mounted.
struct Podman(Child);

impl Podman {
    fn start() -> Podman {
        let script = "[ -e /sys/fs/cgroup/cgroup.controllers ] || mount -t cgroup2 none /sys/fs/cgroup; echo; exec cat";
        let mut command = Command::new("unshare");
        let command =
            command.args(["--mount", "sh", "-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut held = command.spawn().expect("unshare runs");
        let mut line = String::new();
        let out = held.stdout.as_mut().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("a line");
        Podman(held)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        let space = format!("--mount=/proc/{}/ns/mnt", self.0.id());
        command.args([&space, "--", "podman"]).args(args).stdin(Stdio::null());
        command
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn must(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Debian as its image is, made once and kept; `None`, loudly, where it cannot be.
fn base(place: &Place) -> Option<Podman> {
    let missing = TOOLS.iter().find(|tool| Command::new(tool).arg("--version").output().is_err());
    if let Some(tool) = missing {
        assert!(std::env::var_os("CI").is_none(), "{tool} is missing, and CI installs it");
        eprintln!("SKIPPED: {tool} is not installed");
        return None;
    }
    if !nix::unistd::geteuid().is_root() {
        eprintln!("SKIPPED: an image is built as root here");
        return None;
    }
    let podman = Podman::start();
    if podman.command(&["image", "exists", BASE]).status().is_ok_and(|s| s.success()) {
        return Some(podman);
    }
    let root = place.path("debian");
    let made = Command::new("debootstrap").args(["--variant=minbase", "bookworm"]).arg(&root).output();
    let made = made.expect("debootstrap runs");
    if !made.status.success() {
        eprintln!("SKIPPED: Debian cannot be had here: {}", said(&made));
        return None;
    }
    let tar = place.path("debian.tar");
    must(Command::new("tar").arg("-C").arg(&root).arg("-cf").arg(&tar).arg("."));
    must(podman.command(&["import", "--quiet"]).arg(&tar).arg(BASE));
    Some(podman)
}

/// The builder's image: this build's program where `cargo` would make one.
fn builder(podman: &Podman, place: &Place) -> String {
    let at = place.path("builder");
    std::fs::create_dir(&at).expect("directory");
    std::fs::write(at.join("cargo"), CARGO).expect("write");
    must(Command::new("strip").arg("-o").arg(at.join("guard")).arg(env!("CARGO_BIN_EXE_guard")));
    let text = format!(
        "FROM {BASE}\nCOPY --chmod=755 cargo /usr/local/bin/cargo\nCOPY --chmod=755 guard /prebuilt/guard\n"
    );
    std::fs::write(at.join("Containerfile"), text).expect("write");
    let name = format!("localhost/guard-test/builder:{}", std::process::id());
    must(podman.command(&["build", "--layers=false", "--isolation=chroot", "--quiet", "-t", &name]).arg(&at));
    name
}

/// Images and containers that go when the test does.
struct Made {
    podman: Podman,
    image: String,
    builder: String,
    container: String,
}

impl Drop for Made {
    fn drop(&mut self) {
        let _ = self.podman.command(&["rm", "--force", "--volumes", "--time=0", &self.container]).output();
        let _ = self.podman.command(&["volume", "rm", "--force", &self.container]).output();
        let _ = self.podman.command(&["rmi", "--force", &self.image, &self.builder]).output();
    }
}

/// The words of the run command that the file's head shows.
fn shown() -> Vec<String> {
    let text = std::fs::read_to_string("examples/relay/Containerfile").expect("the file");
    let lines = text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
    let lines = lines.skip_while(|line| !line.starts_with("podman run "));
    let mut words = Vec::new();
    for line in lines {
        words.extend(line.trim_end_matches('\\').split_whitespace().map(str::to_owned));
        if !line.ends_with('\\') {
            break;
        }
    }
    assert_eq!(words[..2], ["podman", "run"], "{words:?}");
    words.split_off(1)
}

/// The command as shown, with names, address and files of the test's own. The port is not published but the machine's: a
/// test that is killed must not leave redirections of ports behind.
fn run(made: &Made, place: &Place, port: u16) {
    let (listen, files) = (format!("127.0.0.1:{port}"), format!("{}:/etc/guard-relay:ro", place.0.display()));
    let volume = format!("{}:/data", made.container);
    let words: Vec<String> = shown()
        .into_iter()
        .map(|word| match word.as_str() {
            "-p" => "--network".to_owned(),
            "7410:7410" => "host".to_owned(),
            "0.0.0.0:7410" => listen.clone(),
            "relay:/data" => volume.clone(),
            "/etc/guard-relay:/etc/guard-relay:ro" => files.clone(),
            "guard-relay" => made.image.clone(),
            _ => word,
        })
        .collect();
    // podman would raise these two limits, which takes a right that a machine for tests may lack.
    let limits = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=1000:1000"];
    let mut command = made.podman.command(&[&words[0], "--detach", "--replace", "--cgroups=disabled"]);
    must(command.args(limits).arg(format!("--name={}", made.container)).args(&words[1..]));
}

/// Somebody without a bearer, as soon as the relay is ready.
fn caller(made: &Made, port: u16, pem: &str) -> Caller {
    let url = format!("https://127.0.0.1:{port}");
    let caller = Caller { url, http: trusting(pem), token: None, team: String::new() };
    let until = Instant::now() + Duration::from_secs(30);
    while caller.try_send("GET", "/readyz", None).map(|a| a.status).ok() != Some(200) {
        let log = || said(&made.podman.command(&["logs", &made.container]).output().expect("it runs"));
        assert!(Instant::now() < until, "{}", log());
        std::thread::sleep(Duration::from_millis(50));
    }
    caller
}

#[test]
fn the_image_is_built_and_serves_as_its_head_says() {
    let (place, team) = (Place::new("container"), Team::new());
    let Some(podman) = base(&place) else { return };
    let serial = std::process::id();
    let made = Made {
        image: format!("localhost/guard-test/relay:{serial}"),
        builder: builder(&podman, &place),
        container: format!("guard-test-relay-{serial}"),
        podman,
    };
    let (builder, base) = (format!("BUILDER={}", made.builder), format!("BASE={BASE}"));
    let here = env!("CARGO_MANIFEST_DIR");
    let file = format!("{here}/examples/relay/Containerfile");
    let mut build = made.podman.command(&[
        "build",
        "--layers=false",
        "--isolation=chroot",
        "--network=host",
        "-f",
        &file,
    ]);
    must(build.args(["--build-arg", &builder, "--build-arg", &base, "-t", &made.image, here]));

    let files = Place::new("container-files");
    let (_, _, pem) = certificate(&files, "cert");
    std::fs::rename(files.path("cert.key.pem"), files.path("key.pem")).expect("renamed");
    std::fs::write(files.path("roster.json"), team.roster.to_bytes()).expect("write");
    must(Command::new("chown").args(["-R", "7410:7410"]).arg(&files.0));
    let port = TcpListener::bind("127.0.0.1:0").expect("port").local_addr().expect("address").port();
    run(&made, &files, port);
    let alice = caller(&made, port, &pem).signed_in(&team, "alice");
    let request = team.request("alice", &["x"]);
    assert_eq!(alice.submit(&request).status, 201);
    let inside = |words: &[&str]| must(made.podman.command(&["exec", &made.container]).args(words));
    assert_eq!(inside(&["id", "-u"]), "7410");
    assert_eq!(inside(&["guard", "relay", "backup", "/data/copy.ndjson"]), "4 rows written");
    assert_eq!(
        inside(&["stat", "-c", "%a %n", "/data", "/data/relay.db", "/data/relay.key"]),
        "700 /data\n600 /data/relay.db\n600 /data/relay.key"
    );

    must(&mut made.podman.command(&["stop", "--time=20", &made.container]));
    let status = must(made.podman.command(&["inspect", "--format={{.State.ExitCode}}"]).arg(&made.container));
    assert_eq!(status, "0", "its own end, not a kill");
    // Another container with the same volume goes on.
    run(&made, &files, port);
    let alice = caller(&made, port, &pem).signed_in(&team, "alice");
    assert_eq!(alice.poll(&request, 0, 0).status, 200);
}
