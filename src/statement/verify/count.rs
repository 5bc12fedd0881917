//! Which statements count, and what each one says. Must never drop a statement without saying why.

use super::super::Kind;
use super::super::approval::{Approval, Decision, Saw};
use super::super::envelope::Envelope;
use super::super::open::{Opened, open};
use super::super::records::Cancel;
use super::super::render::RENDER;
use super::super::request::{RosterRef, Severity};
use super::super::scalar::Hash;
use super::about::About;
use super::{Ignored, Question, Refusal, SKEW, Viewer, Why, Withdrawal};
use std::collections::{BTreeMap, BTreeSet};

/// An approval that counts.
#[derive(Clone, Debug)]
pub(super) struct Yes {
    pub person: String,
    pub digest: Hash,
    pub made: u64,
    /// The first second at which it does not count any more.
    pub until: u64,
    pub max: Option<u64>,
    at: usize,
}

/// All statements, sorted by what they say.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub approvals: Vec<Yes>,
    pub refusals: Vec<Refusal>,
    /// Who gave a wrong number, once for each time.
    pub wrong: Vec<String>,
    pub revoked: Vec<Withdrawal>,
    pub cancelled: Option<Option<String>>,
    pub viewers: Vec<Viewer>,
    pub ignored: Vec<Ignored>,
}

/// The last word of somebody who takes an approval back: when, why, and the statement's place.
struct Taker {
    said: (u64, Option<String>),
    at: usize,
}

type Skipped = (Option<String>, Why);
/// Digest, and what the token vouched for: the same words may be signed again with a PIN.
type Seen = BTreeSet<(Hash, bool, bool)>;

struct Counter<'a> {
    question: &'a Question<'a>,
    about: &'a About,
    found: Counted,
    /// Who takes an approval back.
    takers: BTreeMap<String, Taker>,
    refusals: BTreeMap<String, Refusal>,
    approvals: BTreeMap<String, Yes>,
    /// Who approved at all, with an approval that once counted.
    approvers: BTreeSet<String>,
    viewers: BTreeMap<String, Viewer>,
}

impl Counted {
    pub fn of(question: &Question<'_>, about: &About) -> Counted {
        let mut counter = Counter {
            question,
            about,
            found: Counted::default(),
            takers: BTreeMap::new(),
            refusals: BTreeMap::new(),
            approvals: BTreeMap::new(),
            approvers: BTreeSet::new(),
            viewers: BTreeMap::new(),
        };
        let mut seen = Seen::new();
        for (at, bytes) in question.statements.iter().enumerate() {
            if let Err((person, why)) = counter.take(at, bytes, &mut seen) {
                counter.found.ignored.push(Ignored { at, person, why });
            }
        }
        counter.finish()
    }
}

impl Counter<'_> {
    fn take(&mut self, at: usize, bytes: &[u8], seen: &mut Seen) -> Result<(), Skipped> {
        let envelope = Envelope::from_bytes(bytes).map_err(|why| (None, Why::Envelope(why)))?;
        match envelope.kind() {
            Some(Kind::Cancel) => self.cancel(&envelope),
            Some(Kind::Approval) => {
                let opened: Opened<Approval> =
                    open(&envelope, self.question.roster, self.question.now).map_err(|why| (None, why))?;
                // Only what opened is remembered: a broken copy in front must not hide the real one.
                let flags = opened.flags();
                if !seen.insert((opened.digest(), flags.user_present, flags.user_verified)) {
                    return Err((Some(opened.person().to_owned()), Why::Duplicate));
                }
                self.approval(at, &opened).map_err(|why| (Some(opened.person().to_owned()), why))
            }
            Some(_) => Err((None, Why::Kind { wanted: Some(Kind::Approval) })),
            None => Err((None, Why::Kind { wanted: None })),
        }
    }

    fn cancel(&mut self, envelope: &Envelope) -> Result<(), Skipped> {
        let opened: Opened<Cancel> =
            open(envelope, self.question.roster, self.question.now).map_err(|why| (None, why))?;
        let skip = |why| Err((Some(opened.person().to_owned()), why));
        if opened.statement().request != self.question.subject.digest() {
            return skip(Why::OtherRequest);
        }
        if opened.person() != self.about.requester {
            return skip(Why::NotTheRequester);
        }
        self.found.cancelled = Some(opened.statement().reason.clone());
        Ok(())
    }

    fn approval(&mut self, at: usize, opened: &Opened<Approval>) -> Result<(), Why> {
        let said = opened.statement();
        self.concerns(opened)?;
        match said.decision {
            // A refusal counts whenever and wherever it was given.
            Decision::Deny | Decision::Report => self.refuse(said),
            Decision::Revoke => {
                let new = Taker { said: (said.iat, said.note.clone()), at };
                // Whichever came first, the same note is said.
                if self.takers.get(&said.person).is_none_or(|kept| kept.said < new.said) {
                    self.takers.insert(said.person.clone(), new);
                }
            }
            Decision::Viewing => {
                self.in_time(said)?;
                self.view(said);
            }
            Decision::Approve => {
                self.counts(opened)?;
                self.approvers.insert(said.person.clone());
                self.in_time(said)?;
                return self.keep(at, opened);
            }
        }
        Ok(())
    }

    /// Whether it is about this, by somebody who is asked.
    fn concerns(&self, opened: &Opened<Approval>) -> Result<(), Why> {
        let said = opened.statement();
        if said.request != self.question.subject.digest() {
            return Err(Why::OtherRequest);
        }
        if said.person == self.about.requester {
            return Err(Why::Requester);
        }
        if opened.is_workload() {
            return Err(Why::Workload);
        }
        let groups = &self.question.needs.seats;
        if !groups.iter().any(|need| self.question.roster.in_group(&said.person, &need.group, said.iat)) {
            return Err(Why::NotEligible);
        }
        Ok(())
    }

    /// Whether an approval, whenever it was made, is one that may count.
    fn counts(&mut self, opened: &Opened<Approval>) -> Result<(), Why> {
        let (said, needs) = (opened.statement(), self.question.needs);
        self.same_roster(&said.roster)?;
        if said.chain.is_some() && said.chain != self.about.chain {
            return Err(Why::OtherChain);
        }
        if opened.claims_another_place() {
            return Err(Why::SurfaceClaim);
        }
        let listed = self.question.roster.surfaces(needs.severity);
        if !needs.surfaces.contains(&said.surface) || !listed.contains(&said.surface) {
            return Err(Why::Surface(said.surface.word()));
        }
        let verified = opened.flags().user_present && opened.flags().user_verified;
        if needs.severity == Severity::Critical && !verified {
            return Err(Why::NotVerifiedUser);
        }
        let other = |saw: &Saw| saw.render != RENDER || saw.digest != self.about.shown;
        if said.saw.as_ref().is_some_and(other) {
            return Err(Why::OtherText);
        }
        if needs.end_of_text && !said.saw.as_ref().is_some_and(|saw| saw.end) {
            return Err(Why::NotRead);
        }
        self.number(said)
    }

    fn same_roster(&self, named: &RosterRef) -> Result<(), Why> {
        let roster = self.question.roster;
        if named.version > roster.version() {
            return Err(Why::NewerRoster(named.version));
        }
        if named.version == roster.version() && named.digest != roster.digest() {
            return Err(Why::ForkedRoster);
        }
        Ok(())
    }

    fn number(&mut self, said: &Approval) -> Result<(), Why> {
        let Some(key) = self.question.match_key else { return Ok(()) };
        let right = key.code(&self.question.subject.digest(), &said.person);
        match &said.number {
            Some(given) if *given == right => Ok(()),
            Some(_) => {
                self.found.wrong.push(said.person.clone());
                Err(Why::WrongNumber)
            }
            None if self.question.needs.number => Err(Why::NoNumber),
            None => Ok(()),
        }
    }

    fn in_time(&self, said: &Approval) -> Result<(), Why> {
        let now = self.question.now;
        if said.iat > now.saturating_add(SKEW) {
            return Err(Why::ClockAhead(said.iat - now));
        }
        if said.iat.saturating_add(SKEW) < self.about.iat {
            return Err(Why::BeforeRequest);
        }
        if said.iat >= self.about.exp {
            return Err(Why::AfterRequest);
        }
        let limits = said.limits.as_ref();
        if limits.and_then(|l| l.not_before).is_some_and(|from| now < from) {
            return Err(Why::NotYet);
        }
        if now >= until(said) { Err(Why::Over) } else { Ok(()) }
    }

    fn keep(&mut self, at: usize, opened: &Opened<Approval>) -> Result<(), Why> {
        let said = opened.statement();
        let max = said.limits.as_ref().and_then(|l| l.max);
        let (person, digest) = (said.person.clone(), opened.digest());
        let yes = Yes { person: person.clone(), digest, made: said.iat, until: until(said), max, at };
        let newest = |yes: &Yes| (yes.made, yes.digest);
        if self.approvals.get(&person).is_some_and(|kept| newest(kept) > newest(&yes)) {
            return Err(Why::Replaced);
        }
        if let Some(old) = self.approvals.insert(person, yes) {
            self.found.ignored.push(Ignored { at: old.at, person: Some(old.person), why: Why::Replaced });
        }
        Ok(())
    }

    fn refuse(&mut self, said: &Approval) {
        let report = said.decision == Decision::Report;
        let refusal = Refusal { person: said.person.clone(), report, note: said.note.clone() };
        let kept = self.refusals.entry(said.person.clone()).or_insert_with(|| refusal.clone());
        // Whichever came first, a report is said, and of two notes the same one.
        if (refusal.report, &refusal.note) > (kept.report, &kept.note) {
            *kept = refusal;
        }
    }

    fn view(&mut self, said: &Approval) {
        let viewer = Viewer { person: said.person.clone(), surface: said.surface, since: said.iat };
        let kept = self.viewers.entry(said.person.clone()).or_insert_with(|| viewer.clone());
        if (viewer.since, viewer.surface) < (kept.since, kept.surface) {
            *kept = viewer;
        }
    }

    fn finish(mut self) -> Counted {
        for (person, Taker { said: (_, note), at }) in self.takers {
            if self.approvers.contains(&person) {
                self.approvals.remove(&person);
                self.found.revoked.push(Withdrawal { person, note });
            } else {
                let ignored = Ignored { at, person: Some(person), why: Why::NothingToRevoke };
                self.found.ignored.push(ignored);
            }
        }
        self.found.approvals = self.approvals.into_values().collect();
        self.found.approvals.sort_by(|a, b| (a.made, &a.person).cmp(&(b.made, &b.person)));
        self.found.refusals = self.refusals.into_values().collect();
        self.found.viewers = self.viewers.into_values().collect();
        self.found.viewers.sort_by(|a, b| (a.since, &a.person).cmp(&(b.since, &b.person)));
        self.found.wrong.sort();
        self.found.ignored.sort_by_key(|ignored| ignored.at);
        self.found
    }
}

/// The first second at which an approval does not count any more by this machine's clock.
fn until(said: &Approval) -> u64 {
    let own = said.exp.saturating_add(SKEW);
    said.limits.as_ref().and_then(|l| l.not_after).map_or(own, |after| own.min(after))
}
