//! What an admin does for a key that the roster does not have. Must never name a person whom no former key of it shows.

use crate::keys::Identity;
use crate::statement::Roster;
use crate::text::quote;

/// The command that adds this identity's key: one more key of the person whose a former key of it is, else a new person.
pub fn how_to_add(roster: &Roster, identity: &Identity) -> String {
    let line = identity.public().to_line();
    let known = identity.former().iter().rev().find_map(|old| roster.key(&old.key.fingerprint()));
    match known {
        Some((person, _)) => format!("guard team key add {} '{line}'", quote(&person.id)),
        None => format!("guard team add YOU --key '{line}'"),
    }
}
