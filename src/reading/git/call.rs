//! A git command line up to its verb: global options, then aliases until a command of git's own is reached.
//! Must never follow an alias for a name that git has a command of itself.

use super::config::{self, Config, PARAMETERS};
use super::correct::{self, Corrected};
use super::option_table::is_own;
use super::repository::Repository;
use crate::invocation::{Environment, Invocation};
use std::cell::OnceCell;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// A command of git with the surroundings that the global options make for it.
#[derive(Debug)]
pub struct Call {
    /// Directory and environment after `-C`, `--git-dir`, `-c` and the like; the words are those typed.
    pub invocation: Invocation,
    pub outcome: Outcome,
    /// The words after the verb.
    pub words: Vec<String>,
    settled: OnceCell<(Option<Repository>, Config)>,
}

/// What the words up to the verb amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// One of git's commands, or a program `git-VERB`.
    Verb(String),
    /// An alias that a shell runs: the words it gets.
    Shell(Vec<OsString>),
    Nothing(String),
    Unsure(String),
}

/// Aliases may lead to each other this often.
const DEEPEST: usize = 50;

impl Call {
    /// Reads the words of a git command.
    pub fn of(invocation: &Invocation) -> Call {
        let mut call = Call {
            invocation: invocation.clone(),
            outcome: Outcome::Nothing("no command is named".into()),
            words: Vec::new(),
            settled: OnceCell::new(),
        };
        let mut words: Vec<OsString> = invocation.args().to_vec();
        let mut seen: Vec<String> = Vec::new();
        while seen.len() < DEEPEST {
            match call.globals(&mut words, !seen.is_empty()) {
                Ok(()) => {}
                Err(why) => {
                    call.outcome = Outcome::Nothing(why);
                    return call;
                }
            }
            let Some(verb) = words.first().map(|v| v.to_string_lossy().into_owned()) else { return call };
            words.remove(0);
            if is_own(&verb) || !call.expand(&verb, &mut words, &mut seen) {
                let verb = match call.corrected(&verb) {
                    Corrected::No => verb,
                    // Once: what it becomes is a command or an alias.
                    Corrected::To(other) if is_own(&other) => other,
                    Corrected::To(other) => {
                        words.insert(0, other.into());
                        seen.push(verb);
                        continue;
                    }
                    Corrected::Open(names) => {
                        let names = names.join(" or ");
                        call.outcome = Outcome::Unsure(format!("git would correct {verb} to {names}"));
                        return call;
                    }
                };
                call.words = words.iter().map(|w| w.to_string_lossy().into_owned()).collect();
                return call.verb(verb);
            }
            if !matches!(call.outcome, Outcome::Verb(_)) {
                return call;
            }
        }
        call.outcome = Outcome::Nothing("its aliases lead to each other".into());
        call
    }

    /// What git takes a word for that is neither its command, nor an alias, nor a program `git-WORD`.
    fn corrected(&self, verb: &str) -> Corrected {
        if is_own(verb) || self.invocation.place().is_some() {
            return Corrected::No;
        }
        match correct::corrected(verb, self.settled().1) {
            Corrected::No => Corrected::No,
            found => {
                let path = self.invocation.var("PATH").unwrap_or_default();
                let is_program = |d: &str| self.invocation.path(d).join(format!("git-{verb}")).is_file();
                if path.split(':').any(is_program) { Corrected::No } else { found }
            }
        }
    }

    fn verb(mut self, verb: String) -> Call {
        self.outcome = match self.words.first().map(String::as_str) {
            Some("--help") => Outcome::Nothing("help only".into()),
            _ if matches!(verb.as_str(), "help" | "version") => Outcome::Nothing(format!("{verb} only")),
            _ => Outcome::Verb(verb),
        };
        self
    }

    /// The repository it acts in, and the settings that count there. Read once, when they are asked for.
    pub fn settled(&self) -> (&Option<Repository>, &Config) {
        let (repository, config) = self.settled.get_or_init(|| {
            let mut repository = Repository::find(&self.invocation);
            let config = config::read(&self.invocation, repository.as_ref());
            if let Some(repository) = &mut repository {
                repository.settle(&self.invocation, &config);
            }
            (repository, config)
        });
        (repository, config)
    }

    /// Replaces an alias by its words; `false` for a name that is none.
    fn expand(&mut self, verb: &str, words: &mut Vec<OsString>, seen: &mut Vec<String>) -> bool {
        if self.invocation.place().is_some() && self.settled().1.get(&alias_key(verb)).is_none() {
            if !KNOWN_ELSEWHERE.contains(&verb) {
                self.outcome = Outcome::Unsure(format!("whether {verb} is an alias there is not known"));
                return true;
            }
            return false;
        }
        let (repository, config) = self.settled();
        let Some(text) = config.get(&alias_key(verb)).map(str::to_owned) else {
            if let Some(trouble) = &config.trouble {
                self.outcome = Outcome::Unsure(format!("git's configuration: {trouble}"));
                return true;
            }
            return false;
        };
        if let Some(shell) = text.strip_prefix('!') {
            let top = repository.as_ref().map(|r| r.top().to_owned());
            self.outcome = Outcome::Shell(shell_words(shell, words));
            if let Some(top) = top {
                self.invocation = self.invocation.clone().with_cwd(top);
            }
            return true;
        }
        if seen.iter().any(|s| s == verb) {
            self.outcome = Outcome::Nothing("its aliases lead to each other".into());
            return true;
        }
        seen.push(verb.to_owned());
        match split(&text) {
            Some(alias) if !alias.is_empty() => {
                words.splice(..0, alias.into_iter().map(OsString::from));
                self.outcome = Outcome::Verb(String::new());
            }
            Some(_) | None => self.outcome = Outcome::Nothing(format!("the alias {verb} cannot be read")),
        }
        true
    }

    /// Takes the global options off the words.
    fn globals(&mut self, words: &mut Vec<OsString>, in_alias: bool) -> Result<(), String> {
        let mut at = 0;
        while let Some(word) = words.get(at).map(|w| w.to_string_lossy().into_owned()) {
            if !word.starts_with('-') {
                break;
            }
            match word.as_str() {
                "--help" | "-h" => return Err("help only".into()),
                "--version" | "-v" => return Err("version only".into()),
                _ => {}
            }
            let (name, glued) = match word.split_once('=') {
                Some((name, _)) if name.starts_with("--") => (name.to_owned(), true),
                _ => (word.clone(), false),
            };
            match (ARITY.iter().find(|(n, _)| *n == name).map(|(_, a)| *a), glued) {
                (Some(Arity::None), false) => self.flag(&name),
                (Some(Arity::Prints | Arity::PrintsBare), false) => {
                    return Err(format!("{name} only prints"));
                }
                (Some(Arity::Prints), true) if name == "--list-cmds" => {
                    return Err(format!("{name} only prints"));
                }
                (Some(Arity::Glued | Arity::Value | Arity::PrintsBare), true) => {
                    let value = OsStr::from_bytes(&words[at].as_bytes()[name.len() + 1..]).to_owned();
                    self.set(&name, &value)?;
                }
                (Some(Arity::Value | Arity::Next), false) => {
                    at += 1;
                    let value = words.get(at).ok_or(format!("{name} has no value"))?.clone();
                    self.set(&name, &value)?;
                }
                (_, _) => return Err(format!("git has no option {word}")),
            }
            if in_alias && CHANGES.contains(&name.as_str()) {
                return Err("an alias may not change the repository".into());
            }
            at += 1;
        }
        words.drain(..at);
        Ok(())
    }

    fn flag(&mut self, name: &str) {
        if name == "--bare" && self.invocation.var("GIT_DIR").is_none() {
            let here = self.invocation.cwd().as_os_str().to_owned();
            self.environment(|e| e.set("GIT_DIR", &here));
            self.settled = OnceCell::new();
        }
    }

    fn set(&mut self, name: &str, value: &OsStr) -> Result<(), String> {
        match name {
            "-C" if !value.is_empty() => {
                let to = crate::sys::file::lexical(&self.invocation.path(value));
                self.invocation = self.invocation.clone().with_cwd(to);
            }
            "--git-dir" => self.environment(|e| e.set("GIT_DIR", value)),
            "--work-tree" => self.environment(|e| e.set("GIT_WORK_TREE", value)),
            "--namespace" => self.environment(|e| e.set("GIT_NAMESPACE", value)),
            "-c" => self.setting(&value.to_string_lossy())?,
            "--config-env" => {
                let value = value.to_string_lossy().into_owned();
                let (key, variable) = value.rsplit_once('=').ok_or("--config-env has no variable")?;
                let value = self.invocation.var(variable).ok_or(format!("{variable} is not set"))?;
                self.setting(&format!("{key}={value}"))?;
            }
            _ => {}
        }
        self.settled = OnceCell::new();
        Ok(())
    }

    /// Git hands `-c` down in a variable, to itself and to what it starts.
    fn setting(&mut self, text: &str) -> Result<(), String> {
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (text, None),
        };
        if config::canonical(key).is_none() {
            return Err(format!("{key} is no setting"));
        }
        let all = with_parameter(self.invocation.var(PARAMETERS).unwrap_or_default(), key, value);
        self.environment(|e| e.set(PARAMETERS, OsStr::new(&all)));
        Ok(())
    }

    fn environment(&mut self, change: impl FnOnce(&Environment) -> Environment) {
        let environment = change(self.invocation.environment());
        self.invocation = self.invocation.clone().with_environment(environment);
    }
}

/// The text of the variable with one setting more.
fn with_parameter(mut all: String, key: &str, value: Option<&str>) -> String {
    let quote = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    if !all.is_empty() {
        all.push(' ');
    }
    all.push_str(&quote(key));
    all.push('=');
    all.push_str(&value.map(quote).unwrap_or_default());
    all
}

/// The command with these settings as `-c` would give them; `None` where it has them already.
pub fn carrying<'s>(
    invocation: &Invocation,
    settings: impl Iterator<Item = (&'s str, &'s str)>,
) -> Option<Invocation> {
    let valid = settings.filter(|(key, _)| config::canonical(key).is_some());
    let more = valid.fold(String::new(), |all, (key, value)| with_parameter(all, key, Some(value)));
    let before = invocation.var(PARAMETERS).unwrap_or_default();
    if more.is_empty() || before.ends_with(&more) {
        return None;
    }
    let all = if before.is_empty() { more } else { format!("{before} {more}") };
    let environment = invocation.environment().set(PARAMETERS, OsStr::new(&all));
    Some(invocation.clone().with_environment(environment))
}

#[derive(Clone, Copy)]
enum Arity {
    None,
    /// Prints something and ends.
    Prints,
    /// The same without a value.
    PrintsBare,
    /// `--x=V` or `--x V`.
    Value,
    /// `-x V` only.
    Next,
    /// `--x=V` only.
    Glued,
}

const ARITY: &[(&str, Arity)] = &[
    ("-C", Arity::Next),
    ("-c", Arity::Next),
    ("--git-dir", Arity::Value),
    ("--work-tree", Arity::Value),
    ("--namespace", Arity::Value),
    ("--config-env", Arity::Value),
    ("--attr-source", Arity::Glued),
    ("--super-prefix", Arity::Glued),
    ("--shallow-file", Arity::Next),
    ("--exec-path", Arity::PrintsBare),
    ("--html-path", Arity::Prints),
    ("--man-path", Arity::Prints),
    ("--info-path", Arity::Prints),
    ("--list-cmds", Arity::Prints),
    ("--build-options", Arity::Prints),
    ("-p", Arity::None),
    ("--paginate", Arity::None),
    ("-P", Arity::None),
    ("--no-pager", Arity::None),
    ("--no-replace-objects", Arity::None),
    ("--no-lazy-fetch", Arity::None),
    ("--no-optional-locks", Arity::None),
    ("--no-advice", Arity::None),
    ("--bare", Arity::None),
    ("--literal-pathspecs", Arity::None),
    ("--no-literal-pathspecs", Arity::None),
    ("--glob-pathspecs", Arity::None),
    ("--noglob-pathspecs", Arity::None),
    ("--icase-pathspecs", Arity::None),
];

/// Global options that git refuses in an alias.
const CHANGES: &[&str] = &["-C", "--git-dir", "--work-tree", "--namespace", "--bare", "--shallow-file"];

/// Programs that add a command to git and are no alias in practice; where files cannot be read, they count as such.
const KNOWN_ELSEWHERE: &[&str] = &[
    "lfs",
    "annex",
    "flow",
    "filter-repo",
    "absorb",
    "crypt",
    "secret",
    "review",
    "town",
    "subtree",
    "standup",
];

fn alias_key(verb: &str) -> String {
    config::canonical(&format!("alias.{verb}")).unwrap_or_default()
}

/// How git starts the text of a `!` alias: through a shell where a letter asks for one.
pub fn shell_words(text: &str, rest: &[OsString]) -> Vec<OsString> {
    let plain = !text.contains(|c| "|&;<>()$`\\\"' \t\n*?[#~=%".contains(c));
    if plain {
        return std::iter::once(OsString::from(text)).chain(rest.iter().cloned()).collect();
    }
    let script = if rest.is_empty() { text.to_owned() } else { format!("{text} \"$@\"") };
    let mut words: Vec<OsString> = vec!["sh".into(), "-c".into(), script.into(), text.into()];
    words.extend(rest.iter().cloned());
    words
}

/// The words of an alias: quotes and backslashes as alias.c reads them; `None` for an open quote.
fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut letters = text.trim().chars();
    while let Some(c) = letters.next() {
        match (quote, c) {
            (None, c) if c.is_ascii_whitespace() => words.extend(word.take()),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(open), c) if open == c => quote = None,
            (None | Some('"'), '\\') => word.get_or_insert_default().push(letters.next()?),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return None;
    }
    words.extend(word);
    Some(words)
}
