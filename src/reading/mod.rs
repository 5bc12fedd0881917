//! Bytes to meaning: what each program on the command line would do, read with that program's own grammar.
//! Must never guess: what cannot be read with certainty is `Does::Unsure`, never "harmless".

mod cobra;
mod cobra_table;
mod aws;
pub(crate) mod az;
mod cdk;
pub(crate) mod gcloud;
pub mod ansible;
pub mod copy;
pub mod docker;
pub mod bq;
pub mod clickhouse;
pub mod grammar;
mod etcdctl;
pub mod files;
mod cargo;
mod forge;
mod generic;
mod kill;
mod hashicorp;
mod kafka;
mod platform;
pub mod git;
mod gsutil;
pub(crate) mod ini;
pub(crate) mod kubectl;
mod mkfs;
pub mod mode;
pub mod mongo;
pub mod mysql;
mod pattern;
mod permissions;
pub mod pg_tools;
mod plain_line;
pub mod psql;
pub mod redirection;
pub mod redis;
mod rm;
#[cfg(feature = "full")]
mod shell;
pub mod sql;
pub mod ssh;
pub mod systemd;
pub mod sqlite;
mod statements;
mod terraform;
mod terragrunt;
mod through;
pub mod tool;
pub mod words;
mod traits;
mod wrappers;

pub(crate) use aws::split as python_words;
pub use generic::verb as verb_of;
pub use grammar::{Opt, Parsed};
use through::is_shell;
pub use through::{Doubt, Start, Through, goes_through, through};
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

/// Reads a command with its tool's grammar.
pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    match tool.program.as_str() {
        "aws" => aws::read(invocation),
        "az" => az::read(invocation),
        "cdk" => cdk::read(invocation, tool),
        "gcloud" => gcloud::read(invocation),
        "gsutil" => gsutil::read(invocation, tool),
        "kubectl" => kubectl::read(invocation),
        "terragrunt" => terragrunt::read(invocation),
        "terraform" => terraform::read(invocation),
        "psql" => psql::read(invocation),
        "docker" => docker::read(invocation),
        "rm" => rm::read(invocation),
        "vault" | "consul" | "nomad" => hashicorp::read(invocation, tool),
        "etcdctl" => etcdctl::read(invocation, tool),
        "flyctl" | "heroku" => platform::read(invocation, tool),
        program if program.starts_with("kafka-") => kafka::read(invocation, tool),
        "ssh" => ssh::read(invocation),
        "argocd" | "eksctl" | "flux" | "helm" | "istioctl" | "k3d" | "k9s" | "kind" | "kubectl-cnpg"
        | "kubectx" | "kubens" | "kustomize" | "minikube" | "velero" => cobra::read(invocation, tool),
        "git" => git::read(invocation),
        "find" => find::read(invocation),
        "kill" => kill::read(invocation),
        "mkfs" => mkfs::read(invocation),
        "chmod" | "chown" | "chgrp" => permissions::read(invocation, &tool.program),
        "bq" => bq::read(invocation, tool),
        "clickhouse-client" => clickhouse::read(invocation, tool),
        "sqlite3" => sqlite::read(invocation, tool),
        "mongosh" => mongo::read(invocation, tool),
        "redis-cli" => redis::read(invocation, tool),
        program if mysql::knows(program) => mysql::read(invocation, tool),
        program if pg_tools::knows(program) => pg_tools::read(invocation, tool),
        redirection::PROGRAM => redirection::read(invocation),
        "rsync" => copy::rsync(invocation, tool),
        "scp" => copy::scp(invocation, tool),
        "sftp" => copy::sftp(invocation, tool),
        "mosh" => copy::mosh(invocation, tool),
        "ansible" => ansible::adhoc(invocation, tool),
        "ansible-playbook" => ansible::playbook(invocation, tool),
        "systemctl" => systemd::systemctl(invocation, tool),
        "shutdown" => systemd::shutdown(invocation, tool),
        "reboot" => systemd::reboot(invocation, tool),
        "telinit" => systemd::telinit(invocation, tool),
        "service" => systemd::service(invocation, tool),
        "machinectl" => systemd::machinectl(invocation, tool),
        "cargo" => cargo::read(invocation, tool),
        "gh" | "glab" => forge::read(invocation, tool),
        program => {
            let own = files::read(invocation, program);
            let mut reading = own.unwrap_or_else(|| generic::read(invocation, tool));
            // A wrapper with rules of its own still starts what it starts.
            if let Some(found) = through(invocation, None) {
                reading.starts = found.starts;
                if let (Some(command), Does::Unsure(_)) = (reading.commands.first_mut(), &found.command.does)
                {
                    command.does = found.command.does;
                    command.traits.extend(found.command.traits);
                }
            }
            reading
        }
    }
}
