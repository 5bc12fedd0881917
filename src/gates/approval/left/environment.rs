//! The environment of a request that was left. Of a variable that guard takes for a secret only the name is kept, and a keyed
//! hash to know the value by; it is taken from the environment of whoever runs it. Must never name a value.

use crate::keys::{Secret, decode_bytes, encode};
use crate::statement::Keyed;
use crate::text::redact::{self, Span};
use crate::text::show_line;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// The hash is for nothing else.
const LABEL: &str = "left/environment";
/// Shorter secrets are too common as words to be looked for in other variables.
const TELLING: usize = 8;

/// An entry of the environment.
#[derive(Debug, PartialEq, Eq)]
pub enum Variable {
    /// `NAME=value`
    Kept(OsString),
    Secret {
        name: Vec<u8>,
        hash: Keyed,
    },
}

/// Bytes are base64.
#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Stored {
    Kept(String),
    Secret { name: String, hash: Keyed },
}

impl Variable {
    pub fn stored(&self) -> Stored {
        match self {
            Variable::Kept(entry) => Stored::Kept(encode(entry.as_bytes())),
            Variable::Secret { name, hash } => Stored::Secret { name: encode(name), hash: *hash },
        }
    }

    pub fn read(stored: &Stored) -> Option<Variable> {
        Some(match stored {
            Stored::Kept(entry) => Variable::Kept(OsString::from_vec(decode_bytes(entry)?)),
            Stored::Secret { name, hash } => Variable::Secret { name: decode_bytes(name)?, hash: *hash },
        })
    }

    /// How it is called, where it is a secret.
    pub fn secret(&self) -> Option<String> {
        match self {
            Variable::Kept(_) => None,
            Variable::Secret { name, .. } => Some(shown(name)),
        }
    }
}

/// What is kept of an environment. A variable that repeats another one's secret is one, too.
pub fn without_secrets(entries: &[OsString], key: &Secret) -> Vec<Variable> {
    let words: Vec<&[u8]> = entries.iter().map(|entry| entry.as_bytes()).collect();
    let mut found: Vec<_> = entries.iter().map(secrets_in).collect();
    let spans =
        words.iter().zip(&found).flat_map(|(word, spans)| spans.iter().map(|s| &word[s.start..s.end]));
    let told: Vec<&[u8]> = spans.filter(|secret| secret.len() >= TELLING).collect();
    for (word, spans) in words.iter().zip(&mut found) {
        told.iter().for_each(|secret| redact::add_known(word, secret, "assignment", spans));
    }
    let kept = |(entry, spans): (&OsString, Vec<Span>)| match spans.is_empty() {
        true => Variable::Kept(entry.clone()),
        false => Variable::Secret { name: name_of(entry).to_vec(), hash: hash(key, entry) },
    };
    entries.iter().zip(found).map(kept).collect()
}

/// As in the words of `env`. Whether text looks random is asked of the value alone: beside a name in capitals more does.
fn secrets_in(entry: &OsString) -> Vec<Span> {
    let found = |word: &[u8]| redact::secrets_in_command("env", &[b"env", word]).pop().unwrap_or_default();
    let value = entry.len() - value_of(entry).len();
    let random = found(value_of(entry)).into_iter().filter(|span| span.kind == "random");
    let random = random.map(|span| Span { start: span.start + value, end: span.end + value, ..span });
    found(entry.as_bytes()).into_iter().filter(|span| span.kind != "random").chain(random).collect()
}

/// The whole environment again, secrets from `here`. `Err` says what is missing or differs there.
pub fn restored(kept: &[Variable], here: &[OsString], key: &Secret) -> Result<Vec<OsString>, String> {
    let mut wrong: Vec<String> = Vec::new();
    let mut entries = Vec::with_capacity(kept.len());
    for variable in kept {
        match variable {
            Variable::Kept(entry) => entries.push(entry.clone()),
            Variable::Secret { name, hash: wanted } => {
                let mut named = here.iter().filter(|entry| name_of(entry) == name).peekable();
                let there = named.peek().is_some();
                match named.find(|entry| hash(key, entry) == *wanted) {
                    Some(entry) => entries.push(entry.clone()),
                    None if there => wrong.push(format!("{} has another value than then", shown(name))),
                    None => wrong.push(format!("{} is not set here", shown(name))),
                }
            }
        }
    }
    if wrong.is_empty() { Ok(entries) } else { Err(wrong.join(", ")) }
}

fn hash(key: &Secret, entry: &OsString) -> Keyed {
    Keyed::of(key, LABEL, entry.as_bytes())
}

fn name_of(entry: &OsString) -> &[u8] {
    let bytes = entry.as_bytes();
    bytes.iter().position(|b| *b == b'=').map_or(b"", |end| &bytes[..end])
}

fn value_of(entry: &OsString) -> &[u8] {
    let bytes = entry.as_bytes();
    bytes.iter().position(|b| *b == b'=').map_or(bytes, |end| &bytes[end + 1..])
}

fn shown(name: &[u8]) -> String {
    match name {
        b"" => "a variable without a name".to_owned(),
        name => show_line(name, 80),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(all: &[&str]) -> Vec<OsString> {
        all.iter().map(OsString::from).collect()
    }

    fn key() -> Secret {
        Secret::from_bytes([7; 32])
    }

    fn secrets(all: &[&str]) -> Vec<String> {
        without_secrets(&entries(all), &key()).iter().filter_map(Variable::secret).collect()
    }

    #[test]
    fn what_is_known_for_a_secret_is_not_kept() {
        let all = [
            "HOME=/home/alice",
            "PGPASSWORD=correct horse",
            "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "DATABASE_URL=postgres://app:hunter2@db.internal/orders",
            "SETTINGS={\"password\": \"hunter2\"}",
            "CI_JOB=glpat-0123456789abcdefghij",
            "BLOB=dGhpc0lzUmFuZG9tMTIzNDU2Nzg5QWJDZEVm",
            "OPTIONS=--as=alice correct horse",
            "PGHOST=db.internal",
        ];
        let names =
            ["PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "DATABASE_URL", "SETTINGS", "CI_JOB", "BLOB", "OPTIONS"];
        assert_eq!(secrets(&all), names);
        let kept = without_secrets(&entries(&all), &key());
        let stored: Vec<Stored> = kept.iter().map(Variable::stored).collect();
        let stored = serde_json::to_string(&stored).expect("JSON");
        let again: Vec<Stored> = serde_json::from_str(&stored).expect("its own form");
        assert_eq!(again.iter().map(Variable::read).collect::<Option<Vec<_>>>(), Some(kept));
    }

    #[test]
    fn what_every_terminal_has_otherwise_is_kept() {
        let all = [
            "SSH_AUTH_SOCK=/tmp/ssh-XXXXXXq8Zt3K/agent.4711",
            "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus,guid=3f0c1f9a8f5d4cfe96e7a1c05c9e0d11",
            "INVOCATION_ID=3f0c1f9a8f5d4cfe96e7a1c05c9e0d11",
            "ITERM_SESSION_ID=w0t1p0:1E2F3A4B-5C6D-7E8F-9A0B-1C2D3E4F5A6B",
            "GNOME_TERMINAL_SCREEN=/org/gnome/Terminal/screen/1e2f3a4b_5c6d_7e8f_9a0b_1c2d3e4f5a6b",
            "VSCODE_IPC_HOOK_CLI=/run/user/1000/vscode-ipc-1e2f3a4b-5c6d-7e8f-9a0b-1c2d3e4f5a6b.sock",
            "STARSHIP_SESSION_KEY=1529512735153111",
            "SESSION_MANAGER=local/host:@/tmp/.ICE-unix/1234,unix/host:/tmp/.ICE-unix/1234",
            "KRB5CCNAME=FILE:/tmp/krb5cc_1000_aB3dE5fG7h",
            "LS_COLORS=rs=0:di=01;34:ln=01;36:mh=00:pi=40;33:so=01;35:do=01;35:bd=40;33;01:*.tar=01;31",
            "PWD=/home/alice/work",
            "SSH_ASKPASS=/usr/lib/ssh/askpass",
            "PGPASSFILE=/home/alice/.pgpass",
            "AWS_PROFILE=prod-admin",
            "KUBECONFIG=/home/alice/.kube/prod-eu:/home/alice/.kube/config",
            "TMUX=/tmp/tmux-1000/default,3105,0",
            "NOT_EVEN_A_VARIABLE",
        ];
        assert_eq!(secrets(&all), Vec::<String>::new());
    }

    #[test]
    fn a_secret_comes_from_here_and_must_be_the_same() {
        let then = entries(&["A=1", "PGPASSWORD=hunter2", "B=2", "API_TOKEN=one", "API_TOKEN=two"]);
        let kept = without_secrets(&then, &key());
        let here = entries(&["API_TOKEN=one", "Z=9", "API_TOKEN=two", "PGPASSWORD=hunter2", "B=3"]);
        assert_eq!(restored(&kept, &here, &key()), Ok(then));
        let gone = restored(&kept, &entries(&["PGPASSWORD=hunter3", "API_TOKEN=two"]), &key());
        let why = gone.expect_err("they are not there");
        assert_eq!(why, "PGPASSWORD has another value than then, API_TOKEN has another value than then");
        let why = restored(&kept, &entries(&["PGPASSWORD2=hunter2"]), &key()).expect_err("nothing is there");
        assert!(why.starts_with("PGPASSWORD is not set here, API_TOKEN is not set here"), "{why}");
        // Another request's key makes another hash of the same value.
        assert_ne!(
            without_secrets(&entries(&["PGPASSWORD=hunter2"]), &Secret::from_bytes([8; 32]))[0],
            kept[1]
        );
    }
}
