//! guard's answer against kubectl's deeds: random lists of kubeconfig files and options; the server, the namespace
//! and the user that `guard check` names must be those that the real kubectl then asks for a token, and what
//! kubectl refuses guard must call refused. Nothing listens at the servers: kubectl names them when it gives up,
//! and a credential helper tells as whom. The seed is fixed; GUARD_DIFFERENTIAL_CASES asks for more.

#[path = "support/dice.rs"]
mod dice;
mod support;

use dice::Dice;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

const KUBECTL: &str = "/usr/bin/kubectl";
const CASES: usize = 400;
const THREADS: usize = 4;

/// Names as they are written; some that YAML takes for something else than text, now and then.
fn name(dice: &mut Dice, kind: &str) -> String {
    if dice.one_in(200) {
        return (*dice.pick(&["on", "\"on\"", "'yes'", "12", "\"12\"", "~", "''", "\"\"", "'a b'", "n"]))
            .to_owned();
    }
    format!("{kind}{}", dice.below(3))
}

/// One kubeconfig file. Entries may be defined twice, name what is not there, or be empty.
fn config(dice: &mut Dice, file: usize) -> String {
    let mut text = String::from("apiVersion: v1\nkind: Config\n");
    if !dice.one_in(4) {
        let _ = writeln!(text, "current-context: {}", name(dice, "ctx"));
    }
    if dice.one_in(12) {
        text.push_str("preferences: {}\n");
    }
    let sections = [clusters(dice, file), users(dice), contexts(dice)];
    let turn = dice.below(3);
    for at in 0..3 {
        text.push_str(&sections[(at + turn) % 3]);
    }
    match dice.below(80) {
        0 => String::new(),
        1 => text.replacen("kind: Config", "kind: Other", 1),
        2 => text.replacen("current-context", "Current-Context", 1),
        3 => format!("{text}---\ncurrent-context: ctx1\n"),
        4 => format!("# a comment\n{text}"),
        _ => text,
    }
}

/// Distinct names mostly; the same one twice makes kubectl refuse the file.
fn names(dice: &mut Dice, kind: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for _ in 0..dice.below(7) {
        let name = name(dice, kind);
        if !names.contains(&name) || dice.one_in(120) {
            names.push(name);
        }
    }
    names
}

fn section(title: &str, entries: &[String]) -> String {
    match entries {
        [] => String::new(),
        _ => format!("{title}:\n{}", entries.concat()),
    }
}

fn clusters(dice: &mut Dice, file: usize) -> String {
    let entries: Vec<String> = names(dice, "cl")
        .iter()
        .map(|name| {
            let server = match dice.below(12) {
                0 => String::new(),
                1 => format!("\n    server: \"https://127.0.0.1:2/{file}\""),
                _ => format!(
                    "\n    server: https://127.0.0.1:1/f{file}-{}",
                    name.replace(['"', '\'', '~', ' '], "q")
                ),
            };
            let more = if dice.one_in(8) { "\n    tls-server-name: other" } else { "" };
            match format!("{server}{more}").as_str() {
                "" => format!("- name: {name}\n  cluster: {{}}\n"),
                body if dice.one_in(3) => format!("- cluster:{body}\n  name: {name}\n"),
                body => format!("- name: {name}\n  cluster:{body}\n"),
            }
        })
        .collect();
    section("clusters", &entries)
}

fn with_helper(config: String, root: &Path) -> String {
    config.replace("command: WHO", &format!("command: {}", root.join("who").display()))
}

/// Each user's credentials come from a helper that writes down the user's name.
fn users(dice: &mut Dice) -> String {
    let entries: Vec<String> = names(dice, "us")
        .iter()
        .map(|name| {
            format!(
                "- name: {name}\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      \
                 command: WHO\n      args:\n      - {}\n      interactiveMode: Never\n",
                if name.starts_with(['\'', '"']) { name.clone() } else { format!("\"{name}\"") }
            )
        })
        .collect();
    section("users", &entries)
}

fn contexts(dice: &mut Dice) -> String {
    let entries: Vec<String> = names(dice, "ctx")
        .iter()
        .map(|own| {
            let mut body = String::new();
            for (field, kind, often) in [("cluster", "cl", 12), ("user", "us", 10)] {
                if !dice.one_in(often) {
                    let _ = write!(body, "\n    {field}: {}", name(dice, kind));
                }
            }
            match dice.below(5) {
                0 | 1 => drop(write!(body, "\n    namespace: {}", name(dice, "ns"))),
                2 => body.push_str("\n    namespace: \"\""),
                _ => {}
            }
            if body.is_empty() {
                format!("- name: {own}\n")
            } else {
                format!("- name: {own}\n  context:{body}\n")
            }
        })
        .collect();
    section("contexts", &entries)
}

/// One way of giving an option a value, spelled in one of kubectl's ways.
fn option(dice: &mut Dice, words: &mut Vec<String>, long: &str, short: Option<char>, value: &str) {
    match (dice.below(4), short) {
        (0, Some(letter)) => words.extend([format!("-{letter}"), value.to_owned()]),
        (1, Some(letter)) => words.push(format!("-{letter}={value}")),
        (2, _) => words.extend([format!("--{long}"), value.to_owned()]),
        _ => words.push(format!("--{long}={value}")),
    }
}

fn options(dice: &mut Dice) -> Vec<String> {
    let mut words = Vec::new();
    let kinds: [(&str, Option<char>, &str, usize); 6] = [
        ("context", None, "ctx", 4),
        ("cluster", None, "cl", 6),
        ("user", None, "us", 6),
        ("namespace", Some('n'), "ns", 4),
        ("kubeconfig", None, "f", 8),
        ("server", Some('s'), "https://127.0.0.1:3/s", 12),
    ];
    for (long, short, kind, often) in kinds {
        for _ in 0..2 {
            if dice.one_in(often) {
                let value = if dice.one_in(8) { String::new() } else { format!("{kind}{}", dice.below(4)) };
                option(dice, &mut words, long, short, &value);
            }
        }
    }
    if dice.one_in(20) {
        option(dice, &mut words, "token", None, "t");
    }
    words
}

/// The list in KUBECONFIG: missing files, empty parts, files named twice.
fn list(dice: &mut Dice) -> Option<String> {
    if dice.one_in(5) {
        return None;
    }
    let parts: Vec<String> = (0..dice.below(4) + 1)
        .map(|_| match dice.below(12) {
            0 => String::new(),
            1 => "missing".to_owned(),
            2 => "./f1".to_owned(),
            _ => format!("f{}", dice.below(4)),
        })
        .collect();
    Some(if dice.one_in(25) { String::new() } else { parts.join(":") })
}

struct Case {
    root: PathBuf,
    list: Option<String>,
    options: Vec<String>,
}

impl Case {
    fn new(base: &Path, number: usize) -> Case {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (number as u64 + 1).wrapping_mul(0xD134_2543_DE82_EF95));
        let root = base.join(number.to_string());
        fs::create_dir_all(root.join("home/.kube")).expect("scratch");
        for file in 0..4 {
            fs::write(root.join(format!("f{file}")), with_helper(config(&mut dice, file), &root))
                .expect("scratch");
        }
        fs::write(root.join("home/.kube/config"), with_helper(config(&mut dice, 9), &root)).expect("scratch");
        let who = "#!/bin/sh\necho \"$1\" > \"${0%/*}/who-was-it\"\necho '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\
                   \"kind\":\"ExecCredential\",\"status\":{\"token\":\"t\"}}'\n";
        fs::write(root.join("who"), who).expect("scratch");
        fs::set_permissions(root.join("who"), fs::Permissions::from_mode(0o755)).expect("scratch");
        let list = list(&mut dice);
        Case { root, list, options: options(&mut dice) }
    }

    fn command(&self, program: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(words).args(&self.options).current_dir(&self.root).env_clear();
        command.env("HOME", self.root.join("home")).env("PATH", "/usr/bin:/bin").env("LC_ALL", "C");
        command.env("no_proxy", "*").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(list) = &self.list {
            command.env("KUBECONFIG", list);
        }
        command
    }

    /// The context by kubectl's own word; it heeds --context there, and stops where an entry is missing.
    fn context(&self) -> Option<String> {
        let output = self.command(Path::new(KUBECTL), &["config", "view", "--minify", "-o", "json"]).output();
        let json: serde_json::Value = serde_json::from_slice(&output.expect("kubectl runs").stdout).ok()?;
        json["contexts"][0]["name"].as_str().map(str::to_owned)
    }

    /// The context, and `server namespace user` or `refused`.
    fn told(&self) -> (String, String) {
        let mut command =
            self.command(support::guard(), &["check", "--json", "--", "kubectl", "delete", "pod", "x"]);
        let output = command.output().expect("guard runs");
        let json: serde_json::Value =
            serde_json::from_slice(&output.stdout).expect("guard check prints JSON");
        let target = &json["commands"][0]["target"];
        if target.as_object().is_none_or(serde_json::Map::is_empty) {
            return ("-".to_owned(), "refused".to_owned());
        }
        let text = |key: &str| match &target[key]["value"] {
            serde_json::Value::Null if target[key].get("unknown").is_some() => "unknown".to_owned(),
            serde_json::Value::Null => "-".to_owned(),
            value => value.as_str().unwrap_or("?").to_owned(),
        };
        let server = text("server");
        // kubectl takes a server without a scheme for one without TLS.
        let scheme = if server.contains("://") { "" } else { "http://" };
        (text("context"), format!("{scheme}{server} {} {}", text("namespace"), text("user")))
    }

    /// The same, as kubectl shows it.
    fn done(&self) -> Option<String> {
        let output =
            self.command(Path::new(KUBECTL), &["create", "token", "x"]).output().expect("kubectl runs");
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        // It asks a person for a name where it has no credentials at all.
        if text.contains("Please enter Username") {
            return None;
        }
        let Some((_, url)) = text.split_once("Post \"") else { return Some("refused".to_owned()) };
        let url = url.split('"').next().unwrap_or("");
        let (server, rest) = url.split_once("/api/v1/namespaces/").unwrap_or((url, ""));
        let namespace = rest.split("/serviceaccounts").next().unwrap_or("").replace("%20", " ");
        let user = fs::read_to_string(self.root.join("who-was-it"))
            .map_or_else(|_| "-".to_owned(), |u| u.trim().to_owned());
        Some(format!("{server} {namespace} {user}"))
    }

    /// Whether both say the same. Without TLS or with a token kubectl does not ask the helper.
    fn agrees(told: &str, done: &str) -> bool {
        let user_unseen = done.starts_with("http://") || told.ends_with(" (token)");
        let place =
            |text: &str| text.rsplit_once(' ').map_or_else(|| text.to_owned(), |(place, _)| place.to_owned());
        told == done
            || (user_unseen || done.ends_with(" -")) && done != "refused" && place(told) == place(done)
    }
}

#[test]
fn guard_names_what_kubectl_asks() {
    if !Path::new(KUBECTL).exists() {
        assert!(std::env::var_os("CI").is_none(), "{KUBECTL} is missing");
        eprintln!("SKIPPED: there is no {KUBECTL}");
        return;
    }
    let version = Command::new(KUBECTL).args(["version", "--client"]).output().expect("kubectl runs").stdout;
    let version = String::from_utf8_lossy(&version).lines().next().unwrap_or_default().to_owned();
    let cases = dice::cases(CASES);
    println!("{cases} cases against kubectl, {version}");
    let base = std::env::temp_dir().join(format!("guard-differential-kubectl-{}", std::process::id()));
    let next = AtomicUsize::new(0);
    let (asked, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= cases {
                        break;
                    }
                    let case = Case::new(&base, number);
                    let (context, told) = case.told();
                    let context_seen = if number.is_multiple_of(3) && told != "refused" { case.context() } else { None };
                    if let Some(done) = case.done() {
                        asked.fetch_add(usize::from(done != "refused"), Ordering::Relaxed);
                        let other_context = context_seen.as_ref().is_some_and(|seen| *seen != context);
                        if other_context || !Case::agrees(&told, &done) {
                            let words = case.options.join(" ");
                            let list = case.list.as_deref().unwrap_or("(unset)");
                            let shown = format!(
                                "case {number} in {}: KUBECONFIG={list} {words}\n  guard:   {context} {told}\n  kubectl: {} {done}",
                                case.root.display(),
                                context_seen.as_deref().unwrap_or("(not asked)"),
                            );
                            wrong.lock().unwrap_or_else(PoisonError::into_inner).push(shown);
                            continue;
                        }
                    }
                    let _ = fs::remove_dir_all(&case.root);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap_or_else(PoisonError::into_inner);
    let asked = asked.into_inner();
    println!("{asked} of them reached for a server");
    assert!(
        wrong.is_empty(),
        "{} of {cases} differ, the first ones:\n{}",
        wrong.len(),
        wrong.iter().take(8).cloned().collect::<Vec<_>>().join("\n")
    );
    let _ = fs::remove_dir_all(&base);
    assert!(asked > cases / 5, "too few commands went anywhere");
}
