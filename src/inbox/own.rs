//! What this machine's own rules and policy say of what is asked: a requester who claims a lesser rule, severity or quorum
//! is found out here. Must never weaken a request, nor look at this machine's targets for another one's command.

use super::asked::Asked;
use crate::invocation::{Invocation, Stdin};
use crate::reading::{Command, read};
use crate::rules::pack::{self, Gate, Pack, Rule};
use crate::rules::{Coverage, Match, RuleSet, gates_of, match_rule, sources};
use crate::settings::Dirs;
use crate::statement::{Hash, Severity};
use crate::text::show_line;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};

/// Requests whose comparison is remembered.
const MOST: usize = 1024;

/// The rules and policy here, and what was compared with them.
#[derive(Debug)]
pub struct Own {
    dirs: Dirs,
    compared: Mutex<BTreeMap<Hash, Vec<String>>>,
}

impl Own {
    pub fn new(dirs: &Dirs) -> Own {
        Own { dirs: dirs.clone(), compared: Mutex::default() }
    }

    /// What is weaker in it than here, in words; nothing where it is as strong.
    pub(super) fn weaker(&self, digest: Hash, asked: &Asked) -> Vec<String> {
        let mut compared = self.compared.lock().unwrap_or_else(PoisonError::into_inner);
        if compared.len() > MOST {
            compared.clear();
        }
        compared.entry(digest).or_insert_with(|| compare(&self.dirs, asked)).clone()
    }
}

fn compare(dirs: &Dirs, asked: &Asked) -> Vec<String> {
    let rules = sources::looked_up(dirs);
    let Ok(around) = rules.decide_by() else {
        return vec![
            "the rules on this machine do not load: what it asks for was compared with nothing".into(),
        ];
    };
    let argv: Vec<OsString> = asked.words().into_iter().map(|w| OsString::from_vec(w.0)).collect();
    let Some(pack) = pack_of(&rules, &argv, &asked.policy().rule) else { return Vec::new() };
    let found = met(&pack, argv, &asked.policy().rule);
    let mut words: Vec<String> = lesser_rule(&found, asked.severity()).into_iter().collect();
    let class = &asked.target().class;
    let gates: Vec<Gate> =
        found.iter().flat_map(|rule| gates_of(&around, class, &pack.tool.program, rule)).collect();
    if gates.contains(&Gate::Deny) {
        words.push("the policy here denies this command".into());
    }
    for (group, people) in seats(&gates) {
        let asks = asked.policy().needs.iter().find(|need| need.group == group).map_or(0, |need| need.n);
        if asks < u64::from(people) {
            let group = show_line(&group, 40);
            words.push(format!("the policy here asks for {people} of {group}; they ask for {asks}"));
        }
    }
    words
}

fn lesser_rule(found: &[Rule], claimed: Severity) -> Option<String> {
    let rule = found.iter().max_by_key(|rule| rule.severity).filter(|r| severity(r.severity) > claimed)?;
    let (id, own) = (show_line(&rule.id, 60), rule.severity.word());
    Some(format!("by the rules here this is {id} ({own}); they call it {}", claimed.word()))
}

/// The rules for the command's own program, or for the one that the request's rule is about.
fn pack_of(rules: &RuleSet, argv: &[OsString], rule: &str) -> Option<Rc<Pack>> {
    let name = argv.first().map(PathBuf::from)?;
    let name = name.file_name()?.to_owned();
    let covered = |name: &[u8]| match rules.coverage(name) {
        Coverage::Covered(pack) => Some(pack),
        Coverage::Uncovered(_) | Coverage::Broken(_) => None,
    };
    let claimed = || rule.split_once('.').and_then(|(program, _)| covered(program.as_bytes()));
    let direct = covered(name.as_encoded_bytes());
    match direct {
        Some(pack) if rule.is_empty() || pack.rules.iter().any(|own| own.id == rule) => Some(pack),
        // `sudo kubectl …`: the rule is about kubectl.
        other => claimed().or(other),
    }
}

/// The rules that its words meet, and the one that it names.
fn met(pack: &Pack, argv: Vec<OsString>, claimed: &str) -> Vec<Rule> {
    let named = |rule: &&Rule| rule.id == claimed;
    let mut found: Vec<Rule> = pack.rules.iter().filter(named).cloned().collect();
    if argv.iter().any(|word| word.is_empty()) {
        return found;
    }
    // Another machine's command: no variable, file or directory of this one says anything about it.
    let here = Invocation::of_process(argv.clone(), Stdin::Terminal);
    let there = here.elsewhere(argv, "the requester's machine");
    let meets = |command: &Command, rule: &Rule| match match_rule(rule, command, None) {
        Match::Yes => true,
        // It depends on a target that only the requester's machine knows.
        Match::Maybe | Match::No(_) => false,
    };
    for command in read(&there, &pack.tool).commands {
        let more = pack.rules.iter().filter(|rule| rule.id != claimed && meets(&command, rule));
        found.extend(more.cloned());
    }
    found
}

fn seats(gates: &[Gate]) -> BTreeMap<String, u32> {
    let mut seats = BTreeMap::new();
    for gate in gates {
        match gate {
            Gate::Approval { group, people } => {
                let most = seats.entry(group.clone()).or_insert(0);
                *most = (*most).max(*people);
            }
            Gate::Deny
            | Gate::Notice
            | Gate::Delay(_)
            | Gate::Reason
            | Gate::Confirm
            | Gate::Totp
            | Gate::ReadOnly => {}
        }
    }
    seats
}

fn severity(severity: pack::Severity) -> Severity {
    match severity {
        pack::Severity::Low => Severity::Low,
        pack::Severity::Medium => Severity::Medium,
        pack::Severity::High => Severity::High,
        pack::Severity::Critical => Severity::Critical,
    }
}
