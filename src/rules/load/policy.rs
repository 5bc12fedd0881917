//! `policy.toml`: what must pass before a command runs.

use super::one_or_many::OneOrMany;
use super::{File, LoadError, at, locate, parse, place};
use crate::rules::count::MoreThan;
use crate::rules::pack::{Effect, Gate, Policy, PreviewSettings, Severity, When};
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    #[serde(default)]
    policy: Vec<PolicyTable>,
    #[serde(default)]
    preview: Option<PreviewTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PreviewTable {
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default)]
    limit: Option<Spanned<String>>,
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
    #[serde(default)]
    count: Option<Spanned<String>>,
}

/// Loads the file.
pub fn load(file: &File) -> Result<(Vec<Policy>, Option<PreviewSettings>), LoadError> {
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
                let hint = "one of deny, notice, read-only, delay:SECONDSs, reason, confirm, totp, approval:GROUP, approval:GROUP*N";
                locate(file, &None, at(offset, format!("unknown requirement {word:?}"), hint))
            }))
            .collect::<Result<Vec<_>, _>>()?;
        let when = When {
            environment: when.environment.0,
            severity: when.severity.0,
            effect: when.effect.0,
            rule: when.rule.0,
            tool: when.tool.0,
            count: when.count.map(|word| more_than(file, &word)).transpose()?,
        };
        list.push(Policy { name: table.name, when, require, place });
    }
    Ok((list, parsed.preview.map(|table| preview(file, table)).transpose()?))
}

fn more_than(file: &File, word: &Spanned<String>) -> Result<MoreThan, LoadError> {
    MoreThan::parse(word.get_ref()).ok_or_else(|| {
        let message = format!("count {:?} is no bound from below", word.get_ref());
        locate(file, &None, at(word.span().start, message, "write \"> 50\" or \">= 50\""))
    })
}

/// The longest that a question, or a policy that counts, may wait for a look.
const LONGEST_LOOK_MS: u32 = 30_000;

fn preview(file: &File, table: PreviewTable) -> Result<PreviewSettings, LoadError> {
    let usual = PreviewSettings::default();
    let limit_ms = match table.limit {
        None => usual.limit_ms,
        Some(word) => {
            milliseconds(word.get_ref()).filter(|ms| (1..=LONGEST_LOOK_MS).contains(ms)).ok_or_else(|| {
                let message = format!("limit {:?} is no time up to 30 seconds", word.get_ref());
                locate(file, &None, at(word.span().start, message, "write \"3s\" or \"500ms\""))
            })?
        }
    };
    Ok(PreviewSettings { enabled: table.enabled.unwrap_or(usual.enabled), limit_ms })
}

fn milliseconds(word: &str) -> Option<u32> {
    match word.strip_suffix("ms") {
        Some(number) => number.trim().parse().ok(),
        None => word.strip_suffix('s')?.trim().parse::<u32>().ok()?.checked_mul(1000),
    }
}

fn gate(word: &str) -> Option<Gate> {
    Some(match word {
        "deny" => Gate::Deny,
        "notice" => Gate::Notice,
        "read-only" => Gate::ReadOnly,
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
