//! Rules, environments, policy: what a command does, where, and what must pass before it runs.
//! Must never lose a rule silently: a file that does not load refuses the tools it covers.

pub mod count;
mod glob;
mod freshness;
pub mod index;
mod judge;
#[cfg(feature = "full")]
pub mod lint;
mod lookup;
#[cfg(feature = "full")]
pub mod load;
mod matching;
mod names;
pub mod pack;
mod shared;
#[cfg(feature = "full")]
pub mod sources;

pub use count::{Count, MoreThan};
pub use freshness::{RuleSet, open};
pub use index::Index;
pub use judge::{
    Contribution, Decision, Depth, EnvironmentName, Found, Harmless, Judged, Verdict, gates_of, judge,
};
pub use lookup::Coverage;
pub use matching::{Match, Miss, condition_holds, match_rule, verb_fits};
pub use shared::{Looked, Shared};
