//! What of a bundle does not count, and why. Must never leave out a statement without a word: what was changed in a bundle
//! looks like something that was never part of it.

use super::super::approval::Approval;
use super::super::heard::Heard;
use super::super::records::{Cancel, Claim, Receipt};
use super::super::roster::Roster;
use super::super::roster::unproved;
use super::super::ticket::Ticket;
use super::super::verify::Ignored;
use super::super::{
    Breakglass, Checkpoint, Envelope, Hash, Kind, Request, Review, Statement, Why, open, read,
};
use super::Bundle;
use std::fmt::{self, Display, Formatter};

/// Where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// So many-th statement, from 1.
    Statement(usize),
    /// The roster of this version.
    Roster(usize),
}

/// A part of a bundle that does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub place: Place,
    pub kind: Option<Kind>,
    /// Who signed it, where that is certain.
    pub person: Option<String>,
    /// Finishes the sentence "it does not count: …".
    pub why: String,
    /// Nobody is proved to have said this: it was made up or changed, or its key is gone from the roster. What counts could
    /// have been something else before.
    pub unproved: bool,
}

impl Display for LeftOut {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (word, number) = match self.place {
            Place::Statement(number) => ("statement", number),
            Place::Roster(version) => ("roster", version),
        };
        let kind = match self.place {
            Place::Statement(_) => self.kind.map_or("unknown", Kind::word),
            Place::Roster(_) => "a signature on it",
        };
        write!(f, "{word} {number} ({kind}")?;
        if let Some(person) = &self.person {
            write!(f, " by {}", crate::text::show_line(person, 60))?;
        }
        write!(f, ") does not count: {}", self.why)
    }
}

/// What statements are held against.
pub(super) struct Against<'a> {
    pub roster: &'a Roster,
    pub receipt: &'a Receipt,
    pub request: &'a Request,
    pub ticket: Option<&'a Ticket>,
    /// What deciding over all statements left out.
    pub ignored: &'a [Ignored],
}

type Flaw = (Option<String>, String, bool);

fn flaw(why: &Why) -> Flaw {
    (None, why.to_string(), why.is_unproved())
}

impl Bundle {
    /// Every statement that does not count, and every signature on a roster that is nobody's.
    pub(super) fn left_out(&self, against: &Against<'_>) -> Vec<LeftOut> {
        let statements = self.statements.iter().enumerate().filter_map(|(at, statement)| {
            // A thread begins with what it is about.
            if *statement == self.request || Some(statement) == self.ticket.as_ref() {
                return None;
            }
            let (person, why, unproved) = self.flaw(at, statement, against)?;
            let place = Place::Statement(at + 1);
            Some(LeftOut { place, kind: statement.kind(), person, why, unproved })
        });
        statements.chain(self.loose_signatures()).collect()
    }

    pub(super) fn loose_signatures(&self) -> Vec<LeftOut> {
        let each = |(version, keyid): (usize, String)| LeftOut {
            place: Place::Roster(version),
            kind: Some(Kind::Roster),
            person: None,
            why: format!("it is not by the key {} of an admin", crate::text::show_line(keyid, 80)),
            unproved: true,
        };
        unproved(&self.rosters).into_iter().map(each).collect()
    }

    fn flaw(&self, at: usize, statement: &Envelope, against: &Against<'_>) -> Option<Flaw> {
        match statement.kind() {
            None => Some(flaw(&Why::Kind { wanted: None })),
            Some(Kind::Approval | Kind::Cancel) => {
                let ignored = against.ignored.iter().find(|ignored| ignored.at == at)?;
                Some((ignored.person.clone(), ignored.why.to_string(), ignored.why.is_unproved()))
            }
            Some(Kind::Claim) => self.claim_flaw(statement, against),
            Some(Kind::Heard) => {
                let said = |heard: &Heard| (heard.request, heard.person == against.request.requester.person);
                self.remark_flaw(statement, against, said)
            }
            Some(Kind::Receipt) => {
                let said = |receipt: &Receipt| (receipt.request, receipt.person == against.receipt.person);
                self.remark_flaw(statement, against, said)
            }
            Some(other) => Some(match holds(statement, against.roster) {
                Ok(person) => (Some(person), format!("a {} says nothing about this", other.word()), false),
                Err(why) => flaw(&why),
            }),
        }
    }

    /// A claim counts when it is the receipt's person's, of what was approved.
    fn claim_flaw(&self, statement: &Envelope, against: &Against<'_>) -> Option<Flaw> {
        let claim = match at_its_time::<Claim>(statement, against.roster) {
            Ok(claim) => claim,
            // Whatever is wrong with its key: which use it was is not proved.
            Err(why) => return Some((None, why.to_string(), true)),
        };
        let person = Some(claim.person.clone());
        let (digest, nonce, max) = match (&self.ticket, against.ticket) {
            (Some(envelope), Some(ticket)) => (envelope.digest(), ticket.nonce, ticket.max),
            _ => (self.request.digest(), against.request.nonce, 1),
        };
        if claim.request != digest || claim.nonce != nonce {
            return Some((person, Why::OtherRequest.to_string(), false));
        }
        if claim.person != against.receipt.person {
            return Some((person, "it is another's use than the receipt's".to_owned(), false));
        }
        let beyond = || format!("it is use {} of {max}", claim.number);
        (!(1..=max).contains(&claim.number)).then(|| (person, beyond(), false))
    }

    fn remark_flaw<S: Statement>(
        &self,
        statement: &Envelope,
        against: &Against<'_>,
        said: impl Fn(&S) -> (Hash, bool),
    ) -> Option<Flaw> {
        let remark = match at_its_time::<S>(statement, against.roster) {
            Ok(remark) => remark,
            Err(why) => return Some((None, why.to_string(), true)),
        };
        let person = Some(remark.head().person.to_owned());
        let (about, theirs) = said(&remark);
        let ticket = self.ticket.as_ref().map(Envelope::digest);
        if about != self.request.digest() && Some(about) != ticket {
            return Some((person, Why::OtherRequest.to_string(), false));
        }
        (!theirs).then(|| (person, Why::NotTheRequester.to_string(), false))
    }
}

/// Opened at the time it names: what was said does not end with the key that said it.
pub(super) fn at_its_time<S: Statement>(envelope: &Envelope, roster: &Roster) -> Result<S, Why> {
    let made = read::<S>(envelope.payload())?.head().iat;
    open::<S>(envelope, roster, made).map(super::super::Opened::into_statement)
}

/// Whether somebody of the roster said this, whatever it is: who.
pub fn holds(statement: &Envelope, roster: &Roster) -> Result<String, Why> {
    fn who<S: Statement>(statement: &Envelope, roster: &Roster) -> Result<String, Why> {
        at_its_time::<S>(statement, roster).map(|said| said.head().person.to_owned())
    }
    match statement.kind() {
        Some(Kind::Request) => who::<Request>(statement, roster),
        Some(Kind::Approval) => who::<Approval>(statement, roster),
        Some(Kind::Cancel) => who::<Cancel>(statement, roster),
        Some(Kind::Claim) => who::<Claim>(statement, roster),
        Some(Kind::Receipt) => who::<Receipt>(statement, roster),
        Some(Kind::Ticket) => who::<Ticket>(statement, roster),
        Some(Kind::Breakglass) => who::<Breakglass>(statement, roster),
        Some(Kind::Review) => who::<Review>(statement, roster),
        Some(Kind::Checkpoint) => who::<Checkpoint>(statement, roster),
        Some(Kind::Heard) => who::<Heard>(statement, roster),
        Some(Kind::Roster) | None => Err(Why::Kind { wanted: None }),
    }
}
