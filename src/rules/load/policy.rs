//! `policy.toml`: what must pass before a command runs.

use super::one_or_many::OneOrMany;
use super::policy_settings::{BreakGlassTable, PreviewTable, ReasonTable, TotpTable, again_after};
use super::{At, File, LoadError, at, locate, parse, place};
use crate::rules::count::MoreThan;
use crate::rules::pack::{
    BreakGlassSettings, Effect, Gate, Policy, PreviewSettings, ReasonForm, Severity, TotpSettings, When,
};
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    #[serde(default)]
    policy: Vec<PolicyTable>,
    #[serde(default)]
    preview: Option<PreviewTable>,
    #[serde(default)]
    reason: Option<ReasonTable>,
    #[serde(default, rename = "break-glass")]
    break_glass: Option<BreakGlassTable>,
    #[serde(default)]
    totp: Option<TotpTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyTable {
    #[serde(default)]
    name: Option<String>,
    when: Spanned<WhenTable>,
    require: Spanned<Vec<String>>,
    #[serde(default)]
    reason: Option<Spanned<ReasonTable>>,
    #[serde(default)]
    again_after: Option<Spanned<String>>,
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

/// What the file says.
pub struct Loaded {
    pub policies: Vec<Policy>,
    pub preview: Option<PreviewSettings>,
    pub reason: Option<ReasonForm>,
    pub break_glass: Option<BreakGlassSettings>,
    pub totp: Option<TotpSettings>,
}

/// Loads the file.
pub fn load(file: &File) -> Result<Loaded, LoadError> {
    let parsed: PolicyFile = parse(file, &None)?;
    let fail = |problem| locate(file, &None, problem);
    let policies = parsed.policy.into_iter().map(|table| policy(file, table)).collect::<Result<_, _>>()?;
    Ok(Loaded {
        policies,
        preview: parsed.preview.map(PreviewTable::settings).transpose().map_err(fail)?,
        reason: parsed.reason.map(ReasonTable::form).transpose().map_err(fail)?,
        break_glass: parsed.break_glass.map(BreakGlassTable::settings).transpose().map_err(fail)?,
        totp: parsed.totp.map(TotpTable::settings).transpose().map_err(fail)?,
    })
}

fn policy(file: &File, table: PolicyTable) -> Result<Policy, LoadError> {
    let fail = |problem| locate(file, &None, problem);
    let place = place(file, table.when.span().start);
    let when = table.when.into_inner();
    let offset = table.require.span().start;
    let hint = "one of deny, notice, read-only, delay:SECONDSs, reason, confirm, totp, approval:GROUP, approval:GROUP*N";
    let unknown = |word: &String| fail(at(offset, format!("unknown requirement {word:?}"), hint));
    let require = table.require.get_ref().iter().map(|word| gate(word).ok_or_else(|| unknown(word)));
    let require = require.collect::<Result<Vec<_>, _>>()?;
    let when = When {
        environment: when.environment.0,
        severity: when.severity.0,
        effect: when.effect.0,
        rule: when.rule.0,
        tool: when.tool.0,
        count: when.count.map(|word| more_than(file, &word)).transpose()?,
    };
    let reason = table.reason.map(|table| reason(table, &require)).transpose().map_err(fail)?;
    let again_s = table.again_after.map(|word| again(&word, &require)).transpose().map_err(fail)?;
    Ok(Policy { name: table.name, when, require, reason, again_s, place })
}

fn reason(table: Spanned<ReasonTable>, require: &[Gate]) -> Result<ReasonForm, At> {
    if !require.contains(&Gate::Reason) {
        let hint = "add \"reason\" to require, or take this away";
        return Err(at(table.span().start, "the policy asks for no reason", hint));
    }
    table.into_inner().form()
}

fn again(word: &Spanned<String>, require: &[Gate]) -> Result<u32, At> {
    let once = |gate: &Gate| match gate {
        Gate::Reason | Gate::Confirm | Gate::Totp | Gate::Delay(_) => true,
        Gate::Deny | Gate::Notice | Gate::Approval { .. } | Gate::ReadOnly => false,
    };
    if !require.iter().any(once) {
        let hint = "only reason, confirm, totp and delay are accepted again";
        return Err(at(word.span().start, "nothing of this policy can be accepted again", hint));
    }
    again_after(word)
}

fn more_than(file: &File, word: &Spanned<String>) -> Result<MoreThan, LoadError> {
    MoreThan::parse(word.get_ref()).ok_or_else(|| {
        let message = format!("count {:?} is no bound from below", word.get_ref());
        locate(file, &None, at(word.span().start, message, "write \"> 50\" or \">= 50\""))
    })
}

/// Seconds; who has to wait longer goes away and comes back to a question that timed out.
const LONGEST_DELAY: u32 = 3600;

fn gate(word: &str) -> Option<Gate> {
    Some(match word {
        "deny" => Gate::Deny,
        "notice" => Gate::Notice,
        "read-only" => Gate::ReadOnly,
        "reason" => Gate::Reason,
        "confirm" => Gate::Confirm,
        "totp" => Gate::Totp,
        _ => match word.split_once(':')? {
            ("delay", time) => {
                let seconds: u32 = time.strip_suffix('s')?.parse().ok()?;
                Gate::Delay(Some(seconds).filter(|s| (1..=LONGEST_DELAY).contains(s))?)
            }
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
