//! Gates where nobody can be asked: enforcement mode, and an approval without a terminal. A ticket counts, or a request that
//! somebody approves while guard waits. Must never pass what only a person at a terminal can give.

use super::approval::{self, Given, How};
use super::reason::Forms;
use super::steps::Answers;
use super::{Asked, Beside, Clearance, Mode, Stopped, not_askable};
use crate::rules::Verdict;
use crate::rules::pack::Gate;
use crate::sys::terminal::since_boot;
use crate::targets::postgres::Opening;

/// Passes what a ticket or a teammate can pass; everything else refuses.
pub fn pass(asked: &Asked<'_>, gates: &[Gate], opening: Option<Opening>) -> Result<Clearance, Stopped> {
    let began = since_boot();
    let all = || gates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let enforced = || Stopped::Enforced { gates: all() };
    let approval = |gate: &&Gate| matches!(gate, Gate::Approval { .. });
    if !gates.iter().any(|gate| approval(&gate)) {
        return Err(enforced());
    }
    if let Some(beside) = Beside::of(gates, asked.verdict) {
        return Err(not_askable(beside.gate.clone(), Beside::why().into(), beside.hint()));
    }
    let ready = match approval::Ready::prepare(gates, &asked.live, asked.dirs, asked.how.key()) {
        Ok(Some(ready)) => ready,
        // Said of what nobody has set up approvals for.
        Err(_) if asked.mode == Mode::Enforce && asked.how.is_silent() => return Err(enforced()),
        Ok(None) => return Err(enforced()),
        Err(stopped) => return Err(stopped),
    };
    let approved = match approval::given(ready, asked, asked.how.wait.is_some())? {
        Given::Approved(approved) => *approved,
        Given::Ask(ready) => match asked.how.wait {
            Some(limit) => {
                reason(gates, asked.verdict, asked.how.reason)?;
                approval::unattended(*ready, asked, limit)?
            }
            None if asked.mode == Mode::Enforce => return Err(enforced()),
            None => {
                let hint = "`guard run --wait 10m -- CMD` waits without one, `guard requests make -- CMD` leaves a request";
                return Err(not_askable(
                    ready.gate().clone(),
                    "there is no terminal to wait on".into(),
                    hint.into(),
                ));
            }
        },
    };
    let mut answers = Answers::default();
    if let Some(reason) = reason(gates, asked.verdict, approved.reason.as_deref())? {
        answers.methods.push("reason");
        answers.gates.push(Gate::Reason);
        answers.reason = Some(reason);
    }
    let mut clearance = Clearance::of(answers, None, since_boot().saturating_sub(began), opening);
    clearance.take_approval(Some(approved));
    Ok(clearance)
}

/// The reason that was given beforehand, where policy asks for one; it has to look as policy says.
pub fn reason(gates: &[Gate], verdict: &Verdict, given: Option<&str>) -> Result<Option<String>, Stopped> {
    if !gates.contains(&Gate::Reason) {
        return Ok(None);
    }
    let fits = |reason: &&str| Forms::of(verdict).is_ok_and(|forms| forms.fits(reason));
    match given.filter(fits) {
        Some(reason) => Ok(Some(reason.to_owned())),
        None => {
            let why = match given {
                Some(_) => "the reason is not as policy wants it",
                None => "there is nobody to ask for it",
            };
            let hint = "`--reason TEXT` gives it; `guard explain` says what is expected in it";
            Err(not_askable(Gate::Reason, why.into(), hint.into()))
        }
    }
}

impl How<'_> {
    /// Nothing was said about waiting, nor a ticket given.
    fn is_silent(&self) -> bool {
        self.wait.is_none() && !self.is_split() && approval::no_ticket_given()
    }
}
