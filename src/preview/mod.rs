//! How much a command would hit: a read-only look at its target while the question stands. What is looked at is
//! exactly what the target resolver found, named explicitly. Must never change anything, never look where a fact of
//! the target is unknown, and never keep the person or the exec waiting longer than its limit.

mod aws;
mod docker;
mod files;
mod helm;
mod kubernetes;
mod mysql;
mod postgres;
mod reads;
mod redis;
mod report;
mod running;
mod words;

pub use running::{Line, Preview, Subject};

use crate::invocation::{Environment, Invocation};
use crate::reading::{Command, Does};
use crate::rules::Count;
use crate::targets::Targets;
use reads::Reads;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::PathBuf;

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub count: Count,
    /// In words for the question; empty where they would add nothing to it. Foreign text in it is raw.
    pub words: String,
}

impl Seen {
    pub fn new(count: Count, words: impl Into<String>) -> Seen {
        Seen { count, words: words.into() }
    }
}

/// How a command's count can be found.
#[derive(Clone, Debug)]
#[must_use]
pub enum Plan {
    /// There is nothing to count that the question does not say already.
    Nothing,
    /// The target resolver has counted.
    Known(Seen),
    /// It cannot be counted, and why.
    Unable(String),
    /// A walk over the file system, in a process of guard's own.
    Walk(files::Walk),
    /// The tool itself is asked.
    Ask(Box<Ask>),
}

/// A question to the tool itself.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The word that finds the program.
    pub program: OsString,
    pub arguments: Vec<OsString>,
    pub environment: Environment,
    pub directory: PathBuf,
    /// `what is in payments`, after "counting".
    pub subject: String,
    reads: Reads,
}

impl Ask {
    /// The command's own program, environment and directory.
    fn like(invocation: &Invocation, subject: impl Into<String>, reads: Reads) -> Ask {
        Ask {
            program: invocation.argv().first().cloned().unwrap_or_default(),
            arguments: Vec::new(),
            environment: invocation.environment().clone(),
            directory: invocation.cwd().to_owned(),
            subject: subject.into(),
            reads,
        }
    }

    fn arg(&mut self, word: impl Into<OsString>) {
        self.arguments.push(word.into());
    }

    /// `--name=value` as one word: a value that looks like an option stays a value.
    fn option(&mut self, name: &str, value: &str) {
        self.arguments.push(format!("{name}={value}").into());
    }

    fn plan(self) -> Plan {
        Plan::Ask(Box::new(self))
    }
}

/// How to count what a command hits. `limit_ms` is what the tool is told where it can be told.
pub fn plan(command: &Command, targets: &Targets, limit_ms: u32) -> Plan {
    match &command.does {
        Does::Acts => {}
        // The question says already that nobody knows what an unsure command does.
        Does::Nothing(_) | Does::Unsure(_) => return Plan::Nothing,
    }
    if let Some(place) = command.invocation.place() {
        return Plan::Unable(format!("it runs on {place}"));
    }
    let family = targets.family.as_ref();
    if let Some(known) = known(command, targets, family) {
        return known;
    }
    if family == "path" {
        return files::plan(command, targets);
    }
    let asks = matches!(family, "kubernetes" | "mysql" | "postgres")
        || matches!(command.tool.as_str(), "redis-cli" | "aws" | "docker");
    if !asks {
        return Plan::Nothing;
    }
    if let Some((key, why)) = targets.unknowns().next() {
        return Plan::Unable(format!("the {key} is not known: {why}"));
    }
    if let Some(user) = command.invocation.user() {
        return Plan::Unable(format!("it runs as {user}"));
    }
    match (family, command.tool.as_str()) {
        ("kubernetes", "helm") => helm::plan(command, targets),
        ("mysql", "mysql" | "mysqladmin") => mysql::plan(command, targets, limit_ms),
        ("kubernetes", _) => kubernetes::plan(command, targets, limit_ms),
        ("postgres", "psql") => postgres::plan(command, targets, limit_ms),
        ("postgres", "dropdb") => postgres::plan_dropdb(command, targets, limit_ms),
        (_, "redis-cli") => redis::plan(command, targets),
        (_, "aws") => aws::plan(command, targets, limit_ms),
        (_, "docker") => docker::plan(command, targets),
        (_, _) => Plan::Nothing,
    }
}

/// What the resolver has counted: the deletions of a terraform plan or state.
fn known(command: &Command, targets: &Targets, family: &str) -> Option<Plan> {
    let deletes = targets.deletes.len() as u64;
    (family == "terraform" && deletes > 0).then(|| {
        let what = words::count(deletes, "resource");
        let form = if command.traits.has("form", "plan") { "the plan deletes" } else { "the state holds" };
        Plan::Known(Seen::new(Count::Exactly(deletes), format!("{form} {what}")))
    })
}

impl Plan {
    /// What would be run or walked, for `guard explain`; `None` where nothing is.
    pub fn describe(&self) -> Option<String> {
        match self {
            Plan::Nothing => None,
            Plan::Known(seen) => Some(seen.words.clone()).filter(|words| !words.is_empty()),
            Plan::Unable(why) => Some(format!("cannot be counted: {why}")),
            Plan::Walk(_) => Some("counts files and bytes below the paths".into()),
            Plan::Ask(ask) => {
                let line: Vec<&OsString> = std::iter::once(&ask.program).chain(&ask.arguments).collect();
                Some(crate::text::quote_line(&line))
            }
        }
    }
}
