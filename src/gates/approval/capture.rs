//! What would be executed, captured once as the statement of a request has it, and compared with a later capture before it
//! starts. Must never put a secret of the command line into the statement: there a commitment stands for it.

use crate::keys::{Secret, Sha256, sha256};
use crate::preview::Seen;
use crate::rules::{Count, Judged, Verdict};
use crate::statement::request::{Effects, Env, Exe, Exec, Input, Redacted, Stdin, StdinKind, Target};
use crate::statement::{Foreign, Hash, Keyed};
use crate::targets::{Datum, Value};
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

/// The fact that names devices and inodes.
const ENTRIES: &str = "entries";
const REPLACED: &str = "something else stands where the paths lead: the target";
/// How effects were found out, with how sure the number is.
const LOOK: &str = "guard.look/1";
const UNCOUNTED: &str = "not counted";
/// Numbers in statements are below 2^53.
const LARGEST: u64 = (1 << 53) - 1;

/// The live command.
#[derive(Clone, Copy, Debug)]
pub struct Live<'a> {
    pub argv: &'a [OsString],
    /// The program file that would be started.
    pub program: &'a Path,
    pub verdict: &'a Verdict,
    pub stdin: &'a crate::invocation::Stdin,
    /// What the look saw; `Err` says why it saw nothing. `None`: there is nothing to count.
    pub effects: Option<Result<&'a Seen, &'a str>>,
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
        let mut target = target(live.verdict);
        target.ident.extend(entries(live.verdict).map(|entries| (ENTRIES.to_owned(), entries)));
        Ok(Capture { exec, target, effects: live.effects.map(effects) })
    }

    /// What a later capture has otherwise, in words; `None` when it is the same.
    pub fn difference(&self, later: &Capture) -> Option<String> {
        let (a, b) = (&self.exec, &later.exec);
        let inputs = || {
            let changed = a.inputs.iter().find(|input| !b.inputs.contains(input));
            let path = changed.or_else(|| b.inputs.iter().find(|input| !a.inputs.contains(input)))?;
            Some(format!("the file {} changed", crate::text::show(&path.path.0)))
        };
        let mut target = later.target.clone();
        let entries = target.ident.remove(ENTRIES);
        // A ticket is for any machine, and names none.
        let replaced = match self.target.ident.get(ENTRIES) {
            None => false,
            Some(approved) => {
                let replaced = entries.as_ref() != Some(approved);
                target.ident.extend(entries.map(|entries| (ENTRIES.to_owned(), entries)));
                replaced
            }
        };
        let parts = [
            (a.argv != b.argv || a.redacted != b.redacted, "the command line"),
            (a.exe != b.exe, "the program file"),
            (a.cwd != b.cwd, "the working directory"),
            (a.env != b.env, "the environment"),
            (a.stdin != b.stdin, "standard input"),
            (replaced, REPLACED),
            (self.target != target, "the target"),
        ];
        let part = parts.iter().find(|(changed, _)| *changed).map(|(_, what)| format!("{what} changed"));
        part.or_else(inputs).or_else(|| grew(self.effects.as_ref(), later.effects.as_ref()))
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

/// What was counted: the words for approvers with the number they stand for, and the digest of both.
fn effects(seen: Result<&Seen, &str>) -> Effects {
    let (certainty, number, words) = match seen {
        Err(why) => (UNCOUNTED, 0, format!("not counted: {why}")),
        Ok(seen) => {
            let (certainty, number) = match seen.count {
                Count::Exactly(n) => ("exactly", n),
                Count::About(n) => ("about", n),
                Count::AtLeast(n) => ("at least", n),
                Count::Unknown => (UNCOUNTED, 0),
            };
            (certainty, number, seen.words.clone())
        }
    };
    // Names in a statement are ASCII.
    let words = redact::text_for_people(&words);
    let name: String =
        words.chars().map(|c| if matches!(c, ' '..='~') { c } else { '?' }).take(300).collect();
    let name = if name.is_empty() { "things".to_owned() } else { name };
    let hashed = format!("{certainty}\n{number}\n{words}");
    Effects {
        kind: format!("{LOOK} {certainty}"),
        digest: Hash(sha256(&[hashed.as_bytes()])),
        summary: BTreeMap::from([(name, number.min(LARGEST))]),
    }
}

/// Whether a later look finds more than an earlier one; what could be counted and cannot be any more may be more.
fn grew(before: Option<&Effects>, after: Option<&Effects>) -> Option<String> {
    let count = |effects: &Effects| {
        let counted = effects.kind != format!("{LOOK} {UNCOUNTED}");
        effects.summary.values().next().copied().filter(|_| counted)
    };
    let was = before.and_then(count)?;
    match after.and_then(count) {
        Some(now) if now <= was => None,
        Some(now) => Some(format!("what it would hit grew from {was} to {now}")),
        None => Some("what it would hit cannot be counted any more".to_owned()),
    }
}

/// Which entries of the file system the paths lead to: another directory of the same name is another target.
fn entries(verdict: &Verdict) -> Option<Foreign> {
    use std::os::unix::fs::MetadataExt;
    let targets = verdict.worst()?.targets().filter(|targets| targets.family == "path")?;
    let Value::Known(Datum::List(items)) = &targets.fact("paths")?.value else { return None };
    let mut names = Vec::new();
    items.iter().for_each(|item| item.each_text(&mut |path| names.push(path.to_owned())));
    let entry = |name: &String| match std::fs::symlink_metadata(name) {
        Ok(meta) => format!("{}:{}", meta.dev(), meta.ino()),
        Err(_) => "none".to_owned(),
    };
    let all: Vec<String> = names.iter().map(entry).collect();
    match &all[..] {
        [] => None,
        [one] => Some(Foreign::from(one.as_str())),
        more => Some(Foreign::from(Hash(sha256(&[more.join("\n").as_bytes()])).to_string().as_str())),
    }
}

fn foreign(text: &OsStr) -> Foreign {
    Foreign::from(text.as_bytes())
}

fn shown(path: &Path) -> String {
    crate::text::quote(path)
}
