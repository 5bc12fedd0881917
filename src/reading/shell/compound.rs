//! Compound commands: groups, branches and loops, along every way that could be taken. Must never run a loop without
//! a bound.

use super::super::through::Start;
use super::run::{Io, Leave, Shell};
use super::state::{Outcome, State, Value, join};
use super::{grammar, parens};
use crate::invocation::Stdin;
use brush_parser::ast::{
    CaseItemPostAction, CompoundCommand, CompoundList, DoGroupCommand, ElseClause, RedirectList,
    SeparatorOperator, Word,
};
use std::collections::HashMap;
use std::ffi::OsString;

const MOST_ROUNDS: usize = 200;
const FLOOD: &str = "a loop without an end that starts ever more programs in the background";

/// A test whose answer is written in it.
fn always(test: &CompoundList, until: bool) -> bool {
    const TRUE: &[&str] =
        &[":", "true", "/bin/true", "/usr/bin/true", "[[ 1 ]]", "[ 1 ]", "[ true ]", "((1))", "((1 ))"];
    const FALSE: &[&str] = &["false", "/bin/false", "/usr/bin/false", "((0))", "[ ]"];
    let text = test.to_string();
    let text = text.trim().trim_end_matches(';').trim();
    if until { FALSE.contains(&text) } else { TRUE.contains(&text) }
}

/// A body that leaves something running in the background each time, and neither waits nor ends.
fn floods(list: &CompoundList) -> bool {
    const SLOWER: &[&str] = &["wait", "sleep", "read", "break", "exit", "return", "exec", "inotifywait"];
    let background = list.0.iter().any(|item| matches!(item.1, SeparatorOperator::Async));
    let text = list.to_string();
    let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    background && !words.any(|word| SLOWER.contains(&word))
}

impl Shell<'_> {
    pub fn compound(
        &mut self,
        compound: &CompoundCommand,
        redirects: Option<&RedirectList>,
        mut state: State,
        io: &Io,
    ) -> Outcome {
        let io = match redirects {
            Some(redirects) => &self.redirect(&redirects.0, &mut state, io),
            None => io,
        };
        match compound {
            CompoundCommand::BraceGroup(group) => self.list(&group.list, state, io),
            CompoundCommand::Subshell(subshell) => self.subshell(&subshell.list, state, io),
            CompoundCommand::IfClause(clause) => {
                let test = self.list(&clause.condition, state, io);
                self.branches(test, &clause.then, clause.elses.as_deref().unwrap_or(&[]), io)
            }
            CompoundCommand::ForClause(clause) => {
                let (words, doubt) = match &clause.values {
                    Some(words) => self.words(words, &mut state),
                    None => (state.arguments.get(1..).unwrap_or(&[]).to_vec(), None),
                };
                self.for_each(&clause.variable_name, &words, doubt, &clause.body, state, io)
            }
            CompoundCommand::WhileClause(clause) => self.repeat(Some(&clause.0), &clause.1, false, state, io),
            CompoundCommand::UntilClause(clause) => self.repeat(Some(&clause.0), &clause.1, true, state, io),
            CompoundCommand::ArithmeticForClause(clause) => {
                for part in [&clause.initializer, &clause.condition, &clause.updater].into_iter().flatten() {
                    self.arithmetic_effects(&part.value, &mut state);
                }
                let endless = clause.condition.as_ref().is_none_or(|c| ["", "1"].contains(&c.value.trim()));
                if endless && floods(&clause.body.list) {
                    self.unsure(FLOOD);
                }
                self.repeat(None, &clause.body, false, state, io)
            }
            CompoundCommand::Arithmetic(command) => self.sum(&command.expr.value, state, io),
            CompoundCommand::CaseClause(clause) => self.case(clause, state, io),
            CompoundCommand::Coprocess(coprocess) => {
                let inner = Io::new(Stdin::TooMuch, false);
                let _ = self.command(&coprocess.body, state.clone(), &inner);
                Outcome::ok(state)
            }
        }
    }

    /// `((…))`: arithmetic to bash, a subshell within another to a sh without it.
    fn sum(&mut self, text: &str, mut state: State, io: &Io) -> Outcome {
        if !self.bash && grammar::parse(text).is_ok() {
            let _ = self.maybe(true, |shell| shell.script(text, state.clone(), io));
        } else if parens::holds_command(text) {
            self.unsure("a command where arithmetic is expected");
        }
        self.arithmetic_effects(text, &mut state);
        Outcome::either(state)
    }

    /// `then` after a test, and the `elif` and `else` parts after it.
    fn branches(&mut self, test: Outcome, then: &CompoundList, elses: &[ElseClause], io: &Io) -> Outcome {
        let open = test.is_open();
        let out = match test.ok {
            Some(state) => self.maybe(open, |shell| shell.list(then, state, io)),
            None => Outcome::end(),
        };
        let Some(state) = test.fail else { return out };
        let rest = match elses.split_first() {
            None => Outcome::ok(state),
            Some((part, rest)) => self.maybe(open, |shell| match &part.condition {
                None => shell.list(&part.body, state, io),
                Some(condition) => {
                    let test = shell.list(condition, state, io);
                    shell.branches(test, &part.body, rest, io)
                }
            }),
        };
        out.join(rest)
    }

    /// Runs a list in a copy of the shell: nothing it does to variables stays.
    pub fn subshell(&mut self, list: &CompoundList, state: State, io: &Io) -> Outcome {
        let out = self.list(list, state.clone(), io);
        if out.ok.is_none() && out.fail.is_none() { Outcome::either(state) } else { out.with(&state) }
    }

    fn case(&mut self, clause: &brush_parser::ast::CaseClauseCommand, mut state: State, io: &Io) -> Outcome {
        let (subject, doubt) = self.text(&clause.value.value, &mut state);
        let mut out = Outcome::end();
        let (mut open, mut fall) = (doubt.is_some(), false);
        for item in &clause.cases {
            let known: Vec<Option<bool>> =
                item.patterns.iter().map(|p| self.fits(&subject, &p.value, &mut state)).collect();
            let sure = !open && known.contains(&Some(true));
            let possible = open || known.iter().any(|k| *k != Some(false));
            if !(fall || possible) {
                continue;
            }
            let uncertain = !(fall || sure);
            let before = state.clone();
            let body = |shell: &mut Self| match &item.cmd {
                Some(list) => shell.list(list, before, io),
                None => Outcome::ok(before),
            };
            out = out.join(self.maybe(uncertain, body));
            open |= uncertain;
            match item.post_action {
                CaseItemPostAction::ExitCase if !uncertain => return out,
                CaseItemPostAction::ExitCase => fall = false,
                CaseItemPostAction::UnconditionallyExecuteNextCaseItem => fall = true,
                CaseItemPostAction::ContinueEvaluatingCases => open = true,
            }
        }
        out.join(Outcome::ok(state))
    }

    fn for_each(
        &mut self,
        name: &str,
        words: &[Vec<u8>],
        doubt: Option<String>,
        body: &DoGroupCommand,
        state: State,
        io: &Io,
    ) -> Outcome {
        let mark = self.left.len();
        let before = state.clone();
        if doubt.is_some() || words.len() > MOST_ROUNDS {
            let why = doubt.unwrap_or_else(|| "a loop over too many words".into());
            let mut state = state;
            self.assign(&mut state, name, Value::Unknown(why));
            let out = self.repeat(None, body, false, state, io);
            return out.join(Outcome::ok(before));
        }
        let mut out = Outcome::ok(state);
        for word in words {
            let Some(mut now) = std::mem::take(&mut out).any() else { break };
            self.assign(&mut now, name, Value::Text(word.clone()));
            // An earlier `break` may have ended the loop.
            let broken = self.left.len() > mark;
            out = self.maybe(broken, |shell| shell.list(&body.list, now, io));
            if out.ok.is_none() && out.fail.is_none() {
                out.ok = self.take_left(mark, Leave::Loop, false);
            }
        }
        out.ok = join(out.ok, self.take_left(mark, Leave::Loop, true));
        out
    }

    /// The states left with since `mark`; they stay listed unless taken.
    pub fn take_left(&mut self, mark: usize, how: Leave, take: bool) -> Option<State> {
        let found = self.left[mark..].iter().filter(|l| l.0 == how).map(|l| l.1.clone()).reduce(State::join);
        if take {
            let mut i = 0;
            self.left.retain(|l| {
                i += 1;
                i <= mark || l.0 != how
            });
        }
        found
    }

    /// A loop of unknown length: repeated until another round would change nothing that is known.
    fn repeat(
        &mut self,
        test: Option<&CompoundList>,
        body: &DoGroupCommand,
        until: bool,
        state: State,
        io: &Io,
    ) -> Outcome {
        let mark = self.left.len();
        let first = self.starts.len();
        let mut entry = state;
        let mut exit = None;
        for round in 0..4 {
            let tested = match test {
                Some(test) => self.maybe(true, |shell| shell.list(test, entry.clone(), io)),
                None => Outcome::either(entry.clone()),
            };
            let tested = if until { tested.swap() } else { tested };
            let endless = tested.fail.is_none() || test.is_some_and(|test| always(test, until));
            if round == 0 && test.is_some() && endless && floods(&body.list) {
                self.unsure(FLOOD);
            }
            exit = join(exit, tested.fail);
            let Some(inside) = tested.ok else { break };
            let after = self.maybe(true, |shell| shell.list(&body.list, inside, io)).any();
            let after = join(after, self.take_left(mark, Leave::Loop, true));
            let Some(after) = after else { break };
            let next = entry.clone().join(after);
            if round > 0 && next.same(&entry) || round == 3 {
                exit = join(exit, Some(next));
                break;
            }
            entry = next;
        }
        self.drop_repeated(first);
        exit.map_or_else(Outcome::end, Outcome::ok)
    }

    /// Rounds of a loop start the same things: once is enough.
    fn drop_repeated(&mut self, first: usize) {
        let mut kept: Vec<Start> = Vec::new();
        let mut by_words: HashMap<Vec<OsString>, Vec<usize>> = HashMap::new();
        for start in self.starts.drain(first..) {
            let same = |other: &Start| {
                other.invocation.cwd() == start.invocation.cwd()
                    && other.invocation.environment() == start.invocation.environment()
                    && other.doubt == start.doubt
            };
            let alike = by_words.entry(start.invocation.argv().to_vec()).or_default();
            if !alike.iter().filter_map(|at| kept.get(*at)).any(same) {
                alike.push(kept.len());
                kept.push(start);
            }
        }
        self.starts.extend(kept);
    }

    /// Words of a `for` list.
    fn words(&mut self, words: &[Word], state: &mut State) -> (Vec<Vec<u8>>, Option<String>) {
        let mut all = Vec::new();
        let mut doubt = None;
        for word in words {
            let (fields, why) = self.fields(&word.value, state);
            all.extend(fields);
            doubt = doubt.or(why);
        }
        (all, doubt)
    }
}
