//! What is signed after the decision: the cancellation of a request that nobody waits for any more, the receipt, the bundle.
//! Must never name an approval that did not fill a seat.

use super::ended::{self, End, Fate};
use super::ready::{Ready, now};
use super::{Approved, Basis, kept, post};
use crate::keys::{Identity, Signer};
use crate::settings::Dirs;
use crate::statement::bundle::holds;
use crate::statement::records::{Cancel, Outcome, Receipt, ReceiptNeeds};
use crate::statement::{Bundle, Draft, Envelope, Hash, MatchKey, VERSION};
use crate::team::{self, Team};
use crate::tty::Declined;

/// The signed cancellation of a request.
pub fn cancellation(
    team: &Team,
    identity: &Identity,
    person: &str,
    request: &Hash,
    reason: Option<&str>,
) -> Result<(Envelope, Signer), String> {
    let (draft, signer) = withdrawal(team, identity, person, request, reason)?;
    let signed = team::sign(draft, &signer).map_err(|why| why.to_string())?;
    Ok((signed, signer))
}

fn withdrawal(
    team: &Team,
    identity: &Identity,
    person: &str,
    request: &Hash,
    reason: Option<&str>,
) -> Result<(Draft, Signer), String> {
    let statement = Cancel {
        v: VERSION,
        team: team.name().to_owned(),
        request: *request,
        person: person.to_owned(),
        key: identity.public().fingerprint(),
        iat: now(),
        reason: reason.map(str::to_owned),
    };
    let signer = identity.signer().map_err(|why| why.to_string())?;
    Ok((Draft::of(&statement).map_err(|why| why.to_string())?, signer))
}

/// Takes a request back, signed; what cannot be sent expires by itself.
pub fn cancel(ready: &Ready, request: &Hash, reason: Option<&str>) {
    if let Ok((envelope, signer)) = cancellation(&ready.team, &ready.identity, &ready.person, request, reason)
    {
        let _ = post::say(&ready.team, signer, request, envelope);
    }
}

/// The same when somebody left: a signal other than Ctrl-C's gets a short time for it, signing included.
pub fn leave(ready: &Ready, request: &Hash, left: Declined) {
    match left.signal() {
        None | Some(INTERRUPT) => cancel(ready, request, None),
        Some(_) => {
            let made = withdrawal(&ready.team, &ready.identity, &ready.person, request, None);
            if let Ok((draft, signer)) = made {
                post::say_at_once(&ready.team, signer, request, draft);
            }
        }
    }
}

/// The number of SIGINT.
const INTERRUPT: i32 = 2;

impl Approved {
    /// Signs how it went, keeps the proof on this machine and queues the receipt for the relay. What fails here is said and
    /// changes nothing: the decision is in the log already.
    pub fn receipt(&self, dirs: &Dirs, drift: Option<&str>) -> Result<(), String> {
        let signer = self.ready.signer()?;
        let draft = Draft::of(&self.how_it_went(drift)).map_err(|why| why.to_string())?;
        let receipt = team::sign(draft, &signer).map_err(|why| why.to_string())?;
        // What a relay made up is nobody's, and a thread begins with what it is about: neither belongs to the proof.
        let said = |envelope: &Envelope| {
            *envelope != self.request && holds(envelope, self.ready.team.roster()).is_ok()
        };
        let statements = self.statements().iter().filter_map(|bytes| Envelope::from_bytes(bytes).ok());
        let statements = statements.filter(said);
        let bundle = Bundle {
            v: VERSION,
            request: self.request.clone(),
            ticket: self.ticketed().map(|ticketed| ticketed.found.envelope.clone()),
            statements: statements.chain(self.claimed.clone()).collect(),
            rosters: self.ready.team.chain().to_vec(),
            receipt: receipt.clone(),
        };
        if drift.is_some() && self.ticketed().is_none() {
            // It is over: what differs now is not asked about again under the same approval.
            ended::end(dirs, &self.request, End::new(Fate::Drift, drift));
        }
        kept::keep_bundle(dirs, &bundle).map_err(|why| why.to_string())?;
        if self.ticketed().is_some() {
            // The relay has the claim; it knows no request of this run.
            return Ok(());
        }
        let queued = team::outbox::queue(&dirs.state, &self.request.digest(), &receipt);
        queued.map_err(|why| why.to_string())
    }

    fn how_it_went(&self, drift: Option<&str>) -> Receipt {
        Receipt {
            v: VERSION,
            team: self.ready.team.name().to_owned(),
            request: self.request.digest(),
            person: self.ready.person.clone(),
            key: self.ready.identity.public().fingerprint(),
            iat: now(),
            outcome: if drift.is_some() { Outcome::Drift } else { Outcome::Started },
            approvals: self.approvals().to_vec(),
            needs: ReceiptNeeds::from(&self.ready.needs),
            started: drift.is_none().then(now),
            exit: None,
            signal: None,
            duration_ms: None,
            drift: drift.map(str::to_owned).into_iter().collect(),
            match_key: self.number().map(MatchKey::reveal),
            chain: None,
        }
    }

    pub(super) fn statements(&self) -> &[Vec<u8>] {
        match &self.basis {
            Basis::Request { statements, .. } => statements,
            Basis::Ticket(ticketed) => &ticketed.found.statements,
        }
    }

    pub(super) fn approvals(&self) -> &[Hash] {
        match &self.basis {
            Basis::Request { approvals, .. } => approvals,
            Basis::Ticket(ticketed) => &ticketed.covered.approvals,
        }
    }

    fn number(&self) -> Option<&MatchKey> {
        match &self.basis {
            Basis::Request { number, .. } => number.as_ref(),
            Basis::Ticket(_) => None,
        }
    }
}
