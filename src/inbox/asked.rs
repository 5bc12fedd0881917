//! What is asked for: a request or a ticket, seen alike. Must never make up for one what only the other has.

use crate::statement::render::{self, Rendered};
use crate::statement::request::{Origin, Policy, Target};
use crate::statement::ticket::Word;
use crate::statement::{Chain, Envelope, Foreign, Kind, Request, Roster, Severity, Ticket, open, read};

/// The payload, read; whether it is genuine stands beside it.
#[derive(Clone, Debug)]
pub enum Asked {
    Request(Box<Request>),
    Ticket(Box<Ticket>),
}

impl Asked {
    /// Reads what can be read, and says why it is not genuine, if it is not. `None`: nothing that is approved.
    pub(super) fn of(envelope: &Envelope, roster: &Roster, now: u64) -> Option<(Asked, Result<(), String>)> {
        let words = |why: crate::statement::Why| why.to_string();
        if envelope.kind() == Some(Kind::Ticket) {
            let genuine = open::<Ticket>(envelope, roster, now).map(|_| ()).map_err(words);
            return Some((Asked::Ticket(Box::new(read(envelope.payload()).ok()?)), genuine));
        }
        let genuine = open::<Request>(envelope, roster, now).map(|_| ()).map_err(words);
        Some((Asked::Request(Box::new(read(envelope.payload()).ok()?)), genuine))
    }

    pub fn rendered(&self) -> Rendered {
        match self {
            Asked::Request(request) => render::request(request),
            Asked::Ticket(ticket) => render::ticket(ticket),
        }
    }

    /// When nothing of it can start any more, in seconds since 1970.
    pub fn until(&self) -> u64 {
        match self {
            Asked::Request(request) => request.exp.saturating_add(request.usage.within),
            Asked::Ticket(ticket) => ticket.not_after,
        }
    }

    pub fn is_ticket(&self) -> bool {
        match self {
            Asked::Request(_) => false,
            Asked::Ticket(_) => true,
        }
    }

    /// `request` or `ticket`.
    pub fn word(&self) -> &'static str {
        if self.is_ticket() { "ticket" } else { "request" }
    }

    pub fn id(&self) -> &str {
        match self {
            Asked::Request(request) => &request.id,
            Asked::Ticket(ticket) => &ticket.id,
        }
    }

    pub fn person(&self) -> &str {
        match self {
            Asked::Request(request) => &request.requester.person,
            Asked::Ticket(ticket) => &ticket.person,
        }
    }

    pub fn key(&self) -> &str {
        match self {
            Asked::Request(request) => &request.requester.key,
            Asked::Ticket(ticket) => &ticket.key,
        }
    }

    /// A ticket does not say where it was made.
    pub fn host(&self) -> Option<&str> {
        match self {
            Asked::Request(request) => Some(&request.requester.host),
            Asked::Ticket(_) => None,
        }
    }

    pub fn origin(&self) -> Option<Origin> {
        match self {
            Asked::Request(request) => Some(request.requester.origin),
            Asked::Ticket(_) => None,
        }
    }

    /// The machine that it came from, as a commitment.
    pub fn machine(&self) -> Option<String> {
        match self {
            Asked::Request(request) => Some(request.requester.host_id.to_string()),
            Asked::Ticket(_) => None,
        }
    }

    pub fn chain(&self) -> Option<&Chain> {
        match self {
            Asked::Request(request) => request.chain.as_ref(),
            Asked::Ticket(_) => None,
        }
    }

    pub fn policy(&self) -> &Policy {
        match self {
            Asked::Request(request) => &request.policy,
            Asked::Ticket(ticket) => &ticket.policy,
        }
    }

    pub fn severity(&self) -> Severity {
        self.policy().severity
    }

    pub fn target(&self) -> &Target {
        match self {
            Asked::Request(request) => &request.target,
            Asked::Ticket(ticket) => &ticket.target,
        }
    }

    pub fn reason(&self) -> Option<&str> {
        match self {
            Asked::Request(request) => request.reason.as_deref(),
            Asked::Ticket(ticket) => ticket.reason.as_deref(),
        }
    }

    pub fn iat(&self) -> u64 {
        match self {
            Asked::Request(request) => request.iat,
            Asked::Ticket(ticket) => ticket.iat,
        }
    }

    /// Nobody can approve from this second on.
    pub fn exp(&self) -> u64 {
        match self {
            Asked::Request(request) => request.exp,
            Asked::Ticket(ticket) => ticket.not_after,
        }
    }

    pub fn wants_number(&self) -> bool {
        match self {
            Asked::Request(request) => request.number.is_some(),
            Asked::Ticket(_) => false,
        }
    }

    /// The words; a hole of a ticket as `{its name}` between its fixed parts.
    pub fn words(&self) -> Vec<Foreign> {
        match self {
            Asked::Request(request) => request.exec.argv.clone(),
            Asked::Ticket(ticket) => ticket.argv.iter().map(spelled).collect(),
        }
    }
}

fn spelled(word: &Word) -> Foreign {
    match word {
        Word::Exact(exact) => exact.clone(),
        Word::Hole(hole) => {
            let text = |part: &Option<String>| part.clone().unwrap_or_default();
            Foreign::from(format!("{}{{{}}}{}", text(&hole.prefix), hole.hole, text(&hole.suffix)).as_str())
        }
    }
}
