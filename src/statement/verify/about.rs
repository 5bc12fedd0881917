//! What a verdict is about: the part of a request or ticket that approvals are held against. Must never hold
//! a requirement: those come from the enforcer's policy.

use super::super::number::MatchKey;
use super::super::open::{Opened, open};
use super::super::request::{Chain, Request, RosterRef};
use super::super::scalar::Hash;
use super::super::ticket::Ticket;
use super::super::{Kind, render};
use super::count::Yes;
use super::{Question, SKEW, Void};

/// Longest time that a request may stay open, in seconds.
const LONGEST: u64 = 24 * 3600;

pub(super) struct About {
    pub requester: String,
    pub iat: u64,
    /// Nobody can approve from this second on.
    pub exp: u64,
    /// Seconds after the last approval; a ticket may be used until it ends.
    within: Option<u64>,
    pub max: u64,
    pub chain: Option<Chain>,
    /// Digest of what approvers were shown.
    pub shown: Hash,
}

impl About {
    pub fn read(question: &Question<'_>) -> Result<About, Void> {
        if question.needs.seats().is_none() {
            return Err(Void::Seats);
        }
        if question.now >= question.roster.expires() {
            return Err(Void::RosterOver);
        }
        if question.subject.kind() == Some(Kind::Ticket) {
            return About::of_ticket(question);
        }
        let opened: Opened<Request> =
            open(question.subject, question.roster, question.now).map_err(Void::Request)?;
        let request = opened.statement();
        same_roster(question, &request.roster)?;
        if request.exp - request.iat > LONGEST {
            return Err(Void::TooLong);
        }
        let commit = request.number.as_ref().map(|number| number.commit);
        let held = question.match_key.map(MatchKey::commit);
        if question.needs.number && held.is_none() || held.is_some() && held != commit {
            return Err(Void::Number);
        }
        ahead(question, request.iat)?;
        Ok(About {
            requester: opened.person().to_owned(),
            iat: request.iat,
            exp: request.exp,
            within: Some(request.usage.within),
            max: request.usage.max,
            chain: request.chain.clone(),
            shown: render::request(request).digest,
        })
    }

    fn of_ticket(question: &Question<'_>) -> Result<About, Void> {
        let opened: Opened<Ticket> =
            open(question.subject, question.roster, question.now).map_err(Void::Request)?;
        let ticket = opened.statement();
        same_roster(question, &ticket.roster)?;
        // A ticket is used where no terminal could show a number.
        if question.needs.number {
            return Err(Void::Number);
        }
        ahead(question, ticket.iat)?;
        Ok(About {
            requester: opened.person().to_owned(),
            iat: ticket.iat,
            exp: ticket.not_after,
            within: None,
            max: ticket.max,
            chain: None,
            shown: render::ticket(ticket).digest,
        })
    }

    /// The first second at which the chosen approvals are too old to start on.
    pub fn start_by(&self, chosen: &[&Yes]) -> u64 {
        let last = chosen.iter().map(|yes| yes.made).max().unwrap_or(self.iat);
        let own = self.within.map_or(self.exp, |within| last.saturating_add(within).saturating_add(SKEW));
        chosen.iter().map(|yes| yes.until).fold(own, u64::min)
    }
}

fn ahead(question: &Question<'_>, iat: u64) -> Result<(), Void> {
    if iat > question.now.saturating_add(SKEW) {
        return Err(Void::Request(super::Why::ClockAhead(iat - question.now)));
    }
    Ok(())
}

fn same_roster(question: &Question<'_>, named: &RosterRef) -> Result<(), Void> {
    let here = question.roster.version();
    if named.version > here {
        return Err(Void::RosterOlder { here, request: named.version });
    }
    if named.version == here && named.digest != question.roster.digest() {
        return Err(Void::RosterForked);
    }
    Ok(())
}
