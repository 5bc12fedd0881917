//! What the audit log keeps of an approval. Must never name anybody whose signature was not checked.

use super::Approved;
use crate::audit;
use crate::statement::{Approval, Envelope, open, read};

impl Approved {
    /// Who approved, and what: for the log. Each name is of the signature on an approval that fills a seat.
    pub fn recorded(&self) -> audit::Approval {
        let ticketed = self.ticketed();
        audit::Approval {
            by: self.people(),
            request: self.request.digest().to_string(),
            ticket: ticketed.map(|ticketed| ticketed.found.envelope.digest().to_string()),
            // Counted once it is used.
            number: self.use_number,
            max: ticketed.map(|ticketed| ticketed.covered.max),
        }
    }

    fn people(&self) -> Vec<String> {
        let roster = self.ready.team.roster();
        let envelopes = self.statements().iter().filter_map(|bytes| Envelope::from_bytes(bytes).ok());
        let chosen = envelopes.filter(|envelope| self.approvals().contains(&envelope.digest()));
        let person = |envelope: Envelope| {
            let made = read::<Approval>(envelope.payload()).ok()?.iat;
            Some(open::<Approval>(&envelope, roster, made).ok()?.person().to_owned())
        };
        let mut people: Vec<String> = chosen.filter_map(person).collect();
        people.sort();
        people.dedup();
        people
    }
}
