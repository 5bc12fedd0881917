//! Proof for somebody who was not there: a request, its approvals, the rosters and the receipt in one file, checked
//! without a network. Must never call a command approved by needs that its receipt does not name.

mod left_out;

pub use left_out::{LeftOut, Place, holds};

use super::canonical;
use super::records::{Claim, Outcome, Receipt};
use super::roster::{NotARoster, Roster, chain};
use super::ticket::{Attempt, NotCovered, Ticket, covers};
use super::verify::{Answer, Filled, Needs, Question, Verdict, verify};
use super::{Envelope, Hash, Kind, MatchKey, NotCanonical, Request, VERSION, Why, open};
use left_out::{Against, at_its_time};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};

/// Largest bundle, in bytes.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// What `guard audit export` writes beside an entry, and `guard verify` reads: canonical JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    pub v: u64,
    pub request: Envelope,
    /// What was approved instead of the request: a ticket, which the request's command has to fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Envelope>,
    /// Approvals and whatever else came about the request.
    pub statements: Vec<Envelope>,
    /// Every version of the roster from the first to the one that counted.
    pub rosters: Vec<Envelope>,
    pub receipt: Envelope,
}

/// What a sound bundle says.
#[derive(Clone, Debug)]
pub struct Report {
    pub request: Request,
    pub receipt: Receipt,
    /// Who filled which seat.
    pub seats: Vec<Filled>,
    /// Digest of the first roster: compare its words with the team's.
    pub root: Hash,
    pub roster_version: u64,
    /// The ticket that was used, and which use it was; none for a run that did not happen, and where a claim is broken.
    pub ticket: Option<(Ticket, Option<u64>)>,
    /// What of the bundle does not count.
    pub left_out: Vec<LeftOut>,
    /// With all statements of the bundle it is no longer approved: somebody objected, maybe after the start.
    pub contested: Option<Verdict>,
}

/// Why a bundle proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotProven {
    Shape(NotCanonical),
    Version(u64),
    Roster(NotARoster),
    Receipt(Why),
    /// The receipt is about another request.
    OtherRequest,
    /// Somebody else than the requester signed the receipt.
    OtherPerson,
    Request(Why),
    Ticket(Why),
    /// The ticket is not for this command.
    NotCovered(NotCovered),
    /// The request was made for another ticket, or for none.
    OtherTicket,
    /// No use of the ticket was claimed.
    NoClaim,
    /// What its approvals amount to instead.
    NotApproved(Box<Verdict>),
}

impl Display for NotProven {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            NotProven::Shape(why) => write!(f, "this is no bundle: {why}"),
            NotProven::Version(n) => write!(f, "the bundle has version {n}: update guard"),
            NotProven::Roster(why) => write!(f, "its roster does not count: {why}"),
            NotProven::Receipt(why) => write!(f, "its receipt does not count: {why}"),
            NotProven::OtherRequest => f.write_str("its receipt is about another request"),
            NotProven::OtherPerson => f.write_str("its receipt is by another person than its request"),
            NotProven::Request(why) => write!(f, "its request does not count: {why}"),
            NotProven::Ticket(why) => write!(f, "its ticket does not count: {why}"),
            NotProven::NotCovered(why) => write!(f, "{why}"),
            NotProven::OtherTicket => f.write_str("its request does not name its ticket"),
            NotProven::NoClaim => f.write_str("no use of its ticket was claimed"),
            NotProven::NotApproved(verdict) => {
                write!(f, "its approvals do not fill the seats: {}", verdict.word())
            }
        }
    }
}

impl Bundle {
    pub fn from_bytes(bytes: &[u8]) -> Result<Bundle, NotProven> {
        let bundle: Bundle = canonical::parse_within(bytes, LARGEST).map_err(NotProven::Shape)?;
        if bundle.v == VERSION { Ok(bundle) } else { Err(NotProven::Version(bundle.v)) }
    }

    pub fn to_bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        canonical::bytes(self)
    }

    /// Checks all of it. `root` is the digest of the team's first roster where it is known; without it whoever made
    /// the bundle could have made the team, too, and the report's root has to be compared.
    pub fn verify(&self, root: Option<Hash>) -> Result<Report, NotProven> {
        let first = self.rosters.first().map_or(Hash([0; 32]), Envelope::digest);
        let roster = chain(root.unwrap_or(first), &self.rosters).map_err(NotProven::Roster)?;
        let receipt = self.receipt(&roster)?;
        let at = receipt.started.unwrap_or(receipt.iat);
        let request = open::<Request>(&self.request, &roster, at).map_err(NotProven::Request)?;
        if receipt.request != self.request.digest() {
            return Err(NotProven::OtherRequest);
        }
        if receipt.person != request.person() {
            return Err(NotProven::OtherPerson);
        }
        let ticket =
            self.ticket.as_ref().map(|ticket| self.fits(ticket, request.statement(), &receipt, &roster, at));
        let mut ticket = ticket.transpose()?;
        let used: Vec<&Envelope> =
            self.statements.iter().filter(|s| receipt.approvals.contains(&s.digest())).collect();
        let seats = match self.decide(&roster, &receipt, &used, at).verdict {
            Verdict::Approved { seats, .. } => seats,
            other => return Err(NotProven::NotApproved(Box::new(other))),
        };
        let all: Vec<&Envelope> = self.statements.iter().collect();
        let everything = self.decide(&roster, &receipt, &all, at);
        let request = request.into_statement();
        let left_out = self.left_out(&Against {
            roster: &roster,
            receipt: &receipt,
            request: &request,
            ticket: ticket.as_ref().map(|(ticket, _)| ticket),
            ignored: &everything.ignored,
        });
        // The claim that is broken may have been this run's.
        if let Some((_, number)) = &mut ticket
            && left_out.iter().any(|left| left.unproved && left.kind == Some(Kind::Claim))
        {
            *number = None;
        }
        let contested =
            (!matches!(everything.verdict, Verdict::Approved { .. })).then_some(everything.verdict);
        let (root, roster_version) = (first, roster.version());
        Ok(Report { request, receipt, seats, root, roster_version, ticket, left_out, contested })
    }

    /// What does not count in a bundle that proves nothing, as far as its rosters say whose a statement is.
    pub fn unproved(&self, root: Option<Hash>) -> Vec<LeftOut> {
        let first = self.rosters.first().map_or(Hash([0; 32]), Envelope::digest);
        let Ok(roster) = chain(root.unwrap_or(first), &self.rosters) else { return Vec::new() };
        let broken = |(at, statement): (usize, &Envelope)| {
            let why = holds(statement, &roster).err()?;
            let (place, kind) = (Place::Statement(at + 1), statement.kind());
            Some(LeftOut { place, kind, person: None, why: why.to_string(), unproved: true })
        };
        let statements = self.statements.iter().enumerate().filter_map(broken);
        statements.chain(self.loose_signatures()).collect()
    }

    /// Whether the command is one that the ticket covers, and its use was claimed. What the workload said of its run and
    /// commit stands nowhere else, so nothing is compared with it.
    fn fits(
        &self,
        envelope: &Envelope,
        request: &Request,
        receipt: &Receipt,
        roster: &Roster,
        at: u64,
    ) -> Result<(Ticket, Option<u64>), NotProven> {
        let ticket = open::<Ticket>(envelope, roster, at).map_err(NotProven::Ticket)?.into_statement();
        if request.ticket.as_deref() != Some(envelope.digest().to_string().as_str()) {
            return Err(NotProven::OtherTicket);
        }
        let has = |plan: &Hash| request.exec.inputs.iter().any(|input| input.sha256 == *plan);
        let attempt = Attempt {
            argv: &request.exec.argv,
            target: &request.target,
            commit: ticket.commit.as_deref(),
            plan: ticket.plan.filter(has),
            workload: roster.key(&receipt.key).and_then(|(person, _)| person.oidc.as_ref()),
            run: ticket.run.as_deref(),
            now: at,
            used: 0,
        };
        covers(&ticket, &attempt).map_err(NotProven::NotCovered)?;
        let claims = self.statements.iter().filter(|s| s.kind() == Some(Kind::Claim));
        let claims = claims.filter_map(|s| at_its_time::<Claim>(s, roster).ok());
        let fits = |claim: &Claim| {
            let same = claim.request == envelope.digest() && claim.nonce == ticket.nonce;
            same && claim.person == receipt.person && (1..=ticket.max).contains(&claim.number)
        };
        // The thread has the claims of earlier uses, too, and uses are given from 1 up: this run's is the last.
        let number = claims.filter(fits).map(|claim| claim.number).max();
        let ran = receipt.outcome.ran();
        if ran && number.is_none() { Err(NotProven::NoClaim) } else { Ok((ticket, number)) }
    }

    fn receipt(&self, roster: &Roster) -> Result<Receipt, NotProven> {
        // Opened at its own time: keys may have ended since.
        at_its_time::<Receipt>(&self.receipt, roster).map_err(NotProven::Receipt)
    }

    fn decide(&self, roster: &Roster, receipt: &Receipt, used: &[&Envelope], at: u64) -> Answer {
        let statements: Vec<Vec<u8>> = used.iter().map(|s| s.to_bytes()).collect();
        let needs = Needs::from(&receipt.needs);
        let key = receipt.match_key.map(MatchKey::from);
        let question = Question {
            subject: self.ticket.as_ref().unwrap_or(&self.request),
            statements: &statements,
            roster,
            needs: &needs,
            match_key: key.as_ref(),
            now: at,
        };
        verify(&question)
    }
}

impl Report {
    /// Whether the command ran as approved.
    pub fn ran(&self) -> bool {
        self.receipt.outcome.ran()
    }

    /// Whether everybody who is named in the bundle is proved to have said what stands there.
    pub fn is_intact(&self) -> bool {
        !self.left_out.iter().any(|left| left.unproved)
    }

    /// One word for `--json`: what is proven, and no more.
    pub fn proves(&self) -> &'static str {
        match self.receipt.outcome {
            Outcome::Ended => "approved-and-ran",
            Outcome::Started => "approved-and-started",
            Outcome::Drift | Outcome::NotStarted => "approved",
        }
    }
}

impl Outcome {
    /// Whether the command was started.
    fn ran(self) -> bool {
        match self {
            Outcome::Started | Outcome::Ended => true,
            Outcome::Drift | Outcome::NotStarted => false,
        }
    }
}

#[cfg(test)]
mod flips;
#[cfg(test)]
mod tests;
