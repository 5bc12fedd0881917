//! What would be executed, captured once as the statement of a request has it, and compared with a later capture before it
//! starts. Must never put a secret of the command line into the statement: there a commitment stands for it.

use crate::keys::{Secret, Sha256, sha256};
use crate::rules::{Judged, Verdict};
use crate::statement::request::{Effects, Env, Exe, Exec, Input, Redacted, Stdin, StdinKind, Target};
use crate::statement::{Foreign, Hash, Keyed};
use crate::targets::Value;
use crate::text::redact;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Standard input that an approver can read, at most.
const STDIN: usize = 1 << 20;
/// How much of it stands in the request itself.
const SHOWN: usize = 32 << 10;
/// Variables that are shown because rules and targets rest on them.
const SHOWN_VARIABLES: &[&str] = &[
    "AWS_PROFILE",
    "AWS_REGION",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "HELM_KUBECONTEXT",
    "KUBECONFIG",
    "PGDATABASE",
    "PGHOST",
    "PGPORT",
    "PGSERVICE",
    "PGUSER",
    "TF_CLI_ARGS",
    "TF_DATA_DIR",
    "TF_WORKSPACE",
    "VAULT_ADDR",
];

/// The live command.
#[derive(Clone, Copy, Debug)]
pub struct Live<'a> {
    pub argv: &'a [OsString],
    /// The program file that would be started.
    pub program: &'a Path,
    pub verdict: &'a Verdict,
    pub stdin: &'a crate::invocation::Stdin,
    /// What the look saw, in words.
    pub effects: Option<&'a str>,
}

/// The parts of a request that say what would run, on what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    pub exec: Exec,
    pub target: Target,
    pub effects: Option<Effects>,
}

impl Capture {
    /// Reads everything that a request binds. `key` keys the commitments; it stays on this machine. `Err` says, for a
    /// person, what cannot be bound.
    pub fn take(live: &Live<'_>, key: &Secret) -> Result<Capture, String> {
        let tool = live.verdict.worst().map_or_else(String::new, |judged| judged.command.tool.clone());
        let (argv, redacted) = words(&tool, live.argv, key);
        let path = live.program;
        let sha256 = file(path).map_err(|why| format!("{} cannot be read: {why}", shown(path)))?.0;
        let cwd = std::env::current_dir().map_err(|_| "the working directory was removed".to_owned())?;
        let exec = Exec {
            argv,
            exe: Exe { path: foreign(path.as_os_str()), sha256 },
            cwd: foreign(cwd.as_os_str()),
            env: environment(live.verdict, key),
            stdin: stdin(live.stdin)?,
            inputs: inputs(live.verdict)?,
            redacted,
        };
        Ok(Capture { exec, target: target(live.verdict), effects: live.effects.map(effects) })
    }

    /// What a later capture has otherwise, in words; `None` when it is the same.
    pub fn difference(&self, later: &Capture) -> Option<String> {
        let (a, b) = (&self.exec, &later.exec);
        let inputs = || {
            let changed = a.inputs.iter().find(|input| !b.inputs.contains(input));
            let path = changed.or_else(|| b.inputs.iter().find(|input| !a.inputs.contains(input)))?;
            Some(format!("the file {} changed", crate::text::show(&path.path.0)))
        };
        let parts = [
            (a.argv != b.argv || a.redacted != b.redacted, "the command line"),
            (a.exe != b.exe, "the program file"),
            (a.cwd != b.cwd, "the working directory"),
            (a.env != b.env, "the environment"),
            (a.stdin != b.stdin, "standard input"),
            (self.target != later.target, "the target"),
            (self.effects != later.effects, "what it would hit"),
        ];
        let part = parts.iter().find(|(changed, _)| *changed).map(|(_, what)| format!("{what} changed"));
        part.or_else(inputs)
    }
}

/// The words, with a mark in the place of each secret and a commitment to the word as it is.
fn words(tool: &str, argv: &[OsString], key: &Secret) -> (Vec<Foreign>, Vec<Redacted>) {
    let bytes: Vec<&[u8]> = argv.iter().map(|word| word.as_bytes()).collect();
    let mut redacted = Vec::new();
    let found = redact::secrets_in_command(tool, &bytes);
    let shown = bytes.iter().zip(found).enumerate().map(|(number, (word, spans))| {
        let Some(first) = spans.first() else { return Foreign::from(*word) };
        let at = format!("argv/{number}");
        redacted.push(Redacted {
            class: first.kind.to_owned(),
            commit: Keyed::of(key, &at, word),
            len: word.len() as u64,
            at,
        });
        let (mut text, mut done) = (Vec::new(), 0);
        for span in &spans {
            text.extend_from_slice(&word[done..span.start]);
            text.extend_from_slice("‹hidden›".as_bytes());
            done = span.end;
        }
        text.extend_from_slice(&word[done..]);
        Foreign(text)
    });
    let shown = shown.collect();
    (shown, redacted)
}

/// The whole environment as one commitment; what rules rest on in clear.
fn environment(verdict: &Verdict, key: &Secret) -> Env {
    let Some(judged) = verdict.worst() else {
        return Env { hmac: Keyed::of(key, "env", b""), shown: BTreeMap::new(), scrubbed: Vec::new() };
    };
    let environment = judged.command.invocation.environment();
    let mut entries: Vec<&[u8]> = environment.entries().iter().map(|entry| entry.as_bytes()).collect();
    entries.sort_unstable();
    let show = |name: &&str| {
        let value = environment.get(name)?;
        let text = redact::text_for_people(&value.to_string_lossy());
        Some(((*name).to_owned(), Foreign::from(text.as_str())))
    };
    Env {
        hmac: Keyed::of(key, "env", &entries.join(&b'\0')),
        shown: SHOWN_VARIABLES.iter().filter_map(show).collect(),
        scrubbed: Vec::new(),
    }
}

fn stdin(stdin: &crate::invocation::Stdin) -> Result<Stdin, String> {
    use crate::invocation::Stdin as Live;
    let none = |kind| Stdin { kind, sha256: None, size: None, text: None };
    match stdin {
        Live::Terminal => Ok(none(StdinKind::Tty)),
        Live::Content(bytes) if bytes.is_empty() => Ok(none(StdinKind::Null)),
        Live::Content(bytes) if bytes.len() <= STDIN => Ok(Stdin {
            kind: StdinKind::Spooled,
            sha256: Some(Hash(sha256(&[bytes]))),
            size: Some(bytes.len() as u64),
            text: (bytes.len() <= SHOWN).then(|| hidden(bytes)),
        }),
        Live::Content(_) => Err(format!("its standard input has more than {} KiB", STDIN >> 10)),
        Live::Unread | Live::TooMuch => Err(
            "what comes on its standard input cannot be known before it runs (`</dev/null` says: nothing)"
                .to_owned(),
        ),
    }
}

fn hidden(bytes: &[u8]) -> Foreign {
    match std::str::from_utf8(bytes) {
        Ok(text) => Foreign::from(redact::text_for_people(text).as_str()),
        Err(_) => Foreign::from(bytes),
    }
}

/// Every file that reading and target rest on, with its content's hash.
fn inputs(verdict: &Verdict) -> Result<Vec<Input>, String> {
    let mut paths = BTreeMap::new();
    for judged in &verdict.commands {
        let role = judged.command.tool.as_str();
        for (path, print) in judged.command.invocation.inputs().list() {
            // What was not there, or could not be read, is part of the target's words.
            if print != 0 {
                paths.entry(path).or_insert_with(|| role.to_owned());
            }
        }
    }
    let input = |(path, role): (std::path::PathBuf, String)| {
        let (sha256, size) = file(&path).map_err(|why| format!("{} cannot be read: {why}", shown(&path)))?;
        Ok(Input { path: foreign(path.as_os_str()), role, sha256, size, frozen: false })
    };
    paths.into_iter().map(input).collect()
}

/// A file's SHA-256 and size.
pub(super) fn file(path: &Path) -> std::io::Result<(Hash, u64)> {
    let mut file = std::fs::File::open(path)?;
    let (mut hash, mut size) = (Sha256::default(), 0);
    let mut piece = vec![0; 256 << 10];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok((Hash(hash.finish()), size));
        }
        hash.update(&piece[..read]);
        size += read as u64;
    }
}

/// What identifies the target, and what of it could not be found out.
pub fn target(verdict: &Verdict) -> Target {
    let class = verdict.environment.word().to_owned();
    let Some(judged) = verdict.worst() else {
        return Target { kind: String::new(), class, ident: BTreeMap::new(), unknown: BTreeMap::new() };
    };
    let (mut ident, mut unknown) = (BTreeMap::new(), BTreeMap::new());
    for fact in judged.facts() {
        let (side, text) = match &fact.value {
            Value::Known(datum) => (&mut ident, datum.to_string()),
            Value::Unknown(why) => (&mut unknown, why.clone()),
        };
        side.insert(fact.key.clone().into_owned(), Foreign::from(redact::text_for_people(&text).as_str()));
    }
    for (number, object) in
        judged.targets().map(|t| t.objects.as_slice()).unwrap_or_default().iter().enumerate()
    {
        ident.insert(format!("object/{number:05}"), Foreign::from(redact::text_for_people(object).as_str()));
    }
    Target { kind: kind(judged), class, ident, unknown }
}

fn kind(judged: &Judged) -> String {
    judged
        .targets()
        .map_or_else(|| judged.command.tool.clone(), |targets| targets.family.clone().into_owned())
}

fn effects(words: &str) -> Effects {
    Effects {
        kind: "guard.look/1".to_owned(),
        digest: Hash(sha256(&[words.as_bytes()])),
        summary: BTreeMap::new(),
    }
}

fn foreign(text: &OsStr) -> Foreign {
    Foreign::from(text.as_bytes())
}

fn shown(path: &Path) -> String {
    crate::text::quote(path)
}
