//! What the flow tells the log: what is about to happen, and what was decided. Must be complete enough to
//! answer "who did what to which target, and who let it" years later.

use super::entry::{
    self as stored, Actor, Cmd, Decided, Entry, Fact, Host, Place, Rest, Target, Text, Verdict, exact,
};
use super::error::AuditError;
use super::redaction::Redactor;
use super::store::Store;
use crate::keys::{encode, sha256};
use crate::sys::actor;
use crate::sys::stdin::Kind as StdinKind;
use crate::sys::{entry, who};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// Bytes of a command line that are stored; a longer one is stored in part, with a digest of the rest.
const ARGV_LIMIT: usize = 256 << 10;
const PARENTS: usize = 5;

/// How the real program is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// guard becomes the program: no outcome can be recorded.
    Exec,
    /// guard stays and records the outcome.
    Supervise,
}

/// One fact of the target. `value` is `Err(why)` when it could not be determined.
#[derive(Clone, Debug)]
pub struct TargetFact {
    pub key: String,
    pub value: Result<String, String>,
    pub source: String,
}

/// A gated command, before the first question.
#[derive(Clone, Debug)]
pub struct Intent {
    pub tool: String,
    /// The real program's file, when it was found.
    pub program: Option<PathBuf>,
    pub argv: Vec<OsString>,
    pub cwd: PathBuf,
    pub stdin: StdinKind,
    /// The shim the command came through.
    pub shim: Option<PathBuf>,
    pub mode: Mode,
    /// One line: `prod-eu/payments`.
    pub summary: String,
    pub facts: Vec<TargetFact>,
    pub environment: String,
    pub severity: Option<String>,
    pub effect: Option<String>,
    pub rules: Vec<String>,
    pub requires: Vec<String>,
    /// File and line of each policy that asks for something.
    pub policy: Vec<(String, u32)>,
    pub unsure: Option<String>,
}

/// How it ended before the program was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// Every gate was passed: the program is started now.
    Ran,
    /// The person went on without the approval that policy asks for: the program is started now.
    BreakGlass,
    /// Nothing had to be passed, only shown: the program is started now.
    Noticed,
    /// Policy, or a gate, said no.
    Refused,
    /// The person said no.
    Cancelled,
    TimedOut,
    /// What was confirmed is not what would have run.
    Drift,
    /// The gates were passed but the program could not be started.
    NotStarted,
}

impl Outcome {
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Ran => "ran",
            Outcome::BreakGlass => "break-glass",
            Outcome::Noticed => "noticed",
            Outcome::Refused => "refused",
            Outcome::Cancelled => "cancelled",
            Outcome::TimedOut => "timed-out",
            Outcome::Drift => "drift",
            Outcome::NotStarted => "not-started",
        }
    }

    pub fn lets_run(self) -> bool {
        match self {
            Outcome::Ran | Outcome::BreakGlass | Outcome::Noticed => true,
            Outcome::Refused
            | Outcome::Cancelled
            | Outcome::TimedOut
            | Outcome::Drift
            | Outcome::NotStarted => false,
        }
    }
}

/// What a look at the target found before the decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preview {
    /// In words, with the number and how exact it is (`exact`, `about`, `at-least`) where there is one.
    Seen {
        count: Option<(u64, &'static str)>,
        words: String,
    },
    Failed(String),
}

/// What was decided about an intent.
#[derive(Clone, Debug)]
pub struct Decision {
    pub outcome: Outcome,
    /// How it was confirmed: `typed`, `reason+typed+totp`.
    pub method: Option<String>,
    /// The intent for which gates were passed that count again.
    pub again: Option<String>,
    pub reason: Option<String>,
    /// Another person's approval, where there was one.
    pub approval: Option<Approval>,
    pub attempts: u32,
    /// From the first question to the answer.
    pub wait_ms: u64,
    pub detail: Option<String>,
    /// How the session was opened where that is not as the words say: `read-only`.
    pub opened: Option<&'static str>,
    /// `None` where nobody looked.
    pub preview: Option<Preview>,
}

/// An approval that counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who filled the seats, by signatures that were checked.
    pub by: Vec<String>,
    /// Digest of the request, as `sha256:…`; its proof on this machine is called so.
    pub request: String,
    /// Digest of the ticket that was approved instead.
    pub ticket: Option<String>,
    /// Which use of it, once it is used, and of how many.
    pub number: Option<u64>,
    pub max: Option<u64>,
}

impl Approval {
    fn to_stored(&self) -> stored::Approval {
        stored::Approval {
            by: self.by.clone(),
            max: self.max.map(exact),
            number: self.number.map(exact),
            request: self.request.clone(),
            ticket: self.ticket.clone(),
        }
    }
}

impl Decision {
    pub fn new(outcome: Outcome) -> Decision {
        Decision {
            outcome,
            method: None,
            again: None,
            reason: None,
            approval: None,
            attempts: 0,
            wait_ms: 0,
            detail: None,
            opened: None,
            preview: None,
        }
    }
}

impl Intent {
    pub(super) fn to_entry(&self, store: &Store) -> Result<Entry, AuditError> {
        let mut redactor = Redactor::new(store);
        let cmd = self.cmd(&mut redactor)?;
        let target = self.target(&mut redactor)?;
        let verdict = self.verdict(&mut redactor)?;
        Ok(Entry {
            actor: Some(actor()),
            cmd: Some(cmd),
            event: "intent",
            host: Some(host()),
            redactions: redactor.list,
            target: Some(target),
            verdict: Some(verdict),
            ..Entry::default()
        })
    }

    fn cmd(&self, redactor: &mut Redactor<'_>) -> Result<Cmd, AuditError> {
        let words: Vec<&[u8]> = self.argv.iter().map(|w| w.as_bytes()).collect();
        let mut argv = redactor.words("/cmd/argv", &self.tool, &words)?;
        let mut path = |pointer, path: &Option<PathBuf>| {
            path.as_ref().map(|p| redactor.text(pointer, p.as_os_str().as_bytes())).transpose()
        };
        let (bin, shim) = (path("/cmd/bin", &self.program)?, path("/cmd/shim", &self.shim)?);
        let cwd = redactor.text("/cmd/cwd", self.cwd.as_os_str().as_bytes())?;
        let argv_rest = cut(&mut argv);
        redactor.list.retain(|r| !is_cut(&r.pointer, argv.len()));
        Ok(Cmd {
            argc: self.argv.len() as u64,
            argv,
            argv_rest,
            bin,
            cwd,
            mode: match self.mode {
                Mode::Exec => "exec",
                Mode::Supervise => "supervise",
            },
            shim,
            stdin: stdin_word(self.stdin),
            tool: self.tool.clone(),
        })
    }

    fn target(&self, redactor: &mut Redactor<'_>) -> Result<Target, AuditError> {
        let mut facts = Vec::with_capacity(self.facts.len());
        for (i, fact) in self.facts.iter().enumerate() {
            let (field, text) = match &fact.value {
                Ok(value) => ("value", value),
                Err(why) => ("unknown", why),
            };
            let source = redactor.text(&format!("/target/facts/{i}/source"), fact.source.as_bytes())?;
            let text = redactor.text(&format!("/target/facts/{i}/{field}"), text.as_bytes())?;
            let (value, unknown) = if fact.value.is_ok() { (Some(text), None) } else { (None, Some(text)) };
            facts.push(Fact { key: fact.key.clone(), source, unknown, value });
        }
        Ok(Target { facts, summary: redactor.text("/target/summary", self.summary.as_bytes())? })
    }

    fn verdict(&self, redactor: &mut Redactor<'_>) -> Result<Verdict, AuditError> {
        let unsure =
            self.unsure.as_ref().map(|why| redactor.text("/verdict/unsure", why.as_bytes())).transpose()?;
        Ok(Verdict {
            effect: self.effect.clone(),
            environment: self.environment.clone(),
            policy: self
                .policy
                .iter()
                .map(|(file, line)| Place { file: file.clone(), line: *line })
                .collect(),
            requires: self.requires.clone(),
            rules: self.rules.clone(),
            severity: self.severity.clone(),
            unsure,
        })
    }
}

impl Decision {
    pub(super) fn to_entry(&self, reference: &str, store: &Store) -> Result<Entry, AuditError> {
        let mut redactor = Redactor::new(store);
        let detail =
            self.detail.as_ref().map(|d| redactor.text("/decision/detail", d.as_bytes())).transpose()?;
        let reason =
            self.reason.as_ref().map(|r| redactor.text("/decision/reason", r.as_bytes())).transpose()?;
        let preview = self.preview.as_ref().map(|p| p.to_stored(&mut redactor)).transpose()?;
        Ok(Entry {
            decision: Some(Decided {
                action: if self.outcome.lets_run() { "allow" } else { "deny" },
                again: self.again.clone(),
                approval: self.approval.as_ref().map(Approval::to_stored),
                attempts: self.attempts,
                detail,
                method: self.method.clone(),
                opened: self.opened,
                outcome: self.outcome.word(),
                preview,
                reason,
                wait_ms: exact(self.wait_ms),
            }),
            event: "decision",
            redactions: redactor.list,
            reference: Some(reference.to_owned()),
            ..Entry::default()
        })
    }
}

impl Preview {
    fn to_stored(&self, redactor: &mut Redactor<'_>) -> Result<stored::Preview, AuditError> {
        let empty = stored::Preview { count: None, failed: None, kind: None, words: None };
        Ok(match self {
            Preview::Seen { count, words } => stored::Preview {
                count: count.map(|(n, _)| exact(n)),
                kind: count.map(|(_, kind)| kind),
                words: match words.as_str() {
                    "" => None,
                    words => Some(redactor.text("/decision/preview/words", words.as_bytes())?),
                },
                ..empty
            },
            Preview::Failed(why) => stored::Preview {
                failed: Some(redactor.text("/decision/preview/failed", why.as_bytes())?),
                ..empty
            },
        })
    }
}

/// Takes the words beyond the limit away, and says how many there were and what they were.
fn cut(argv: &mut Vec<Text>) -> Option<Rest> {
    let length = |text: &Text| match text {
        Text::Utf8(text) => text.len(),
        Text::Bytes { b64 } => b64.len(),
    };
    let mut total = 0;
    let kept = argv.iter().take_while(|word| {
        total += length(word);
        total <= ARGV_LIMIT
    });
    let kept = kept.count();
    if kept == argv.len() {
        return None;
    }
    let rest = argv.split_off(kept);
    let mut parts: Vec<&[u8]> = Vec::with_capacity(rest.len() * 2);
    for word in &rest {
        parts.push(match word {
            Text::Utf8(text) => text.as_bytes(),
            Text::Bytes { b64 } => b64.as_bytes(),
        });
        parts.push(&[0]);
    }
    Some(Rest { sha256: encode(&sha256(&parts)), words: rest.len() as u64 })
}

fn is_cut(pointer: &str, kept: usize) -> bool {
    pointer.strip_prefix("/cmd/argv/").and_then(|i| i.parse::<usize>().ok()).is_some_and(|i| i >= kept)
}

fn stdin_word(kind: StdinKind) -> &'static str {
    match kind {
        StdinKind::Terminal => "tty",
        StdinKind::Pipe => "pipe",
        StdinKind::File => "file",
        StdinKind::Socket => "socket",
        StdinKind::Null => "null",
        StdinKind::Other => "other",
    }
}

pub(super) fn actor() -> Actor {
    Actor {
        parent: actor::parents(PARENTS).into_iter().map(Text::of).collect(),
        session: actor::session(),
        ssh: entry::variable("SSH_CONNECTION").is_some(),
        tty: actor::terminal(),
        uid: who::uid(),
        user: who::user_name(),
    }
}

pub(super) fn host() -> Host {
    Host { id: host_id(), name: who::host_name() }
}

/// Tells machines apart without giving the machine-id(5) away, as that manual page asks.
pub(super) fn host_id() -> String {
    let Some(id) = actor::machine_id() else { return "unknown".to_owned() };
    let hash = sha256(&[b"guard-host/v1\0", id.as_bytes()]);
    hash[..8].iter().map(|b| format!("{b:02x}")).collect()
}
