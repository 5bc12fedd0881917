//! Who called and how: the command's argv, working directory, environment and standard input, as bytes.
//! Must never interpret a word of the command; that is `reading`'s work.

mod called;
mod environment;
mod found;
mod inputs;
mod stdin;

pub use called::{Called, HANDOVER, Handover, called_as};
pub use environment::Environment;
pub use inputs::{Inputs, LIMIT, ReadError};
pub use stdin::Stdin;

use found::Found;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What a directory without a name is called.
const NAMELESS: &str = "/proc/self/cwd";
const LOST: &str = "the directory it runs in was removed or has no path";

/// One command as a process would receive it.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Shared: what is told about a command keeps it, and there can be tens of thousands of words.
    argv: Rc<Vec<OsString>>,
    cwd: PathBuf,
    environment: Environment,
    stdin: Stdin,
    inputs: Inputs,
    given: Rc<Vec<Given>>,
    user: Option<String>,
    elsewhere: Option<Rc<str>>,
    /// The directory has no name: it was removed, or its path is too long.
    nameless: bool,
    supposed: bool,
    /// Of the outermost command only: those of a script are many.
    found: Option<Found>,
}

/// A file that exists only for the command: its path, and its content where that is known.
pub type Given = (PathBuf, Option<Rc<[u8]>>);

impl Invocation {
    /// A command in this process's directory and environment. `argv` holds at least the program word.
    pub fn here(argv: Vec<OsString>, stdin: Stdin) -> std::io::Result<Invocation> {
        std::env::current_dir()?;
        Ok(Invocation::of_process(argv, stdin))
    }

    /// As `here`, also in a directory that has no name any more: programs run there, too. The kernel still finds it
    /// by `NAMELESS`; nobody can say which one it is.
    pub fn of_process(argv: Vec<OsString>, stdin: Stdin) -> Invocation {
        let cwd = std::env::current_dir();
        let nameless = cwd.is_err();
        Invocation {
            argv: Rc::new(argv),
            cwd: cwd.unwrap_or_else(|_| PathBuf::from(NAMELESS)),
            environment: Environment::of_process(),
            stdin,
            inputs: Inputs::default(),
            given: Rc::default(),
            user: None,
            elsewhere: None,
            nameless,
            supposed: false,
            found: Some(Found::default()),
        }
    }

    /// A command that this one would start: other words, and whatever `change` does to its surroundings.
    pub fn nested(&self, argv: Vec<OsString>) -> Invocation {
        self.nested_with(Rc::new(argv))
    }

    /// As `nested`, with words that others keep, too.
    pub fn nested_with(&self, argv: Rc<Vec<OsString>>) -> Invocation {
        Invocation { argv, found: None, ..self.clone() }
    }

    /// A command that this one has run in another place, `the host db1` say: its files, its environment and its
    /// directory are not here.
    #[must_use]
    pub fn elsewhere(&self, argv: Vec<OsString>, place: &str) -> Invocation {
        Invocation {
            argv: Rc::new(argv),
            cwd: PathBuf::from("/"),
            environment: Environment::default(),
            given: Rc::default(),
            user: None,
            elsewhere: Some(place.into()),
            found: None,
            ..self.clone()
        }
    }

    /// A line that somebody wrote and nobody has started: it may run later, in another directory, on another machine.
    /// What it names need not be here yet.
    #[must_use]
    pub fn supposed(mut self) -> Invocation {
        self.supposed = true;
        self.changed()
    }

    /// What was found out by the command as it was holds no longer.
    fn changed(mut self) -> Invocation {
        self.found = self.found.map(|_| Found::default());
        self
    }

    /// What `find` finds out from this command alone; a reader and a resolver that ask the same share it.
    pub fn once<T: 'static>(&self, find: impl FnOnce() -> T) -> Rc<T> {
        match &self.found {
            Some(found) => found.once(find),
            None => Rc::new(find()),
        }
    }

    /// Whether what it names counts as there, also where it is not here.
    pub fn is_supposed(&self) -> bool {
        self.supposed && self.elsewhere.is_none()
    }

    /// Where it runs, when that is not here.
    pub fn place(&self) -> Option<&str> {
        self.elsewhere.as_deref()
    }

    /// Why nobody can say where it runs; also of a command that it starts, wherever that goes from there.
    pub fn lost(&self) -> Option<&'static str> {
        (self.nameless && self.elsewhere.is_none()).then_some(LOST)
    }

    /// Whether paths still lead where the command itself would find them.
    pub fn finds_files(&self) -> bool {
        !self.nameless || self.cwd == Path::new(NAMELESS)
    }

    pub fn with_cwd(mut self, cwd: PathBuf) -> Invocation {
        self.cwd = cwd;
        self.changed()
    }

    pub fn with_environment(mut self, environment: Environment) -> Invocation {
        self.environment = environment;
        self.changed()
    }

    pub fn with_stdin(mut self, stdin: Stdin) -> Invocation {
        self.stdin = stdin;
        self.changed()
    }

    pub fn with_argv(mut self, argv: Vec<OsString>) -> Invocation {
        self.argv = Rc::new(argv);
        self.changed()
    }

    /// Run as another user; `None` for one that has no name.
    pub fn with_user(mut self, user: Option<String>) -> Invocation {
        self.user = user;
        self.changed()
    }

    /// The other user it runs as, where a wrapper such as sudo says so.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// With files a shell would make for it: `<(…)`.
    pub fn with_given(mut self, given: Vec<Given>) -> Invocation {
        if !given.is_empty() {
            self.given = Rc::new(self.given.iter().cloned().chain(given).collect());
        }
        self.changed()
    }

    /// With these files alone, shared with other commands.
    #[cfg(feature = "full")]
    pub(crate) fn with_all_given(mut self, given: Rc<Vec<Given>>) -> Invocation {
        self.given = given;
        self.changed()
    }

    /// Files that exist only for it.
    #[cfg(feature = "full")]
    pub(crate) fn given(&self) -> &[Given] {
        &self.given
    }

    /// Whether a file is one that exists only for the command.
    pub fn is_given(&self, path: &Path) -> bool {
        self.given.iter().any(|(given, _)| *given == self.path(path))
    }

    pub fn argv(&self) -> &[OsString] {
        &self.argv
    }

    /// The words after the program.
    pub fn args(&self) -> &[OsString] {
        self.argv.get(1..).unwrap_or(&[])
    }

    /// The program word's last path component: `kubectl` of `/usr/bin/kubectl`.
    pub fn program(&self) -> &OsStr {
        self.argv.first().map_or(OsStr::new(""), |word| Path::new(word).file_name().unwrap_or(word))
    }

    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// A path as this command would open it.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.cwd.join(relative)
    }

    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// A variable's value as text; `None` when unset. Bytes that are not UTF-8 are replaced (names of
    /// targets that are not UTF-8 match nothing and are shown so).
    pub fn var(&self, name: &str) -> Option<String> {
        self.environment.get(name).map(|v| v.to_string_lossy().into_owned())
    }

    /// As `var`, but an empty value counts as unset: the common rule, though not every tool's.
    pub fn var_filled(&self, name: &str) -> Option<String> {
        self.var(name).filter(|v| !v.is_empty())
    }

    /// `$HOME` as the command sees it.
    pub fn home(&self) -> Option<PathBuf> {
        self.environment.get("HOME").filter(|h| !h.is_empty()).map(PathBuf::from)
    }

    pub fn stdin(&self) -> &Stdin {
        &self.stdin
    }

    /// Reads a file the command would read, and remembers what it held (drift is found by reading again).
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Vec<u8>, ReadError> {
        let path = self.path(path);
        self.read_by(&path, |inputs| inputs.read(&path))
    }

    /// As `read`, but only the beginning of a file that may be large, at most `length` bytes.
    pub fn read_start(&self, path: impl AsRef<Path>, length: usize) -> Result<Vec<u8>, ReadError> {
        let path = self.path(path);
        let mut bytes = self.read_by(&path, |inputs| inputs.read_start(&path, length))?;
        bytes.truncate(length);
        Ok(bytes)
    }

    fn read_by(
        &self,
        path: &Path,
        from_disk: impl Fn(&Inputs) -> Result<Vec<u8>, ReadError>,
    ) -> Result<Vec<u8>, ReadError> {
        let known = |content: Option<&Rc<[u8]>>, what: &str| {
            content.map(|c| c.to_vec()).ok_or_else(|| ReadError::Failed(what.to_owned()))
        };
        if let Some((_, content)) = self.given.iter().rev().find(|(p, _)| p == path) {
            return known(content.as_ref(), "what is in it is made while it runs");
        }
        if ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].iter().any(|p| path == Path::new(p)) {
            return match &self.stdin {
                Stdin::Content(content) => Ok(content.to_vec()),
                Stdin::Terminal | Stdin::Unread | Stdin::TooMuch => known(None, "it is standard input"),
            };
        }
        if let Some(place) = &self.elsewhere {
            return Err(ReadError::Failed(format!("it is on {place}")));
        }
        from_disk(&self.inputs)
    }

    /// Every file read so far, with a digest of what it held.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }
}
