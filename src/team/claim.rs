//! One use of a request or ticket, claimed at the relay: the first claim of a number is taken, every later one is told so.
//! Must never make the same claim twice: the relay would take it for one that was sent again.

use super::{Courier, Unreached, sign};
use crate::keys::{NoRandomness, Secret, SignError, Signer};
use crate::statement::records::Claim;
use crate::statement::{Bytes32, Draft, Envelope, Hash, Keyed, VERSION};
use crate::sys::actor;

/// What is used: a request or a ticket.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub team: &'a str,
    pub digest: Hash,
    pub nonce: Bytes32,
}

/// Who uses it.
#[derive(Clone, Copy, Debug)]
pub struct User<'a> {
    pub person: &'a str,
    pub signer: &'a Signer,
    /// Seconds since 1970.
    pub now: u64,
}

/// Why a use was not claimed, apart from being taken.
#[derive(Debug)]
pub enum NotClaimed {
    Relay(Unreached),
    Sign(SignError),
    /// The kernel gives no random bytes.
    NoRandomness,
}

impl From<NoRandomness> for NotClaimed {
    fn from(_: NoRandomness) -> NotClaimed {
        NotClaimed::NoRandomness
    }
}

/// Signs the claim of use `number`, and has it taken where there is a relay. `None`: somebody has this use.
pub fn claim(
    courier: Option<&Courier<'_>>,
    subject: &Subject<'_>,
    number: u64,
    user: &User<'_>,
) -> Result<Option<Envelope>, NotClaimed> {
    // A key of its own for each attempt: two machines with one signing key never make one statement.
    let host_id = Keyed::of(&Secret::random()?, "host", actor::machine_id().unwrap_or_default().as_bytes());
    let claim = Claim {
        v: VERSION,
        team: subject.team.to_owned(),
        request: subject.digest,
        nonce: subject.nonce,
        number,
        person: user.person.to_owned(),
        key: user.signer.public().fingerprint(),
        host_id,
        iat: user.now,
    };
    // Strings and small numbers always have a canonical form.
    let Ok(draft) = Draft::of(&claim) else { return Ok(None) };
    let signed = sign(draft, user.signer).map_err(NotClaimed::Sign)?;
    let free = match courier {
        Some(courier) => courier.claim(&signed).map_err(NotClaimed::Relay)?,
        None => true,
    };
    Ok(free.then_some(signed))
}
