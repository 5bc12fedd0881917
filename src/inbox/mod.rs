//! The approver's side: what waits for a decision, everything about it, and the signed answer. Must never show a
//! request as genuine before its signature is checked, nor sign an approval of what was not shown.

pub mod alone;
mod answers;
mod asked;
mod body;
mod case;
mod choice;
mod desk;
mod desktop;
mod draw;
mod known;
mod lines;
mod notes;
mod office;
mod own;
pub mod page;
mod plain;
mod reading;
mod trouble;
mod window;
mod worker;

pub use answers::Answered;
pub use asked::Asked;
pub use case::{Case, Standing};
pub use choice::{Choice, Seen, Verb};
pub use desk::Desk;
pub use lines::{Ask, as_json, left, shorten, span};
pub use notes::{Note, Weight};
pub use office::{Office, find};
pub use plain::{ask, list};
pub use trouble::Trouble;
pub use window::{begin, run};
pub use worker::Worker;
