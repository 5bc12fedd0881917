//! `policy.toml`: what must pass before a command runs.

use super::{File, LoadError, at, locate, parse, place};
use crate::rules::pack::{Effect, Gate, Policy, Severity, When};
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    #[serde(default)]
    policy: Vec<PolicyTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyTable {
    #[serde(default)]
    name: Option<String>,
    when: Spanned<WhenTable>,
    require: Spanned<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhenTable {
    #[serde(default)]
    environment: OneOrMany<String>,
    #[serde(default)]
    severity: OneOrMany<Severity>,
    #[serde(default)]
    effect: OneOrMany<Effect>,
    #[serde(default)]
    rule: OneOrMany<String>,
    #[serde(default)]
    tool: OneOrMany<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        OneOrMany::Many(Vec::new())
    }
}

impl<T> OneOrMany<T> {
    fn list(self) -> Vec<T> {
        match self {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        }
    }
}

/// Loads the file.
pub fn load(file: &File) -> Result<Vec<Policy>, LoadError> {
    let parsed: PolicyFile = parse(file, &None)?;
    let mut list = Vec::new();
    for table in parsed.policy {
        let place = place(file, table.when.span().start);
        let when = table.when.into_inner();
        let offset = table.require.span().start;
        let require = table
            .require
            .get_ref()
            .iter()
            .map(|word| gate(word).ok_or_else(|| {
                let hint = "one of deny, notice, delay:SECONDSs, reason, confirm, totp, approval:GROUP, approval:GROUP*N";
                locate(file, &None, at(offset, format!("unknown requirement {word:?}"), hint))
            }))
            .collect::<Result<Vec<_>, _>>()?;
        let when = When {
            environment: when.environment.list(),
            severity: when.severity.list(),
            effect: when.effect.list(),
            rule: when.rule.list(),
            tool: when.tool.list(),
        };
        list.push(Policy { name: table.name, when, require, place });
    }
    Ok(list)
}

fn gate(word: &str) -> Option<Gate> {
    Some(match word {
        "deny" => Gate::Deny,
        "notice" => Gate::Notice,
        "reason" => Gate::Reason,
        "confirm" => Gate::Confirm,
        "totp" => Gate::Totp,
        _ => match word.split_once(':')? {
            ("delay", time) => Gate::Delay(time.strip_suffix('s')?.parse().ok()?),
            ("approval", who) => {
                let (group, people) =
                    who.split_once('*').map_or(Some((who, 1)), |(g, n)| Some((g, n.parse().ok()?)))?;
                let valid = !group.is_empty() && people > 0;
                valid.then(|| Gate::Approval { group: group.to_owned(), people })?
            }
            _ => return None,
        },
    })
}
