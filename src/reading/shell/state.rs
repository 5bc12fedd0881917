//! What a shell knows while it reads a script: variables, directory, functions, options.
//! Must never keep a value that two ways through the script disagree on.

use super::shared::Shared;
use brush_parser::ast::FunctionBody;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::ops::Bound;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

/// A variable's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(Vec<u8>),
    List(Vec<Vec<u8>>),
    /// Something, and why it is not known.
    Unknown(String),
}

/// A variable the script touched; `value` is `None` when it was unset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    pub value: Option<Value>,
    pub exported: bool,
}

/// An alias, and the line it was defined on: it counts from the next line on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    pub text: String,
    pub line: usize,
}

/// Options that change how text is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub no_glob: bool,
    /// `set -C`: `>` fails where a file is.
    pub no_clobber: bool,
    pub null_glob: bool,
    pub dot_glob: bool,
    /// An option that changes patterns in a way that is not modelled.
    pub odd_glob: bool,
    pub aliases: bool,
    pub export_all: bool,
    /// `shopt -s lastpipe`: a script runs the last command of a pipe itself.
    pub last_pipe: bool,
}

/// A function, as it was defined; `None` when ways through the script disagree.
pub type Function = Option<Rc<FunctionBody>>;

#[derive(Clone, Debug)]
pub struct State {
    pub variables: Shared<BTreeMap<String, Variable>>,
    /// `None`: not known.
    pub cwd: Option<PathBuf>,
    pub functions: Shared<BTreeMap<String, Function>>,
    pub aliases: Shared<BTreeMap<String, Alias>>,
    /// `$0`, then `$1` and so on.
    pub arguments: Shared<Vec<Vec<u8>>>,
    /// The arguments are not all known.
    pub arguments_doubt: bool,
    pub options: Options,
    /// Programs whose path `hash -p` replaced.
    pub hashed: Shared<BTreeMap<String, Vec<u8>>>,
    /// Files that the script writes before: what is in them now says nothing.
    pub changed: Shared<BTreeSet<PathBuf>>,
    /// Of those, the ones whose content comes from a program or from elsewhere.
    pub made: Shared<BTreeSet<PathBuf>>,
    /// The ones that are copies of, or links to, a file that was here before, and of which.
    pub copies: Shared<BTreeMap<PathBuf, PathBuf>>,
}

impl State {
    /// What holds whichever of two ways was taken.
    pub fn join(mut self, other: State) -> State {
        if !self.variables.is_same(&other.variables) {
            self.join_variables(&other.variables);
        }
        if self.cwd != other.cwd {
            self.cwd = None;
        }
        if !self.functions.is_same(&other.functions) {
            self.join_functions(&other.functions);
        }
        add(&mut self.aliases, &other.aliases);
        self.arguments_doubt |= other.arguments_doubt || self.arguments != other.arguments;
        if self.options != other.options {
            self.options.odd_glob = true;
            self.options.no_clobber &= other.options.no_clobber;
            self.options.aliases |= other.options.aliases;
            self.options.export_all |= other.options.export_all;
        }
        add(&mut self.hashed, &other.hashed);
        if !self.changed.is_same(&other.changed) {
            self.changed.extend(other.changed.iter().cloned());
        }
        if !self.made.is_same(&other.made) {
            self.made.extend(other.made.iter().cloned());
        }
        if !self.copies.is_same(&other.copies) {
            self.join_copies(&other.copies);
        }
        self
    }

    /// What is a copy on one way only, or of something else, could be anything.
    fn join_copies(&mut self, other: &BTreeMap<PathBuf, PathBuf>) {
        let here = self.copies.iter().filter(|(path, from)| other.get(*path) != Some(from));
        let there = other.keys().filter(|path| !self.copies.contains_key(*path));
        let paths: Vec<PathBuf> = here.map(|(path, _)| path).chain(there).cloned().collect();
        for path in paths {
            self.copies.remove(&path);
            self.made.insert(path);
        }
    }

    fn join_variables(&mut self, other: &BTreeMap<String, Variable>) {
        let here = self.variables.iter().filter(|(name, own)| other.get(*name) != Some(own));
        let there = other.keys().filter(|name| !self.variables.contains_key(*name));
        let names: Vec<String> = here.map(|(name, _)| name).chain(there).cloned().collect();
        for name in names {
            let exported = |of: &BTreeMap<String, Variable>| of.get(&name).is_some_and(|v| v.exported);
            let exported = exported(&self.variables) || exported(other);
            let value = Some(Value::Unknown(format!("${name} depends on what happens before")));
            self.variables.insert(name, Variable { value, exported });
        }
    }

    fn join_functions(&mut self, other: &BTreeMap<String, Function>) {
        let same = |(name, own): &(&String, &Function)| match (own, other.get(*name)) {
            (Some(a), Some(Some(b))) => Rc::ptr_eq(a, b),
            _ => false,
        };
        let here = self.functions.iter().filter(|own| !same(own)).map(|(name, _)| name);
        let there = other.keys().filter(|name| !self.functions.contains_key(*name));
        let names: Vec<String> = here.chain(there).cloned().collect();
        for name in names {
            self.functions.insert(name, None);
        }
    }

    /// The script writes to this path.
    pub fn change(&mut self, path: &[u8]) {
        if let Some(cwd) = &self.cwd {
            self.changed.insert(cwd.join(OsStr::from_bytes(path)));
        }
    }

    /// The script fetches or makes this file: what it would run as is not known.
    pub fn make(&mut self, path: &[u8]) {
        self.change(path);
        if let Some(cwd) = &self.cwd {
            self.made.insert(plain(&cwd.join(OsStr::from_bytes(path))));
        }
    }

    /// The script copies, moves or links a file.
    pub fn copy(&mut self, from: &[u8], to: &[u8]) {
        self.change(to);
        let Some(cwd) = &self.cwd else { return };
        let (from, to) = (cwd.join(OsStr::from_bytes(from)), plain(&cwd.join(OsStr::from_bytes(to))));
        if self.made.contains(&plain(&from)) {
            self.made.insert(to);
        } else if let Some(first) = self.copied_from(&from).or(Some(from)).filter(|from| *from != to) {
            self.copies.insert(to, first);
        }
    }

    /// The file that was here before which is now at this path, too, itself or within a directory.
    fn copied_from(&self, path: &Path) -> Option<PathBuf> {
        let path = plain(path);
        if let Some(from) = self.copies.get(&path) {
            return Some(from.clone());
        }
        let above = path.ancestors().skip(1).find(|above| self.copies.contains_key(*above))?;
        let (from, rest) = (self.copies.get(above)?, path.strip_prefix(above).ok()?);
        // It went into the directory where that was made before.
        let beside = from.parent().filter(|_| from.file_name().is_some_and(|own| rest.starts_with(own)));
        let places = [Some(from.as_path()), beside];
        places.into_iter().flatten().map(|place| place.join(rest)).find(|file| file.exists())
    }

    /// What a program's path leads to: the file that was copied there, when nothing else came there since.
    pub fn runs_copy(&self, program: &[u8]) -> Option<PathBuf> {
        let path = self.cwd.as_ref().filter(|_| program.contains(&b'/') && !self.copies.is_empty())?;
        let path = path.join(OsStr::from_bytes(program));
        self.copied_from(&path).filter(|_| !self.made.contains(&plain(&path)))
    }

    /// Whether a word names what was written before, not something in it.
    pub fn has_changed(&self, word: &[u8]) -> bool {
        let path = self.cwd.as_ref().map(|cwd| cwd.join(OsStr::from_bytes(word)));
        path.is_some_and(|path| self.changed.contains(&path))
    }

    /// Whether a program's name leads to a file that was made before.
    pub fn runs_made(&self, program: &[u8]) -> bool {
        let path = self.cwd.as_ref().map(|cwd| plain(&cwd.join(OsStr::from_bytes(program))));
        program.contains(&b'/') && path.is_some_and(|path| self.made.contains(&path))
    }

    /// The path that was written before and that a word names, or names something in.
    pub fn changed_by(&self, word: &[u8]) -> Option<&PathBuf> {
        if self.changed.is_empty() {
            return None;
        }
        let path = self.cwd.as_ref()?.join(OsStr::from_bytes(word));
        let mut path = path.as_path();
        loop {
            // What comes last before it in order is it, a directory above it, or one beside such a directory.
            let before =
                self.changed.range::<Path, _>((Bound::Unbounded, Bound::Included(path))).next_back()?;
            if path.starts_with(before) {
                return Some(before);
            }
            path = path.ancestors().find(|above| before.starts_with(above))?;
        }
    }

    /// The same in everything a loop could change.
    pub fn same(&self, other: &State) -> bool {
        self.variables == other.variables
            && self.cwd == other.cwd
            && self.arguments == other.arguments
            && self.arguments_doubt == other.arguments_doubt
            && self.options == other.options
            && self.changed == other.changed
            && self.made == other.made
            && self.copies == other.copies
            && self.functions.keys().eq(other.functions.keys())
    }
}

/// Without `.`, `..` and doubled slashes: what paths are told apart by, not opened by.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => out.push(part),
        }
    }
    out
}

/// Where a command can leave the shell: after success, after failure, or not at all.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub ok: Option<State>,
    pub fail: Option<State>,
}

impl Outcome {
    pub fn ok(state: State) -> Outcome {
        Outcome { ok: Some(state), fail: None }
    }

    pub fn fail(state: State) -> Outcome {
        Outcome { ok: None, fail: Some(state) }
    }

    pub fn either(state: State) -> Outcome {
        Outcome { ok: Some(state.clone()), fail: Some(state) }
    }

    pub fn end() -> Outcome {
        Outcome::default()
    }

    /// Whatever the status.
    pub fn any(self) -> Option<State> {
        join(self.ok, self.fail)
    }

    pub fn swap(self) -> Outcome {
        Outcome { ok: self.fail, fail: self.ok }
    }

    pub fn join(self, other: Outcome) -> Outcome {
        Outcome { ok: join(self.ok, other.ok), fail: join(self.fail, other.fail) }
    }

    /// The same statuses, in another state.
    pub fn with(self, state: &State) -> Outcome {
        Outcome { ok: self.ok.map(|_| state.clone()), fail: self.fail.map(|_| state.clone()) }
    }

    /// Two ways out: what follows may or may not run.
    pub fn is_open(&self) -> bool {
        self.ok.is_some() && self.fail.is_some()
    }
}

fn add<T: Clone>(own: &mut Shared<BTreeMap<String, T>>, other: &Shared<BTreeMap<String, T>>) {
    if !own.is_same(other) {
        own.extend(other.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}

pub fn join(a: Option<State>, b: Option<State>) -> Option<State> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.join(b)),
        (a, b) => a.or(b),
    }
}
