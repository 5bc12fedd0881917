//! guard's answer against ssh's own: random configuration files and command lines; hostname, user, port, proxyjump and
//! remotecommand must be what `ssh -G` prints. The seed is fixed; GUARD_DIFFERENTIAL_CASES asks for more.

#[path = "support/dice.rs"]
mod dice;
mod support;

use dice::Dice;
use guard::invocation::{Invocation, Stdin};
use guard::reading::ssh::{Connection, Stop, connections, parse};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

const CASES: usize = 2500;

const HOSTS: &[&str] = &[
    "prod",
    "stg",
    "a.prod",
    "PROD",
    "db1.internal",
    "10.0.0.1",
    "127.1",
    "::1",
    "h",
    "web-1",
    "0x7f.1",
    "b.stg.internal",
];
const PATTERNS: &[&str] = &[
    "*",
    "prod",
    "stg",
    "*.prod",
    "!prod",
    "!*.prod",
    "?",
    "db?.internal",
    "web-*",
    "PROD",
    "h",
    "*.internal",
    "10.*",
    "!h",
    "127.0.0.1",
    "\"prod\"",
    "prod-db",
];
const LISTS: &[&str] = &[
    "prod,stg",
    "*,!prod",
    "*.prod",
    "!h,*",
    "PROD",
    "prod-db",
    "h",
    "*",
    "web-1,db?.internal",
    "bob",
    "root,bob",
    "!bob,*",
];
const USERS: &[&str] = &["bob", "root", "deploy", "\"a b\"", "alice"];
const NAMES: &[&str] =
    &["prod-db", "%h", "%h.internal", "x%%y", "10.1.258", "PROD-DB.Internal", "h", "\"quoted\""];
const JUMPS: &[&str] = &[
    "bastion",
    "a@b:1,c",
    "none",
    "ssh://u@j:7",
    "10.0.0.9",
    "u@[::1]:3",
    "c@10.0.0.1:22",
    "NONE",
    "a,b,c@d # x",
];
const COMMANDS: &[&str] = &["rm -rf /srv/data", "none", "echo \"a  b\" # c", "= odd", "reboot", "echo %h"];

fn option(dice: &mut Dice) -> String {
    let equals = ["", " ", " = ", "=", "   "];
    let (name, value) = match dice.below(9) {
        0 | 1 => ("HostName", dice.word(NAMES)),
        2 | 3 => ("User", dice.word(USERS)),
        4 => ("port", dice.word(&["22", "2222", "33", "65535"])),
        5 => ("ProxyJump", dice.word(JUMPS)),
        6 => ("proxycommand", dice.word(&["nc %h %p", "none", "ssh -W %h:%p b"])),
        7 => ("RemoteCommand", dice.word(COMMANDS)),
        _ => (dice.word(&["Compression", "TCPKeepAlive", "ForwardAgent"]), "yes"),
    };
    let gap = equals[1 + dice.below(4)];
    format!("{name}{gap}{value}")
}

fn block(dice: &mut Dice) -> String {
    if dice.one_in(2) {
        let patterns: Vec<&str> = (0..=dice.below(3)).map(|_| dice.word(PATTERNS)).collect();
        return format!("Host{}{}", dice.word(&[" ", "  ", "="]), patterns.join(" "));
    }
    let mut line = String::from("Match");
    if dice.one_in(6) {
        return line + dice.word(&[" all", " !all", " all # x", " canonical all", " final all"]);
    }
    for _ in 0..=dice.below(2) {
        let negation = if dice.one_in(4) { "!" } else { "" };
        line += &match dice.below(6) {
            0 | 1 => format!(" {negation}host {}", dice.word(LISTS)),
            2 => format!(" {negation}originalhost {}", dice.word(LISTS)),
            3 => format!(" {negation}user {}", dice.word(LISTS)),
            4 => format!(" {negation}localuser {}", dice.word(LISTS)),
            _ => format!(" {negation}{}", dice.word(&["final", "canonical"])),
        };
    }
    line
}

fn config(dice: &mut Dice, root: &Path, depth: usize, files: &mut usize) -> String {
    let mut lines = Vec::new();
    for _ in 0..dice.below(9) + 1 {
        match dice.below(12) {
            0..=3 => lines.push(block(dice)),
            4 if depth < 3 => {
                *files += 1;
                let name = format!("inc{files}-{depth}");
                let content = config(dice, root, depth + 1, files);
                write(root.join(&name), &content);
                let pattern = if dice.one_in(3) { format!("inc*-{depth}") } else { name };
                lines.push(format!("Include {}/{pattern}", root.display()));
            }
            5 => lines.push(dice.word(&["", "  # comment", "#x", "\t"]).to_owned()),
            _ => lines.push(format!("{}{}", dice.word(&["", "  ", "\t"]), option(dice))),
        }
    }
    lines.join("\n") + "\n"
}

/// ssh refuses files that others may write.
fn write(path: std::path::PathBuf, content: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(&path, content).expect("scratch");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("scratch");
}

fn command_line(dice: &mut Dice) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let options = |words: &mut Vec<String>, dice: &mut Dice| {
        for _ in 0..dice.below(3) {
            match dice.below(9) {
                0 => words.push(format!("-l{}", dice.word(&["bob", "zed"]))),
                1 => words.extend(["-p".into(), dice.word(&["33", "2022"]).into()]),
                2 => words.push(format!("-tp{}", dice.word(&["44", "55"]))),
                3 => words.extend(["-J".into(), dice.word(&["j1", "u@j2:9", "j3,j4"]).into()]),
                4..=6 => words.extend(["-o".into(), option(dice)]),
                7 => words.push("-v".into()),
                _ => words.push(dice.word(&["-4", "-T", "-A", "-q"]).into()),
            }
        }
    };
    options(&mut words, dice);
    let host = dice.word(HOSTS);
    words.push(match dice.below(6) {
        0 => format!("bob@{host}"),
        1 => format!("bob@alice@{host}"),
        2 if !host.contains(':') => format!("ssh://bob@{host}:44"),
        3 if !host.contains(':') => format!("ssh://{host}"),
        _ => host.to_owned(),
    });
    options(&mut words, dice);
    words
}

/// The facts `ssh -G` prints; `None` where it refuses.
fn oracle(file: &Path, words: &[String]) -> Option<BTreeMap<String, String>> {
    let out = Command::new("ssh").arg("-G").arg("-F").arg(file).args(words).output().expect("ssh runs");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let wanted = ["hostname", "user", "port", "proxyjump", "remotecommand"];
    let facts = text.lines().filter_map(|l| l.split_once(' ')).filter(|(k, _)| wanted.contains(k));
    out.status.success().then(|| facts.map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
}

fn ours(connection: &Connection) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    let mut add = |key: &str, value: &Result<String, String>| {
        facts.insert(key.to_owned(), value.clone().unwrap_or_else(|why| format!("unknown: {why}")));
    };
    add("hostname", &connection.hostname.value);
    add("user", &connection.user.value);
    add("port", &connection.port.value);
    if let Some(slot) = &connection.proxyjump {
        add("proxyjump", &slot.value);
    }
    if let Some(text) = connection.command("remotecommand") {
        add("remotecommand", &text);
    }
    facts
}

#[test]
fn guard_resolves_what_ssh_resolves() {
    if !support::have("ssh") {
        return;
    }
    let version = Command::new("ssh").arg("-V").output().expect("ssh runs");
    eprintln!("against {}", String::from_utf8_lossy(&version.stderr).trim());
    let cases = dice::cases(CASES);
    let root = std::env::temp_dir().join(format!("guard-differential-ssh-{}", std::process::id()));
    let mut dice = Dice(0x5353_4800_0000_0001);
    let (mut compared, mut refused) = (0, 0);
    for case in 0..cases {
        let place = root.join(case.to_string());
        fs::create_dir_all(&place).expect("scratch");
        let content = config(&mut dice, &place, 0, &mut 0);
        let file = place.join("config");
        write(file.clone(), &content);
        let words = command_line(&mut dice);
        let mut argv: Vec<OsString> = vec!["ssh".into(), "-F".into(), file.clone().into()];
        argv.extend(words.iter().map(OsString::from));
        let invocation = Invocation::here(argv, Stdin::Terminal).expect("a working directory");
        let line = parse(&invocation).expect("a command line");
        let found = connections(&invocation, &line).remove(0);
        match (oracle(&file, &words), found) {
            (Some(want), Ok(connection)) => {
                assert_eq!(ours(&connection), want, "case {case}: ssh {words:?}\n{content}");
                compared += 1;
            }
            (None, Err(Stop::Refused(_))) => refused += 1,
            // What ssh refuses for a reason that does not matter here is no danger.
            (None, Ok(_)) => refused += 1,
            (want, found) => panic!("case {case}: ssh {words:?}: {want:?} but {found:?}\n{content}"),
        }
        let _ = fs::remove_dir_all(&place);
    }
    let _ = fs::remove_dir_all(&root);
    assert!(compared * 2 > cases, "only {compared} of {cases} could be compared ({refused} refused)");
    eprintln!("{compared} compared, {refused} refused by ssh");
}
