//! The one decision about approvals: (request, statements, roster, needs, now) → verdict. Pure. Must never take a
//! requirement from the request, count a person twice, or let the order in which statements arrive matter.

mod about;
mod count;
mod matching;
#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;

use super::approval::Surface;
use super::envelope::Envelope;
use super::number::MatchKey;
use super::request::{Need, Severity};
use super::roster::{Key, PersonKind, Roster, Use};
use super::scalar::Hash;
use super::why::Why;
use about::About;
use count::Counted;

/// How far another machine's clock may be off, in seconds.
pub const SKEW: u64 = 120;
/// Most seats that a policy may ask for.
const MOST_SEATS: u64 = 64;

/// What the enforcer's own policy asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// So many different people of each group.
    pub seats: Vec<Need>,
    pub severity: Severity,
    /// Where may be decided; the roster's list for this severity narrows it.
    pub surfaces: Vec<Surface>,
    /// Whether approvers type the number.
    pub number: bool,
    /// Whether the request must have been read to its end.
    pub end_of_text: bool,
    /// So many refusals end it; at least 1.
    pub deny_quorum: u64,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// A request or a ticket.
    pub subject: &'a Envelope,
    /// All that came about it, as it came: in any order, with anything among it.
    pub statements: &'a [Vec<u8>],
    /// The newest roster that is known.
    pub roster: &'a Roster,
    pub needs: &'a Needs,
    /// The secret of the numbers, where the request has one.
    pub match_key: Option<&'a MatchKey>,
    /// Seconds since 1970 by this machine's clock.
    pub now: u64,
}

/// How things stand.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    Approved {
        seats: Vec<Filled>,
        /// Digests of the approvals that fill the seats.
        approvals: Vec<Hash>,
        /// It must have started before this second.
        start_by: u64,
        /// How often it may be used: the narrowest of request and approvals.
        max: u64,
    },
    Pending {
        filled: Vec<Filled>,
        /// Groups of the seats that are free.
        missing: Vec<String>,
    },
    Denied {
        by: Vec<Refusal>,
    },
    /// Two wrong numbers.
    Mismatch {
        by: Vec<String>,
    },
    Cancelled {
        reason: Option<String>,
    },
    /// Somebody took an approval back.
    Revoked {
        by: Vec<Withdrawal>,
    },
    /// Nobody can approve any more.
    Expired,
    /// Approved, and not started in time.
    Lapsed {
        start_by: u64,
    },
    /// There is nothing that could be approved.
    Void(Void),
}

impl Verdict {
    /// One word for logs and `--json`.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Approved { .. } => "approved",
            Verdict::Pending { .. } => "pending",
            Verdict::Denied { .. } => "denied",
            Verdict::Mismatch { .. } => "mismatch",
            Verdict::Cancelled { .. } => "cancelled",
            Verdict::Revoked { .. } => "revoked",
            Verdict::Expired => "expired",
            Verdict::Lapsed { .. } => "lapsed",
            Verdict::Void(_) => "void",
        }
    }
}

/// A seat and who fills it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    pub group: String,
    pub person: String,
}

/// Who refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub person: String,
    /// Reported as an attack.
    pub report: bool,
    pub note: Option<String>,
}

/// Who took an approval back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    pub person: String,
    /// Why, for the requester to read.
    pub note: Option<String>,
}

/// Why there is nothing to approve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Void {
    /// The request itself does not count.
    Request(Why),
    /// The roster has expired.
    RosterOver,
    /// The request was made under a newer roster than the one here.
    RosterOlder { here: u64, request: u64 },
    /// The same version with other content.
    RosterForked,
    /// The policy names no seats, or more than can be.
    Seats,
    /// Numbers are asked for, and the request commits to none or to another secret.
    Number,
    /// It would be open for more than a day.
    TooLong,
}

impl std::fmt::Display for Void {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Void::Request(why) => write!(f, "the request does not count: {why}"),
            Void::RosterOver => f.write_str("the roster has expired: an admin signs a new version"),
            Void::RosterOlder { here, request } => write!(
                f,
                "the request was made under roster {request}, and this machine has {here}: `guard team update`"
            ),
            Void::RosterForked => f.write_str("there are two rosters of one version: ask an admin"),
            Void::Seats => f.write_str("the policy names no seats, or more than 64"),
            Void::Number => f.write_str("a number is asked for that the request does not commit to"),
            Void::TooLong => f.write_str("the request would be open for more than a day"),
        }
    }
}

/// Who looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    pub person: String,
    pub surface: Surface,
    pub since: u64,
}

/// A statement that does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// Place in `Question::statements`.
    pub at: usize,
    /// Who signed it, where that is certain.
    pub person: Option<String>,
    pub why: Why,
}

/// The verdict, and what a terminal shows beside it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Answer {
    pub verdict: Verdict,
    /// Digest of the request or ticket.
    pub digest: Hash,
    pub viewers: Vec<Viewer>,
    pub ignored: Vec<Ignored>,
}

/// Decides.
pub fn verify(question: &Question<'_>) -> Answer {
    let digest = question.subject.digest();
    let about = match About::read(question) {
        Ok(about) => about,
        Err(void) => {
            return Answer { verdict: Verdict::Void(void), digest, viewers: Vec::new(), ignored: Vec::new() };
        }
    };
    let counted = Counted::of(question, &about);
    let verdict = decide(question, &about, &counted);
    Answer { verdict, digest, viewers: counted.viewers, ignored: counted.ignored }
}

/// Who could approve: people in a group that is asked for, but who asks, with a key that counts at this severity. In the
/// roster's order.
pub fn eligible<'a>(roster: &'a Roster, needs: &Needs, requester: &str, at: u64) -> Vec<&'a str> {
    let people = roster.persons().iter().filter(|p| p.kind == PersonKind::Person && p.id != requester);
    let strong = |key: &Key| needs.severity != Severity::Critical || key.can_verify_user();
    people
        .filter(|p| needs.seats.iter().any(|need| roster.in_group(&p.id, &need.group, at)))
        .filter(|p| {
            roster.keys_of(&p.id).any(|k| k.may(Use::Approve) && k.begun(at) && !k.over(at) && strong(k))
        })
        .map(|p| p.id.as_str())
        .collect()
}

impl Needs {
    fn seats(&self) -> Option<Vec<&str>> {
        let all = self.seats.iter().map(|need| need.n).try_fold(0_u64, u64::checked_add)?;
        let sound = (1..=MOST_SEATS).contains(&all) && self.seats.iter().all(|need| need.n > 0);
        let times = |need: &Need| usize::try_from(need.n).unwrap_or(0);
        sound.then(|| {
            self.seats.iter().flat_map(|need| std::iter::repeat_n(need.group.as_str(), times(need))).collect()
        })
    }
}

fn decide(question: &Question<'_>, about: &About, counted: &Counted) -> Verdict {
    let refused = u64::try_from(counted.refusals.len()).unwrap_or(u64::MAX);
    if refused >= question.needs.deny_quorum.max(1) {
        return Verdict::Denied { by: counted.refusals.clone() };
    }
    if counted.wrong.len() >= 2 {
        return Verdict::Mismatch { by: counted.wrong.clone() };
    }
    if let Some(reason) = &counted.cancelled {
        return Verdict::Cancelled { reason: reason.clone() };
    }
    if !counted.revoked.is_empty() {
        return Verdict::Revoked { by: counted.revoked.clone() };
    }
    let seats = question.needs.seats().unwrap_or_default();
    let fits = |person: usize, seat: usize| {
        let yes = &counted.approvals[person];
        question.roster.in_group(&yes.person, seats[seat], yes.made)
    };
    let taken = matching::seat(counted.approvals.len(), seats.len(), &fits);
    let pairs = seats.iter().zip(&taken);
    let filled: Vec<Filled> = pairs
        .clone()
        .filter_map(|(group, taker)| {
            let person = counted.approvals[(*taker)?].person.clone();
            Some(Filled { group: (*group).to_owned(), person })
        })
        .collect();
    let missing: Vec<String> =
        pairs.filter(|(_, taker)| taker.is_none()).map(|(group, _)| (*group).to_owned()).collect();
    if seats.is_empty() || !missing.is_empty() {
        let over = question.now >= about.exp;
        return if over { Verdict::Expired } else { Verdict::Pending { filled, missing } };
    }
    let chosen: Vec<_> = taken.iter().flatten().map(|i| &counted.approvals[*i]).collect();
    let start_by = about.start_by(&chosen);
    if question.now >= start_by {
        return Verdict::Lapsed { start_by };
    }
    let max = chosen.iter().filter_map(|yes| yes.max).fold(about.max, u64::min);
    Verdict::Approved {
        seats: filled,
        approvals: chosen.iter().map(|yes| yes.digest).collect(),
        start_by,
        max,
    }
}
