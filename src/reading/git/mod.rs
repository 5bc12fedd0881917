//! git: global options, aliases, settings and the words of its commands. Where a push goes and what it changes
//! there is `targets::git`'s work. Must never take a configured alias or setting for nothing.

mod call;
mod config;
mod correct;
mod discards;
mod option_table;
mod options;
mod repository;
mod settings;
mod starts;
#[cfg(test)]
mod tests;
mod verbs;

pub use call::{Call, Outcome, carrying};
pub use config::Config;
pub use option_table::is_own;
pub use repository::{Ref, Repository, is_object_name};
pub use settings::is_program;

use super::through::Start;
use super::{Command, Does, Reading};
use crate::invocation::Invocation;

/// Reads one git command.
pub fn read(invocation: &Invocation) -> Reading {
    let call = Call::of(invocation);
    let mut command = Command::new(invocation, "git");
    let words: Vec<_> = invocation.argv().iter().skip(1).collect();
    command.headline = format!("git {}", crate::text::quote_line(&words));
    let mut starts = settings::programs(&call, &mut command.traits);
    match &call.outcome {
        Outcome::Verb(verb) => starts.extend(verbs::read(&call, verb, &mut command)),
        Outcome::Shell(words) => {
            command.verb = "alias".to_owned();
            starts.push(Start { invocation: call.invocation.nested(words.clone()), doubt: None });
        }
        Outcome::Nothing(why) => {
            command.does = Does::Nothing(why.clone());
            starts.clear();
        }
        Outcome::Unsure(why) => command.does = Does::Unsure(why.clone()),
    }
    Reading { commands: vec![command], starts }
}
