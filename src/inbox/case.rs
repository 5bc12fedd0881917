//! One request as an approver may see it: proved or not, its rendering, how it stands, and why this person could not
//! approve it. Must never take the relay's word for any of that.

use super::answers::{self, Answered};
use super::asked::Asked;
use super::known::Found;
use super::notes::{self, Note};
use super::{Desk, Trouble};
use crate::statement::render::Rendered;
use crate::statement::roster::Roster;
use crate::statement::{Envelope, Hash, Needs, Question, Severity, Surface, Verdict, Viewer, Void, verify};
use crate::team::ticket;
use std::collections::BTreeMap;

/// A request with all that was said about it.
#[derive(Clone, Debug)]
pub struct Case {
    pub digest: Hash,
    pub asked: Asked,
    /// Whether the roster vouches for it, and why not.
    pub genuine: Result<(), String>,
    pub rendered: Rendered,
    pub standing: Standing,
    /// The exit status that says how it ended, if it did.
    status: i32,
    pub viewers: Vec<Viewer>,
    /// Nobody waits for the answer now, by the relay's word: a hint.
    pub unattended: bool,
    pub notes: Vec<Note>,
    /// What the requester's guard said about approvals, by their digests.
    pub answers: BTreeMap<Hash, Answered>,
    /// This person's newest approval.
    pub own: Option<Hash>,
    /// What this machine's policy finds weaker in it than its own.
    pub(super) weaker: Vec<String>,
    /// What is wrong with a clock.
    clock: Option<String>,
    /// Why this person cannot approve it, wherever they decide.
    obstacle: Option<String>,
    /// Where the roster lets this severity be decided.
    surfaces: Vec<Surface>,
}

/// How a request stands by what its statements prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits; who approved so far, and groups that are missing.
    Open { by: Vec<String>, missing: Vec<String> },
    /// Every seat is taken by what the request asks for; it can still be refused until it starts.
    Approved(String),
    /// Nobody has to decide any more: how it ended.
    Over(String),
}

impl Case {
    /// Reads a thread. `None` where its request cannot even be read.
    pub fn of(desk: &Desk, envelope: &Envelope, thread: &[Vec<u8>], now: u64) -> Option<Case> {
        let roster = desk.roster();
        let (asked, genuine) = Asked::of(envelope, roster, now)?;
        let answers = answers::of(envelope, &asked, thread, roster, now);
        // What the requester's guard does not count stands in nobody's way.
        let counted: Vec<Vec<u8>> = answers::without_refused(thread, &answers);
        let needs = claimed_needs(&asked);
        let question =
            Question { subject: envelope, statements: &counted, roster, needs: &needs, match_key: None, now };
        let answer = verify(&question);
        let mut void = None;
        if let Verdict::Void(why @ (Void::RosterOlder { .. } | Void::RosterForked)) = &answer.verdict {
            void = Some(why.to_string());
        }
        // A ticket's uses end one by one; it is over by their number.
        let ended = match &asked {
            Asked::Request(_) => answers::receipt(envelope, &asked, thread, roster, now),
            Asked::Ticket(_) => None,
        };
        let (standing, status) = match ended {
            Some((how, status)) => (Standing::Over(how), status),
            None if answers::used_up(&answers) => {
                (Standing::Over("two wrong numbers ended it".into()), REFUSED)
            }
            None => {
                let status = status(&answer.verdict);
                let standing = standing(answer.verdict, &asked, now);
                (tickets(standing, &asked, envelope, thread, roster, now), status)
            }
        };
        let mut case = Case {
            digest: envelope.digest(),
            rendered: asked.rendered(),
            genuine,
            standing,
            status,
            viewers: answer.viewers,
            unattended: false,
            notes: Vec::new(),
            own: answers::newest_of(desk.person(), envelope.digest(), thread, roster, now),
            weaker: desk.rules().weaker(envelope.digest(), &asked),
            answers,
            clock: desk.apart.map(|apart| apart.words()),
            obstacle: None,
            surfaces: roster.surfaces(asked.severity()),
            asked,
        };
        case.obstacle = case.find_obstacle(desk, roster).or(void);
        Some(case)
    }

    /// Adds what this machine knows of the requester.
    pub(super) fn judge(&mut self, desk: &Desk, found: &Found, now: u64) {
        self.notes = notes::of(self, desk, found, now);
        if let Some(log) = &found.log {
            self.obstacle.get_or_insert_with(|| log.clone());
        }
    }

    /// What became of this person's newest approval, as far as the requester's guard said.
    pub fn own_answer(&self) -> Option<Answered> {
        self.own.and_then(|own| self.answers.get(&own).copied())
    }

    /// How people name it: as the requester's terminal does.
    pub fn short(&self) -> String {
        self.digest.hex()[..8].to_owned()
    }

    pub fn is_own(&self, person: &str) -> bool {
        self.asked.person() == person
    }

    pub fn severity(&self) -> Severity {
        self.asked.severity()
    }

    pub fn wants_number(&self) -> bool {
        self.asked.wants_number()
    }

    /// Whether the whole text must have been shown.
    pub fn wants_end(&self) -> bool {
        match self.severity() {
            Severity::Low => false,
            Severity::Medium | Severity::High | Severity::Critical => true,
        }
    }

    /// Why it is over, if it is.
    pub fn over(&self) -> Option<String> {
        match &self.standing {
            Standing::Open { .. } => None,
            Standing::Approved(_) if self.unanswered() => {
                let who = crate::text::show_line(self.asked.person(), 40);
                Some(format!(
                    "your approval is sent; {who}'s guard has not said yet whether the number is right"
                ))
            }
            Standing::Approved(how) | Standing::Over(how) => Some(how.clone()),
        }
    }

    /// This person's approval has a number, and nothing was heard about it.
    fn unanswered(&self) -> bool {
        self.wants_number() && self.own.is_some() && self.own_answer().is_none()
    }

    /// How it ended, if it did.
    pub fn ended(&self, now: u64) -> Option<Trouble> {
        match &self.standing {
            Standing::Over(how) => Some(self.too_late(how.clone())),
            Standing::Open { .. } | Standing::Approved(_) if now >= self.asked.exp() => {
                Some(Trouble::Over { how: self.expired(), status: TOO_LATE })
            }
            Standing::Open { .. } | Standing::Approved(_) => None,
        }
    }

    /// It is over for this reason.
    pub(super) fn too_late(&self, how: String) -> Trouble {
        Trouble::Over { how, status: self.status }
    }

    /// Why it cannot be refused any more, if so.
    pub fn past_refusing(&self) -> Option<String> {
        match &self.standing {
            Standing::Open { .. } | Standing::Approved(_) => None,
            Standing::Over(how) => Some(how.clone()),
        }
    }

    /// The same by the clock: a request can end while it is being read.
    pub fn over_at(&self, now: u64) -> Option<String> {
        self.over().or_else(|| (now >= self.asked.exp()).then(|| self.expired()))
    }

    fn expired(&self) -> String {
        match &self.clock {
            None => "it has expired".to_owned(),
            Some(apart) => format!("it has expired by this clock, but {apart}"),
        }
    }

    /// Why this person cannot approve it here.
    pub fn obstacle(&self, surface: Surface) -> Option<String> {
        if let Some(how) = self.over_at(super::desk::now()) {
            return Some(how);
        }
        if let Some(why) = &self.obstacle {
            return Some(why.clone());
        }
        (!self.surfaces.contains(&surface)).then(|| {
            let severity = self.severity().word();
            format!("the team does not let {severity} requests be decided here ({})", surface.word())
        })
    }

    fn find_obstacle(&self, desk: &Desk, roster: &Roster) -> Option<String> {
        if let Err(why) = &self.genuine {
            return Some(format!("it is not genuine: {why}"));
        }
        if self.is_own(desk.person()) {
            return Some(format!("it is your own {}: somebody else has to approve it", self.asked.word()));
        }
        let groups = &self.asked.policy().needs;
        let at = super::desk::now();
        if !groups.iter().any(|need| roster.in_group(desk.person(), &need.group, at)) {
            return Some("you are in none of the groups that are asked for".into());
        }
        if self.severity() == Severity::Critical && !desk.verifies_user() {
            return Some(
                "critical: only a hardware key or passkey with PIN or fingerprint counts, and yours is neither"
                    .into(),
            );
        }
        match &self.standing {
            Standing::Open { by, .. } if by.iter().any(|person| person == desk.person()) => Some(format!(
                "you have approved it already; `guard approve --revoke {}` takes that back",
                self.short()
            )),
            Standing::Open { .. } | Standing::Approved(_) | Standing::Over(_) => None,
        }
    }
}

/// What the request itself asks for. Good for showing how it stands; the requester's guard decides by its own policy.
fn claimed_needs(asked: &Asked) -> Needs {
    Needs {
        seats: asked.policy().needs.clone(),
        severity: asked.severity(),
        surfaces: Surface::ALL.to_vec(),
        number: false,
        end_of_text: false,
        deny_quorum: 1,
    }
}

/// Exit statuses: refused, used or taken back; and over by the clock.
const REFUSED: i32 = 77;
const TOO_LATE: i32 = 75;

fn status(verdict: &Verdict) -> i32 {
    match verdict {
        Verdict::Expired | Verdict::Lapsed { .. } => TOO_LATE,
        Verdict::Approved { .. }
        | Verdict::Pending { .. }
        | Verdict::Denied { .. }
        | Verdict::Mismatch { .. }
        | Verdict::Cancelled { .. }
        | Verdict::Revoked { .. }
        | Verdict::Void(_) => REFUSED,
    }
}

fn standing(verdict: Verdict, asked: &Asked, now: u64) -> Standing {
    let over = |how: String| Standing::Over(how);
    match verdict {
        Verdict::Pending { filled, missing } => {
            Standing::Open { by: filled.into_iter().map(|seat| seat.person).collect(), missing }
        }
        Verdict::Approved { seats, .. } => {
            let by = names(seats.iter().map(|seat| seat.person.as_str()));
            Standing::Approved(format!("approved by {by}"))
        }
        Verdict::Denied { by } => {
            let notes: Vec<&str> = by.iter().filter_map(|no| no.note.as_deref()).collect();
            over(format!("denied by {}{}", names(by.iter().map(|no| no.person.as_str())), because(&notes)))
        }
        Verdict::Mismatch { by } => {
            over(format!("wrong numbers, by {}", names(by.iter().map(String::as_str))))
        }
        Verdict::Cancelled { .. } => over("withdrawn by who asked".into()),
        Verdict::Revoked { by } => {
            let who = names(by.iter().map(|taken| taken.person.as_str()));
            let notes: Vec<&str> = by.iter().filter_map(|taken| taken.note.as_deref()).collect();
            over(format!("taken back by {who}{}", because(&notes)))
        }
        Verdict::Expired => over("it has expired".into()),
        Verdict::Lapsed { .. } => over("approved, and not started in time".into()),
        // What is wrong with it is said as such; until its time is over it may still be refused.
        Verdict::Void(Void::Request(_) | Void::Number | Void::RosterOlder { .. } | Void::RosterForked)
            if now < asked.exp() =>
        {
            Standing::Open { by: Vec::new(), missing: Vec::new() }
        }
        Verdict::Void(void) => over(void.to_string()),
    }
}

/// What they said, behind a colon.
fn because(notes: &[&str]) -> String {
    if notes.is_empty() {
        return String::new();
    }
    format!(": {}", crate::text::show_line(notes.join("; "), 160))
}

/// What a ticket's uses make of it: one that is approved may be used up.
fn tickets(
    standing: Standing,
    asked: &Asked,
    envelope: &Envelope,
    thread: &[Vec<u8>],
    roster: &Roster,
    now: u64,
) -> Standing {
    let (Asked::Ticket(ticket), Standing::Approved(how)) = (asked, &standing) else { return standing };
    let found =
        ticket::Found { envelope: envelope.clone(), ticket: (**ticket).clone(), statements: thread.to_vec() };
    let by_claims = ticket::Standing::by_claims(&found, roster, now);
    match by_claims.state {
        ticket::State::UsedUp => Standing::Over(format!("{how}, {}", by_claims.words())),
        ticket::State::Approved { .. } => {
            Standing::Approved(format!("{how}, {} of {} uses left", by_claims.left(), by_claims.max))
        }
        ticket::State::Waiting { .. }
        | ticket::State::Expired
        | ticket::State::Lapsed { .. }
        | ticket::State::Revoked(_)
        | ticket::State::Denied(_)
        | ticket::State::Cancelled(_)
        | ticket::State::Void(_) => standing,
    }
}

fn names<'a>(people: impl Iterator<Item = &'a str>) -> String {
    let mut people: Vec<&str> = people.collect();
    people.dedup();
    crate::text::show_line(people.join(", "), 120)
}
