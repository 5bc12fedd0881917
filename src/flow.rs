//! The journey of a command, top to bottom, with every way out. The fail-closed table:
//!
//! | when | then |
//! |---|---|
//! | the command line cannot be read with certainty | judged as the most severe rule of that tool (`rules::judge`) |
//! | a target cannot be determined | environment `unknown`: gated like production (`rules::judge`) |
//! | a rule file does not load | the tools it covers are refused, 78 |
//! | a gate cannot be asked (no terminal) | it is not passed: refused, 77 |
//! | an approval cannot be asked for (no team, too few people, no key) | it is not passed: refused, 77, before anything is typed |
//! | an approval has no terminal to wait on | a ticket, or `--wait`; else refused, 77 |
//! | a ticket is there and the relay cannot be asked whether it still counts | it does not: 69 |
//! | the relay does not answer | the request waits and is tried again until it expires: 75 |
//! | a policy asks by count and the look fails, is slow or is turned off | it counts as many |
//! | the audit entry cannot be written | a gated command is refused, 77; an ungated one runs |
//! | a change of the second factor cannot be recorded | it is not made, 78 (`gates::totp::Journal`) |
//! | a change of keys cannot be recorded | it is taken back, or recorded before the next gated command, 70 |
//! | what was approved differs from what would run | drift: refused, 65 |

use crate::invocation::{Handover, Invocation, Stdin};
use crate::reading::{self, Command, Does, Doubt, Start, Through, through};
use crate::rules::pack::{Pack, Rule, Surroundings};
use crate::rules::{Coverage, Depth, Found, Looked, RuleSet, Shared, Verdict, judge};
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;

#[cfg(feature = "full")]
mod approval;
mod doubt;
mod configured;
mod switched;
#[cfg(feature = "full")]
mod full;
#[cfg(feature = "full")]
mod look;
#[cfg(feature = "full")]
mod record;
#[cfg(feature = "full")]
mod untold;
use configured::Configured;
#[cfg(feature = "full")]
pub use full::{Run, Way, full};
use switched::{Switched, switched};

/// What the shim does next.
#[must_use]
pub enum Light {
    /// Replace the process by the real program.
    Run(crate::rules::Harmless),
    /// The full guard decides: something matches, or the rules must be loaded first.
    HandOver,
}

/// The hot path: proves a command harmless. `rules` is `None` when the user's files must be loaded first.
pub fn light(handover: &Handover, rules: Option<RuleSet>) -> Light {
    let Some(rules) = rules else { return Light::HandOver };
    let pack = match rules.coverage(handover.program_name()) {
        Coverage::Uncovered(proof) => return Light::Run(proof),
        Coverage::Broken(_) => return Light::HandOver,
        Coverage::Covered(pack) => pack,
    };
    let invocation = Invocation::of_process(handover.argv.clone(), Stdin::of_process());
    let Ok(around) = rules.decide_by() else { return Light::HandOver };
    match verdict(&invocation, Some(&pack), &rules, &around, Depth::Enough).map(|v| v.harmless()) {
        Ok(Some(proof)) => Light::Run(proof),
        Ok(None) | Err(Broken(_)) => Light::HandOver,
    }
}

/// A rule file that covers one of the programs does not load; file, line, column and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken(pub String);

/// Reads and judges a command and everything it would start. `pack` is the outermost program's, if it has one.
pub fn verdict(
    invocation: &Invocation,
    pack: Option<&Rc<Pack>>,
    rules: &RuleSet,
    around: &Surroundings,
    depth: Depth,
) -> Result<Verdict, Broken> {
    let mut line = Line {
        rules,
        looked: Looked::default(),
        commands: Vec::new(),
        switched: Vec::new(),
        configured: Configured::default(),
    };
    let pack = pack.cloned().map(Shared::new);
    if let Some(pack) = &pack {
        line.looked.put(pack.clone());
    }
    line.add(invocation, pack, None, Around { depth: 0, carrier: None, parent: None })?;
    let verdict = judge(line.commands, around, depth);
    #[cfg(feature = "full")]
    let verdict = untold::hide(verdict, invocation);
    Ok(verdict)
}

/// How deep commands may start each other, and how many there may be, before nobody can follow.
const DEEPEST: usize = 12;
const MOST: usize = 2_000;

/// The commands of a line, outermost first, each with its rules.
struct Line<'a> {
    rules: &'a RuleSet,
    looked: Looked,
    commands: Vec<Found>,
    /// What the commands so far change that later targets come from.
    switched: Vec<Switched>,
    /// What `git config` wrote so far.
    configured: Configured,
}

/// Where a command stands in the line.
#[derive(Clone, Copy)]
struct Around {
    depth: usize,
    /// The command that has it run in another place.
    carrier: Option<usize>,
    /// The command that starts it.
    parent: Option<usize>,
}

impl Line<'_> {
    /// Adds a command and what it starts. Rules of its own go before reading through it.
    fn add(
        &mut self,
        invocation: &Invocation,
        pack: Option<Shared>,
        doubt: Option<&Doubt>,
        around: Around,
    ) -> Result<(), Broken> {
        let own = self.commands.len();
        // In a directory that nobody can name, what can be told by the words alone still holds.
        let lost = invocation.lost().map(Doubt::around);
        let doubt = doubt.filter(|d| lost.is_none() || !d.unless_covered || pack.is_none()).or(lost.as_ref());
        if let Some(pack) = pack {
            let starts = self.covered(invocation, pack, doubt, around)?;
            return self.start(invocation, own, starts, around);
        }
        let Some(Through { command, starts }) = through(invocation, doubt) else {
            let mut command = Command::new(invocation, &invocation.program().to_string_lossy());
            // Nobody knows which program it is.
            if let Some(doubt) = doubt.filter(|d| d.first == 0) {
                command.does = Does::Unsure(doubt.why.clone());
            }
            self.commands.push(Found {
                command,
                pack: None,
                carrier: around.carrier,
                parent: around.parent,
                unknown: None,
            });
            return Ok(());
        };
        self.commands.push(Found {
            command,
            pack: None,
            carrier: around.carrier,
            parent: around.parent,
            unknown: None,
        });
        self.start(invocation, own, starts, around)
    }

    /// Adds what the command at `outer` starts.
    fn start(
        &mut self,
        invocation: &Invocation,
        outer: usize,
        starts: Vec<Start>,
        around: Around,
    ) -> Result<(), Broken> {
        for start in starts {
            if around.depth == DEEPEST || self.commands.len() >= MOST {
                let mut command =
                    Command::new(&start.invocation, &start.invocation.program().to_string_lossy());
                command.does = Does::Unsure("it starts too many programs one within another".into());
                let parent = Some(outer);
                self.commands.push(Found {
                    command,
                    pack: None,
                    carrier: around.carrier,
                    parent,
                    unknown: None,
                });
                break;
            }
            let moved = start.invocation.place() != invocation.place();
            let start = without_local_doubts(start);
            let carrier = if moved { Some(outer) } else { around.carrier };
            let pack = self.pack_of(start.invocation.program().as_bytes())?;
            let around = Around { depth: around.depth + 1, carrier, parent: Some(outer) };
            self.add(&start.invocation, pack, start.doubt.as_ref(), around)?;
        }
        Ok(())
    }

    /// Adds a command that has rules; what it starts is handed back.
    fn covered(
        &mut self,
        invocation: &Invocation,
        pack: Shared,
        doubt: Option<&Doubt>,
        around: Around,
    ) -> Result<Vec<Start>, Broken> {
        let mut reading = reading::read(invocation, pack.tool());
        let mut starts = std::mem::take(&mut reading.starts);
        // What it starts may depend on words that are not known.
        if let (Some(_), Some(found)) = (doubt, doubt.and_then(|doubt| through(invocation, Some(doubt)))) {
            starts = found.starts;
            if let (Some(command), Does::Unsure(_)) = (reading.commands.first_mut(), &found.command.does) {
                command.does = found.command.does;
            }
        }
        for (i, mut command) in reading.commands.into_iter().enumerate() {
            let mut pack = if i == 0 { Some(pack.clone()) } else { self.pack_of(command.tool.as_bytes())? };
            // Help, say: the words tell, and what was read on the way was found where the command finds it.
            let nothing = matches!(command.does, Does::Nothing(_));
            let told = nothing && invocation.lost().is_some() && invocation.finds_files();
            let before = self.switched.iter().rev().find_map(|switched| switched.changes(&command));
            self.switched.extend(switched(&command));
            if let Some(again) = self.configured.again(&command, invocation) {
                starts.push(Start { invocation: again, doubt: doubt.cloned() });
            }
            if let Some(why) = self.configured.hides(&command) {
                command.does = Does::Unsure(why);
            }
            self.configured.note(&command, doubt);
            let (doubt, known) = (self::with_target(doubt, before), doubt.is_none());
            let counts_here = |d: &&Doubt| !(d.unless_covered || told && d.first == usize::MAX && !d.target);
            let told_by_words =
                |doubt: &Doubt| pack.as_ref().is_some_and(|pack| doubt::told_by_words(pack, &command, doubt));
            if let Some(doubt) = doubt.as_ref().filter(counts_here).filter(|doubt| !told_by_words(doubt)) {
                pack = pack.map(|pack| doubt::still_possible(pack, &command, doubt));
                let unsure = matches!(command.does, Does::Unsure(_));
                // What can be taken back is no worse for a name that is not known.
                let counts = |rule: &Rule| !(doubt.plain || known) || rule.effect.is_dangerous();
                if unsure || pack.as_ref().is_none_or(|pack| pack.rules().any(counts)) {
                    command.does = Does::Unsure(doubt.why.clone());
                }
            }
            let Around { carrier, parent, .. } = around;
            let lost = !told && invocation.lost().is_some();
            let unknown = doubt.filter(|d| d.first != usize::MAX || d.target || lost);
            self.commands.push(Found { command, pack, carrier, parent, unknown });
        }
        Ok(starts)
    }

    fn pack_of(&mut self, program: &[u8]) -> Result<Option<Shared>, Broken> {
        self.looked.up(self.rules, program).map_err(Broken)
    }
}

/// A doubt, and what an earlier command of the line changed.
fn with_target(doubt: Option<&Doubt>, before: Option<String>) -> Option<Doubt> {
    match (doubt, before) {
        (Some(doubt), Some(_)) => Some(Doubt { target: true, ..doubt.clone() }),
        (None, Some(why)) => Some(Doubt::of_target(why)),
        (doubt, None) => doubt.cloned(),
    }
}

/// In another place the surroundings are never known, and its target is that of the command that leads there.
fn without_local_doubts(mut start: Start) -> Start {
    if start.invocation.place().is_some() {
        start.doubt = start.doubt.filter(|doubt| doubt.first != usize::MAX);
    }
    start
}

impl Handover {
    /// The name rules are looked up by.
    pub fn program_name(&self) -> &[u8] {
        std::path::Path::new(&self.tool).file_name().unwrap_or(&self.tool).as_bytes()
    }
}
