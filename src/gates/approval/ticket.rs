//! A ticket in the place of an approval: found in `$GUARD_TICKET` or at the relay, held against what would run, and used up
//! just before it runs. Must never be taken on the word of the text that carries it, nor where the relay cannot be asked
//! whether it was taken back.

use super::lack::Lack;
use super::ready::{Ready, now};
use crate::reading::Command;
use crate::rules::Verdict;
use crate::settings::Dirs;
use crate::statement::request::Target;
use crate::statement::ticket::{Attempt, NotCovered, Ticket};
use crate::statement::{Envelope, Foreign, Hash, Needs, Verdict as Answer};
use crate::sys::entry::variable;
use crate::team::ticket::{self, Covered, Found, NotUsed, NotValid};
use crate::team::{Courier, NotClaimed, NotSynced, Subject, Unreached, User, sync};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Where the text of a ticket, or its file's name, is given.
const GIVEN: &str = "GUARD_TICKET";
/// What CI systems call the commit and the run. They narrow an honest workload and prove nothing.
const COMMIT: &[&str] = &["GUARD_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA", "BUILDKITE_COMMIT", "GIT_COMMIT"];
const RUN: &[&str] = &["GUARD_RUN", "GITHUB_RUN_ID", "CI_PIPELINE_ID", "BUILDKITE_BUILD_ID", "BUILD_TAG"];

/// A ticket that covers the command, not used yet.
#[derive(Debug)]
pub struct Ticketed {
    pub found: Found,
    pub covered: Covered,
    what: What,
}

/// What wants to run, owned.
#[derive(Debug)]
struct What {
    argv: Vec<Foreign>,
    target: Target,
    plan: Option<Hash>,
    commit: Option<String>,
    run: Option<String>,
}

impl From<Unreached> for Lack {
    fn from(error: Unreached) -> Lack {
        let why = format!("whether its ticket still counts cannot be asked: {error}");
        Lack::new(error.status(), why, error.hint())
    }
}

impl From<NotValid> for Lack {
    fn from(why: NotValid) -> Lack {
        let status = match &why {
            NotValid::Covers(NotCovered::NotYet { .. } | NotCovered::Over) => 75,
            NotValid::Covers(_) => 77,
            NotValid::NotApproved(verdict) => match **verdict {
                Answer::Pending { .. } | Answer::Expired | Answer::Lapsed { .. } => 75,
                Answer::Approved { .. }
                | Answer::Denied { .. }
                | Answer::Mismatch { .. }
                | Answer::Cancelled { .. }
                | Answer::Revoked { .. }
                | Answer::Void(_) => 77,
            },
        };
        let hint = match status {
            75 => "`guard ticket list` shows how it stands; `guard ticket issue` asks for another",
            _ => "`guard ticket issue` asks for one that fits",
        };
        Lack::new(status, why.to_string(), hint)
    }
}

/// The ticket for this command; `None` where there is none at all. Nobody but a workload has tickets, so nobody else's
/// command asks the relay.
pub fn find(
    ready: &mut Ready,
    argv: &[OsString],
    verdict: &Verdict,
    dirs: &Dirs,
) -> Result<Option<Ticketed>, Lack> {
    let value = variable(GIVEN).filter(|value| !value.is_empty());
    let kid = ready.identity.public().fingerprint();
    if value.is_none() && ticket::workload(ready.team.roster(), &kid).is_none() {
        return Ok(None);
    }
    let given = value.map(|value| {
        let hint = "give the text that `guard ticket export` printed, or the name of a file with it";
        ticket::given(value).ok_or_else(|| Lack::new(77, format!("${GIVEN} holds no ticket"), hint))
    });
    let given = given.transpose()?;
    let what = What::of(argv, verdict);
    let signer = ready.signer().map_err(no_key)?;
    let courier = Courier::to(&ready.team, &signer)?;
    if let Some(courier) = &courier {
        // A key or person that was taken out since the ticket was approved does not count.
        sync(&mut ready.team, courier).map_err(|error| match error {
            NotSynced::Relay(error) => Lack::from(error),
            NotSynced::Team(error) => Lack::new(77, error.to_string(), error.hint()),
        })?;
    }
    let candidates = match (given, &courier) {
        (Some(found), Some(courier)) => vec![ticket::with_statements(courier, found)?],
        (Some(found), None) => vec![found],
        (None, Some(courier)) => ticket::find(courier, &what.attempt(ready))?,
        (None, None) => Vec::new(),
    };
    // Of several that do not count the newest is what the person is waiting for.
    let mut newest: Option<(u64, Lack)> = None;
    for found in candidates {
        let made = found.ticket.iat;
        match what.held_against(&found, ready, verdict, dirs) {
            Ok(covered) => return Ok(Some(Ticketed { found, covered, what })),
            Err(why) if newest.as_ref().is_none_or(|(before, _)| *before <= made) => {
                newest = Some((made, why))
            }
            Err(_) => {}
        }
    }
    newest.map_or(Ok(None), |(_, why)| Err(why))
}

/// Whether nobody gave a ticket to this process.
pub fn no_ticket_given() -> bool {
    variable(GIVEN).is_none_or(|value| value.is_empty())
}

fn no_key(why: String) -> Lack {
    Lack::new(69, why, "`guard key show` says where your key is")
}

impl What {
    fn of(argv: &[OsString], verdict: &Verdict) -> What {
        let first = |names: &[&str]| {
            let filled = |name: &&str| variable(name).filter(|value| !value.is_empty());
            names.iter().find_map(filled).map(|value| value.to_string_lossy().into_owned())
        };
        What {
            argv: argv.iter().map(|word| Foreign::from(word.as_bytes())).collect(),
            target: super::capture::target(verdict),
            plan: the_plan(verdict),
            commit: first(COMMIT),
            run: first(RUN),
        }
    }

    fn attempt<'a>(&'a self, ready: &'a Ready) -> Attempt<'a> {
        Attempt {
            argv: &self.argv,
            target: &self.target,
            commit: self.commit.as_deref(),
            plan: self.plan,
            workload: ticket::workload(ready.team.roster(), &ready.identity.public().fingerprint()),
            run: self.run.as_deref(),
            now: now(),
            used: 0,
        }
    }

    /// Whether the ticket lets this run.
    fn held_against(
        &self,
        found: &Found,
        ready: &Ready,
        verdict: &Verdict,
        dirs: &Dirs,
    ) -> Result<Covered, Lack> {
        if applies(verdict) && found.ticket.plan.is_none() {
            let why = "the ticket names no plan file, and an apply without one is not what was approved";
            return Err(Lack::new(77, why, "`guard ticket issue --plan FILE -- terraform apply FILE`"));
        }
        let needs = Needs { number: false, ..ready.needs.clone() };
        let mut attempt = self.attempt(ready);
        // Of several tickets one may be used up. A use that the relay hides is found out when it is claimed.
        attempt.used = uses(found, ready, dirs)?;
        Ok(ticket::covers(found, &attempt, ready.team.roster(), &needs)?)
    }
}

/// How many uses of a ticket are gone, as far as that is known.
fn uses(found: &Found, ready: &Ready, dirs: &Dirs) -> Result<u64, Lack> {
    let gone = ticket::uses::gone(&dirs.state, found, ready.team.roster());
    let gone = gone.map_err(|why| Lack::new(77, format!("its uses cannot be counted: {why}"), why.hint()))?;
    Ok(gone.len() as u64)
}

/// Whether it changes what a plan describes.
pub fn applies(verdict: &Verdict) -> bool {
    let apply = |command: &Command| {
        matches!(command.tool.as_str(), "terraform" | "tofu") && command.verb.as_str() == "apply"
    };
    verdict.commands.iter().any(|judged| apply(&judged.command))
}

/// The one plan that would be applied; two are nobody's shape.
fn the_plan(verdict: &Verdict) -> Option<Hash> {
    let plans: Vec<Hash> = verdict.commands.iter().filter_map(|judged| plan(&judged.command)).collect();
    match plans[..] {
        [plan] => Some(plan),
        _ => None,
    }
}

/// SHA-256 of the saved plan that a command applies, read now.
fn plan(command: &Command) -> Option<Hash> {
    if !command.traits.has("form", "plan") {
        return None;
    }
    let named = Path::new(command.operands.first()?.as_str());
    let inputs = command.invocation.inputs().list();
    let mut same = inputs.into_iter().filter(|(path, print)| *print != 0 && path.ends_with(named));
    let (path, _) = same.next()?;
    super::capture::file(&path).ok().map(|(hash, _)| hash)
}

impl Ticketed {
    /// What would run now in another way than the ticket covers.
    pub fn changed(&self, argv: &[OsString], verdict: &Verdict) -> Option<String> {
        let now = What::of(argv, verdict);
        (now.plan != self.what.plan).then(|| "the plan file changed".to_owned())
    }

    /// Asks once more whether it counts, then uses it: which use it was, and the claim.
    pub fn use_up(&mut self, ready: &Ready, verdict: &Verdict, dirs: &Dirs) -> Result<(u64, Envelope), Lack> {
        let signer = ready.signer().map_err(no_key)?;
        let courier = Courier::to(&ready.team, &signer)?;
        if let Some(courier) = &courier {
            self.found = ticket::with_statements(courier, self.found.clone())?;
        }
        self.covered = self.what.held_against(&self.found, ready, verdict, dirs)?;
        let user = User { person: &ready.person, signer: &signer, now: now() };
        let max = self.covered.max;
        ticket::use_up(&dirs.state, &self.found, max, courier.as_ref(), &user).map_err(|why| match why {
            NotUsed::Spent => NotValid::Covers(NotCovered::Used { max }).into(),
            NotUsed::Ledger(error) => Lack::new(77, format!("its use cannot be kept: {error}"), error.hint()),
            NotUsed::Claim(why) => unclaimed(why),
        })
    }

    pub fn ticket(&self) -> &Ticket {
        &self.found.ticket
    }
}

/// A claim that was not made.
pub fn unclaimed(why: NotClaimed) -> Lack {
    match why {
        NotClaimed::Relay(error) => {
            let why = format!("its use cannot be claimed: {error}");
            Lack::new(error.status(), why, "it may count as used now; ask again")
        }
        NotClaimed::Sign(error) => {
            Lack::new(69, error.to_string(), "`guard key show` says where your key is")
        }
        NotClaimed::NoRandomness => Lack::new(70, "no random bytes", "try again"),
    }
}

/// The subject of a request's one use.
pub fn subject<'a>(team: &'a str, request: &Envelope, nonce: crate::statement::Bytes32) -> Subject<'a> {
    Subject { team, digest: request.digest(), nonce }
}
