//! The examples of a service: systemd takes the unit, its command line serves, and the image's entry point is ours.

use crate::server::Place;
use crate::team::Team;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

/// The unit, with this build's program in the place of the installed one.
fn unit() -> String {
    let text = std::fs::read_to_string("examples/relay/guard-relay.service").expect("the unit");
    assert!(text.contains("ExecStart=/usr/local/bin/guard relay serve "), "{text}");
    text.replace("/usr/local/bin/guard", env!("CARGO_BIN_EXE_guard"))
}

fn analyze(args: &[&str]) -> Option<String> {
    let output = Command::new("systemd-analyze").args(args).output();
    let Ok(output) = output else {
        assert!(std::env::var_os("CI").is_none(), "systemd-analyze is missing, and CI installs it");
        eprintln!("SKIPPED: systemd-analyze is not installed");
        return None;
    };
    let both = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&both).into_owned();
    assert!(output.status.success(), "{args:?}: {said}");
    Some(said)
}

#[test]
fn systemd_takes_the_unit_and_finds_little_exposed() {
    let place = Place::new("unit");
    let file = place.path("guard-relay.service");
    std::fs::write(&file, unit()).expect("write");
    let file = file.display().to_string();
    let Some(said) = analyze(&["verify", "--man=no", &file]) else { return };
    assert_eq!(said, "", "no warning either");
    // Tenths; what is left is the network, which is its purpose.
    analyze(&["security", "--offline=true", "--threshold=15", "--no-pager", &file]);
}

#[test]
fn the_units_command_line_serves() {
    let (place, team) = (Place::new("unit-serves"), Team::new());
    let own = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    let files = [
        ("cert.pem", own.cert.pem()),
        ("key.pem", own.signing_key.serialize_pem()),
        ("roster.json", String::from_utf8(team.roster.to_bytes()).expect("text")),
        ("channels.toml", "[[teams]]\nname = \"ops\"\nwebhook = \"https://teams.example/hook\"\n".to_owned()),
    ];
    let unit = unit();
    for (name, text) in files {
        assert!(unit.contains(&format!("LoadCredential={name}:")), "{name}");
        std::fs::write(place.path(name), text).expect("write");
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(place.path(name), mode).expect("mode");
    }
    std::fs::create_dir(place.path("guard-relay")).expect("the state directory");
    let line = unit.replace("\\\n", " ");
    let line = line.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a command line");
    let here = place.0.display().to_string();
    let line = line.replace("%d", &here).replace("%S", &here).replace("0.0.0.0:7410", "127.0.0.1:0");
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().expect("a program"));
    let mut relay = command.args(words).env_clear().env("HOME", &here);
    relay = relay.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut relay = relay.spawn().expect("guard runs");
    let mut first = String::new();
    BufReader::new(relay.stdout.take().expect("piped")).read_line(&mut first).expect("a line");
    let _ = relay.kill();
    let _ = relay.wait();
    assert_eq!(first, "listening on https://approve.acme.example:7410\n");
}

#[test]
fn the_images_entry_point_is_a_command_of_ours() {
    let text = std::fs::read_to_string("examples/relay/Containerfile").expect("the file");
    let line = text.lines().find_map(|line| line.strip_prefix("ENTRYPOINT ")).expect("an entry point");
    let words: Vec<String> = serde_json::from_str(line).expect("the form without a shell");
    assert_eq!(words[0], "guard");
    let output = Command::new(env!("CARGO_BIN_EXE_guard")).args(&words[1..]).arg("--help").output();
    assert!(output.expect("guard runs").status.success(), "{words:?}");
    // A process that ignores its signal is killed with what is queued.
    assert!(text.contains("STOPSIGNAL SIGTERM") && text.contains("\nUSER relay\n"), "{text}");
}
