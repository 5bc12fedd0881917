//! One request as an approver may see it: proved or not, its rendering, how it stands, and why this person could not
//! approve it. Must never take the relay's word for any of that.

use super::Desk;
use super::known::Found;
use super::notes::{self, Note};
use crate::statement::render::{self, Rendered};
use crate::statement::roster::Roster;
use crate::statement::{
    Envelope, Hash, Needs, Question, Request, Severity, Surface, Verdict, Viewer, Void, open, read, verify,
};

/// A request with all that was said about it.
#[derive(Clone, Debug)]
pub struct Case {
    pub digest: Hash,
    pub request: Request,
    /// Whether the roster vouches for it, and why not.
    pub genuine: Result<(), String>,
    pub rendered: Rendered,
    pub standing: Standing,
    pub viewers: Vec<Viewer>,
    pub notes: Vec<Note>,
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
        let genuine = open::<Request>(envelope, roster, now).map(|_| ()).map_err(|why| why.to_string());
        let request: Request = read(envelope.payload()).ok()?;
        let needs = claimed_needs(&request);
        let question =
            Question { subject: envelope, statements: thread, roster, needs: &needs, match_key: None, now };
        let answer = verify(&question);
        let standing = standing(answer.verdict, &request, now);
        let mut case = Case {
            digest: envelope.digest(),
            rendered: render::request(&request),
            genuine,
            standing,
            viewers: answer.viewers,
            notes: Vec::new(),
            obstacle: None,
            surfaces: roster.surfaces(request.policy.severity),
            request,
        };
        case.obstacle = case.find_obstacle(desk, roster);
        Some(case)
    }

    /// Adds what this machine knows of the requester.
    pub(super) fn judge(&mut self, desk: &Desk, found: &Found, now: u64) {
        self.notes = notes::of(self, desk, found, now);
        if let Some(log) = &found.log {
            self.obstacle.get_or_insert_with(|| log.clone());
        }
    }

    pub fn is_own(&self, person: &str) -> bool {
        self.request.requester.person == person
    }

    pub fn severity(&self) -> Severity {
        self.request.policy.severity
    }

    pub fn wants_number(&self) -> bool {
        self.request.number.is_some()
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
            Standing::Approved(how) | Standing::Over(how) => Some(how.clone()),
        }
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
        self.over().or_else(|| (now >= self.request.exp).then(|| "it has expired".to_owned()))
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
            return Some("it is your own request: somebody else has to approve it".into());
        }
        let groups = &self.request.policy.needs;
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
            Standing::Open { by, .. } if by.iter().any(|person| person == desk.person()) => {
                Some("you have approved it already".into())
            }
            Standing::Open { .. } | Standing::Approved(_) | Standing::Over(_) => None,
        }
    }
}

/// What the request itself asks for. Good for showing how it stands; the requester's guard decides by its own policy.
fn claimed_needs(request: &Request) -> Needs {
    Needs {
        seats: request.policy.needs.clone(),
        severity: request.policy.severity,
        surfaces: Surface::ALL.to_vec(),
        number: false,
        end_of_text: false,
        deny_quorum: 1,
    }
}

fn standing(verdict: Verdict, request: &Request, now: u64) -> Standing {
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
            over(format!("denied by {}", names(by.iter().map(|no| no.person.as_str()))))
        }
        Verdict::Mismatch { by } => {
            over(format!("wrong numbers, by {}", names(by.iter().map(String::as_str))))
        }
        Verdict::Cancelled { .. } => over("withdrawn by who asked".into()),
        Verdict::Revoked { by } => over(format!("taken back by {}", names(by.iter().map(String::as_str)))),
        Verdict::Expired => over("it has expired".into()),
        Verdict::Lapsed { .. } => over("approved, and not started in time".into()),
        // What is wrong with it is said as such; until its time is over it may still be refused.
        Verdict::Void(Void::Request(_) | Void::Number) if now < request.exp => {
            Standing::Open { by: Vec::new(), missing: Vec::new() }
        }
        Verdict::Void(void) => over(void.to_string()),
    }
}

fn names<'a>(people: impl Iterator<Item = &'a str>) -> String {
    let mut people: Vec<&str> = people.collect();
    people.dedup();
    crate::text::show_line(&people.join(", "), 120)
}
