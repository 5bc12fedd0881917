//! The uses of a ticket that are gone: claims that team members signed, and this machine's own ledger. Must never be what a use
//! is given by: that is `use_up`, which asks the relay and enters it.

use super::{Found, use_of};
use crate::statement::roster::Roster;
use crate::statement::ticket::Ticket;
use crate::statement::{Claim, Envelope, Hash, Kind, open, read};
use crate::team::{TeamError, spent};
use std::collections::BTreeMap;
use std::path::Path;

/// One use that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// From 1.
    pub number: u64,
    /// Who claimed it, by their signature; none where only this machine's ledger has it.
    pub person: Option<String>,
    /// When, by the claimer's clock, in seconds since 1970.
    pub at: Option<u64>,
}

/// The uses that somebody of the team claimed, by number; of two claims of one number the older. Whoever it was: nobody else
/// gets that use from the relay. A relay that hides a claim makes this shorter.
pub fn claimed(digest: &Hash, ticket: &Ticket, statements: &[Vec<u8>], roster: &Roster) -> Vec<Used> {
    let mut uses: BTreeMap<u64, Used> = BTreeMap::new();
    let envelopes = statements.iter().filter_map(|bytes| Envelope::from_bytes(bytes).ok());
    for envelope in envelopes.filter(|envelope| envelope.kind() == Some(Kind::Claim)) {
        // At its own time: a use does not come back when the key that made it ends.
        let Ok(made) = read::<Claim>(envelope.payload()).map(|claim| claim.iat) else { continue };
        let Ok(claim) = open::<Claim>(&envelope, roster, made) else { continue };
        let said = claim.statement();
        let fits = said.request == *digest && said.nonce == ticket.nonce;
        if !fits || !(1..=ticket.max).contains(&said.number) {
            continue;
        }
        let used = Used { number: said.number, person: Some(said.person.clone()), at: Some(said.iat) };
        let kept = uses.entry(said.number).or_insert_with(|| used.clone());
        if used.at < kept.at {
            *kept = used;
        }
    }
    uses.into_values().collect()
}

/// The same, with what this machine's own ledger has beside it.
pub fn gone(state: &Path, found: &Found, roster: &Roster) -> Result<Vec<Used>, TeamError> {
    let digest = found.envelope.digest();
    let mut uses = claimed(&digest, &found.ticket, &found.statements, roster);
    let here = spent::ledger(state)?;
    for number in 1..=found.ticket.max {
        let known = uses.iter().any(|used| used.number == number);
        if !known && here.contains(&use_of(&digest, number)) {
            uses.push(Used { number, person: None, at: None });
        }
    }
    uses.sort_by_key(|used| used.number);
    Ok(uses)
}
