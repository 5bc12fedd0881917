//! Who called and how: the command's argv, working directory, environment and standard input, as bytes.
//! Must never interpret a word of the command; that is `reading`'s work.

mod called;
mod environment;
mod inputs;
mod stdin;

pub use called::{Called, HANDOVER, Handover, called_as};
pub use environment::Environment;
pub use inputs::{Inputs, LIMIT, ReadError};
pub use stdin::{Stdin, StreamTooLong};

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// One command as a process would receive it.
#[derive(Clone, Debug)]
pub struct Invocation {
    argv: Vec<OsString>,
    cwd: PathBuf,
    environment: Environment,
    stdin: Stdin,
    inputs: Inputs,
}

impl Invocation {
    /// A command in this process's directory and environment. `argv` holds at least the program word.
    pub fn here(argv: Vec<OsString>, stdin: Stdin) -> std::io::Result<Invocation> {
        Ok(Invocation {
            argv,
            cwd: std::env::current_dir()?,
            environment: Environment::of_process(),
            stdin,
            inputs: Inputs::default(),
        })
    }

    /// A command that this one would start: other words, and whatever `change` does to its surroundings.
    pub fn nested(&self, argv: Vec<OsString>) -> Invocation {
        Invocation { argv, ..self.clone() }
    }

    pub fn with_cwd(mut self, cwd: PathBuf) -> Invocation {
        self.cwd = cwd;
        self
    }

    pub fn with_environment(mut self, environment: Environment) -> Invocation {
        self.environment = environment;
        self
    }

    pub fn with_stdin(mut self, stdin: Stdin) -> Invocation {
        self.stdin = stdin;
        self
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
        self.inputs.read(&self.path(path))
    }

    /// Every file read so far, with a digest of what it held.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }
}
