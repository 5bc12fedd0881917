//! What a shell knows while it reads a script: variables, directory, functions, options.
//! Must never keep a value that two ways through the script disagree on.

use brush_parser::ast::FunctionBody;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
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
}

/// A function, as it was defined; `None` when ways through the script disagree.
pub type Function = Option<Rc<FunctionBody>>;

#[derive(Clone, Debug)]
pub struct State {
    pub variables: BTreeMap<String, Variable>,
    /// `None`: not known.
    pub cwd: Option<PathBuf>,
    pub functions: BTreeMap<String, Function>,
    pub aliases: BTreeMap<String, Alias>,
    /// `$0`, then `$1` and so on.
    pub arguments: Vec<Vec<u8>>,
    /// The arguments are not all known.
    pub arguments_doubt: bool,
    pub options: Options,
    /// Programs whose path `hash -p` replaced.
    pub hashed: BTreeMap<String, Vec<u8>>,
    /// Files that the script writes before: what is in them now says nothing.
    pub changed: BTreeSet<PathBuf>,
    /// Of those, the ones whose content comes from a program or from elsewhere.
    pub made: BTreeSet<PathBuf>,
}

impl State {
    /// What holds whichever of two ways was taken.
    pub fn join(mut self, other: State) -> State {
        let names: Vec<String> = self.variables.keys().chain(other.variables.keys()).cloned().collect();
        for name in names {
            let (a, b) = (self.variables.get(&name), other.variables.get(&name));
            if a != b {
                let exported = a.is_some_and(|v| v.exported) || b.is_some_and(|v| v.exported);
                let value = Some(Value::Unknown(format!("${name} depends on what happens before")));
                self.variables.insert(name, Variable { value, exported });
            }
        }
        if self.cwd != other.cwd {
            self.cwd = None;
        }
        let names: Vec<String> = self.functions.keys().chain(other.functions.keys()).cloned().collect();
        for name in names {
            let same = match (self.functions.get(&name), other.functions.get(&name)) {
                (Some(Some(a)), Some(Some(b))) => Rc::ptr_eq(a, b),
                _ => false,
            };
            if !same {
                self.functions.insert(name, None);
            }
        }
        self.aliases.extend(other.aliases);
        self.arguments_doubt |= other.arguments_doubt || self.arguments != other.arguments;
        if self.options != other.options {
            self.options.odd_glob = true;
            self.options.no_clobber &= other.options.no_clobber;
            self.options.aliases |= other.options.aliases;
            self.options.export_all |= other.options.export_all;
        }
        self.hashed.extend(other.hashed);
        self.changed.extend(other.changed);
        self.made.extend(other.made);
        self
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

    /// Whether a program's name leads to a file that was made before.
    pub fn runs_made(&self, program: &[u8]) -> bool {
        let path = self.cwd.as_ref().map(|cwd| plain(&cwd.join(OsStr::from_bytes(program))));
        program.contains(&b'/') && path.is_some_and(|path| self.made.contains(&path))
    }

    /// The path that was written before and that a word names, or names something in.
    pub fn changed_by(&self, word: &[u8]) -> Option<&PathBuf> {
        let path = self.cwd.as_ref()?.join(OsStr::from_bytes(word));
        self.changed.iter().find(|changed| path.starts_with(changed))
    }

    /// The same in everything a loop could change.
    pub fn same(&self, other: &State) -> bool {
        self.variables == other.variables
            && self.cwd == other.cwd
            && self.arguments == other.arguments
            && self.arguments_doubt == other.arguments_doubt
            && self.options == other.options
            && self.changed == other.changed
            && self.functions.keys().eq(other.functions.keys())
    }
}

/// Without `.` and doubled slashes.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
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

pub fn join(a: Option<State>, b: Option<State>) -> Option<State> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.join(b)),
        (a, b) => a.or(b),
    }
}
