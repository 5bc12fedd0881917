//! Bytes to meaning: what each program on the command line would do, read with that program's own grammar.
//! Must never guess: what cannot be read with certainty is `Does::Unsure`, never "harmless".

pub mod ansible;
mod aws;
pub(crate) mod az;
pub mod bq;
mod cargo;
mod cdk;
pub mod clickhouse;
mod cobra;
mod cobra_table;
pub mod copy;
pub mod docker;
mod etcdctl;
pub mod files;
mod forge;
pub(crate) mod gcloud;
mod generic;
pub mod git;
pub mod grammar;
mod gsutil;
mod hashicorp;
pub(crate) mod includes;
pub(crate) mod ini;
mod kafka;
mod kill;
pub(crate) mod kubectl;
mod mkfs;
pub mod mode;
pub mod mongo;
pub mod mysql;
mod pattern;
mod percent;
mod permissions;
pub mod pg_tools;
mod plain_line;
mod platform;
pub mod psql;
mod reader_table;
pub mod redirection;
pub mod redis;
mod rm;
mod search_server;
#[cfg(feature = "full")]
mod shell;
pub mod sql;
mod sql_client;
pub mod sqlite;
pub mod ssh;
mod statements;
pub mod systemd;
mod terraform;
mod terragrunt;
mod through;
pub mod tool;
mod traits;
pub mod words;
mod wrappers;
pub mod sent_files;
mod sockets;
mod written_files;

pub(crate) use aws::split as python_words;
pub use generic::verb as verb_of;
pub use grammar::{Opt, Parsed};
use through::is_shell;
pub use through::{Doubt, Start, Through, goes_through, runs_a_variable, through};
pub use tool::Tool;
pub use traits::Traits;
pub use wrappers::find;

use crate::invocation::Invocation;

/// A program with what it runs by itself (statements, a plan) and what it starts.
#[derive(Clone, Debug)]
pub struct Reading {
    pub commands: Vec<Command>,
    /// Programs that it starts: in a container, on a host, from a script of its own.
    pub starts: Vec<Start>,
}

impl Reading {
    /// A command that starts nothing.
    pub fn of(command: Command) -> Reading {
        Reading { commands: vec![command], starts: Vec::new() }
    }
}

/// One program with the argv it would receive, and what it would do.
#[derive(Clone, Debug)]
pub struct Command {
    pub invocation: Invocation,
    /// The pack's program name: `kubectl` also for `oc`.
    pub tool: String,
    pub does: Does,
    /// The verb after aliases and defaults, words joined by a space: `delete`, `workspace delete`; may be empty.
    pub verb: String,
    pub options: Vec<Opt>,
    pub operands: Vec<String>,
    /// Where each operand stands in `invocation.args()`, for resolvers that need its bytes; may be left empty.
    pub operand_at: Vec<usize>,
    /// What rules look at besides verb, options and operands; each tool's file lists its names.
    pub traits: Traits,
    /// What happens, in words for the question: `delete namespace payments`.
    pub headline: String,
}

/// What running the command amounts to, before any target is known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Does {
    /// It acts as its verb says.
    Acts,
    /// It changes nothing whatever its words say: help, version, a usage error the tool itself refuses.
    Nothing(String),
    /// It cannot be read with certainty, and why.
    Unsure(String),
}

impl Command {
    /// A command about which nothing is known yet.
    pub fn new(invocation: &Invocation, tool: &str) -> Command {
        Command {
            invocation: invocation.clone(),
            tool: tool.to_owned(),
            does: Does::Acts,
            verb: String::new(),
            options: Vec::new(),
            operands: Vec::new(),
            operand_at: Vec::new(),
            traits: Traits::default(),
            headline: String::new(),
        }
    }

    /// The last value of an option by its canonical spelling (`--namespace`): last one wins in every tool.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().rev().find(|o| o.name == name).map(|o| o.value.as_deref().unwrap_or(""))
    }

    /// Every value of a repeatable option, in order.
    pub fn option_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.options.iter().filter(move |o| o.name == name).map(|o| o.value.as_deref().unwrap_or(""))
    }
}

/// Reads a command with its tool's grammar, and what it starts where its words say so.
pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut reading = match reader_table::reader(&tool.program) {
        Some(read) => read(invocation, tool),
        None => as_its_file_says(invocation, tool),
    };
    reading.starts.extend(wrappers::remote::also(invocation));
    if !wrappers::knows(invocation.program().as_encoded_bytes()) {
        reading.starts.extend(written_files::of(invocation));
        reading.starts.extend(sent_files::of(invocation));
        reading.starts.extend(sockets::of(invocation));
    }
    reading
}

/// Options, groups and aliases as the rule file lists them. A wrapper with rules of its own still starts what it
/// starts.
fn as_its_file_says(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut reading = generic::read(invocation, tool);
    let Some(found) = through(invocation, None) else { return reading };
    reading.starts = found.starts;
    if let (Some(command), Does::Unsure(_)) = (reading.commands.first_mut(), &found.command.does) {
        command.does = found.command.does;
        command.traits.extend(found.command.traits);
    }
    reading
}
