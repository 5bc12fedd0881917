//! Which real thing a command would touch, each fact with the place it comes from.
//! Must never contact anything, and never fill a gap: what cannot be determined is `Unknown` with the reason.

mod ansible;
mod argocd;
mod aws;
mod az;
mod bigquery;
mod cdk;
mod clickhouse;
mod copy;
mod declared;
mod docker;
mod eksctl;
pub mod elsewhere;
mod fact;
mod forge;
mod gcloud;
mod git;
mod identity;
mod kubernetes;
mod mongodb;
mod mysql;
pub mod names;
mod packages;
mod path;
mod pgdata;
mod platform;
pub mod postgres;
mod process;
mod pulumi;
mod redis;
mod resolver_table;
mod sqlite;
mod ssh;
pub mod supposed;
mod systemd;
mod terraform;
mod terragrunt;

pub use fact::{Datum, Fact, Value};
pub use identity::{Identity, identities};

use crate::reading::{Command, Tool, Traits};
use std::borrow::Cow;

/// What a command would hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Targets {
    /// The resolver family, `kubernetes` say, or the program whose rule file declares the facts; the first part of
    /// `kubernetes.context` in environments.toml.
    pub family: Cow<'static, str>,
    pub facts: Vec<Fact>,
    /// Objects acted on, as the tool names them: `namespace/payments`, a canonical path.
    pub objects: Vec<String>,
    /// What would be deleted, where that is known exactly (addresses of a plan).
    pub deletes: Vec<String>,
    /// What rules look at: the kind of path, a state of the plan.
    pub traits: Traits,
    /// What the person types to confirm: `prod-eu/payments`, `orders@prod-db`, a path.
    pub typed: String,
    /// What happens, where the target says more than the words: `apply saved plan p: 12 to delete`.
    /// Shown in place of the reading's headline.
    pub headline: Option<String>,
    /// Files whose content decided any of this, with a fingerprint; compared again before exec.
    pub inputs: Vec<(std::path::PathBuf, u128)>,
}

/// The answer of a resolver.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[allow(
    clippy::large_enum_variant,
    reason = "nearly every one is a hit: a box would cost each command an allocation"
)]
pub enum Resolution {
    Hits(Targets),
    /// The tool itself would stop before touching anything, and why: no such context, no such service.
    Nothing(String),
}

impl Targets {
    pub fn new(family: impl Into<Cow<'static, str>>) -> Targets {
        Targets {
            family: family.into(),
            facts: Vec::new(),
            objects: Vec::new(),
            deletes: Vec::new(),
            traits: Traits::default(),
            typed: String::new(),
            headline: None,
            inputs: Vec::new(),
        }
    }

    pub fn fact(&self, key: &str) -> Option<&Fact> {
        self.facts.iter().find(|f| f.key == key)
    }

    /// A fact's text, when it is known and is one.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.fact(key).map(|f| &f.value) {
            Some(Value::Known(Datum::Text(text))) => Some(text),
            _ => None,
        }
    }

    /// In words, the first fact, object or input file that is different in `later`.
    pub fn difference(&self, later: &Targets) -> Option<String> {
        for fact in &self.facts {
            let now = later.fact(&fact.key).map(|f| &f.value);
            if now != Some(&fact.value) {
                let now = now.map_or("gone".to_owned(), Value::to_string);
                return Some(format!("{} was {} and is now {now}", fact.key, fact.value));
            }
        }
        if let Some((path, _)) = later.inputs.iter().find(|input| !self.inputs.contains(input)) {
            return Some(format!("{} changed", crate::text::show(path.as_os_str().as_encoded_bytes())));
        }
        (self != later).then(|| "what it acts on changed".to_owned())
    }

    /// The facts that could not be determined.
    pub fn unknowns(&self) -> impl Iterator<Item = (&str, &str)> {
        self.facts.iter().filter_map(|f| match &f.value {
            Value::Unknown(why) => Some((f.key.as_ref(), why.as_str())),
            Value::Known(_) => None,
        })
    }
}

/// Resolves a command's target by its tool; `tool` is what a rule file says of a program without a resolver.
pub fn resolve(command: &Command, tool: Option<&Tool>) -> Resolution {
    let mut resolution = match resolver_table::resolver(&command.tool) {
        Some(resolve) => resolve(command),
        None => Resolution::Hits(declared::resolve(command, tool)),
    };
    if let Resolution::Hits(targets) = &mut resolution {
        targets.inputs = command.invocation.inputs().list();
    }
    resolution
}
