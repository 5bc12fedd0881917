//! From a program's name to its rules, or to why they are missing.

use super::Harmless;
use super::freshness::RuleSet;
use super::index::Entry;
use super::pack::{Pack, Surroundings};
use std::rc::Rc;

/// What the rules say about a program.
#[derive(Debug)]
#[must_use]
pub enum Coverage {
    /// No rule file covers it.
    Uncovered(Harmless),
    Covered(Rc<Pack>),
    /// The file that covers it does not load; the message says where. The program is refused.
    Broken(String),
}

impl RuleSet {
    /// Looks a program up by its name.
    pub fn coverage(&self, name: &[u8]) -> Coverage {
        match self.program(name) {
            Ok(Some(Entry::Pack(pack))) => Coverage::Covered(Rc::from(pack)),
            Ok(Some(Entry::Broken(message))) => Coverage::Broken(message),
            Ok(None) => match self.whole_set_broken() {
                None => Coverage::Uncovered(super::judge::uncovered()),
                Some(message) => Coverage::Broken(message),
            },
            Err(_) => Coverage::Broken("the compiled rules are damaged".into()),
        }
    }

    /// Only a user's files can be broken: the shipped ones would not have been built.
    fn whole_set_broken(&self) -> Option<String> {
        match self {
            RuleSet::Shipped => None,
            RuleSet::Compiled(_) | RuleSet::Kept(_) => self.decide_by().err(),
        }
    }

    /// Environments and policy, or the words of the file that broke them.
    pub fn decide_by(&self) -> Result<Surroundings, String> {
        self.surroundings().unwrap_or_else(|_| Err("the compiled rules are damaged".into()))
    }
}
