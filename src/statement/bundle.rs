//! Proof for somebody who was not there: a request, its approvals, the rosters and the receipt in one file, checked
//! without a network. Must never call a command approved by needs that its receipt does not name.

use super::canonical;
use super::records::{Claim, Outcome, Receipt};
use super::roster::{NotARoster, Roster, chain};
use super::ticket::{Attempt, NotCovered, Ticket, covers};
use super::verify::{Filled, Needs, Question, Verdict, verify};
use super::{Envelope, Hash, MatchKey, NotCanonical, Request, VERSION, Why, open};
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
    /// The ticket that was used, and which use it was; none for a run that did not happen.
    pub ticket: Option<(Ticket, Option<u64>)>,
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
        let ticket = ticket.transpose()?;
        let used: Vec<&Envelope> =
            self.statements.iter().filter(|s| receipt.approvals.contains(&s.digest())).collect();
        let seats = match self.verdict(&roster, &receipt, &used, at) {
            Verdict::Approved { seats, .. } => seats,
            other => return Err(NotProven::NotApproved(Box::new(other))),
        };
        let all: Vec<&Envelope> = self.statements.iter().collect();
        let everything = self.verdict(&roster, &receipt, &all, at);
        let contested = (!matches!(everything, Verdict::Approved { .. })).then_some(everything);
        let (root, roster_version) = (first, roster.version());
        let request = request.into_statement();
        Ok(Report { request, receipt, seats, root, roster_version, ticket, contested })
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
        let claims = self.statements.iter().filter(|s| s.kind() == Some(super::Kind::Claim));
        let claims = claims.filter_map(|s| open::<Claim>(s, roster, at).ok());
        let fits = |claim: &Claim| {
            let same = claim.request == envelope.digest() && claim.nonce == ticket.nonce;
            same && claim.person == receipt.person && (1..=ticket.max).contains(&claim.number)
        };
        let number = claims.map(|claim| claim.into_statement()).find(fits).map(|claim| claim.number);
        let ran = receipt.outcome.ran();
        if ran && number.is_none() { Err(NotProven::NoClaim) } else { Ok((ticket, number)) }
    }

    fn receipt(&self, roster: &Roster) -> Result<Receipt, NotProven> {
        // Opened at its own time: keys may have ended since.
        let made = super::read::<Receipt>(self.receipt.payload()).map_err(NotProven::Receipt)?.iat;
        let opened = open::<Receipt>(&self.receipt, roster, made).map_err(NotProven::Receipt)?;
        Ok(opened.into_statement())
    }

    fn verdict(&self, roster: &Roster, receipt: &Receipt, used: &[&Envelope], at: u64) -> Verdict {
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
        verify(&question).verdict
    }
}

impl Report {
    /// Whether the command ran as approved.
    pub fn ran(&self) -> bool {
        self.receipt.outcome.ran()
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
mod tests {
    use super::super::records::ReceiptNeeds;
    use super::super::world::{NOW, TEAM, World, match_key, needs};
    use super::super::{Decision, Severity};
    use super::*;

    fn bundle(world: &World, change: impl FnOnce(&mut Receipt)) -> Bundle {
        let request = world.alice.sign(&world.request(), 0);
        let yes = world.bob.sign(&world.approval(&request, "bob", &world.bob), 0);
        let mut receipt = Receipt {
            v: 1,
            team: TEAM.to_owned(),
            request: request.digest(),
            person: "alice".to_owned(),
            key: world.alice.kid(),
            iat: NOW + 30,
            outcome: Outcome::Ended,
            approvals: vec![yes.digest()],
            needs: ReceiptNeeds::from(&needs(&[("sre", 1)], Severity::High)),
            started: Some(NOW + 20),
            exit: Some(0),
            signal: None,
            duration_ms: Some(900),
            drift: Vec::new(),
            match_key: Some(match_key().reveal()),
            chain: None,
        };
        change(&mut receipt);
        let receipt = world.alice.sign(&receipt, 0);
        Bundle {
            v: 1,
            request,
            ticket: None,
            statements: vec![yes],
            rosters: vec![world.signed_roster()],
            receipt,
        }
    }

    #[test]
    fn a_bundle_proves_who_approved_what_ran() {
        let world = World::new();
        let made = bundle(&world, |_| {});
        let bytes = made.to_bytes().expect("canonical");
        let read = Bundle::from_bytes(&bytes).expect("a bundle");
        assert_eq!(read, made);
        let report = read.verify(Some(world.roster.digest())).expect("proven");
        assert_eq!(report.seats, [Filled { group: "sre".to_owned(), person: "bob".to_owned() }]);
        assert!(report.ran() && report.contested.is_none());
        assert!(read.verify(None).is_ok_and(|report| report.root == world.roster.digest()));
        let other = read.verify(Some(Hash([0; 32])));
        assert_eq!(other.err(), Some(NotProven::Roster(NotARoster::OtherRoot)));
    }

    #[test]
    fn a_bundle_that_was_tampered_with_proves_nothing() {
        let world = World::new();
        let root = Some(world.roster.digest());
        let proves = |change: fn(&mut Receipt)| bundle(&world, change).verify(root).err();
        assert_eq!(proves(|r| r.request = Hash([0; 32])), Some(NotProven::OtherRequest));
        for change in [
            (|r| r.approvals.clear()) as fn(&mut Receipt),
            |r| r.started = Some(NOW + 10_000),
            |r| r.needs.seats[0].n = 2,
            |r| r.needs.severity = Severity::Critical,
            |r| r.match_key = None,
        ] {
            assert!(matches!(proves(change), Some(NotProven::NotApproved(_))), "{:?}", proves(change));
        }
        let mut forged = bundle(&world, |_| {});
        forged.receipt = world.bob.sign(
            &Receipt {
                person: "bob".to_owned(),
                key: world.bob.kid(),
                ..super::super::read(forged.receipt.payload()).expect("reads")
            },
            0,
        );
        assert_eq!(forged.verify(root).err(), Some(NotProven::OtherPerson));
        let bytes = bundle(&world, |_| {}).to_bytes().expect("canonical");
        for at in (0..bytes.len()).step_by(3) {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            let proven = Bundle::from_bytes(&changed).and_then(|b| b.verify(root));
            assert!(proven.is_err(), "byte {at}");
        }
    }

    #[test]
    fn an_objection_is_told() {
        let world = World::new();
        let mut made = bundle(&world, |_| {});
        let mut no = world.approval(&made.request, "carol", &world.carol);
        no.decision = Decision::Deny;
        made.statements.push(world.carol.sign(&no, 0));
        let report = made.verify(None).expect("proven");
        assert!(matches!(report.contested, Some(Verdict::Denied { .. })));
    }
}
