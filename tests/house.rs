//! The house keeps its rules: rooms import downwards only, `unsafe` stays in one room, a third-party crate is
//! named in the rooms that own it, no file grows without end.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in legal import order (docs/architecture.md); a room imports only from rooms above it.
const ROOMS: &[&str] = &[
    "sys",
    "text",
    "settings",
    "keys",
    "invocation",
    "reading",
    "targets",
    "rules",
    "statement",
    "preview",
    "tty",
    "audit",
    "team",
    "gates",
    "exec",
    "intercept",
    "inbox",
    "relay",
    "flow",
    "cli",
];

/// Crates and the only rooms that may name them.
const OWNERS: &[(&str, &[&str])] = &[
    ("nix", &["sys"]),
    ("libc", &["sys"]),
    ("directories", &["settings"]),
    ("keyring", &["keys"]),
    ("ed25519_dalek", &["keys"]),
    ("curve25519_dalek", &["keys"]),
    ("sha2", &["keys"]),
    ("hmac", &["keys"]),
    ("getrandom", &["keys"]),
    ("base64ct", &["keys"]),
    ("p256", &["keys"]),
    ("reqwest", &["team", "relay"]),
    ("zeroize", &["keys", "tty", "audit", "gates", "relay", "cli"]),
    ("argon2", &["keys"]),
    ("chacha20poly1305", &["keys"]),
    ("totp_rs", &["gates"]),
    ("qrcode", &["cli"]),
    ("p256", &["keys"]),
    ("crossterm", &["tty"]),
    ("dialoguer", &["cli"]),
    ("clap", &["cli"]),
    ("brush_parser", &["reading"]),
    ("toml", &["rules", "relay"]),
    ("postcard", &["rules"]),
    ("serde_saphyr", &["reading"]),
    ("regex_lite", &["rules", "gates"]),
    ("miniz_oxide", &["targets", "team"]),
    ("jiff", &["cli"]),
    ("axum", &["relay"]),
    ("axum_server", &["relay"]),
    ("deadpool_postgres", &["relay"]),
    ("futures_core", &["relay"]),
    ("lettre", &["relay"]),
    ("prometheus_client", &["relay"]),
    ("rusqlite", &["relay"]),
    ("rustls", &["relay", "team"]),
    ("tokio", &["relay"]),
    ("tokio_postgres", &["relay"]),
    ("tokio_postgres_rustls", &["relay"]),
    ("tracing", &["relay"]),
    ("tracing_subscriber", &["relay"]),
];

fn sources() -> Vec<(String, PathBuf, String)> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).expect("src is there").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files
        .into_iter()
        .map(|path| {
            let inside = path.strip_prefix(&root).expect("below src").to_string_lossy().into_owned();
            let room = inside.split(['/', '.']).next().unwrap_or_default().to_owned();
            let text = fs::read_to_string(&path).expect("readable");
            (room, path, text)
        })
        .collect()
}

fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim_start).filter(|l| !l.starts_with("//"))
}

#[test]
fn rooms_import_downwards_only() {
    let place = |room: &str| ROOMS.iter().position(|r| *r == room);
    let mut wrong = Vec::new();
    for (room, path, text) in sources() {
        let Some(own) = place(&room) else {
            assert!(["lib", "main", "shim"].contains(&room.as_str()), "{room} is no room of the table");
            continue;
        };
        for line in code_lines(&text) {
            for (at, _) in line.match_indices("crate::") {
                let name: String =
                    line[at + 7..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                let names: Vec<&str> = if line[at + 7..].starts_with('{') {
                    ROOMS.iter().copied().filter(|r| line[at + 7..].contains(&format!("{r}::"))).collect()
                } else {
                    vec![&name]
                };
                wrong.extend(
                    names
                        .iter()
                        .filter_map(|n| place(n))
                        .filter(|other| *other > own)
                        .map(|other| format!("{}: {room} imports {}", path.display(), ROOMS[other])),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_crate_is_named_by_its_owner_only() {
    let mut wrong = Vec::new();
    for (room, path, text) in sources() {
        for (name, owners) in OWNERS {
            let named = code_lines(&text).any(|l| {
                [format!("{name}::"), format!("use {name};")].iter().any(|n| {
                    l.match_indices(n.as_str()).any(|(i, _)| {
                        !l[..i].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                    })
                })
            });
            if named && !owners.contains(&room.as_str()) {
                wrong.push(format!("{} names {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn unsafe_stays_in_sys() {
    for (room, path, text) in sources() {
        let found = code_lines(&text)
            .any(|l| l.contains("unsafe {") || l.contains("unsafe fn") || l.contains("unsafe impl"));
        assert!(!found || room == "sys", "{} has unsafe code", path.display());
    }
}

#[test]
fn files_stay_readable() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|(_, path, text)| text.lines().count() > 600 && !path.to_string_lossy().contains("table"))
        .map(|(_, path, text)| format!("{}: {} lines", path.display(), text.lines().count()))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn json_is_printed_with_its_hidden_characters_escaped() {
    for (room, path, text) in sources().iter().filter(|(room, ..)| room == "cli") {
        let code: String = code_lines(text).flat_map(|l| l.chars().filter(|c| !c.is_whitespace())).collect();
        for raw in ["json!(", "serde_json::", "as_json(", "json(", "report::json("] {
            let printed = format!("outln!(\"{{}}\",{raw}");
            assert!(!code.contains(&printed), "{room} {}: {printed} without text::json", path.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for (_, path, text) in sources() {
        assert!(text.starts_with("//!"), "{} has no opening words", path.display());
    }
}

#[test]
fn every_rule_file_says_what_it_is_about_and_is_aligned() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules.d");
    let mut wrong = Vec::new();
    for entry in fs::read_dir(rules).expect("rules.d is there").flatten() {
        let text = fs::read_to_string(entry.path()).expect("readable");
        let name = entry.file_name().to_string_lossy().into_owned();
        if !text.starts_with("# ") {
            wrong.push(format!("{name} has no opening words"));
        }
        for block in text.split("\n\n") {
            let key = |line: &str| line.starts_with(|c: char| c.is_ascii_lowercase());
            let signs: Vec<usize> = block.lines().filter(|l| key(l)).filter_map(|l| l.find(" = ")).collect();
            if signs.windows(2).any(|pair| pair[0] != pair[1]) {
                wrong.push(format!("{name}: not aligned: {}", block.lines().next().unwrap_or_default()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
