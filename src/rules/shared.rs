//! A program's rules as the commands of a line share them: looked up and decoded once, however often it is started.
//! Must never give a command rules that belong to another program.

use super::pack::{Pack, Rule};
use super::{Coverage, RuleSet};
use crate::reading::tool::Tool;
use std::collections::HashMap;
use std::rc::Rc;

/// A program's rules, or those of them that a command can still meet.
#[derive(Clone, Debug)]
pub struct Shared {
    pack: Rc<Pack>,
    /// Which ones are left, by their place; `None`: all.
    left: Option<Rc<[usize]>>,
}

impl Shared {
    pub fn new(pack: Rc<Pack>) -> Shared {
        Shared { pack, left: None }
    }

    pub fn tool(&self) -> &Tool {
        &self.pack.tool
    }

    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        let all = if self.left.is_none() { self.pack.rules.as_slice() } else { &[] };
        let left = self.left.iter().flat_map(|left| left.iter()).filter_map(|at| self.pack.rules.get(*at));
        all.iter().chain(left)
    }

    /// Without the rules that are not to be kept.
    pub fn retain(&mut self, keep: impl Fn(&Rule) -> bool) {
        let left = |at: &usize| self.pack.rules.get(*at).is_some_and(&keep);
        self.left = Some(match &self.left {
            Some(before) => before.iter().copied().filter(left).collect(),
            None => (0..self.pack.rules.len()).filter(left).collect(),
        });
    }
}

/// The rules of the line's programs that were looked up so far.
#[derive(Debug, Default)]
pub struct Looked(HashMap<Vec<u8>, Option<Shared>>);

impl Looked {
    /// What is known already, under the program's own name: it can be called by another.
    pub fn put(&mut self, pack: Shared) {
        self.0.insert(pack.tool().program.clone().into_bytes(), Some(pack));
    }

    /// The rules of a program; why its file does not load.
    pub fn up(&mut self, rules: &RuleSet, program: &[u8]) -> Result<Option<Shared>, String> {
        if let Some(known) = self.0.get(program) {
            return Ok(known.clone());
        }
        let found = match rules.coverage(program) {
            Coverage::Covered(pack) => Some(Shared::new(pack)),
            Coverage::Uncovered(_) => None,
            Coverage::Broken(message) => return Err(message),
        };
        self.0.insert(program.to_vec(), found.clone());
        Ok(found)
    }
}
