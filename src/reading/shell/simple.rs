//! A simple command: its words, its assignments, and what runs: a function, a builtin, a program.
//! Must never take a word for a program's name that is not known.

use super::super::sent_files;
use super::super::through::Doubt;
use super::super::wrappers::find;
use super::run::{Io, Shell};
use super::state::{Outcome, State, Value, Variable};
use super::word::Context;
use super::{builtins, copies, output, soft, tame};
use brush_parser::ast::{
    Assignment, AssignmentName, AssignmentValue, Command, CommandPrefixOrSuffixItem, FunctionBody,
    IoRedirect, SimpleCommand,
};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;

/// Programs that write to files they are told to: what they name is not what it is now.
/// Of the `WRITERS`, those that bring something that was not here.
const FETCHERS: &[&str] = &["curl", "wget", "scp", "tee", "dd", "openssl", "gpg", "age", "base64"];

const WRITERS: &[&str] = &[
    "cp",
    "mv",
    "ln",
    "tee",
    "curl",
    "wget",
    "install",
    "rsync",
    "dd",
    "scp",
    "tar",
    "unzip",
    "sed",
    "patch",
    "openssl",
    "terraform",
    "tofu",
    "gpg",
    "age",
    "sops",
    "base64",
    "truncate",
];

/// The words of a command, and from which on they are not known.
#[derive(Clone, Debug, Default)]
pub struct Words {
    pub words: Vec<Vec<u8>>,
    pub doubt: Option<Doubt>,
    /// Something besides a process number of the shell's is not known.
    others: bool,
}

impl Words {
    /// Adds the fields of a word, whose text was `raw`.
    fn add(&mut self, raw: &str, fields: Vec<Vec<u8>>, why: Option<String>) {
        if let Some(why) = why {
            let single = raw.len() > 1 && raw.starts_with('"') && raw.ends_with('"') && fields.len() == 1;
            let named = tame::is_unset(&why);
            let plain = named || why == tame::WHY || why == tame::NUMBER;
            self.others |= why != tame::NUMBER;
            let doubt = self.doubt.get_or_insert_with(|| Doubt {
                single: true,
                plain: true,
                named: true,
                ..Doubt::from_word(self.words.len(), why)
            });
            doubt.plain &= plain;
            doubt.named &= named;
            doubt.single &= single && !raw.contains('@') && !raw[1..raw.len() - 1].contains('"');
        }
        self.words.extend(fields);
    }

    /// Adds the file of a process substitution; the parser cuts `--option=<(…)` in two.
    fn add_file(&mut self, path: Vec<u8>) {
        match self.words.last_mut() {
            Some(last) if last.starts_with(b"-") && last.ends_with(b"=") => last.extend(path),
            _ => self.words.push(path),
        }
    }

    /// The same without the first `n` words.
    pub fn after(&self, n: usize) -> Words {
        let doubt = self.doubt.clone().map(|d| match d.first {
            usize::MAX => d,
            first => Doubt { first: first.saturating_sub(n), ..d },
        });
        Words { words: self.words.get(n..).unwrap_or(&[]).to_vec(), doubt, others: self.others }
    }

    pub fn name(&self) -> String {
        String::from_utf8_lossy(self.words.first().map_or(b"", Vec::as_slice)).into_owned()
    }

    /// The word, when it is known.
    pub fn known(&self, at: usize) -> Option<&[u8]> {
        let known = self.doubt.as_ref().is_none_or(|d| at < d.first);
        self.words.get(at).map(Vec::as_slice).filter(|_| known)
    }

    /// Whether all that is not known are process numbers of the shell's.
    pub fn only_numbers(&self) -> bool {
        !self.others
    }

    pub fn all_known(&self) -> bool {
        self.doubt.is_none()
    }
}

impl Shell<'_> {
    pub fn simple(&mut self, command: &SimpleCommand, mut state: State, io: &Io) -> Outcome {
        if let Some(text) = self.aliased(command, &state) {
            state.aliases.remove(command.word_or_name.as_ref().map_or("", |w| &w.value));
            return self.script(&text, state, io);
        }
        if let Some((text, names)) = without_descriptors(command) {
            for name in names {
                self.assign(&mut state, &name, Value::Unknown(format!("${name} is a descriptor")));
            }
            return self.script(&text, state, io);
        }
        let name = command.word_or_name.as_ref().map_or("", |w| w.value.as_str());
        self.stops = false;
        let declares = builtins::declares(name);
        let mut words = Words::default();
        let mut redirects: Vec<&IoRedirect> = Vec::new();
        let mut assignments: Vec<&Assignment> = Vec::new();
        // bash expands all words before `declare` and its kin assign any.
        let mut declared: Vec<(&Assignment, Value)> = Vec::new();
        if let Some(word) = &command.word_or_name {
            let (fields, why) = self.fields(&word.value, &mut state);
            words.add(&word.value, fields, why.or_else(|| self.pattern_elsewhere(&word.value)));
        }
        let prefix = command.prefix.iter().flat_map(|p| p.0.iter().map(|item| (true, item)));
        let suffix = command.suffix.iter().flat_map(|s| s.0.iter().map(|item| (false, item)));
        let items = prefix.chain(suffix);
        for (before, item) in items {
            match item {
                CommandPrefixOrSuffixItem::IoRedirect(redirect) => redirects.push(redirect),
                CommandPrefixOrSuffixItem::AssignmentWord(assignment, _) if before => {
                    assignments.push(assignment)
                }
                CommandPrefixOrSuffixItem::AssignmentWord(assignment, _) if declares => {
                    declared.push((assignment, self.value_of(assignment, &mut state)));
                    words.add("", vec![name_of(assignment).into_bytes()], None);
                }
                CommandPrefixOrSuffixItem::AssignmentWord(_, word)
                | CommandPrefixOrSuffixItem::Word(word) => {
                    let (fields, why) = self.fields(&word.value, &mut state);
                    words.add(&word.value, fields, why);
                }
                CommandPrefixOrSuffixItem::ProcessSubstitution(kind, subshell) => {
                    let path = self.substituted_file(kind, subshell, &state);
                    words.add_file(path);
                }
            }
        }
        let io = &self.redirect(redirects, &mut state, io);
        if self.ends() {
            return Outcome::end();
        }
        for (assignment, value) in declared {
            self.declaration(name, assignment, value, &mut state);
        }
        if words.words.is_empty() && words.all_known() {
            for assignment in &assignments {
                self.set(assignment, &mut state);
                self.prompted(assignment, &state, io);
            }
            return if self.ends() { Outcome::end() } else { Outcome::either(state) };
        }
        self.with_assignments(&assignments, state, |shell, state| shell.dispatch(&words, state, io, true))
    }

    /// Whether a word that was just expanded ends the shell.
    fn ends(&mut self) -> bool {
        std::mem::take(&mut self.stops)
    }

    /// Why a program named by a pattern is not known: what matches is in another place.
    fn pattern_elsewhere(&self, word: &str) -> Option<String> {
        let named_by_pattern = self.base.place().is_some() && word.contains(['*', '?', '[']) && word != "[";
        (named_by_pattern && word != "[[").then(|| "a program named by a pattern".to_owned())
    }

    /// What a variable holds that an interactive bash runs before each prompt: as if now.
    fn prompted(&mut self, assignment: &Assignment, state: &State, io: &Io) {
        if name_of(assignment) != "PROMPT_COMMAND" {
            return;
        }
        let lines = match self.variable(state, "PROMPT_COMMAND") {
            Some(Value::Text(line)) => vec![line],
            Some(Value::List(lines)) => lines,
            Some(Value::Unknown(_)) | None => Vec::new(),
        };
        let mark = self.left.len();
        for line in lines.into_iter().filter_map(|l| String::from_utf8(l).ok()) {
            let _ = self.script(&line, state.clone(), io);
        }
        self.left.truncate(mark);
    }

    /// In a function, `local` and `declare` make a variable that ends with the call.
    pub fn localise(&mut self, builtin: &str, name: &str, state: &State) {
        if ["local", "declare", "typeset"].contains(&builtin)
            && let Some(locals) = self.locals.last_mut()
        {
            locals.push((name.to_owned(), state.variables.get(name).cloned()));
        }
    }

    /// The text an alias makes of the command; `None` without one.
    fn aliased(&self, command: &SimpleCommand, state: &State) -> Option<String> {
        let name = &command.word_or_name.as_ref()?.value;
        let alias = state.aliases.get(name).filter(|a| state.options.aliases && a.line < self.line)?;
        let mut rest = command.clone();
        rest.word_or_name = Some(brush_parser::ast::Word::new(&alias.text));
        Some(Command::Simple(rest).to_string())
    }

    /// Runs with the variables set only meanwhile.
    fn with_assignments(
        &mut self,
        assignments: &[&Assignment],
        mut state: State,
        run: impl FnOnce(&mut Self, State) -> Outcome,
    ) -> Outcome {
        let mut before: Vec<(String, Option<Variable>)> = Vec::new();
        for assignment in assignments {
            let name = name_of(assignment);
            before.push((name.clone(), state.variables.get(&name).cloned()));
            self.set(assignment, &mut state);
            if let Some(variable) = state.variables.get_mut(&name) {
                variable.exported = true;
            }
        }
        let mut out = run(self, state);
        for state in [&mut out.ok, &mut out.fail].into_iter().flatten() {
            for (name, variable) in before.iter().rev() {
                match variable {
                    Some(variable) => state.variables.insert(name.clone(), variable.clone()),
                    None => state.variables.remove(name),
                };
            }
        }
        out
    }

    /// An assignment takes place.
    pub fn set(&mut self, assignment: &Assignment, state: &mut State) {
        let value = self.value_of(assignment, state);
        self.put(assignment, value, state);
    }

    /// What an assignment's own words come to.
    fn value_of(&mut self, assignment: &Assignment, state: &mut State) -> Value {
        if let AssignmentName::ArrayElementName(_, key) = &assignment.name {
            let _ = self.text(key, state);
        }
        match &assignment.value {
            AssignmentValue::Scalar(word) => match self.text_in(&word.value, Context::Assignment, state) {
                (text, None) => Value::Text(text),
                (_, Some(why)) => Value::Unknown(why),
            },
            AssignmentValue::Array(items) => {
                let mut list = Words::default();
                let mut keyed = false;
                for (key, word) in items {
                    if let Some(key) = key {
                        keyed = true;
                        let _ = self.text(&key.value, state);
                    }
                    let (fields, why) = self.fields(&word.value, state);
                    list.add(&word.value, fields, why);
                }
                match list.doubt {
                    Some(doubt) => Value::Unknown(doubt.why),
                    None if keyed => Value::Unknown("a list with keys".into()),
                    None => Value::List(list.words),
                }
            }
        }
    }

    /// Sets or adds a value that was expanded before.
    fn put(&mut self, assignment: &Assignment, mut value: Value, state: &mut State) {
        let name = name_of(assignment);
        if matches!(assignment.name, AssignmentName::ArrayElementName(..)) {
            value = Value::Unknown(format!("an element of {name} was set"));
        }
        if assignment.append {
            value = match (self.variable(state, &name), value) {
                (None, value) => value,
                (Some(Value::Text(a)), Value::Text(b)) => Value::Text([a, b].concat()),
                (Some(Value::List(a)), Value::List(b)) => Value::List([a, b].concat()),
                _ => Value::Unknown(format!("{name} was added to")),
            };
        }
        // `set -x` expands it before each command.
        if let ("PS4", Value::Text(text)) = (name.as_str(), &value) {
            let _ = self.text_in(&String::from_utf8_lossy(text), Context::Quoted, state);
        }
        self.assign(state, &name, value);
    }

    /// Functions, builtins, programs, in this order.
    pub fn dispatch(&mut self, words: &Words, state: State, io: &Io, functions: bool) -> Outcome {
        if words.known(0).is_none() {
            self.print(io, None);
            self.start(words, &state, io);
            return Outcome::either(state);
        }
        let name = words.name();
        if functions {
            match state.functions.get(&name).cloned() {
                Some(Some(body)) => return self.function(&body, words, state, io),
                Some(None) => {
                    self.unsure(format!("whether {name} is a function depends on what happens before"));
                }
                None => {}
            }
            if let Some(text) = self.base.var(&format!("BASH_FUNC_{name}%%")).filter(|_| self.bash)
                && !state.functions.contains_key(&name)
            {
                let defined = self.script(&format!("{name} {text}"), state.clone(), io);
                if let Some(state) = defined.any().filter(|s| s.functions.contains_key(&name)) {
                    return self.dispatch(words, state, io, true);
                }
            }
        }
        match self.builtin(&name, words, state, io) {
            Ok(out) => out,
            Err(state) => self.program(words, *state, io),
        }
    }

    fn function(&mut self, body: &Rc<FunctionBody>, words: &Words, mut state: State, io: &Io) -> Outcome {
        let doubt = std::mem::replace(&mut state.arguments_doubt, !words.all_known());
        let mut out = self.call(body, &words.words, state, io);
        for state in [&mut out.ok, &mut out.fail].into_iter().flatten() {
            state.arguments_doubt = doubt;
        }
        out
    }

    /// What bash calls in the place of a program that is not there; which ones are is not looked up.
    fn not_found(&mut self, words: &[Vec<u8>], state: &State, io: &Io) {
        const HANDLER: &str = "command_not_found_handle";
        let Some(Some(body)) = state.functions.get(HANDLER).cloned() else { return };
        let mut state = state.clone();
        state.functions.remove(HANDLER);
        let words: Vec<Vec<u8>> =
            std::iter::once(HANDLER.as_bytes().to_vec()).chain(words.iter().cloned()).collect();
        let _ = self.maybe(true, |shell| shell.call(&body, &words, state, io));
    }

    /// A secret goes to another host: through a pipe into a program that sends it, or into a socket.
    fn sends(&mut self, words: &[Vec<u8>], io: &Io) {
        if io.captured && io.secret.is_some() {
            self.passed.clone_from(&io.secret);
        }
        let secret = match io.leaves {
            true => sent_files::read_by(words).or_else(|| io.secret.clone()),
            false => io.secret.clone().filter(|_| sent_files::sends_input(words)),
        };
        if let Some(secret) = secret {
            let start = sent_files::sent(self.base, OsStr::from_bytes(&secret));
            self.add_start(start);
        }
    }

    /// A program runs; its status is not known, what it prints sometimes is.
    pub fn program(&mut self, words: &Words, mut state: State, io: &Io) -> Outcome {
        let mut words = words.clone();
        if let Some(path) = state.hashed.get(&words.name()) {
            words.words[0] = path.clone();
        }
        let printed = if io.captured && words.all_known() {
            let reads = |path: &[u8]| self.content_of(path, &state, &io.stdin);
            let cwd = state.cwd.as_deref().filter(|_| self.base.place().is_none());
            let printed = output::printed(&words.words, &io.stdin, cwd, &reads);
            // There where the line is meant to run, a listing holds something.
            let lists = ["find", "ls"].iter().any(|name| words.name().rsplit('/').next() == Some(name));
            let nothing = |text: &[u8]| text.is_empty() || text == b".\n" || text == b".\0";
            match printed {
                Some(text) if lists && nothing(&text) && self.base.is_supposed() => {
                    let args = words.words.get(1..).unwrap_or(&[]);
                    words.name().ends_with("find").then(|| find::supposedly_printed(args)).flatten()
                }
                printed => printed,
            }
        } else {
            None
        };
        self.print(io, printed.as_deref());
        self.start(&words, &state, io);
        self.sends(&words.words, io);
        self.not_found(&words.words, &state, io);
        self.wrote(&words, &mut state);
        Outcome::either(state)
    }

    /// What a program leaves behind: files that are not what they are now.
    fn wrote(&mut self, words: &Words, state: &mut State) {
        let name = words.name();
        if WRITERS.contains(&name.rsplit('/').next().unwrap_or("")) {
            for word in &words.words[1..] {
                // `-o file`, `--output=file`, `of=file`.
                let value = word.iter().position(|b| *b == b'=').map_or(&word[..], |at| &word[at + 1..]);
                if !value.is_empty() && !value.starts_with(b"-") && !value.starts_with(b"/dev/") {
                    self.filled |= ["mv", "ln"].contains(&name.as_str()) && soft::is_temporary(value);
                    if FETCHERS.contains(&name.rsplit('/').next().unwrap_or("")) {
                        state.make(value);
                    }
                    state.change(value);
                }
                // `curl -O` and `wget` name the file as the address does.
                let address = value.windows(3).any(|part| part == b"://");
                let page = value.split(|b| b"?#".contains(b)).next().unwrap_or(value);
                if let Some(name) = page.rsplit(|b| *b == b'/').next().filter(|n| address && !n.is_empty()) {
                    state.make(name);
                }
            }
        }
        if copies::in_place(&words.words) {
            for word in words.words[1..].iter().filter(|word| !word.is_empty() && !word.starts_with(b"-")) {
                state.make(word);
            }
        }
        if words.all_known() {
            let cwd = state.cwd.clone();
            let is_directory =
                |path: &[u8]| cwd.as_ref().is_some_and(|cwd| cwd.join(OsStr::from_bytes(path)).is_dir());
            for (from, to) in copies::pairs(&words.words, is_directory) {
                state.copy(&from, &to);
            }
        }
    }

    /// `export A=b`: assigns what was expanded.
    fn declaration(&mut self, builtin: &str, assignment: &Assignment, value: Value, state: &mut State) {
        self.localise(builtin, &name_of(assignment), state);
        self.put(assignment, value, state);
        let io = Io::new(crate::invocation::Stdin::TooMuch, false);
        self.prompted(assignment, state, &io);
    }
}

/// The variable of `{name}` in front of a redirection.
fn descriptor(word: &str) -> Option<&str> {
    let name = word.strip_prefix('{')?.strip_suffix('}')?;
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (starts && name.chars().all(letters)).then_some(name)
}

/// `{fd}<file`: the command with a number of bash's choice in the place of the name, and the names that take one.
/// `time -- …` keeps its `--` in the tree as the program's name.
fn without_descriptors(command: &SimpleCommand) -> Option<(String, Vec<String>)> {
    const CHOSEN: i32 = 10;
    let mut command = command.clone();
    let mut names = Vec::new();
    let nameless = Some(brush_parser::ast::Word::new(""));
    let suffix = &mut command.suffix.as_mut()?.0;
    let first = command.word_or_name.as_ref().map_or("", |w| w.value.as_str());
    let mut pending = descriptor(first).map(str::to_owned);
    let mut kept: Vec<CommandPrefixOrSuffixItem> = Vec::with_capacity(suffix.len());
    let dashes = first == "--";
    for (at, item) in std::mem::take(suffix).into_iter().enumerate() {
        match (item, pending.take()) {
            (CommandPrefixOrSuffixItem::IoRedirect(mut redirect), Some(name)) => {
                match &mut redirect {
                    IoRedirect::File(fd, ..)
                    | IoRedirect::HereDocument(fd, _)
                    | IoRedirect::HereString(fd, _) => {
                        *fd = Some(CHOSEN);
                    }
                    IoRedirect::OutputAndError(..) => {}
                }
                if at == 0 {
                    command.word_or_name = nameless.clone();
                } else {
                    kept.pop();
                }
                names.push(name);
                kept.push(CommandPrefixOrSuffixItem::IoRedirect(redirect));
            }
            (item, _) => {
                if let CommandPrefixOrSuffixItem::Word(word) = &item {
                    pending = descriptor(&word.value).map(str::to_owned);
                }
                kept.push(item);
            }
        }
    }
    *suffix = kept;
    if dashes && command.prefix.is_none() {
        command.word_or_name = nameless;
    } else if names.is_empty() {
        return None;
    }
    Some((Command::Simple(command).to_string(), names))
}

fn name_of(assignment: &Assignment) -> String {
    match &assignment.name {
        AssignmentName::VariableName(name) | AssignmentName::ArrayElementName(name, _) => name.clone(),
    }
}
