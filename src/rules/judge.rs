//! The verdict: which rules a command meets, in which environment, and what policy asks for then.
//! The union of all that match counts, the strictest wins, deny beats everything.

mod environment;
mod inner;

use super::count::{Count, MoreThan};
use super::glob;
use super::matching::{Match, match_rule};
use super::pack::{Effect, Gate, Place, Policy, ReasonForm, Rule, Severity, Surroundings, When};
use super::shared::Shared;
use crate::reading::{Command, Does, Doubt};
use crate::targets::names::WITHIN;
use crate::targets::{self, Fact, Resolution, Targets, Value};
use environment::{place, worst_environment};

/// How much to find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Stop as soon as the command is known to be harmless: the hot path.
    Enough,
    /// Resolve every target and report near misses: `guard check`, `guard explain`.
    Full,
}

/// What must happen now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Decision {
    Pass,
    Notice,
    Gate(Vec<Gate>),
    Refuse,
}

/// Which environment a target belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvironmentName {
    Named(String),
    /// Known, but no environment names it.
    Unlabelled,
    /// A fact could not be determined: gated like production.
    Unknown,
}

impl EnvironmentName {
    pub fn word(&self) -> &str {
        match self {
            EnvironmentName::Named(name) => name,
            EnvironmentName::Unlabelled => "unlabelled",
            EnvironmentName::Unknown => "unknown",
        }
    }
}

/// A policy that adds something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    pub name: Option<String>,
    pub place: Place,
    pub adds: Vec<Gate>,
    /// It holds for more than this many things only.
    pub count: Option<MoreThan>,
    /// What the reason must look like that it asks for.
    pub reason: Option<ReasonForm>,
    /// Its gates count as passed for this many seconds after they were.
    pub again_s: Option<u32>,
}

/// One command with everything found out about it.
#[derive(Clone, Debug)]
pub struct Judged {
    pub command: Command,
    /// `None` when nothing made it worth resolving (`Depth::Enough` only).
    pub resolution: Option<Resolution>,
    pub environment: EnvironmentName,
    /// Facts that put it there: key and value, for showing disagreements.
    pub because: Vec<String>,
    pub matched: Vec<Rule>,
    /// Why it could not be read with certainty.
    pub unsure: Option<String>,
    pub severity: Option<Severity>,
    pub effect: Option<Effect>,
    /// How much it would hit: `Unknown` until a look has told.
    pub count: Count,
    pub contributions: Vec<Contribution>,
    /// What the programs act on that it starts, where that is all it does: a wrapper, a shell.
    pub inner: Vec<Fact>,
}

impl Judged {
    pub fn targets(&self) -> Option<&Targets> {
        match &self.resolution {
            Some(Resolution::Hits(targets)) => Some(targets),
            Some(Resolution::Nothing(_)) | None => None,
        }
    }

    /// What happens, in words: the resolver's where the target says more than the words do, else the reader's,
    /// else the command line. Foreign text.
    pub fn headline(&self) -> String {
        let resolved = self.targets().and_then(|t| t.headline.clone());
        let read = || Some(self.command.headline.clone()).filter(|h| !h.is_empty());
        resolved.or_else(read).unwrap_or_else(|| crate::text::quote_line(self.command.invocation.argv()))
    }

    /// Destroys, overwrites, disrupts, escalates, exports, spends, or cannot be read with certainty.
    pub fn is_dangerous(&self) -> bool {
        self.unsure.is_some() || self.matched.iter().any(|rule| rule.effect.is_dangerous())
    }
}

/// The verdict over all commands of a line.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub commands: Vec<Judged>,
    pub decision: Decision,
    pub severity: Option<Severity>,
    pub environment: EnvironmentName,
    pub requires: Vec<Gate>,
}

impl Verdict {
    pub fn is_dangerous(&self) -> bool {
        self.commands.iter().any(Judged::is_dangerous)
    }

    /// The command that decides: the one with the most severe finding, the first of equals.
    pub fn worst(&self) -> Option<&Judged> {
        self.worst_at().and_then(|at| self.commands.get(at))
    }

    /// Where that command stands in the line.
    pub fn worst_at(&self) -> Option<usize> {
        let all = self.commands.iter().enumerate().rev();
        all.max_by_key(|(_, j)| (!j.contributions.is_empty(), j.severity)).map(|(at, _)| at)
    }
}

/// A command of a line, before it is judged.
#[derive(Clone, Debug)]
pub struct Found {
    pub command: Command,
    /// Its program's rules; `None` where there are none.
    pub pack: Option<Shared>,
    /// Which command of the line has it run in another place.
    pub carrier: Option<usize>,
    /// Which command of the line starts it.
    pub parent: Option<usize>,
    /// Some of its words, or of what its target comes from, are not known: they say nothing about its target.
    pub unknown: Option<Doubt>,
}

/// Judges the commands of a line.
pub fn judge(found: Vec<Found>, surroundings: &Surroundings, depth: Depth) -> Verdict {
    let mut commands: Vec<Judged> = Vec::with_capacity(found.len());
    let mut parents = Vec::with_capacity(found.len());
    for Found { command, pack, carrier, parent, unknown } in found {
        parents.push(parent);
        let resolve = |command: &Command| match (command.invocation.place(), carrier) {
            (Some(place), Some(at)) => {
                targets::elsewhere::resolve(command, place, carried(&commands[at]).as_ref())
            }
            (Some(place), None) => targets::elsewhere::resolve(command, place, None),
            (None, _) => {
                let tool = pack.as_ref().map(Shared::tool);
                targets::supposed::instead(command, targets::resolve(command, tool))
            }
        };
        let resolution = |command: &Command| match &unknown {
            Some(doubt) => without_guesses(resolve(command), doubt),
            None => resolve(command),
        };
        let judged = judge_one(command, pack.as_ref(), surroundings, depth, resolution);
        commands.push(judged);
    }
    inner::pass_up(&mut commands, &parents);
    let (requires, decision) = decide(&commands);
    let severity = commands.iter().filter_map(|j| j.severity).max();
    let environment = worst_environment(&commands, surroundings);
    Verdict { commands, decision, severity, environment, requires }
}

/// Everything that the commands' policies ask for, and what that comes to.
fn decide(commands: &[Judged]) -> (Vec<Gate>, Decision) {
    let mut requires: Vec<Gate> = Vec::new();
    for gate in commands.iter().flat_map(|j| j.contributions.iter().flat_map(|c| &c.adds)) {
        if !requires.contains(gate) {
            requires.push(gate.clone());
        }
    }
    let decision = if requires.contains(&Gate::Deny) {
        Decision::Refuse
    } else if requires.iter().any(|g| *g != Gate::Notice) {
        Decision::Gate(requires.iter().filter(|g| **g != Gate::Notice).cloned().collect())
    } else if requires.is_empty() {
        Decision::Pass
    } else {
        Decision::Notice
    };
    (requires, decision)
}

/// Policies that count: the verdict holds as if there were many, until somebody has looked.
impl Verdict {
    /// The commands whose count decides something.
    pub fn waits_for_count(&self) -> Vec<usize> {
        let denied = |c: &Contribution| c.count.is_none() && c.adds.contains(&Gate::Deny);
        if self.commands.iter().any(|j| j.contributions.iter().any(denied)) {
            return Vec::new();
        }
        let waits =
            |j: &Judged| j.count == Count::Unknown && j.contributions.iter().any(|c| c.count.is_some());
        (0..self.commands.len()).filter(|i| waits(&self.commands[*i])).collect()
    }

    /// The verdict with what was counted: policies that hold for more than that ask for nothing.
    pub fn counted(mut self, counts: &[(usize, Count)]) -> Verdict {
        for (at, count) in counts {
            let Some(judged) = self.commands.get_mut(*at) else { continue };
            judged.count = *count;
            judged.contributions.retain(|c| c.count.is_none_or(|bound| bound.holds(*count)));
        }
        (self.requires, self.decision) = decide(&self.commands);
        self
    }
}

/// Facts that rest on words or on surroundings which are not known are not known either.
fn without_guesses(mut resolution: Resolution, doubt: &Doubt) -> Resolution {
    if let Resolution::Hits(targets) = &mut resolution {
        let words = doubt.first != usize::MAX;
        for fact in &mut targets.facts {
            let mut guess = words && fact.key == "paths" || doubt.target && is_found(fact);
            if let Value::Known(datum) = &fact.value {
                let marked = |text: &str| doubt.mark.as_ref().is_some_and(|mark| text.contains(mark));
                let open = |text: &str| text.contains("$(") || text.contains("${") || marked(text);
                datum.each_text(&mut |text| guess |= words && open(text));
                if guess {
                    fact.value = Value::Unknown(doubt.why.clone());
                }
            }
        }
    }
    resolution
}

/// Whether a fact is found in variables, files or defaults; the others are said by the command's own words, or
/// hold whatever it gets.
fn is_found(fact: &Fact) -> bool {
    const HERE: &[&str] =
        &["machine", "cwd", "dir", "directory", "paths", "path", "device", "processes", "repository"];
    !HERE.contains(&fact.key.as_ref()) && !fact.source.starts_with('-') && !fact.source.contains("operand")
}

/// What a command acts on that has others run there.
fn carried(carrier: &Judged) -> Option<Targets> {
    let mut targets = match carrier.targets() {
        Some(targets) => targets.clone(),
        None => match targets::resolve(&carrier.command, None) {
            Resolution::Hits(targets) => targets,
            Resolution::Nothing(_) => return None,
        },
    };
    if let Some(name) = targets::names::within(&carrier.command) {
        targets.facts.retain(|fact| fact.key != WITHIN);
        targets.facts.push(Fact::text(WITHIN, name, "the command that carries it"));
    }
    Some(targets)
}

fn judge_one(
    command: Command,
    pack: Option<&Shared>,
    surroundings: &Surroundings,
    depth: Depth,
    resolve: impl Fn(&Command) -> Resolution,
) -> Judged {
    let mut judged = Judged {
        command,
        resolution: None,
        environment: EnvironmentName::Unlabelled,
        because: Vec::new(),
        matched: Vec::new(),
        unsure: None,
        severity: None,
        effect: None,
        count: Count::Unknown,
        contributions: Vec::new(),
        inner: Vec::new(),
    };
    let acts = !matches!(judged.command.does, Does::Nothing(_));
    let unsure = match &judged.command.does {
        Does::Unsure(why) => Some(why.clone()),
        Does::Acts | Does::Nothing(_) => None,
    };
    let Some(pack) = pack else {
        // No rules to take the worst of: the worst there is, wherever it goes.
        if unsure.is_some() {
            judged.environment = EnvironmentName::Unknown;
            // In another place it is at least known which.
            if judged.command.invocation.place().is_some()
                && let Resolution::Hits(mut targets) = resolve(&judged.command)
            {
                (judged.environment, judged.because) =
                    place(&judged.command, &mut targets, &surroundings.environments);
                judged.resolution = Some(Resolution::Hits(targets));
            }
            (judged.severity, judged.effect) = (Some(Severity::Critical), Some(Effect::Destroy));
            judged.unsure = unsure;
            judged.contributions = contributions(&judged, surroundings);
        }
        return judged;
    };
    let possible = unsure.is_some()
        || (acts && pack.rules().any(|r| !matches!(match_rule(r, &judged.command, None), Match::No(_))));
    if !possible && depth == Depth::Enough {
        return judged;
    }
    let mut resolution = resolve(&judged.command);
    match &mut resolution {
        Resolution::Hits(targets) => {
            let meets = |r: &&Rule| acts && match_rule(r, &judged.command, Some(targets)) == Match::Yes;
            judged.matched = pack.rules().filter(meets).cloned().collect();
            (judged.environment, judged.because) =
                place(&judged.command, targets, &surroundings.environments);
        }
        // Read with certainty, the tool stops by itself. Otherwise nobody knows where it goes.
        Resolution::Nothing(_) if unsure.is_some() => judged.environment = EnvironmentName::Unknown,
        Resolution::Nothing(_) => {}
    }
    judged.resolution = Some(resolution);
    // Of equals the first: files list the worst first.
    let worst = judged.matched.iter().rev().max_by_key(|r| r.severity);
    (judged.severity, judged.effect) = (worst.map(|r| r.severity), worst.map(|r| r.effect));
    if unsure.is_some() {
        judged.severity = judged.severity.max(pack.rules().map(|r| r.severity).max());
        judged.effect = judged.effect.or(Some(Effect::Destroy));
        judged.unsure = unsure;
    }
    judged.contributions = contributions(&judged, surroundings);
    judged
}

fn contributions(judged: &Judged, surroundings: &Surroundings) -> Vec<Contribution> {
    let form = |p: &Policy| p.reason.clone().or_else(|| surroundings.reason.clone());
    surroundings
        .policies
        .iter()
        .filter(|p| applies(p, judged))
        .map(|p| Contribution {
            name: p.name.clone(),
            place: p.place.clone(),
            adds: p.require.clone(),
            count: p.when.count,
            reason: if p.require.contains(&Gate::Reason) { form(p) } else { None },
            again_s: p.again_s,
        })
        .collect()
}

/// What policy asks for where a rule of a tool is met in an environment. Policies that count are left out: how much it hits
/// is not known here.
pub fn gates_of(surroundings: &Surroundings, environment: &str, tool: &str, rule: &Rule) -> Vec<Gate> {
    let fits = |when: &When| {
        listed(&when.environment, environment)
            && listed(&when.tool, tool)
            && listed(&when.rule, &rule.id)
            && (when.severity.is_empty() || when.severity.contains(&rule.severity))
            && (when.effect.is_empty() || when.effect.contains(&rule.effect))
    };
    let counts = |p: &&Policy| p.when.count.is_none() && fits(&p.when);
    surroundings.policies.iter().filter(counts).flat_map(|p| p.require.clone()).collect()
}

fn listed(list: &[String], value: &str) -> bool {
    list.is_empty() || list.iter().any(|p| glob::matches(p, value))
}

fn applies(policy: &Policy, judged: &Judged) -> bool {
    let when = &policy.when;
    if !listed(&when.environment, judged.environment.word()) || !listed(&when.tool, &judged.command.tool) {
        return false;
    }
    let fits = |id: &str, severity: Severity, effect: Effect| {
        listed(&when.rule, id)
            && (when.severity.is_empty() || when.severity.contains(&severity))
            && (when.effect.is_empty() || when.effect.contains(&effect))
    };
    judged.matched.iter().any(|r| fits(&r.id, r.severity, r.effect))
        || (judged.unsure.is_some()
            && fits(
                "unsure",
                judged.severity.unwrap_or(Severity::Critical),
                judged.effect.unwrap_or(Effect::Destroy),
            ))
}

/// Proof that nothing stands between a command and its program.
#[derive(Debug)]
pub struct Harmless(());

impl Verdict {
    /// The proof, when the decision is to pass without a word.
    pub fn harmless(&self) -> Option<Harmless> {
        match self.decision {
            Decision::Pass => Some(Harmless(())),
            Decision::Notice | Decision::Gate(_) | Decision::Refuse => None,
        }
    }

    /// The proof after a notice was shown.
    pub fn noticed(&self, show: impl FnOnce(&Verdict)) -> Option<Harmless> {
        match self.decision {
            Decision::Notice => {
                show(self);
                Some(Harmless(()))
            }
            Decision::Pass | Decision::Gate(_) | Decision::Refuse => None,
        }
    }
}

/// The proof for a program that no rule file of this machine covers.
pub(super) fn uncovered() -> Harmless {
    Harmless(())
}

impl Verdict {
    /// In words, the first thing that is different in a later verdict on the same command; `None` when the
    /// same rules, targets and input files were found.
    pub fn difference(&self, later: &Verdict) -> Option<String> {
        if self.commands.len() != later.commands.len() {
            return Some("what the command would run changed".into());
        }
        self.commands.iter().zip(&later.commands).find_map(|(before, after)| before.difference(after))
    }
}

impl Judged {
    fn difference(&self, after: &Judged) -> Option<String> {
        let tool = &self.command.tool;
        match (&self.resolution, &after.resolution) {
            (Some(Resolution::Hits(a)), Some(Resolution::Hits(b))) => a.difference(b),
            (a, b) if a == b => None,
            (_, Some(Resolution::Nothing(why))) => Some(format!("the target of {tool} is gone ({why})")),
            (_, Some(Resolution::Hits(_)) | None) => Some(format!("the target of {tool} changed")),
        }
        .or_else(|| {
            let ids = |j: &Judged| j.matched.iter().map(|r| r.id.clone()).collect::<Vec<_>>();
            (ids(self) != ids(after)).then(|| format!("what {tool} would do changed"))
        })
    }
}
