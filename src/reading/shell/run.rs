//! Walks a script's tree in the order bash would, along every way that could be taken, and collects the programs
//! it would start. Must never choose a way where the status is not known: it takes both.

use super::super::sent_files;
use super::super::through::{Doubt, Start};
use super::shared::Shared;
use super::simple::Words;
use super::state::{Outcome, State, Value, Variable};
use super::{grammar, setup, soft, tame};
use crate::invocation::{Environment, Given, Invocation, Stdin};
use brush_parser::ast::{
    AndOr, AndOrList, Command, CompoundList, FunctionBody, FunctionDefinition, Pipeline, SeparatorOperator,
};
use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::rc::Rc;

/// Where a command reads and writes.
#[derive(Clone, Debug)]
pub struct Io {
    pub stdin: Stdin,
    /// Standard output goes to the innermost capture.
    pub captured: bool,
    /// A file of secrets that standard input brings.
    pub secret: Option<Vec<u8>>,
    /// Standard output is a connection to another host.
    pub leaves: bool,
}

impl Io {
    pub fn new(stdin: Stdin, captured: bool) -> Io {
        Io { stdin, captured, secret: None, leaves: false }
    }
}

/// Leaving a loop, a function, a sourced file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    Loop,
    Function,
}

/// Programs that leave alone what is in a file.
const MODES: &[&str] = &["chmod", "chown", "chgrp"];
const DEEPEST: usize = 40;
const MOST_STEPS: usize = 5_000;
/// Bytes of substitutions, sourced files and the like that are parsed, besides four times the script itself.
const MOST_READ: usize = 256 << 10;
/// Steps that parsing a text counts for.
const COST_OF_PARSING: usize = 5;
/// Variables and files that the programs together get to know, each counted where it changed since the one before:
/// a script that exports hundreds of variables one by one, and starts a program after each.
const MOST_CARRIED: usize = 100_000;
const LARGEST_OUTPUT: usize = 1 << 20;

/// One shell reading one script.
pub struct Shell<'a> {
    pub base: &'a Invocation,
    pub bash: bool,
    pub starts: Vec<Start>,
    blind: Option<String>,
    /// Output of the substitutions and pipes being read; `None` when it is not known.
    sinks: Vec<Option<Vec<u8>>>,
    pub left: Vec<(Leave, State)>,
    /// Files that exist only while the script runs: process substitutions.
    pub substituted: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    depth: usize,
    steps: usize,
    /// Reading start-up files: what they run and what is unclear in them is not the command's doing.
    pub quiet: bool,
    /// What is unclear does not count, but what is started does.
    hushed: bool,
    pub line: usize,
    /// Names that patterns had listed so far.
    pub listed: std::cell::Cell<usize>,
    /// Texts that were parsed, so that a loop does not parse its substitutions again.
    parsed: HashMap<String, Rc<brush_parser::ast::Program>>,
    /// Bytes parsed so far, and those of the script itself.
    read: usize,
    first: usize,
    /// What the variables were that the functions being called made their own.
    pub locals: Vec<Vec<(String, Option<Variable>)>>,
    /// A word of the simple command being read ends the shell: `${x:?}` without an x.
    pub stops: bool,
    /// Something was moved or linked to a file that mktemp made.
    pub filled: bool,
    /// The file of secrets that the last program of a pipe's stage read on its standard input.
    pub passed: Option<Vec<u8>>,
    /// What the last program was given, and by which stamps of the state.
    surroundings: Option<Surroundings>,
    carried: usize,
}

/// The environment of a program and the files that only it sees.
#[derive(Clone, Debug)]
struct Surroundings {
    variables: u64,
    environment: Environment,
    /// Why a variable of it that matters is not known.
    hidden: Option<String>,
    changed: (u64, usize),
    given: Rc<Vec<Given>>,
}

impl<'a> Shell<'a> {
    pub fn new(base: &'a Invocation, bash: bool) -> Shell<'a> {
        Shell {
            base,
            bash,
            starts: Vec::new(),
            blind: None,
            sinks: Vec::new(),
            left: Vec::new(),
            substituted: Vec::new(),
            depth: 0,
            steps: 0,
            quiet: false,
            hushed: false,
            line: 0,
            listed: std::cell::Cell::new(0),
            parsed: HashMap::new(),
            read: 0,
            first: 0,
            locals: Vec::new(),
            stops: false,
            filled: false,
            surroundings: None,
            carried: 0,
            passed: None,
        }
    }

    pub fn finish(self) -> (Vec<Start>, Option<String>) {
        (self.starts, self.blind)
    }

    /// Something in the script cannot be told that may start any program.
    pub fn unsure(&mut self, why: impl Into<String>) {
        if !self.quiet && !self.hushed && self.blind.is_none() {
            self.blind = Some(why.into());
        }
    }

    /// The files bash reads before the script.
    pub fn start_up(&mut self, state: State, login: bool, interactive: bool, io: &Io) -> State {
        let home = self.base.home().unwrap_or_default();
        let mut files = Vec::new();
        if login {
            files.push("/etc/profile".into());
            let own = [".bash_profile", ".bash_login", ".profile"].map(|name| home.join(name));
            files.extend(own.into_iter().find(|path| path.exists()));
        } else if interactive {
            files.extend(["/etc/bash.bashrc".into(), home.join(".bashrc")]);
        } else if let Some(path) = self.base.var_filled("BASH_ENV") {
            files.push(path.into());
        }
        let mut now = state;
        // The files of every shell are not this command's doing; one that a variable names may be.
        let named = !login && !interactive;
        self.quiet = !named;
        self.hushed = named;
        for file in files {
            let Ok(text) = self.base.read(&file) else { continue };
            let before = now.clone();
            now = self.script(&String::from_utf8_lossy(&text), now, io).any().unwrap_or(before);
        }
        (self.quiet, self.hushed, self.steps, self.line) = (false, false, 0, self.line + 1);
        self.read = 0;
        self.left.clear();
        now.options.aliases |= interactive;
        now
    }

    fn parse(&mut self, text: &str) -> Result<Rc<brush_parser::ast::Program>, String> {
        if let Some(program) = self.parsed.get(text) {
            return Ok(Rc::clone(program));
        }
        if self.read == 0 {
            self.first = text.len();
        }
        self.read += text.len();
        self.steps += COST_OF_PARSING;
        if self.read > MOST_READ + 4 * self.first || self.steps > MOST_STEPS {
            return Err("a script that is too large".into());
        }
        let program = Rc::new(grammar::parse(text)?);
        self.parsed.insert(text.to_owned(), Rc::clone(&program));
        Ok(program)
    }

    /// Runs a script's text in this shell.
    pub fn script(&mut self, text: &str, state: State, io: &Io) -> Outcome {
        let program = match self.parse(text) {
            Ok(program) => program,
            Err(why) => {
                self.unsure(why);
                return Outcome::either(state);
            }
        };
        if self.depth >= DEEPEST {
            self.unsure("a script that is nested too deep");
            return Outcome::either(state);
        }
        self.depth += 1;
        let mut out = Outcome::ok(state);
        for list in &program.complete_commands {
            self.line += 1;
            let Some(now) = out.any() else {
                self.depth -= 1;
                return Outcome::end();
            };
            out = self.list(list, now, io);
        }
        self.depth -= 1;
        out
    }

    pub fn list(&mut self, list: &CompoundList, state: State, io: &Io) -> Outcome {
        let mut out = Outcome::ok(state);
        for item in &list.0 {
            let Some(now) = out.any() else { return Outcome::end() };
            out = match item.1 {
                SeparatorOperator::Sequence => self.and_or(&item.0, now, io),
                SeparatorOperator::Async => {
                    let _ = self.and_or(&item.0, now.clone(), io);
                    Outcome::ok(now)
                }
            };
        }
        out
    }

    fn and_or(&mut self, list: &AndOrList, state: State, io: &Io) -> Outcome {
        let mut out = self.pipeline(&list.first, state, io);
        for next in &list.additional {
            let open = out.is_open();
            let (pipeline, taken, kept) = match next {
                AndOr::And(pipeline) => (pipeline, out.ok, Outcome { ok: None, fail: out.fail }),
                AndOr::Or(pipeline) => (pipeline, out.fail, Outcome { ok: out.ok, fail: None }),
            };
            out = match taken {
                Some(state) => {
                    let more = self.maybe(open, |shell| shell.pipeline(pipeline, state, io));
                    kept.join(more)
                }
                None => kept,
            };
        }
        out
    }

    /// Runs what may not run at all: what it prints is not certain then.
    pub fn maybe<T>(&mut self, open: bool, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.sinks.last().cloned().flatten().map(|sink| sink.len());
        let result = run(self);
        if open
            && let Some(sink) = self.sinks.last_mut()
            && sink.as_ref().map(Vec::len) != before
        {
            *sink = None;
        }
        result
    }

    fn pipeline(&mut self, pipeline: &Pipeline, state: State, io: &Io) -> Outcome {
        let out = match pipeline.seq.as_slice() {
            [] => Outcome::ok(state),
            [only] => self.command(only, state, io),
            all => self.pipe(all, state, io),
        };
        if pipeline.bang { out.swap() } else { out }
    }

    fn pipe(&mut self, all: &[Command], state: State, io: &Io) -> Outcome {
        let mut stdin = io.stdin.clone();
        let mut secret = io.secret.clone();
        for (i, command) in all.iter().enumerate() {
            if i + 1 == all.len() {
                let io = Io { stdin, secret, ..io.clone() };
                // A shell of its own, which may end without the others.
                let last_pipe = state.options.last_pipe;
                let out = self.command(command, state.clone(), &io);
                if last_pipe {
                    // With job control, as at a prompt, it has a shell of its own all the same.
                    return out.join(Outcome::either(state));
                }
                let ends = out.ok.is_none() && out.fail.is_none();
                return if ends { Outcome::either(state) } else { out.with(&state) };
            }
            let io = Io { stdin, captured: true, secret: secret.clone(), leaves: false };
            let from = self.starts.len();
            let output = self.capture(|shell| {
                let _ = shell.command(command, state.clone(), &io);
            });
            let handed_on = self.starts[from.min(self.starts.len())..].iter().find_map(|start| {
                let words: Vec<Vec<u8>> =
                    start.invocation.argv().iter().map(|w| w.as_bytes().to_vec()).collect();
                sent_files::read_by(&words)
            });
            secret = handed_on.or(self.passed.take()).or(secret);
            let defines = i + 2 == all.len() && sources(&all[i + 1]);
            let output = if defines && setup::sets_line(&command.to_string()).is_some() {
                Some(Vec::new()) // Definitions that start nothing.
            } else {
                output
            };
            stdin = output.map_or(Stdin::TooMuch, |bytes| Stdin::Content(bytes.into()));
        }
        Outcome::ok(state)
    }

    /// What is printed meanwhile, where it is known.
    pub fn capture(&mut self, run: impl FnOnce(&mut Self)) -> Option<Vec<u8>> {
        self.sinks.push(Some(Vec::new()));
        run(self);
        self.sinks.pop().flatten()
    }

    /// Something is printed; `None` when it is not known what.
    pub fn print(&mut self, io: &Io, bytes: Option<&[u8]>) {
        if !io.captured {
            return;
        }
        if let Some(sink) = self.sinks.last_mut() {
            match (sink.as_mut(), bytes) {
                (Some(sink), Some(bytes)) if sink.len() + bytes.len() <= LARGEST_OUTPUT => {
                    sink.extend_from_slice(bytes);
                }
                _ => *sink = None,
            }
        }
    }

    pub fn command(&mut self, command: &Command, state: State, io: &Io) -> Outcome {
        self.steps += 1;
        if self.depth >= DEEPEST || self.steps > MOST_STEPS {
            self.unsure("a script that is too large or nested too deep");
            return Outcome::either(state);
        }
        self.depth += 1;
        let out = match command {
            Command::Simple(simple) => self.simple(simple, state, io),
            Command::Compound(compound, redirects) => self.compound(compound, redirects.as_ref(), state, io),
            Command::Function(definition) => Outcome::ok(self.define(definition, state)),
            Command::ExtendedTest(test, redirects) => {
                let mut state = state;
                if let Some(redirects) = redirects {
                    let _ = self.redirect(&redirects.0, &mut state, io);
                }
                self.extended_test(&test.expr, &mut state);
                Outcome::either(state)
            }
        };
        self.depth -= 1;
        out
    }

    fn define(&mut self, definition: &FunctionDefinition, mut state: State) -> State {
        let body = Some(Rc::new(definition.body.clone()));
        state.functions.insert(definition.fname.value.clone(), body);
        state
    }

    /// Calls a function of the script.
    pub fn call(&mut self, body: &FunctionBody, words: &[Vec<u8>], mut state: State, io: &Io) -> Outcome {
        if self.depth >= DEEPEST {
            self.unsure("functions that call each other too deep");
            return Outcome::either(state);
        }
        let zero = state.arguments.first().cloned().unwrap_or_default();
        let arguments = Shared::new(std::iter::once(zero).chain(words[1..].iter().cloned()).collect());
        let outer = std::mem::replace(&mut state.arguments, arguments);
        let mark = self.left.len();
        self.locals.push(Vec::new());
        let mut out = self.compound(&body.0, body.1.as_ref(), state, io);
        let locals = self.locals.pop().unwrap_or_default();
        if let Some(left) = self.take_left(mark, Leave::Function, true) {
            out = out.join(Outcome::either(left));
        }
        for state in [&mut out.ok, &mut out.fail].into_iter().flatten() {
            state.arguments = outer.clone();
            for (name, before) in locals.iter().rev() {
                match before {
                    Some(variable) => state.variables.insert(name.clone(), variable.clone()),
                    None => state.variables.remove(name),
                };
            }
        }
        out
    }

    /// Something happens here, unless only start-up files are being read.
    pub fn add_start(&mut self, start: Start) {
        if !self.quiet {
            self.starts.push(start);
        }
    }

    /// A program would start here.
    pub fn start(&mut self, words: &Words, state: &State, io: &Io) {
        if self.quiet {
            return;
        }
        let Some(from) = words.known(0).and_then(|program| state.runs_copy(program)) else {
            return self.start_as(words, state, io, true);
        };
        // Under its new name, too: that may be the one by which a program is known.
        if Path::new(&words.name()).file_name() != from.file_name() {
            self.start_as(words, state, io, false);
        }
        let mut first = words.clone();
        first.words[0] = from.into_os_string().into_vec();
        self.start_as(&first, state, io, true);
    }

    /// `readable`: what is in the program's file now is what will run, though the script names it before.
    fn start_as(&mut self, words: &Words, state: &State, io: &Io, readable: bool) {
        if self.carried > MOST_CARRIED {
            self.unsure("a script that changes too many variables or files");
            return;
        }
        let Surroundings { environment, hidden, mut given, .. } = self.surroundings(state);
        let argv = words.words.iter().map(|w| OsString::from_vec(w.clone())).collect();
        let cwd = state.cwd.clone().unwrap_or_else(|| self.base.cwd().to_owned());
        let program = words.words.iter().find(|word| !matches!(&word[..], b"sudo" | b"doas"));
        let only_mode =
            program.is_some_and(|program| MODES.iter().any(|mode| mode.as_bytes() == &program[..]));
        let counts = |word: &&Vec<u8>| {
            (self.filled || !soft::removes_own(words, word)) && !(only_mode && state.has_changed(word))
        };
        let changed = words.words.iter().skip(1).filter(counts).find_map(|word| state.changed_by(word));
        let made = words.words.iter().skip(1).any(|word| self.is_made(word));
        let program = words.known(0).filter(|program| readable && program.contains(&b'/'));
        if let (Some(cwd), Some(program)) = (&state.cwd, program) {
            let program = cwd.join(OsStr::from_bytes(program));
            if given.iter().any(|(path, _)| *path == program) {
                self.carried += given.len();
                given = Rc::new(given.iter().filter(|(path, _)| *path != program).cloned().collect());
            }
        }
        let around = match (&state.cwd, changed, hidden) {
            // No directory is known there, and what runs there is judged by its words alone.
            (None, None, None) if self.base.place().is_some() => None,
            (None, _, _) => Some("the directory it runs in is not known".to_owned()),
            (Some(_), Some(path), _) => Some(format!("{} is changed before", path.display())),
            (Some(_), None, Some(why)) => Some(why),
            (Some(_), None, None) => None,
        };
        let invocation = self.base.nested(argv).with_cwd(cwd).with_environment(environment);
        let invocation = invocation.with_stdin(io.stdin.clone()).with_all_given(given);
        let made = made.then(|| Doubt::of_target("what is in <(…) is made while it runs"));
        let fetched = words.words.first().is_some_and(|program| state.runs_made(program));
        let fetched = fetched.then(|| Doubt::from_word(0, "the program itself is made while the line runs"));
        let doubt = fetched.or(soft::doubt(words)).or(made).or(around.map(|why| {
            let named = tame::is_unset(&why);
            Doubt { named, plain: named, ..Doubt::around(why) }
        }));
        self.starts.push(Start { invocation, doubt });
    }

    fn surroundings(&mut self, state: &State) -> Surroundings {
        let last = self.surroundings.take();
        let variables = state.variables.stamp();
        let (environment, hidden) = match &last {
            Some(last) if last.variables == variables => (last.environment.clone(), last.hidden.clone()),
            Some(_) | None => {
                self.carried += state.variables.len();
                self.environment(state)
            }
        };
        let changed = (state.changed.stamp(), self.substituted.len());
        let given = match last {
            Some(last) if last.changed == changed => last.given,
            Some(_) | None => {
                self.carried += state.changed.len() + self.substituted.len();
                let files = state.changed.iter().map(|path| (path.clone(), None));
                let base = self.base.given().iter().cloned();
                Rc::new(base.chain(self.given()).chain(files).collect())
            }
        };
        let found = Surroundings { variables, environment, hidden, changed, given };
        self.surroundings.insert(found).clone()
    }

    /// The environment a program gets, and why a variable in it that matters is not known.
    fn environment(&self, state: &State) -> (Environment, Option<String>) {
        let mut hidden = None;
        let mut changes = BTreeMap::new();
        for (name, Variable { value, exported }) in state.variables.iter() {
            let text = match value {
                Some(Value::Text(text)) if *exported => Some(OsStr::from_bytes(text)),
                Some(Value::Unknown(why)) if *exported => {
                    if matters(name) {
                        let unset = tame::is_unset(why).then(|| why.clone());
                        hidden = hidden.or_else(|| unset.or_else(|| Some(format!("${name} is not known"))));
                    }
                    None
                }
                Some(_) if !exported => continue,
                Some(_) | None => None,
            };
            changes.insert(name.as_str(), text);
        }
        (self.base.environment().changed(&changes), hidden)
    }
}

/// `… | source`, as fish has it.
fn sources(command: &Command) -> bool {
    const READERS: &[&str] = &["source", "source -", ".", ". -", "bash", "bash -s", "sh", "sh -s"];
    READERS.contains(&command.to_string().trim())
}

/// Whether programs that guard has rules for look at a variable.
fn matters(name: &str) -> bool {
    const FAMILIES: &[&str] =
        &["KUBE", "PG", "TF_", "AWS_", "DOCKER_", "GIT_", "CLOUDSDK_", "AZURE_", "HELM"];
    FAMILIES.iter().any(|f| name.starts_with(f)) || ["HOME", "POSIXLY_CORRECT"].contains(&name)
}
