//! Going on without the approval that policy asks for: on a terminal, by typing the target, a reason, a code and waiting;
//! within a budget, after an alert is on disk, and owing a review. Must never break a `deny`, nor run before use and alert
//! are durable.

mod alarm;
mod alert;
mod count;
mod ledger;
mod review;
pub mod reviewed;
mod traces;

pub use ledger::{Budget, Ledger, LedgerError, Now, Use};
pub use review::{Review, settle};

use super::steps::{Answers, Steps};
use super::things::things;
use super::totp::span;
use super::{About, Asked, Clearance, Mode, Stopped, ask, not_askable, opening, order, question};
use crate::gates::approval::Ready;
use crate::preview::Preview;
use crate::rules::pack::{BreakGlassSettings, Gate};
use crate::settings::Dirs;
use crate::sys::entry::variable;
use crate::targets::postgres::Opening;
use crate::text::redact;
use alarm::Said;
use alert::Alert;
use ledger::Open;
use std::time::Duration;

/// Characters of the reason, at least.
const SHORTEST_REASON: usize = 20;
/// Seconds to leave, at least.
const SHORTEST_WAIT: u32 = 10;

/// The questions were answered; the use is not entered yet.
#[derive(Debug)]
pub struct Pending {
    answers: Answers,
    waited: Duration,
    pub opening: Option<Opening>,
    without: Vec<String>,
    settings: BreakGlassSettings,
    command: String,
    what: String,
    environment: String,
    typed: String,
    /// This person's place in a team, where there is one.
    ready: Option<Box<Ready>>,
    /// Why the team cannot be told.
    untold: Option<String>,
}

/// Asks everything that break-glass asks for.
pub fn pass(
    asked: &Asked<'_>,
    settings: BreakGlassSettings,
    preview: &mut Preview,
) -> Result<Pending, Stopped> {
    let opening = opening(asked.verdict)?;
    let gates = order::in_order(asked.gates);
    let without: Vec<&Gate> = gates.iter().filter(|g| matches!(g, Gate::Approval { .. })).collect();
    let Some(approval) = without.first().map(|gate| (*gate).clone()) else {
        return Err(Stopped::NothingToBreak);
    };
    if asked.mode == Mode::Enforce {
        return Err(Stopped::Enforced { gates: approval.to_string() });
    }
    if let Some(name) = robot() {
        let why = format!("break-glass is for a person at a terminal ({name} is set)");
        return Err(not_askable(approval, why, "run it from a terminal of your own".into()));
    }
    let (budget, gone) = room(asked.dirs, settings)?;
    let policy = gates.iter().filter_map(|gate| if let Gate::Delay(s) = gate { Some(*s) } else { None });
    let wait = policy.max().unwrap_or(0).max(SHORTEST_WAIT);
    let asks = [Gate::Reason, Gate::Confirm, Gate::Totp, Gate::Delay(wait)];
    let mut steps = Steps::prepare(&asks, asked, SHORTEST_REASON)?;
    let (ready, untold) = match Ready::prepare(&gates, &asked.live, asked.dirs, None) {
        Ok(Some(ready)) => match ready.enough() {
            Err(Stopped::NotAskable { why, .. }) => (None, Some(why)),
            Ok(()) | Err(_) => (Some(Box::new(ready)), None),
        },
        Ok(None) => (None, None),
        Err(Stopped::NotAskable { why, .. }) => (None, Some(why)),
        Err(_) => (None, Some("the request cannot be made".to_owned())),
    };
    let without: Vec<String> = without.into_iter().map(ToString::to_string).collect();
    let mut question = question(asked.verdict);
    question.ask = "to run it without approval, type".to_owned();
    question.notes.push(("break-glass".to_owned(), note(&without, &budget, untold.as_deref())));
    question.notes.extend((!gone.is_empty()).then(|| ("traces".to_owned(), gone.join("; "))));
    let title = question.title.clone();
    question.title = format!("WITHOUT {}: {title}", without.join(", "));
    let about = About { things: things(asked.verdict), ..About::default() };
    let (answers, waited, _) = ask(&mut steps, &mut question, *asked, preview, None, None)?;
    about.unchanged(asked.verdict)?;
    Ok(Pending {
        answers,
        waited,
        opening,
        without,
        settings,
        command: question.command,
        what: format!("{title} ({})", question.expected),
        environment: asked.verdict.environment.word().to_owned(),
        typed: question.expected,
        ready,
        untold,
    })
}

fn note(without: &[String], budget: &Budget, untold: Option<&str>) -> String {
    let alert = match untold {
        None => "the team is told".to_owned(),
        Some(why) => format!("the team is NOT told ({why})"),
    };
    format!(
        "goes on without {}: use {} of {} within {}; {alert}, and another person has to sign a review",
        without.join(", "),
        budget.uses - budget.left + 1,
        budget.uses,
        days(budget.per_s)
    )
}

/// `1 use`, `2 uses`.
pub fn uses(n: usize) -> String {
    if n == 1 { "1 use".to_owned() } else { format!("{n} uses") }
}

/// `1 day`, `7 days`.
pub fn days(seconds: u32) -> String {
    match seconds / (24 * 3600) {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// Whether there is one more use, and what is gone of the traces of earlier ones.
fn room(dirs: &Dirs, settings: BreakGlassSettings) -> Result<(Budget, Vec<String>), Stopped> {
    let ledger = Ledger::read(dirs).and_then(|ledger| ledger.complete(dirs)).map_err(|e| no_ledger(&e))?;
    let budget = ledger.budget(settings, &Now::read());
    if budget.left == 0 { Err(spent(&budget)) } else { Ok((budget, ledger.gone().to_vec())) }
}

fn spent(budget: &Budget) -> Stopped {
    let next = span(budget.next_s);
    let (why, hint) = match budget.uses {
        0 => ("policy allows no break-glass".to_owned(), "ask for the approval".to_owned()),
        number => (
            match number {
                1 => format!("the one break-glass use of {} is spent", days(budget.per_s)),
                all => format!("all {all} break-glass uses of {} are spent", days(budget.per_s)),
            },
            format!("ask for the approval; the next use is free in {next}, see `guard breakglass status`"),
        ),
    };
    Stopped::NotBroken { status: 77, why, hint }
}

fn no_ledger(error: &LedgerError) -> Stopped {
    Stopped::NotBroken { status: 78, why: error.to_string(), hint: error.hint() }
}

/// A variable that programs set for what no person sits at: nobody who forges one gains anything by it.
pub(super) fn robot() -> Option<&'static str> {
    const ROBOTS: &[&str] = &[
        "CI",
        "GITHUB_ACTIONS",
        "GITLAB_CI",
        "BUILDKITE",
        "JENKINS_URL",
        "TEAMCITY_VERSION",
        "TF_BUILD",
        "CLAUDECODE",
        "CODEX_SANDBOX",
        "CURSOR_AGENT",
        "GEMINI_CLI",
    ];
    ROBOTS.iter().copied().find(|name| variable(name).is_some_and(|value| !value.is_empty()))
}

impl Pending {
    /// Enters the use and puts the alert into its queue, both durably; only then there is a clearance.
    pub fn spend(self, dirs: &Dirs, intent: &str) -> Result<Clearance, Stopped> {
        let open = Open::take(dirs).map_err(|e| no_ledger(&e))?;
        // Another terminal may have been faster.
        let now = Now::read();
        let budget = open.ledger().budget(self.settings, &now);
        if budget.left == 0 {
            return Err(spent(&budget));
        }
        let reason = redact::text_for_people(self.answers.reason.as_deref().unwrap_or_default());
        let alert = Alert {
            environment: &self.environment,
            without: &self.without,
            ..Alert::new(intent, &self.command, &self.what, &reason)
        };
        alert::queue(dirs, &alert).map_err(|error| Stopped::NotBroken {
            status: 77,
            why: format!("the alert cannot be kept: {error}"),
            hint: error.hint(),
        })?;
        let recovery = self.answers.methods.contains(&"recovery-code");
        let said = Said { intent, reason: &reason, typed: &self.typed, recovery, budget };
        let unheard = self.ready.as_ref().and_then(|ready| alarm::queue(dirs, ready, &said).err());
        let unheard = unheard.or(self.untold);
        let used = Use {
            id: intent.to_owned(),
            real: now.real,
            mono: now.mono,
            boot: now.boot,
            what: self.what,
            reason: reason.clone(),
            review: None,
        };
        open.add(used).map_err(|error| {
            alert::withdraw(dirs, intent);
            no_ledger(&error)
        })?;
        let mut clearance = Clearance::of(self.answers, None, self.waited, self.opening);
        clearance.without = Some(self.without.join(", "));
        clearance.notices.extend(
            unheard.map(|why| format!("the team is NOT told: {why}; the alert is on this machine only")),
        );
        // Never accepted again.
        clearance.passed.clear();
        Ok(clearance)
    }
}

/// What is owed, in a line for the question; `None` when nothing is.
pub fn debt(dirs: &Dirs) -> Option<String> {
    let ledger = match Ledger::read(dirs).and_then(|ledger| ledger.counted(dirs)) {
        Ok(ledger) => ledger,
        Err(error) => return Some(error.to_string()),
    };
    let now = Now::read();
    let latest = ledger.owed().min_by_key(|used| ledger.age(used, &now))?;
    let ago = span(ledger.age(latest, &now) / 1_000_000);
    let others = match ledger.owed().count() - 1 {
        0 => String::new(),
        n => format!(", and {n} more"),
    };
    Some(format!(
        "break-glass {ago} ago ({}){others}: another person has to sign, see `guard breakglass status`",
        latest.what
    ))
}
