//! The team on this machine: the roster and what was pinned of it, what was spent and seen, and the way to the relay. Must
//! never go back to an older roster, nor take a relay's word for what a signature has to prove.

mod claim;
mod courier;
mod draft;
pub mod edit;
mod error;
pub mod forge;
mod heads;
mod newcomer;
pub mod outbox;
pub mod paste;
mod policy;
mod sign;
mod spent;
mod store;
mod sync;
pub mod ticket;

pub use claim::{NotClaimed, Subject, User, claim};
pub use courier::{Apart, Courier, Entry, Row, Thread, Unreached, check_way};
pub use draft::{NextRoster, NotSigned, Standing};
pub use error::TeamError;
pub use heads::{Seen, see};
pub use newcomer::how_to_add;
pub use policy::policy_digest;
pub use sign::{sign, signature};
pub use spent::spend;
pub use store::{Team, Way};
pub use sync::{NotSynced, Synced, fetch, sync, take};
